"""Replies with footers through slack_sdk, against a server that refuses what Slack refuses."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("slack_sdk")

from loopback_app import overtaking
from replies import BAR, END, FENCED, FOOTER, HOSTILE, LARGE, SHAPES, contract, growing, lost, slept
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_server import CHANNEL, LONGEST_UPDATE, TOKEN, SlackServer, links, mentions, slack_serving, texts

from usagebar.adapters import slack

Case: TypeAlias = Callable[[SlackServer, AsyncWebClient], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def run(case: Case) -> None:
    """Run a case with a client of a server of its own."""

    async def running() -> None:
        async with slack_serving() as (server, url):
            await case(server, AsyncWebClient(TOKEN, base_url=url))

    asyncio.run(running())


def blocks_of(server: SlackServer) -> list[list[dict[str, Any]]]:
    """Return the text objects that each message shows."""
    return [[*texts(message)] for message in server.messages.values()]


def shown(server: SlackServer) -> list[str]:
    """Return the texts that the channel shows, block by block."""
    return [text["text"] for message in blocks_of(server) for text in message]


# ---------------------------------------------------------------- the server, by the bare client


def section(text: str, **members: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **members}}


def context(*texts: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in texts]}


INVALID = [
    ([section("")], "must be more than 0 characters", "/blocks/0/text/text"),
    ([section("x"), section("x" * 3001)], "must be less than 3001 characters", "/blocks/1/text/text"),
    ([section("x", emoji=True)], "additional properties", "/blocks/0/text"),
    ([{"type": "section"}], "must be a text object", "/blocks/0/text"),
    ([section("x")] * 51, "no more than 50 items allowed", "/blocks"),
    ([context()], "must have 1 to 10 items", "/blocks/0/elements"),
    ([context(*"12345678901")], "must have 1 to 10 items", "/blocks/0/elements"),
    ([context("x", "")], "must be more than 0 characters", "/blocks/0/elements/1/text"),
    ([context("x" * 3001)], "must be less than 3001 characters", "/blocks/0/elements/0/text"),
    ([{"type": "footer"}], "unsupported type: footer", "/blocks/0/type"),
]


@pytest.mark.parametrize(("blocks", "said", "place"), INVALID)
def test_the_server_refuses_invalid_blocks(blocks: list[Any], said: str, place: str) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        for call in (client.chat_postMessage, client.chat_update):
            sent = await client.chat_postMessage(channel=CHANNEL, text="taken")
            place_of = {"ts": sent["ts"]} if call == client.chat_update else {}
            with pytest.raises(SlackApiError) as raised:
                await call(channel=CHANNEL, text="x", blocks=blocks, **place_of)
            assert raised.value.response["error"] == "invalid_blocks"
            (message,) = raised.value.response["errors"]
            assert message.startswith(said)
            assert message.endswith(f"[json-pointer:{place}]")
        assert shown(server) == ["taken", "taken"]

    run(case)


def test_the_server_refuses_what_slack_refuses() -> None:
    async def refused(call: Any, **arguments: Any) -> str:
        with pytest.raises(SlackApiError) as raised:
            await call(**arguments)
        error: str = raised.value.response["error"]
        return error

    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        sent = await client.chat_postMessage(channel=CHANNEL, text="x" * 40_000)
        at = {"channel": CHANNEL, "ts": sent["ts"]}
        assert await refused(client.chat_postMessage, channel=CHANNEL, text="x" * 40_001) == "msg_too_long"
        assert await refused(client.chat_update, **at, text="x" * 4001) == "msg_too_long"
        for method, place in (("chat.postMessage", {"channel": CHANNEL}), ("chat.update", at)):  # the client would warn
            assert (
                await refused(client.api_call, api_method=method, json={**place, "text": " ", "blocks": []})
                == "no_text"
            )
        assert await refused(client.chat_postMessage, channel="C1", text="x") == "channel_not_found"
        assert await refused(client.chat_delete, channel=CHANNEL, ts="1.2") == "message_not_found"
        assert await refused(client.chat_postMessage, channel=CHANNEL, text="\ud800") == "invalid_json"
        stranger = AsyncWebClient("another", base_url=client.base_url)
        assert await refused(stranger.chat_postMessage, channel=CHANNEL, text="x") == "invalid_auth"
        stranger.token = None
        assert await refused(stranger.chat_postMessage, channel=CHANNEL, text="x") == "not_authed"
        server.limited = 1
        assert await refused(client.chat_delete, **at) == "ratelimited"
        await client.chat_delete(**at)
        assert server.messages == {}

    run(case)


def test_blocks_stay_unless_they_are_taken_away() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        sent = await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[section("a block")])
        await client.chat_update(channel=CHANNEL, ts=sent["ts"], text="y")
        assert shown(server) == ["a block"]
        await client.chat_update(channel=CHANNEL, ts=sent["ts"], text="y", blocks=[])
        assert shown(server) == ["y"]

    run(case)


def test_what_is_read_as_a_mention_and_a_link() -> None:
    written = (
        "<!channel> <!here|h> <@U1> <#C1|c> &lt;@U2&gt; <https://a.example|a> https://b.example <mailto:c@d.example>"
    )
    message = {"text": "<@U9>", "blocks": [section(written)]}
    assert {*mentions(message)} == {"<!channel>", "<!here|h>", "<@U1>", "<#C1|c>", "<@U9>"}
    assert [*links(message)] == ["<https://a.example|a>", "<mailto:c@d.example>", "https://b.example"]
    assert [*links({"text": "", "blocks": [section("https://b.example", verbatim=True)]})] == []
    plain = {"type": "section", "text": {"type": "plain_text", "text": "<@U1> https://b.example"}}
    assert [*mentions({"text": "", "blocks": [plain]}), *links({"text": "", "blocks": [plain]})] == []


# ---------------------------------------------------------------- one reply


def test_a_reply_is_sent_with_its_footer() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        (sent,) = await slack.send(client, CHANNEL, "It is *done*.", BAR, contract())
        (message,) = server.messages.values()
        assert sent["ts"] == message["ts"]
        assert message["text"] == f"It is *done*.\n{FOOTER}"
        assert [block["type"] for block in message["blocks"]] == ["section", "context"]
        assert shown(server) == ["It is *done*.", FOOTER]
        assert await slack.send(client, CHANNEL, "", BAR, None) == []

    run(case)


def test_a_client_that_blocks_serves_too() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        blocking = WebClient(TOKEN, base_url=client.base_url)
        stream = slack.stream(blocking, CHANNEL, BAR, interval=0)
        await stream.update(FENCED * 10)
        sent = await stream.finish(FENCED * 10, contract())
        assert len(sent) == len(server.messages) > 1
        await slack.edit(blocking, sent, "Done.", BAR, contract())
        assert shown(server) == ["Done.", FOOTER]

    run(case)


@pytest.mark.parametrize("mode", ["slack", "plain"])
def test_a_long_reply_is_sent_in_parts(mode: str) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        reply = FENCED * 8
        sent = await slack.send(client, CHANNEL, reply, BAR, contract(), mode=mode)
        assert [response["ts"] for response in sent] == [*server.messages]
        assert len(sent) > 1
        assert [END in block for block in shown(server)] == [False] * (len(shown(server)) - 1) + [True]
        assert lost(reply, shown(server)) == ""
        if mode == "slack":
            assert {text.count("```") % 2 for text in shown(server)} == {0}

    run(case)


@pytest.mark.parametrize("mode", ["slack", "plain"])
@pytest.mark.parametrize("name", SHAPES)
def test_any_reply_is_taken(name: str, mode: str) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        sent = await slack.send(client, CHANNEL, SHAPES[name], BAR, contract(), mode=mode)
        assert END in shown(server)[-1]
        assert "".join(shown(server)).count(END) == 1
        assert lost(SHAPES[name], shown(server)) == ""
        await slack.edit(client, sent, SHAPES[name], BAR, None, mode=mode)
        assert END not in "".join(shown(server))
        assert bool(server.messages) == bool(SHAPES[name].strip())

    run(case)


def test_a_megabyte_is_taken() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        await slack.send(client, CHANNEL, LARGE, BAR, contract())
        assert len(server.messages) > 20
        assert "\n".join(shown(server)).split() == [*LARGE.split(), *FOOTER.split()]

    run(case)


# ---------------------------------------------------------------- mentions

OWN = "Ask <@U11> or <!here> in <#C14>, see <https://a.example|this>."


@pytest.mark.parametrize("mode", ["slack", "plain"])
@pytest.mark.parametrize("values", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_mentions_or_links_and_the_reply_does(values: tuple[str, str], mode: str) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        await slack.send(client, CHANNEL, "Nobody.", BAR, contract(*values), mode=mode)
        assert server.mentions == set()
        assert [link for message in server.messages.values() for link in links(message)] == []
        assert "\n" not in shown(server)[-1]
        await slack.send(client, CHANNEL, OWN, BAR, contract(*values), mode=mode)
        assert server.mentions == (set() if mode == "plain" else {"<@U11>", "<!here>", "<#C14>"})

    run(case)


# ---------------------------------------------------------------- options


def test_options_go_to_the_client() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        options: dict[str, Any] = {
            "thread_ts": "1.2",
            "unfurl_links": False,
            "reply_broadcast": True,
            "metadata": {"event_type": "x"},
        }
        await slack.send(client, CHANNEL, FENCED * 10, BAR, contract(), **options)
        first, *further = server.messages.values()
        assert options.items() <= first.items()
        assert further
        for message in further:
            assert (message["thread_ts"], message["unfurl_links"]) == ("1.2", False)
            assert not {"reply_broadcast", "metadata"} & message.keys()

    run(case)


# ---------------------------------------------------------------- edits


def test_a_reply_is_shown_while_it_grows() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        reply = FENCED * 4
        stream = slack.stream(client, CHANNEL, BAR, interval=0, thread_ts="1.2")
        for so_far in growing(reply):
            await stream.update(so_far)
            assert END not in "".join(shown(server))
            assert lost(so_far, shown(server)) == ""
        first = await stream.finish(reply, contract())
        assert max(len(message["text"]) for message in server.messages.values()) <= LONGEST_UPDATE
        again = await stream.finish(reply, contract())
        assert [sent["ts"] for sent in first] == [sent["ts"] for sent in again] == [*server.messages]
        assert lost(reply, shown(server)) == ""
        assert "".join(shown(server)).count(END) == 1
        posted = await slack.send(client, CHANNEL, reply, BAR, contract())
        assert len(posted) < len(first)  # ten times as much can be posted

    run(case)


def test_updates_wait_for_the_interval_and_the_end_does_not() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        stream = slack.stream(client, CHANNEL, BAR, interval=3600)
        for reply in growing("Word by word it comes.", 20):
            await stream.update(reply)
        assert shown(server) == ["W"]
        await stream.finish("Word by word it comes.", contract())
        assert shown(server) == ["Word by word it comes.", FOOTER]

    run(case)


def test_a_reply_may_shrink() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        stream = slack.stream(client, CHANNEL, BAR, interval=0)
        handles = await stream.finish(FENCED * 10, contract())
        await client.chat_delete(channel=CHANNEL, ts=handles[-1]["ts"])  # by somebody else
        (left,) = await stream.finish("Never mind.", contract())
        assert (left["ts"], shown(server)) == (handles[0]["ts"], ["Never mind.", FOOTER])
        # A message of the caller's own, a place holder for one, may become the reply.
        held = await client.chat_postMessage(channel=CHANNEL, text="…", blocks=[section("…")])
        place = {"channel": CHANNEL, "ts": held["ts"]}
        longer = await slack.edit(client, [place], FENCED * 10, BAR, contract(), thread_ts="1.2")
        assert longer[0]["ts"] == held["ts"]
        assert server.messages[longer[1]["ts"]]["thread_ts"] == "1.2"
        with pytest.raises(ValueError, match="expected the messages of a reply, found none"):
            await slack.edit(client, [], "x", BAR, None)

    run(case)


def test_what_fails_is_raised_and_mended() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        stream = slack.stream(client, CHANNEL, BAR, interval=0, reply_broadcast=True)
        server.pause = 61
        for reply in ("First.", "Second."):
            server.limited = 1
            with pytest.raises(SlackApiError, match="ratelimited"):
                await stream.finish(reply, contract())
            await stream.finish(reply, contract())
        assert shown(server) == ["Second.", FOOTER]
        assert [message["reply_broadcast"] for message in server.messages.values()] == [True]
        sent = await stream.finish(FENCED * 10, contract())
        server.limited = 1
        with pytest.raises(SlackApiError, match="ratelimited"):
            await slack.edit(client, [sent[1], sent[0]], "", BAR, None)

    run(case)


@pytest.mark.parametrize("mode", ["slack", "plain"])
def test_a_long_reply_can_be_edited(mode: str) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        sent = await slack.send(client, CHANNEL, "a < b & c > d. " * 4000, BAR, contract(), mode=mode)
        await slack.edit(client, sent, "e < f & g > h. " * 4000, BAR, contract(), mode=mode)
        assert lost("e < f & g > h. " * 4000, shown(server)) == ""
        assert "".join(shown(server)).count(END) == 1

    run(case)


def test_further_parts_go_to_the_thread_of_the_first() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        sent = await slack.send(client, CHANNEL, "One.", BAR, contract(), thread_ts="1.2")
        for reply in ("Two.", FENCED):  # the answer to an edit tells no thread
            sent = await slack.edit(client, sent, reply, BAR, contract())
        assert len(sent) > 1
        assert {message["thread_ts"] for message in server.messages.values()} == {"1.2"}
        server.messages.clear()
        (root,) = await slack.send(client, CHANNEL, "One.", BAR, contract())
        began = {"channel": CHANNEL, "ts": root["ts"], "thread_ts": root["ts"]}  # somebody answered it
        await slack.edit(client, [began], FENCED, BAR, contract())
        assert [message for message in server.messages.values() if "thread_ts" in message] == []

    run(case)


def test_parts_that_somebody_deleted_are_sent_anew_in_their_order() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        for gone in (0, 1, -1):
            server.messages.clear()
            sent = await slack.send(client, CHANNEL, "a " * 60_000, BAR, contract())
            await client.chat_delete(channel=CHANNEL, ts=sent[gone]["ts"])
            edited = await slack.edit(client, sent, FENCED, BAR, contract())
            assert [each["ts"] for each in edited] == [*server.messages]
            assert lost(FENCED, shown(server)) == ""
            assert [END in text for text in shown(server)].index(True) == len(shown(server)) - 1

    run(case)


@pytest.mark.parametrize("blocks", [False, True])
def test_a_late_edit_does_not_land_on_the_footer(blocks: bool) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        for before in ("", "One"):
            server.messages.clear()
            used = WebClient(TOKEN, base_url=client.base_url) if blocks else client
            stream = slack.stream(used, CHANNEL, BAR, interval=0)
            await stream.update(before)
            await overtaking(server, stream, contract())
            assert shown(server) == ["One and two.", FOOTER]

    run(case)


@pytest.mark.parametrize("blocks", [False, True])
def test_slack_is_waited_for_where_it_wants_no_calls(blocks: bool) -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        used = WebClient(TOKEN, base_url=client.base_url) if blocks else client
        stream = slack.stream(used, CHANNEL, BAR, interval=0)
        waits = slept(stream)
        await stream.update("One")
        server.limited = 1
        await stream.update("One and")
        assert shown(server) == ["One"]
        server.limited = 1
        await stream.finish("One and two.", contract())
        assert shown(server) == ["One and two.", FOOTER]
        assert [*map(round, waits)] == [30, 30]

    run(case)


def test_another_refusal_is_raised() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        for reply in ("One.", ""):  # an edit and a deletion
            with pytest.raises(SlackApiError, match="channel_not_found"):
                await slack.edit(client, [{"channel": "C1", "ts": "1.2"}], reply, BAR, None)

    run(case)


def test_what_composes_the_message_wins_over_options() -> None:
    async def case(server: SlackServer, client: AsyncWebClient) -> None:
        await slack.send(client, CHANNEL, "<!here>", BAR, contract(), mode="plain", mrkdwn=True, text="x")
        (message,) = server.messages.values()
        assert (message["mrkdwn"], server.mentions) == (False, set())
        assert shown(server) == ["<!here>", FOOTER]

    run(case)


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "slack_sdk.web.async_client", None)
    monkeypatch.delitem(sys.modules, "usagebar.adapters.slack")
    with pytest.raises(ImportError, match=r"found none; run: pip install usagebar\[slack\]"):
        importlib.import_module("usagebar.adapters.slack")
