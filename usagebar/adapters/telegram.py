"""Telegram's calls, which its clients for Python name alike: what both adapters are made of.

`python_telegram_bot` and `aiogram` each bring a `Client`: the classes in which the two differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar import surfaces
from usagebar.adapters.streaming import Stream
from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from usagebar.adapters.streaming import Compose
    from usagebar.engine.bar import UsageBar
    from usagebar.surfaces.composing.messages import Message

# What belongs to a reply's first message alone: what it answers, and what only a photo has.
OF_THE_FIRST = (
    *("reply_parameters", "reply_to_message_id", "allow_sending_without_reply"),
    *("has_spoiler", "show_caption_above_media", "filename"),
)
OF_THE_LAST = ("reply_markup",)
# What an edit would take from a message unless it is said again.
OF_A_CAPTION = ("reply_markup", "show_caption_above_media")
OF_A_TEXT = ("reply_markup", "link_preview_options")
# What Telegram answers when things are already as they were asked for.
ALREADY_SO = ("message is not modified", "message to delete not found")


class Client(Record):
    """The classes of a client: `entity` makes an entity from its members, `refusal` is what a 400 raises."""

    entity: Callable[..., Any]
    refusal: type[Exception]


def composing(bar: UsageBar, mode: str | None, *, is_caption: bool = False) -> Compose:
    """Return what composes Telegram's messages of a reply and a contract."""

    def composed(reply: str, contract: Any) -> list[Message]:
        return surfaces.compose(reply, bar, contract, "telegram", mode=mode, caption=is_caption)

    return composed


class Chat:
    """A chat in which one reply is shown: what a `Stream` is given.

    Args:
        client: the client's classes.
        bot: the client's bot.
        chat_id: as the client takes it.
        options: further arguments of the calls that send; those of `OF_THE_FIRST` are for the first message alone.
        photo: what the first message shows, with its part of the reply as the caption.
    """

    def __init__(
        self, client: Client, bot: Any, chat_id: int | str, options: dict[str, Any], photo: Any = None
    ) -> None:
        self._client = client
        self._bot = bot
        self._chat_id = chat_id
        self._options = options
        self._photo = photo

    def stream(self, compose: Compose, interval: float = 0.0) -> Stream[Any]:
        """Return the stream of a reply that is shown here."""
        return Stream(compose, self.send, self.edit, self.delete, interval=interval)

    async def send_all(self, messages: Sequence[Message]) -> list[Any]:
        """Send messages, the options of `OF_THE_LAST` with the last; return the client's own.

        A photo is sent also if there is nothing to say with it.
        """
        if not messages and self._photo is not None:
            return [await self._sent({})]
        held = {name: self._options.pop(name) for name in OF_THE_LAST if name in self._options}
        sent = [await self.send(message) for message in messages[:-1]]
        self._options |= held
        return sent + [await self.send(message) for message in messages[-1:]]

    async def send(self, message: Message) -> Any:
        """Send a message; return the client's own."""
        return await self._sent(self._arguments(message))

    async def _sent(self, arguments: dict[str, Any]) -> Any:
        if self._photo is None:
            sent = await self._bot.send_message(chat_id=self._chat_id, **arguments, **self._options)
        else:
            sent = await self._bot.send_photo(chat_id=self._chat_id, photo=self._photo, **arguments, **self._options)
        self._options = {name: value for name, value in self._options.items() if name not in OF_THE_FIRST}
        self._photo = None
        return sent

    async def edit(self, sent: Any, message: Message) -> Any:
        """Make a message that was sent into another, which keeps its keyboard; return what the client gives."""
        call = self._bot.edit_message_caption if message.is_caption else self._bot.edit_message_text
        kept = {name: getattr(sent, name) for name in (OF_A_CAPTION if message.is_caption else OF_A_TEXT)}
        arguments = {name: value for name, value in kept.items() if value is not None} | self._arguments(message)
        return await self._unless_so(call(chat_id=sent.chat.id, message_id=sent.message_id, **arguments)) or sent

    async def delete(self, sent: Any) -> None:
        """Take a message back."""
        await self._unless_so(self._bot.delete_message(chat_id=sent.chat.id, message_id=sent.message_id))

    async def _unless_so(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except self._client.refusal as refusal:
            if not any(words in str(refusal).lower() for words in ALREADY_SO):
                raise
            return None

    def _arguments(self, message: Message) -> dict[str, Any]:
        payload = message.payload()
        for name in ("entities", "caption_entities"):
            if name in payload:
                payload[name] = [self._client.entity(**entity) for entity in payload[name]]
        # Said also if there is none: a bot may have a default.
        return {"parse_mode": None, **payload}
