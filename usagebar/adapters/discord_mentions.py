"""Whom a Discord message may notify: what its sender lets it, and no more than what the reply names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from collections.abc import Mapping


def narrowed(chosen: discord.AllowedMentions, named: Mapping[str, Any]) -> discord.AllowedMentions:
    """Return what the sender chose, less whom the reply does not name.

    `named` is the `allowed_mentions` of a payload. Whether the author of the message that is replied to is notified
    stays as it was chosen.
    """
    return discord.AllowedMentions(
        everyone=bool(chosen.everyone) and "everyone" in named["parse"],
        users=_both(chosen.users, named, "users"),
        roles=_both(chosen.roles, named, "roles"),
        replied_user=chosen.replied_user,
    )


def _both(chosen: Any, named: Mapping[str, Any], kind: str) -> Any:
    if kind in named["parse"]:
        return chosen
    ids = [int(number) for number in named.get(kind, ())]
    if isinstance(chosen, Iterable):
        return [one for one in chosen if one.id in ids]
    return [discord.Object(number) for number in ids] if chosen else False
