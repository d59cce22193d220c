"""What it takes to price a turn, beside genai-prices' own calculation of the same turn."""

from __future__ import annotations

import statistics
import timeit
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import genai_prices

from usagebar.pricing import load_prices, turn_cost

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
TURNS = 5_000
NO_FILES = load_prices()
NOW = datetime.now(UTC)
OWN = load_prices({"claude-sonnet-4-5": {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}})
USAGE = {
    "input_tokens": 1_200,
    "cache_read_tokens": 50_000,
    "cache_write_tokens": 3_000,
    "cache_write_1h_tokens": 1_000,
    "output_tokens": 800,
}
LONG = USAGE | {"cache_read_tokens": 250_000}

# What is priced → model, provider, usage, what else `turn_cost` is told.
CASES: dict[str, tuple[str, str, dict[str, int], dict[str, Any]]] = {
    "typical, cached": ("claude-sonnet-4-5", "anthropic", USAGE, {"prices": NO_FILES}),
    "above a tier": ("gemini-2.5-pro", "google", LONG, {"prices": NO_FILES}),
    "prices by date and time of day": ("deepseek-v4-flash", "deepseek", USAGE, {"prices": NO_FILES}),
    "the same at a given moment": ("deepseek-v4-flash", "deepseek", USAGE, {"prices": NO_FILES, "at": NOW}),
    "a user's file": ("claude-sonnet-4-5", "anthropic", USAGE, {"prices": OWN}),
}


def theirs(usage: dict[str, int]) -> genai_prices.Usage:
    """Return a usage as genai-prices takes it, input with what is cached."""
    cached = usage["cache_read_tokens"] + usage["cache_write_tokens"]
    return genai_prices.Usage(**usage | {"input_tokens": usage["input_tokens"] + cached})


def measure() -> dict[str, tuple[float, float]]:
    """Return the median seconds of a turn's price, warm: ours, and those of genai-prices itself."""
    return {what: _both(*case) for what, case in CASES.items()}


def _both(model: str, provider: str, usage: dict[str, int], rest: dict[str, Any]) -> tuple[float, float]:
    def ours() -> object:
        return turn_cost(usage, model, provider=provider, **rest)

    def peer() -> object:
        return genai_prices.calc_price(
            theirs(usage), model, provider_id=provider, genai_request_timestamp=rest.get("at")
        )

    return _median(ours, TURNS), _median(peer, TURNS // 50)


def _median(action: Callable[[], object], times: int) -> float:
    action()
    return statistics.median(timeit.repeat(action, number=times, repeat=ROUNDS)) / times


def main() -> None:
    for what, (ours, peer) in measure().items():
        print(f"{what}: {ours * 1e6:.2f} µs, genai-prices {peer * 1e6:.0f} µs ({peer / ours:.0f} × ours)")


if __name__ == "__main__":
    main()
