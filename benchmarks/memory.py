"""The memory of a warm bar over a million renders of turns that differ."""

from __future__ import annotations

import tracemalloc

from render import CONTRACT

import usagebar

RENDERS = 1_000_000


def measure(renders: int = RENDERS) -> int:
    """Return by how many bytes the process grew over so many renders, after a warm-up."""
    bar = usagebar.load()
    contracts = [
        CONTRACT | {"surface": surface, "usage": CONTRACT["usage"] | {"input_tokens": tokens}}
        for surface in ("discord", "telegram", "no such surface")
        for tokens in range(500)
    ]
    for contract in contracts:
        bar.render(contract)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for index in range(renders):
        bar.render(contracts[index % len(contracts)])
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before
