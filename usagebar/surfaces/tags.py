"""Tags as markup: Telegram's strict HTML, and the HTML of a page or a Matrix client, which takes anything.

See `appearance` for what an event is. Not read of a page: style sheets, the marks and numbers of lists, the columns of
tables and the space between paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from usagebar.surfaces.appearance import Event

STYLES: Mapping[str, str] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "strike": "strike",
    "del": "strike",
    "code": "code",
    "pre": "code",
    "a": "link",
    "blockquote": "quote",
}
TELEGRAM_STYLES: Mapping[str, str] = {**STYLES, "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": ""}
HTML_STYLES: Mapping[str, str] = {
    **STYLES,
    **dict.fromkeys(("small", "sub", "sup"), "small"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "bold"),
}
BLOCKS = frozenset(
    ("p", "div", "blockquote", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "tr")
)

LONGEST_NAME_SHOWN = 20
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)

_LINE_BREAK = re.compile(r"\r?\n")
_ATTRIBUTE = r"""\s++([a-zA-Z-]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[a-zA-Z0-9.-]++))?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_STRICT_TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:{_ATTRIBUTE})*+)\s*+>")
_TAG_NAME = re.compile(r"</?([a-zA-Z][^\s<>/]*+)")
_BEGINNING = re.compile(r"<(?:[!?a-zA-Z]|/.)", re.DOTALL)
_LENIENT_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)(?:=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["'])|[^>=])*+>"""  # a tag
    r"|<!--(?:-?>|.*?(?:--!?>|\Z))"  # a comment
    r"|<[!?/][^>]*+>",  # what a page takes for one
    re.DOTALL,
)
_UNSEEN = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE) for name in ("style", "script")}
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_TELEGRAM_ENTITY = re.compile(r"&(?:#([0-9]++)|#[xX]([0-9a-fA-F]++)|(lt|gt|amp|quot)(?![a-zA-Z]));?")
# Numbers of bounded length: what is longer is no character, and int() refuses thousands of digits.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}+|#[xX][0-9a-fA-F]{1,8}+|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")


class Refused(ValueError):  # noqa: N818 - a finding, not a failure
    """A text that its surface does not take; the message says what is wrong with it and where."""


# ---------------------------------------------------------------- Telegram


def telegram(text: str) -> Iterator[Event]:
    """Read Telegram's HTML. Control characters stay; what Telegram makes of them before it counts is not known.

    Raises:
        Refused: a tag is unknown, not closed or not the one that had to be closed, or a `<` begins none.
    """
    opened: list[tuple[str, int]] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        yield _telegram_text(text[at:start]), 0
        tag = _strict_tag(text, start)
        at = tag.end()
        name = tag[2].lower()
        if tag[1]:
            _close(name, opened, text, start)
        else:
            opened.append((name, start))
        if style := TELEGRAM_STYLES[name]:
            yield style, -1 if tag[1] else 1
    yield _telegram_text(text[at:]), 0
    if opened:
        name, start = opened[-1]
        raise _refused(f"tag <{name}> is not closed", text, start)


def _strict_tag(text: str, start: int) -> re.Match[str]:
    """Return the tag at a `<` if Telegram would take it."""
    tag, name = _STRICT_TAG.match(text, start), _TAG_NAME.match(text, start)
    if name is None:
        raise _refused("a bare <, which is written &lt;", text, start)
    if name[1].lower() not in TELEGRAM_STYLES:
        raise _refused(f"unknown tag {_shown(name)}", text, start)
    if tag is None:
        raise _refused(f"tag {_shown(name)} is malformed", text, start)
    if not tag[1]:
        _check_attributes(tag, text)
    return tag


def _check_attributes(tag: re.Match[str], text: str) -> None:
    name = tag[2].lower()
    attributes = {key.lower(): value for key, value in _ATTRIBUTES.findall(tag[3])}
    without = [key for key, value in attributes.items() if not value and (name, key) != ("blockquote", "expandable")]
    if without:
        raise _refused(f"tag <{name}> has an attribute without a value", text, tag.start())
    if name == "span" and attributes.get("class", "").strip("\"'") != "tg-spoiler":
        raise _refused('tag <span> is not of class "tg-spoiler"', text, tag.start())


