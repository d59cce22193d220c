"""What the terminal at the other end takes: whether it shows colours, and how wide it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_SGR = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "strike": "9",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

_MOST_DIGITS = 6


def shows_colours(stream: TextIO) -> bool:
    """Tell whether to write colours: to a terminal, unless `NO_COLOR` is set; `FORCE_COLOR` asks for them anywhere."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int | None:
    """Return how many cells a line has: `COLUMNS`, else the terminal's own width; None where there is no end to it."""
    given = os.environ.get("COLUMNS", "")
    # What has more digits is no width, and int() refuses thousands of them.
    if len(given) <= _MOST_DIGITS and given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except OSError:
        return None


class Painter:
    """Writes text in styles if `colours`, else as it is."""

    def __init__(self, *, colours: bool) -> None:
        self.colours = colours

    def __call__(self, text: str, styles: Iterable[str]) -> str:
        """Return a text in these styles: `bold`, `dim`, `italic`, `underline`, `strike` and the names of colours."""
        codes = ";".join([_SGR[style] for style in styles])
        return f"\x1b[{codes}m{text}\x1b[0m" if codes and text and self.colours else text
