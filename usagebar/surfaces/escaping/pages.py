"""Escapers of HTML: web pages and Matrix."""

from __future__ import annotations

import re

from usagebar.surfaces.escaping.cleaning import LINE, translated
from usagebar.surfaces.escaping.joints import WORD_JOINER, begun

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}

# Code points that HTML takes for errors.
_NONCHARACTERS = [
    *range(0xFDD0, 0xFDF0),
    *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
]
_HTML = LINE | dict.fromkeys(_NONCHARACTERS, "\ufffd") | str.maketrans(ENTITIES)
_MATRIX = _HTML | {ord("@"): "@" + WORD_JOINER}

is_plain_html = re.compile(r"[0-9A-Za-z .,:;/%()+_~|-]*+").fullmatch
# Of a room's ping the template may have written the `@`.
_PING = f"(?i:{begun('room')})"
_is_ping = re.compile(_PING).match
_is_plain_matrix = re.compile(rf"(?!{_PING})[0-9A-Za-z .,:;/%()+_~|-]*+").fullmatch


def html(text: str) -> str:
    """Return a text that HTML shows as it is, be it an element's text or stand in a quoted attribute."""
    return text if is_plain_html(text) else translated(text, _HTML)


def matrix_html(text: str) -> str:
    """Return a text that Matrix shows as it is, and that pings nobody."""
    if _is_plain_matrix(text):
        return text
    text = translated(text, _MATRIX)
    return WORD_JOINER + text if _is_ping(text) else text
