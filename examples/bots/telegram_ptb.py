"""A Telegram bot with python-telegram-bot: its replies grow while they are written, and end with their footer.

pip install usagebar[telegram]
TELEGRAM_TOKEN=… python examples/bots/telegram_ptb.py
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from typing import Any

from telegram import Message, ReplyParameters, Update
from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes, MessageHandler, filters

import usagebar
from usagebar.adapters import python_telegram_bot
from usagebar.adapters.streaming import Stream
from usagebar.contract import from_response

bar = usagebar.load()
INTERVAL = 1.0  # seconds between two edits: Telegram slows down a bot that edits more often


async def ask(question: str) -> AsyncIterator[tuple[str, dict[str, Any] | None]]:
    """Answer a question as a provider does: text piece by piece, and the usage of the call at the end.

    What stands here is canned, so that the bot runs without a second key. Put your provider's streaming call in its
    place; `from_response` reads the final answer of each of them.
    """
    for word in f"You said: {question}".split(" "):
        await asyncio.sleep(INTERVAL / 10)
        yield word + " ", None
    usage = {"input_tokens": 812, "output_tokens": 96, "cache_read_input_tokens": 12_000}
    yield "", {"type": "message", "role": "assistant", "model": "claude-opus-4-8", "content": [], "usage": usage}


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a message, with edits while the answer is written."""
    question = update.effective_message
    if question is None or question.text is None:
        return
    stream = python_telegram_bot.stream(
        context.bot,
        question.chat_id,
        bar,
        mode="plain",  # the answer is shown as the model wrote it
        interval=INTERVAL,
        reply_parameters=ReplyParameters(question.message_id),
    )
    reply, contract = "", None
    try:
        async for piece, response in ask(question.text):
            reply += piece
            if response is not None:
                contract = from_response(response, "telegram", identity={"name": "claw", "emoji": "🦞"})
            await show(stream, reply)
    finally:  # what there is of the answer is shown also if the provider fails; the application logs that
        await stream.finish(reply, contract)


async def show(stream: Stream[Message], reply: str) -> None:
    """Show the reply as far as it is there; if Telegram fails, the next edit shows it."""
    try:
        await stream.update(reply)
    except TelegramError:
        logging.warning("an edit failed", exc_info=True)


ANSWERING = MessageHandler(filters.TEXT, answer)


def main() -> None:
    """Run the bot until it is interrupted."""
    application = Application.builder().token(os.environ["TELEGRAM_TOKEN"]).build()
    application.add_handler(ANSWERING)
    application.run_polling()


if __name__ == "__main__":
    main()
