"""Marks around text as markup: Discord's, Slack's and WhatsApp's. See `appearance` for what an event is.

Only what stands within one line is read. Headings, lists, quotes and mentions stay as they are written.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.surfaces.appearance import Event

_LINE_BREAK = re.compile(r"\r?\n")
_FENCE = re.compile(r"`++")
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_LINK = re.compile(r"\[([^\[\]]++)\]\(https?://[^\s()]++\)")
_SMALL_PRINT = re.compile(r"-# ++(?=\S)")
_SLACK_ENTITY = re.compile(r"&(?:amp|lt|gt);")


class Mark(Record):
    """A delimiter and its style. `is_tight`: no blank may stand inside it; `is_apart`: no letter or digit outside."""

    delimiter: str
    style: str
    is_tight: bool = False
    is_apart: bool = False

    def fits(self, inside: str, outside: str) -> bool:
        """Tell whether it may stand between these characters (`""`: the end of the line)."""
        return not (self.is_tight and (not inside or inside.isspace())) and not (self.is_apart and outside.isalnum())


class Dialect(Record):
    """The marks of a surface, of one character the longest first, and the pattern of all that is special in it.

    The pattern's group is the character of a run; what is special without one is an escape or a link.
    """

    marks: tuple[Mark, ...]
    special: re.Pattern[str]

    def of(self, char: str, most: int) -> list[Mark]:
        """Return the marks of so many of a character at most."""
        return [mark for mark in self.marks if mark.delimiter[0] == char and len(mark.delimiter) <= most]


DISCORD = Dialect(
    (
        Mark("**", "bold"),
        Mark("*", "italic", is_tight=True),
        Mark("__", "underline"),
        Mark("_", "italic", is_apart=True),
        Mark("~~", "strike"),
        Mark("||", "spoiler"),
    ),
    re.compile(r"([*_~|`])\1*+|\\|\["),
)
CHAT = Dialect(
    (
        Mark("*", "bold", is_tight=True, is_apart=True),
        Mark("_", "italic", is_tight=True, is_apart=True),
        Mark("~", "strike", is_tight=True, is_apart=True),
    ),
    re.compile(r"([*_~`])\1*+"),
)


def discord(text: str) -> Iterator[Event]:
    """Read Discord's Markdown: small print, styles, code, spoilers, masked links, escapes."""
    for number, line in enumerate(_LINE_BREAK.split(text)):
        if number:
            yield "\n", 0
        if marker := _SMALL_PRINT.match(line):
            yield "small", 1
            yield from LineReader(line[marker.end() :], DISCORD).events()
            yield "small", -1
        elif line:
            yield from LineReader(line, DISCORD).events()


def whatsapp(text: str) -> Iterator[Event]:
    """Read WhatsApp's marks: bold, italic, strike and code."""
    for number, line in enumerate(_LINE_BREAK.split(text)):
        if number:
            yield "\n", 0
        if line:
            yield from LineReader(line, CHAT).events()


def slack(text: str) -> Iterator[Event]:
    """Read Slack's marks, which are WhatsApp's, and its three entities."""
    for value, change in whatsapp(text):
        yield (value if change else _SLACK_ENTITY.sub(_slack_character, value)), change


def _slack_character(entity: re.Match[str]) -> str:
    return {"&amp;": "&", "&lt;": "<", "&gt;": ">"}[entity[0]]


class LineReader:
    """Reads the marks of one line.

    An opening mark is text until its closing one is found: then its event is replaced. What was opened between the two
    stays text.
    """

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.found: list[Event] = []
        self.open: list[tuple[Mark, int]] = []  # each with the index of its event
        self.counts: Counter[str] = Counter()  # how often each is open
        self.fences = _closing_fences(text)

    def events(self) -> list[Event]:
        """Return the events of the line."""
        at = 0
        while special := self.dialect.special.search(self.text, at):
            self.literal(self.text[at : special.start()])
            at = self.special(special)
        self.literal(self.text[at:])
        return self.found

    def literal(self, text: str) -> None:
        """Add text."""
        if text:
            self.found.append((text, 0))

    def styled(self, style: str, events: Iterable[Event]) -> None:
        """Add events in a style."""
        self.found += [(style, 1), *events, (style, -1)]

    def special(self, found: re.Match[str]) -> int:
        """Read what begins with a special character and return where it ends."""
        start, end = found.span()
        if found[1] == "`":
            return self.code(start, end)
        if found[1]:
            return self.run(start, end)
        return self.escape_or_link(start)

    def code(self, start: int, end: int) -> int:
        """Read a code span, in which nothing else is markup."""
        closing = self.fences.get(start)
        if closing is None:
            self.literal(self.text[start:end])
            return end
        self.styled("code", [(self.text[end:closing], 0)])
        return closing + end - start

    def escape_or_link(self, start: int) -> int:
        """Read a character behind a backslash, or a link."""
        if escape := _ESCAPE.match(self.text, start):
            self.literal(escape[1])
            return escape.end()
        if link := _LINK.match(self.text, start):
            self.styled("link", LineReader(link[1], self.dialect).events())
            return link.end()
        self.literal(self.text[start])
        return start + 1

    def run(self, start: int, end: int) -> int:
        """Read a run of one character: the marks it closes, then those it opens."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        while start < end:
            marks = self.dialect.of(self.text[start], end - start)
            mark = self.closed(marks, before, after) or self.opened(marks, before, after)
            if mark is None:
                self.literal(self.text[start:end])
                return end
            start += len(mark.delimiter)
        return end

    def closed(self, marks: list[Mark], before: str, after: str) -> Mark | None:
        """Close one of these marks if it is open, has something in it and may end here: best the innermost."""
        innermost, at = self.open[-1] if self.open else (None, 0)
        is_empty = at + 1 == len(self.found)
        for mark in sorted(marks, key=lambda mark: mark is not innermost):
            if mark.fits(before, after) and self.counts[mark.delimiter] and not (mark is innermost and is_empty):
                self.close(mark)
                return mark
        return None

    def close(self, mark: Mark) -> None:
        """Close the mark that was opened last of its kind; those opened behind it stay text."""
        last = None
        while last is not mark:
            last, index = self.open.pop()
            self.counts[last.delimiter] -= 1
        self.found[index] = (mark.style, 1)
        self.found.append((mark.style, -1))

    def opened(self, marks: list[Mark], before: str, after: str) -> Mark | None:
        """Open the longest of these marks that may begin here."""
        for mark in marks:
            if mark.fits(after, before):
                self.open.append((mark, len(self.found)))
                self.counts[mark.delimiter] += 1
                self.literal(mark.delimiter)
                return mark
        return None


def _closing_fences(text: str) -> dict[int, int]:
    """Return where each run of backticks that begins a code span is matched by the next of its length."""
    closing: dict[int, int] = {}
    last: dict[int, int] = {}
    for fence in _FENCE.finditer(text):
        length = len(fence[0])
        if length in last:
            closing[last[length]] = fence.start()
        last[length] = fence.start()
    return closing
