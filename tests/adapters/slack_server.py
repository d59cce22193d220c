"""A server that takes and refuses messages as Slack's API does, and reads what in them is a mention.

Of the API there are `chat.postMessage`, `chat.update`, `chat.delete` and `conversations.history`. Limits and errors are
those of https://docs.slack.dev/reference/methods/chat.postMessage and of the blocks' pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from loopback_app import Gate, Handler, application, is_text, served, through

TOKEN = "xoxb-slack-token"
CHANNEL = "C0400000"
LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4000
LONGEST_OBJECT = 3000
MOST_BLOCKS = 50
MOST_ELEMENTS = 10
TEXT_MEMBERS = {"mrkdwn": {"type", "text", "verbatim"}, "plain_text": {"type", "text", "emoji"}}

_MENTION = re.compile(r"<[!@#][^>\s]*>")
_LINK = re.compile(r"<[a-z][a-z0-9+.-]*:[^>\s]*>", re.IGNORECASE)
_BARE_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


class ApiError(Exception):
    """An answer that is an error: the API's name for it, and what it says of the blocks."""

    def __init__(self, error: str, *reasons: str) -> None:
        super().__init__(error)
        messages = {"response_metadata": {"messages": [f"[ERROR] {reason}" for reason in reasons]}}
        self.body = {"ok": False, "error": error} | ({"errors": [*reasons], **messages} if reasons else {})


def invalid(reason: str, place: str) -> ApiError:
    """Return the refusal of blocks: `place` is a JSON pointer."""
    return ApiError("invalid_blocks", f"{reason} [json-pointer:{place}]")


