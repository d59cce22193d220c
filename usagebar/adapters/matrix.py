"""Replies with their footers through matrix-nio: `pip install usagebar[matrix]`.

    await send(client, room.room_id, reply, bar, contract, relates_to={"m.in_reply_to": {"event_id": event.event_id}})

`relates_to` is the content's `m.relates_to`: of the first event, of each if it has a `rel_type` (`m.thread`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar.adapters.streaming import Stream
from usagebar.surfaces import compose

try:
    import nio

    from usagebar.adapters.matrix_answers import RefusedError, accepted, retry_after
except ImportError as error:
    raise ImportError("expected matrix-nio, found none; run: pip install usagebar[matrix]") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces import Message

__all__ = ["RefusedError", "edit", "send", "stream"]

ENCRYPTED_LIMIT = 47_000  # bytes of an event that is not too long as ciphertext in base64
LONGEST_FALLBACK = 200  # characters of an edit that are shown where edits are not known


async def send(
    client: nio.AsyncClient, room_id: str, reply: str, bar: UsageBar, contract: Any, **options: Any
) -> list[str]:
    """Send a reply with its footer; return the ids of its events. `options`: `mode`, those of `room_send`."""
    return await stream(client, room_id, bar, **options).finish(reply, contract)


async def edit(
    client: nio.AsyncClient, room_id: str, sent: Sequence[str], reply: str, bar: UsageBar, contract: Any, **options: Any
) -> list[str]:
    """Show another reply in place of what `send` or a stream returned; return its ids. An edit notifies nobody."""
    if not sent:
        raise ValueError("expected the events of a reply, found none")
    edited = stream(client, room_id, bar, **options)
    edited.resume(sent)
    return await edited.finish(reply, contract)


def stream(
    client: nio.AsyncClient, room_id: str, bar: UsageBar, *, interval: float = 2.0, **options: Any
) -> Stream[str]:
    """Return the stream of one reply, `interval` seconds at least between two edits; `options` are as in `send`."""
    limit = ENCRYPTED_LIMIT if room_id in client.rooms and client.rooms[room_id].encrypted else None
    mode = options.pop("mode", None)
    return Stream(
        lambda reply, contract: compose(reply, bar, contract, "matrix", mode=mode, limit=limit),
        _Shown(client, room_id, options),
        interval=interval,
    )


class _Shown:
    """One reply in a room: what sends, replaces and redacts its events."""

    def __init__(self, client: nio.AsyncClient, room_id: str, options: dict[str, Any]) -> None:
        self.relation = {"m.relates_to": options.pop("relates_to")} if "relates_to" in options else {}
        self.client, self.room_id, self.options = client, room_id, options

    async def send(self, part: Message) -> str:
        sent = await self._sent(part.payload() | self.relation)
        self.relation = self.relation if "rel_type" in self.relation.get("m.relates_to", {}) else {}
        return sent

    async def edit(self, sent: str, part: Message) -> None:
        content = part.payload()
        # The outer mentions are whom an edit notifies; the outer body is for clients that know no edits.
        outer = {"msgtype": content["msgtype"], "body": f"* {content['body'][:LONGEST_FALLBACK]}", "m.mentions": {}}
        replaced = {"m.new_content": content, "m.relates_to": {"rel_type": "m.replace", "event_id": sent}}
        await self._sent(outer | replaced)

    async def delete(self, sent: str) -> str:
        return accepted(await self.client.room_redact(self.room_id, sent))

    def retry_after(self, error: Exception) -> float | None:
        return retry_after(error)

    async def _sent(self, content: dict[str, Any]) -> str:
        # Whatever comes of it, another event with this transaction's id would be taken for this one.
        options = self.options | {"tx_id": self.options.pop("tx_id", None)}
        return accepted(await self.client.room_send(self.room_id, "m.room.message", content, **options))
