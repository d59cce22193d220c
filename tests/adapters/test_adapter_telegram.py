"""Replies with their footers, through both clients for Telegram, as the chat shows them in the end."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

import pytest

pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from telegram_cases import BAR, FOOTER, HOSTILE, MODES, REPLIES, contract, joined, whole
from telegram_clients import Place, aiogram_bot, placed, ptb_bot
from telegram_server import CHAT
from telegram_texts import BadRequestError, clean

CLIENTS = {"python_telegram_bot": ("telegram", ptb_bot), "aiogram": ("aiogram", aiogram_bot)}


PTB, AIOGRAM = CLIENTS
# What does not depend on the client is asked of one at length.
BOTH = ("short html", "html code", "markdown code", "plain code", "emoji plain", "no letters plain")
SENT = [(PTB, name) for name in REPLIES] + [(AIOGRAM, name) for name in BOTH]
CLIENT_MODES = [*((PTB, mode) for mode in MODES), (AIOGRAM, "plain")]
by_client = partial(pytest.mark.parametrize, indirect=["place"])


@pytest.fixture(scope="module")
def places() -> Iterator[Callable[[str], Place]]:
    with ExitStack() as stack:

        @cache
        def opened(client: str) -> Place:
            adapter = importlib.import_module(f"usagebar.adapters.{client}")
            return stack.enter_context(placed(CLIENTS[client][1], adapter))

        yield opened


@pytest.fixture(params=CLIENTS)
def place(request: pytest.FixtureRequest, places: Callable[[str], Place]) -> Iterator[Place]:
    pytest.importorskip(CLIENTS[request.param][0])
    place = places(request.param)
    place.server.clear()
    yield place
    assert all(shown.cut_entities == 0 for shown in place.server.shown)


def test_a_reply_and_its_footer(place: Place) -> None:
    (shown,) = place.send("Two <b>tests</b> pass.", BAR, contract())
    assert shown.text == f"Two tests pass.\n{FOOTER}"
    assert shown.marked("bold") == ["tests"]
    assert shown.marked("italic") == [FOOTER]


@by_client(("place", "name"), SENT)
def test_every_character_is_shown_as_it_was_meant(place: Place, name: str) -> None:
    mode, reply = REPLIES[name]
    messages = place.send(reply, BAR, contract(), mode=mode)
    assert joined(messages, FOOTER) == whole(mode, reply)
    assert messages[-1].text.endswith(FOOTER)
    assert sum(FOOTER in message.text for message in messages) == 1


@by_client(("place", "mode"), CLIENT_MODES)
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_values_are_shown_as_they_are(place: Place, mode: str, value: str) -> None:
    (shown,) = place.send("Done", BAR, contract(value, value), mode=mode)
    written = BAR.render(contract(value, value), "telegram")
    reply, footer = shown.text[:4], shown.text[5:]
    assert reply == "Done"
    assert [each["type"] for each in shown.entities] == ["italic"]
    assert shown.marked("italic") == [footer]
    if mode == "plain":  # each in one line, and nothing in it that is not seen
        assert "\n" not in footer
        assert footer.startswith("🤖 ")
        assert footer.endswith(" (100%) · $0.0123!")
    else:
        assert footer == clean(written.replace("\ud800", "\ufffd"))
    if value.isprintable():
        assert footer == written


@pytest.mark.no_cover
def test_a_megabyte(place: Place) -> None:
    line = "A line of the answer\n"
    messages = place.send(line * (2**20 // len(line)), BAR, contract())
    assert "".join(message.text + "\n" for message in messages).count(line) == 2**20 // len(line)
    assert messages[-1].text.endswith(FOOTER)


@pytest.mark.parametrize("mode", MODES)
def test_lone_surrogates_in_a_reply(place: Place, mode: str) -> None:
    (shown,) = place.send("a\ud800b\udc00", BAR, contract(), mode=mode)
    assert shown.text == f"a\ufffdb\ufffd\n{FOOTER}"


def test_nothing_at_all_sends_nothing(place: Place) -> None:
    assert place.send("", BAR, None) == []
    assert place.send(" \n", BAR, None) == []


def test_options_go_where_they_belong(place: Place) -> None:
    (answered,) = place.send("A question", BAR, None)
    keyboard = reply_markup(place)
    place.run(
        place.adapter.send(
            *(place.bot, CHAT, "a" * 9000, BAR, contract()),
            reply_parameters=types_of(place).ReplyParameters(message_id=answered.message_id),
            disable_notification=True,
            message_thread_id=5,
            reply_markup=keyboard,
        )
    )
    sent = [shown.parameters for shown in place.server.shown[1:]]
    assert [each.get("reply_parameters", {}).get("message_id") for each in sent] == [answered.message_id, None, None]
    assert ["reply_markup" in each for each in sent] == [False, False, True]
    assert [(each["disable_notification"].lower(), each["message_thread_id"]) for each in sent] == [("true", "5")] * 3


def types_of(place: Place) -> Any:
    """Return the module in which a client keeps Telegram's types."""
    return importlib.import_module("telegram" if is_ptb(place) else "aiogram.types")


