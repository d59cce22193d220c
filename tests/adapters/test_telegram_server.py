"""The loopback's Telegram refuses what Telegram refuses: asked by the bare client, or without any."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("telegram")
pytest.importorskip("tdjson")
pytest.importorskip("aiohttp")

from telegram import MessageEntity, ReplyParameters
from telegram.error import BadRequest, InvalidToken, NetworkError
from telegram_clients import Place, placed, ptb_bot
from telegram_server import CHAT
from telegram_texts import BadRequestError, read


@pytest.fixture(scope="module")
def module_place() -> Iterator[Place]:
    with placed(ptb_bot, ModuleType("none")) as place:
        yield place


@pytest.fixture
def place(module_place: Place) -> Place:
    module_place.server.clear()
    return module_place


def entity(offset: int, length: int, kind: str = "italic", **more: Any) -> MessageEntity:
    return MessageEntity(kind, offset, length, **more)


REFUSED_TEXTS = [
    ({"text": "a.", "parse_mode": "MarkdownV2"}, r"can't parse entities: character '.' is reserved"),
    ({"text": "*a", "parse_mode": "MarkdownV2"}, "can't parse entities: can't find end of bold entity"),
    (
        {"text": "<i>a", "parse_mode": "HTML"},
        "can't parse entities: can't find end tag corresponding to start tag \"i\"",
    ),
    ({"text": "<small>a</small>", "parse_mode": "HTML"}, 'can\'t parse entities: unsupported start tag "small"'),
    ({"text": "a", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ({"text": "a" * 4097}, "message is too long"),
    ({"text": "🌑" * 2049}, "message is too long"),
    ({"text": "<b>" + "a" * 4097 + "</b>", "parse_mode": "HTML"}, "message is too long"),
    ({"text": " \n"}, "message text is empty"),
    ({"text": "\u200b\u2800"}, "message text is empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
    ({"text": "hello", "entities": [entity(0, 6)]}, "ends after the end of the text at utf-16 offset 6"),
    ({"text": "hello", "entities": [entity(9, 1)]}, "begins after the end of the text"),
    ({"text": "hello", "entities": [entity(-1, 2)]}, "incorrect offset"),
    ({"text": "hello", "entities": [entity(1, -2)]}, "incorrect length"),
    ({"text": "🌑a", "entities": [entity(1, 1)]}, "in a middle of a utf-16 symbol"),
    ({"text": "hello", "entities": [entity(0, 1, "small")]}, "unsupported type"),
    ({"text": "hello", "entities": [entity(0, 5, "text_link", url="no address !")]}, "is invalid"),
    ({"text": "hello", "reply_parameters": ReplyParameters(99)}, "message to be replied not found"),
]


@pytest.mark.parametrize(("arguments", "reason"), REFUSED_TEXTS)
def test_a_text_is_refused(place: Place, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequest) as refused:
        place.run(place.bot.send_message(CHAT, **arguments))
    assert reason in str(refused.value).lower()
    assert place.server.shown == []


def test_a_text_of_no_letters_is_refused_where_the_client_lets_it_through(place: Place) -> None:
    with pytest.raises(BadRequest, match="Message text is empty"):
        place.run(place.bot.send_message(CHAT, ""))


TAKEN = [
    ({"text": "a" * 4096}, "a" * 4096, []),
    ({"text": "  a \n"}, "a", []),
    ({"text": "<b>" * 50 + "a" * 4096 + "</b>" * 50, "parse_mode": "HTML"}, "a" * 4096, [("bold", 0, 4096)]),
    ({"text": "&lt;a&gt; <i>b</i>", "parse_mode": "HTML"}, "<a> b", [("italic", 4, 1)]),
    ({"text": r"a\. _b_", "parse_mode": "MarkdownV2"}, "a. b", [("italic", 3, 1)]),
    ({"text": "```py\nx\n```", "parse_mode": "MarkdownV2"}, "x", [("pre", 0, 1)]),
    ({"text": "🌑 hello", "entities": [entity(3, 5)]}, "🌑 hello", [("italic", 3, 5)]),
    ({"text": "a\r\nb\tc\x01d\u202ee", "entities": [entity(6, 1)]}, "a\nb c de", [("italic", 5, 1)]),
    ({"text": "<i>a </i>\n", "parse_mode": "HTML"}, "a", [("italic", 0, 1)]),
    ({"text": "\n <i> a</i>", "parse_mode": "HTML"}, " a", [("italic", 0, 2)]),
]


@pytest.mark.parametrize(("arguments", "text", "entities"), TAKEN)
def test_a_text_is_shown(place: Place, arguments: dict[str, Any], text: str, entities: list[Any]) -> None:
    sent = place.run(place.bot.send_message(CHAT, **arguments))
    assert sent.text == text
    (shown,) = place.server.shown
    assert shown.text == text
    assert [(each["type"], each["offset"], each["length"]) for each in shown.entities] == entities


def test_more_than_a_hundred_entities_are_cut_off_without_a_word(place: Place) -> None:
    place.run(place.bot.send_message(CHAT, "<b>a</b> " * 103, parse_mode="HTML"))
    (shown,) = place.server.shown
    assert len(shown.entities) == 100
    assert shown.cut_entities == 3


def test_a_caption_has_its_own_limit(place: Place) -> None:
    place.run(place.bot.send_photo(CHAT, b"png", caption="a" * 1024))
    with pytest.raises(BadRequest, match="Message caption is too long"):
        place.run(place.bot.send_photo(CHAT, b"png", caption="a" * 1025))
    place.run(place.bot.send_photo(CHAT, b"png"))
    assert [shown.text for shown in place.server.shown] == ["a" * 1024, ""]


def test_an_edit_that_changes_nothing_is_refused(place: Place) -> None:
    sent = place.run(place.bot.send_message(CHAT, "a"))
    for same in ("a", " a", "a\n"):
        with pytest.raises(BadRequest, match="Message is not modified"):
            place.run(place.bot.edit_message_text(same, CHAT, sent.message_id))
    place.run(place.bot.edit_message_text("<i>a</i>", CHAT, sent.message_id, parse_mode="HTML"))
    assert place.server.shown[0].marked("italic") == ["a"]


def test_an_edit_has_to_fit_its_message(place: Place) -> None:
    text = place.run(place.bot.send_message(CHAT, "a")).message_id
    photo = place.run(place.bot.send_photo(CHAT, b"png", caption="a")).message_id
    refusals = [
        (place.bot.edit_message_text("b", CHAT, photo), "no text in the message"),
        (place.bot.edit_message_caption(CHAT, text, caption="b"), "no caption in the message"),
        (place.bot.edit_message_text("b", CHAT, 99), "Message to edit not found"),
        (place.bot.edit_message_text("b" * 4097, CHAT, text), "Message is too long"),
        (place.bot.edit_message_caption(CHAT, photo, caption="b" * 1025), "caption is too long"),
        (place.bot.edit_message_text("<b>", CHAT, text, parse_mode="HTML"), "Can't parse entities"),
    ]
    for call, reason in refusals:
        with pytest.raises(BadRequest, match=reason):
            place.run(call)
    place.run(place.bot.edit_message_caption(CHAT, photo, caption="b"))
    assert [shown.text for shown in place.server.shown] == ["a", "b"]


def test_a_message_is_deleted_once(place: Place) -> None:
    sent = place.run(place.bot.send_message(CHAT, "a"))
    assert place.run(place.bot.delete_message(CHAT, sent.message_id))
    with pytest.raises(BadRequest, match="Message to delete not found"):
        place.run(place.bot.delete_message(CHAT, sent.message_id))


def test_another_chat_and_another_token_are_refused(place: Place) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        place.run(place.bot.send_message(7, "a"))

    class Elsewhere:
        token = "1:wrong"
        bot_url = place.server.bot_url

    async def come_in() -> None:
        async with ptb_bot(Elsewhere()):  # type: ignore[arg-type]
            pass

    with pytest.raises(InvalidToken):
        place.run(come_in())


def test_a_call_fails_when_it_is_told_to(place: Place) -> None:
    place.server.failing = [BadRequestError("Internal Server Error", 500), None]
    with pytest.raises(NetworkError, match="Internal Server Error"):
        place.run(place.bot.send_message(CHAT, "a"))
    place.run(place.bot.send_message(CHAT, "a"))
    assert place.server.methods() == ["sendMessage", "sendMessage"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"chat_id=42&text=%ff%fe"),
        ("application/x-www-form-urlencoded", b"chat_id=42&text=%ed%a0%80"),
        (
            "multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xed\xa0\x80\r\n--X--\r\n',
        ),
    ],
)
def test_text_that_is_not_utf_8_is_refused(place: Place, kind: str, body: bytes) -> None:
    request = urllib.request.Request(f"{place.server.bot_url}{place.server.token}/sendMessage", body)
    request.add_header("Content-Type", kind)

    def ask() -> str:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(urllib.error.HTTPError) as refused, opener.open(request, timeout=10):
            pass
        with refused.value as answer:
            return answer.read().decode()

    async def asked() -> str:
        import asyncio

        return await asyncio.to_thread(ask)

    assert "strings must be encoded in UTF-8" in place.run(asked())


def test_lone_surrogates_are_refused_by_the_parser() -> None:
    with pytest.raises(BadRequestError, match="UTF-8"):
        read({"text": "\ud800", "parse_mode": "HTML"}, "text", "entities")
