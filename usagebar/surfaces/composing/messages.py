"""What is sent: a part of a reply, with or without the footer, in the shape that the surface's client takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.surfaces.composing.rulers import JSON_BYTES, Ruler, grapheme_before
from usagebar.surfaces.escaping import is_seen
from usagebar.surfaces.fitting import ELLIPSIS
from usagebar.surfaces.profiles import length_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar

MOST_MENTIONS = 100  # that Discord takes by name; those of a kind may be allowed altogether

LONGEST_USER_ID = 255  # bytes, of Matrix
MENTIONS_ROOM = 2048  # bytes of an event
IDS_END = 2**64  # what is longer is no id, and Discord would refuse the message for it
LEAST_BODY = 1024  # JSON bytes that Matrix's plain body may have, however short the HTML is

_MENTIONS = {
    "users": re.compile(r"<@!?([0-9]{1,20})>"),
    "roles": re.compile(r"<@&([0-9]{1,20})>"),
    "everyone": re.compile(r"@(everyone|here)"),
}
_BLOCK_END = re.compile(r"(?:</(?:p|div|pre|ul|ol|blockquote|table|h[1-6])\s*>|<(?:hr|br)\s*/?>)\s*\Z", re.IGNORECASE)


class Message(Record):
    """A message to send.

    Attributes:
        reply: its part of the reply, with what was inserted where the reply had to be cut.
        footer: the footer as it is shown, in the surface's small print; `""` if this message has none.
        surface: where it is for.
        mode: how it is marked up.
        is_caption: whether it goes with a photo.
    """

    reply: str
    footer: str = ""
    surface: str = ""
    mode: str = "plain"
    is_caption: bool = False

    @property
    def text(self) -> str:
        """The part of the reply with the footer below it."""
        return self.reply + self.between + self.footer

    @property
    def between(self) -> str:
        """What parts the footer from the reply: a line feed, which HTML wants said in a tag."""
        return break_before_footer(self.reply, self.mode) if self.footer else ""

    def payload(self) -> dict[str, Any]:
        """Return the message as the client takes it; `{"text": …}` where there is no client to tell of."""
        return {"text": self.text}


class DiscordMessage(Message):
    """A message for Discord's "create message", and for its "edit message"."""

    def payload(self) -> dict[str, Any]:
        """Return `content`; with a footer `allowed_mentions` as well, in which the reply's own are named."""
        if not self.footer:
            return {"content": self.text}
        return {"content": self.text, "allowed_mentions": _allowed_mentions(self.reply)}


class TelegramMessage(Message):
    """A message for Telegram's `sendMessage` and `editMessageText`, or the caption of a photo."""

    _PARSE_MODES: ClassVar[Mapping[str, str]] = {"telegram-html": "HTML", "telegram-markdownv2": "MarkdownV2"}

    def payload(self) -> dict[str, Any]:
        """Return `text` or `caption` with `parse_mode`; of plain text with its entities, offsets in UTF-16 units."""
        name = "caption" if self.is_caption else "text"
        parse_mode = self._PARSE_MODES.get(self.mode)
        if parse_mode is not None:
            return {name: self.text, "parse_mode": parse_mode}
        if not self.footer:
            return {name: self.text}
        start = length_of(self.reply + self.between, "utf-16 units")
        footer = {"type": "italic", "offset": start, "length": length_of(self.footer, "utf-16 units")}
        return {name: self.text, "caption_entities" if self.is_caption else "entities": [footer]}


class SlackMessage(Message):
    """A message for Slack's `chat.postMessage` and `chat.update`; `sections` are what `reply` is shown as."""

    sections: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Return `blocks`, and `text` for where blocks are not shown."""
        blocks: list[dict[str, Any]] = [
            {"type": "section", "text": self._element(section)} for section in self.sections if is_seen(section)
        ]
        if self.footer:
            blocks.append({"type": "context", "elements": [self._element(self.footer, is_footer=True)]})
        if self.mode == "plain":  # `text` is read for mentions all the same
            return {"text": slack_entities(self.text), "mrkdwn": False, "blocks": blocks}
        return {"text": self.text, "blocks": blocks}

    def _element(self, text: str, *, is_footer: bool = False) -> dict[str, Any]:
        if self.mode == "plain":
            return {"type": "plain_text", "text": text} | ({"emoji": False} if is_footer else {})
        # verbatim: names and addresses in the footer do not become links.
        return {"type": "mrkdwn", "text": text} | ({"verbatim": True} if is_footer else {})


class WhatsAppMessage(Message):
    """A message for WhatsApp's Cloud API, to which the caller adds who gets it."""

    def payload(self) -> dict[str, Any]:
        """Return a text message; of a caption `caption`."""
        return {"caption": self.text} if self.is_caption else {"type": "text", "text": {"body": self.text}}


