"""What a turn cost: what its answers report, else an estimate for each call by its own model and prompt."""

from __future__ import annotations

from usagebar.contract.call import summed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from usagebar.contract.call import Call, Reading

    # An answer, and what the caller knows of it alone.
    Part: TypeAlias = tuple[Reading, Mapping[str, Any]]

_PRICED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_ENDLESS = float("inf")


def cost_of(parts: Sequence[Part], known: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cost of a turn by its answers, as fields of the contract's `cost`; none if one of them is not known.

    `known` is what the caller knows of the turn, `later` the part of it that comes before what he knows of a call.
    """
    total, is_estimate = 0.0, False
    final = parts[-1][0].calls[-1]
    for at, (reading, own) in enumerate(parts, 1 - len(parts)):
        facts = {**known, **own, **later} if at == 0 else {**known, **own}
        for usd, estimated in _costs(reading, facts, own, final):
            if usd is None:
                return {}
            total += usd
            is_estimate |= estimated
    if not total < _ENDLESS:
        return {}
    return {"turn_usd": total, "available": True, "source": "estimated" if is_estimate else "reported"}


def _costs(
    reading: Reading, facts: Mapping[str, Any], own: Mapping[str, Any], final: Call
) -> Iterator[tuple[float | None, bool]]:
    """Walk the costs of an answer's calls in US dollars, None where unknown, and whether each is an estimate."""
    may_estimate = facts.get("prices") is not False and not _is_subscription(facts)
    totals = reading.totals
    if totals is not None and _is_usable(totals, facts, may_estimate=may_estimate):
        yield totals.cost_usd, totals.is_estimate
        return
    if totals is not None and not _adds_up(reading.calls, totals):
        yield None, False
        return
    for call in reading.calls:
        if _is_usable(call, facts, may_estimate=may_estimate):
            yield call.cost_usd, call.is_estimate
        else:
            yield (_estimate(call, facts, own, final) if may_estimate else None), True


def _is_subscription(facts: Mapping[str, Any]) -> bool:
    mode = facts.get("auth_mode")
    return isinstance(mode, str) and mode.strip().lower() == "oauth"


def _is_usable(call: Call, facts: Mapping[str, Any], *, may_estimate: bool) -> bool:
    """Tell whether an answer's own cost is taken; what its library worked out gives way to the caller's prices."""
    if call.cost_usd is None or not call.is_estimate:
        return call.cost_usd is not None
    return may_estimate and facts.get("prices") is None


def _adds_up(calls: tuple[Call, ...], totals: Call) -> bool:
    together = summed(calls)
    return all(together.get(name, 0) == totals.counts.get(name, 0) for name in _PRICED)


def _estimate(call: Call, facts: Mapping[str, Any], own: Mapping[str, Any], final: Call) -> float | None:
    """Return what a call cost by a price list, in US dollars."""
    # The model that is known of a turn is that of its final call, and of the calls that name the same.
    is_of_turn = call.model is None or call.model == final.model
    model = (facts if is_of_turn else own).get("model") or call.model
    if model is None or not call.counts or call.doubt:
        return None
    usage = {**call.counts, **call.units} if call.units else dict(call.counts)
    if call.cache_write_1h is not None:
        usage["cache_write_1h_tokens"] = call.cache_write_1h
    if reasoning := call.counts.get("reasoning_tokens"):
        usage["output_reasoning_tokens"] = reasoning
    return _priced(
        usage,
        model,
        facts.get("prices"),
        provider=facts.get("provider") or call.provider,
        at=facts.get("at"),
        context=facts.get("price_context") or call.price_context,
        requests=call.requests,
    )


def _priced(usage: Mapping[str, int], model: str, prices: Any, **rest: Any) -> float | None:
    from usagebar.pricing import PriceError, turn_cost  # noqa: PLC0415 - a turn whose cost is known has no need of it

    try:
        cost = turn_cost(usage, model, prices=prices, **rest)
    except PriceError as error:
        if prices is not None:
            raise
        _warn(error)
        return None
    return None if cost is None else cost.usd


# What was said of configured prices: a bot answers thousands of times.
_warned: set[str] = set()


def _warn(error: Exception) -> None:
    # Fail open: a file of another program, or one that was configured for all, must not cost a reply its footer. The
    # turn has no cost then, which is true: at these prices it is not known.
    if str(error) not in _warned:
        _warned.add(str(error))
        import logging  # noqa: PLC0415 - only to complain

        logging.getLogger("usagebar").warning("no cost is estimated: %s", error)
