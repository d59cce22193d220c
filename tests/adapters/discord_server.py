"""A server that takes and refuses messages as Discord's API does, and knows whom each of them pings.

Of the API there is what a bot needs to log in and to send, edit and delete messages. Limits and error bodies are those
of https://discord.com/developers/docs (`resources/message`, `topics/opcodes-and-status-codes`).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from loopback_app import Gate, Handler, application, is_text, served, through

TOKEN = "discord-token"
CHANNEL = 4000
AUTHOR = 5000  # who wrote the message that is replied to
BOT = 6000
HOOK = "/webhooks/{hook}/{token}"
LONGEST = 2000
MOST_IDS = 100
KINDS = ("roles", "users", "everyone")

_EVERYONE = re.compile(r"@(?:everyone|here)")
_USER = re.compile(r"<@!?([0-9]+)>")
_ROLE = re.compile(r"<@&([0-9]+)>")
_SNOWFLAKE = re.compile(r"[0-9]{1,20}")


class ApiError(Exception):
    """An answer that is an error: its status and body."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code} | ({"errors": errors} if errors else {})


def invalid_form(place: str, code: str, message: str) -> ApiError:
    """Return the refusal of a member: `place` is the way to it, with dots."""
    tree: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(place.split(".")):
        tree = {step: tree}
    return ApiError(400, 50035, "Invalid Form Body", tree)


