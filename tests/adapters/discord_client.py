"""A client of discord.py's that is logged in at a server of its own; without discord.py the tests are left out."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)  # discord.py imports it
    pytest.importorskip("discord")

import discord
from discord_server import TOKEN, DiscordServer, discord_serving

__all__ = ["discord", "logged_in"]


@asynccontextmanager
async def logged_in(client: discord.Client | None = None) -> AsyncIterator[tuple[DiscordServer, discord.Client]]:
    """Log a client in, and close it behind the block."""
    client = client or discord.Client(intents=discord.Intents.default())
    async with discord_serving() as (server, url):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(discord.http.Route, "BASE", url)
            async with client:
                await client.login(TOKEN)
                yield server, client
