"""Latencies as counts in fixed buckets that grow by a tenth: they can be summed, and percentiles are within 5 %.

bucket      0    1      2         3                n
up to ms    0    1    1.1      1.21    1.1 ** (n - 1)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from usagebar.ledger.turns import MOST_TOKENS

GROWTH = 1.1
# No latency is longer than this many milliseconds, or it is none.
_LONGEST = MOST_TOKENS
_BOUNDS = [0.0, 1.0]
while _BOUNDS[-1] < _LONGEST:
    _BOUNDS.append(GROWTH ** (len(_BOUNDS) - 1))
# Latencies are whole numbers, which are compared with their like in half the time.
_WHOLE_BOUNDS = [int(bound) for bound in _BOUNDS]


# The bucket of a latency in milliseconds.
bucket_of: Callable[[int], int] = partial(bisect_left, _WHOLE_BOUNDS)


def middle_of(bucket: int) -> float:
    """Return the latency in milliseconds that is within 5 % of all of a bucket."""
    return 2 * _BOUNDS[bucket] / (GROWTH + 1)


class Latencies(NamedTuple):
    """Hold how many turns took how long; percentiles are in milliseconds, None without turns."""

    counts: Mapping[int, int]

    @property
    def turns(self) -> int:
        """How many turns have a known latency."""
        return sum(self.counts.values())

    @property
    def p50(self) -> float | None:
        """What half of the turns took at most."""
        return self.percentile(50)

    @property
    def p95(self) -> float | None:
        """What 95 % of the turns took at most."""
        return self.percentile(95)

    @property
    def p99(self) -> float | None:
        """What 99 % of the turns took at most."""
        return self.percentile(99)

    def percentile(self, percent: int) -> float | None:
        """Return what so many percent of the turns took at most, by the nearest rank."""
        left = -(-self.turns * percent // 100)
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return middle_of(bucket)
        return None

    def plus(self, other: Latencies) -> Latencies:
        """Return the counts of both."""
        return summed(pair for counts in (self.counts, other.counts) for pair in counts.items())


def summed(pairs: Iterable[tuple[int, int]]) -> Latencies:
    """Return what pairs of a bucket and a count come to."""
    counts: dict[int, int] = {}
    for bucket, count in pairs:
        counts[bucket] = counts.get(bucket, 0) + count
    return Latencies(counts)


class LatencyGroup(NamedTuple):
    """Hold the latencies of the turns that have the same values, in the order they were asked for."""

    values: tuple[str | int | None, ...]
    latencies: Latencies
