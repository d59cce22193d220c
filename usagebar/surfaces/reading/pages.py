"""The HTML of a page or a Matrix client as markup, which takes anything.

See `appearance` for what an event is. Not read of a page: style sheets, the marks and numbers of lists, the columns of
tables and the space between paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING

from usagebar.surfaces.reading.faults import VOID, Fault, OpenTags, bare, in_text
from usagebar.surfaces.reading.tags import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from usagebar.surfaces.reading.events import Event

HTML_STYLES: Mapping[str, str] = {
    **STYLES,
    **dict.fromkeys(("small", "sub", "sup"), "small"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "bold"),
}
BLOCKS = frozenset(
    ("p", "div", "blockquote", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "tr")
)
_DRAWINGS = ("svg", "math")  # in them a tag may end itself

_LINE_BREAK = re.compile(r"\r?\n")
_BEGINNING = re.compile(r"<(?:[!?a-zA-Z]|/.)", re.DOTALL)
_LENIENT_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)(?:=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["'])|[^>=])*+>"""  # a tag
    r"|<!--(?:-?>|.*?(?:--!?>|\Z))"  # a comment
    r"|<[!?/][^>]*+>",  # what a page takes for one
    re.DOTALL,
)
_UNSEEN = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE) for name in ("style", "script")}
_BLANKS = re.compile(r"[ \t\n\r\f]+")
# Numbers of bounded length: what is longer is no character, and int() refuses thousands of digits.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}+|#[xX][0-9a-fA-F]{1,8}+|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")


def html(text: str) -> list[Event]:
    """Read HTML as a page does: unknown tags are passed over, what is no tag is text, nothing is refused."""
    page = Page()
    for begin, end, tag in _parts(text):
        if tag is None:
            page.text(text[begin:end])
        elif tag[2]:
            page.tag(tag[2].lower(), is_end=bool(tag[1]))
    page.finish()
    return page.found


def html_faults(text: str) -> Iterator[Fault]:
    """Walk what is wrong with HTML, well as a page copes with it: tags, how they nest, entities outside of tags."""
    opened, end = OpenTags(is_strict=False), 0
    for begin, end, tag in _parts(text):
        if tag is not None:
            yield from _wrong_tag(tag, opened)
        else:
            yield from in_text(text[begin:end], begin, _ENTITY, _is_entity, "HTML")
            yield from map(bare, _all("<", text, begin, end))
    if end < len(text):
        yield Fault("expected `>` to end the tag, found none", end, len(text), "write `&lt;` for a `<` to be seen")
    yield from opened.left()


def _parts(text: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Walk text, and tags with all that is not seen because of them; a tag without an end is the end of all."""
    at = 0
    while beginning := _BEGINNING.search(text, at):
        yield at, beginning.start(), None
        tag = _LENIENT_TAG.match(text, beginning.start())
        if tag is None:  # a page waits for its end
            return
        at = _behind(tag, text)
        yield tag.start(), at, tag
    yield at, len(text), None


def _behind(tag: re.Match[str], text: str) -> int:
    """Return where a page reads on."""
    name = (tag[2] or "").lower()
    if tag[1] or name not in _UNSEEN:
        return tag.end()
    end = _UNSEEN[name].search(text, tag.end())
    return end.end() if end else len(text)


def _wrong_tag(tag: re.Match[str], opened: OpenTags) -> Iterator[Fault]:
    name = (tag[2] or "").lower()
    if not name:
        if tag[0].startswith("<!--") and not tag[0].endswith(">"):
            yield Fault("expected `-->` behind `<!--`, found none", tag.start(), tag.start() + 4, "end the comment")
    elif tag[1]:
        yield from opened.end(name, *tag.span())
    elif not _has_no_end(name, tag, opened):
        opened.begin(name, *tag.span())


def _has_no_end(name: str, tag: re.Match[str], opened: OpenTags) -> bool:
    """Tell whether no end is to be looked for: there can be none, or it was passed over with what is not seen."""
    if name in _UNSEEN:
        return _UNSEEN[name].search(tag.string, tag.end()) is not None
    return name in VOID or (tag[0].endswith("/>") and (name in _DRAWINGS or opened.has(*_DRAWINGS)))


def _is_entity(entity: re.Match[str]) -> bool:
    if entity[0][1] != "#":
        return entity[0][1:] in html5
    return unescape(entity[0]) not in (entity[0], "", "\ufffd")


def _all(char: str, text: str, begin: int, end: int) -> Iterator[int]:
    while (begin := text.find(char, begin, end)) >= 0:
        yield begin
        begin += 1


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
