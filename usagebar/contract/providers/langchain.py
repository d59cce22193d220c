"""LangChain: the `usage_metadata` of an `AIMessage` or of the sum of its chunks.

The input count includes the cache. Anthropic's integration tells cache writes by their life
(`ephemeral_5m_input_tokens`, `ephemeral_1h_input_tokens`) and sets `cache_creation` to 0 then; OpenAI's puts the
service tier before the names (`priority_cache_read`). What the provider did not report is 0 there: a usage of nothing
but zeros says nothing. Messages come also as `{"raw": message}` of structured output, as an `LLMResult`, as the
messages of an agent's state, and as LangChain serialises them.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of, together
from usagebar.contract.fields import fields_of, first_of, inner, listed
from usagebar.contract.providers.source import Source, usage_of, word
from usagebar.figures import count, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from usagebar.contract.fields import Fields

_ROLES = ("ai", "AIMessageChunk")
_TIERS = ("flex", "priority")
_LIVES = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
_USAGE = ("input_token_details", "output_token_details")


def _is_answer(fields: Fields) -> bool:
    return _is_message(fields) or any(name in fields for name in ("generations", "lc")) or _holds_messages(fields)


def _is_message(fields: Fields) -> bool:
    if "usage_metadata" in fields and ("response_metadata" in fields or _is_plain(inner(fields, "usage_metadata"))):
        return True
    role = fields.get("type")
    return isinstance(role, str) and role in _ROLES


def _is_plain(usage: Fields) -> bool:
    return "input_tokens" in usage


def _holds_messages(fields: Fields) -> bool:
    raw = fields_of(fields.get("raw"))
    if raw is not None and _is_message(raw):
        return True
    return any(word(each.get("type")) in _ROLES for each in listed(fields.get("messages")))


def _is_usage(fields: Fields) -> bool:
    return any(name in fields for name in _USAGE)


def _read(fields: Fields, _answer: object) -> Reading:
    if not _is_answer(fields):
        return Reading((_call(usage_of(fields), fields),))
    calls = tuple(_of_message(each) for each in _messages(fields))
    return Reading(calls or (Call(),))


def _messages(fields: Fields) -> Iterator[Fields]:
    if "generations" in fields:
        yield from _generated(fields.get("generations"))
    elif _is_message(fields):
        yield _unwrapped(fields)
    elif "lc" in fields:
        yield inner(fields, "kwargs")
    elif "raw" in fields:
        yield inner(fields, "raw")
    else:
        yield from _since_the_last_human(fields.get("messages"))


def _generated(generations: Any) -> Iterator[Fields]:
    """Walk the messages of an `LLMResult` or `ChatResult`; several answers to one prompt share one usage."""
    for each in generations if isinstance(generations, list) else ():
        first = each[0] if isinstance(each, list) and each else each
        yield inner(fields_of(first) or {}, "message")


def _since_the_last_human(messages: Any) -> Iterator[Fields]:
    turn: list[Fields] = []
    for message in listed(messages):
        role = word(message.get("type"))
        if role == "human":
            turn.clear()
        elif role in _ROLES:
            turn.append(_unwrapped(message))
    yield from turn


def _unwrapped(message: Fields) -> Fields:
    """Return the message itself, out of what `message_to_dict` puts around it."""
    return fields_of(message.get("data")) or message


def _of_message(message: Fields) -> Call:
    usage = fields_of(message.get("usage_metadata"))
    return _call(usage or {}, inner(message, "response_metadata"))


def _call(usage: Fields, metadata: Fields) -> Call:
    details, output = inner(usage, "input_token_details"), inner(usage, "output_token_details")
    tier = next((tier for tier in _TIERS if tier in details), None)
    counts, doubt = _counts(usage, details, output)
    sounds = {"input_audio_tokens": details.get("audio"), "output_audio_tokens": output.get("audio")}
    return Call(
        counts=counts,
        doubt=doubt,
        cache_write_1h=count(details.get(_LIVES[1])),
        units={name: tokens for name, value in sounds.items() if (tokens := count(value))},
        model=text(first_of(metadata, "model_name", "model")),
        provider=text(metadata.get("model_provider")),
        price_context={"service_tier": tier} if tier else None,
    )


def _counts(usage: Fields, details: Fields, output: Fields) -> tuple[dict[str, int], str]:
    found = {
        "input_tokens": usage.get("input_tokens"),
        "cache_read_tokens": _tiered(details, "cache_read"),
        "cache_write_tokens": _written(details),
        "output_tokens": usage.get("output_tokens"),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": _tiered(output, "reasoning"),
    }
    counts, doubt = counts_of(found, includes_cache=True)
    return (counts if any(counts.values()) else {}), doubt


def _tiered(details: Fields, name: str) -> object:
    return first_of(details, name, *[f"{tier}_{name}" for tier in _TIERS])


def _written(details: Fields) -> object:
    """Return the cache writes: those told by their life, and those that are not; unless these are the sum of those."""
    plain, lives = _tiered(details, "cache_creation"), [details.get(life) for life in _LIVES]
    if lives == [None, None]:
        return plain
    told = together(*lives)
    if plain is None or told is None or plain == told:
        return told
    return together(plain, told)


LANGCHAIN = Source("LangChain", _is_answer, _is_usage, _read)
