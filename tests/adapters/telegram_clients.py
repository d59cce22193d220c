"""The real clients for Telegram, each at the loopback's own Telegram."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import pytest
from telegram_server import CHAT, Shown, TelegramServer

ResultT = TypeVar("ResultT")
Opened: TypeAlias = Callable[[TelegramServer], AbstractAsyncContextManager[Any]]


@asynccontextmanager
async def ptb_bot(server: TelegramServer, **options: Any) -> AsyncIterator[Any]:
    """A bot of python-telegram-bot's; `options` are the class's."""
    import telegram
    from telegram.request import HTTPXRequest

    # No proxy that the environment names.
    request = HTTPXRequest(httpx_kwargs={"trust_env": False, "verify": False})
    async with telegram.Bot(server.token, base_url=server.bot_url, request=request, **options) as bot:
        yield bot


@asynccontextmanager
async def aiogram_bot(server: TelegramServer, **options: Any) -> AsyncIterator[Any]:
    """A bot of aiogram's; `options` are the class's."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    async with Bot(server.token, session=session, **options) as bot:
        yield bot


class Place:
    """A bot in a chat of the loopback's, and the adapter for its client."""

    chat = CHAT

    def __init__(self, runner: asyncio.Runner, server: TelegramServer, bot: Any, adapter: ModuleType) -> None:
        self._runner = runner
        self.server = server
        self.bot = bot
        self.adapter = adapter

    @property
    def types(self) -> Any:
        """The module in which the client keeps Telegram's types."""
        return importlib.import_module("telegram" if self._is_ptb else "aiogram.types")

    @property
    def _is_ptb(self) -> bool:
        return self.adapter.__name__.endswith("python_telegram_bot")

    def keyboard(self) -> Any:
        button = self.types.InlineKeyboardButton(text="again", callback_data="again")
        return self.types.InlineKeyboardMarkup(inline_keyboard=[[button]])

    def photo(self) -> Any:
        return b"png" if self._is_ptb else self.types.BufferedInputFile(b"png", "photo.png")

    def run(self, coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self._runner.run(coroutine)

    def send(self, reply: str, bar: Any, contract: Any, **options: Any) -> list[Shown]:
        """Send a reply with a footer; return what the chat shows of it, of nothing but what was sent."""
        self.server.clear()
        sent = self.run(self.adapter.send(self.bot, CHAT, reply, bar, contract, **options))
        assert [message.message_id for message in sent] == [message.message_id for message in self.server.shown]
        return self.server.shown


@contextmanager
def placed(opened: Opened, adapter: ModuleType) -> Iterator[Place]:
    """Start a server and a bot for as long as the block runs."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Place:
            server = await stack.enter_async_context(TelegramServer())
            bot = await stack.enter_async_context(opened(server))
            return Place(runner, server, bot, adapter)

        try:
            yield runner.run(start())
        finally:
            runner.run(stack.aclose())


@contextmanager
def opened_place(adapter: str) -> Iterator[Place]:
    """Start a server and a bot for an adapter; without its client the test is left out."""
    is_ptb = adapter == "python_telegram_bot"
    pytest.importorskip("telegram" if is_ptb else "aiogram")
    with placed(ptb_bot if is_ptb else aiogram_bot, importlib.import_module(f"usagebar.adapters.{adapter}")) as place:
        yield place
