"""A sparse snapshot of a live session, filled from the latest usage entry of its transcript."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from usagebar.contract.errors import ContractError
from usagebar.contract.openclaw import SCHEMA, build_contract
from usagebar.figures import count, mapping, text
from usagebar.ledger.latest_usage import latest_usage
from usagebar.ledger.turns import TurnRecord


class _Counters(NamedTuple):
    """Hold the tokens of a call; None is unknown."""

    input: int | None
    output: int | None
    cacheRead: int | None  # noqa: N815 - a key of the snapshot
    cacheWrite: int | None  # noqa: N815 - as above

    @property
    def prompt(self) -> int | None:
        return None if self.input is None else self.input + (self.cacheRead or 0) + (self.cacheWrite or 0)

    @property
    def total(self) -> int | None:
        return None if self.prompt is None or self.output is None else self.prompt + self.output


# Counter → its key in an entry of OpenClaw's sessions, and the name under which a contract has it.
_SESSION_KEYS = {"input": "inputTokens", "output": "outputTokens", "cacheRead": "cacheRead", "cacheWrite": "cacheWrite"}
_CONTRACT_NAMES = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cacheRead": "cache_read_tokens",
    "cacheWrite": "cache_write_tokens",
}
# What only an entry of the sessions has, and what only a reply state has; `model`, `sessionId` and others are of both.
_SESSION_SIGNS = (
    *(*_SESSION_KEYS.values(), "totalTokens", "contextTokens", "modelProvider"),
    *("updatedAt", "sessionFile", "sessionStartedAt", "modelOverride", "providerOverride"),
)
_STATE_SIGNS = (
    *("lastUsage", "contextTokenBudget", "contextUsedTokens", "provider", "turnUsd", "durationMs", "agentId"),
    *("resolvedRef", "requested", "reasoningEffort", "fallbackUsed", "overrideSource", "authMode", "identity"),
)
# What the usage of a contract has and no reply state's.
_CONTRACT_SIGNS = ("has_tokens", "has_split_tokens", "has_total_only_tokens", "cache_read_tokens", "cache_write_tokens")


def filled(snapshot: Mapping[str, Any], transcript: str | os.PathLike[str]) -> dict[str, Any]:
    """Return a snapshot with what it lacks from the latest usage entry of a transcript, OpenClaw's or Claude Code's.

    A snapshot is OpenClaw's reply state (counters in `usage`, the context's total in `contextUsedTokens`), or an entry
    of its sessions (`inputTokens`, `outputTokens`, `cacheRead`, `cacheWrite`, and the total in `totalTokens`): an entry
    has no `usage`, but one of these or of `contextTokens`, `modelProvider`, `updatedAt`, `sessionFile`; or else it has
    a `sessionId` and nothing that only reply states have (`provider`, `turnUsd`, `contextTokenBudget`, …). Counters
    that are missing or 0 are filled, and the model's name and provider if it has none; what is live and not 0 stays.
    The total becomes the prompt of the entry, cached tokens included, if it is missing or smaller. If there is no
    transcript or nothing in it, the snapshot stays as it is.
    Raises `TypeError` if the snapshot is no mapping, `ContractError` if it is a contract already, `LedgerError` for a
    transcript that cannot be read.
    """
    if not isinstance(snapshot, Mapping):
        raise TypeError(f"expected a snapshot (a mapping), found {type(snapshot).__name__}")
    if _is_contract(snapshot):
        hint = "fill the state first, and make the contract of what is filled"
        raise ContractError(f"expected a reply state or an entry of the sessions, found a contract; {hint}")
    call = latest_usage(transcript)
    if call is None:
        return dict(snapshot)
    return _session(snapshot, call) if _is_session(snapshot) else _state(snapshot, call)


def _is_contract(snapshot: Mapping[str, Any]) -> bool:
    usage = mapping(snapshot.get("usage"))
    return snapshot.get("schema") == SCHEMA or any(name in usage for name in _CONTRACT_SIGNS)


def _is_session(snapshot: Mapping[str, Any]) -> bool:
    if "usage" in snapshot:
        return False
    if any(name in snapshot for name in _SESSION_SIGNS):
        return True
    return "sessionId" in snapshot and not any(name in snapshot for name in _STATE_SIGNS)


def _session(snapshot: Mapping[str, Any], call: TurnRecord) -> dict[str, Any]:
    counters, entry = _counters(call), dict(snapshot)
    for name, key in _SESSION_KEYS.items():
        tokens = getattr(counters, name)
        if not count(entry.get(key)) and tokens is not None:
            entry[key] = tokens
    return _with_model(_with_total(entry, "totalTokens", counters), call, "modelProvider")


def _state(snapshot: Mapping[str, Any], call: TurnRecord) -> dict[str, Any]:
    counters, live = _counters(call), mapping(snapshot.get("usage"))
    # Counters arrive under many names; a live one stays under its own.
    known = build_contract({"usage": live})["usage"]
    lacking = {name: tokens for name, tokens in counters._asdict().items() if not known.get(_CONTRACT_NAMES[name])}
    usage = {**live, **{name: tokens for name, tokens in lacking.items() if tokens is not None}}
    has_counts = any(known.get(name) for name in _CONTRACT_NAMES.values())
    if not has_counts and not known.get("total_tokens") and counters.total is not None:
        usage["total"] = counters.total
    state = {**snapshot, "usage": usage}
    return _with_model(_with_total(state, "contextUsedTokens", counters), call, "provider")


def _counters(call: TurnRecord) -> _Counters:
    short, long = call.cache_write_5m, call.cache_write_1h
    written = None if short is None and long is None else (short or 0) + (long or 0)
    return _Counters(call.input, call.output, call.cache_read, written)


def _with_total(snapshot: dict[str, Any], key: str, counters: _Counters) -> dict[str, Any]:
    if counters.prompt is not None and counters.prompt > (count(snapshot.get(key)) or 0):
        snapshot[key] = counters.prompt
    return snapshot


def _with_model(snapshot: dict[str, Any], call: TurnRecord, provider_key: str) -> dict[str, Any]:
    if text(snapshot.get("model")) is None and call.model is not None:
        snapshot["model"] = call.model
        if text(snapshot.get(provider_key)) is None and call.provider is not None:
            snapshot[provider_key] = call.provider
    return snapshot
