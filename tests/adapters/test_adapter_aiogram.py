"""What is aiogram's own: a bot's defaults, files, and that it may not be installed."""

from __future__ import annotations

import importlib
import sys
from functools import partial

import pytest

pytest.importorskip("aiogram")
pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from aiogram.client.default import DefaultBotProperties
from aiogram.enums import ParseMode
from telegram_cases import BAR, FOOTER, contract
from telegram_clients import aiogram_bot, placed
from telegram_server import CHAT

from usagebar.adapters import aiogram


def test_the_mode_is_not_the_bots_default() -> None:
    opened = partial(aiogram_bot, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    with placed(opened, aiogram) as place:
        (shown,) = place.send("<b>", BAR, contract("<i>"), mode="plain")
        assert shown.text == f"<b>\n{FOOTER}".replace("claw", "<i>")
        (shown,) = place.send(r"*a*\.", BAR, contract(), mode="telegram-markdownv2")
        assert shown.marked("bold") == ["a"]
        sent = place.run(aiogram.send(place.bot, CHAT, "<b>", BAR, contract(), mode="plain"))
        place.run(aiogram.edit(place.bot, sent, "<i>", BAR, contract(), mode="plain"))
        assert place.server.shown[-1].text == f"<i>\n{FOOTER}"


def test_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "usagebar.adapters.aiogram")
    monkeypatch.setitem(sys.modules, "aiogram", None)
    monkeypatch.setitem(sys.modules, "aiogram.types", None)
    monkeypatch.setitem(sys.modules, "aiogram.exceptions", None)
    with pytest.raises(ImportError, match=r"expected aiogram, found none; run: pip install usagebar\[aiogram\]"):
        importlib.import_module("usagebar.adapters.aiogram")
