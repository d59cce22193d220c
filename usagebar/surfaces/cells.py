"""Text in terminal cells: how wide it is, and where it may be cut. Grapheme clusters stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wcwidth import iter_graphemes, wcswidth

if TYPE_CHECKING:
    from collections.abc import Iterator

TAB = 8  # a tab goes on to the next multiple of so many cells


def width(text: str) -> int:
    """Return the cells that a text of printable characters takes; a control character takes none."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cells, iter_graphemes(text)))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Walk the grapheme clusters of a text, each with its cells."""
    return ((cluster, _cells(cluster)) for cluster in iter_graphemes(text))


def _cells(cluster: str) -> int:
    return max(0, wcswidth(cluster))
