"""Telegram's calls, which its clients for Python name alike: what both adapters are made of.

`python_telegram_bot` and `aiogram` each bring a `Client`: the classes in which the two differ.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from usagebar import surfaces
from usagebar.adapters.in_flight import GoneError
from usagebar.adapters.streaming import Stream
from usagebar.record import Record
from usagebar.surfaces.composing.messages import TelegramMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces.composing.messages import Message

# What belongs to a reply's first message alone: what it answers, and what only a photo has.
OF_THE_FIRST = (
    *("reply_parameters", "reply_to_message_id", "allow_sending_without_reply"),
    *("has_spoiler", "show_caption_above_media", "filename"),
)
OF_TEXTS = ("link_preview_options", "disable_web_page_preview")
# What an edit would take from a message, or not find it without, unless it is said again.
OF_A_CAPTION = ("business_connection_id", "show_caption_above_media")
OF_A_TEXT = ("business_connection_id", "link_preview_options")


class Client(Record):
    """The classes of a client: what makes an entity, and what is raised by a 400 and by a 429."""

    entity: Any
    refusal: type[Exception]
    flood: type[Exception]


class _Last(TelegramMessage):
    """The last message of a reply, below which its keyboard is."""

    reply_markup: Any = None

    def payload(self) -> dict[str, Any]:
        return super().payload() | {"reply_markup": self.reply_markup}


class Chat:
    """A chat in which one reply is shown: the platform of a `Stream`.

    Args:
        client: the client's classes.
        bot: the client's bot.
        chat_id: as the client takes it.
        options: further arguments of the calls that send; those of `OF_THE_FIRST` are for the first message alone,
            `reply_markup` for the last.
        photo: what the first message shows, with its part of the reply as the caption.
    """

    def __init__(
        self, client: Client, bot: Any, chat_id: int | str, options: dict[str, Any], photo: Any = None
    ) -> None:
        self._client = client
        self._bot = bot
        self._chat_id = chat_id
        self._keyboard = options.pop("reply_markup", None)
        self._options = options
        self._photo = photo

    def stream(
        self, bar: UsageBar, mode: str | None, *, is_caption: bool = False, interval: float = 0.0
    ) -> Stream[Any]:
        """Return the stream of a reply that is shown here; with a caption also if there is nothing to say in it."""
        is_caption = is_caption or self._photo is not None

        def composed(reply: str, contract: Any) -> list[Message]:
            messages = surfaces.compose(reply, bar, contract, "telegram", mode=mode, caption=is_caption)
            if is_caption and not messages:
                messages = [TelegramMessage(reply="", surface="telegram", is_caption=True)]
            if self._keyboard is not None and messages:
                messages[-1] = _Last(**vars(messages[-1]), reply_markup=self._keyboard)
            return messages

        return Stream(composed, self, interval=interval)

    async def send(self, message: Message) -> Any:
        """Send a message; return the client's own."""
        call, options = self._bot.send_message, dict(self._options)
        if self._photo is not None:
            call, options = self._bot.send_photo, {**_without(OF_TEXTS, options), "photo": self._photo}
        sent = await call(**options | {"chat_id": self._chat_id} | self._arguments(message))
        self._options = _without(OF_THE_FIRST, self._options)
        self._photo = None
        return sent

    async def edit(self, sent: Any, message: Message) -> Any:
        """Make a message that was sent into another; return what the client gives."""
        call = self._bot.edit_message_caption if message.is_caption else self._bot.edit_message_text
        names = OF_A_CAPTION if message.is_caption else OF_A_TEXT
        kept = {name: self._options.get(name, getattr(sent, name)) for name in names}
        arguments = {name: value for name, value in kept.items() if value is not None} | self._arguments(message)
        if not hasattr(arguments.get("reply_markup"), "inline_keyboard"):  # another can only be sent
            arguments.pop("reply_markup", None)
        try:
            return await call(chat_id=sent.chat.id, message_id=sent.message_id, **arguments)
        except self._client.refusal as refusal:
            if "message to edit not found" in str(refusal).lower():
                self._photo = sent.photo[-1].file_id if message.is_caption else None
                raise GoneError(str(refusal)) from refusal
            if "message is not modified" not in str(refusal).lower():
                raise
            return sent

    async def delete(self, sent: Any) -> None:
        """Take a message back."""
        try:
            if business := self._options.get("business_connection_id", sent.business_connection_id):
                messages = {"business_connection_id": business, "message_ids": [sent.message_id]}
                await self._bot.delete_business_messages(**messages)
            else:
                await self._bot.delete_message(chat_id=sent.chat.id, message_id=sent.message_id)
        except self._client.refusal as refusal:
            if "message to delete not found" not in str(refusal).lower():
                raise

    def retry_after(self, error: Exception) -> float | None:
        """Return the seconds for which Telegram wants no calls, None if that is not what it says."""
        if not isinstance(error, self._client.flood):
            return None
        wait: Any = getattr(error, "retry_after")  # noqa: B009 - which of the classes has it, is the client's
        return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)

    def _arguments(self, message: Message) -> dict[str, Any]:
        payload = message.payload()
        for name in ("entities", "caption_entities"):
            if name in payload:
                payload[name] = [self._client.entity(**entity) for entity in payload[name]]
        # Said also if there is none: a bot may have a default.
        return {"parse_mode": None, **payload}


def resumed(
    client: Client, bot: Any, sent: Sequence[Any], bar: UsageBar, mode: str | None, options: dict[str, Any]
) -> Stream[Any]:
    """Return the stream that goes on with what was sent, with its keyboard, where it was sent; none is a ValueError."""
    if not sent:
        raise ValueError("expected the messages of a reply, found none")
    first = sent[0]
    known = {
        "business_connection_id": first.business_connection_id,
        # That of a reply outside of topics is no place to send to.
        "message_thread_id": first.message_thread_id if first.is_topic_message else None,
        "reply_markup": next((each.reply_markup for each in reversed(sent) if each.reply_markup), None),
    }
    options = {name: value for name, value in known.items() if value is not None} | options
    stream = Chat(client, bot, first.chat.id, options).stream(bar, mode, is_caption=bool(first.photo))
    stream.resume(sent)
    return stream


def _without(names: Sequence[str], options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in names}
