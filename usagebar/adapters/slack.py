"""Replies with their footers through slack_sdk: `pip install usagebar[slack]`.

    await send(client, event["channel"], reply, bar, contract, thread_ts=event["ts"])

The client is an `AsyncWebClient`, or a `WebClient`, whose calls are made in threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from usagebar.adapters.streaming import Stream
from usagebar.surfaces import compose

try:
    from slack_sdk.web import WebClient
    from slack_sdk.web.async_client import AsyncWebClient

    from usagebar.adapters.slack_answers import Response, answer, deleted, edited, retry_after, thread_of
except ImportError as error:
    raise ImportError("expected slack_sdk and aiohttp, found none; run: pip install usagebar[slack]") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.adapters.streaming import Compose
    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces import Message

Client: TypeAlias = AsyncWebClient | WebClient

OF_THE_FIRST = ("attachments", "metadata", "reply_broadcast")
OF_EDITS = ("link_names", "parse")
LONGEST_EDIT = 4000  # characters of a text that `chat.update` takes: a tenth of what may be posted


async def send(
    client: Client, channel: str, reply: str, bar: UsageBar, contract: Any, *, mode: str | None = None, **options: Any
) -> list[Response]:
    """Send a reply with its footer; return Slack's answers for its messages: `channel`, `ts`, `message`.

    `options` go to `chat.postMessage` with each of them, those of `OF_THE_FIRST` with the first alone.
    """
    return await Stream(_composing(bar, mode), _Shown(client, channel, options)).finish(reply, contract)


async def edit(
    client: Client, sent: Sequence[Any], reply: str, bar: UsageBar, contract: Any, **options: Any
) -> list[Response]:
    """Show another reply in place of `sent`, mappings with `channel` and `ts`, in their thread; return the answers."""
    if not sent:
        raise ValueError("expected the messages of a reply, found none")
    resumed = stream(client, sent[0]["channel"], bar, **thread_of(sent[0]) | options)
    resumed.resume(sent)
    return await resumed.finish(reply, contract)


def stream(
    client: Client, channel: str, bar: UsageBar, *, mode: str | None = None, interval: float = 1.2, **options: Any
) -> Stream[Response]:
    """Return the stream of one reply, `interval` seconds at least between two edits; `options` are as in `send`."""
    return Stream(_composing(bar, mode, LONGEST_EDIT), _Shown(client, channel, options), interval=interval)


def _composing(bar: UsageBar, mode: str | None, limit: int | None = None) -> Compose:
    return lambda reply, contract: compose(reply, bar, contract, "slack", mode=mode, limit=limit)


class _Shown:
    """One reply in a channel: what posts, edits and deletes its parts."""

    def __init__(self, client: Client, channel: str, options: dict[str, Any]) -> None:
        self.client = client
        self.channel = channel
        self.options = options

    async def send(self, part: Message) -> Response:
        arguments = {**self.options, **part.payload(), "channel": self.channel}
        sent = await answer(self.client.chat_postMessage, **arguments)
        self.options = {name: value for name, value in self.options.items() if name not in OF_THE_FIRST}
        return sent

    async def edit(self, sent: Any, part: Message) -> Response:
        options = {name: self.options[name] for name in OF_EDITS if name in self.options} | part.payload()
        options["text"] = options["text"][:LONGEST_EDIT]  # where plain text is full of `<`; the blocks show all of it
        return await edited(self.client.chat_update, sent, options)

    async def delete(self, sent: Any) -> None:
        await deleted(self.client.chat_delete, sent)

    def retry_after(self, error: Exception) -> float | None:
        return retry_after(error)