def is_ptb(place: Place) -> bool:
    return place.adapter.__name__.endswith(PTB)


def reply_markup(place: Place) -> Any:
    types = types_of(place)
    button = types.InlineKeyboardButton(text="again", callback_data="again")
    return types.InlineKeyboardMarkup(inline_keyboard=[[button]])


def photo(place: Place) -> Any:
    return b"png" if is_ptb(place) else types_of(place).BufferedInputFile(b"png", "photo.png")


@by_client(("place", "mode"), CLIENT_MODES)
@pytest.mark.parametrize("length", [10, 1000, 1024, 1025, 6000])
def test_a_photo_has_the_reply_as_its_caption(place: Place, mode: str, length: int) -> None:
    reply = "word " * (length // 5)
    call = place.adapter.send_photo(place.bot, CHAT, photo(place), reply, BAR, contract(), mode=mode)
    sent = place.run(call)
    shown = place.server.shown
    assert [message.message_id for message in sent] == [message.message_id for message in shown]
    assert [message.is_photo for message in shown] == [True] + [False] * (len(shown) - 1)
    assert joined(shown, FOOTER) == whole(mode, reply)
    assert len(shown) == (1 if length <= 950 else 2 if length < 5000 else 3)


def test_a_photo_without_a_word(place: Place) -> None:
    place.run(place.adapter.send_photo(place.bot, CHAT, photo(place), "", BAR, None, has_spoiler=True))
    (shown,) = place.server.shown
    assert (shown.is_photo, shown.text) == (True, "")


def test_a_photos_own_options_do_not_go_with_the_texts_behind_it(place: Place) -> None:
    options = {"has_spoiler": True, "show_caption_above_media": True, "disable_notification": True}
    place.run(place.adapter.send_photo(place.bot, CHAT, photo(place), "word " * 1000, BAR, contract(), **options))
    first, *others = [shown.parameters for shown in place.server.shown]
    assert options.keys() <= first.keys()
    assert [options.keys() & other.keys() for other in others] == [{"disable_notification"}]


def growing(mode: str) -> list[str]:
    """Return a reply as it grows in forty steps."""
    sentence = {"telegram-html": "A <b>bold</b> word &amp; more. ", "plain": "A *bold* word & more. "}
    sentences = sentence.get(mode, r"A *bold* word and more\. ") * 10
    return [sentences * step + "Done" for step in range(1, 41)]


@by_client(("place", "mode"), CLIENT_MODES)
def test_a_reply_grows_in_forty_steps(place: Place, mode: str) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, mode=mode, interval=0.0)
    replies = growing(mode)

    async def grow() -> None:
        for reply in replies:
            await stream.update(reply)
            texts = [shown.text for shown in place.server.shown]
            assert FOOTER not in "\n".join(texts)
            assert texts[-1].endswith("Done")

    place.run(grow())
    sent = place.run(stream.finish(replies[-1], contract()))
    again = place.run(stream.finish(replies[-1], contract()))
    shown = place.server.shown
    ids = [message.message_id for message in shown]
    assert [message.message_id for message in sent] == [message.message_id for message in again] == ids
    assert joined(shown, FOOTER) == whole(mode, replies[-1])
    assert sum(FOOTER in message.text for message in shown) == 1
    assert len(ids) > 1
    assert ids == list(range(ids[0], ids[0] + len(ids)))  # none was sent twice


