"""What it costs to escape a footer and to send a reply with it: escaped rendering, and `compose`, in seconds.

The peer for splitting is pyTelegramBotAPI's `smart_split`, which cuts at line feeds, full stops and blanks and looks at
no markup.
"""

from __future__ import annotations

import json
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import usagebar
from usagebar.surfaces import compose

ROUNDS = 7
TURN = Path(__file__).parents[1] / "examples" / "turns" / "typical.json"

PROSE = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do **eiusmod** tempor.\n" * 3 + "\n"
CODE = "```python\n" + "def f(x):\n    return x + 1  # one more\n\n" * 25 + "```\nthe list:\n\n- one\n- two\n\n"


def reply_of(part: str, length: int) -> str:
    """Return a reply of so many characters."""
    return (part * (length // len(part) + 1))[:length]


def measure() -> dict[str, tuple[float, float]]:
    """Return, for each thing measured, its seconds and those of what it is held against (0: nothing)."""
    bar, contract = usagebar.load(), json.loads(TURN.read_text())
    found: dict[str, tuple[float, float]] = {}
    for surface in ("discord", "telegram", "slack"):
        raw = _best(lambda surface=surface: bar.render(contract, surface), 5_000)  # type: ignore[misc]
        escaped = _best(lambda surface=surface: bar.render(contract, surface, escape=True), 5_000)  # type: ignore[misc]
        found[f"`render(escape=True)`, {surface}"] = (escaped, raw)
    for what, part in (("prose", PROSE), ("code and lists", CODE)):
        reply = reply_of(part, 10_000)
        for surface in ("discord", "slack"):
            call = lambda reply=reply, surface=surface: compose(reply, bar, contract, surface)  # noqa: E731
            found[f"`compose`, 10 kB of {what}, {surface}"] = (_best(call, 200), 0.0)
    found |= _telegram(bar, contract)
    return found


def _telegram(bar: usagebar.UsageBar, contract: dict[str, Any]) -> dict[str, tuple[float, float]]:
    from telebot.util import smart_split  # noqa: PLC0415 - a peer, slow to import

    found = {}
    for what, length, calls in (("10 kB", 10_000, 200), ("1 MB", 1_000_000, 1)):
        reply = reply_of(PROSE, length)
        peer = _best(lambda reply=reply: smart_split(reply, 4096), calls)  # type: ignore[misc]
        own = _best(lambda reply=reply: compose(reply, bar, contract, "telegram", mode="plain"), calls)  # type: ignore[misc]
        found[f"`compose`, {what} of prose, telegram, plain"] = (own, peer)
    html = reply_of("<b>bold</b> and <i>italic</i> &amp; more.\n\n", 1_000_000)
    start = time.perf_counter()
    compose(html.rpartition("\n\n")[0], bar, contract, "telegram")
    found["`compose`, 1 MB of HTML, telegram"] = (time.perf_counter() - start, 0.0)
    return found


def _best(call: Callable[[], object], number: int) -> float:
    return min(timeit.repeat(call, number=number, repeat=ROUNDS)) / number


if __name__ == "__main__":
    for name, (seconds, against) in measure().items():
        ratio = f"{seconds / against:.2f} ×" if against else ""
        print(f"{name:<48}{seconds * 1e6:10.1f} µs  {ratio}")
