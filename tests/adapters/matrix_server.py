"""A homeserver that takes and refuses events as Matrix does.

Of the client-server API (https://spec.matrix.org/v1.16/client-server-api/) there are `account/whoami`, sending
an event, redacting one, typing, and a sync in which nothing happens.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import html5lib
from aiohttp import web
from loopback_app import Gate, Handler, application, is_text, served, through

TOKEN = "syt_matrix_token"
USER = "@claw:example.org"
ROOM = "!room:example.org"
LARGEST_EVENT = 65_536
FORMAT = "org.matrix.custom.html"

# What a client may show of `formatted_body`: element → its attributes (11.5.1.1 of the specification).
ALLOWED: dict[str, frozenset[str]] = {
    name: frozenset()
    for name in (
        *("del", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "p", "ul", "sup", "sub", "li", "b", "i", "u"),
        *("strong", "em", "s", "hr", "br", "table", "thead", "tbody", "tr", "th", "td", "caption", "pre"),
        *("details", "summary"),
    )
} | {
    "a": frozenset({"target", "href"}),
    "code": frozenset({"class"}),
    "div": frozenset({"data-mx-maths"}),
    "img": frozenset({"width", "height", "alt", "title", "src"}),
    "ol": frozenset({"start"}),
    "span": frozenset({"data-mx-bg-color", "data-mx-color", "data-mx-spoiler", "data-mx-maths"}),
}


class ApiError(Exception):
    """An answer that is an error: its status and body."""

    def __init__(self, status: int, code: str, message: str, **members: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errcode": code, "error": message, **members}


class MatrixServer:
    """A room: its events by their ids, in the order of their sending, those that replace others among them.

    With `failing`, the next so many events are forbidden; `limiting` are the milliseconds for which the next ones are
    not wanted.
    """

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.transactions: dict[str, str] = {}
        self.failing = 0
        self.limiting: list[int] = []
        self.gate: Gate | None = None

    @property
    def contents(self) -> list[dict[str, Any]]:
        """What the room shows: the content of each message, as the last edit left it."""
        shown: dict[str, dict[str, Any]] = {}
        for number, event in self.events.items():
            content = event["content"]
            relation = content.get("m.relates_to", {})
            if relation.get("rel_type") == "m.replace":
                if relation["event_id"] in shown:
                    shown[relation["event_id"]] = content["m.new_content"]
            elif content:
                shown[number] = content
        return [*shown.values()]

    @property
    def bodies(self) -> list[str]:
        """The plain bodies of what the room shows."""
        return [content["body"] for content in self.contents]

    @property
    def mentioned(self) -> set[str]:
        """Whom the events notify; an edit notifies those of its own `m.mentions`, not those of its new content."""
        mentions = [event["content"].get("m.mentions", {}) for event in self.events.values()]
        users = {user for mention in mentions for user in mention.get("user_ids", ())}
        return users | ({"@room"} if any(mention.get("room") for mention in mentions) else set())

    def app(self) -> web.Application:
        """Return the API as an application."""
        client, room = "/_matrix/client/v3", "/_matrix/client/v3/rooms/{room}"
        return application(
            web.get(f"{client}/account/whoami", self._answering(self._whoami)),
            web.get(f"{client}/sync", self._answering(self._sync)),
            web.put(f"{room}/typing/{{user}}", self._answering(self._typing)),
            web.put(f"{room}/send/{{type}}/{{transaction}}", self._answering(self._send)),
            web.put(f"{room}/redact/{{event}}/{{transaction}}", self._answering(self._redact)),
        )

    def _answering(self, answer: Callable[[web.Request], Awaitable[dict[str, Any]]]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                async with through(self):
                    return web.json_response(await answer(request))
            except ApiError as refusal:
                return web.json_response(refusal.body, status=refusal.status)

        return handler

    def _admit(self, request: web.Request) -> None:
        authorization = request.headers.get("Authorization")
        if authorization is None:
            raise ApiError(401, "M_MISSING_TOKEN", "Missing access token")
        if authorization != f"Bearer {TOKEN}":
            raise ApiError(401, "M_UNKNOWN_TOKEN", "Unrecognised access token")
        if request.match_info.get("room", ROOM) != ROOM:
            raise ApiError(403, "M_FORBIDDEN", f"User {USER} not in room {request.match_info['room']}")
        if self.limiting and "transaction" in request.match_info:
            raise ApiError(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms=self.limiting.pop(0))
        if self.failing and "transaction" in request.match_info:
            self.failing -= 1
            raise ApiError(403, "M_FORBIDDEN", "You don't have permission to post that to the room")

    # ---------------------------------------------------------------- calls

    async def _whoami(self, request: web.Request) -> dict[str, Any]:
        return {"user_id": USER, "device_id": "DEVICE"}

    async def _sync(self, request: web.Request) -> dict[str, Any]:
        return {"next_batch": "s1", "rooms": {}}

    async def _typing(self, request: web.Request) -> dict[str, Any]:
        return {}

    async def _send(self, request: web.Request) -> dict[str, Any]:
        transaction = request.match_info["transaction"]
        if transaction not in self.transactions:
            content = await _body(request)
            kind = request.match_info["type"]
            if kind == "m.room.message":
                self._check(content)
            self.transactions[transaction] = self._add(kind, content)
        return {"event_id": self.transactions[transaction]}

    async def _redact(self, request: web.Request) -> dict[str, Any]:
        number = request.match_info["event"]
        if number not in self.events:
            raise ApiError(404, "M_NOT_FOUND", "Could not find event")
        self.events[number]["content"] = {}
        return {"event_id": self._add("m.room.redaction", {})}

    def _add(self, kind: str, content: dict[str, Any]) -> str:
        number = f"$event{len(self.events):037}"
        event = whole_event(kind, content, len(self.events))
        if len(canonical(event)) > LARGEST_EVENT:
            raise ApiError(413, "M_TOO_LARGE", "event too large")
        self.events[number] = event
        return number

    def _check(self, content: dict[str, Any]) -> None:
        _check_message(content)
        relation = content.get("m.relates_to", {})
        if relation.get("rel_type") == "m.replace":
            if relation.get("event_id") not in self.events:
                raise ApiError(400, "M_UNKNOWN", "Can't send relation to unknown event")
            if "m.new_content" not in content:
                raise ApiError(400, "M_BAD_JSON", "'m.new_content' not in content")
            _check_message(content["m.new_content"])


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        content = json.loads(await request.text())
    except ValueError:
        raise ApiError(400, "M_NOT_JSON", "Content not JSON.") from None
    if not isinstance(content, dict) or not is_text(content):
        raise ApiError(400, "M_BAD_JSON", "Content is not a JSON object of valid text")
    return content


def _check_message(content: dict[str, Any]) -> None:
    for name in ("body", "msgtype"):
        if not isinstance(content.get(name), str):
            raise ApiError(400, "M_BAD_JSON", f"'{name}' not in content")
    if "formatted_body" in content and content.get("format") != FORMAT:
        raise ApiError(400, "M_BAD_JSON", "'format' not in content")


def whole_event(kind: str, content: dict[str, Any], depth: int) -> dict[str, Any]:
    """Return an event with the members that a homeserver adds before it measures it."""
    digest = "A" * 43
    return {
        "type": kind,
        "room_id": ROOM,
        "sender": USER,
        "content": content,
        "origin_server_ts": 1_700_000_000_000,
        "depth": depth,
        "prev_events": [f"${digest}"],
        "auth_events": [f"${digest}"] * 4,
        "hashes": {"sha256": digest},
        "signatures": {"example.org": {"ed25519:a_key": "A" * 86}},
        "unsigned": {"age_ts": 1_700_000_000_000},
    }


def canonical(value: object) -> bytes:
    """Write canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def html_faults(formatted: str) -> Iterator[str]:
    """Walk what is wrong with a `formatted_body`: what html5lib has to mend, and what is not allowed."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(formatted)
    for (line, column), code, _ in parser.errors:
        yield f"{code} at {line}:{column}"
    for element in tree.iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        if element.tag not in ALLOWED:
            yield f"<{element.tag}>"
        for name in element.attrib.keys() - ALLOWED.get(element.tag, frozenset()):
            yield f"<{element.tag} {name}>"


@asynccontextmanager
async def matrix_serving() -> AsyncIterator[tuple[MatrixServer, str]]:
    """Serve while the block runs; give the server and its URL."""
    server = MatrixServer()
    async with served(server.app()) as url:
        yield server, url
