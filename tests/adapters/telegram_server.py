"""Telegram on the loopback: a Bot API that refuses what Telegram refuses, and keeps what it shows.

Texts are parsed, cleaned and their entities checked by TDLib, which is what the Bot API itself runs on; the limits,
the answers' words and what is done with a message afterwards are those of the Bot API's server.

    async with TelegramServer() as server:
        bot = telegram.Bot(server.token, base_url=server.bot_url)
        ...
        assert [message.text for message in server.shown] == ["Done."]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web
from loopback_app import Gate, through
from telegram_texts import BadRequestError, Entity, Parameters, read

TOKEN = "123456:loopback"
CHAT = 42
ENTITY_LIMIT = 100


@dataclass
class Shown:
    """A message as a chat shows it: its text or caption as it is read, without markup."""

    message_id: int
    text: str
    entities: list[Entity]
    is_photo: bool = False
    parameters: Parameters = field(default_factory=dict)  # of the call that sent it
    kept: Parameters = field(default_factory=dict)  # the keyboard and its like, of the last call
    place: Parameters = field(default_factory=dict)  # the topic, the thread, the business connection
    cut_entities: int = 0

    def as_json(self) -> dict[str, Any]:
        base = {
            "message_id": self.message_id,
            "date": 1_700_000_000,
            "chat": {"id": CHAT, "type": "private", "first_name": "Ada"},
            "from": {"id": 123456, "is_bot": True, "first_name": "claw", "username": "claw_bot"},
        }
        base |= self.kept | self.place
        if not self.is_photo:
            return base | {"text": self.text, "entities": self.entities}
        photo = [{"file_id": "photo", "file_unique_id": "photo", "width": 1, "height": 1}]
        return base | {"photo": photo, "caption": self.text, "caption_entities": self.entities}

    def marked(self, name: str) -> list[str]:
        """Return the parts of the text that an entity is set on."""
        units = self.text.encode("utf-16-le")
        spans = [(2 * each["offset"], 2 * each["length"]) for each in self.entities if each["type"] == name]
        return [units[start : start + length].decode("utf-16-le") for start, length in spans]


class TelegramServer:
    """One bot in one chat, for as long as the `async with` block runs.

    Attributes:
        messages: what the chat shows, by message id, in order.
        calls: the methods that were called, in order, with their parameters.
        failing: the answers to the next calls, in place of doing what they ask; None lets a call through.
        gate: holds the next call.
        is_forum: whether the chat has topics; else answers to a message are a thread that one cannot send to.
        updates: what the next `getUpdates` gives.
    """

    token = TOKEN

    def __init__(self) -> None:
        self.messages: dict[int, Shown] = {}
        self.calls: list[tuple[str, Parameters]] = []
        self.failing: list[BadRequestError | None] = []
        self.gate: Gate | None = None
        self.is_forum = True
        self.updates: list[dict[str, Any]] = []
        self.url = ""
        self._last_id = 0

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def bot_url(self) -> str:
        """What python-telegram-bot calls its base URL."""
        return f"{self.url}/bot"

    @property
    def shown(self) -> list[Shown]:
        return list(self.messages.values())

    def clear(self) -> None:
        """Forget what was shown and asked."""
        self.messages.clear()
        self.calls.clear()
        self.failing.clear()
        self.is_forum = True

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            parameters = await _parameters(request)
            async with through(self):
                result = self._called(request.match_info["token"], request.match_info["method"], parameters)
        except BadRequestError as refused:
            return web.json_response(refused.answer, status=refused.code)
        return web.json_response({"ok": True, "result": result})

    def _called(self, token: str, method: str, parameters: Parameters) -> Any:
        if token != TOKEN:
            raise BadRequestError("Unauthorized", 401)
        do = METHODS.get(method.lower())
        if do is None:
            raise BadRequestError("Not Found", 404)
        self.calls.append((method, parameters))
        refusal = self.failing.pop(0) if self.failing else None
        if refusal is not None:
            raise refusal
        return do(self, parameters)

    def get_me(self, _: Parameters) -> Any:
        return {"id": 123456, "is_bot": True, "first_name": "claw", "username": "claw_bot"}

    def get_updates(self, _: Parameters) -> Any:
        updates, self.updates = self.updates, []
        return updates

    def send_message(self, parameters: Parameters) -> Any:
        return self._sent(parameters, *read(parameters, "text", "entities"))

    def send_photo(self, parameters: Parameters) -> Any:
        if not parameters.get("photo"):
            raise BadRequestError("Bad Request: there is no photo in the request")
        return self._sent(parameters, *read(parameters, "caption", "caption_entities"), is_photo=True)

    def _sent(self, parameters: Parameters, text: str, entities: list[Entity], *, is_photo: bool = False) -> Any:
        _check_chat(parameters)
        if "message_thread_id" in parameters and not self.is_forum:
            raise BadRequestError("Bad Request: message thread not found")
        reply = parameters.get("reply_parameters")
        if reply and reply["message_id"] not in self.messages and not reply.get("allow_sending_without_reply"):
            raise BadRequestError("Bad Request: message to be replied not found")
        self._last_id += 1
        cut = max(0, len(entities) - ENTITY_LIMIT)
        place = self._place(parameters)
        shown = Shown(self._last_id, text, entities[:ENTITY_LIMIT], is_photo, parameters, _kept(parameters), place, cut)
        self.messages[shown.message_id] = shown
        return shown.as_json()

    def _place(self, parameters: Parameters) -> Parameters:
        place = {name: parameters[name] for name in ("business_connection_id",) if name in parameters}
        if "message_thread_id" in parameters:
            return place | {"message_thread_id": int(parameters["message_thread_id"]), "is_topic_message": True}
        replied = parameters.get("reply_parameters", {}).get("message_id")
        return place | ({"message_thread_id": replied} if replied and not self.is_forum else {})

    def edit_message_text(self, parameters: Parameters) -> Any:
        return self._edited(parameters, "text", "entities")

    def edit_message_caption(self, parameters: Parameters) -> Any:
        return self._edited(parameters, "caption", "caption_entities")

    def _edited(self, parameters: Parameters, member: str, entities_member: str) -> Any:
        shown = self._message(parameters, "edit")
        if shown.is_photo is (member == "text"):
            raise BadRequestError(f"Bad Request: there is no {member} in the message to edit")
        text, entities = read(parameters, member, entities_member)
        shown.cut_entities += max(0, len(entities) - ENTITY_LIMIT)
        kept = _kept(parameters)
        if "reply_markup" in parameters and "reply_markup" not in kept:
            raise BadRequestError("Bad Request: inline keyboard expected")
        if (text, entities[:ENTITY_LIMIT], kept) == (shown.text, shown.entities, shown.kept):
            raise BadRequestError(
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message"
            )
        shown.text, shown.entities, shown.kept = text, entities[:ENTITY_LIMIT], kept
        return shown.as_json()

    def delete_message(self, parameters: Parameters) -> Any:
        del self.messages[self._message(parameters, "delete").message_id]
        return True

    def delete_business_messages(self, parameters: Parameters) -> Any:
        for message_id in parameters["message_ids"]:
            found = {"chat_id": str(CHAT), "message_id": message_id}
            del self.messages[self._message(parameters | found, "delete").message_id]
        return True

    def _message(self, parameters: Parameters, verb: str) -> Shown:
        _check_chat(parameters)
        found = self.messages.get(int(parameters["message_id"]))
        business = parameters.get("business_connection_id")
        if found is None or found.place.get("business_connection_id") != business:
            raise BadRequestError(f"Bad Request: message to {verb} not found")
        return found


METHODS: Mapping[str, Callable[[TelegramServer, Parameters], Any]] = {
    "getme": TelegramServer.get_me,
    "getupdates": TelegramServer.get_updates,
    "deletewebhook": lambda *_: True,
    "sendmessage": TelegramServer.send_message,
    "sendphoto": TelegramServer.send_photo,
    "editmessagetext": TelegramServer.edit_message_text,
    "editmessagecaption": TelegramServer.edit_message_caption,
    "deletemessage": TelegramServer.delete_message,
    "deletebusinessmessages": TelegramServer.delete_business_messages,
}
KEPT = ("reply_markup", "link_preview_options", "show_caption_above_media")  # gone with an edit that does not say them
AS_JSON = ("entities", "caption_entities", "reply_parameters", "message_ids", *KEPT)


async def _parameters(request: web.Request) -> Parameters:
    try:
        form = await _form(request)
    except UnicodeDecodeError:
        raise BadRequestError("Bad Request: strings must be encoded in UTF-8") from None
    found: Parameters = dict(request.query) | form
    for name in AS_JSON:
        if name in found:
            found[name] = json.loads(found[name])
    return found


def _kept(parameters: Parameters) -> Parameters:
    kept = {name: parameters[name] for name in KEPT if name in parameters}
    if "inline_keyboard" not in kept.get("reply_markup", {}):  # another keyboard is no part of the message
        kept.pop("reply_markup", None)
    return kept


async def _form(request: web.Request) -> Parameters:
    """Return a form's fields; unlike aiohttp, do not mend what is no UTF-8."""
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl((await request.read()).decode(), keep_blank_values=True, errors="strict"))
    return dict(await request.post())


def _check_chat(parameters: Parameters) -> None:
    if parameters.get("chat_id") != str(CHAT):
        raise BadRequestError("Bad Request: chat not found")
