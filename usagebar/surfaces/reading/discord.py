"""Discord's Markdown as markup. See `appearance` for what an event is.

Where a mark ends is what Discord's own patterns say, found without running them: each looks at the rest of the text,
which from every place of a text would take the square of its length.

Not read: lists, mentions and times, which stay as they are written, and marks that go over more than one line of a
quote or a heading.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from usagebar.surfaces.reading.events import Event

DEEPEST = 30  # marks in marks; what is deeper stays as it is written

_STYLES = {"**": "bold", "__": "underline", "~~": "strike", "||": "spoiler"}
_LINE_STYLES = {"-#": "small", ">": "quote", ">>>": "quote"}  # else a heading

_SPECIAL = re.compile(r"[*_~|`\\\[<\n]|https?://")
_LINE_MARK = re.compile(r"(?:^(>>>|>)|(-#|#{1,3})) ++(?=\S)", re.MULTILINE)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_LINK = re.compile(
    r"""
    \[ ((?: [^\[\]] | \[[^\[\]]*+\] )++) \]
    \( \s*+
    (?: <https?://[^\s<>]++> | https?://(?: [^\s()] | \( (?: [^\s()] | \([^\s()]*+\) )*+ \) )++ )
    (?: \s++ (?: "[^"]*+" | '[^']*+' ) )?+
    \s*+ \)
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"""(https?://[^\s<]+[^<.,:;"')\]\s])""")
_IN_ANGLES = re.compile(r"<(https?://[^\s<>]++)>|<a?:[0-9A-Za-z_]++:[0-9]++>")
_BLOCKS = (re.compile(r"```[0-9A-Za-z_+.#-]++\n++"), re.compile(r"```\n*+"))
_WORD = re.compile("[0-9A-Za-z]")


def discord(text: str) -> list[Event]:
    """Read Discord's Markdown: small print, headings, quotes, styles, code, spoilers, links, escapes."""
    reader = Reader(text.replace("\r\n", "\n"))
    reader.read(0, len(reader.text), 0)
    return reader.found


class Runs:
    """The runs of `*` or `_`, of which a single mark takes the last character of the first odd one behind it."""

    def __init__(self, text: str, char: str, pattern: str) -> None:
        self.text = text
        self.is_star = char == "*"
        spans = [found.span() for found in re.finditer(pattern, text) if found[0][0] == char]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.odd = [span for span in spans if (span[1] - span[0]) % 2]
        self.odd_starts = [start for start, _ in self.odd]

    def closing(self, start: int, end: int) -> int | None:
        """Return where the mark that begins at `start` is closed before `end`."""
        behind = min(self.ends[bisect_right(self.starts, start) - 1], end)
        more = behind - start - 1  # characters of the mark's own run, which are in it
        if more % 2:
            return behind - 1 if more > 1 and self._ends_well(behind, end) else None
        if behind == end or (self.is_star and not more and self.text[behind].isspace()):
            return None
        run = self._first_odd(behind, end)
        if run is None or not self._ends_well(run[1], end):
            return None
        is_lone = self.is_star and run[1] - run[0] == 1 and self.text[run[0] - 1].isspace()
        return None if is_lone else run[1] - 1

    def _first_odd(self, start: int, end: int) -> tuple[int, int] | None:
        index = bisect_left(self.odd_starts, start)
        if index < len(self.odd) and self.odd[index][1] <= end:
            return self.odd[index]
        last = bisect_right(self.starts, end - 1) - 1  # the end may cut a run
        is_odd = last >= 0 and self.ends[last] > end and (end - self.starts[last]) % 2
        return (self.starts[last], end) if is_odd else None

    def _ends_well(self, behind: int, end: int) -> bool:
        """Tell whether no word goes on behind a `_`."""
        return self.is_star or behind == end or not _WORD.match(self.text, behind)


class Reader:
    """Reads one text, each character once, from the outermost marks to the innermost."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Event] = []
        self.line_start = 0  # where a line's own marks may stand
        self.is_line_empty = True
        self.is_break_due = False  # behind a block of code
        self.escaped = {found.end() - 1 for found in re.finditer(r"\\[\s\S]", text)}
        self.closing = {
            "**": self._places(r"\\[\s\S]|\*\*(?!\*)"),
            "__": self._places(r"\\[\s\S]|__(?!_)"),
            "~~": self._places(r"~(?=~)"),
            "||": self._places(r"\|(?=\|)"),
            "```": self._places(r"`(?=``)"),
        }
        self.runs = {"*": Runs(text, "*", r"\*++"), "_": Runs(text, "_", r"\\[\s\S]|_++")}
        self.fences: dict[int, list[int]] = {}
        self.fence_ends: list[int] = []
        for fence in re.finditer("`++", text):
            self.fences.setdefault(len(fence[0]), []).append(fence.start())
            self.fence_ends.append(fence.end())

    def _places(self, pattern: str) -> list[int]:
        return [found.start() for found in re.finditer(pattern, self.text) if found[0][0] != "\\"]

    # ---------------------------------------------------------------- walking

    def read(self, at: int, end: int, depth: int) -> None:
        """Read a part of the text."""
        if depth > DEEPEST:
            self.literal(self.text[at:end])
            return
        while at < end:
            if at == self.line_start and (mark := _LINE_MARK.match(self.text, at, end)):
                at = self.line(mark, end, depth)
                continue
            special = _SPECIAL.search(self.text, at, end)
            stop = special.start() if special else end
            self.literal(self.text[at:stop])
            at = self.special(stop, end, depth) if special else end

    def literal(self, text: str) -> None:
        """Add text."""
        if not text:
            return
        if self.is_break_due and not text.startswith("\n"):
            self.found.append(("\n", 0))
        self.is_break_due = False
        self.is_line_empty = text.endswith("\n")
        self.found.append((text, 0))

    def styled(self, style: str, start: int, end: int, depth: int) -> None:
        """Read a part of the text in a style."""
        self.found.append((style, 1))
        self.read(start, end, depth + 1)
        self.found.append((style, -1))

    def special(self, start: int, end: int, depth: int) -> int:
        """Read what begins with a special character and return where it ends."""
        char = self.text[start]
        if char in "*_~|":
            behind = self.mark(start, end, depth)
        elif char == "`":
            behind = self.block(start, end) or self.code(start, end)
        elif char == "[":
            behind = self.link(start, end, depth)
        else:
            behind = self.as_it_is(start, end)
        if behind is not None:
            return behind
        self.literal(char)
        if char == "\n":
            self.line_start = start + 1
        return start + 1

    # ---------------------------------------------------------------- what there is

    def line(self, mark: re.Match[str], end: int, depth: int) -> int:
        """Read small print, a heading or a quote."""
        sign = mark[1] or mark[2]
        line_end = self.text.find("\n", mark.end(), end)
        stop = end if line_end < 0 or sign == ">>>" else line_end
        self.line_start = mark.end() if mark[1] else -1  # a quote may be of small print
        self.styled(_LINE_STYLES.get(sign, "bold"), mark.end(), stop, depth)
        return stop

    def mark(self, start: int, end: int, depth: int) -> int | None:
        """Read what stands between two marks: the longer of a single and a double one."""
        double = self.text[start] * 2
        most = self.double(double, start, end)
        style, inside, stop = _STYLES[double], start + 2, -1 if most is None else most + 2
        last = self.single(start, end)
        if last is not None and last + 1 >= stop:
            style, inside, most, stop = "italic", start + 1, last, last + 1
        if most is None:
            return None
        self.styled(style, inside, most, depth)
        return stop

    def single(self, start: int, end: int) -> int | None:
        """Return where a single mark is closed that begins at a place."""
        char = self.text[start]
        if char not in self.runs or (char == "_" and start and _WORD.match(self.text, start - 1)):
            return None
        return self.runs[char].closing(start, end)

    def double(self, mark: str, start: int, end: int) -> int | None:
        """Return where a double mark is closed that begins at a place, if one does."""
        if not self.text.startswith(mark, start, end):
            return None
        closing = self.next_place(mark, start + 3, end)
        last = end - 2  # at the end of a part nothing follows, whatever the text goes on with
        if closing is None and last > start + 2 and self.text.startswith(mark, last) and last not in self.escaped:
            return last
        return closing

    def next_place(self, mark: str, start: int, end: int) -> int | None:
        """Return where a mark stands next that closes."""
        places = self.closing[mark]
        index = bisect_left(places, start)
        return places[index] if index < len(places) and places[index] + len(mark) <= end else None

    def block(self, start: int, end: int) -> int | None:
        """Read a block of code, which has lines of its own."""
        for opening in filter(None, [each.match(self.text, start, end) for each in _BLOCKS]):
            closing = self.next_place("```", opening.end() + 1, end)
            if closing is not None:
                self.literal("" if self.is_line_empty else "\n")
                self.coded(self.text[opening.end() : closing].rstrip("\n"))
                self.is_break_due = True
                return closing + 3
        return None

    def code(self, start: int, end: int) -> int:
        """Read a code span, in which nothing else is markup; a run of backticks that opens none is text."""
        opened = self.fence_ends[bisect_right(self.fence_ends, start)]
        places = self.fences.get(opened - start, [])
        index = bisect_left(places, opened)
        if index == len(places) or places[index] >= end:
            self.literal(self.text[start:opened])
            return opened
        self.coded(self.text[opened : places[index]])
        return places[index] + opened - start

    def coded(self, text: str) -> None:
        """Add code."""
        self.found.append(("code", 1))
        self.literal(text)
        self.found.append(("code", -1))

    def link(self, start: int, end: int, depth: int) -> int | None:
        """Read a masked link."""
        link = _LINK.match(self.text, start, end)
        if link is None:
            return None
        self.styled("link", *link.span(1), depth)
        return link.end()

    def as_it_is(self, start: int, end: int) -> int | None:
        """Read a character behind a backslash, an address or an emoji, in which nothing is markup."""
        for pattern in (_ESCAPE, _ADDRESS, _IN_ANGLES):
            if found := pattern.match(self.text, start, end):
                self.literal(found[1] or found[0])
                return found.end()
        return None
