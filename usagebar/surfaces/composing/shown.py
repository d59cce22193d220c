"""The shown text of a reply whose markup Telegram reads, with the way back from each of its places to the reply.

    <b>a &amp; b</b>   is shown as   a & b
    0  3 4     9 10                  0 1 2 …

Where the two part ways there is a step: behind an entity, a tag or a mark. Several steps may stand at one place, and a
cut there goes where the fewest marks are open: behind those that end and before those that begin.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from usagebar.surfaces.composing.scan import Open, Scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    ScanT = TypeVar("ScanT", bound="ShownScan")

DEEPEST = 100  # marks in marks: Telegram keeps no more entities in a message, and each cut writes all of them anew


_STYLES = "b|strong|i|em|u|ins|s|strike|del|tg-spoiler|span"
_is_style = re.compile(rf"[*_~|]|<(?:{_STYLES})(?=[\s>])", re.IGNORECASE).match


def is_style(opening: str) -> bool:
    """Tell whether a mark is one of those that Telegram splits where others begin in them or end."""
    return _is_style(opening) is not None


class Mark:
    """A mark or a tag that stands open, in the one that stood open before it.

    Attributes:
        opening: how it is written at its beginning.
        closing: how it is written at its end.
        outer: the mark around it.
        depth: how many marks are open with it.
    """

    __slots__ = ("_opens", "closing", "depth", "opening", "outer")

    def __init__(self, opening: str, closing: str, outer: Mark | None) -> None:
        self.opening = opening
        self.closing = closing
        self.outer = outer
        self.depth: int = outer.depth + 1 if outer else 0
        self._opens: tuple[Open, ...] | None = None

    def opens(self) -> tuple[Open, ...]:
        """Return what is open in it, itself included, outermost first."""
        if self._opens is None:
            self._opens = tuple(Open(mark.opening, mark.closing) for mark in self.chain())
        return self._opens

    def chain(self) -> list[Mark]:
        """Return it with those around it, outermost first, less the one that is the reply."""
        found = []
        mark = self
        while mark.outer:
            found.append(mark)
            mark = mark.outer
        return found[::-1]


class MarkedScan(Scan):
    """A reply whose marks or tags were read.

    Attributes:
        within: the innermost mark behind each place where that changes; the first of all is no mark but the reply.
        outermost: where each mark begins that is in no other one, ascending, in the counted text.
    """

    within: Sequence[Mark] = ()
    outermost: Sequence[int] = ()

    def opens(self, at: int) -> tuple[Open, ...]:
        """Return what stands open at an offset, outermost first."""
        return self.innermost(at).opens()

    def outside(self, at: int) -> int:
        """Return the last offset, up to one, at which no mark is open."""
        if not self.innermost(at).outer:
            return at
        return self.outermost[bisect_left(self.outermost, at) - 1]

    def innermost(self, at: int) -> Mark:
        """Return the innermost mark at an offset."""
        raise NotImplementedError


class ShownScan(MarkedScan):
    """A reply by its shown text.

    Attributes:
        reply: the reply as it is written.
        offsets: where in the shown text each step stands, ascending.
        behind: where the reply goes on behind each step.
        begins: where each mark begins, ascending, in the shown text.
        ends: where each mark that is closed ends, ascending, in the shown text.
        splits: where Telegram makes two entities of each style that is open, ascending, in the shown text.
        split_sums: how many there are more by each of these places.
    """

    reply: str = ""
    offsets: Sequence[int] = ()
    behind: Sequence[int] = ()
    begins: Sequence[int] = ()
    ends: Sequence[int] = ()
    splits: Sequence[int] = ()
    split_sums: Sequence[int] = ()

    def source(self, at: int) -> int:
        """Return the offset in the reply for an offset in the shown text."""
        if at <= 0 or at >= len(self.text):
            return 0 if at <= 0 else len(self.reply)
        step = self._step(at)
        return self.behind[step] + at - self.offsets[step]

    def begun(self, start: int, end: int) -> int:
        """Return how many entities Telegram makes of a range; marks with nothing in them may count as well."""
        low, high = bisect_right(self.splits, start), bisect_left(self.splits, end)
        split = self.split_sums[high - 1] - (self.split_sums[low - 1] if low else 0) if low < high else 0
        return bisect_left(self.begins, end) - bisect_right(self.ends, start) + split

    def innermost(self, at: int) -> Mark:
        """Return the innermost mark at an offset."""
        return self.within[self._step(at)]

    def _step(self, at: int) -> int:
        """Return the step behind which a cut is made: of those at its place the last with the fewest open marks."""
        last = bisect_right(self.offsets, at) - 1
        if self.offsets[last] < at:
            return last
        first = max(bisect_left(self.offsets, at) - 1, 0)
        return min(range(last, first - 1, -1), key=lambda step: self.within[step].depth)


class Walk:
    """A walk through a reply that notes its shown text and its steps."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.shown: list[str] = []
        self.offset = 0  # in the shown text
        self.open = [Mark("", "", None)]
        self.whole: list[tuple[int, int]] = []
        self.offsets = [0]
        self.behind = [0]
        self.within = [self.open[0]]
        self.styles = [0]  # how many are open in each mark
        self.splits: list[int] = []
        self.split_sums: list[int] = []
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.outermost: list[int] = []

    def text(self, text: str) -> None:
        """Note text that is shown as it is written."""
        self.shown.append(text)
        self.offset += len(text)

    def step(self, behind: int) -> None:
        """Note that the reply goes on at an offset of it."""
        self.offsets.append(self.offset)
        self.behind.append(behind)
        self.within.append(self.open[-1])

    def begin(self, behind: int, opening: str, closing: str) -> None:
        """Note a mark that begins."""
        outer = self.open[-1]
        self.open.append(Mark(opening, closing, outer) if outer.depth < DEEPEST else outer)
        self.begins.append(self.offset)
        self.split()
        self.styles.append(self.styles[-1] + is_style(opening))
        if not outer.outer:
            self.outermost.append(self.offset)
        self.step(behind)

    def close_with(self, closing: str) -> None:
        """Note how the innermost mark is written at its end, where that was not known at its beginning."""
        if self.open[-1].depth == len(self.open) - 1:
            self.open[-1].closing = closing

    def end(self, behind: int) -> None:
        """Note that the innermost mark ends."""
        if self.styles.pop() == self.styles[-1]:  # it was no style itself
            self.split()
        self.open.pop()
        self.ends.append(self.offset)
        self.step(behind)

    def split(self) -> None:
        """Note that the styles which are open go on as entities of their own."""
        if self.styles[-1]:
            self.splits.append(self.offset)
            self.split_sums.append(self.styles[-1] + (self.split_sums[-1] if self.split_sums else 0))

    def keep(self, start: int) -> None:
        """Note that what is shown from an offset on is not cut."""
        while self.whole and self.whole[-1][0] >= start:
            self.whole.pop()
        if start < self.offset:
            self.whole.append((start, self.offset))

    def scan(self, kind: type[ScanT]) -> ScanT:
        """Return what was noted."""
        return kind(
            text="".join(self.shown),
            whole=self.whole,
            is_counted=False,
            reply=self.reply,
            offsets=self.offsets,
            behind=self.behind,
            within=self.within,
            begins=self.begins,
            ends=self.ends,
            splits=self.splits,
            split_sums=self.split_sums,
            outermost=self.outermost,
        )
