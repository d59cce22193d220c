"""Replies with footers through discord.py, against a server that refuses what Discord refuses."""

from __future__ import annotations

import asyncio
import copy
import importlib
import io
import sys
import types
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

pytest.importorskip("aiohttp")

import aiohttp
from discord_client import discord, logged_in
from discord_server import AUTHOR, CHANNEL, TOKEN, DiscordServer, pings
from loopback_app import overtaking
from replies import BAR, END, FENCED, FOOTER, HOSTILE, LARGE, SHAPES, contract, growing, lost, slept

import usagebar
from usagebar.adapters import discord_py
from usagebar.adapters.discord_parts import place_of

Channel: TypeAlias = discord.PartialMessageable
Case: TypeAlias = Callable[[DiscordServer, Channel], Coroutine[Any, Any, None]]


def run(case: Case, **options: Any) -> None:
    """Run a case with a channel of a client that is logged in."""

    async def running() -> None:
        client = discord.Client(intents=discord.Intents.default(), **options)
        async with logged_in(client) as (server, _):
            await case(server, client.get_partial_messageable(CHANNEL))

    asyncio.run(running())


def embed() -> discord.Embed:
    return discord.Embed(description="an embed")


# ---------------------------------------------------------------- the server, by the bare client


def given(**members: Any) -> discord.AllowedMentions:
    """Return allowed mentions that are sent as they are given."""

    class Given(discord.AllowedMentions):
        def to_dict(self) -> Any:
            return members

    return Given()


INVALID = [
    ("x" * 2001, None, "content: Must be 2000 or fewer in length"),
    ("x", {"parse": ["nobody"]}, "allowed_mentions.parse.0: Value must be one of"),
    (
        "x",
        {"parse": ["users"], "users": ["1"]},
        r'allowed_mentions: parse:\["users"\] and users: .* mutually exclusive',
    ),
    (
        "x",
        {"parse": ["roles"], "roles": ["1"]},
        r'allowed_mentions: parse:\["roles"\] and roles: .* mutually exclusive',
    ),
    ("x", {"users": [*map(str, range(101))]}, "allowed_mentions.users: Must be between 0 and 100 in length"),
    ("x", {"roles": [*map(str, range(101))]}, "allowed_mentions.roles: Must be between 0 and 100 in length"),
    ("x", {"users": ["1", "1"]}, "allowed_mentions.users: The set already contains this value"),
    ("x", {"users": ["1", str(2**64)]}, f'allowed_mentions.users.1: Value "{2**64}" is not snowflake'),
]


@pytest.mark.parametrize(("content", "allowed", "said"), INVALID)
def test_the_server_refuses_an_invalid_form(content: str, allowed: Any, said: str) -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        options: dict[str, Any] = {"allowed_mentions": given(**allowed)} if allowed else {}
        with pytest.raises(discord.HTTPException, match=f"In {said}") as raised:
            await channel.send(content, **options)
        assert (raised.value.status, raised.value.code) == (400, 50035)
        assert server.messages == {}
        sent = await channel.send("taken")
        with pytest.raises(discord.HTTPException, match=f"In {said}"):
            await sent.edit(content=content, **options)
        assert server.contents == ["taken"]

    run(case)


@pytest.mark.parametrize("content", ["", " \n\t ", None])
def test_the_server_refuses_an_empty_message(content: str | None) -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        with pytest.raises(discord.HTTPException, match="Cannot send an empty message") as raised:
            await channel.send(content)
        assert (raised.value.status, raised.value.code) == (400, 50006)
        sent = await channel.send(content, embed=embed())
        await sent.edit(content="")
        assert server.contents == [""]

    run(case)