class SlackServer:
    """A channel: its messages by their time stamps, in the order of their sending.

    Each has `text`, `blocks` and the other members that it was sent with. `calls` are the methods and the arguments
    that were taken. With `limited`, the next so many calls get a 429, which asks for a `pause` in
    seconds.
    """

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.limited = 0
        self.pause = 30
        self.gate: Gate | None = None
        self.number = 0

    @property
    def mentions(self) -> set[str]:
        """What notifies somebody or names a channel: `<!channel>`, `<@U1>`, `<#C1>`."""
        return {mention for message in self.messages.values() for mention in mentions(message)}

    def say(self, text: str) -> str:
        """Let somebody write into the channel; return the time stamp of it."""
        self.number += 1
        stamp = f"1700000000.{self.number:06}"
        self.messages[stamp] = {"type": "message", "ts": stamp, "text": text, "user": "U0ALICE"}
        return stamp

    def app(self) -> web.Application:
        """Return the API as an application."""
        methods = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
        }
        answering = [(f"/api/{name}", self._answering(call)) for name, call in methods.items()]
        return application(*[web.route("*", path, handler) for path, handler in answering])

    def _answering(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            if self.limited:
                self.limited -= 1
                return web.json_response(
                    {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(self.pause)}
                )
            try:
                asked = await _arguments(request)
                async with through(self):
                    body = {"ok": True, **answer(asked)}
            except ApiError as refusal:
                return web.json_response(refusal.body)
            self.calls.append((request.path.rpartition("/")[2], asked))
            return web.json_response(body)

        return handler

    # ---------------------------------------------------------------- calls

    def _post(self, asked: dict[str, Any]) -> dict[str, Any]:
        _in_channel(asked)
        check(asked)
        stamp = self.say("")
        kept = {name: value for name, value in asked.items() if name not in ("token", "channel")}
        self.messages[stamp] = {"type": "message", "ts": stamp, "text": "", "user": "U0BOT", "bot_id": "B0BOT", **kept}
        return {"channel": CHANNEL, "ts": stamp, "message": dict(self.messages[stamp])}

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        message = self._found(asked)
        # What is not given stays, the blocks too: an empty list takes them away.
        shown: dict[str, Any] = {
            name: asked.get(name, message.get(name)) for name in ("text", "blocks") if name in {*asked, *message}
        }
        check(shown, LONGEST_UPDATE)
        message |= shown | {"edited": {"user": "U0BOT", "ts": asked["ts"]}}
        return {"channel": CHANNEL, "ts": asked["ts"], "text": message["text"], "message": _told(message)}

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        del self.messages[self._found(asked)["ts"]]
        return {"channel": CHANNEL, "ts": asked["ts"]}

    def _history(self, asked: dict[str, Any]) -> dict[str, Any]:
        _in_channel(asked)
        since = float(asked.get("oldest", 0))
        return {"messages": [message for stamp, message in self.messages.items() if float(stamp) > since][::-1]}

    def _found(self, asked: dict[str, Any]) -> dict[str, Any]:
        _in_channel(asked)
        if asked.get("ts") not in self.messages:
            raise ApiError("message_not_found")
        return self.messages[asked["ts"]]


def _told(message: dict[str, Any]) -> dict[str, Any]:
    """Return what the answer to an edit tells of a message: what is edited, and not where it stands."""
    return {name: message[name] for name in ("type", "user", "text", "blocks") if name in message}


def _in_channel(asked: dict[str, Any]) -> None:
    if asked.get("channel") != CHANNEL:
        raise ApiError("channel_not_found")


async def _arguments(request: web.Request) -> dict[str, Any]:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        raise ApiError("not_authed")
    if authorization != f"Bearer {TOKEN}":
        raise ApiError("invalid_auth")
    if request.content_type != "application/json":
        return {**request.query, **await request.post()}
    try:
        asked = json.loads(await request.text())
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not is_text(asked):
        raise ApiError("invalid_json")
    return asked


# ---------------------------------------------------------------- what is refused


def check(asked: dict[str, Any], longest: int = LONGEST_TEXT) -> None:
    """Refuse the text and the blocks of a message if Slack does."""
    text, blocks = asked.get("text") or "", asked.get("blocks") or []
    if len(text) > longest:
        raise ApiError("msg_too_long")
    if not text.strip() and not blocks:
        raise ApiError("no_text")
    if len(blocks) > MOST_BLOCKS:
        raise invalid(f"no more than {MOST_BLOCKS} items allowed", "/blocks")
    for at, block in enumerate(blocks):
        _check_block(block, f"/blocks/{at}")


def _check_block(block: dict[str, Any], place: str) -> None:
    kind = block.get("type")
    if kind == "section":
        _check_text(block.get("text"), f"{place}/text")
    elif kind == "context":
        elements = block.get("elements") or []
        if not 1 <= len(elements) <= MOST_ELEMENTS:
            raise invalid(f"must have 1 to {MOST_ELEMENTS} items", f"{place}/elements")
        for at, element in enumerate(elements):
            _check_text(element, f"{place}/elements/{at}")
    elif kind != "divider":
        raise invalid(f"unsupported type: {kind}", f"{place}/type")


def _check_text(text: Any, place: str) -> None:
    if not isinstance(text, dict) or text.get("type") not in TEXT_MEMBERS:
        raise invalid("must be a text object", place)
    if unknown := text.keys() - TEXT_MEMBERS[text["type"]]:
        raise invalid(f"additional properties: {sorted(unknown)}", place)
    if not text.get("text"):
        raise invalid("must be more than 0 characters", f"{place}/text")
    if len(text["text"]) > LONGEST_OBJECT:
        raise invalid(f"must be less than {LONGEST_OBJECT + 1} characters", f"{place}/text")


# ---------------------------------------------------------------- what is shown


def texts(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk the text objects that a message shows: those of its blocks, else its text as mrkdwn."""
    if not message.get("blocks"):
        yield {"type": "mrkdwn", "text": message["text"]}
    for block in message.get("blocks") or ():
        yield from block.get("elements") or ([block["text"]] if "text" in block else [])


def mentions(message: dict[str, Any]) -> Iterator[str]:
    """Walk the mentions of a message, those of its fallback text too: it is what a notification shows."""
    for text in (*texts(message), {"type": "mrkdwn", "text": message["text"]}):
        if text["type"] == "mrkdwn":
            yield from _MENTION.findall(text["text"])


def links(message: dict[str, Any]) -> Iterator[str]:
    """Walk the links of a message; a bare address is one unless its text is verbatim."""
    for text in texts(message):
        if text["type"] == "mrkdwn":
            written = _LINK.findall(text["text"])
            yield from written
            if not text.get("verbatim"):
                yield from _BARE_LINK.findall(_LINK.sub("", text["text"]))


@asynccontextmanager
async def slack_serving() -> AsyncIterator[tuple[SlackServer, str]]:
    """Serve while the block runs; give the server and the API's URL."""
    server = SlackServer()
    async with served(server.app()) as url:
        yield server, f"{url}/api/"
