"""Each mode's escaper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.surfaces.escaping.cleaning import plain
from usagebar.surfaces.escaping.discord import discord
from usagebar.surfaces.escaping.marks import slack, whatsapp
from usagebar.surfaces.escaping.pages import html, matrix_html
from usagebar.surfaces.escaping.screen import terminal
from usagebar.surfaces.escaping.telegram import telegram_html, telegram_markdownv2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ESCAPERS: Mapping[str, Callable[[str], str]] = {
    "discord": discord,
    "telegram-html": telegram_html,
    "telegram-markdownv2": telegram_markdownv2,
    "slack": slack,
    "whatsapp": whatsapp,
    "matrix-html": matrix_html,
    "irc": plain,
    "terminal": terminal,
    "html": html,
    "plain": plain,
}
