"""A Telegram bot with aiogram, whose replies end with their footer.

pip install usagebar[aiogram]
TELEGRAM_TOKEN=… python examples/bots/telegram_aiogram.py
"""

import asyncio
import os
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.types import Message, ReplyParameters

import usagebar
from usagebar.adapters.aiogram import send
from usagebar.contract import from_response

bar = usagebar.load()
router = Router()


async def ask(question: str) -> dict[str, Any]:
    """Answer a question as a provider does.

    What stands here is canned, so that the bot runs without a second key. Put your provider's call in its place;
    `from_response` reads the answer of each of them.
    """
    usage = {"input_tokens": 812, "output_tokens": 96, "cache_read_input_tokens": 12_000}
    content = [{"type": "text", "text": f"You said: {question}"}]
    return {"type": "message", "role": "assistant", "model": "claude-opus-4-8", "content": content, "usage": usage}


@router.message(F.text)
async def answer(question: Message, bot: Bot) -> None:
    """Answer a message; the dispatcher logs what is raised here, and goes on."""
    response = await ask(question.text or "")
    reply = "".join(block["text"] for block in response["content"])
    contract = from_response(response, "telegram", identity={"name": "claw", "emoji": "🦞"})
    await send(
        bot,
        question.chat.id,
        reply,
        bar,
        contract,
        mode="plain",  # the answer is shown as the model wrote it
        reply_parameters=ReplyParameters(message_id=question.message_id),
    )


async def main() -> None:
    """Run the bot until it is interrupted."""
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    async with Bot(os.environ["TELEGRAM_TOKEN"]) as bot:
        await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
