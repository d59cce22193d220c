"""Styled text in lines of a window's width: wrapped by terminal cells, never inside a grapheme cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.diagnostics import visible
from usagebar.surfaces.cells import clusters, width
from usagebar.surfaces.reading.appearance import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    Runs: TypeAlias = tuple[Run, ...]
    Cell: TypeAlias = tuple[str, int, tuple[str, ...]]  # a cluster, how many cells it takes, its styles


def runs_width(runs: Iterable[Run]) -> int:
    """Return the cells of runs on one line; their texts are shown as they are."""
    return width("".join([run.text for run in runs]))


def styled_clusters(runs: Sequence[Run]) -> Iterator[Cell]:
    """Walk the clusters of runs, which may reach across runs: the first character's styles are the cluster's.

    Whatever a terminal would obey is shown by name instead (`usagebar.diagnostics.visible`).
    """
    shown = [(visible(run.text), run.styles) for run in runs]
    styles = [styles for text, styles in shown for _ in text]
    at = 0
    for cluster, cells in clusters("".join([text for text, _ in shown])):
        yield cluster, cells, styles[at]
        at += len(cluster)


def wrap(runs: Sequence[Run], room: int | None, *, words: bool = False) -> list[Runs]:
    """Return lines of at most `room` cells (None: any number), one at least; with `words` cut at blanks where possible.

    A cluster wider than the room has a line of its own.
    """
    whole = _joined((visible(run.text), 0, run.styles) for run in runs if run.text)
    has_blanks_to_lose = words and bool(whole) and whole[-1].text.endswith(" ")
    if not has_blanks_to_lose and (room is None or runs_width(whole) <= room):
        return [whole]  # as most lines
    lines: list[list[Cell]] = [[]]
    taken = 0
    for cell in styled_clusters(runs):
        hangs = words and cell[0] == " "  # a blank at the end of a line needs no room
        while room is not None and lines[-1] and taken + cell[1] > room and not hangs:
            word = _carried(lines[-1]) if words else []
            # Where blanks alone stood before the word there is nothing left to show.
            lines[-1:] = [lines[-1], word] if lines[-1] else [word]
            taken = sum(cells for _, cells, _ in lines[-1])
        lines[-1].append(cell)
        taken += cell[1]
    if words:
        _trim(lines[-1])
    return [_joined(line) for line in lines]


def _carried(line: list[Cell]) -> list[Cell]:
    """Take the word that is not complete yet from the end of a line, and the blanks before it; return the word."""
    blank = max((index for index, cell in enumerate(line) if cell[0] == " "), default=0)
    if all(cell[0] == " " for cell in line[:blank]):
        _trim(line)
        return []  # one word fills the line, or blanks alone
    word = line[blank + 1 :]
    del line[blank:]
    _trim(line)
    return word


def _trim(line: list[Cell]) -> None:
    while line and line[-1][0] == " ":
        del line[-1]


def _joined(cells: Iterable[Cell]) -> Runs:
    """Return cells as runs, neighbours of the same styles as one."""
    runs: list[tuple[str, tuple[str, ...]]] = []
    for cluster, _, styles in cells:
        if runs and runs[-1][1] == styles:
            runs[-1] = (runs[-1][0] + cluster, styles)
        else:
            runs.append((cluster, styles))
    return tuple(Run(text, styles) for text, styles in runs)
