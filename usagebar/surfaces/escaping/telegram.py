"""Telegram's escapers. A value is shown literally: its lines stay, and what is not seen."""

from __future__ import annotations

from usagebar.surfaces.escaping.cleaning import CHARACTERS
from usagebar.surfaces.escaping.pages import ENTITIES, is_plain_html

_HTML = CHARACTERS | str.maketrans(ENTITIES)
_MARKDOWNV2 = CHARACTERS | {ord(special): "\\" + special for special in r"_*[]()~`>#+-=|{}.!" + "\\"}


def telegram_html(text: str) -> str:
    """Return a text that Telegram's HTML shows literally, be it text or stand in a quoted attribute."""
    return text if is_plain_html(text) else text.translate(_HTML)


def telegram_markdownv2(text: str) -> str:
    """Return a text that Telegram's MarkdownV2 shows literally."""
    return text if text.isalnum() else text.translate(_MARKDOWNV2)
