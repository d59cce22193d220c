"""Replies with their footers through python-telegram-bot: `pip install usagebar[telegram]`.

    await python_telegram_bot.send(bot, chat_id, reply, bar, contract)

    stream = python_telegram_bot.stream(bot, chat_id, bar)
    async for reply in growing:
        await stream.update(reply)
    await stream.finish(reply, contract)

A reply is in the markup of its `mode`, `telegram-html` unless it is said otherwise; with `plain` what looks like markup
is shown as it is. What the client raises goes through, save a 429, which is waited for as `Stream` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar.adapters.telegram import Chat, Client, resumed

try:
    from telegram import MessageEntity
    from telegram.error import BadRequest, RetryAfter
except ImportError as error:
    raise ImportError("expected python-telegram-bot, found none; run: pip install usagebar[telegram]") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Bot, Message

    from usagebar.adapters.streaming import Stream
    from usagebar.engine.bar import UsageBar

_CLIENT = Client(MessageEntity, BadRequest, RetryAfter)


async def send(
    bot: Bot, chat_id: int | str, reply: str, bar: UsageBar, contract: Any, *, mode: str | None = None, **options: Any
) -> list[Message]:
    """Send a reply with its footer; return the messages that it became.

    `options` go to `bot.send_message`: `message_thread_id`, `disable_notification`, …; reply parameters with the first
    message alone, a keyboard with the last.
    """
    return await stream(bot, chat_id, bar, mode=mode, **options).finish(reply, contract)


async def send_photo(  # noqa: PLR0913 - the place, what is shown there, and how it is read
    bot: Bot,
    chat_id: int | str,
    photo: Any,
    reply: str,
    bar: UsageBar,
    contract: Any,
    *,
    mode: str | None = None,
    **options: Any,
) -> list[Message]:
    """Send a photo with a reply and its footer as the caption; return the messages that it became.

    What does not fit into the caption follows as texts. `photo` is what `bot.send_photo` takes, `options` are as in
    `send`.
    """
    return await Chat(_CLIENT, bot, chat_id, options, photo).stream(bar, mode).finish(reply, contract)


async def edit(
    bot: Bot,
    sent: Sequence[Message],
    reply: str,
    bar: UsageBar,
    contract: Any,
    *,
    mode: str | None = None,
    **options: Any,
) -> list[Message]:
    """Show another reply in place of what `send`, `send_photo` or a stream returned; return its messages.

    Messages are sent and deleted as the new reply needs more or fewer, in the topic and over the business connection of
    the first. None sent is a `ValueError`.
    """
    return await resumed(_CLIENT, bot, sent, bar, mode, options).finish(reply, contract)


def stream(
    bot: Bot, chat_id: int | str, bar: UsageBar, *, mode: str | None = None, interval: float = 1.0, **options: Any
) -> Stream[Message]:
    """Return the stream of one reply, `interval` seconds at least between two edits.

    Telegram refuses markup that is not closed yet: in another mode than `plain` each reply given to `update` has to be
    whole by itself. `options` are as in `send`; an inline keyboard moves on with the last part.
    """
    return Chat(_CLIENT, bot, chat_id, options).stream(bar, mode, interval=interval)
