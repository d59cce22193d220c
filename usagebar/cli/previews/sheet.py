"""A sheet of lines for a terminal: styled, and wrapped at the window's width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.wrapping import wrap
from usagebar.diagnostics import visible
from usagebar.surfaces.cells import clusters, width
from usagebar.surfaces.reading.appearance import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from usagebar.cli.terminal import Painter

# What a terminal does not have is drawn by what it has; what is not named here has no look of its own.
_STYLES: dict[str, tuple[str, ...]] = {name: (name,) for name in ("bold", "dim", "italic", "underline", "strike")}
_STYLES |= {name: (name,) for name in ("red", "green", "yellow", "blue", "magenta", "cyan")}
_STYLES |= {"code": ("cyan",), "spoiler": ("dim", "underline"), "link": ("underline", "blue"), "quote": ("dim",)}

_FIRST_MARK, _DOTTED_CIRCLE = "\u0300", "◌"


class Sheet:
    """Lines of a terminal that has `room` cells in each (None: any number), painted as they are added."""

    def __init__(self, painter: Painter, room: int | None) -> None:
        self.lines: list[str] = []
        self.room = room
        self._painter = painter

    def add(
        self, runs: Sequence[Run], gutter: str = "", next_gutter: str | None = None, *, words: bool = False
    ) -> None:
        """Add a line behind a gutter, its continuations behind another (none given: the same).

        A mark that would join what stands before it has a dotted circle to stand on.
        """
        gutters = [self._fitting(each) for each in (gutter, gutter if next_gutter is None else next_gutter)]
        room = None if self.room is None else max(1, self.room - max(map(width, gutters)))
        for number, line in enumerate(wrap(_grounded(runs), room, words=words)):
            self.lines.append(self._dimmed(gutters[number > 0]) + "".join(map(self._painted, line)))

    def say(self, text: str, *styles: str, indent: int = 0, hanging: int = 2) -> None:
        """Add a line of words, its continuations indented further."""
        self.add([Run(text, styles)], " " * indent, " " * (indent + hanging), words=True)

    def empty(self) -> Sheet:
        """Return another sheet of the same kind."""
        return Sheet(self._painter, self.room)

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def _dimmed(self, gutter: str) -> str:
        return self._painter(gutter, ("dim",)) if gutter.strip() else gutter

    def _painted(self, run: Run) -> str:
        return self._painter(run.text, _drawn(run.styles))

    def _fitting(self, gutter: str) -> str:
        """Return as much of a gutter as leaves room for text beside it."""
        if self.room is None:
            return gutter
        return next((each for each in (gutter, gutter.lstrip(), gutter.strip()) if 3 * width(each) <= self.room), "")


def _grounded(runs: Sequence[Run]) -> Sequence[Run]:
    first = next((run for run in runs if run.text), None)
    if first is None or first.text[0] < _FIRST_MARK:
        return runs
    stands_apart = len(list(clusters(f" {visible(first.text[0])}"))) > 1
    return runs if stands_apart else [Run(_DOTTED_CIRCLE, first.styles), *runs]


def _drawn(styles: Iterable[str]) -> list[str]:
    return [name for style in styles for name in _STYLES.get(style, ())]
