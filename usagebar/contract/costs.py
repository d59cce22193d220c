"""What a turn cost: what its answers report, else an estimate for each call by its own model and prompt."""

from __future__ import annotations

from usagebar.contract.call import summed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from usagebar.contract.call import Call, Reading
    from usagebar.pricing import Cost

    # An answer, and what the caller knows of it alone.
    Part: TypeAlias = tuple[Reading, Mapping[str, Any]]

_PRICED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_ENDLESS = float("inf")


def cost_of(parts: Sequence[Part], known: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cost of a turn by its answers, as fields of the contract's `cost`; none if one of them is not known.

    `known` is what the caller knows of the turn, `later` the part of it that comes before what he knows of a call.
    """
    final = parts[-1][0].calls[-1]
    if len(parts) == 1 and len(parts[0][0].calls) == 1 and parts[0][0].totals is None:  # as most turns are
        facts = known if not parts[0][1] else {**known, **parts[0][1], **later}
        return _fields(*_cost_of_call(final, facts, parts[0][1], final))
    total, is_estimate = 0.0, False
    for at, (reading, own) in enumerate(parts, 1 - len(parts)):
        facts = {**known, **own, **later} if at == 0 else {**known, **own}
        for usd, estimated in _costs(reading, facts, own, final):
            if usd is None:
                return {}
            total += usd
            is_estimate |= estimated
    return _fields(total, is_estimate)


def _fields(usd: float | None, is_estimate: bool) -> dict[str, Any]:
    if usd is None or not usd < _ENDLESS:
        return {}
    return {"turn_usd": usd, "available": True, "source": "estimated" if is_estimate else "reported"}


def _costs(
    reading: Reading, facts: Mapping[str, Any], own: Mapping[str, Any], final: Call
) -> Iterator[tuple[float | None, bool]]:
    """Walk the costs of an answer's calls in US dollars, None where unknown, and whether each is an estimate."""
    totals = reading.totals
    if totals is not None and _is_usable(totals, facts):
        yield totals.cost_usd, totals.is_estimate
    elif totals is not None and not _adds_up(reading.calls, totals):
        yield None, False
    else:
        yield from (_cost_of_call(call, facts, own, final) for call in reading.calls)


def _cost_of_call(
    call: Call, facts: Mapping[str, Any], own: Mapping[str, Any], final: Call
) -> tuple[float | None, bool]:
    """Return the cost of a call in US dollars, None if unknown, and whether it is an estimate."""
    if call.cost_usd is not None and _is_usable(call, facts):
        return call.cost_usd, call.is_estimate
    return (_estimate(call, facts, own, final) if _may_estimate(facts) else None), True


def _may_estimate(facts: Mapping[str, Any]) -> bool:
    mode = facts.get("auth_mode")
    is_subscription = isinstance(mode, str) and mode.strip().lower() == "oauth"
    return facts.get("prices") is not False and not is_subscription


def _is_usable(call: Call, facts: Mapping[str, Any]) -> bool:
    """Tell whether an answer's own cost is taken; what its library worked out gives way to the caller's prices."""
    if call.cost_usd is None or not call.is_estimate:
        return call.cost_usd is not None
    return facts.get("prices") is None and _may_estimate(facts)


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
    usage = {**call.counts, **call.units}
    if call.cache_write_1h is not None:
        usage["cache_write_1h_tokens"] = call.cache_write_1h
    if usage.get("reasoning_tokens"):
        usage["output_reasoning_tokens"] = usage["reasoning_tokens"]
    prices = facts.get("prices")
    try:
        cost = (_turn_cost or _load())(
            usage,
            model,
            provider=facts.get("provider") or call.provider,
            at=facts.get("at"),
            prices=prices,
            context=facts.get("price_context") or call.price_context,
            requests=call.requests,
        )
    except ValueError as error:
        if prices is not None or type(error).__name__ != "PriceError":
            raise
        _warn(error)
        return None
    return None if cost is None else cost.usd


# `turn_cost`, once it was needed: a turn whose cost is known does without, and an import statement for each turn costs
# a tenth of it.
_turn_cost: Callable[..., Cost | None] | None = None


def _load() -> Callable[..., Cost | None]:
    global _turn_cost  # noqa: PLW0603 - see there
    from usagebar.pricing import turn_cost  # noqa: PLC0415 - as above

    _turn_cost = turn_cost
    return turn_cost


# What was said of configured prices: a bot answers thousands of times.
_warned: set[str] = set()


def _warn(error: Exception) -> None:
    # Fail open: a file of another program, or one that was configured for all, must not cost a reply its footer. The
    # turn has no cost then, which is true: at these prices it is not known.
    if str(error) not in _warned:
        _warned.add(str(error))
        import logging  # noqa: PLC0415 - only to complain

        logging.getLogger("usagebar").warning("no cost is estimated: %s", error)
