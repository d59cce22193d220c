"""A contract with what its session and today come to: fields that its host does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from usagebar.figures import mapping
from usagebar.ledger.figures import PICO, Totals


def enriched(
    contract: Mapping[str, Any], of_session: Totals, of_today: Totals, of_budget: Mapping[str, float]
) -> dict[str, Any]:
    """Return a contract with these sums in its `session` and `cost`; what it says already stays.

    An amount is absent if a turn of it has no price, and the tokens if a turn's are not known.
    """
    sums: dict[str, dict[str, Any]] = {
        "session": _counts(of_session),
        "cost": {**_amount("session_usd", of_session), **_amount("today_usd", of_today), **of_budget},
    }
    whole = dict(contract)
    for name, found in sums.items():
        said = mapping(contract.get(name))
        if found or said:
            whole[name] = {**found, **{key: value for key, value in said.items() if value is not None}}
    return whole


def _amount(name: str, totals: Totals) -> dict[str, float]:
    is_known = totals.turns and not totals.unpriced
    return {name: totals.cost / PICO} if is_known else {}


def _counts(totals: Totals) -> dict[str, int]:
    if not totals.turns:
        return {}
    if totals.incomplete:
        return {"turns": totals.turns}
    return {
        "input_tokens": totals.input,
        "output_tokens": totals.output,
        "cache_read_tokens": totals.cache_read,
        "cache_write_tokens": totals.cache_write,
        "total_tokens": totals.tokens,
        "turns": totals.turns,
    }
