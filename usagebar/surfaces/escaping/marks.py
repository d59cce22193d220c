"""Escapers of marks around words, which have no escape: Slack's and WhatsApp's.

A mark that could be one becomes a character that looks like it. Nothing that is not seen would do in its place: a word
joiner or a zero width space beside a mark is neither a blank, which may not stand inside of marks, nor a letter or a
digit, which may not stand outside. Next to a letter it would rather make a mark of what was none.
"""

from __future__ import annotations

import re

from usagebar.surfaces.escaping.cleaning import LINE, translated
from usagebar.surfaces.escaping.joints import BLANK, WORD_JOINER, begun, is_number

_LOW_LINE = "ˍ"
_WHATSAPP = LINE | str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_SLACK = _WHATSAPP | str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        ":": f"{WORD_JOINER}:{WORD_JOINER}",  # emoji codes and addresses
        "@": f"@{WORD_JOINER}",
        "#": f"#{WORD_JOINER}",
    }
)
# Between letters or digits a `_` is no mark, so names like `claude_3_5` stay.
_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_FULL_STOP = re.compile(r"\.(?=[^\W0-9_]|\Z)")  # before a letter it may be an address's
# Marks of lists and quotes, and blanks that make one of what stands before.
# And a `/`, of which a `:` before it would make an address.
_is_line_mark = re.compile(rf"{BLANK}|[>•◦▪‣+.)/-]|&gt;|[0-9]++[.)](?:{BLANK}|\Z)").match

_PING = begun("everyone", "here", "channel")
_is_ping = re.compile(_PING).match
_NAME = r"(?<=[0-9A-Za-z])_[0-9A-Za-z]"
_is_plain_slack = re.compile(
    rf"(?!{_PING})[A-Za-z][0-9A-Za-z ,%()/+-]*+(?:(?:\.[0-9]|{_NAME})[0-9A-Za-z ,%()/+-]*+)*+"
).fullmatch
_is_plain_whatsapp = re.compile(rf"[A-Za-z][0-9A-Za-z .,:;@#%()/+-]*+(?:{_NAME}[0-9A-Za-z .,:;@#%()/+-]*+)*+").fullmatch


def slack(text: str) -> str:
    """Return a text that Slack shows as it is, without styles, quotes, links, emoji codes and pings."""
    if _is_plain_slack(text):
        return text
    text = _unmarked(translated(text, _SLACK))
    if "." in text:
        text = _FULL_STOP.sub("." + WORD_JOINER, text)
    return WORD_JOINER + text if _is_ping(text) else text


def whatsapp(text: str) -> str:
    """Return a text that WhatsApp shows as it is, without styles, lists and quotes."""
    return text if _is_plain_whatsapp(text) else _unmarked(translated(text, _WHATSAPP))


def _unmarked(text: str) -> str:
    if "_" in text:
        text = _UNDERSCORE.sub(_LOW_LINE, text)
    if text[:1].isalpha():
        return text
    if is_number(text):
        return WORD_JOINER + text + WORD_JOINER
    return WORD_JOINER + text if _is_line_mark(text) else text
