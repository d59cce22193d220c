"""What sums of turns are asked for, and what they are: `Filter` and `Totals`."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import NamedTuple

# Costs are kept and summed in whole picodollars: exact in any order. The cheapest token costs thousands of them.
PICO = 10**12


class Filter(NamedTuple):
    """Choose turns: all of those that match whatever is given; `since` and `until` are days of `zone`, both included.

    `session` is a session's id, or its key at the runtime. A turn without a time is of no day: it is left out where
    `since` or `until` is given.
    """

    since: date | None = None
    until: date | None = None
    zone: tzinfo = UTC
    session: str | None = None
    agent: str | None = None
    model: str | None = None
    runtime: str | None = None
    origin: str | None = None


class Totals(NamedTuple):
    """Hold the sums of some turns, in tokens and picodollars, each over the turns of which it is known.

    `unpriced` counts the turns without a cost, `incomplete` those without an input or an output count.
    """

    turns: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    cost: int = 0
    unpriced: int = 0
    incomplete: int = 0

    @property
    def cache_write(self) -> int:
        """Tokens written to the cache, for 5 minutes or an hour."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def tokens(self) -> int:
        """All tokens: input, both cache kinds, output."""
        return self.input + self.cache_read + self.cache_write + self.output

    @property
    def usd(self) -> float | None:
        """US dollars of the turns that have a cost; None if there are turns and none has one."""
        return None if self.turns and self.unpriced == self.turns else self.cost / PICO

    def plus(self, other: Totals) -> Totals:
        """Return the sums of both."""
        return Totals(*map(int.__add__, self, other))


class Group(NamedTuple):
    """Hold the sums of the turns that have the same values, in the order they were asked for."""

    values: tuple[str | int | None, ...]
    totals: Totals