class DiscordServer:
    """A channel: its messages by their ids, in the order of their sending.

    Each is the API's message object, with `pinged` beside it: the mentions that notify somebody, among them "reply" if
    the author of the message that is replied to is notified. An edit notifies nobody; `pinged` says then who is shown
    as mentioned. `requests` are the bodies that were taken. With `failing`, the next so many calls get a 403.
    """

    def __init__(self) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.failing = 0
        self.gate: Gate | None = None
        self.nonces: dict[str, int] = {}
        self.number = 9000

    @property
    def contents(self) -> list[str]:
        """What the channel shows."""
        return [message["content"] for message in self.messages.values()]

    @property
    def pinged(self) -> set[str]:
        """All that was notified."""
        return {ping for message in self.messages.values() for ping in message["pinged"]}

    def app(self) -> web.Application:
        """Return the API as an application."""
        channel = "/channels/{channel}"
        return application(
            web.get("/users/@me", self._answering(self._me)),
            web.get("/oauth2/applications/@me", self._answering(self._application)),
            web.post(f"{channel}/typing", self._answering(self._typing)),
            web.post(f"{channel}/messages", self._answering(self._create)),
            web.patch(f"{channel}/messages/{{message}}", self._answering(self._edit)),
            web.delete(f"{channel}/messages/{{message}}", self._answering(self._delete)),
            web.post(HOOK, self._answering(self._create)),
            web.patch(f"{HOOK}/messages/{{message}}", self._answering(self._edit)),
            web.delete(f"{HOOK}/messages/{{message}}", self._answering(self._delete)),
        )

    def _answering(self, answer: Callable[[web.Request], Awaitable[dict[str, Any] | None]]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                async with through(self):
                    body = await answer(request)
            except ApiError as refusal:
                return json_response(refusal.body, refusal.status)
            return web.Response(status=204) if body is None else json_response(body)

        return handler

    def _admit(self, request: web.Request) -> None:
        if "hook" in request.match_info:  # who knows its token may use it
            if request.match_info["token"] != TOKEN:
                raise ApiError(401, 50027, "Invalid Webhook Token")
            return
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            raise ApiError(401, 0, "401: Unauthorized")
        if "channel" in request.match_info and request.match_info["channel"] != str(CHANNEL):
            raise ApiError(404, 10003, "Unknown Channel")
        if self.failing and "channel" in request.match_info:
            self.failing -= 1
            raise ApiError(403, 50013, "Missing Permissions")

    # ---------------------------------------------------------------- calls

    async def _me(self, request: web.Request) -> dict[str, Any]:
        return user(BOT) | {"bot": True, "verified": True, "mfa_enabled": False, "flags": 0}

    async def _application(self, request: web.Request) -> dict[str, Any]:
        empty = {"icon": None, "description": "", "bot_public": False, "bot_require_code_grant": False}
        return {"id": str(BOT), "name": "claw", "owner": user(BOT), "verify_key": "", "flags": 0, "team": None} | empty

    async def _typing(self, request: web.Request) -> None:
        return None

    async def _create(self, request: web.Request) -> dict[str, Any] | None:
        asked = await _body(request)
        self._check(asked)
        nonce = asked.get("nonce")
        if nonce and asked.get("enforce_nonce") and nonce in self.nonces:
            return self.messages[self.nonces[nonce]]
        self._check_reference(asked)
        self.number += 1
        self.requests.append(asked)
        self.messages[self.number] = message = {
            "attachments": [],
            "components": [],
            "mention_roles": [],
            "id": str(self.number),
            "channel_id": str(CHANNEL),
            "author": user(BOT),
            "type": 0,
            "tts": False,
            "timestamp": "2026-01-01T00:00:00+00:00",
            "edited_timestamp": None,
            "pinned": False,
            "nonce": nonce,
            "flags": asked.get("flags", 0),
            **self._shown(asked),
        }
        if "hook" in request.match_info:
            message |= {"webhook_id": request.match_info["hook"], "thread_id": request.query.get("thread_id")}
        if nonce:
            self.nonces[nonce] = self.number
        is_told = "hook" not in request.match_info or request.query.get("wait", "0").lower() in ("1", "true")
        return message if is_told else None

    async def _edit(self, request: web.Request) -> dict[str, Any]:
        message = self._found(request)
        asked = await _body(request)
        self._check({"embeds": message["embeds"], **asked})
        self.requests.append(asked)
        message |= self._shown({"embeds": message["embeds"], **asked}) | {"edited_timestamp": message["timestamp"]}
        return message

    async def _delete(self, request: web.Request) -> None:
        del self.messages[int(self._found(request)["id"])]

    def _found(self, request: web.Request) -> dict[str, Any]:
        message = self.messages.get(int(request.match_info["message"]), {})
        # Nobody but its webhook edits what came over it; what is ephemeral is not even there for others.
        if not message or message.get("webhook_id") != request.match_info.get("hook"):
            raise ApiError(404, 10008, "Unknown Message")
        return message

    # ---------------------------------------------------------------- what is refused

    def _check(self, asked: dict[str, Any]) -> None:
        content = asked.get("content") or ""
        if len(content) > LONGEST:
            raise invalid_form("content", "BASE_TYPE_MAX_LENGTH", f"Must be {LONGEST} or fewer in length.")
        _check_mentions(asked.get("allowed_mentions"))
        if not content.strip() and not asked.get("embeds"):
            raise ApiError(400, 50006, "Cannot send an empty message")

    def _check_reference(self, asked: dict[str, Any]) -> None:
        replied = asked.get("message_reference")
        if replied and int(replied["message_id"]) not in {AUTHOR, *self.messages}:
            raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")

    def _shown(self, asked: dict[str, Any]) -> dict[str, Any]:
        content = (asked.get("content") or "").strip()
        pinged = pings(content, asked.get("allowed_mentions"), is_reply="message_reference" in asked)
        mentioned = [user(int(mention[2:-1])) for mention in pinged if _USER.fullmatch(mention)]
        return {
            "content": content,
            "embeds": asked.get("embeds") or [],
            "pinged": sorted(pinged),
            "mentions": mentioned,
            "mention_everyone": bool(pinged & {"@everyone", "@here"}),
        }


async def _body(request: web.Request) -> dict[str, Any]:
    text = (await request.post()).get("payload_json") if request.content_type.startswith("multipart") else None
    try:
        asked = json.loads(str(text) if text else await request.text())
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not is_text(asked):
        raise ApiError(400, 50109, "The request body contains invalid JSON.")
    return asked


def _check_mentions(allowed: Any) -> None:
    if allowed is None:
        return
    for at, kind in enumerate(allowed.get("parse", ())):
        if kind not in KINDS:
            raise invalid_form(f"allowed_mentions.parse.{at}", "BASE_TYPE_CHOICES", f"Value must be one of {KINDS}.")
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        place = f"allowed_mentions.{kind}"
        if len(ids) > MOST_IDS:
            raise invalid_form(place, "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {MOST_IDS} in length.")
        for at, number in enumerate(ids):
            if not _SNOWFLAKE.fullmatch(str(number)) or int(number) >= 2**64:
                raise invalid_form(f"{place}.{at}", "NUMBER_TYPE_COERCE", f'Value "{number}" is not snowflake.')
        if len({*map(str, ids)}) < len(ids):
            raise invalid_form(place, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
        if ids and kind in allowed.get("parse", ()):
            exclusive = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise invalid_form("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", exclusive)


def pings(content: str, allowed: dict[str, Any] | None, *, is_reply: bool = False) -> set[str]:
    """Return whom a message notifies: `@everyone`, `<@1>`, `<@&1>`, `reply`.

    Without `allowed` everybody whom the content names, also behind a backslash or in code: more than Discord does.
    """
    named = {"everyone": {*_EVERYONE.findall(content)}}
    named["users"] = {f"<@{number}>" for number in _USER.findall(content)}
    named["roles"] = {f"<@&{number}>" for number in _ROLE.findall(content)}
    if allowed is None:
        return {*named["everyone"], *named["users"], *named["roles"], *(["reply"] if is_reply else [])}
    listed = {f"<@{number}>" for number in allowed.get("users") or ()}
    listed |= {f"<@&{number}>" for number in allowed.get("roles") or ()}
    parsed = {mention for kind in allowed.get("parse", ()) for mention in named[kind]}
    is_replied = is_reply and allowed.get("replied_user", False)
    return parsed | (listed & (named["users"] | named["roles"])) | ({"reply"} if is_replied else set())


def json_response(body: dict[str, Any], status: int = 200) -> web.Response:
    """Return an answer whose content type is bare: with a charset in it discord.py reads no JSON."""
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def user(number: int) -> dict[str, Any]:
    """Return a user object."""
    named = {"username": f"user{number}", "global_name": None, "discriminator": "0", "avatar": None}
    return {"id": str(number), **named}


@asynccontextmanager
async def discord_serving() -> AsyncIterator[tuple[DiscordServer, str]]:
    """Serve while the block runs; give the server and its URL."""
    server = DiscordServer()
    async with served(server.app()) as url:
        yield server, url
