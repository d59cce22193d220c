"""What becomes of the messages of a Discord reply: where more of them go, and what if one is not there any more."""

from __future__ import annotations

from typing import Any, TypeAlias

import discord

from usagebar.adapters.in_flight import GoneError

Place: TypeAlias = discord.abc.Messageable | discord.Webhook

UNKNOWN_MESSAGE = 10008


def place_of(sent: discord.Message, channel: Place | None) -> tuple[Any, dict[str, Any]]:
    """Return what sends messages next to one, and the options with which it does it as it did that one.

    It is `channel` if there is one.

    What went through a webhook or answered an interaction is not followed by a message that the channel shows in
    another's name, or shows to all. Not to find the way of such a message is a `ValueError`.
    """
    state: Any = sent._state
    place: Any = None if sent.flags.ephemeral else sent.channel
    if channel is not None:
        place = channel
    elif isinstance(sent, discord.InteractionMessage):
        place = getattr(getattr(state, "_interaction", None), "followup", None)
    elif isinstance(sent, discord.WebhookMessage):
        place = getattr(state, "_webhook", None)
    if place is None:
        raise ValueError(
            "channel: expected where further parts of a message go that a webhook sent, found none; "
            "give the webhook, or send anew with `send` or `stream`"
        )
    return place, _kept(sent, getattr(state, "_thread", None)) if isinstance(place, discord.Webhook) else {}


def _kept(sent: discord.Message, thread: Any) -> dict[str, Any]:
    """Return the options of a webhook with which a message went."""
    in_thread = {"thread": thread} if isinstance(getattr(thread, "id", None), int) else {}
    return in_thread | ({"ephemeral": True} if sent.flags.ephemeral else {})


async def edited(sent: discord.Message, arguments: dict[str, Any]) -> discord.Message:
    """Edit a message; one that somebody deleted is a `GoneError`."""
    try:
        return await sent.edit(**arguments)
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
        raise GoneError(str(error)) from error


async def deleted(sent: discord.Message) -> None:
    """Delete a message, unless somebody did."""
    try:
        await sent.delete()
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