def _close(name: str, opened: list[tuple[str, int]], text: str, start: int) -> None:
    """Take the innermost open tag away, which must be the one of this name."""
    if not opened:
        raise _refused(f"</{name}> closes no tag", text, start)
    expected, _ = opened.pop()
    if name != expected:
        raise _refused(f"expected </{expected}>, found </{name}>", text, start)


def _shown(name: re.Match[str]) -> str:
    text = name[0] if len(name[0]) <= LONGEST_NAME_SHOWN else name[0][:LONGEST_NAME_SHOWN] + "…"
    return f"{text}>"


def _refused(what: str, text: str, offset: int) -> Refused:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Refused(f"{what}, at line {line} column {column}")


def _telegram_text(text: str) -> str:
    return _TELEGRAM_ENTITY.sub(_telegram_character, text)


def _telegram_character(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    if name:
        return {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name]
    digits, base = (decimal, 10) if decimal else (hexadecimal, 16)
    significant = digits.lstrip("0")
    number = int(significant, base) if 0 < len(significant) < 8 else 0
    return chr(number) if 0 < number <= LAST_CHARACTER and number not in SURROGATES else entity[0]


# ---------------------------------------------------------------- pages


def html(text: str) -> list[Event]:
    """Read HTML as a page does: unknown tags are passed over, what is no tag is text, nothing is refused."""
    page, at = Page(), 0
    while beginning := _BEGINNING.search(text, at):
        page.text(text[at : beginning.start()])
        tag = _LENIENT_TAG.match(text, beginning.start())
        at = _behind(tag, text)
        if tag and tag[2]:
            page.tag(tag[2].lower(), is_end=bool(tag[1]))
    page.text(text[at:])
    page.finish()
    return page.found


def _behind(tag: re.Match[str] | None, text: str) -> int:
    """Return where a page reads on: one that waits for the end of a tag sees nothing more."""
    if tag is None:
        return len(text)
    name = (tag[2] or "").lower()
    if tag[1] or name not in _UNSEEN:
        return tag.end()
    end = _UNSEEN[name].search(text, tag.end())
    return end.end() if end else len(text)


class Page:
    """Lines of text as a page sets them: blanks run together, none at the ends of a line."""

    def __init__(self) -> None:
        self.found: list[Event] = []
        self.opened: Counter[str] = Counter()
        self.breaks = 0  # before the next text
        self.is_line_empty = True
        self.blank: int | None = None  # the event that the line ends with, if that is a blank
        self.is_pre_new = False  # a line feed that follows <pre> is none

    def text(self, text: str) -> None:
        """Add text with entities in it."""
        text = _ENTITY.sub(lambda entity: unescape(entity[0]), text)
        if self.opened["pre"]:
            self._preformatted(text)
            return
        for number, word in enumerate(_BLANKS.split(text)):
            if number and self.blank is None and not self.is_line_empty:
                self.blank = len(self.found)
                self.found.append((" ", 0))
            self._seen(word)

    def _preformatted(self, text: str) -> None:
        for number, line in enumerate(_LINE_BREAK.split(text)):
            if number and not self.is_pre_new:
                self._break()
            self.is_pre_new = self.is_pre_new and not (number or line)
            self._seen(line)

    def _seen(self, text: str) -> None:
        if text:
            self.found.append(("\n" * self.breaks + text, 0))
            self.breaks, self.is_line_empty, self.blank = 0, False, None

    def _break(self) -> None:
        self.breaks += 1
        self.finish_line()

    def finish_line(self) -> None:
        """Take the blank at the end of the line away."""
        if self.blank is not None:
            self.found[self.blank] = ("", 0)
        self.is_line_empty, self.blank = True, None

    def finish(self) -> None:
        """End the last line; the break that ends it is not seen."""
        self.finish_line()
        self.found.append(("\n" * (self.breaks - 1), 0))

    def tag(self, name: str, *, is_end: bool) -> None:
        """Add what a tag does."""
        if name == "br":
            self._break()
        if name in BLOCKS and not self.is_line_empty:
            self._break()
        if name in HTML_STYLES and (self.opened[name] or not is_end):
            self.opened[name] += -1 if is_end else 1
            self.found.append((HTML_STYLES[name], -1 if is_end else 1))
        self.is_pre_new = name == "pre" and not is_end
