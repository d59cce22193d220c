"""Replies with footers through matrix-nio, against a homeserver that refuses what Matrix refuses."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Coroutine
from html import escape
from typing import Any, TypeAlias

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("html5lib")
pytest.importorskip("nio")

import nio
from loopback_app import overtaking
from matrix_server import FORMAT, ROOM, TOKEN, USER, MatrixServer, canonical, html_faults, matrix_serving
from replies import BAR, CODE, END, FOOTER, HOSTILE, LARGE, SHAPES, WORD, contract, growing, lost, slept

from usagebar.adapters import matrix

Case: TypeAlias = Callable[[MatrixServer, nio.AsyncClient], Coroutine[Any, Any, None]]

LONG = f"<p>Here is the <b>code</b>:</p>\n<pre><code>{escape(CODE)}\n</code></pre>\n" * 6


def run(case: Case, token: str = TOKEN) -> None:
    """Run a case with a client of a homeserver of its own."""

    async def running() -> None:
        async with matrix_serving() as (server, url):
            client = nio.AsyncClient(url, USER)
            client.access_token = token
            try:
                await case(server, client)
            finally:
                await client.close()

    asyncio.run(running())


def formatted(server: MatrixServer) -> list[str]:
    """Return what the room shows where HTML is shown."""
    return [content["formatted_body"] for content in server.contents]


# ---------------------------------------------------------------- the server, by the bare client

TEXT = {"msgtype": "m.text", "body": "x"}
LEAST_LARGE = 64_900  # bytes of a body that the server's own members bring over the limit

REFUSED = [
    ({"msgtype": "m.text"}, "M_BAD_JSON", "'body' not in content"),
    ({"body": "x"}, "M_BAD_JSON", "'msgtype' not in content"),
    ({**TEXT, "formatted_body": "x"}, "M_BAD_JSON", "'format' not in content"),
    ({**TEXT, "body": "\ud800"}, "M_BAD_JSON", "not a JSON object of valid text"),
    ({**TEXT, "body": "x" * LEAST_LARGE}, "M_TOO_LARGE", "event too large"),
    ({**TEXT, "body": "ü" * (LEAST_LARGE // 2)}, "M_TOO_LARGE", "event too large"),
    ({**TEXT, "body": "\n" * (LEAST_LARGE // 2)}, "M_TOO_LARGE", "event too large"),
    ({**TEXT, "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}}, "M_UNKNOWN", "unknown event"),
]


@pytest.mark.parametrize(("content", "code", "said"), REFUSED, ids=range(len(REFUSED)))
def test_the_server_refuses_what_matrix_refuses(content: dict[str, Any], code: str, said: str) -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        answer = await client.room_send(ROOM, "m.room.message", content)
        assert isinstance(answer, nio.RoomSendError)
        assert answer.status_code == code
        assert said in answer.message
        assert server.events == {}
        assert isinstance(await client.room_send(ROOM, "m.room.message", TEXT), nio.RoomSendResponse)

    run(case)


def test_the_server_knows_its_room_its_user_and_its_events() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        answer = await client.room_send("!other:example.org", "m.room.message", TEXT)
        assert (answer.status_code, server.events) == ("M_FORBIDDEN", {})
        assert (await client.room_redact(ROOM, "$x")).status_code == "M_NOT_FOUND"
        replaced = {
            "rel_type": "m.replace",
            "event_id": (await client.room_send(ROOM, "m.room.message", TEXT)).event_id,
        }
        answer = await client.room_send(ROOM, "m.room.message", {**TEXT, "m.relates_to": replaced})
        assert answer.status_code == "M_BAD_JSON"
        server.failing = 1
        assert (await client.room_send(ROOM, "m.room.message", TEXT)).status_code == "M_FORBIDDEN"
        client.access_token = "another"
        assert (await client.whoami()).status_code == "M_UNKNOWN_TOKEN"
        assert server.bodies == ["x"]

    run(case)


def test_a_transaction_is_one_event() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        first = await client.room_send(ROOM, "m.room.message", TEXT, tx_id="1")
        again = await client.room_send(ROOM, "m.room.message", {**TEXT, "body": "y"}, tx_id="1")
        assert (again.event_id, server.bodies) == (first.event_id, ["x"])

    run(case)


def test_the_largest_event() -> None:
    assert canonical({"b": "ü", "a": 1}) == '{"a":1,"b":"ü"}'.encode()

    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        await client.room_send(ROOM, "m.room.message", {**TEXT, "body": ""})
        (event,) = server.events.values()
        room = 65_536 - len(canonical(event))
        assert room < LEAST_LARGE
        for length, kind in ((room, nio.RoomSendResponse), (room + 1, nio.RoomSendError)):
            assert isinstance(await client.room_send(ROOM, "m.room.message", {**TEXT, "body": "x" * length}), kind)

    run(case)


HTML = [
    ("<b>x</b> &amp; <a href='http://a.example'>y</a><br><sub>z</sub>", []),
    ("<script>x</script>", ["<script>"]),
    ("<b onclick='x'>y</b>", ["<b onclick>"]),
    ("<small>x</small>", ["<small>"]),
]


@pytest.mark.parametrize(("html", "faults"), HTML)
def test_what_is_allowed_in_html(html: str, faults: list[str]) -> None:
    assert [*html_faults(html)] == faults


@pytest.mark.parametrize("html", ["<b>x", "x</b>", "<b><i>x</b></i>", "a < b", "a &nosuch; b"])
def test_html_that_is_mended_is_a_fault(html: str) -> None:
    assert [*html_faults(html)] != []


# ---------------------------------------------------------------- one reply


def test_a_reply_is_sent_with_its_footer() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        (sent,) = await matrix.send(client, ROOM, "It is <b>done</b>.", BAR, contract())
        assert [*server.events] == [sent]
        (content,) = server.contents
        assert (content["msgtype"], content["format"]) == ("m.text", FORMAT)
        assert content["body"] == f"It is done.\n{FOOTER}"
        assert content["formatted_body"].startswith("It is <b>done</b>.")
        assert content["formatted_body"].endswith(f"<sub>{FOOTER}</sub>")
        assert [*html_faults(content["formatted_body"])] == []
        assert await matrix.send(client, ROOM, "", BAR, None) == []
        await matrix.send(client, ROOM, "2 < 3 <b>", BAR, contract(), mode="plain")
        assert "formatted_body" not in server.contents[-1]
        assert server.bodies[-1] == f"2 < 3 <b>\n{FOOTER}"

    run(case)


def test_a_long_reply_is_sent_in_parts() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        sent = await matrix.send(client, ROOM, LONG, BAR, contract())
        assert [*server.events] == sent
        assert len(sent) > 2
        assert [END in body for body in server.bodies] == [END in html for html in formatted(server)]
        assert [END in body for body in server.bodies] == [False] * (len(sent) - 1) + [True]
        assert lost(LONG, formatted(server)) == ""
        assert lost(CODE * 6, server.bodies) == ""
        assert [fault for html in formatted(server) for fault in html_faults(html)] == []
        # Each part can be replaced, and goes through the cipher of an encrypted room: an edit is no larger by much.
        assert await matrix.edit(client, ROOM, sent, LONG.replace("code", "data"), BAR, contract()) == sent

    run(case)


@pytest.mark.parametrize("mode", ["matrix-html", "plain"])
@pytest.mark.parametrize("name", SHAPES)
def test_any_reply_is_taken(name: str, mode: str) -> None:
    reply = escape(SHAPES[name]) if mode == "matrix-html" else SHAPES[name]

    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        sent = await matrix.send(client, ROOM, reply, BAR, contract(), mode=mode)
        assert END in server.bodies[-1]
        assert "".join(server.bodies).count(END) == 1
        assert lost(SHAPES[name], server.bodies) == ""
        if mode == "matrix-html":
            assert lost(reply, formatted(server)) == ""
        await matrix.edit(client, ROOM, sent, reply, BAR, None, mode=mode)
        assert END not in "".join(server.bodies)
        assert bool(server.contents) == bool(reply.strip())

    run(case)


GROWING = {  # HTML whose plain body is longer than itself
    "rules": "<hr>" * 20_000,
    "a numbered list": "<ol>" + "<li>x" * 15_000 + "</ol>",
    "quotes in quotes": "<blockquote>" * 40 + "x<br>" * 8000 + "</blockquote>" * 40,
    "lists in lists": "<ul><li>" * 99 + "x<br>" * 8000 + "</li></ul>" * 99,
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", GROWING)
def test_html_whose_plain_body_is_longer_is_taken(name: str) -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        sent = await matrix.send(client, ROOM, GROWING[name], BAR, contract())
        assert END in server.bodies[-1]
        assert lost(GROWING[name], formatted(server)) == ""
        await matrix.edit(client, ROOM, sent, GROWING[name], BAR, contract("opus 6"))
        assert "opus 6" in server.bodies[-1]

    run(case)


def test_markup_that_is_not_well_formed_is_taken() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        await matrix.send(client, ROOM, "<b>bold <i>both</b> & <u <p>" * 3000, BAR, contract())
        await matrix.send(client, ROOM, f"<{WORD}" * 12, BAR, contract())
        assert END in server.bodies[-1]

    run(case)


@pytest.mark.no_cover
@pytest.mark.parametrize("reply", [LARGE, "🌑" * 50_000, '"\\' * 100_000], ids=["lines", "moons", "escapes"])
def test_a_megabyte_is_taken(reply: str) -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        sent = await matrix.send(client, ROOM, reply, BAR, contract())
        assert len(sent) > 6
        assert server.bodies[-1].endswith(f"\n{FOOTER}")
        assert "".join("".join(server.bodies).split()) == "".join(f"{reply} {FOOTER}".split())

    run(case)


@pytest.mark.parametrize("values", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_is_markup_or_notifies(values: tuple[str, str]) -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        for reply in ("", "Nobody.", "<p>Nobody, but</p>"):
            await matrix.send(client, ROOM, reply, BAR, contract(*values))
        for content in server.contents:
            html = content["formatted_body"]
            assert [*html_faults(html)] == []
            assert {tag for tag in ("<b>", "<a ", "<script") if tag in html} == set()
            assert {tag for tag in ("<sub>", "</sub>", "<br", "<p>") if tag in content["body"]} == set()
        assert server.mentioned == set()

    run(case)


def test_the_mentions_of_the_reply_notify() -> None:
    own = '<a href="https://matrix.to/#/@alice:example.org">Alice</a>, it is done.'

    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        (sent,) = await matrix.send(client, ROOM, own, BAR, contract("@bob:example.org", "@room"))
        assert server.mentioned == {"@alice:example.org"}
        server.events[sent]["content"]["m.mentions"] = {}
        await matrix.edit(client, ROOM, [sent], own, BAR, contract())
        assert server.mentioned == set()  # nobody is notified again
        assert server.contents[-1]["m.mentions"] == {"user_ids": ["@alice:example.org"]}

    run(case)


# ---------------------------------------------------------------- options


def test_a_reply_stands_in_its_thread() -> None:
    answer = {"m.in_reply_to": {"event_id": "$asked"}}
    thread = {"rel_type": "m.thread", "event_id": "$root"}

    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        for relation in (answer, thread):
            await matrix.send(client, ROOM, LONG, BAR, contract(), relates_to=relation)
        relations = [event["content"].get("m.relates_to") for event in server.events.values()]
        half = len(relations) // 2
        assert relations == [answer] + [None] * (half - 1) + [thread] * half

    run(case)


def test_a_transaction_id_is_that_of_the_first_event() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        stream = matrix.stream(client, ROOM, BAR, interval=0, tx_id="1", ignore_unverified_devices=True)
        await stream.update("First.")
        sent = await stream.finish(LONG, contract())
        assert server.transactions["1"] == sent[0]
        assert len(server.bodies) == len(sent) > 1
        assert len(server.events) == len(sent) + 1

    run(case)


def test_a_transaction_id_is_used_once_whatever_comes_of_it() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        stream = matrix.stream(client, ROOM, BAR, interval=0, tx_id="1")
        room_send = client.room_send

        async def lost_on_the_way(*arguments: Any, **options: Any) -> None:
            await room_send(*arguments, **options)
            raise ConnectionError("no answer")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(client, "room_send", lost_on_the_way)
            with pytest.raises(ConnectionError):
                await stream.update("First.")
        (sent,) = await stream.finish("Second.", contract())
        assert server.transactions["1"] != sent
        assert server.bodies == ["First.", f"Second.\n{FOOTER}"]

    run(case)


def test_an_encrypted_room_gets_smaller_events() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        room = nio.MatrixRoom(ROOM, USER, encrypted=True)
        client.rooms[ROOM] = room
        await matrix.send(client, ROOM, LONG, BAR, contract())
        assert max(len(canonical(event)) for event in server.events.values()) < 65_536 * 3 // 4
        assert lost(LONG, formatted(server)) == ""

    run(case)


# ---------------------------------------------------------------- edits


def test_a_reply_is_shown_while_it_grows() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        stream = matrix.stream(client, ROOM, BAR, interval=0, relates_to={"m.in_reply_to": {"event_id": "$asked"}})
        for so_far in growing(LONG):
            await stream.update(so_far)
            assert END not in "".join(server.bodies)
        first = await stream.finish(LONG, contract())
        once, events = server.bodies, len(server.events)
        assert await stream.finish(LONG, contract()) == first
        assert len(server.events) == events
        server.events.clear()
        await matrix.send(client, ROOM, LONG, BAR, contract())
        assert server.bodies == once

    run(case)


def test_a_reply_may_shrink() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        sent = await matrix.send(client, ROOM, LONG, BAR, contract())
        await client.room_redact(ROOM, sent[-1])  # by somebody else
        assert await matrix.edit(client, ROOM, sent, "Never mind.", BAR, contract()) == sent[:1]
        assert server.bodies == [f"Never mind.\n{FOOTER}"]
        *_, redaction, last = server.events.values()
        assert last["content"]["body"].startswith("* Never mind.")
        assert redaction["type"] == "m.room.redaction"  # the old footer goes before the new one comes
        longer = await matrix.edit(client, ROOM, sent[:1], LONG, BAR, contract())
        assert (longer[0], len(longer), len(server.bodies)) == (sent[0], len(sent), len(sent))
        with pytest.raises(ValueError, match="expected the events of a reply, found none"):
            await matrix.edit(client, ROOM, [], "x", BAR, None)

    run(case)


def test_what_the_client_returns_as_an_error_is_raised_and_mended() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        stream = matrix.stream(client, ROOM, BAR, interval=0)
        for reply in ("First.", "Second."):
            server.failing = 1
            with pytest.raises(matrix.RefusedError, match="homeserver refused the event: RoomSendError: M_FORBIDDEN"):
                await stream.finish(reply, contract())
            await stream.finish(reply, contract())
        assert server.bodies == [f"Second.\n{FOOTER}"]
        server.failing = 1
        with pytest.raises(matrix.RefusedError, match="RoomRedactError") as raised:
            await stream.finish("", None)
        assert raised.value.answer.status_code == "M_FORBIDDEN"
        assert await stream.finish("", None) == []
        assert server.bodies == []

    run(case)

    async def stranger(server: MatrixServer, client: nio.AsyncClient) -> None:
        with pytest.raises(matrix.RefusedError, match="M_UNKNOWN_TOKEN"):
            await matrix.send(client, ROOM, "x", BAR, contract())

    run(stranger, "another")


def test_a_late_edit_does_not_land_on_the_footer() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        for before in ("", "One"):
            server.events.clear()
            stream = matrix.stream(client, ROOM, BAR, interval=0)
            await stream.update(before)
            await overtaking(server, stream, contract())
            assert server.bodies == [f"One and two.\n{FOOTER}"]

    run(case)


def test_a_homeserver_that_wants_no_events_is_waited_for() -> None:
    async def case(server: MatrixServer, client: nio.AsyncClient) -> None:
        client.config = nio.AsyncClientConfig(max_limit_exceeded=0)  # else the client itself waits
        stream = matrix.stream(client, ROOM, BAR, interval=0)
        waits = slept(stream)
        await stream.update("One")
        server.limiting = [4000]
        await stream.update("One and")
        assert server.bodies == ["One"]
        server.limiting = [7000]
        await stream.finish("One and two.", contract())
        assert server.bodies == [f"One and two.\n{FOOTER}"]
        assert [*map(round, waits)] == [4, 7]
        server.limiting = [61_000]
        with pytest.raises(matrix.RefusedError, match="M_LIMIT_EXCEEDED"):
            await matrix.send(client, ROOM, "x", BAR, contract())

    run(case)


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nio", None)
    monkeypatch.delitem(sys.modules, "usagebar.adapters.matrix")
    with pytest.raises(ImportError, match=r"expected matrix-nio, found none; run: pip install usagebar\[matrix\]"):
        importlib.import_module("usagebar.adapters.matrix")
