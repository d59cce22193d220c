"""One model call: what its answer says of tokens, model and cost, in the contract's terms."""

from __future__ import annotations

from usagebar.figures import ORDINARY, count
from usagebar.record import Record, replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

# The counts that a sum of calls has only if every call reports them. Those of the cache and of the reasoning are left
# out by answers that used none: a call that says nothing of them adds nothing there.
_NEEDED = ("input_tokens", "output_tokens", "total_tokens")
_CACHED = ("cache_read_tokens", "cache_write_tokens")


class Call(Record):
    """What one model call reported.

    `counts` are tokens by the contract's names, disjoint: the input is what is outside the cache. `doubt` is what a
    cache count that is no number makes doubtful: the `cost`, or the `prompt` and with it the cost. `cache_write_1h` is
    the part of the cache writes, in tokens, that lives for an hour. `units` are what else is billed, by the names of
    genai-prices: audio, images, searches. `cost_usd` is the answer's own, in US dollars; it `is_estimate` if the
    library that made the call worked it out from a price list. `price_context` is what else the price depends on:
    `service_tier`, `processing`, `speed`. `requests` is how many calls the counts stand for, where the answer sums
    them up itself. `stream` is the part that an event has in a stream: it `begins` a call with the counts so far, or
    `goes on` or `ends` with those that changed, or has the `whole`.
    """

    counts: Mapping[str, int] = {}
    doubt: str = ""
    cache_write_1h: int | None = None
    units: Mapping[str, int] = {}
    model: str | None = None
    provider: str | None = None
    reasoning: str | None = None
    fast_mode: bool | None = None
    cost_usd: float | None = None
    is_estimate: bool = False
    price_context: Mapping[str, str] | None = None
    requests: int = 1
    stream: str = ""

    def __init__(self, **fields: Any) -> None:
        # What every record does, unchecked: there is one for each turn.
        self.__dict__.update(fields)


class Reading(Record):
    """What an answer says: its model calls in order, the final one last, and what it reports of them all itself."""

    calls: tuple[Call, ...]
    totals: Call | None = None

    def __init__(self, calls: tuple[Call, ...], totals: Call | None = None) -> None:
        self.__dict__["calls"], self.__dict__["totals"] = calls, totals


def counts_of(found: Mapping[str, object], *, includes_cache: bool) -> tuple[dict[str, int], str]:
    """Return the valid counts among those found, and what is doubtful by the others.

    An input that `includes_cache` is told less the cached tokens, never < 0; all of the prompt is known then whatever
    the cache counts are.
    """
    counts, doubt = {}, ""
    for name, value in found.items():
        if value is None:
            continue
        if type(value) is int and 0 <= value < ORDINARY:  # as nearly always: the door need not be asked
            counts[name] = value
        elif (tokens := count(value)) is not None:
            counts[name] = tokens
        elif name in _CACHED:
            doubt = "cost" if includes_cache else "prompt"
    if includes_cache and "input_tokens" in counts:
        cached = counts.get("cache_read_tokens", 0) + counts.get("cache_write_tokens", 0)
        counts["input_tokens"] = max(0, counts["input_tokens"] - cached)
    return counts, doubt


def together(*values: object) -> int | None:
    """Return the sum of counts, an absent one adding nothing; None if none is there, or one cannot be told."""
    there = [value for value in values if value is not None]
    known = [tokens for value in there if (tokens := count(value)) is not None]
    return sum(known) if there and len(known) == len(there) else None


def summed(calls: Sequence[Call]) -> dict[str, int]:
    """Return the counts of several calls together; unknown where a call leaves out what all of them have."""
    if len(calls) == 1:
        return dict(calls[0].counts)
    if not all(call.counts for call in calls):
        return {}
    names = dict.fromkeys(name for call in calls for name in call.counts)
    sums = {
        name: count(sum(call.counts.get(name, 0) for call in calls))
        for name in names
        if name not in _NEEDED or all(name in call.counts for call in calls)
    }
    return {name: tokens for name, tokens in sums.items() if tokens is not None}


def continued(begun: Call, later: Reading) -> Reading:
    """Return the reading of a call that a stream began, with what a later event of the stream tells of it."""
    final = later.calls[-1]
    if final.stream == "whole":
        return later
    if len(later.calls) > 1:  # it tells every iteration, but no names
        return Reading(tuple(_named(call, begun) for call in later.calls), later.totals)
    return Reading(
        (
            replaced(
                begun,
                counts={**begun.counts, **final.counts},
                doubt=final.doubt or begun.doubt,
                cache_write_1h=begun.cache_write_1h if final.cache_write_1h is None else final.cache_write_1h,
                units=final.units or begun.units,
                stream=final.stream,
            ),
        )
    )


def _named(call: Call, begun: Call) -> Call:
    return replaced(call, model=call.model or begun.model, provider=call.provider or begun.provider)


def may_continue(before: Call, after: Call) -> bool:
    """Tell whether an event goes on with the call before it."""
    if after.stream == "whole":
        return before.stream in ("begins", "goes on", "ends")
    return before.stream in ("begins", "goes on") and after.stream in ("goes on", "ends")
