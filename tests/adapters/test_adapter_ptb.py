"""What is python-telegram-bot's own: a bot's defaults, its photos, and that it may not be installed."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

pytest.importorskip("telegram")
pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from telegram import MessageEntity
from telegram.constants import ParseMode
from telegram.ext import Defaults, ExtBot
from telegram.request import HTTPXRequest
from telegram_cases import BAR, FOOTER, contract
from telegram_clients import placed
from telegram_server import CHAT, TelegramServer

from usagebar.adapters import python_telegram_bot


def bot_with_defaults(server: TelegramServer) -> ExtBot[None]:
    request = HTTPXRequest(httpx_kwargs={"trust_env": False, "verify": False})
    defaults = Defaults(parse_mode=ParseMode.HTML)
    return ExtBot(server.token, base_url=server.bot_url, request=request, defaults=defaults)


def test_the_mode_is_not_the_bots_default() -> None:
    with placed(bot_with_defaults, python_telegram_bot) as place:
        (shown,) = place.send("<b>", BAR, contract("<i>"), mode="plain")
        assert shown.text == f"<b>\n{FOOTER}".replace("claw", "<i>")
        (shown,) = place.send(r"*a*\.", BAR, contract(), mode="telegram-markdownv2")
        assert shown.marked("bold") == ["a"]
        sent = place.run(python_telegram_bot.send(place.bot, CHAT, "<b>", BAR, contract(), mode="plain"))
        place.run(python_telegram_bot.edit(place.bot, sent, "<i>", BAR, contract(), mode="plain"))
        assert place.server.shown[-1].text == f"<i>\n{FOOTER}"


def test_entities_are_the_clients_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with placed(bot_with_defaults, python_telegram_bot) as place:
        given: list[object] = []
        send_message = place.bot.send_message

        async def noted(**arguments: Any) -> object:
            given.extend(arguments["entities"])
            return await send_message(**arguments)

        monkeypatch.setattr(place.bot, "_frozen", False)
        monkeypatch.setattr(place.bot, "send_message", noted)
        place.send("a", BAR, contract(), mode="plain")
    assert [type(entity) for entity in given] == [MessageEntity]


def test_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "usagebar.adapters.python_telegram_bot")
    monkeypatch.setitem(sys.modules, "telegram", None)
    with pytest.raises(ImportError, match=r"expected python-telegram-bot, .*pip install usagebar\[telegram\]"):
        importlib.import_module("usagebar.adapters.python_telegram_bot")
