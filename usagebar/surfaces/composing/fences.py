"""Markdown in a reply: its code fences, and what a cut must not part. What the limit counts is the reply itself.

As the clients have it, a fence may begin in the middle of a line: it is a run of three backticks or more, with a
language if a line feed follows that. The next such run closes it; where Markdown is read as the standard has it, one as
long at least. A fence that is never closed goes on to the end.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, cast

from usagebar.surfaces.composing.scan import Open, Scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Span = tuple[int, int]

CHATS = frozenset(("discord", "slack", "whatsapp"))  # they close a fence with the next three backticks
WITHOUT_LINKS = frozenset(("slack", "whatsapp"))
LONGEST_RUN = 8  # of backticks that are written again for a chat, to which three are enough
LONGEST_LINK = 500  # from bracket to parenthesis
LONGEST_GAP = 100  # blanks and line feeds at the two ends of a block that are not cut from its code

_FENCE = "```"
_RUN = re.compile(r"`++")
_OPENING = re.compile(rf"(`++)(?:([^\s`]{{0,50}}+)[ \t]{{0,10}}+\r?\n)?+()\s{{0,{LONGEST_GAP}}}+")
_ANGLES = re.compile(r"<[^\s<>]{1,98}+>")
_SLACK_ANGLES = re.compile(r"<[^\s<>|]{1,3000}+(?:\|[^<>\n]{0,3000}+)?+>")
_SLACK_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_TARGET = re.compile(r"""\]\([^\s()]*+(?:\([^\s()]*+\)[^\s()]*+)*+(?:[ ]"[^"\n]{0,200}+")?+\)""")


class FencedScan(Scan):
    """A reply in Markdown that has code fences.

    Attributes:
        starts: where each fence begins, ascending.
        ends: where the code of each ends.
        fences: how each is opened again, and closed.
    """

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    fences: Sequence[Open] = ()

    def opens(self, at: int) -> tuple[Open, ...]:
        """Return the fence that an offset is in, if it is in one."""
        index = self._fence(at)
        if index < 0:
            return ()
        return (self.fences[index],)

    def outside(self, at: int) -> int:
        """Return the last offset, up to one, that is in no fence."""
        index = self._fence(at)
        return at if index < 0 else self.starts[index]

    def _fence(self, at: int) -> int:
        """Return the index of the fence that an offset is in, -1 if it is in none."""
        index = bisect_left(self.starts, at) - 1
        return index if index >= 0 and at <= self.ends[index] else -1


def scan(text: str, mode: str) -> Scan:
    """Return the scan of a reply in a mode with Markdown: `discord`, `slack`, `whatsapp` or any other."""
    if "`" not in text or _FENCE not in text:  # one character is found faster than three
        return Scan(text, merged(wholes(text, mode, [(0, len(text))])))
    reader = FenceReader(text, mode)
    reader.read()
    found = reader.whole + wholes(text, mode, reader.outside)
    return FencedScan(text, merged(found), True, reader.starts, reader.ends, reader.fences)


def merged(spans: list[Span]) -> list[Span]:
    """Return spans in their order, those that overlap as one."""
    spans.sort()
    found: list[Span] = []
    last = 0
    for start, end in spans:
        if start < last:
            found[-1] = (found[-1][0], max(last, end))
        else:
            found.append((start, end))
        last = found[-1][1]
    return found


# ---------------------------------------------------------------- fences


class FenceReader:
    """Reads the fences of a text, from its start to its end."""

    def __init__(self, text: str, mode: str) -> None:
        self.text = text
        self.is_chat = mode in CHATS
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.fences: list[Open] = []
        self.known: dict[tuple[str, str], Open] = {}
        self.whole: list[Span] = []
        self.outside: list[Span] = []  # what is in no fence

    def read(self) -> None:
        """Read all of them."""
        at, text = 0, self.text
        while (start := text.find(_FENCE, at)) >= 0:
            self.outside.append((at, start))
            at = self.fence(start)
        self.outside.append((at, len(text)))

    def fence(self, start: int) -> int:
        """Note the fence that begins at an offset and return where it ends."""
        text = self.text
        opening = cast("re.Match[str]", _OPENING.match(text, start))
        run, language, code = opening[1], opening[2] or "", opening.start(3)
        end = self.closing(code, run)
        self.starts.append(start)
        self.ends.append(end)
        fence = self.known.get((run, language))
        if fence is None:  # most fences of a reply are alike
            again = run[:LONGEST_RUN] if self.is_chat else run
            fence = self.known[run, language] = Open(f"{again}{language}\n", f"\n{again}")
        self.fences.append(fence)
        self.whole.append((start, min(opening.end() + 1, len(text))))
        if end == len(text):
            return end
        after = cast("re.Match[str]", _RUN.match(text, end)).end()
        self.whole.append((self.before_blanks(start, end), after))
        return after

    def closing(self, at: int, run: str) -> int:
        """Return where the run is that closes a fence, the text's end if there is none."""
        wanted = _FENCE if self.is_chat else run
        end = self.text.find(wanted, at)
        return len(self.text) if end < 0 else end

    def before_blanks(self, start: int, end: int) -> int:
        """Return where the last character begins that stands before an offset and is no blank."""
        gap = self.text[max(start, end - LONGEST_GAP) : end]
        return max(start, end - len(gap) + len(gap.rstrip()) - 1)


# ---------------------------------------------------------------- other markup


def wholes(text: str, mode: str, parts: list[Span]) -> list[Span]:
    """Return what a cut must not part, in those parts of a text that are in no fence, and line breaks of two."""
    found: list[Span] = []
    if "\r" in text:
        found += [(each.start(), each.end()) for each in re.finditer("\r\n", text)]
    for sign, pattern in _patterns(mode):
        if sign in text:
            found += [each.span() for start, end in parts for each in pattern.finditer(text, start, end)]
    if "[" in text and mode not in WITHOUT_LINKS:
        found += [span for start, end in parts for span in links(text, start, end)]
    return found


def _patterns(mode: str) -> list[tuple[str, re.Pattern[str]]]:
    return [("<", _SLACK_ANGLES), ("&", _SLACK_ENTITY)] if mode == "slack" else [("<", _ANGLES)]


def links(text: str, at: int, end: int) -> Iterator[Span]:
    """Walk the links with a label of a part of a text; a label may have one pair of brackets in it."""
    low = at
    while (middle := text.find("](", at, end)) >= 0:
        target = _TARGET.match(text, middle, end)
        at = target.end() if target else middle + 2
        if target is None:
            continue
        start = text.rfind("[", max(low, at - LONGEST_LINK), middle)
        if start >= 0 and "]" in text[start:middle]:
            start = text.rfind("[", max(low, at - LONGEST_LINK), start)
        if start >= 0:
            yield start, at
        low = at
