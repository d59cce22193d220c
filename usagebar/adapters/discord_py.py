"""Replies with their footers through discord.py: `pip install usagebar[discord]`.

    await send(message.channel, reply, bar, contract, reference=message)
    await send(interaction.followup, reply, bar, contract)  # a webhook

A footer notifies nobody, and the reply only those whom the `allowed_mentions` of the client, or of the options, let it
notify; `mention_author` does what it does without a footer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar.adapters.streaming import Stream
from usagebar.surfaces import compose

try:
    import discord

    from usagebar.adapters.discord_mentions import narrowed
    from usagebar.adapters.discord_parts import Place, deleted, edited, place_of
except ImportError as error:
    raise ImportError("expected discord.py, found none; run: pip install usagebar[discord]") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces import Message

# What is sent with the nonce of another message is taken for that one, and a file can be read once.
OF_THE_FIRST = frozenset(
    ("reference", "mention_author", "nonce", "file", "files", "embed", "embeds", "stickers", "poll", "view")
)


async def send(channel: Place, reply: str, bar: UsageBar, contract: Any, **options: Any) -> list[discord.Message]:
    """Send a reply with its footer; return the messages that it became.

    `options` go to `channel.send` with each of them, those of `OF_THE_FIRST` with the first alone.
    """
    return await stream(channel, bar, **options).finish(reply, contract)


async def edit(
    sent: Sequence[discord.Message],
    reply: str,
    bar: UsageBar,
    contract: Any,
    *,
    channel: Place | None = None,
    **options: Any,
) -> list[discord.Message]:
    """Show another reply in place of what `send` or a stream returned; return its messages.

    Further parts go to `channel`; without it where the first went, over its webhook and as ephemeral as it was. Discord
    notifies nobody of an edit. None sent, or no way to where it went, is a `ValueError`.
    """
    if not sent:
        raise ValueError("expected the messages of a reply, found none")
    place, kept = place_of(sent[0], channel)
    resumed = stream(place, bar, **kept | options)
    resumed.resume(sent)
    return await resumed.finish(reply, contract)


def stream(channel: Place, bar: UsageBar, *, interval: float = 1.0, **options: Any) -> Stream[discord.Message]:
    """Return the stream of one reply, `interval` seconds at least between two edits; `options` are as in `send`."""
    return Stream(lambda text, turn: compose(text, bar, turn, "discord"), _Shown(channel, options), interval=interval)


class _Shown:
    """One reply in a channel: what sends, edits and deletes its parts."""

    def __init__(self, channel: Place, options: dict[str, Any]) -> None:
        self.channel: Any = channel
        # A webhook tells of the message that it sent if it is asked to wait for it.
        self.options = options | ({"wait": True} if isinstance(channel, discord.Webhook) else {})

    async def send(self, part: Message) -> discord.Message:
        sent: discord.Message = await self.channel.send(**self.options | self._arguments(part))
        self.options = {name: value for name, value in self.options.items() if name not in OF_THE_FIRST}
        return sent

    async def edit(self, sent: discord.Message, part: Message) -> discord.Message:
        return await edited(sent, self._arguments(part))

    delete = staticmethod(deleted)

    def retry_after(self, error: Exception) -> float | None:
        return error.retry_after if isinstance(error, discord.RateLimited) else None

    def _arguments(self, part: Message) -> dict[str, Any]:
        payload = part.payload()
        chosen = self.options.get("allowed_mentions") or discord.AllowedMentions()
        if named := payload.get("allowed_mentions"):
            client = getattr(self.channel._state, "allowed_mentions", None) or discord.AllowedMentions()
            chosen = narrowed(client.merge(chosen), named)
        return payload | {"allowed_mentions": chosen}
