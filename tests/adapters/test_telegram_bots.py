"""The example bots for Telegram answer a message that the loopback's chat gives them."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from telegram_clients import aiogram_bot, ptb_bot
from telegram_server import CHAT, TelegramServer
from telegram_texts import BadRequestError

BOTS = Path(__file__).parent.parent.parent / "examples" / "bots"
QUESTION = "Is <b>this</b> a *test*?"
FOOTER = "anthropic🦞 opus48 ↕️ 812/96"


def bot_module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, BOTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def update(message_id: int) -> dict[str, Any]:
    return {
        "update_id": 1,
        "message": {
            "message_id": message_id,
            "date": 1_700_000_000,
            "chat": {"id": CHAT, "type": "private", "first_name": "Ada"},
            "from": {"id": CHAT, "is_bot": False, "first_name": "Ada"},
            "text": QUESTION,
        },
    }


async def asked(server: TelegramServer) -> int:
    """Show the question in the chat."""
    async with ptb_bot(server) as bot:
        return int((await bot.send_message(CHAT, QUESTION)).message_id)


def check(server: TelegramServer) -> None:
    question, reply = server.shown
    text, footer = reply.text.split("\n")
    assert text.rstrip() == f"You said: {QUESTION}"
    assert footer.startswith(FOOTER)
    assert reply.marked("italic") == [footer]
    assert reply.parameters["reply_parameters"]["message_id"] == question.message_id


def test_the_bot_with_python_telegram_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = pytest.importorskip("telegram.ext")
    from telegram import Update

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    module = bot_module("telegram_ptb")
    module.INTERVAL = 0.0

    async def turn() -> None:
        async with TelegramServer() as server:
            message_id = await asked(server)
            builder = telegram.Application.builder().token(server.token).base_url(server.bot_url)
            async with builder.updater(None).build() as application:
                application.add_handler(module.ANSWERING)
                await application.process_update(Update.de_json(update(message_id), application.bot))
            check(server)
            assert server.methods().count("editMessageText") > 2

    asyncio.run(turn())


def test_an_edit_that_fails_does_not_cost_the_reply(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    telegram = pytest.importorskip("telegram.ext")
    from telegram import Update

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    module = bot_module("telegram_ptb")
    module.INTERVAL = 0.0

    async def failing(question: str) -> AsyncIterator[tuple[str, None]]:
        yield f"You said: {question}", None
        raise RuntimeError("the provider is down")

    async def turn() -> None:
        async with TelegramServer() as server:
            message_id = await asked(server)
            builder = telegram.Application.builder().token(server.token).base_url(server.bot_url)
            async with builder.updater(None).build() as application:
                application.add_handler(module.ANSWERING)
                server.failing = [None, None, BadRequestError("Internal Server Error", 500)]
                await application.process_update(Update.de_json(update(message_id), application.bot))
                check(server)
                assert "an edit failed" in caplog.text
                module.ask = failing
                await application.process_update(Update.de_json(update(message_id), application.bot))
            assert server.shown[-1].text == f"You said: {QUESTION}"
            assert "the provider is down" in caplog.text

    asyncio.run(turn())


def test_the_bot_with_aiogram() -> None:
    aiogram = pytest.importorskip("aiogram")
    module = bot_module("telegram_aiogram")

    async def turn() -> None:
        async with TelegramServer() as server:
            message_id = await asked(server)
            dispatcher = aiogram.Dispatcher()
            dispatcher.include_router(module.router)
            async with aiogram_bot(server) as bot:
                await dispatcher.feed_update(bot, aiogram.types.Update.model_validate(update(message_id)))
            check(server)

    asyncio.run(turn())
