"""From the contract of a turn to its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from usagebar.contract.errors import ContractError
from usagebar.contract.fields import described
from usagebar.contract.openclaw import SCHEMA
from usagebar.figures import count, dollars, flag, mapping, text
from usagebar.ledger.facts import known_id, latency
from usagebar.ledger.turns import API, ESTIMATED, MOST_TOKENS, MOST_USD, REPORTED, TurnRecord

_EXPECTED = "expected a contract (a mapping), a UsageContract, a Turn or a TurnRecord"
_OF_CONTRACT = "estimated by the host"  # whose prices an estimate that comes with a contract is by
_NO_CHAT = ("terminal",)  # surfaces that are no channel: who reads there is the user himself
_PROMPT = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
_COUNTS = (*_PROMPT, "output_tokens", "total_tokens")


class Read(NamedTuple):
    """Hold the record of a contract without key and time, and over how many requests a price of it would go.

    `requests` is 0 if its cost must not be estimated, 1 for a turn of one call, 2 for any more.
    """

    turn: TurnRecord
    requests: int


def contract_of(given: object) -> Mapping[str, Any]:
    """Return the contract that is given as a mapping, as a `UsageContract` or as a `Turn`.

    Raises `ContractError` for a mapping that is no contract, `TypeError` for anything else.
    """
    if not isinstance(given, Mapping):
        given = _converted(given)
    schema, model = given.get("schema"), given.get("model")
    if schema is not None and schema != SCHEMA:
        raise ContractError(f"expected a contract of the schema {SCHEMA!r}, found {text(schema) or described(schema)}")
    if model is not None and not isinstance(model, Mapping):
        hint = "; usagebar.contract.from_response makes one of a provider's answer"
        raise ContractError(f"expected a contract, whose model is an object, found {described(given)}{hint}")
    return given


def _converted(given: object) -> Mapping[str, Any]:
    from usagebar.contract.turn import Turn  # noqa: PLC0415 - most contracts are mappings

    if isinstance(given, Turn):
        return given.contract()
    found = given.to_mapping() if hasattr(given, "to_mapping") and not isinstance(given, type) else None
    if not isinstance(found, Mapping):
        raise TypeError(f"{_EXPECTED}, found {described(given)}")
    return found


def read_contract(contract: Mapping[str, Any]) -> Read | None:
    """Return what a contract says of its turn; None if it says of no tokens and no cost.

    `cost.session_usd` is never the turn's. Cache writes that are not said to be for an hour are for 5 minutes.
    """
    usage, cost = mapping(contract.get("usage")), mapping(contract.get("cost"))
    counts = {name: _tokens(usage.get(name)) for name in _COUNTS}
    usd = dollars(cost.get("turn_usd"))
    if usd is not None and not usd <= MOST_USD:
        usd = None
    if usd is None and all(tokens is None for tokens in counts.values()):
        return None
    model, state = mapping(contract.get("model")), mapping(contract.get("state"))
    short, long = _writes(usage, counts["cache_write_tokens"])
    surface = text(contract.get("surface"))
    turn = TurnRecord(
        key=b"",
        runtime=API,
        session_id=known_id(mapping(contract.get("session")).get("id")),
        agent_id=known_id(contract.get("agentId")),
        origin=None if surface in _NO_CHAT else surface,
        model=text(model.get("id")),
        provider=text(model.get("provider")),
        input=counts["input_tokens"],
        cache_read=counts["cache_read_tokens"],
        cache_write_5m=short,
        cache_write_1h=long,
        output=counts["output_tokens"],
        reasoning=_tokens(usage.get("reasoning_tokens")),
        latency_ms=latency(mapping(contract.get("timing")).get("duration_ms")),
        cost_usd=usd,
        cost_source=None if usd is None else _source(cost),
        prices=_OF_CONTRACT if usd is not None and _source(cost) == ESTIMATED else None,
        fast=flag(state.get("fast_mode")),
    )
    return Read(turn, 0 if usd is not None else _requests(contract, usage, cost))


def _tokens(value: object) -> int | None:
    tokens = count(value)
    return tokens if tokens is not None and tokens <= MOST_TOKENS else None


def _writes(usage: Mapping[str, Any], written: int | None) -> tuple[int | None, int | None]:
    """Return the cache writes for 5 minutes and for an hour."""
    short, long = _tokens(usage.get("cache_write_5m_tokens")), _tokens(usage.get("cache_write_1h_tokens"))
    if written is None or (long is not None and long > written):
        return (short, long) if written is None else (written, None)
    return written - (long or 0), long


def _source(cost: Mapping[str, Any]) -> str:
    return ESTIMATED if cost.get("source") == ESTIMATED else REPORTED


def _requests(contract: Mapping[str, Any], usage: Mapping[str, Any], cost: Mapping[str, Any]) -> int:
    """Return over how many requests the usage goes, 0 if the turn's cost must not be estimated from it.

    A subscription has no cost. Where the source could not tell the cost of a turn of several calls, they may be of
    several models; nor is there one where it knew the input and yet not the prompt, for its cache counts were wrong.
    """
    if str(mapping(contract.get("model")).get("auth_mode")).strip().lower() == "oauth":
        return 0
    last = usage.get("last")
    if not isinstance(last, Mapping):
        return 1
    if any(usage.get(name) != last.get(name) for name in _COUNTS):
        return 0 if cost.get("available") is False else 2
    is_doubtful = "input_tokens" in last and "used_tokens" not in mapping(contract.get("context"))
    return 0 if is_doubtful and cost.get("available") is False else 1
