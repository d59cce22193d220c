"""From what the answers of a turn's model calls say to the contract of the turn."""

from __future__ import annotations

from usagebar import figures
from usagebar.contract.call import Call, continued, may_continue, summed
from usagebar.contract.costs import cost_of
from usagebar.contract.known import checked, with_known
from usagebar.contract.openclaw import SCHEMA
from usagebar.contract.recognise import recognised, unknown
from usagebar.figures import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from usagebar.contract.costs import Part
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


class Turn:
    """Accumulates the answers of a turn's model calls: sums in `usage`, the final call in `usage.last`.

        turn = Turn("discord", max_tokens=200_000)
        turn.add(first_answer).add(second_answer)
        contract = turn.contract()

    What fills the context is the final call's prompt, never the sum. The sum of the input, the output or the total is
    known only if every call reports it; a call that says nothing of the cache or of its reasoning adds nothing there.
    """

    def __init__(self, surface: str | None = None, **known: Unpack[Known]) -> None:
        self._surface = surface
        self._known = checked(known)
        self._parts: list[Part] = []

    def add(self, obj: object, **known: Unpack[Known]) -> Turn:
        """Add the answer of a model call, the final one last, and return the turn.

        `obj` is what `from_response` takes, but for Claude Code's status JSON, which is of no call; `known` is what the
        caller knows of this call: its model, provider, window, price context and the like. The events of a stream of
        Anthropic's, `message_start` and what comes behind it, are one call if they are added one behind the other.
        Raises `ContractError` if the object is of no known kind, and leaves the turn as it was.
        """
        own = checked(known, _OF_A_CALL)
        reading = recognised(obj)
        if reading is None:
            raise unknown(obj)
        before = self._parts[-1] if self._parts else None
        if before is not None and reading.calls[-1].stream and may_continue(before[0].calls[-1], reading.calls[-1]):
            self._parts[-1] = continued(before[0].calls[-1], reading), {**before[1], **own}
        else:
            self._parts.append((reading, own))
        return self

    def contract(self, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
        """Return the turn's contract, as plain dicts; without any call it holds what the caller knows alone.

        What is known here comes before what is known of the final call, and that before what is known of the turn.
        """
        return assembled(self._parts, surface or self._surface, self._known, checked(known))


def assembled(
    parts: Sequence[Part], surface: str | None, known: Mapping[str, Any], later: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the contract of a turn from the readings of its answers, each with what is known of it alone.

    `known` of the turn gives way to what is known of the final call, and that to what is known `later`.
    """
    last, counts = _final_and_sums(parts)
    contract: dict[str, Any] = {"schema": SCHEMA}
    if (channel := text(surface)) is not None:
        contract["surface"] = channel
    contract["model"] = _model(last)
    if last.fast_mode is not None:
        contract["state"] = {"fast_mode": last.fast_mode}
    final = counted = _usage(last.counts, (last,))
    if counts is not last.counts:
        counted = _usage(counts, [call for reading, _ in parts for call in reading.calls])
    contract["usage"] = figures.with_flags(counted)
    if last.counts and last.requests == 1:
        contract["usage"]["last"] = final
        used = None if last.doubt == "prompt" else figures.prompt_total(last.counts)
        if used is not None:
            contract["context"] = {"used_tokens": used}
    contract["cost"] = {"available": False}
    own = parts[-1][1] if parts else {}
    with_known(contract, {**known, **own, **later} if own or later else known)
    if "turn_usd" not in contract["cost"] and parts:
        contract["cost"] |= cost_of(parts, {**known, **later} if later else known, later)
    return contract


def _usage(counts: Mapping[str, int], calls: Sequence[Call]) -> dict[str, Any]:
    usage = figures.call_usage(counts)
    if "cache_hit_pct" in usage and any(call.doubt for call in calls):  # it would be of what is not known
        del usage["cache_hit_pct"]
    return usage


def _final_and_sums(parts: Sequence[Part]) -> tuple[Call, Mapping[str, int]]:
    """Return the final call, and the counts of all."""
    if len(parts) == 1 and len(parts[0][0].calls) == 1 and parts[0][0].totals is None:  # as most turns are
        (call,) = parts[0][0].calls
        return call, call.counts
    if not parts:
        return Call(), {}
    totals = [reading.totals or _together(reading.calls) for reading, _ in parts]
    return parts[-1][0].calls[-1], totals[0].counts if len(totals) == 1 else summed(totals)


def _together(calls: tuple[Call, ...]) -> Call:
    return calls[0] if len(calls) == 1 else Call(counts=summed(calls))


def _model(last: Call) -> dict[str, Any]:
    model: dict[str, Any] = {}
    if last.model is not None:
        model["id"] = model["display_name"] = last.model
    if last.provider is not None:
        model["provider"] = last.provider
    if last.reasoning is not None:
        model["reasoning"] = last.reasoning
    model["is_fallback"] = model["is_override"] = False
    return model
