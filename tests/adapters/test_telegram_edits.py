"""What edits of a reply in Telegram keep: its place, its keyboard, its photo, its order, and the last word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from loopback_app import overtaking
from replies import slept
from telegram_cases import BAR, FOOTER, contract, joined, whole
from telegram_clients import Place, opened_place
from telegram_server import CHAT
from telegram_texts import BadRequestError

LONG = "word " * 2000  # three messages


@pytest.fixture(params=["python_telegram_bot", "aiogram"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with opened_place(request.param) as place:
        yield place


def send(place: Place, reply: str, **options: Any) -> list[Any]:
    sent: list[Any] = place.run(place.adapter.send(place.bot, CHAT, reply, BAR, contract(), **options))
    return sent


def edit(place: Place, sent: list[Any], reply: str, turn: Any = None, **options: Any) -> list[Any]:
    edited: list[Any] = place.run(place.adapter.edit(place.bot, sent, reply, BAR, turn or contract(), **options))
    return edited


def keyboards(place: Place) -> list[bool]:
    return ["reply_markup" in shown.kept for shown in place.server.shown]


# ---------------------------------------------------------------- the place


PLACE = {"business_connection_id": "business", "message_thread_id": 7}


def test_an_edit_stays_in_its_topic_and_its_business_connection(place: Place) -> None:
    sent = send(place, "One", **PLACE)
    for reply in (LONG, "Two", LONG):  # edits, messages behind, and deletions
        sent = edit(place, sent, reply)
        assert joined(place.server.shown, FOOTER) == whole("plain", reply)
    assert len(place.server.shown) == 3
    assert {shown.parameters["message_thread_id"] for shown in place.server.shown} == {"7"}
    assert {shown.place["business_connection_id"] for shown in place.server.shown} == {"business"}
    assert "deleteBusinessMessages" in place.server.methods()
    assert "deleteMessage" not in place.server.methods()


def test_a_stream_stays_there_too(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0, **PLACE)
    for reply in ("One", LONG, "Two"):
        place.run(stream.update(reply))
    place.run(stream.finish(LONG, contract()))
    assert joined(place.server.shown, FOOTER) == whole("plain", LONG)
    assert {shown.parameters["message_thread_id"] for shown in place.server.shown} == {"7"}


def test_a_thread_of_answers_is_no_topic(place: Place) -> None:
    place.server.is_forum = False
    (asked,) = send(place, "A question")
    sent = send(place, "One", reply_parameters=place.types.ReplyParameters(message_id=asked.message_id))
    assert sent[0].message_thread_id == asked.message_id
    assert len(edit(place, sent, LONG)) == 3


def test_options_of_an_edit_go_to_the_further_parts(place: Place) -> None:
    sent = edit(place, send(place, "One"), LONG, disable_notification=True)
    assert [shown.parameters.get("disable_notification", "").lower() for shown in place.server.shown] == [
        "",
        *["true"] * (len(sent) - 1),
    ]


# ---------------------------------------------------------------- the keyboard


def test_a_keyboard_is_below_the_last_part_alone(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0, reply_markup=place.keyboard())
    for reply in ("One", LONG, "Two", LONG):
        place.run(stream.update(reply))
        assert keyboards(place) == [False] * (len(place.server.shown) - 1) + [True]
    place.run(stream.finish(LONG, contract()))
    assert keyboards(place) == [False, False, True]


def test_what_is_no_inline_keyboard_is_only_sent(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0, reply_markup=place.types.ForceReply())
    place.run(stream.update("One"))
    assert "force_reply" in str(place.server.shown[0].parameters["reply_markup"])
    place.run(stream.finish("One and two", contract()))
    assert "reply_markup" not in place.server.calls[-1][1]


# ---------------------------------------------------------------- photos


def test_the_first_message_that_is_sent_has_the_photo(place: Place) -> None:
    call = place.adapter.send_photo(
        place.bot, CHAT, place.photo(), "\n" * 1100 + "hello", BAR, contract(), mode="plain"
    )
    place.run(call)
    (shown,) = place.server.shown
    assert (shown.is_photo, shown.text) == (True, f"hello\n{FOOTER}")


def test_what_only_texts_have_goes_with_the_texts(place: Place) -> None:
    options = {"link_preview_options": place.types.LinkPreviewOptions(is_disabled=True)}
    sent = place.run(place.adapter.send_photo(place.bot, CHAT, place.photo(), LONG, BAR, contract(), **options))
    first, *further = [shown.kept for shown in place.server.shown]
    assert first == {}
    assert len(further) > 1
    assert [kept == {"link_preview_options": {"is_disabled": True}} for kept in further] == [True] * len(further)
    assert len(edit(place, sent, "Two")) == 1


def test_a_photo_stays_if_there_is_nothing_more_to_say(place: Place) -> None:
    sent = place.run(place.adapter.send_photo(place.bot, CHAT, place.photo(), LONG, BAR, contract()))
    edited = place.run(place.adapter.edit(place.bot, sent, "", BAR, None))
    assert [message.message_id for message in edited] == [sent[0].message_id]
    assert [(shown.is_photo, shown.text) for shown in place.server.shown] == [(True, "")]
    edit(place, edited, "Again")
    assert [(shown.is_photo, shown.text) for shown in place.server.shown] == [(True, f"Again\n{FOOTER}")]


# ---------------------------------------------------------------- what is gone


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_parts_that_somebody_deleted_are_sent_anew_in_their_order(place: Place, gone: int) -> None:
    sent = send(place, LONG, reply_markup=place.keyboard())
    del place.server.messages[sent[gone].message_id]
    reply = LONG.replace("word", "WORD")
    edited = edit(place, sent, reply)
    assert [message.message_id for message in edited] == [*place.server.messages]
    assert joined(place.server.shown, FOOTER) == whole("plain", reply)
    assert keyboards(place) == [False, False, True]


def test_a_photo_that_somebody_deleted_is_sent_anew(place: Place) -> None:
    sent = place.run(place.adapter.send_photo(place.bot, CHAT, place.photo(), LONG, BAR, contract()))
    del place.server.messages[sent[0].message_id]
    edit(place, sent, LONG.replace("word", "WORD"))
    assert joined(place.server.shown, FOOTER) == whole("plain", LONG.replace("word", "WORD"))
    assert [shown.is_photo for shown in place.server.shown] == [True] + [False] * (len(sent) - 1)
    assert place.server.shown[0].parameters["photo"] == "photo"  # as Telegram knows it


# ---------------------------------------------------------------- the last word


def test_a_late_edit_does_not_land_on_the_footer(place: Place) -> None:
    for before in ("", "One"):
        place.server.clear()
        stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
        place.run(stream.update(before))
        place.run(overtaking(place.server, stream, contract()))
        assert [shown.text for shown in place.server.shown] == [f"One and two.\n{FOOTER}"]


def test_a_deletion_that_is_refused_leaves_one_footer(place: Place) -> None:
    sent = send(place, LONG)
    place.server.failing = [BadRequestError("Bad Request: message can't be deleted for everyone")]
    with pytest.raises(Exception, match=r"(?i)message can't be deleted"):
        edit(place, sent, "Two", contract("another"))
    assert joined(place.server.shown, FOOTER) == whole("plain", LONG)


# python-telegram-bot itself warns where it raises this.
@pytest.mark.filterwarnings("ignore:.*retry_after.*datetime.timedelta")
def test_telegram_is_waited_for_where_it_wants_no_calls(place: Place) -> None:
    def flood(seconds: int) -> BadRequestError:
        return BadRequestError(f"Too Many Requests: retry after {seconds}", 429, retry_after=seconds)

    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
    waits = slept(stream)
    place.run(stream.update("One"))
    place.server.failing = [flood(3)]
    place.run(stream.update("One and"))
    calls = len(place.server.calls)
    place.run(stream.update("One and two"))
    assert (len(place.server.calls), place.server.shown[0].text) == (calls, "One")
    place.server.failing = [flood(5)]
    place.run(stream.finish("One and two.", contract()))
    assert [shown.text for shown in place.server.shown] == [f"One and two.\n{FOOTER}"]
    assert [*map(round, waits)] == [3, 5]
    place.server.failing = [flood(61)]
    with pytest.raises(Exception, match="Retry in 61 seconds"):
        send(place, "x")
