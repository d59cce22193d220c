"""The results of runs, of whatever program: who ran, on what model, and what it used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from usagebar.contract.errors import ContractError
from usagebar.contract.fields import described, fields_of, first_of
from usagebar.contract.openclaw import SCHEMA
from usagebar.contract.recognise import recognised
from usagebar.figures import text
from usagebar.ledger.contracts import contract_of, read_contract
from usagebar.ledger.facts import known_id
from usagebar.ledger.tracking.result_figures import (
    CONTRACT_CACHE,
    COST,
    PLAIN,
    cleaned,
    counts_of,
    is_dump,
    is_more,
    named_cost,
    plain_cost,
    tokens_of,
)
from usagebar.ledger.turns import API, REPORTED, TurnRecord

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from usagebar.contract.fields import Fields
    from usagebar.pricing.prices import Prices

_AGENT = ("agent_id", "agentId", "agent_name", "agentName", "agent")
_MODEL = ("model", "model_id", "modelId", "model_name", "modelName")
_PROVIDER = ("provider", "modelProvider", "model_provider", "provider_name")
_ID = ("id", "name", "model_id", "model_name", "agent_id")  # where one of these is an object
_USAGE = ("usage", "token_usage", "tokenUsage", "tokens")
# What only the answers of providers have, or their usage.
_OF_ANSWERS = ("choices", "candidates", "stop_reason", "usage_metadata", "usageMetadata", "response_metadata")
_OF_USAGES = (
    *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"),
    *("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
    *("input_token_details", "output_token_details", "prompt_token_count", "promptTokenCount"),
)
_PACKAGES = ("anthropic", "openai", "google", "litellm", "pydantic_ai", "langchain_core")
_KNOWN = (*_AGENT, *_MODEL, *_USAGE, *COST, *CONTRACT_CACHE, *PLAIN)


class Result(NamedTuple):
    """Hold the record of a run, the total that was reported, and over how many requests an estimate would go.

    `requests` is 0 if its cost must not be estimated.
    """

    turn: TurnRecord
    total: int | None = None
    requests: int = 1


def read_result(result: object, *, prices: Prices | None, model: str | None, at: datetime) -> Result:
    """Return what a result says: a contract, a provider's answer, or any object with a model, usage or token counts.

    What is missing or no number is unknown. A cost that the result reports comes before all others. `prices`, the
    `model` that is known and the time are for the costs of answers.
    Raises `ContractError` for what is no result at all: a number, a text, an object without any of these.
    """
    if isinstance(result, TurnRecord):
        turn, is_whole = cleaned(result)
        return Result(turn, requests=1 if is_whole else 0)
    found = _read(result, prices=prices, model=model, at=at)
    return found._replace(requests=0) if is_more(found.total, found.turn) else found


def _read(result: object, **known: Any) -> Result:
    if _is_contract(result):
        return _of_contract(contract_of(result))
    fields = fields_of(result)
    if fields is None:
        raise _no_result(result)
    if _is_of_library(result) and recognised(result) is not None:
        return _of_answer(result, _Parts(result, fields, None, fields), **known)
    parts = _parts(result, fields)
    if (answer := _answer(parts)) is not None:
        return _of_answer(answer, parts, **known)
    counts = counts_of(parts.usage)
    if not counts and recognised(result) is not None:
        return _of_answer(result, parts, **known)
    if not counts and all(fields.get(name) is None for name in _KNOWN):
        raise _no_result(result)
    return _of_fields(parts, counts)


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
    total = tokens_of(usage.get("total_tokens")) if isinstance(usage, Mapping) else None
    if read is None:  # nothing is known but who it was
        model = fields_of(contract.get("model")) or {}
        turn = TurnRecord(
            b"",
            API,
            agent_id=known_id(contract.get("agentId")),
            model=text(model.get("id")),
            provider=text(model.get("provider")),
        )
        return Result(turn)
    return Result(read.turn, total, read.requests)


class _Parts(NamedTuple):
    """Hold a result and its usage, each as the object and its fields; without a usage those are the result's."""

    result: object
    fields: Fields
    source: object
    usage: Fields


def _parts(result: object, fields: Fields) -> _Parts:
    for name in _USAGE:
        source = fields.get(name)
        if callable(source) and not counts_of(fields_of(source) or {}):
            source = _called(source) if name == "usage" else None
        if (usage := fields_of(source)) is not None:
            return _Parts(result, fields, source, usage)
    return _Parts(result, fields, None, fields)


def _called(usage: Callable[[], object]) -> object:
    """Return what a method gives that needs no argument, as libraries had their usage; None for any other."""
    import inspect  # noqa: PLC0415 - few results have one

    if isinstance(usage, type) or inspect.iscoroutinefunction(usage):
        return None
    try:
        inspect.signature(usage).bind()
    except (TypeError, ValueError):
        return None
    try:
        return usage()
    except Exception as error:
        raise ContractError(f"expected usage() of a result, found that it raises {type(error).__name__}") from error


def _answer(parts: _Parts) -> object:
    """Return what of a result a provider's reader knows, the whole or its usage; None if there is nothing."""
    is_dumped = is_dump(parts.usage)
    is_known = is_dumped or _is_of_library(parts.source)
    if not is_known and any(parts.usage.get(name) is not None for name in CONTRACT_CACHE):
        return None
    is_known = is_known or any(parts.fields.get(name) is not None for name in _OF_ANSWERS)
    if not (is_known or any(parts.usage.get(name) is not None for name in _OF_USAGES)):
        return None
    return next((each for each in (parts.result, parts.source) if recognised(each) is not None), None)


def _is_of_library(value: object) -> bool:
    """Tell whether an object is of one of the libraries whose answers are known."""
    return type(value).__module__.partition(".")[0] in _PACKAGES


def _of_answer(answer: object, parts: _Parts, **known: Any) -> Result:
    from usagebar.contract.answers import from_response  # noqa: PLC0415 - not every result is one

    known["model"] = known["model"] or _name(parts.fields, _MODEL)
    contract = from_response(answer, agent_id=_name(parts.fields, _AGENT), **known)
    # What the answer's reader could not price has none: it knows more than the counts tell.
    found = _of_contract(contract)._replace(requests=0)
    usd = _own_cost(parts.result, parts.fields)
    if usd is None and found.turn.cost_source != REPORTED:
        usd = _own_cost(parts.source, parts.usage)
    return found if usd is None else found._replace(turn=_costing(found.turn, usd))


def _own_cost(holder: object, fields: Fields) -> float | None:
    """Return the cost that an object reports; what libraries call their cost, without a currency, is an estimate."""
    usd = named_cost(fields)
    return usd if usd is not None or _is_of_library(holder) or is_dump(fields) else plain_cost(fields)


def _costing(turn: TurnRecord, usd: float) -> TurnRecord:
    return turn._replace(cost_usd=usd, cost_source=REPORTED, prices=None)


def _of_fields(parts: _Parts, counts: Mapping[str, int]) -> Result:
    fields = parts.fields
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
    )
    usd = _own_cost(parts.result, fields)
    if usd is None:
        usd = _own_cost(parts.source, parts.usage)
    return Result(turn if usd is None else _costing(turn, usd), counts.get("total_tokens"))


def _name(fields: Fields, names: tuple[str, ...]) -> str | None:
    """Return the name that one of these fields has, itself or as an object's id; a number is one of agents."""
    door = known_id if names is _AGENT else text
    for name in names:
        value = fields.get(name)
        found = door(value)
        if found is None and (inner := fields_of(value)) is not None:
            found = door(first_of(inner, *_ID))
        if found is not None:
            return found
    return None