class MatrixMessage(Message):
    """The content of a Matrix event `m.room.message`."""

    def payload(self) -> dict[str, Any]:
        """Return `body`, in HTML mode `formatted_body` as well; `m.mentions` names whom the reply mentions."""
        from usagebar.surfaces.composing.plain_body import mentions, plain_body  # noqa: PLC0415 - Matrix alone needs it

        if self.mode != "matrix-html":
            return {"msgtype": "m.text", "body": self.text, "m.mentions": {}}
        footer = plain_body(self.footer)
        body = self._within(plain_body(self.reply), footer)
        return {
            "msgtype": "m.text",
            "body": "\n".join([part for part in (body, footer) if part]),
            "format": "org.matrix.custom.html",
            "formatted_body": self.text,
            "m.mentions": _within_an_event(mentions(self.reply)),
        }

    def _within(self, body: str, footer: str) -> str:
        """Return a plain body no longer than the HTML, for which there is room in an event; marks of lists may be."""
        ruler = Ruler(JSON_BYTES)
        most = max(LEAST_BODY, ruler.length(self.text))
        room = most - ruler.length(f"\n{footer}{ELLIPSIS}")
        if ruler.length(f"{body}\n{footer}" if footer else body) <= most:
            return body
        return body[: grapheme_before(body, 0, ruler.reach(body, 0, room))] + ELLIPSIS


class WebChatMessage(Message):
    """A message for a page: HTML to put into an element."""

    def payload(self) -> dict[str, Any]:
        """Return `html`, in plain mode `text`."""
        return {"html" if self.mode == "html" else "text": self.text}


def _within_an_event(mentions: dict[str, Any]) -> dict[str, Any]:
    """Return mentions with as many users as an event has room for; what is longer than an id may be is none."""
    users: list[str] = []
    room = MENTIONS_ROOM
    for user in mentions.get("user_ids", ()):
        taken = length_of(user, "bytes")
        if taken <= LONGEST_USER_ID and taken + len('"",') <= room:
            users.append(user)
            room -= taken + len('"",')
    others = {name: value for name, value in mentions.items() if name != "user_ids"}
    return others | ({"user_ids": users} if users else {})


def break_before_footer(reply: str, mode: str) -> str:
    """Return what parts a footer from the reply above it: nothing if there is none."""
    if not reply:
        return ""
    return "\n<br>" if mode in ("matrix-html", "html") and not _BLOCK_END.search(reply[-64:]) else "\n"


def longest_break(mode: str) -> str:
    """Return the longest that may part a footer from a reply."""
    return break_before_footer("-", mode)


def _allowed_mentions(reply: str) -> dict[str, Any]:
    """Return Discord's `allowed_mentions` for a text: whom it mentions may be pinged, nobody else."""
    allowed: dict[str, Any] = {"parse": []}
    for kind, pattern in _MENTIONS.items() if "@" in reply else ():
        found = list(dict.fromkeys([str(int(each)) if each.isdigit() else each for each in pattern.findall(reply)]))
        found = [each for each in found if not each.isdigit() or int(each) < IDS_END]
        if found and (kind == "everyone" or len(found) > MOST_MENTIONS):
            allowed["parse"].append(kind)
        elif found:
            allowed[kind] = found
    return allowed


def slack_entities(text: str) -> str:
    """Return a text with what Slack wants written in entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SHAPES: Mapping[str, type[Message]] = {
    "discord": DiscordMessage,
    "telegram": TelegramMessage,
    "slack": SlackMessage,
    "whatsapp": WhatsAppMessage,
    "matrix": MatrixMessage,
    "webchat": WebChatMessage,
}
