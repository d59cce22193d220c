"""From what the answers of a turn's model calls say to the contract of the turn."""

from __future__ import annotations

from usagebar import figures
from usagebar.contract.call import Call, Reading, continued, summed
from usagebar.contract.known import check_names, with_known
from usagebar.contract.openclaw import SCHEMA
from usagebar.contract.recognise import recognised, unknown
from usagebar.figures import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Unpack

    from usagebar.contract.known import Known

# What is true of one call; the rest is true of the turn, and is given to it.
_OF_A_CALL = frozenset(
    (
        "provider",
        "model",
        "display_name",
        "reasoning",
        "requested",
        "actual",
        "resolved_ref",
        "auth_mode",
        "override_source",
        "is_fallback",
        "fast_mode",
        "max_tokens",
        "at",
        "price_context",
    )
)
_PRICED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")


class Turn:
    """Accumulates the answers of a turn's model calls: sums in `usage`, the final call in `usage.last`.

        turn = Turn("discord", max_tokens=200_000)
        turn.add(first_answer).add(second_answer)
        contract = turn.contract()

    What fills the context is the final call's prompt, never the sum. A sum is known only if every call reports it.
    """

    def __init__(self, surface: str | None = None, **known: Unpack[Known]) -> None:
        check_names(known)
        self._surface = surface
        self._known = known
        self._readings: list[tuple[Reading, Mapping[str, Any]]] = []

    def add(self, obj: object, **known: Unpack[Known]) -> Turn:
        """Add the answer of a model call, the final one last, and return the turn.

        `obj` is whatever `from_response` takes; `known` is what the caller knows of this call: its model, provider,
        window, price context and the like. Of a stream of Anthropic's, its `message_start` and `message_delta` events
        added one behind the other are one call. Raises `ContractError` if the object is of no known kind, and leaves
        the turn as it was.
        """
        check_names(known, _OF_A_CALL)
        reading = recognised(obj)
        if reading is None:
            raise unknown(obj)
        before = self._readings[-1][0].calls[-1] if self._readings else None
        if before is not None and before.begins and reading.calls[0].goes_on:
            self._readings[-1] = (Reading((continued(before, reading.calls[0]),)), {**self._readings[-1][1], **known})
        else:
            self._readings.append((reading, known))
        return self

    def contract(self, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
        """Return the turn's contract, as plain dicts; without any call it holds what the caller knows alone."""
        check_names(known)
        merged: dict[str, Any] = {}
        for each in (self._known, *[own for _, own in self._readings], known):
            merged |= {name: value for name, value in each.items() if value is not None}
        return assembled(self._readings, surface or self._surface, merged)


def assembled(
    readings: Sequence[tuple[Reading, Mapping[str, Any]]], surface: str | None, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the contract of a turn from the readings of its answers, each with what is known of it alone."""
    last, counts = _final_and_sums([reading for reading, _ in readings])
    contract: dict[str, Any] = {"schema": SCHEMA}
    if (channel := text(surface)) is not None:
        contract["surface"] = channel
    contract["model"] = _model(last)
    if last.fast_mode is not None:
        contract["state"] = {"fast_mode": last.fast_mode}
    final = figures.call_usage(last.counts)
    contract["usage"] = figures.with_flags(final if counts is last.counts else figures.call_usage(counts))
    if last.counts and last.requests == 1:
        contract["usage"]["last"] = final
        used = figures.prompt_total(last.counts)
        if used is not None:
            contract["context"] = {"used_tokens": used}
    contract["cost"] = {"available": False}
    contract = with_known(contract, known)
    if "turn_usd" not in contract["cost"] and readings:
        contract["cost"] |= _cost(readings, contract, known)
    return contract


def _final_and_sums(readings: list[Reading]) -> tuple[Call, Mapping[str, int]]:
    """Return the final call, and the counts of all."""
    if not readings:
        return Call(), {}
    totals = [reading.totals or _together(reading.calls) for reading in readings]
    return readings[-1].calls[-1], totals[0].counts if len(totals) == 1 else summed(totals)


def _together(calls: tuple[Call, ...]) -> Call:
    return calls[0] if len(calls) == 1 else Call(counts=summed(calls))


def _model(last: Call) -> dict[str, Any]:
    model: dict[str, Any] = {}
    if (name := text(last.model)) is not None:
        model["id"] = model["display_name"] = name
    if (provider := text(last.provider)) is not None:
        model["provider"] = provider
    if (reasoning := text(last.reasoning)) is not None:
        model["reasoning"] = reasoning
    model["is_fallback"] = model["is_override"] = False
    return model


def _cost(
    readings: Sequence[tuple[Reading, Mapping[str, Any]]], contract: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the turn's cost, if each answer's is known."""
    is_subscription = contract["model"].get("auth_mode", "").lower() == "oauth"
    may_estimate = not is_subscription and known.get("prices") is not False
    total, is_estimate = 0.0, False
    for reading, own in readings:
        for usd, estimated in _costs(reading, own, known, may_estimate=may_estimate):
            if usd is None:
                return {}
            total += usd
            is_estimate |= estimated
    return {"turn_usd": total, "available": True, "source": "estimated" if is_estimate else "reported"}


def _costs(
    reading: Reading, own: Mapping[str, Any], known: Mapping[str, Any], *, may_estimate: bool
) -> Iterator[tuple[float | None, bool]]:
    """Walk the costs of an answer's calls in US dollars, None where unknown, and whether each is an estimate."""
    totals = reading.totals
    if totals is not None and _is_usable(totals, known, may_estimate=may_estimate):
        yield totals.cost_usd, totals.is_estimate
        return
    if totals is not None and not _adds_up(reading.calls, totals):
        yield None, False
        return
    for call in reading.calls:
        if _is_usable(call, known, may_estimate=may_estimate):
            yield call.cost_usd, call.is_estimate
        else:
            is_final = text(call.model) in (None, text(reading.calls[-1].model))
            yield (_estimate(call, own if is_final else {}, known) if may_estimate else None), True


def _is_usable(call: Call, known: Mapping[str, Any], *, may_estimate: bool) -> bool:
    """Tell whether an answer's own cost is taken; what its library worked out gives way to the caller's prices."""
    if call.cost_usd is None or not call.is_estimate:
        return call.cost_usd is not None
    return may_estimate and known.get("prices") is None


def _adds_up(calls: tuple[Call, ...], totals: Call) -> bool:
    together = summed(calls)
    return all(together.get(name, 0) == totals.counts.get(name, 0) for name in _PRICED)


def _estimate(call: Call, own: Mapping[str, Any], known: Mapping[str, Any]) -> float | None:
    """Return what a call cost by a price list, in US dollars; `own` is what is known of it, `known` of the turn."""
    model = own.get("model") or text(call.model) or known.get("model")
    if model is None or not call.counts:
        return None
    from usagebar.pricing import turn_cost  # noqa: PLC0415 - a turn whose cost is known has no need of it

    usage = dict(call.counts)
    if call.cache_write_1h is not None:
        usage["cache_write_1h_tokens"] = call.cache_write_1h
    cost = turn_cost(
        usage,
        model,
        provider=own.get("provider") or text(call.provider) or known.get("provider"),
        at=own.get("at") or known.get("at"),
        prices=known.get("prices"),
        context=own.get("price_context") or call.price_context or known.get("price_context"),
    )
    # A tier goes by the prompt of one request: what it is for the sum of several is not known.
    if cost is None or (call.requests > 1 and cost.long_context is not None):
        return None
    usd: float = cost.usd
    return usd
