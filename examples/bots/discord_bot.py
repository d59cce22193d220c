"""A Discord bot with discord.py, whose replies end with their footer.

pip install usagebar[discord]
DISCORD_TOKEN=… python examples/bots/discord_bot.py

The bot needs the "message content" intent, which its page at https://discord.com/developers/applications turns on.
"""

import os
from typing import Any

import discord

import usagebar
from usagebar.adapters import discord_py
from usagebar.contract import from_response

bar = usagebar.load()


async def ask(question: str) -> dict[str, Any]:
    """Answer a question as a provider does.

    What stands here is canned, so that the bot runs without a second key. Put your provider's call in its place;
    `from_response` reads the answer of each of them.
    """
    usage = {"input_tokens": 812, "output_tokens": 96, "cache_read_input_tokens": 12_000}
    content = [{"type": "text", "text": f"You said: {question}"}]
    return {"type": "message", "role": "assistant", "model": "claude-opus-4-8", "content": content, "usage": usage}


class Bot(discord.Client):
    """Answers each message that it sees and that no bot wrote."""

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message; the client logs what is raised here, and goes on."""
        if message.author.bot or not message.content:
            return
        async with message.channel.typing():
            response = await ask(message.content)
        reply = "".join(block["text"] for block in response["content"])
        contract = from_response(response, "discord", identity={"name": "claw", "emoji": "🦞"})
        await discord_py.send(message.channel, reply, bar, contract, reference=message)


def bot() -> Bot:
    """Return the bot. Nobody is notified by what a model writes, save who asked."""
    intents = discord.Intents.default()
    intents.message_content = True
    nobody = discord.AllowedMentions(everyone=False, users=False, roles=False)
    return Bot(intents=intents, allowed_mentions=nobody)


if __name__ == "__main__":
    bot().run(os.environ["DISCORD_TOKEN"])
