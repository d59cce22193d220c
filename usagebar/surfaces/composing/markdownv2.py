"""Telegram's MarkdownV2 in a reply: the shown text counts, and its marks are closed and opened again at cuts.

Read as TDLib reads it. Three things of it make the work:

- `__` is one mark wherever two underscores stand, so `_` and `__` side by side need something between them. That is
  `**`, bold text with nothing in it.
- A quote goes on in each line that begins with `>`; `||` at the end of its last line makes it expandable. It ends with
  a line feed, which no mark around it can be closed without.
- A link's address stands behind its label, so what closes a label is known only there.

Markup that is not well-formed is no error here: what is no mark is text, and what is never closed goes on to the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from usagebar.surfaces.composing.scan import Open, Scan
from usagebar.surfaces.composing.shown import Mark, ShownScan, Walk

if TYPE_CHECKING:
    from collections.abc import Callable

QUOTE, PRE, EMPTY = ">", "```", "**"
CODE = frozenset(("`", PRE))

_SPECIAL = re.compile(
    r"\\[\x01-\x7e]?"  # what is escaped
    r"|```(?:([^\s`]++)(?!`))?+(?:\n\r?|\r\n?)?+"  # the language of a block and the line feed behind it
    r"|__?|!\[|\|\||[*~`\[\]>\n]"
)
_IN_CODE = re.compile(r"\\[\x01-\x7e]?|```|`")
_ADDRESS = re.compile(r"\((?:[^\\)]++|\\[\s\S])*+\)")


def scan(text: str) -> Scan:
    """Return the scan of a reply in MarkdownV2."""
    if _SPECIAL.search(text) is None:
        return Scan(text, is_counted=False)
    return MarkdownWalk(text).read()


class MarkdownScan(ShownScan):
    """A reply in MarkdownV2."""

    def opens(self, at: int) -> tuple[Open, ...]:
        """Return what stands open at an offset, outermost first, kept apart from what stands there."""
        mark = self.innermost(at)
        marks = mark.chain()
        if not marks:
            return ()
        place = self.source(at)
        openings = apart([mark.opening for mark in marks], self.reply[place : place + 1])
        closings = closed(marks, self.reply[place - 1 : place])
        return tuple(map(Open, openings, closings))


def apart(openings: list[str], after: str) -> list[str]:
    """Return openings that are not read as other ones, whatever stands behind them."""
    found = []
    for opening, behind in zip(openings, [*openings[1:], after], strict=True):
        found.append(opening + EMPTY if opening == "_" and behind.startswith("_") else opening)
    return found


def closed(marks: list[Mark], before: str) -> list[str]:
    """Return closings, outermost first, that are not read as other ones with what stands before them."""
    found = []
    for mark in reversed(marks):
        closing = mark.closing
        if mark.opening == QUOTE and mark.depth > 1:
            closing += EMPTY + "\n" if before == "\n" and not closing else "\n"
        if before == "_" and closing.startswith("_"):
            closing = EMPTY + closing
        found.append(closing)
        before = closing[-1:] or before
    return found[::-1]


class MarkdownWalk(Walk):
    """A walk through MarkdownV2."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.marks: list[tuple[str, int]] = []  # those that are open, as they are written, and where they begin
        self.line = 0  # where in the shown text the line begins in which a quote may
        self.is_quoted = False
        self.has_addresses = True
        self.readers: dict[str, Callable[[re.Match[str]], int]] = {
            "\\": self.backslash,
            "`": self.code,
            "[": self.label,
            "!": self.label,
            "]": self.address,
            ">": self.quote,
            "\n": self.line_feed,
            "|": self.bars,
        }

    def read(self) -> MarkdownScan:
        """Return the scan of the reply."""
        reply, at = self.reply, 0
        readers, other = self.readers, self.mark
        while found := _SPECIAL.search(reply, at):
            start = found.start()
            if start > at:
                self.text(reply[at:start])
            at = readers.get(reply[start], other)(found)
        self.text(reply[at:])
        return self.scan(MarkdownScan)

    def innermost(self) -> str:
        """Return the innermost open mark, `""` if there is none."""
        return self.marks[-1][0] if self.marks else ""

    # ---------------------------------------------------------------- what is shown

    def literal(self, found: re.Match[str]) -> int:
        """Note characters that are no mark."""
        self.text(found[0])
        return found.end()

    def backslash(self, found: re.Match[str]) -> int:
        """Note a character behind a backslash; a line feed ends no quote there, but a quote may begin behind it."""
        behind = found.end()
        char = self.reply[behind - 1 : behind + 1] if found.start() + 1 == behind else found[0][1]
        self.text(char)
        if found.start() + 1 == behind:  # the backslash is shown, and must not come to stand before a mark
            self.keep(self.offset - len(char))
            return behind + len(char) - 1
        self.step(behind)
        if char == "\n":
            self.line = self.offset
        return behind

    def line_feed(self, found: re.Match[str]) -> int:
        """Note the end of a line, and that of a quote if the next line is none."""
        self.text("\n")
        self.line = self.offset
        if self.innermost() == QUOTE and not self.reply.startswith(QUOTE, found.end()):
            self.is_quoted = False
            self.close(found.end())
        return found.end()

    # ---------------------------------------------------------------- marks

    def mark(self, found: re.Match[str]) -> int:
        """Note a mark, which ends the innermost one if it is the same."""
        mark, behind = found[0], found.end()
        if self.innermost() == mark:
            return self.close(behind)
        return self.open_mark(mark, behind, mark, mark)

    def open_mark(self, mark: str, behind: int, opening: str, closing: str) -> int:
        """Note a mark that begins."""
        self.marks.append((mark, self.offset))
        self.begin(behind, opening, closing)
        return behind

    def close(self, behind: int) -> int:
        """Note that the innermost mark ends."""
        self.marks.pop()
        self.end(behind)
        return behind

    def code(self, found: re.Match[str]) -> int:
        """Note code or a block of it, to its end; a line feed behind a block's language is added."""
        opening = "`" if found[0] == "`" else f"{PRE}{found[1] or ''}\n"
        mark = opening[:3]
        at = self.open_mark(mark, found.end(), opening, mark)
        while self.innermost() in CODE:
            inner = _IN_CODE.search(self.reply, at)
            self.text(self.reply[at : inner.start() if inner else None])
            at = self.in_code(inner) if inner else len(self.reply)
            if inner is None:
                break
        return at

    def in_code(self, found: re.Match[str]) -> int:
        """Note what is special in code; a lone backtick in a block begins code of its own."""
        if found[0][0] == "\\":
            return self.backslash(found)
        if found[0] == PRE and self.innermost() == "`":
            return self.close(found.start() + 1)
        return self.mark(found)

    def label(self, found: re.Match[str]) -> int:
        """Note the beginning of a link's label or of a custom emoji."""
        return self.open_mark(found[0], found.end(), found[0], "]")

    def address(self, found: re.Match[str]) -> int:
        """Note the end of a label with the address behind it."""
        if self.innermost() not in ("[", "!["):
            return self.literal(found)
        behind = found.end()
        if self.has_addresses and self.reply.startswith("(", behind):
            address = _ADDRESS.match(self.reply, behind)
            self.has_addresses = address is not None
            behind = address.end() if address else behind
        self.close_with(self.reply[found.start() : behind])
        mark, begins = self.marks[-1]
        if mark == "![":
            self.keep(begins)
        return self.close(behind)

    # ---------------------------------------------------------------- quotes

    def quote(self, found: re.Match[str]) -> int:
        """Note the beginning of a line of a quote."""
        if self.offset != self.line:
            return self.literal(found)
        if self.is_quoted:
            self.step(found.end())
            return found.end()
        self.is_quoted = True
        return self.open_mark(QUOTE, found.end(), QUOTE, "")

    def bars(self, found: re.Match[str]) -> int:
        """Note a spoiler, or the end of an expandable quote; no step, for a cut there goes before it."""
        rest = self.reply[found.end() : found.end() + 2]
        if self.innermost() == QUOTE and (not rest or (rest[0] == "\n" and rest != "\n>")):
            self.close_with("||")
            return found.end()
        return self.mark(found)
