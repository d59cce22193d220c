"""pydantic-ai: `RequestUsage` and `RunUsage`, `ModelResponse`, and the result of a run, streamed or not.

The input count includes the cache. A count that was not reported is 0 there: a usage of nothing but zeros says nothing,
and neither does a 0 of the cache or of the reasoning. Where requests went unmeasured the counts are lower bounds, and
none is told. `cost` is the library's estimate.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of
from usagebar.contract.errors import ContractError
from usagebar.contract.fields import fields_of, first_of, inner
from usagebar.contract.providers.source import Source, usage_of, word
from usagebar.figures import count, dollars, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.contract.fields import Fields

_USAGE = ("cache_read_tokens", "cache_write_tokens", "request_tokens", "response_tokens", "unmeasured_requests")
# What has prices of its own, by the names of genai-prices, which are those of the attributes here.
_UNITS = (
    "input_audio_tokens",
    "cache_audio_read_tokens",
    "output_audio_tokens",
    "input_image_tokens",
    "output_image_tokens",
    "input_video_tokens",
    "output_video_tokens",
    "web_searches",
)
_OFTEN_UNREPORTED = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def _is_answer(fields: Fields) -> bool:
    if fields.get("event_kind") == "agent_run_result" or "new_message_index" in fields or _is_run(fields):
        return True
    return "usage" in fields and (fields.get("kind") == "response" or ("parts" in fields and "model_name" in fields))


def _is_run(fields: Fields) -> bool:
    return callable(fields.get("new_messages")) and "usage" in fields


def _is_usage(fields: Fields) -> bool:
    # A usage keeps only what was set, and always its details.
    return any(name in fields for name in _USAGE) or ("details" in fields and "usage" not in fields)


def _read(fields: Fields, _answer: object) -> Reading:
    if "event_kind" in fields:
        fields = inner(fields, "result")
    if not _is_run(fields) and "new_message_index" not in fields:
        return Reading((_call(usage_of(fields), fields),))
    run = _call(fields_of(_called(fields, "usage")) or {}, {})
    responses = [each for message in _new_messages(fields) if (each := _response(message)) is not None]
    calls = tuple(_call(inner(each, "usage"), each) for each in responses)
    return Reading(calls, run) if calls else Reading((run,))


def _new_messages(fields: Fields) -> list[object]:
    """Return the messages of a run that are not the history it began with."""
    if _is_run(fields):
        messages, start = _called(fields, "new_messages"), 0
    else:  # as a run's result is dumped
        messages, start = fields.get("messages"), count(fields.get("new_message_index")) or 0
    return messages[start:] if isinstance(messages, list) else []


def _response(message: object) -> Fields | None:
    fields = fields_of(message)
    return fields if fields is not None and fields.get("kind") == "response" else None


def _called(fields: Fields, name: str) -> Any:
    """Return what a method gives, or a property that older versions had as a method."""
    value = fields.get(name)
    if not callable(value) or "input_tokens" in (fields_of(value) or {}):
        return value
    try:
        return value()
    except Exception as error:
        raise ContractError(f"expected {name}() of a run, found that it raises {type(error).__name__}") from error


def _call(usage: Fields, response: Fields) -> Call:
    is_partial = bool(count(usage.get("unmeasured_requests")))
    counts, doubt = ({}, "prompt") if is_partial else _counts(usage)
    return Call(
        counts=counts,
        doubt=doubt,
        cache_write_1h=count(usage.get("cache_write_1h_tokens")) or None,
        units={name: tokens for name in _UNITS if (tokens := count(usage.get(name)))},
        model=text(first_of(response, "model_name", "model")),
        provider=text(response.get("provider_name")),
        cost_usd=None if is_partial else dollars(usage.get("cost")),
        is_estimate=True,
        price_context=_tier(response),
        requests=count(usage.get("requests")) or 1,
    )


def _counts(usage: Fields) -> tuple[dict[str, int], str]:
    found = {
        "input_tokens": first_of(usage, "input_tokens", "request_tokens"),
        "cache_read_tokens": usage.get("cache_read_tokens"),
        "cache_write_tokens": usage.get("cache_write_tokens"),
        "output_tokens": first_of(usage, "output_tokens", "response_tokens"),
        "reasoning_tokens": usage.get("output_reasoning_tokens") or inner(usage, "details").get("reasoning_tokens"),
    }
    counts, doubt = counts_of(found, includes_cache=True)
    if not any(counts.values()):
        return {}, doubt
    return {name: tokens for name, tokens in counts.items() if tokens or name not in _OFTEN_UNREPORTED}, doubt


def _tier(response: Fields) -> dict[str, str] | None:
    tier = word(inner(response, "provider_details").get("service_tier"))
    return {"service_tier": tier} if tier in ("flex", "priority") else None


PYDANTIC_AI = Source("pydantic-ai", _is_answer, _is_usage, _read)
