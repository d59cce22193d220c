"""Marks around words as markup: Slack's and WhatsApp's. See `appearance` for what an event is.

Not read: quotes, lists, and whatever goes over more than one line; they stay as they are written.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.surfaces.reading.events import Event

_LINE_BREAK = re.compile(r"\r?\n")
_FENCE = re.compile(r"`++")
_SLACK_ADDRESS = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]*+:[^\s<>|]++)(?:\|([^<>\n]*+))?+>")
_SLACK_PING = re.compile(r"<[@#!][^<>\n]++>")
_SLACK_ENTITY = re.compile(r"&(?:amp|lt|gt);")


class Mark(Record):
    """A delimiter and its style: no blank may stand inside it, no letter or digit outside."""

    delimiter: str
    style: str

    def fits(self, inside: str, outside: str) -> bool:
        """Tell whether it may stand between these characters (`""`: the end of the line)."""
        return bool(inside) and not inside.isspace() and not outside.isalnum()


MARKS = {"*": Mark("*", "bold"), "_": Mark("_", "italic"), "~": Mark("~", "strike")}
# The group is the character of a run; what is special without one is a link.
_SPECIAL = re.compile(r"([*_~`])\1*+")
_SLACK_SPECIAL = re.compile(rf"{_SPECIAL.pattern}|<")


def whatsapp(text: str) -> Iterator[Event]:
    """Read WhatsApp's marks: bold, italic, strike and code."""
    return _lines(text, _SPECIAL)


def slack(text: str) -> Iterator[Event]:
    """Read Slack's marks, which are WhatsApp's, its links and pings in `<>`, and its three entities."""
    for value, change in _lines(text, _SLACK_SPECIAL):
        yield (value if change else _SLACK_ENTITY.sub(_slack_character, value)), change


def _slack_character(entity: re.Match[str]) -> str:
    return {"&amp;": "&", "&lt;": "<", "&gt;": ">"}[entity[0]]


def _lines(text: str, special: re.Pattern[str]) -> Iterator[Event]:
    for number, line in enumerate(_LINE_BREAK.split(text)):
        if number:
            yield "\n", 0
        if line:
            yield from LineReader(line, special).events()


class LineReader:
    """Reads the marks of one line.

    An opening mark is text until its closing one is found: then its event is replaced. What was opened between the two
    stays text.
    """

    def __init__(self, text: str, special: re.Pattern[str]) -> None:
        self.text = text
        self.pattern = special
        self.found: list[Event] = []
        self.open: list[tuple[Mark, int]] = []  # each with the index of its event
        self.counts: Counter[str] = Counter()  # how often each is open
        self.fences = _closing_fences(text)

    def events(self) -> list[Event]:
        """Return the events of the line."""
        at = 0
        while special := self.pattern.search(self.text, at):
            self.literal(self.text[at : special.start()])
            at = self.special(special)
        self.literal(self.text[at:])
        return self.found

    def literal(self, text: str) -> None:
        """Add text."""
        if text:
            self.found.append((text, 0))

    def styled(self, style: str, text: str) -> None:
        """Add text in a style."""
        self.found += [(style, 1), (text, 0), (style, -1)]

    def special(self, found: re.Match[str]) -> int:
        """Read what begins with a special character and return where it ends."""
        start, end = found.span()
        if found[1] == "`":
            return self.code(start, end)
        return self.run(start, end) if found[1] else self.link(start)

    def code(self, start: int, end: int) -> int:
        """Read a code span, in which nothing else is markup."""
        closing = self.fences.get(start)
        if closing is None:
            self.literal(self.text[start:end])
            return end
        self.styled("code", self.text[end:closing])
        return closing + end - start

    def link(self, start: int) -> int:
        """Read Slack's link, of which its label is seen, or its ping, which is shown as it is written."""
        if address := _SLACK_ADDRESS.match(self.text, start):
            self.styled("link", address[2] or address[1])
            return address.end()
        if ping := _SLACK_PING.match(self.text, start):
            self.styled("link", ping[0])
            return ping.end()
        self.literal("<")
        return start + 1

    def run(self, start: int, end: int) -> int:
        """Read a run of one character, whose marks close or open one by one."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        mark = MARKS[self.text[start]]
        while start < end:
            if not (self.closed(mark, before, after) or self.opened(mark, before, after)):
                self.literal(self.text[start:end])
                return end
            start += 1
        return end

    def closed(self, mark: Mark, before: str, after: str) -> bool:
        """Close a mark if it is open, has something in it and may end here."""
        innermost, at = self.open[-1] if self.open else (None, 0)
        is_empty = mark is innermost and at + 1 == len(self.found)
        if not self.counts[mark.delimiter] or is_empty or not mark.fits(before, after):
            return False
        self.close(mark)
        return True

    def close(self, mark: Mark) -> None:
        """Close the mark that was opened last of its kind; those opened behind it stay text."""
        last = None
        while last is not mark:
            last, index = self.open.pop()
            self.counts[last.delimiter] -= 1
        self.found[index] = (mark.style, 1)
        self.found.append((mark.style, -1))

    def opened(self, mark: Mark, before: str, after: str) -> bool:
        """Open a mark if it may begin here."""
        if not mark.fits(after, before):
            return False
        self.open.append((mark, len(self.found)))
        self.counts[mark.delimiter] += 1
        self.literal(mark.delimiter)
        return True


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
