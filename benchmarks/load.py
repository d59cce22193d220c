"""Loading a template of the built-in's shape, written as commented JSONC, after all imports."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import json5

import usagebar

ROUNDS = 50
TEXT = (Path(usagebar.__file__).parent / "template" / "builtin.jsonc").read_bytes()


def _median(action: object, rounds: int) -> float:
    if not callable(action):
        raise TypeError("expected a function")
    runs = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        runs.append(time.perf_counter() - start)
    return statistics.median(runs)


def measure() -> dict[str, float]:
    """Return median seconds: of a load, of a load with its first render, and of json5 reading the same text."""

    def load_and_render() -> None:
        usagebar.load(TEXT).render({"surface": "discord"})

    load_and_render()
    return {
        "load": _median(lambda: usagebar.load(TEXT), ROUNDS),
        "load and first render": _median(load_and_render, ROUNDS),
        "json5 alone": _median(lambda: json5.loads(TEXT.decode()), 5),
    }
