"""The results of runs, of whatever program: who ran, on what model, and what it used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from usagebar.contract.errors import ContractError
from usagebar.contract.fields import described, fields_of, first_of
from usagebar.contract.openclaw import SCHEMA, build_contract
from usagebar.contract.recognise import recognised
from usagebar.figures import count, dollars, text
from usagebar.ledger.contracts import contract_of, read_contract
from usagebar.ledger.turns import API, MOST_TOKENS, MOST_USD, REPORTED, TurnRecord

if TYPE_CHECKING:
    from datetime import datetime

    from usagebar.contract.fields import Fields
    from usagebar.pricing.prices import Prices

_AGENT = ("agent_id", "agentId", "agent_name", "agentName", "agent")
_MODEL = ("model", "model_id", "modelId", "model_name", "modelName")
_PROVIDER = ("provider", "modelProvider", "model_provider", "provider_name")
_ID = ("id", "name", "model_id", "model_name", "agent_id")  # where one of these is an object
_USAGE = ("usage", "token_usage", "tokenUsage", "tokens")
_COST = ("cost_usd", "costUsd", "costUSD", "total_cost_usd", "totalCostUsd", "turn_usd", "turnUsd")
# Names of OpenClaw's table of counts, and what else programs call the same.
_CONTRACT_CACHE = ("cache_read_tokens", "cache_write_tokens")
_ALIASES = {
    "cacheRead": ("cacheRead", "cache_read", "cache_read_tokens", "cacheReadTokens"),
    "cacheWrite": ("cacheWrite", "cache_write", "cache_write_tokens", "cacheWriteTokens", "cacheCreationTokens"),
}
_PLAIN = (
    *("input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens", "tokens_in", "tokensIn"),
    *("output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens", "tokens_out", "tokensOut"),
    *("cache_read_input_tokens", "cached_tokens", "cache_creation_input_tokens"),
    *("total", "totalTokens", "total_tokens"),
)
_DETAILS = ("prompt_tokens_details", "input_tokens_details")
# What only the answers of providers have, or their usage.
_OF_ANSWERS = ("choices", "candidates", "stop_reason", "usage_metadata", "usageMetadata", "response_metadata")
_OF_USAGES = (
    *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"),
    *("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
    *("input_token_details", "output_token_details", "prompt_token_count", "promptTokenCount"),
)
_PACKAGES = ("anthropic", "openai", "google", "litellm", "pydantic_ai", "langchain_core")
_KNOWN = (*_AGENT, *_MODEL, *_USAGE, *_COST, *_CONTRACT_CACHE, *_PLAIN)


class Result(NamedTuple):
    """Hold the record of a run, the total that was reported, and over how many requests an estimate would go.

    `requests` is 0 if its cost must not be estimated.
    """

    turn: TurnRecord
    total: int | None = None
    requests: int = 1


def read_result(result: object, *, prices: Prices | None, model: str | None, at: datetime) -> Result:
    """Return what a result says: a contract, a provider's answer, or any object with a model, usage or token counts.

    What is missing or no number is unknown. `prices`, the `model` that is known and the time
    are for the costs of answers.
    Raises `ContractError` for what is no result at all: a number, a text, an object without any of these.
    """
    if isinstance(result, TurnRecord):
        return Result(result)
    if _is_contract(result):
        return _of_contract(contract_of(result))
    fields = fields_of(result)
    if fields is None:
        raise _no_result(result)
    usage = _usage(fields)
    if _is_answer(result, fields, usage):
        return _of_answer(result, fields, prices=prices, model=model, at=at)
    counts = _counts(usage)
    if not counts and recognised(result) is not None:
        return _of_answer(result, fields, prices=prices, model=model, at=at)
    if not counts and all(fields.get(name) is None for name in _KNOWN):
        raise _no_result(result)
    return _of_fields(fields, usage, counts)


def _no_result(found: object) -> ContractError:
    expected = "a result (an object or mapping with a model, usage or token counts)"
    return ContractError(f"expected {expected}, found {described(found)}")


def _is_contract(result: object) -> bool:
    if isinstance(result, Mapping):
        return result.get("schema") == SCHEMA or (
            isinstance(result.get("model"), Mapping)
            and isinstance(result.get("cost", {}), Mapping)
            and _has_flags(result)
        )
    from usagebar.contract.turn import Turn  # noqa: PLC0415 - most results are others

    return isinstance(result, Turn) or type(result).__module__ == "usagebar.contract.model"


def _has_flags(contract: Mapping[str, Any]) -> bool:
    usage = contract.get("usage")
    return isinstance(usage, Mapping) and ("has_tokens" in usage or "has_split_tokens" in usage)


def _of_contract(contract: Mapping[str, Any]) -> Result:
    read = read_contract(contract)
    usage = contract.get("usage")
    total = _tokens(usage.get("total_tokens")) if isinstance(usage, Mapping) else None
    if read is None:  # nothing is known but who it was
        model = fields_of(contract.get("model")) or {}
        turn = TurnRecord(
            b"",
            API,
            agent_id=text(contract.get("agentId")),
            model=text(model.get("id")),
            provider=text(model.get("provider")),
        )
        return Result(turn)
    return Result(read.turn, total, read.requests)


def _usage(fields: Fields) -> Fields:
    for name in _USAGE:
        usage = fields.get(name)
        if callable(usage):  # as some libraries' results have it
            continue
        if (found := fields_of(usage)) is not None:
            return found
    return fields


def _is_answer(result: object, fields: Fields, usage: Fields) -> bool:
    package = type(result).__module__.partition(".")[0]
    if package in _PACKAGES:
        return recognised(result) is not None
    if any(usage.get(name) is not None for name in _CONTRACT_CACHE) and not _is_of_package(fields):
        return False
    is_marked = any(fields.get(name) is not None for name in _OF_ANSWERS)
    is_marked = is_marked or any(usage.get(name) is not None for name in _OF_USAGES) or _is_of_package(fields)
    return is_marked and recognised(result) is not None


def _is_of_package(fields: Fields) -> bool:
    """Tell whether the usage is an object of one of the libraries whose answers are known."""
    return type(fields.get("usage")).__module__.partition(".")[0] in _PACKAGES


def _of_answer(result: object, fields: Fields, **known: Any) -> Result:
    from usagebar.contract.answers import from_response  # noqa: PLC0415 - not every result is one

    known["model"] = known["model"] or _name(fields, _MODEL)
    contract = from_response(result, agent_id=_name(fields, _AGENT), **known)
    # What the answer's reader could not price has none: it knows more than the counts tell.
    return _of_contract(contract)._replace(requests=0)


def _of_fields(fields: Fields, usage: Fields, counts: Mapping[str, int]) -> Result:
    usd = _cost(fields, usage)
    turn = TurnRecord(
        key=b"",
        runtime=API,
        agent_id=_name(fields, _AGENT),
        model=_name(fields, _MODEL),
        provider=_name(fields, _PROVIDER),
        input=counts.get("input_tokens"),
        cache_read=counts.get("cache_read_tokens"),
        cache_write_5m=counts.get("cache_write_tokens"),
        output=counts.get("output_tokens"),
        cost_usd=usd,
        cost_source=None if usd is None else REPORTED,
    )
    return Result(turn, counts.get("total_tokens"))


def _name(fields: Fields, names: tuple[str, ...]) -> str | None:
    """Return the name that one of these fields has, itself or as an object's id."""
    for name in names:
        value = fields.get(name)
        found = text(value)
        if found is None and (inner := fields_of(value)) is not None:
            found = text(first_of(inner, *_ID))
        if found is not None:
            return found
    return None


