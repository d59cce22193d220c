"""The example bots for Discord, Slack and Matrix answer what somebody writes to them on the loopback."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp")

from discord_server import AUTHOR, BOT, CHANNEL, user

BOTS = Path(__file__).parent.parent.parent / "examples" / "bots"
QUESTION = "Is <b>this</b> a *test*, @everyone?"
REPLY = f"You said: {QUESTION}"
FOOTER = "anthropic🦞 opus48 ↕️ 812/96"


def bot_module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, BOTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bot_with_discord_py() -> None:
    from discord_client import discord, logged_in

    module = bot_module("discord_bot")

    def message(client: discord.Client, author: int, **members: Any) -> discord.Message:
        shown: dict[str, Any] = {name: [] for name in ("attachments", "embeds", "mentions", "mention_roles")}
        shown |= {"id": str(AUTHOR), "channel_id": str(CHANNEL), "type": 0, "tts": False, "pinned": False}
        shown |= {
            "content": QUESTION,
            "mention_everyone": False,
            "author": user(author) | members,
            "edited_timestamp": None,
        }
        channel: Any = client.get_partial_messageable(CHANNEL)
        return discord.Message(state=client._connection, channel=channel, data=shown)  # type: ignore[arg-type]

    async def turn() -> None:
        async with logged_in(module.bot()) as (server, client):
            await client.on_message(message(client, BOT, bot=True))  # type: ignore[attr-defined]
            assert server.contents == []
            await client.on_message(message(client, 1))  # type: ignore[attr-defined]
            (shown,) = server.contents
            assert shown.startswith(f"{REPLY}\n-# ")
            assert f"-# {FOOTER}" in shown
            assert server.pinged == {"reply"}
            assert server.requests[0]["message_reference"]["message_id"] == AUTHOR

    asyncio.run(turn())


def test_the_bot_with_slack_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("slack_sdk")
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_server import CHANNEL, TOKEN, slack_serving, texts

    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)
    module = bot_module("slack_bot")

    async def turn() -> None:
        async with slack_serving() as (server, url):
            client = AsyncWebClient(TOKEN, base_url=url)
            before = server.say("an old question")
            asked = server.say(escape(QUESTION, quote=False))
            last = await module.look(client, CHANNEL, before)
            assert last == asked
            assert await module.look(client, CHANNEL, last) > last  # its own message is seen, and not answered
            _, _, reply = server.messages.values()
            shown, footer = texts(reply)
            assert (shown, reply["thread_ts"]) == ({"type": "plain_text", "text": REPLY}, asked)
            assert footer["text"].startswith(FOOTER)
            assert server.mentions == set()

    asyncio.run(turn())


def test_the_bot_with_slack_sdk_lives_on(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("slack_sdk")
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_server import CHANNEL, TOKEN, slack_serving, texts

    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    module = bot_module("slack_bot")
    ask = module.ask

    async def failing(question: str) -> AsyncIterator[dict[str, Any]]:
        if question == "first":
            raise RuntimeError("the provider is down")
        async for response in ask(question):
            yield response

    monkeypatch.setattr(module, "ask", failing)

    async def turn() -> None:
        async with slack_serving() as (server, url):
            client = AsyncWebClient(TOKEN, base_url=url)
            before = server.say("an old question")
            server.say("first")
            last = server.say("&lt;!channel&gt; &lt;@U1&gt; @here")
            assert await module.look(client, CHANNEL, before) == last
            *_, reply = server.messages.values()
            assert next(texts(reply)) == {"type": "plain_text", "text": "You said: <!channel> <@U1> @here"}
            assert server.mentions == set()
            assert "the provider is down" in caplog.text

    asyncio.run(turn())


def test_the_bot_with_matrix_nio(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    nio = pytest.importorskip("nio")
    pytest.importorskip("html5lib")
    from matrix_server import ROOM, TOKEN, USER, html_faults, matrix_serving

    module = bot_module("matrix_bot")
    room = nio.MatrixRoom(ROOM, USER)

    def event(sender: str) -> Any:
        content = {"msgtype": "m.text", "body": QUESTION}
        members = {"event_id": "$asked", "sender": sender, "origin_server_ts": 1, "type": "m.room.message"}
        return nio.RoomMessageText.from_dict({**members, "content": content})

    async def turn() -> None:
        async with matrix_serving() as (server, url):
            monkeypatch.setenv("MATRIX_TOKEN", "another")
            with pytest.raises(SystemExit, match=r"the homeserver refused the token: .*M_UNKNOWN_TOKEN"):
                await module.log_in(url)
            monkeypatch.setenv("MATRIX_TOKEN", TOKEN)
            client = await module.log_in(url)
            try:
                await module.answer(client, room, event(USER))
                assert server.contents == []
                server.failing = 1
                await module.answer(client, room, event("@alice:example.org"))
                assert "M_FORBIDDEN" in caplog.text
                await module.answer(client, room, event("@alice:example.org"))
            finally:
                await client.close()
            (content,) = server.contents
            assert content["body"].startswith(f"{REPLY}\n{FOOTER}")
            assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$asked"}}
            assert [*html_faults(content["formatted_body"])] == []

    asyncio.run(turn())
