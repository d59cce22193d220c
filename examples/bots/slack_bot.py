"""A Slack bot with slack_sdk: its replies grow while they are written, and end with their footer.

pip install usagebar[slack]
SLACK_TOKEN=xoxb-… python examples/bots/slack_bot.py C0123456789

It asks for the new messages of one channel every few seconds, so that the bot's token is all it needs (with the scopes
`channels:history` and `chat:write`). One that is told of messages has the same `answer`: with Socket Mode, which takes
a second token, or with the Events API, which takes a public address.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import usagebar
from usagebar.adapters import slack
from usagebar.adapters.streaming import Stream
from usagebar.contract import from_response

bar = usagebar.load()
PAUSE = 3.0  # seconds between two looks at the channel


async def ask(question: str) -> AsyncIterator[dict[str, Any]]:
    """Answer a question as a provider's stream does: with the text so far, and the usage at last.

    What stands here is canned, so that the bot runs without a second key. Put your provider's stream in its place;
    `from_response` reads the final answer of each of them.
    """
    usage = {"input_tokens": 812, "output_tokens": 96, "cache_read_input_tokens": 12_000}
    text = f"You said: {question}"
    for end in range(8, len(text), 8):
        yield {"content": [{"type": "text", "text": text[:end]}]}
        await asyncio.sleep(0.01)
    content = [{"type": "text", "text": text}]
    yield {"type": "message", "role": "assistant", "model": "claude-opus-4-8", "content": content, "usage": usage}


async def answer(client: AsyncWebClient, channel: str, event: dict[str, Any]) -> None:
    """Answer a message in its thread."""
    thread = event.get("thread_ts", event["ts"])
    # In plain mode the answer is shown as the model wrote it, and notifies nobody.
    stream = slack.stream(client, channel, bar, mode="plain", thread_ts=thread, unfurl_links=False)
    reply, contract = "", None
    try:
        async for response in ask(unescape(event["text"])):
            reply = "".join(block["text"] for block in response["content"])
            if "usage" in response:
                contract = from_response(response, "slack", identity={"name": "claw", "emoji": "🦞"})
            await show(stream, reply)
    finally:  # what there is of the answer is shown also if the provider fails
        await stream.finish(reply, contract)


async def show(stream: Stream[Any], reply: str) -> None:
    """Show the reply as far as it is there; if Slack fails, the next edit shows it."""
    try:
        await stream.update(reply)
    except (SlackApiError, aiohttp.ClientError, TimeoutError):
        logging.warning("an edit failed", exc_info=True)


async def look(client: AsyncWebClient, channel: str, since: str) -> str:
    """Answer what people wrote after a time stamp; return the time stamp of the last message."""
    history = await client.conversations_history(channel=channel, oldest=since)
    messages = sorted(history["messages"], key=lambda message: float(message["ts"]))
    for event in messages:
        if event.get("text") and not {"bot_id", "subtype"} & event.keys():
            try:
                await answer(client, channel, event)
            except Exception:
                logging.exception("no answer to the message of %s", event["ts"])
    return messages[-1]["ts"] if messages else since


async def main(channel: str) -> None:
    """Run the bot until it is interrupted."""
    client = AsyncWebClient(os.environ["SLACK_TOKEN"])
    since = f"{time.time():.6f}"
    while True:
        try:
            since = await look(client, channel, since)
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            logging.exception("the channel cannot be read")
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