def test_the_server_refuses_whom_and_what_it_does_not_know() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        sent = await channel.send("x")
        with pytest.raises(discord.HTTPException, match="In message_reference: Unknown message"):
            await channel.send("x", reference=channel.get_partial_message(1))
        with pytest.raises(
            (discord.HTTPException, TypeError), match=r"invalid JSON|surrogates"
        ):  # TypeError: of orjson
            await channel.send("\ud800")
        await sent.delete()
        with pytest.raises(discord.NotFound, match="Unknown Message"):
            await sent.edit(content="y")
        with pytest.raises(discord.NotFound, match="Unknown Message"):
            await sent.delete()
        server.failing = 1
        with pytest.raises(discord.Forbidden, match="Missing Permissions"):
            await channel.send("x")
        assert server.messages == {}

    run(case)

    async def elsewhere() -> None:
        async with logged_in() as (_, client):
            with pytest.raises(discord.NotFound, match="Unknown Channel"):
                await client.get_partial_messageable(1).send("x")
            async with discord.Client(intents=discord.Intents.default()) as stranger:
                with pytest.raises(discord.LoginFailure):
                    await stranger.login("another token")

    asyncio.run(elsewhere())


def test_the_server_takes_what_has_its_nonce_for_the_same_message() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        first, second = await channel.send("x", nonce=7), await channel.send("y", nonce=7)
        assert (first.id, second.content, server.contents) == (second.id, "x", ["x"])

    run(case)


ALL = "@everyone `@here` <@1> \\<@!2> <@&3> <#4>"
PINGS: list[tuple[str, Any, set[str]]] = [
    (ALL, None, {"@everyone", "@here", "<@1>", "<@2>", "<@&3>"}),
    (ALL, {}, set()),
    (ALL, {"parse": []}, set()),
    (ALL, {"parse": ["everyone"]}, {"@everyone", "@here"}),
    (ALL, {"parse": ["roles", "users"]}, {"<@1>", "<@2>", "<@&3>"}),
    (ALL, {"parse": ["roles"], "users": ["2", "9"]}, {"<@2>", "<@&3>"}),
    ("no one", {"users": ["2"]}, set()),
]


@pytest.mark.parametrize(("content", "allowed", "pinged"), PINGS)
def test_whom_a_message_pings(content: str, allowed: Any, pinged: set[str]) -> None:
    assert pings(content, allowed) == pinged
    replied = pings(content, None if allowed is None else {**allowed, "replied_user": True}, is_reply=True)
    assert replied == pinged | {"reply"}
    assert pings(content, allowed, is_reply=True) == pinged | ({"reply"} if allowed is None else set())


# ---------------------------------------------------------------- one reply


def test_a_reply_is_sent_with_its_footer() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        (sent,) = await discord_py.send(channel, "It is **done**.", BAR, contract())
        assert server.contents == [sent.content] == [f"It is **done**.\n-# {FOOTER}"]
        assert [*server.messages] == [sent.id]
        assert await discord_py.send(channel, "", BAR, None) == []

    run(case)


def test_a_long_reply_is_sent_in_parts() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        sent = await discord_py.send(channel, FENCED, BAR, contract())
        assert [message.content for message in sent] == server.contents
        assert len(sent) > 5
        assert [END in content for content in server.contents] == [False] * (len(sent) - 1) + [True]
        assert {content.count("```") for content in server.contents} == {2}
        assert lost(FENCED, server.contents) == ""

    run(case)


@pytest.mark.parametrize("name", SHAPES)
def test_any_reply_is_taken(name: str) -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        sent = await discord_py.send(channel, SHAPES[name], BAR, contract())
        assert END in server.contents[-1]
        assert "".join(server.contents).count(END) == 1
        assert lost(SHAPES[name], server.contents) == ""
        edited = await discord_py.edit(sent, SHAPES[name], BAR, None)
        assert END not in "".join(server.contents)
        assert len(edited) == len(server.contents) == (0 if not SHAPES[name].strip() else len(edited))

    run(case)


def test_a_megabyte_is_taken() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        sent = await discord_py.send(channel, LARGE, BAR, contract())
        assert len(sent) == len(server.contents) > 500
        assert "\n".join(server.contents).split() == [*LARGE.split(), "-#", *FOOTER.split()]

    run(case)


# ---------------------------------------------------------------- mentions

OWN = "Ask <@11>, <@!12> or <@&13>; @here is <#14>."


