"""A Matrix bot with matrix-nio, whose replies end with their footer.

pip install usagebar[matrix]
MATRIX_TOKEN=syt_… python examples/bots/matrix_bot.py https://matrix.example.org

It answers in the rooms that its account has joined. The token is an access token of that account.
"""

import asyncio
import logging
import os
import sys
from html import escape
from typing import Any

import nio

import usagebar
from usagebar.adapters import matrix
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


async def answer(client: nio.AsyncClient, room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
    """Answer a message that somebody else wrote."""
    if event.sender == client.user_id:
        return
    try:
        await reply_to(client, room, event)
    except Exception:  # what is raised here would end the syncing
        logging.exception("no answer to %s", event.event_id)


async def reply_to(client: nio.AsyncClient, room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
    """Send the answer to a message."""
    response = await ask(event.body)
    # A reply is HTML here; this shows the answer as the model wrote it. A Markdown renderer's output does as well.
    reply = escape("".join(block["text"] for block in response["content"])).replace("\n", "<br>")
    contract = from_response(response, "matrix", identity={"name": "claw", "emoji": "🦞"})
    answered = {"m.in_reply_to": {"event_id": event.event_id}}
    await matrix.send(client, room.room_id, reply, bar, contract, relates_to=answered)


async def log_in(homeserver: str) -> nio.AsyncClient:
    """Return a client that knows whose token it has."""
    client = nio.AsyncClient(homeserver)
    client.access_token = os.environ["MATRIX_TOKEN"]
    account = await client.whoami()
    if isinstance(account, nio.ErrorResponse):
        await client.close()
        raise SystemExit(f"the homeserver refused the token: {account}")
    client.user_id = account.user_id
    return client


async def main(homeserver: str) -> None:
    """Run the bot until it is interrupted."""
    client = await log_in(homeserver)
    try:
        await client.sync()  # what was written before is not answered
        client.add_event_callback(lambda room, event: answer(client, room, event), nio.RoomMessageText)
        await client.sync_forever(timeout=30_000)
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
