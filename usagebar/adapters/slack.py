"""Replies with their footers through slack_sdk: `pip install usagebar[slack]`.

    await send(client, event["channel"], reply, bar, contract, thread_ts=event["ts"])

The client is an `AsyncWebClient`, or a `WebClient`, whose calls are made in threads.
"""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeAlias

from usagebar.adapters.streaming import Stream
from usagebar.surfaces import compose

try:
    from slack_sdk.errors import SlackApiError
    from slack_sdk.web import SlackResponse, WebClient
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse
except ImportError as error:
    raise ImportError("expected slack_sdk and aiohttp, found none; run: pip install usagebar[slack]") from error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces import Message

Client: TypeAlias = AsyncWebClient | WebClient
Response: TypeAlias = AsyncSlackResponse | SlackResponse

OF_THE_FIRST = ("attachments", "metadata", "reply_broadcast")
OF_EDITS = ("link_names", "parse")


async def send(
    client: Client, channel: str, reply: str, bar: UsageBar, contract: Any, *, mode: str | None = None, **options: Any
) -> list[Response]:
    """Send a reply with its footer; return Slack's answers for its messages: `channel`, `ts`, `message`.

    `options` go to `chat.postMessage` with each of them, those of `OF_THE_FIRST` with the first alone.
    """
    return await stream(client, channel, bar, mode=mode, **options).finish(reply, contract)


async def edit(
    client: Client, sent: Sequence[Any], reply: str, bar: UsageBar, contract: Any, **options: Any
) -> list[Response]:
    """Show another reply in place of `sent`, mappings with `channel` and `ts`; return Slack's answers."""
    if not sent:
        raise ValueError("expected the messages of a reply, found none")
    edited = stream(client, sent[0]["channel"], bar, **options)
    edited.resume(sent)
    return await edited.finish(reply, contract)


def stream(
    client: Client, channel: str, bar: UsageBar, *, mode: str | None = None, interval: float = 1.2, **options: Any
) -> Stream[Response]:
    """Return the stream of one reply, `interval` seconds at least between two edits; `options` are as in `send`."""
    shown = _Shown(client, channel, options)
    return Stream(
        lambda reply, contract: compose(reply, bar, contract, "slack", mode=mode),
        *(shown.send, shown.edit, shown.delete),
        interval=interval,
    )


class _Shown:
    """One reply in a channel: what posts, edits and deletes its parts."""

    def __init__(self, client: Client, channel: str, options: dict[str, Any]) -> None:
        self.client = client
        self.channel = channel
        self.options = options

    async def send(self, part: Message) -> Response:
        sent = await _answer(self.client.chat_postMessage, channel=self.channel, **self.options, **part.payload())
        self.options = {name: value for name, value in self.options.items() if name not in OF_THE_FIRST}
        return sent

    async def edit(self, sent: Any, part: Message) -> Response:
        options = {name: self.options[name] for name in OF_EDITS if name in self.options} | part.payload()
        return await _answer(self.client.chat_update, channel=sent["channel"], ts=sent["ts"], **options)

    async def delete(self, sent: Any) -> None:
        try:
            await _answer(self.client.chat_delete, channel=sent["channel"], ts=sent["ts"])
        except SlackApiError as refusal:
            if refusal.response["error"] != "message_not_found":  # somebody else deleted it
                raise


async def _answer(call: Any, **arguments: Any) -> Response:
    made: Awaitable[Response] = call(**arguments) if iscoroutinefunction(call) else asyncio.to_thread(call, **arguments)
    return await made