def test_a_reply_that_shrinks(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
    place.run(stream.update("a" * 9000))
    assert len(place.server.shown) == 3
    place.run(stream.update("b" * 5000))
    assert len(place.server.shown) == 2
    place.run(stream.finish("Sorry.", contract()))
    assert [shown.text for shown in place.server.shown] == [f"Sorry.\n{FOOTER}"]


def test_what_telegram_trims_is_no_failure(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
    for reply in ("", " ", "One", "One ", "One \n", "One \n\nTwo"):
        place.run(stream.update(reply))
    assert [shown.text for shown in place.server.shown] == ["One \n\nTwo"]
    assert place.server.methods().count("sendMessage") == 1


def test_calls_that_overlap(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)

    async def together() -> None:
        updates = [stream.update("word " * count) for count in range(1, 1200, 100)]
        await asyncio.gather(*updates, stream.finish("word " * 1200, contract()))

    place.run(together())
    assert joined(place.server.shown, FOOTER) == whole("plain", "word " * 1200)


def test_a_failure_is_raised_and_mended(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
    place.run(stream.update("a" * 5000))
    for passed in (0, 1, 1):
        place.server.failing = [*[None] * passed, BadRequestError("Internal Server Error", 500)]
        with pytest.raises(Exception, match="Internal Server Error"):
            place.run(stream.finish("b" * 9000, contract()))
    place.run(stream.finish("b" * 9000, contract()))
    assert joined(place.server.shown, FOOTER) == whole("plain", "b" * 9000)


def test_an_edit_whose_answer_was_lost_is_no_failure_the_next_time(place: Place) -> None:
    stream = place.adapter.stream(place.bot, CHAT, BAR, interval=0.0)
    place.run(stream.update("a" * 5000))
    first, second = place.server.shown
    first.text = "Done."
    del place.server.messages[second.message_id]
    first.text = f"Done.\n{FOOTER}"
    first.entities = [{"type": "italic", "offset": 6, "length": len(FOOTER) + 1}]
    place.run(stream.finish("Done.", contract()))
    assert [shown.text for shown in place.server.shown] == [f"Done.\n{FOOTER}"]
    assert place.server.methods()[-2:] == ["deleteMessage", "editMessageText"]


def test_another_refusal_is_raised(place: Place) -> None:
    sent = place.run(place.adapter.send(place.bot, CHAT, "One", BAR, contract()))
    for refusal in ("message can't be edited", "message can't be deleted for everyone"):
        place.server.failing = [BadRequestError(f"Bad Request: {refusal}")]
        with pytest.raises(Exception, match=f"(?i){refusal}"):
            place.run(place.adapter.edit(place.bot, sent, "Two" if "edited" in refusal else "", BAR, None))
    assert [shown.text for shown in place.server.shown] == [f"One\n{FOOTER}"]
    with pytest.raises(Exception, match=r"(?i)can't parse entities"):
        place.run(place.adapter.send(place.bot, CHAT, "<i>never closed", BAR, contract()))


def test_a_reply_is_edited(place: Place) -> None:
    options = {"reply_markup": reply_markup(place)}
    sent = place.run(place.adapter.send(place.bot, CHAT, "One", BAR, contract(), **options))
    edited = place.run(place.adapter.edit(place.bot, sent, "two " * 1500, BAR, contract("another")))
    assert edited[0].message_id == sent[0].message_id
    assert joined(place.server.shown, FOOTER.replace("claw", "another")) == whole("plain", "two " * 1500)
    assert ["reply_markup" in shown.kept for shown in place.server.shown] == [False, True]
    place.run(place.adapter.edit(place.bot, edited, "Three", BAR, contract()))
    assert [shown.text for shown in place.server.shown] == [f"Three\n{FOOTER}"]
    assert "reply_markup" in place.server.shown[0].kept
    same = place.run(place.adapter.edit(place.bot, edited[:1], "Three", BAR, contract()))
    assert [message.message_id for message in same] == [sent[0].message_id]
    with pytest.raises(ValueError, match="expected the messages of a reply, found none"):
        place.run(place.adapter.edit(place.bot, [], "Three", BAR, contract()))


def test_a_preview_stays_off_when_a_text_is_edited(place: Place) -> None:
    off = types_of(place).LinkPreviewOptions(is_disabled=True)
    sent = place.run(place.adapter.send(place.bot, CHAT, "One", BAR, contract(), link_preview_options=off))
    place.run(place.adapter.edit(place.bot, sent, "Two", BAR, contract()))
    assert place.server.shown[0].kept == {"link_preview_options": {"is_disabled": True}}


def test_a_caption_is_edited(place: Place) -> None:
    options = {"show_caption_above_media": True}
    sent = place.run(place.adapter.send_photo(place.bot, CHAT, photo(place), "One", BAR, contract(), **options))
    place.run(place.adapter.edit(place.bot, sent, "Two", BAR, contract()))
    (shown,) = place.server.shown
    assert (shown.is_photo, shown.text, shown.kept) == (True, f"Two\n{FOOTER}", options)
    place.run(place.adapter.edit(place.bot, sent, "word " * 1000, BAR, contract()))
    assert [shown.is_photo for shown in place.server.shown] == [True, False]
    assert joined(place.server.shown, FOOTER) == whole("plain", "word " * 1000)