def _counts(usage: Fields) -> dict[str, int]:
    """Return the counts by the contract's names."""
    source: dict[str, Any] = {name: usage.get(name) for name in _PLAIN}
    source["input"] = first_of(usage, "input", "tokens_in", "tokensIn")
    source["output"] = first_of(usage, "output", "tokens_out", "tokensOut")
    for name, names in _ALIASES.items():
        source[name] = first_of(usage, *names)
    for name in _DETAILS:
        if (details := fields_of(usage.get(name))) is not None:
            source[name] = {key: details.get(key) for key in ("cached_tokens", "cache_write_tokens")}
    found = build_contract({"usage": source})["usage"]
    return {
        name: tokens
        for name, value in found.items()
        if name.endswith("_tokens") and (tokens := _tokens(value)) is not None
    }


def _tokens(value: object) -> int | None:
    tokens = count(value)
    return tokens if tokens is not None and tokens <= MOST_TOKENS else None


def _cost(fields: Fields, usage: Fields) -> float | None:
    values = [each.get(name) for each in (fields, usage) for name in _COST]
    inner = [each for holder in (fields, usage) if (each := fields_of(holder.get("cost"))) is not None]
    values += [each.get(name) for each in inner for name in ("total", "total_usd", "usd")]
    found = (usd for value in values if (usd := dollars(value)) is not None and usd <= MOST_USD)
    return next(found, None)
