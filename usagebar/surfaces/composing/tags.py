"""Tags in a reply: Telegram's HTML, of which the shown text counts, and a page's, which counts as it is written.

Markup that is not well-formed is no error here: what begins no tag is text, a closing tag that closes nothing is passed
over, and a tag that is never closed goes on to the end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from usagebar.surfaces.composing.scan import Scan
from usagebar.surfaces.composing.shown import DEEPEST, Mark, MarkedScan, ShownScan, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLES = ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "span", "tg-spoiler")
TELEGRAM_TAGS = frozenset((*_STYLES, "a", "blockquote", "tg-emoji", "tg-time"))
KEPT_TAGS = frozenset(("tg-emoji", "tg-time"))  # one entity with one meaning, which half of it has not

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
# A tag that ends the one of its kind before it, if that was left open.
SIBLINGS = frozenset(["p", "li", "dt", "dd", "tr", "td", "th", "option"])
UNSEEN = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE) for name in ("script", "style")}

_TELEGRAM = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9-]*+|(?<=/)(?=>))(?=[\s>])(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>"""
    r"|&(?:\#([0-9]{1,7})(?![0-9])|\#[xX]([0-9a-fA-F]{1,6})(?![0-9a-fA-F])|(lt|gt|amp|quot)(?![a-zA-Z]));?"
    r"|&\#?[0-9a-zA-Z]{1,20}+"  # what is shown as it is written, but would be a character if it were cut
)
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>]*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>"""
    r"|<!--(?:-?>|.*?(?:--!?>|\Z))"  # a comment
    r"|<[!?/][^<>]*+>",  # what a page takes for one
    re.DOTALL,
)
_PAGE = re.compile(
    rf"{TAG.pattern}|&(?:\#[0-9]{{1,8}}+|\#[xX][0-9a-fA-F]{{1,8}}+|[a-zA-Z][a-zA-Z0-9]{{1,31}}+);", re.DOTALL
)


def scan(text: str, mode: str) -> Scan:
    """Return the scan of a reply in one of the modes `telegram-html`, `matrix-html` and `html`."""
    if "<" not in text and "&" not in text:
        return Scan(text, is_counted=mode != "telegram-html")
    return TelegramWalk(text).read() if mode == "telegram-html" else PageWalk(text).read()


# ---------------------------------------------------------------- Telegram


class TelegramWalk(Walk):
    """A walk through Telegram's HTML."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.tags: list[tuple[str, int]] = []  # the names of those that are open, and where they begin

    def read(self) -> ShownScan:
        """Return the scan of the reply."""
        reply, at = self.reply, 0
        for found in _TELEGRAM.finditer(reply):
            start = found.start()
            if start > at:
                self.text(reply[at:start])
            name = found[2]
            shown = self.entity(found) if name is None else self.tag(found, name.lower())
            at = found.end()
            if shown is not None:
                self.text(shown)
                self.step(at)
                if name is None and len(shown) > 1:
                    self.keep(self.offset - len(shown))
        self.text(reply[at:])
        return self.scan(ShownScan)

    def entity(self, found: re.Match[str]) -> str:
        """Return the character that an entity stands for; as TDLib does, which takes the last of all for none."""
        decimal, hexadecimal, name = found.group(3, 4, 5)
        if name:
            return _NAMED[name]
        number = int(decimal or "0") if hexadecimal is None else int(hexadecimal, 16)
        return chr(number) if 0 < number < LAST_CHARACTER and number not in SURROGATES else found[0]

    def tag(self, found: re.Match[str], name: str) -> str | None:
        """Note a tag; return the text of what is none."""
        if name and name not in TELEGRAM_TAGS:
            return found[0]
        if not found[1]:
            self.tags.append((name, self.offset))
            self.begin(found.end(), found[0], f"</{name}>")
        elif self.tags and name in (self.tags[-1][0], ""):
            self.close(found.end())
        else:
            self.step(found.end())
        return None

    def close(self, behind: int) -> None:
        """Note that the innermost tag ends."""
        name, begins = self.tags.pop()
        if name in KEPT_TAGS:
            self.keep(begins)
        self.end(behind)


# ---------------------------------------------------------------- pages


class PageScan(MarkedScan):
    """A page's HTML.

    Attributes:
        behind: where each tag ends that opens or closes one, ascending; first of all the beginning.
    """

    behind: Sequence[int] = ()

    def innermost(self, at: int) -> Mark:
        """Return the innermost tag at an offset."""
        return self.within[bisect_right(self.behind, at) - 1]


class PageWalk:
    """A walk through a page, which notes its tags."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.open = [Mark("", "", None)]
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()  # how often each is open
        self.whole: list[tuple[int, int]] = []
        self.behind = [0]
        self.within = [self.open[0]]
        self.outermost: list[int] = []

    def read(self) -> PageScan:
        """Return the scan of the page."""
        at = 0
        while found := _PAGE.search(self.reply, at):
            at = found.end()
            name = (found[2] or "").lower()
            if found[1]:
                self.close(name, at)
            elif name in UNSEEN:
                end = UNSEEN[name].search(self.reply, at)
                at = end.end() if end else len(self.reply)
            elif name and name not in VOID:
                self.begin(name, found)
            self.whole.append((found.start(), at))
        return PageScan(self.reply, self.whole, True, self.within, self.outermost, self.behind)

    def begin(self, name: str, found: re.Match[str]) -> None:
        """Note a tag that opens."""
        start, behind = found.span()
        if name in SIBLINGS and self.names and self.names[-1] == name:
            self.close(name, start)
        outer = self.open[-1]
        if not outer.outer:
            self.outermost.append(start)
        self.open.append(Mark(found[0], f"</{name}>", outer) if outer.depth < DEEPEST else outer)
        self.names.append(name)
        self.counts[name] += 1
        self.step(behind)

    def close(self, name: str, behind: int) -> None:
        """Note a tag that closes the last of its name and what was opened in it, if there is one."""
        if not self.counts[name]:
            return
        last = ""
        while last != name:
            last = self.names.pop()
            self.open.pop()
            self.counts[last] -= 1
        self.step(behind)

    def step(self, behind: int) -> None:
        """Note what is open behind a tag."""
        self.behind.append(behind)
        self.within.append(self.open[-1])
