"""The HTML of a Matrix message → what its event has beside it: the plain `body`, and whom the message mentions.

Anything is read and nothing is refused, in time linear in the text; the standard library's reader promises neither.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from usagebar.surfaces.composing.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSEEN = {
    name: re.compile(rf"</{name}(?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE)
    for name in ("mx-reply", "script", "style", "head")
}
LISTS = frozenset(("ul", "ol"))
CONTAINERS = frozenset((*LISTS, "li", "blockquote"))
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = CONTAINERS.union(HEADINGS, ("p", "div", "pre", "table", "tr", "details", "summary", "dl", "dt", "dd", "hr"))
CELLS = frozenset(("td", "th"))
CODE = frozenset(("pre", "code"))
DEEPEST = 20  # lists and quotes in each other that are seen at the start of a line

_ATTRIBUTE = re.compile(r"""([^\s=>"'/]++)\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>"']++)""")
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}+(?![0-9])|#[xX][0-9a-fA-F]{1,8}+(?![0-9a-fA-F])|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_USER = re.compile(r"https?://matrix\.to/#/((?:@|%40)[^/?]++)", re.IGNORECASE)
_PILL = re.compile(r"https?://matrix\.to/#/(?:[@#!]|%40|%23|%21)[^/]*+", re.IGNORECASE)
_USER_ID = re.compile(r"@[^\s:]++:\S++")
_ROOM = re.compile(r"(?<![\w@./-])@room(?![\w:])")


def plain_body(html: str) -> str:
    """Return the plain text of a message's HTML: lines, lists, quotes, and addresses behind the labels of links."""
    return Reader(html).read().body()


def mentions(html: str) -> dict[str, object]:
    """Return whom a message's HTML mentions, as `m.mentions` has it: by pills, and `@room` where it is no code.

    Returns:
        `user_ids`, in their order, and `room`, each if there is any.
    """
    reader = Reader(html).read()
    found: dict[str, object] = {}
    if reader.user_ids:
        found["user_ids"] = list(reader.user_ids)
    if _ROOM.search("".join(reader.prose)):
        found["room"] = True
    return found


class Container:
    """A list, an item of one or a quote.

    Attributes:
        name: its tag.
        start: what the lines in it begin with.
        marker: what the next line begins with in place of that, if anything.
        number: of an ordered list's last item.
    """

    __slots__ = ("marker", "name", "number", "start")

    def __init__(self, name: str, start: str = "", marker: str = "", number: int = 0) -> None:
        self.name = name
        self.start = start
        self.marker = marker
        self.number = number

    def begins(self) -> str:
        """Return what the next line begins with."""
        marker, self.marker = self.marker, ""
        return marker or self.start


class Reader:
    """Reads a message's HTML, from its start to its end."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.lines: list[str] = []
        self.line: list[str] = []
        self.is_blank_due = False
        self.is_pre_new = False  # a line feed that follows <pre> is none
        self.containers: list[Container] = []
        self.counts: dict[str, int] = dict.fromkeys((*CONTAINERS, *CODE), 0)  # how often each is open
        self.link: tuple[str, list[str]] | None = None  # the open one's address and label
        self.user_ids: dict[str, None] = {}
        self.prose: list[str] = []
        self.endless: set[str] = set()  # what is not closed any more

    def read(self) -> Reader:
        """Read all of it."""
        at, html = 0, self.html
        while found := TAG.search(html, at):
            self.text(html[at : found.start()])
            at = found.end()
            if found[2]:
                at = self.tag(found, found[2].lower())
        self.text(html[at:])
        return self

    def body(self) -> str:
        """Return the lines."""
        self.finish_line()
        return "\n".join(self.lines).strip("\n")

    # ---------------------------------------------------------------- text

    def text(self, text: str) -> None:
        """Add text with entities in it."""
        if not text:
            return
        if "&" in text:
            text = _ENTITY.sub(lambda entity: unescape(entity[0]), text)
        self.prose.append("\0" if self.counts["code"] or self.counts["pre"] else text)
        if self.counts["pre"]:
            self.preformatted(text)
            return
        for number, word in enumerate(_BLANKS.split(text)):
            if number:
                self.is_blank_due = bool(self.line)
            self.seen(word)

    def preformatted(self, text: str) -> None:
        """Add text whose blanks and line feeds are seen."""
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if number and not self.is_pre_new:
                self.break_line()
            self.is_pre_new = self.is_pre_new and not (number or line)
            self.seen(line)

    def seen(self, text: str) -> None:
        """Add a word to the line."""
        if not text:
            return
        if self.is_blank_due:
            text = " " + text
            self.is_blank_due = False
        self.line.append(text)
        if self.link:
            self.link[1].append(text)

    def break_line(self) -> None:
        """End the line, even if it is empty."""
        begins = "".join([each.begins() for each in self.containers[:DEEPEST]])
        self.lines.append(begins + "".join(self.line) if self.line else begins.rstrip())
        self.line.clear()
        self.is_blank_due = False

    def finish_line(self) -> None:
        """End the line unless it is empty."""
        if self.line:
            self.break_line()

    # ---------------------------------------------------------------- tags

    def tag(self, found: re.Match[str], name: str) -> int:
        """Do what a tag does and return where the text goes on."""
        behind = found.end()
        if found[1]:
            self.end(name)
        elif name in UNSEEN:
            return self.unseen(name, behind)
        else:
            self.begin(name, found[0])
        return behind

    def unseen(self, name: str, behind: int) -> int:
        """Return where something ends of which nothing is seen: where it begins, if a reply is not closed."""
        found = None if name in self.endless else UNSEEN[name].search(self.html, behind)
        if found:
            return found.end()
        self.endless.add(name)
        return behind if name == "mx-reply" else len(self.html)

    def begin(self, name: str, tag: str) -> None:
        """Do what the beginning of an element does."""
        if name in BLOCKS:
            self.finish_line()
        if name in CODE:
            self.counts[name] += 1
            self.is_pre_new = name == "pre"
        elif name in CONTAINERS:
            self.contain(name, tag)
        elif name == "a":
            self.end_link()
            self.begin_link(_attributes(tag).get("href", ""))
        else:
            self.lone(name, tag)

    def lone(self, name: str, tag: str) -> None:
        """Do what an element does that has nothing in it, or the cell of a table."""
        if name == "br":
            self.break_line()
        elif name == "hr":
            self.seen("---")
            self.finish_line()
        elif name == "img":
            self.text(_attributes(tag).get("alt", ""))
        elif name in CELLS:
            self.is_blank_due = bool(self.line)

    def end(self, name: str) -> None:
        """Do what the end of an element does."""
        if name == "a":
            self.end_link()
        if name in BLOCKS:
            self.finish_line()
        if name in CODE:
            self.counts[name] = max(0, self.counts[name] - 1)
            self.is_pre_new = False
        elif name in CONTAINERS and self.counts[name]:
            while self.release().name != name:
                pass

    # ---------------------------------------------------------------- lists and quotes

    def contain(self, name: str, tag: str) -> None:
        """Begin a list, an item or a quote; an item ends the one before it."""
        inner = self.containers[-1] if self.containers else None
        if name == "li":
            if inner and inner.name == "li":
                self.release()
                inner = self.containers[-1] if self.containers else None
            self.containers.append(_item(inner))
        elif name == "ol":
            start = _attributes(tag).get("start", "1")
            first = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
            self.containers.append(Container(name, number=first - 1))
        else:
            self.containers.append(Container(name, "> " if name == "blockquote" else ""))
        self.counts[name] += 1

    def release(self) -> Container:
        """End the innermost list, item or quote."""
        container = self.containers.pop()
        self.counts[container.name] -= 1
        return container

    # ---------------------------------------------------------------- links

    def begin_link(self, address: str) -> None:
        """Begin a link; one to a user is a mention."""
        self.link = (address, [])
        user = _USER.match(address)
        user_id = unquote(user[1]) if user else ""
        if _USER_ID.fullmatch(user_id):
            self.user_ids[user_id] = None

    def end_link(self) -> None:
        """End the link, if one is open, with its address if its label does not say it."""
        if self.link is None:
            return
        address, words = self.link
        self.link = None
        label = "".join(words).strip()
        if not address or _PILL.fullmatch(address) or label in (address, address.removeprefix("mailto:")):
            return
        self.seen(f" ({address})" if label else address)


def _item(outer: Container | None) -> Container:
    """Return an item of a list."""
    if outer is None or outer.name != "ol":
        return Container("li", "  ", "- ")
    outer.number += 1
    marker = f"{outer.number}. "
    return Container("li", " " * len(marker), marker)


def _attributes(tag: str) -> Mapping[str, str]:
    """Return the attributes of a tag that have a value."""
    pairs = _ATTRIBUTE.findall(tag)
    return {name.lower(): _ENTITY.sub(lambda entity: unescape(entity[0]), value.strip("\"'")) for name, value in pairs}
