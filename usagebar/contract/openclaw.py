"""OpenClaw's reply state → the contract. Standard library only: it is on the way of the cold command line."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar import figures
from usagebar.contract.errors import ContractError
from usagebar.figures import count, flag, rounded, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    Fields = tuple[tuple[str, str, Callable[[object], object]], ...]

SCHEMA: Final = "openclaw.usageLine.v1"

# One table a section: field of the contract, key of the state, door.
_WHO: Fields = (
    ("agentId", "agentId", text),
    ("chat_type", "chatType", text),
)
_SESSION: Fields = (("id", "sessionId", text),)
_MODEL: Fields = (
    ("id", "model", text),
    ("display_name", "model", text),
    ("provider", "provider", text),
    ("reasoning", "reasoningEffort", text),
    ("requested", "requested", text),
    ("actual", "actual", text),
    ("resolved_ref", "resolvedRef", text),
    ("auth_mode", "authMode", text),
    ("override_source", "overrideSource", text),
)
_STATE: Fields = (
    ("fast_mode", "fastMode", flag),
    ("compactions", "compactionCount", count),
)
_COST: Fields = (("turn_usd", "turnUsd", figures.dollars),)
_TIMING: Fields = (("duration_ms", "durationMs", rounded),)
_IDENTITY: Fields = (
    ("name", "name", text),
    ("emoji", "emoji", text),
    ("avatar", "avatar", text),
)

# Count → the names it arrives under; the first valid one wins. A dot leads into a nested object.
_COUNTS = {
    "input_tokens": ("input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens"),
    "cache_read_tokens": (
        "cacheRead",
        "cache_read",
        "cache_read_input_tokens",
        "cached_tokens",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
    ),
    "cache_write_tokens": (
        "cacheWrite",
        "cache_write",
        "cache_creation_input_tokens",
        "prompt_tokens_details.cache_write_tokens",
        "input_tokens_details.cache_write_tokens",
    ),
    "output_tokens": ("output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens"),
    "total_tokens": ("total", "totalTokens", "total_tokens"),
}
# Input counts that include the cached tokens: OpenAI's Chat Completions and whatever copies it name theirs so. Of the
# names that others share (Anthropic's count excludes, the Responses API's includes) a count in `…_details` tells.
_ALWAYS_INCLUSIVE = ("promptTokens", "prompt_tokens")
_INCLUSIVE_WITH_DETAILS = ("inputTokens", "input_tokens")
_CACHE_COUNTS = ("cache_read_tokens", "cache_write_tokens")


def build_contract(state: Mapping[str, object], surface: str | None = None) -> dict[str, Any]:
    """Build the contract `openclaw.usageLine.v1` of one turn from OpenClaw's reply state.

    Counts are in tokens, `turn_usd` in US dollars, `duration_ms` in milliseconds. What the state does not
    say, or says in a wrong type, is absent: never 0, never null. `surface` is the channel id (`discord`,
    `telegram`, …). Raises `ContractError` if `state` is no mapping.
    """
    if not isinstance(state, Mapping):
        raise ContractError(f"expected an OpenClaw reply state (an object), found {type(state).__name__}")
    turn, last = _counts(state.get("usage")), _counts(state.get("lastUsage"))
    sections: dict[str, Any] = {
        "session": _known(state, _SESSION),
        "model": _model(state),
        "state": _known(state, _STATE),
        "usage": figures.turn_usage(turn) | ({"last": figures.call_usage(last)} if last else {}),
        "context": _context(state, turn, last),
        "cost": _cost(state),
        "timing": _known(state, _TIMING),
        "identity": _known(figures.mapping(state.get("identity")), _IDENTITY),
    }
    contract: dict[str, Any] = {"schema": SCHEMA}
    if (channel := text(surface)) is not None:
        contract["surface"] = channel
    return contract | _known(state, _WHO) | {name: section for name, section in sections.items() if section}


def _known(source: Mapping[Any, Any], fields: Fields) -> dict[str, Any]:
    return {field: value for field, key, door in fields if (value := door(source.get(key))) is not None}


def _model(state: Mapping[str, object]) -> dict[str, Any]:
    model = _known(state, _MODEL)
    model["is_fallback"] = state.get("fallbackUsed") is True
    model["is_override"] = model.get("override_source", "auto") != "auto"
    return model


def _cost(state: Mapping[str, object]) -> dict[str, Any]:
    cost = _known(state, _COST)
    cost["available"] = bool(cost)
    return cost


def _context(state: Mapping[str, object], turn: Mapping[str, int], last: Mapping[str, int]) -> dict[str, Any]:
    context = {}
    size, used = count(state.get("contextTokenBudget")), _used(state, turn, last)
    if size:
        context["max_tokens"] = size
    if used is not None:
        context["used_tokens"] = used
    if size and used is not None and (pct := figures.percent(used, size)) is not None:
        context["pct_used"] = pct
    return context


def _used(state: Mapping[str, object], turn: Mapping[str, int], last: Mapping[str, int]) -> int | None:
    used = rounded(state.get("contextUsedTokens"))
    if used is None:
        used = figures.prompt_total(last)
    # Each call resends the context, so a sum of calls is no measure of it; without `lastUsage` there was one.
    if used is None and state.get("lastUsage") is None:
        used = figures.prompt_total(turn)
    return used


def _counts(usage: object) -> dict[str, int]:
    source = figures.mapping(usage)
    found = {field: hit for field, names in _COUNTS.items() if (hit := _first(source, names)) is not None}
    counts = {field: tokens for field, (_, tokens) in found.items()}
    if "input_tokens" in found and _includes_cache(found["input_tokens"][0], source):
        cached = sum(counts.get(field, 0) for field in _CACHE_COUNTS)
        counts["input_tokens"] = max(0, counts["input_tokens"] - cached)
    return counts


def _includes_cache(name: str, usage: Mapping[Any, Any]) -> bool:
    """Tell whether the input count of this name includes the cached tokens."""
    details = [name for field in _CACHE_COUNTS for name in _COUNTS[field] if "_details." in name]
    if name in _INCLUSIVE_WITH_DETAILS:
        return _first(usage, tuple(details)) is not None
    return name in _ALWAYS_INCLUSIVE


def _first(usage: Mapping[Any, Any], names: tuple[str, ...]) -> tuple[str, int] | None:
    for name in names:
        outer, _, inner = name.partition(".")
        value = figures.mapping(usage.get(outer)).get(inner) if inner else usage.get(outer)
        if (tokens := count(value)) is not None:
            return name, tokens
    return None
