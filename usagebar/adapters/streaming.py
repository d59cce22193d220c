"""A reply that is shown while it grows, by edits of the messages that were sent.

    stream = Stream(compose, platform)
    async for reply in growing:              # the whole reply each time, as far as it is there
        await stream.update(reply)           # without a footer, and no more often than the interval
    handles = await stream.finish(reply, contract)  # always shown, the footer under its last part

An adapter gives it a function, and a `Platform` that knows the client and the place:

    def compose(reply, contract):            # contract None: without a footer
        return usagebar.surfaces.compose(reply, bar, contract, "discord")

What the platform raises goes through to the caller, save that it wants no calls for a time: then an update is passed
over, and the end is tried again. What was shown before stays known, so that the next call mends the rest: a part that
was sent is not sent again, one whose edit failed is edited again. A message that was sent without the client hearing
of it can be there twice.

A call to the platform is made to its end, whoever is cancelled; the next one waits for it. At no time are there two
footers: parts too many are deleted first, from the last one on, and a deletion that is refused leaves the rest as it
was. Where an edit finds a part gone, those behind it are deleted as well and sent anew, in their order.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Generic

from usagebar.adapters.in_flight import GoneError, HandleT, InFlight, Platform
from usagebar.surfaces.escaping import is_seen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
    from typing import TypeAlias

    from usagebar.surfaces.composing.messages import Message

    Compose: TypeAlias = Callable[[str, Any], Sequence[Message]]

PATIENCE = 60.0  # seconds that one `finish` waits at most, all in all, for a platform that wants no calls
LEAST_WAIT = 1.0


class Stream(Generic[HandleT]):
    """One reply, shown as one message or several of a platform's.

    Calls may overlap: each waits for the one before it.

    Args:
        compose: the messages of a reply with the footer of a contract (None: without one).
        platform: sends, edits and deletes them.
        interval: seconds between two updates that are shown.
        clock: the time in seconds, from any start.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        compose: Compose,
        platform: Platform[HandleT],
        *,
        interval: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._compose = compose
        self._platform = platform
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._call = InFlight()
        self._parts: list[_Part[HandleT]] = []
        self._due = self._free = float("-inf")
        self._is_finished = False

    def resume(self, handles: Iterable[HandleT]) -> None:
        """Take messages that were sent before for the parts of this reply; what they show is not known."""
        self._parts = [_Part(handle, None) for handle in handles]

    async def update(self, reply: str) -> None:
        """Show a reply as far as it is there, without a footer.

        Passed over: an update before the interval is over since the last call to the platform, or before the platform
        wants calls again; one that has nothing to show; one that comes in once `finish` was called.
        """
        async with self._lock:
            await self._call.landed()
            if self._is_finished or self._clock() < max(self._due, self._free):
                return
            messages = self._compose(reply, None)
            if any(is_seen(message.text) for message in messages):
                await self._refused(messages)

    async def finish(self, reply: str, contract: Any = None) -> list[HandleT]:
        """Show the whole reply with its footer, whatever the interval; return the handles of its parts, in order.

        Waits where the platform wants no calls, `PATIENCE` at most; then what it raised goes through. May be called
        again: after a failure, or with a reply that was corrected. There is still one footer.
        """
        async with self._lock:
            self._is_finished = True
            messages = self._compose(reply, contract)
            patience = await self._waited(PATIENCE)
            while (refusal := await self._refused(messages)) is not None:
                left = await self._waited(patience)
                if left == patience:
                    raise refusal
                patience = left
            return [part.handle for part in self._parts]

    async def _waited(self, patience: float) -> float:
        """Wait until the platform wants calls, if that is no longer than `patience`; return what is left of it."""
        wait = self._free - self._clock()
        if not 0 < wait <= patience:
            return patience
        await self._sleep(wait)
        return patience - wait

    async def _refused(self, messages: Sequence[Message]) -> Exception | None:
        """Show messages; return what the platform raised if it wants no calls for a time."""
        try:
            await self._show(messages)
        except Exception as error:
            if self._platform.retry_after(error) is None:
                raise
            return error
        return None

    async def _show(self, messages: Sequence[Message]) -> None:
        await self._call.landed()
        await self._keep(len(messages))
        for number, message in enumerate(messages):
            if number < len(self._parts):
                await self._change(number, message)
            if number == len(self._parts):  # also one that was gone
                await self._call.made(self._timed(self._send(message)))

    async def _keep(self, count: int) -> None:
        while len(self._parts) > count:
            await self._call.made(self._timed(self._delete_last()))

    async def _change(self, number: int, message: Message) -> None:
        part = self._parts[number]
        if part.payload == message.payload():  # Telegram refuses an edit that changes nothing
            return
        try:
            await self._call.made(self._timed(self._edit(part, message)))
        except GoneError:
            await self._keep(number + 1)  # what stands behind it would stand above what is sent anew
            self._parts.pop()

    # ---------------------------------------------------------------- calls: what they did is noted in any case

    async def _send(self, message: Message) -> None:
        self._parts.append(_Part(await self._platform.send(message), message.payload()))

    async def _edit(self, part: _Part[HandleT], message: Message) -> None:
        part.payload = None
        handle = await self._platform.edit(part.handle, message)
        part.payload = message.payload()
        if handle is not None:
            part.handle = handle

    async def _delete_last(self) -> None:
        await self._platform.delete(self._parts[-1].handle)
        self._parts.pop()

    async def _timed(self, call: Coroutine[Any, Any, None]) -> None:
        """Make a call; the interval starts anew at its end, also when it fails, as does what the platform asks for."""
        try:
            await call
        except Exception as error:
            if (wait := self._platform.retry_after(error)) is not None:
                self._free = self._clock() + max(wait, LEAST_WAIT)
            raise
        finally:
            self._due = self._clock() + self._interval


class _Part(Generic[HandleT]):
    """A message that was sent: `payload` is what it shows, None if that is not known: an edit of it failed."""

    def __init__(self, handle: HandleT, payload: dict[str, Any] | None) -> None:
        self.handle = handle
        self.payload = payload
