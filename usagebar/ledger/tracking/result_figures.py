"""The figures of results: token counts and costs, under all the names that programs have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.contract.fields import fields_of, first_of, inner
from usagebar.contract.openclaw import build_contract
from usagebar.figures import count, dollars, text
from usagebar.ledger.facts import known_id
from usagebar.ledger.turns import MOST_TOKENS, MOST_USD, TurnRecord

if TYPE_CHECKING:
    from usagebar.contract.fields import Fields

COST = ("cost_usd", "costUsd", "costUSD", "total_cost_usd", "totalCostUsd", "turn_usd", "turnUsd")
_PLAIN_COST = ("cost", "total_cost", "totalCost")  # a number, or an object with a total
_TOTAL_COST = ("total", "total_usd", "usd", "total_cost", "turn_usd", "turnUsd")
# Names of OpenClaw's table of counts, and what else programs call the same.
CONTRACT_CACHE = ("cache_read_tokens", "cache_write_tokens")
_ALIASES = {
    "cacheRead": (
        *("cacheRead", "cache_read", "cache_read_tokens", "cacheReadTokens"),
        *("cacheReadInputTokens", "prompt_cache_hit_tokens"),  # Bedrock's Converse; DeepSeek
    ),
    "cacheWrite": (
        *("cacheWrite", "cache_write", "cache_write_tokens", "cacheWriteTokens", "cacheCreationTokens"),
        "cacheWriteInputTokens",
    ),
}
PLAIN = (
    *("input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens", "tokens_in", "tokensIn"),
    *("output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens", "tokens_out", "tokensOut"),
    *("cache_read_input_tokens", "cached_tokens", "cache_creation_input_tokens"),
    *("total", "totalTokens", "total_tokens"),
)
# Objects of the cached tokens that an input count includes: their names of reads and writes.
_DETAILS = {
    "prompt_tokens_details": ("cached_tokens", "cache_write_tokens"),
    "input_tokens_details": ("cached_tokens", "cache_write_tokens"),
    "inputTokenDetails": ("cacheReadTokens", "cacheWriteTokens"),  # Vercel's AI SDK
}
# What only pydantic-ai has beside cache counts of the contract's names; and always `details`.
_OF_DUMPS = ("requests", "tool_calls", "unmeasured_requests")
_COUNTS_OF_TURN = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


def tokens_of(value: object) -> int | None:
    """Return a count of tokens; None for what is none, or more than a call can use."""
    tokens = count(value)
    return tokens if tokens is not None and tokens <= MOST_TOKENS else None


def usd_of(value: object) -> float | None:
    """Return US dollars; None for what is no amount, or more than a call can cost."""
    usd = dollars(value)
    return usd if usd is not None and usd <= MOST_USD else None


def is_dump(usage: Fields) -> bool:
    """Tell whether a usage is a dumped one of pydantic-ai: its input includes the cache, its cost is an estimate."""
    if not any(name in usage for name in CONTRACT_CACHE):
        return False
    return any(name in usage for name in _OF_DUMPS) or isinstance(usage.get("details"), Mapping)


def counts_of(usage: Fields) -> dict[str, int]:
    """Return the counts of a usage by the contract's names."""
    source: dict[str, Any] = {name: usage.get(name) for name in PLAIN}
    source["input"] = first_of(usage, "input", "tokens_in", "tokensIn")
    source["output"] = first_of(usage, "output", "tokens_out", "tokensOut")
    for name, names in _ALIASES.items():
        source[name] = first_of(usage, *names)
    found = build_contract({"usage": source | _details(usage)})["usage"]
    return {
        name: tokens
        for name, value in found.items()
        if name.endswith("_tokens") and (tokens := tokens_of(value)) is not None
    }


def _details(usage: Fields) -> dict[str, dict[str, Any]]:
    """Return the cached tokens that the input includes, as OpenAI names them."""
    found: dict[str, dict[str, Any]] = {}
    if (cached := usage.get("cachedInputTokens")) is not None:  # Vercel's AI SDK
        found["input_tokens_details"] = {"cached_tokens": cached}
    for name, (read, write) in _DETAILS.items():
        if (details := fields_of(usage.get(name))) is not None:
            known = {"cached_tokens": details.get(read), "cache_write_tokens": details.get(write)}
            found["prompt_tokens_details" if name.startswith("prompt") else "input_tokens_details"] = known
    return found


def named_cost(fields: Fields) -> float | None:
    """Return the cost that is named as one in US dollars."""
    return next((usd for name in COST if (usd := usd_of(fields.get(name))) is not None), None)


def plain_cost(fields: Fields) -> float | None:
    """Return the cost that is named so and no more: a number, or an object with its total.

    With a key of one's own at OpenRouter it is the fee alone, and what the provider bills comes on top.
    """
    for name in _PLAIN_COST:
        value = fields.get(name)
        parts = fields_of(value)
        values = [value] if parts is None else [parts.get(each) for each in _TOTAL_COST]
        usd = next((usd for each in values if (usd := usd_of(each)) is not None), None)
        if usd is not None:
            return usd if fields.get("is_byok") is not True else _with_upstream(usd, fields)
    return None


def _with_upstream(fee: float, fields: Fields) -> float | None:
    upstream = usd_of(inner(fields, "cost_details").get("upstream_inference_cost"))
    return None if upstream is None else usd_of(fee + upstream)


def is_more(total: int | None, turn: TurnRecord) -> bool:
    """Tell whether a total that was reported is more than the parts, where nothing is known of the cache.

    What the rest is, and what it costs, cannot be told.
    """
    if total is None or turn.input is None or turn.output is None:
        return False
    cache = (turn.cache_read, turn.cache_write_5m, turn.cache_write_1h)
    return all(tokens is None for tokens in cache) and total > turn.input + turn.output


def cleaned(turn: TurnRecord) -> tuple[TurnRecord, bool]:
    """Return a record with only what can be, and whether all of its counts could."""
    counts = {name: tokens_of(getattr(turn, name)) for name in _COUNTS_OF_TURN}
    is_whole = all(tokens is not None or getattr(turn, name) is None for name, tokens in counts.items())
    usd = usd_of(turn.cost_usd)
    known: Mapping[str, Any] = {
        **counts,
        "agent_id": known_id(turn.agent_id),
        **{name: text(getattr(turn, name)) for name in ("model", "provider")},
        "timestamp": count(turn.timestamp),
        "cost_usd": usd,
        "cost_source": None if usd is None else turn.cost_source,
    }
    return turn._replace(**known), is_whole