@pytest.mark.parametrize("values", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_pings_and_the_reply_does(values: tuple[str, str]) -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        await discord_py.send(channel, "Nobody.", BAR, contract(*values))
        await discord_py.send(channel, "Nobody, but @", BAR, contract(*values))
        assert server.pinged == set()
        assert not pings(server.contents[-1].partition("\n")[2], None)  # not even where all mentions are allowed
        await discord_py.send(channel, OWN, BAR, contract(*values))
        assert server.pinged == {"<@11>", "<@12>", "<@&13>", "@here"}
        footer = server.contents[-1].removeprefix(f"{OWN}\n")
        assert footer.startswith("-# ")
        assert "\n" not in footer

    run(case)


# A template that names somebody: no footer notifies, whoever wrote what is in it.
LOUD = usagebar.parse(
    {"schema": "openclaw.usageBar.v1", "output": {"default": [{"text": "<@99> <@&98> {model.id|?}"}]}}
)
ONE, OTHER = discord.Object(11), discord.Object(99)
MENTIONS = [
    None,
    discord.AllowedMentions.none(),
    discord.AllowedMentions.all(),
    discord.AllowedMentions(everyone=False),
    discord.AllowedMentions(users=False, replied_user=False),
    discord.AllowedMentions(users=[ONE, OTHER], roles=False),
    discord.AllowedMentions(roles=[discord.Object(13)], everyone=True),
]


@pytest.mark.parametrize("default", MENTIONS, ids=range(len(MENTIONS)))
@pytest.mark.parametrize("asked", MENTIONS, ids=range(len(MENTIONS)))
def test_who_is_pinged_is_as_without_a_footer(
    default: discord.AllowedMentions | None, asked: discord.AllowedMentions | None
) -> None:
    """The bare client's message is what ours is held against, with a reply and who wrote what it answers."""

    async def case(server: DiscordServer, channel: Channel) -> None:
        for mention_author in (None, True, False):
            options: dict[str, Any] = {"reference": channel.get_partial_message(AUTHOR)}
            options |= {} if asked is None else {"allowed_mentions": asked}
            options |= {} if mention_author is None else {"mention_author": mention_author}
            await channel.send(OWN, **options)
            expected = server.pinged
            server.messages.clear()
            (sent,) = await discord_py.send(channel, OWN, LOUD, contract(), **options)
            assert server.pinged == expected
            # An edit says anew whom the message mentions; it is no answer.
            edited = {name: value for name, value in options.items() if name == "allowed_mentions"}
            await discord_py.edit([sent], OWN, LOUD, contract(), **edited)
            assert server.pinged == expected - {"reply"}
            server.messages.clear()

    run(case, allowed_mentions=default)


@pytest.mark.parametrize("count", [100, 101, 150])
def test_a_reply_may_mention_many(count: int) -> None:
    reply = " ".join(f"<@{number}>" for number in range(count))

    async def case(server: DiscordServer, channel: Channel) -> None:
        await discord_py.send(channel, reply, BAR, contract())
        assert len(server.pinged) == count

    run(case)


def test_a_mention_of_nobody_is_text() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        await discord_py.send(channel, f"<@{2**64}> <@&{10**19 * 9}> <@{2**64 - 1}>", BAR, contract())
        assert len(server.contents) == 1

    run(case)


# ---------------------------------------------------------------- options


def test_what_belongs_to_the_first_message_goes_with_it_alone() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        reference = channel.get_partial_message(AUTHOR)
        await discord_py.send(
            channel, FENCED, BAR, contract(), reference=reference, nonce=7, embed=embed(), silent=True
        )
        first, *further = server.requests
        assert first["message_reference"]["message_id"] == AUTHOR
        assert first["embeds"]
        assert len(further) == len(server.messages) - 1 > 4
        assert not any({"message_reference", "embeds"} & request.keys() for request in further)
        assert len({request["nonce"] for request in server.requests}) == len(server.requests)
        assert {request["flags"] for request in server.requests} == {4096}

    run(case)


def test_a_file_is_sent_once() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        await discord_py.send(channel, FENCED, BAR, contract(), file=discord.File(io.BytesIO(b"1"), "one.txt"))
        assert [request.get("attachments", []) != [] for request in server.requests][:3] == [True, False, False]
        assert END in server.contents[-1]

    run(case)


@pytest.mark.parametrize("is_in_client", [True, False])
def test_a_webhook_serves_as_well(is_in_client: bool) -> None:
    async def running() -> None:
        async with logged_in() as (server, client), aiohttp.ClientSession() as session:
            of: Any = {"client": client} if is_in_client else {"session": session}
            hook = discord.Webhook.partial(1, TOKEN, **of)
            stream = discord_py.stream(hook, BAR, interval=0)
            await stream.update(FENCED)
            assert len(server.contents) > 4
            await stream.finish(OWN, contract("@everyone"))
            (content,) = server.contents
            assert content.startswith(f"{OWN}\n-# ")
            await discord_py.send(hook, OWN, BAR, contract("@everyone", "<@5>"), username="claw")
            assert server.pinged == {"<@11>", "<@12>", "<@&13>", "@here"}
            assert server.requests[-1]["username"] == "claw"

    asyncio.run(running())


# ---------------------------------------------------------------- edits


def test_a_reply_is_shown_while_it_grows() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        stream = discord_py.stream(channel, BAR, interval=0, reference=channel.get_partial_message(AUTHOR))
        for reply in growing(FENCED):
            await stream.update(reply)
            assert END not in "".join(server.contents)
            assert lost(reply, server.contents) == ""
        first = await stream.finish(FENCED, contract())
        shown = server.contents
        assert "".join(shown).count(END) == 1
        assert END in shown[-1]
        again = await stream.finish(FENCED, contract())
        assert ([message.id for message in again], server.contents) == ([message.id for message in first], shown)
        alone = await discord_py.send(channel, FENCED, BAR, contract())
        assert server.contents[len(shown) :] == [message.content for message in alone] == shown
        assert sum("message_reference" in request for request in server.requests) == 1

    run(case)


def test_updates_wait_for_the_interval_and_the_end_does_not() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        stream = discord_py.stream(channel, BAR, interval=3600)
        for reply in growing("Word by word it comes.", 20):
            await stream.update(reply)
        assert server.contents == ["W"]
        await stream.finish("Word by word it comes.", contract())
        assert server.contents == [f"Word by word it comes.\n-# {FOOTER}"]

    run(case)


def test_a_reply_may_shrink() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        stream = discord_py.stream(channel, BAR, interval=0)
        await stream.update(FENCED)
        handles = await stream.finish(FENCED, contract())
        await handles[-1].delete()  # by somebody else
        (left,) = await stream.finish("Never mind.", contract())
        assert server.contents == [f"Never mind.\n-# {FOOTER}"]
        assert [*server.messages] == [left.id] == [handles[0].id]
        assert [message.id for message in await discord_py.edit([left], "Well.", BAR, None)] == [left.id]
        assert server.contents == ["Well."]
        longer = await discord_py.edit([left], FENCED, BAR, contract())
        assert [message.content for message in longer] == server.contents
        assert longer[0].id == left.id
        with pytest.raises(ValueError, match="expected the messages of a reply, found none"):
            await discord_py.edit([], "x", BAR, None)

    run(case)


def hook_of(client: discord.Client) -> discord.Webhook:
    """Return a webhook as an interaction's `followup` is one."""
    return discord.Webhook.from_state({"id": 1, "type": 3, "token": TOKEN}, client._connection)


@pytest.mark.parametrize("is_ephemeral", [True, False])
def test_what_went_over_a_webhook_is_edited_over_it(is_ephemeral: bool) -> None:
    async def running() -> None:
        async with logged_in() as (server, client):
            options: dict[str, Any] = {"ephemeral": True} if is_ephemeral else {"thread": discord.Object(77)}
            sent = await discord_py.send(hook_of(client), "Secret.", BAR, contract(), **options)
            edited = await discord_py.edit(sent, FENCED, BAR, contract())
            assert [message.content for message in edited] == server.contents
            shown = server.messages.values()
            assert len(shown) > 4
            assert {message.get("webhook_id") for message in shown} == {"1"}
            assert {message["flags"] & 64 for message in shown} == {64 if is_ephemeral else 0}
            assert {message["thread_id"] for message in shown} == {None if is_ephemeral else "77"}
            await discord_py.edit(edited, "Never mind.", BAR, contract())
            assert len(server.contents) == 1

    asyncio.run(running())


def test_further_parts_of_an_interactions_answer_follow_it() -> None:
    async def running() -> None:
        async with logged_in() as (server, client):
            (sent,) = await discord_py.send(hook_of(client), "Secret.", BAR, contract(), ephemeral=True)
            raw = server.messages[sent.id]
            state: Any = types.SimpleNamespace(followup=hook_of(client))
            state = discord.interactions._InteractionMessageState(state, client._connection)
            answered = discord.InteractionMessage(state=state, channel=sent.channel, data=raw)  # type: ignore[arg-type]
            place, options = place_of(answered, None)
            assert (place.token, options) == (TOKEN, {"ephemeral": True})
            public = discord.Message(state=client._connection, channel=sent.channel, data=raw)  # type: ignore[arg-type]
            for message in (public, without_its_webhook(answered), without_its_webhook(sent)):
                with pytest.raises(ValueError, match=r"channel: expected where further parts .* found none; give"):
                    await discord_py.edit([message], FENCED, BAR, contract())
            assert server.contents == [f"Secret.\n-# {FOOTER}"]
            await discord_py.edit([sent], FENCED, BAR, contract(), channel=hook_of(client))
            assert {message["flags"] for message in server.messages.values()} == {64}

    asyncio.run(running())


def without_its_webhook(message: Any) -> Any:
    """Return a message as a library would that keeps its webhook elsewhere."""
    state = types.SimpleNamespace(_parent=None)
    copied = copy.copy(message)
    copied._state = state
    return copied


def test_parts_that_somebody_deleted_are_sent_anew_in_their_order() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        for gone in (0, 1, -1):
            server.messages.clear()
            sent = await discord_py.send(channel, FENCED, BAR, contract())
            await sent[gone].delete()
            edited = await discord_py.edit(sent, FENCED.replace("line", "LINE"), BAR, contract())
            assert [message.id for message in edited] == [*server.messages]
            assert lost(FENCED.replace("line", "LINE"), server.contents) == ""
            assert [END in content for content in server.contents] == [False] * (len(sent) - 1) + [True]

    run(case)


def test_another_not_found_is_raised() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        (sent,) = await discord_py.send(channel, "One.", BAR, contract())
        sent.channel.id = 1
        for reply in ("Two.", ""):
            with pytest.raises(discord.NotFound, match="Unknown Channel"):
                await discord_py.edit([sent], reply, BAR, None)

    run(case)


def test_a_late_edit_does_not_land_on_the_footer() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        for before in ("", "One"):
            server.messages.clear()
            stream = discord_py.stream(channel, BAR, interval=0)
            await stream.update(before)
            await overtaking(server, stream, contract())
            assert server.contents == [f"One and two.\n-# {FOOTER}"]

    run(case)


def test_a_rate_limit_that_the_client_does_not_wait_for_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        stream = discord_py.stream(channel, BAR, interval=0)
        waits = slept(stream)
        await stream.update("One")
        edit = discord.Message.edit

        async def limited(self: discord.Message, **arguments: Any) -> discord.Message:
            monkeypatch.setattr(discord.Message, "edit", edit)
            raise discord.RateLimited(30.0)

        monkeypatch.setattr(discord.Message, "edit", limited)
        await stream.finish("One and two.", contract())
        assert [*map(round, waits)] == [30]
        assert server.contents == [f"One and two.\n-# {FOOTER}"]

    run(case)


def test_what_fails_is_raised_and_mended() -> None:
    async def case(server: DiscordServer, channel: Channel) -> None:
        stream = discord_py.stream(channel, BAR, interval=0, nonce=7)
        server.failing = 1
        with pytest.raises(discord.Forbidden):
            await stream.update("First.")
        await stream.update("First.")
        assert [message["nonce"] for message in server.messages.values()] == ["7"]
        server.failing = 1
        with pytest.raises(discord.Forbidden):
            await stream.finish("Second.", contract())
        assert server.contents == ["First."]
        await stream.finish("Second.", contract())
        assert server.contents == [f"Second.\n-# {FOOTER}"]

    run(case)


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "discord", None)
    monkeypatch.delitem(sys.modules, "usagebar.adapters.discord_py")
    with pytest.raises(ImportError, match=r"expected discord.py, found none; run: pip install usagebar\[discord\]"):
        importlib.import_module("usagebar.adapters.discord_py")
