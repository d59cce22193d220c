"""A platform as a stream sees it, and the call to it that is under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from usagebar.surfaces.composing.messages import Message

HandleT = TypeVar("HandleT")
ResultT = TypeVar("ResultT")


class GoneError(Exception):
    """The message that was to be edited is not there any more: somebody deleted it."""


class Platform(Protocol[HandleT]):
    """What shows the parts of one reply: a client and a place."""

    async def send(self, part: Message, /) -> HandleT:
        """Send a message; return what edits and deletes need."""
        ...

    async def edit(self, sent: HandleT, part: Message, /) -> HandleT | None:
        """Make a message that was sent into another; return its new handle, None if that stays the same.

        One that is gone is a `GoneError`, one that is as it is asked for already is no error.
        """
        ...

    async def delete(self, sent: HandleT, /) -> object:
        """Take a message back; one that is gone already is no error."""
        ...

    def retry_after(self, error: Exception, /) -> float | None:
        """Return the seconds for which a platform that raised this wants no calls, None if that is not what it says."""
        ...


class InFlight:
    """One call at a time, made to its end also if the caller is cancelled meanwhile.

    A request that is cut off may be carried out all the same, and then later than the one behind it.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None

    async def landed(self) -> None:
        """Wait for a call whose caller was cancelled; what it raised was for that caller."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def made(self, call: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Return what a call gives, raise what it raises."""
        self._task = task = asyncio.create_task(call)
        _FLYING.add(task)
        task.add_done_callback(_is_down)
        await asyncio.wait([task])  # which leaves it alone when this is cancelled
        return task.result()


_FLYING: set[asyncio.Task[Any]] = set()  # the loop itself holds tasks weakly


def _is_down(task: asyncio.Task[Any]) -> None:
    _FLYING.discard(task)
    if not task.cancelled():
        task.exception()  # which may have nobody left to be raised for
