"""Tags as markup: Telegram's strict HTML, and the HTML of a page or a Matrix client, which takes anything.

See `appearance` for what an event is.
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
HTML_STYLES: Mapping[str, str] = {**STYLES, "small": "small", "sub": "small", "sup": "small"}

LONGEST_NAME_SHOWN = 20
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)

_ATTRIBUTE = r"""\s++([a-zA-Z-]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[a-zA-Z0-9.-]++))?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_STRICT_TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:{_ATTRIBUTE})*+)\s*+>")
_TAG_NAME = re.compile(r"</?([a-zA-Z][^\s<>/]*+)")
_LENIENT_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*+)[^<>]*+>")
_TELEGRAM_ENTITY = re.compile(r"&(?:#([0-9]++)|#[xX]([0-9a-fA-F]++)|(lt|gt|amp|quot)(?![a-zA-Z]));?")
# Numbers of bounded length: what is longer is no character, and int() refuses thousands of digits.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}+|#[xX][0-9a-fA-F]{1,8}+|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")


class Refused(ValueError):  # noqa: N818 - a finding, not a failure
    """A text that its surface does not take; the message says what is wrong with it and where."""


# ---------------------------------------------------------------- Telegram


def telegram(text: str) -> Iterator[Event]:
    """Read Telegram's HTML.

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


def html(text: str) -> Iterator[Event]:
    """Read HTML as a page does: unknown tags are passed over, what is no tag is text, nothing is refused."""
    opened: Counter[str] = Counter()
    at = 0
    for tag in _LENIENT_TAG.finditer(text):
        yield _page_text(text[at : tag.start()]), 0
        at = tag.end()
        yield from _page_changes(tag[2].lower(), bool(tag[1]), opened)
    yield _page_text(text[at:]), 0


def _page_changes(name: str, is_end: bool, opened: Counter[str]) -> Iterator[Event]:
    if name == "br":
        yield "\n", 0
    elif name in HTML_STYLES and not is_end:
        opened[name] += 1
        yield HTML_STYLES[name], 1
    elif opened[name]:
        opened[name] -= 1
        yield HTML_STYLES[name], -1


def _page_text(text: str) -> str:
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)
