"""One model call: what its answer says of tokens, model and cost, in the contract's terms."""

from __future__ import annotations

from usagebar.figures import count
from usagebar.record import Record, replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

# The counts that a sum of calls has only if every call reports them. Those of the cache are left out by answers that
# used none: a call that says nothing of the cache adds nothing there.
_NEEDED = ("input_tokens", "output_tokens", "total_tokens")


class Call(Record):
    """What one model call reported.

    `counts` are tokens by the contract's names, disjoint: the input is what is outside the cache. `cache_write_1h` is
    the part of the cache writes, in tokens, that lives for an hour. `cost_usd` is the answer's own, in US dollars; it
    `is_estimate` if the library that made the call worked it out from a price list. `price_context` is what else the
    price depends on: `service_tier`, `processing`, `speed`. `requests` is how many calls the counts stand for, where
    the answer sums them up itself. A stream's event that `begins` a call tells the counts it has so far; one that
    `goes_on` tells those that have changed.
    """

    counts: Mapping[str, int] = {}
    cache_write_1h: int | None = None
    model: object = None
    provider: object = None
    reasoning: object = None
    fast_mode: bool | None = None
    cost_usd: float | None = None
    is_estimate: bool = False
    price_context: Mapping[str, str] | None = None
    requests: int = 1
    begins: bool = False
    goes_on: bool = False

    def __init__(self, **fields: Any) -> None:
        # What every record does, unchecked: there is one for each turn.
        self.__dict__.update(fields)


class Reading(Record):
    """What an answer says: its model calls in order, the final one last, and what it reports of them all itself."""

    calls: tuple[Call, ...]
    totals: Call | None = None

    def __init__(self, calls: tuple[Call, ...], totals: Call | None = None) -> None:
        self.__dict__["calls"], self.__dict__["totals"] = calls, totals


def counts_of(found: Mapping[str, object], *, includes_cache: bool) -> dict[str, int]:
    """Return the valid counts among those found, the input less the cached tokens if it `includes_cache`; never < 0."""
    counts = {}
    for name, value in found.items():
        if value is not None and (tokens := count(value)) is not None:
            counts[name] = tokens
    if includes_cache and "input_tokens" in counts:
        cached = counts.get("cache_read_tokens", 0) + counts.get("cache_write_tokens", 0)
        counts["input_tokens"] = max(0, counts["input_tokens"] - cached)
    return counts


def summed(calls: Sequence[Call]) -> dict[str, int]:
    """Return the counts of several calls together; unknown where a call leaves out what all of them have."""
    if len(calls) == 1:
        return dict(calls[0].counts)
    names = dict.fromkeys(name for call in calls for name in call.counts)
    return {
        name: sum(call.counts.get(name, 0) for call in calls)
        for name in names
        if name not in _NEEDED or all(name in call.counts for call in calls)
    }


def continued(call: Call, event: Call) -> Call:
    """Return a call that a stream began with what a later event of the stream tells of it."""
    return replaced(
        call,
        counts={**call.counts, **event.counts},
        cache_write_1h=call.cache_write_1h if event.cache_write_1h is None else event.cache_write_1h,
    )
