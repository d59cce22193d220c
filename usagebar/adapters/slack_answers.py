"""What Slack answers of a message that is posted, edited or deleted, and that it wants no calls."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeAlias

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from usagebar.adapters.in_flight import GoneError

if TYPE_CHECKING:
    from collections.abc import Awaitable

Response: TypeAlias = AsyncSlackResponse | SlackResponse

LEAST_WAIT = 1.0


async def answer(call: Any, **arguments: Any) -> Response:
    """Return what a client's call gives; one that blocks is made in a thread."""
    made: Awaitable[Response] = call(**arguments) if iscoroutinefunction(call) else asyncio.to_thread(call, **arguments)
    return await made


async def edited(update: Any, sent: Any, arguments: dict[str, Any]) -> Response:
    """Edit a message; return the answer with its thread. One that somebody deleted is a `GoneError`."""
    try:
        told = await answer(update, channel=sent["channel"], ts=sent["ts"], **arguments)
    except SlackApiError as refusal:
        if refusal.response["error"] != "message_not_found":
            raise
        raise GoneError(str(refusal)) from refusal
    message: Any = told.get("message") or {}
    message.update(thread_of(sent))  # which only the answer to the posting is sure to tell
    return told


async def deleted(delete: Any, sent: Any) -> None:
    """Delete a message, unless somebody did."""
    try:
        await answer(delete, channel=sent["channel"], ts=sent["ts"])
    except SlackApiError as refusal:
        if refusal.response["error"] != "message_not_found":
            raise


def retry_after(error: Exception) -> float | None:
    """Return the seconds for which Slack wants no calls, None if that is not what it says."""
    if not isinstance(error, SlackApiError) or error.response["error"] != "ratelimited":
        return None
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    return float(headers.get("retry-after", LEAST_WAIT))


def thread_of(sent: Any) -> dict[str, Any]:
    """Return the thread of a message as the option that sends there; one that began a thread is not in it."""
    thread = (sent.get("message") or sent).get("thread_ts")
    return {"thread_ts": thread} if thread and thread != sent["ts"] else {}
