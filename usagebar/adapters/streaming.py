"""A reply that is shown while it grows, by edits of the messages that were sent.

    stream = Stream(compose, send, edit, delete)
    async for reply in growing:              # the whole reply each time, as far as it is there
        await stream.update(reply)           # without a footer, and no more often than the interval
    handles = await stream.finish(reply, contract)  # always shown, the footer under its last part

An adapter gives it four functions, which know the client and the place:

    def compose(reply, contract):            # contract None: without a footer
        return usagebar.surfaces.compose(reply, bar, contract, "discord")

    async def send(message):                 # a new message of the platform's; returns what edits and deletes need
        return await channel.send(**message.payload())

    async def edit(handle, message):         # None, or the new handle if the platform gives one
        await handle.edit(**message.payload())

    async def delete(handle):
        await handle.delete()

What these raise goes through to the caller. What was shown before stays known, so that the next call mends the rest:
a part that was sent is not sent again, one whose edit failed is edited again, one whose deletion failed is deleted
again. As it is not known whether the platform did it, `edit` and `delete` take for done what is so already: Telegram
refuses an edit that changes nothing. A message that was sent without the client hearing of it can be there twice.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from usagebar.surfaces.escaping import is_seen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import TypeAlias

    from usagebar.surfaces.composing.messages import Message

    Compose: TypeAlias = Callable[[str, Any], Sequence[Message]]

HandleT = TypeVar("HandleT")
ResultT = TypeVar("ResultT")


class Stream(Generic[HandleT]):
    """One reply, shown as one message or several of a platform's.

    Calls may overlap: each waits for the one before it.

    Args:
        compose: the messages of a reply with the footer of a contract (None: without one).
        send: sends a message and returns its handle.
        edit: makes a message that was sent into another; returns its new handle, None if that stays the same.
        delete: takes a message back.
        interval: seconds between two updates that are shown.
        clock: the time in seconds, from any start.
    """

    def __init__(
        self,
        compose: Compose,
        send: Callable[[Message], Awaitable[HandleT]],
        edit: Callable[[HandleT, Message], Awaitable[HandleT | None]],
        delete: Callable[[HandleT], Awaitable[object]],
        *,
        interval: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compose = compose
        self._send = send
        self._edit = edit
        self._delete = delete
        self._interval = interval
        self._clock = clock
        self._lock = asyncio.Lock()
        self._parts: list[_Part[HandleT]] = []
        self._due = float("-inf")
        self._is_finished = False

    def resume(self, handles: Iterable[HandleT]) -> None:
        """Take messages that were sent before for the parts of this reply; what they show is not known."""
        self._parts = [_Part(handle, None) for handle in handles]

    async def update(self, reply: str) -> None:
        """Show a reply as far as it is there, without a footer.

        Passed over: an update before the interval is over since the last call to the platform, one that has nothing to
        show, and one that comes in once `finish` was called.
        """
        async with self._lock:
            if self._is_finished or self._clock() < self._due:
                return
            messages = self._compose(reply, None)
            if any(is_seen(message.text) for message in messages):
                await self._show(messages)

    async def finish(self, reply: str, contract: Any = None) -> list[HandleT]:
        """Show the whole reply with its footer, whatever the interval; return the handles of its parts, in order.

        May be called again: after a failure, or with a reply that was corrected. There is still one footer.
        """
        async with self._lock:
            self._is_finished = True
            await self._show(self._compose(reply, contract))
            return [part.handle for part in self._parts]

    async def _show(self, messages: Sequence[Message]) -> None:
        for number, message in enumerate(messages):
            if number == len(self._parts):
                handle = await self._called(self._send(message))
                self._parts.append(_Part(handle, message.payload()))
            else:
                await self._change(self._parts[number], message)
        while len(self._parts) > len(messages):
            await self._called(self._delete(self._parts[-1].handle))
            self._parts.pop()

    async def _change(self, part: _Part[HandleT], message: Message) -> None:
        payload = message.payload()
        if part.payload == payload:  # Telegram refuses an edit that changes nothing
            return
        part.payload = None
        handle = await self._called(self._edit(part.handle, message))
        part.payload = payload
        if handle is not None:
            part.handle = handle

    async def _called(self, call: Awaitable[ResultT]) -> ResultT:
        """Return what a call to the platform gives; the interval starts anew, also when it fails."""
        try:
            return await call
        finally:
            self._due = self._clock() + self._interval


class _Part(Generic[HandleT]):
    """A message that was sent: `payload` is what it shows, None if that is not known: an edit of it failed."""

    def __init__(self, handle: HandleT, payload: dict[str, Any] | None) -> None:
        self.handle = handle
        self.payload = payload
