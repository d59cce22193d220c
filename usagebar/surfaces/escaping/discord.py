"""Discord's escaper."""

from __future__ import annotations

import re

from usagebar.surfaces.escaping.cleaning import LINE, translated
from usagebar.surfaces.escaping.joints import BLANK, ZERO_WIDTH_SPACE, begun, is_number

_TABLE = (
    LINE
    | {ord(special): "\\" + special for special in r"*_~|[<>:#" + "\\"}
    | {ord("@"): "@" + ZERO_WIDTH_SPACE}  # no backslash stops a ping: Discord looks for it in the text as it is sent
    | {ord("]"): "\\]" + ZERO_WIDTH_SPACE}  # nor keeps it from the end of a link's label, if a `(` stands behind it
    | {ord("`"): "ˋ"}  # nor from the end of the template's own code
)
_FULL_STOP = re.compile(r"\.(?![0-9])")  # before a digit it is neither a list's nor an invite's (`discord.gg/…`)
_line_mark = re.compile(rf"{BLANK}*+(?:[0-9]++(?=\))|(?=[-+)]))|(?=\()").match  # and where a link's address begins
_needs_space = re.compile(rf"[\\/]|{BLANK}").match  # a `/` would end the beginning of an address: `https:`

_PING = begun("everyone", "here")
_is_ping = re.compile(_PING).match
_is_plain = re.compile(rf"(?!{_PING})[A-Za-z][0-9A-Za-z ,%()/+-]*+(?:\.[0-9][0-9A-Za-z ,%()/+-]*+)*+").fullmatch


def discord(text: str) -> str:
    """Return a text that Discord shows as it is, and that pings nobody.

    A backslash stands before what is special anywhere, and before the marks of lines at the text's start.
    """
    if _is_plain(text):
        return text
    text = translated(text, _TABLE)
    if "." in text:
        text = _FULL_STOP.sub(r"\\.", text)
    if text[:1].isalpha():
        return ZERO_WIDTH_SPACE + text if _is_ping(text) else text
    return _started(text)


def _started(text: str) -> str:
    if mark := _line_mark(text):
        text = f"{text[: mark.end()]}\\{text[mark.end() :]}"
    if is_number(text):
        text += ZERO_WIDTH_SPACE
    # A backslash before the value must not take the value's own from it, nor a mark before it its blank.
    return ZERO_WIDTH_SPACE + text if _needs_space(text) else text
