"""What the splitter has to know of a reply's markup: where it may be cut, and what stands open there.

    reply ── fences, tags, markdownv2 ──> Scan ── splitting ──> parts

A scan has a text in which the surface's limit counts. It is the reply itself, or what is left of it when the markup is
read (Telegram counts what it shows). Offsets are offsets in this text unless they are said to be the reply's.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Open(Record):
    """Something that goes on over a cut: what the part behind it begins with, and what the part before it ends with."""

    opening: str
    closing: str


class Scan(Record):
    """A reply in which nothing is markup; scanners of markup return subclasses.

    Attributes:
        text: what the limit counts.
        whole: spans `(start, end)` inside which no cut is made, ascending and disjoint; the cuts at their two ends are
            allowed.
        is_counted: whether what is inserted at a cut counts toward the limit.
    """

    text: str
    whole: Sequence[tuple[int, int]] = ()
    is_counted: bool = True

    def opens(self, at: int) -> tuple[Open, ...]:
        """Return what stands open at an offset, outermost first."""
        return ()

    def outside(self, at: int) -> int:
        """Return the last offset, up to one, at which nothing stands open."""
        return at

    def source(self, at: int) -> int:
        """Return the offset in the reply for an offset in the text."""
        return at

    def begun(self, start: int, end: int) -> int:
        """Return how many entities of Telegram's a range of the text has, those that go on from before it included."""
        return 0
