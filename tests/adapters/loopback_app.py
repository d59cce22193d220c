"""A web application of aiohttp's, served on the loopback while a block runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST = 8_000_000  # bytes of a request: the platforms' own limits are what refuses


def application(*routes: web.RouteDef) -> web.Application:
    """Return an application with these routes."""
    app = web.Application(client_max_size=LARGEST, middlewares=[_failing_at_once])
    app.add_routes(routes)
    return app


@web.middleware
async def _failing_at_once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a mistake of the server's with a 400: clients would try again and again after a 500."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - it is told to the test
        return web.Response(status=400, text=f"the loopback server failed: {error!r}")


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Serve while the block runs; give the URL, without a slash at its end."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Gate:
    """Where a server holds a call until the test opens it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.passed = asyncio.Event()


class Gated(Protocol):
    """A server, with the gate for its next call."""

    gate: Gate | None


@asynccontextmanager
async def through(server: Gated) -> AsyncIterator[None]:
    """Hold the call that the block answers, if there is a gate."""
    gate, server.gate = server.gate, None
    if gate is not None:
        gate.reached.set()
        await gate.opened.wait()
    try:
        yield
    finally:
        if gate is not None:
            gate.passed.set()


async def overtaking(server: Gated, stream: Any, contract: Any) -> Any:
    """Cancel an update whose call the server holds, finish the stream, and let the held call go on only then."""
    gate = server.gate = Gate()
    update = asyncio.create_task(stream.update("One and"))
    await gate.reached.wait()
    update.cancel()
    with suppress(asyncio.CancelledError):
        await update
    assert update.cancelled()
    end = asyncio.create_task(stream.finish("One and two.", contract))
    await asyncio.wait([end], timeout=0.2)  # as long as one that waits for nothing takes
    gate.opened.set()
    await gate.passed.wait()
    return await end


def is_text(value: Any) -> bool:
    """Say whether all strings in a JSON value can be written in UTF-8, as the platforms demand."""
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(is_text(name) and is_text(member) for name, member in value.items())
    return all(map(is_text, value)) if isinstance(value, list) else True
