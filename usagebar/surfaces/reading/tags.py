"""Telegram's strict HTML as markup, read as TDLib, its own library, reads it. See `appearance` for what an event is.

Stricter than TDLib in one thing: a custom emoji without a number is refused even if nothing stands in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from usagebar.record import replaced
from usagebar.surfaces.reading.faults import Fault, OpenTags, bare, in_text, shortened

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from typing import TypeAlias

    from usagebar.surfaces.reading.events import Event

    Tag: TypeAlias = Generator[Event | Fault, None, int]

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
TAGS: Mapping[str, str] = {**STYLES, "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "", "tg-time": ""}
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
LONGEST_NUMBER = 10  # characters of an entity, from its `&` on

_SPACE = r"[ \t\r\n\v]*+"
_VALUE = r"""(?:"[^"\0]*+"|'[^'\0]*+'|[a-zA-Z0-9.-]*+(?=[ \t\r\n\v>]))"""
_ATTRIBUTE = rf"""{_SPACE}[^ \t\r\n\v\0=>/"']++(?:{_SPACE}={_SPACE}{_VALUE})?+"""
# Tags as far as they go; one that goes on with anything but this is malformed.
_START = re.compile(rf"<([a-zA-Z][^ \t\r\n\v\0>]*+)((?:{_ATTRIBUTE})*+){_SPACE}(>?)")
_END = re.compile(rf"</([^ \t\r\n\v\0>]*+){_SPACE}(>?)")
_VALUES = re.compile(rf"""{_SPACE}([^ \t\r\n\v\0=>/"']++)(?:{_SPACE}={_SPACE}("[^"]*+"|'[^']*+'|[a-zA-Z0-9.-]*+))?+""")
_ENTITY = re.compile(r"&(?:#([0-9]++)|#[xX]([0-9a-fA-F]++)|([a-zA-Z]++));?")
_EMOJI_ID = re.compile("-?[1-9][0-9]{0,18}")
_INSTEAD = {
    "br": r"write a line feed, `\n`",
    **dict.fromkeys(("small", "sub", "sup"), "write `<i>` or `<blockquote>`: Telegram has no small print"),
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class Refused(ValueError):  # noqa: N818 - a finding, not a failure
    """A text that its surface does not take; the message says what is wrong with it and where."""


def telegram(text: str) -> Iterator[Event]:
    """Read Telegram's HTML. Control characters stay; what Telegram makes of them before it counts is not known.

    Raises:
        Refused: a tag is unknown, not ended or not the one that had to end, or a `<` begins none.
    """
    for found in _read(text):
        if not isinstance(found, Fault):
            yield found
        elif found.is_refused:
            raise _refused(found, text)


def telegram_faults(text: str) -> Iterator[Fault]:
    """Walk everything that is wrong with a text in Telegram's HTML."""
    return (found for found in _read(text) if isinstance(found, Fault))


def _refused(fault: Fault, text: str) -> Refused:
    line = text.count("\n", 0, fault.begin) + 1
    column = fault.begin - text.rfind("\n", 0, fault.begin)
    return Refused(f"{fault.what}, at line {line} column {column}")


def _read(text: str) -> Iterator[Event | Fault]:
    """Walk the events of a text and, between them, what is wrong with it; a mistake costs no more than its own tag."""
    opened, at = OpenTags(is_strict=True), 0
    while (start := text.find("<", at)) >= 0:
        yield from _characters(text, at, start)
        end = _END.match(text, start)
        at = yield from _start_tag(text, start, opened) if end is None else _end_tag(end, opened)
    yield from _characters(text, at, len(text))
    yield from opened.left()


# ---------------------------------------------------------------- tags


def _start_tag(text: str, start: int, opened: OpenTags) -> Tag:
    """Walk what a tag begins, and return where it ends."""
    tag = _START.match(text, start)
    if tag is None:
        yield bare(start, is_refused=True)
        return start + 1
    name = _lower(tag[1])
    if name not in TAGS:
        yield _unknown(name, tag)
        opened.pass_over(name)
    elif not tag[3]:
        what = f'expected `<{name}>` or `<{name} …="…">`, found a malformed tag `<{name}`'
        help_text = 'write attributes as `name="…"`, a `<` to be seen as `&lt;`'
        yield Fault(what, start, tag.end(1), help_text, is_refused=True)
        opened.pass_over(name)
    else:
        yield from _wrong_attributes(name, tag)
        opened.begin(name, *tag.span())
        if TAGS[name]:
            yield TAGS[name], 1
    return tag.end()


def _unknown(name: str, tag: re.Match[str]) -> Fault:
    help_text = _INSTEAD.get(name.rstrip("/"), "write `&lt;` for a `<` that is to be seen; the tags are b, i, u, s, …")
    what = f"expected a tag of Telegram's HTML, found `<{shortened(name)}>`"
    end = tag.end() if tag[3] else tag.end(1)
    return Fault(what, tag.start(), end, help_text, is_refused=True, is_alone=bool(tag[3]))


def _wrong_attributes(name: str, tag: re.Match[str]) -> Iterator[Fault]:
    attributes = [(key, unescaped(value.strip("\"'"))) for key, value in _VALUES.findall(tag[2])]
    if name == "span":
        classes = [value for key, value in attributes if key == "class" and value.startswith("tg-")]
        if classes[-1:] != ["tg-spoiler"]:
            what = 'expected `<span class="tg-spoiler">`, found another `<span>`'
            yield Fault(what, *tag.span(), "write `<tg-spoiler>`", is_refused=True)
    elif name == "tg-emoji":
        numbers = [value for key, value in attributes if key == "emoji-id"]
        if not _EMOJI_ID.fullmatch("".join(numbers[-1:])):
            what = 'expected `<tg-emoji emoji-id="…">` with a number, found another `<tg-emoji>`'
            yield Fault(what, *tag.span(), "write the number of a custom emoji", is_refused=True)


def _end_tag(tag: re.Match[str], opened: OpenTags) -> Tag:
    """Walk what ends with a tag's end, and return where that ends itself."""
    if not tag[2]:
        what = "expected `</` with a name and `>`, found a malformed end of a tag"
        yield Fault(what, tag.start(), tag.start() + 2, "write `&lt;` for a `<` that is to be seen", is_refused=True)
        return tag.end()
    name = _lower(tag[1]) or opened.innermost() or ""  # `</>` ends the innermost
    yield from opened.end(name, *tag.span())
    if TAGS.get(name):
        yield TAGS[name], -1
    return tag.end()


def _lower(name: str) -> str:
    return name.lower() if name.isascii() else name


# ---------------------------------------------------------------- characters


def _characters(text: str, begin: int, end: int) -> Iterator[Event | Fault]:
    part = text[begin:end]
    yield unescaped(part), 0
    for fault in in_text(part, begin, _ENTITY, _is_known, "Telegram's HTML"):
        number = _number(_ENTITY.match(text, fault.begin))
        yield replaced(fault, is_refused=True) if number in SURROGATES else fault


def unescaped(text: str) -> str:
    """Return a text with Telegram's entities read; what is none stays as it is."""
    return _ENTITY.sub(_character, text)


def _is_known(entity: re.Match[str]) -> bool:
    return _character(entity) != entity[0]


def _character(entity: re.Match[str]) -> str:
    if entity[3]:
        return _NAMED.get(entity[3], entity[0])
    number = _number(entity)
    return chr(number) if 0 < number < LAST_CHARACTER and number not in SURROGATES else entity[0]


def _number(entity: re.Match[str] | None) -> int:
    """Return the number of an entity, 0 if it has none that counts."""
    if entity is None or entity[3] or len(entity[0].removesuffix(";")) >= LONGEST_NUMBER:
        return 0
    return int(entity[1]) if entity[1] else int(entity[2], 16)
