"""Anthropic Messages: the input count is what is outside the cache.

An answer is a `Message` (`type` `message`), or what ends or begins a stream: `message_start`, `message_delta`, and the
`message_stop` of the SDK's stream helper. With server-side tools `usage` sums up several samplings, listed in
`iterations`; each is a call of its own, the last sampling is the one that fills the context window, and what
compactions and advisors used is in none of the sums.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of, summed
from usagebar.contract.fields import fields_of, inner
from usagebar.contract.providers.source import Source, usage_of, word
from usagebar.figures import count
from usagebar.record import replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.contract.fields import Fields

_CACHE = ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")
_ANSWERS = ("message", "message_delta")
_STARTED = ("message_start", "message_stop")
_SPEEDS = {"fast": True, "standard": False}
_SAMPLINGS = ("message", "fallback_message")


def _is_answer(fields: Fields) -> bool:
    kind = fields.get("type")
    if isinstance(kind, str) and (kind in _ANSWERS or (kind in _STARTED and "message" in fields)):
        return True
    return "stop_reason" in fields and "usage" in fields


def _is_usage(fields: Fields) -> bool:
    if "prompt_tokens" in fields:  # LiteLLM's object has both
        return False
    return any(name in fields for name in _CACHE) or "input_tokens" in fields or "output_tokens" in fields


def _read(fields: Fields, _answer: object) -> Reading:
    kind = word(fields.get("type"))
    if kind in _STARTED:
        fields = inner(fields, "message")
    usage = usage_of(fields)
    if kind == "message_start":
        return Reading((_begun(_call(usage, fields.get("model"), _price_context(usage))),))
    if kind == "message_delta":
        return Reading((replaced(_call(usage, None, None), goes_on=True),))
    answer = _call(usage, fields.get("model"), _price_context(usage))
    iterations = usage.get("iterations")
    calls = _iterations(iterations, answer) if isinstance(iterations, list) else []
    if not calls:
        return Reading((answer,))
    # An iteration does not tell its reasoning; what they all have of it is known.
    reasoning = {name: tokens for name, tokens in answer.counts.items() if name == "reasoning_tokens"}
    return Reading(tuple(calls), Call(counts=summed(calls) | reasoning))


def _begun(call: Call) -> Call:
    # Its output count is of the first tokens alone.
    prompt = {name: tokens for name, tokens in call.counts.items() if name not in ("output_tokens", "reasoning_tokens")}
    return replaced(call, counts=prompt, begins=True)


def _call(usage: Fields, model: object, price_context: dict[str, str] | None) -> Call:
    counts, written_1h = _counts(usage)
    return Call(
        counts=counts,
        cache_write_1h=written_1h,
        model=model,
        provider=_provider(model),
        fast_mode=_SPEEDS.get(word(usage.get("speed"))),
        price_context=price_context,
    )


def _iterations(listed: list[object], answer: Call) -> list[Call]:
    """Return the calls that an answer was made of, the last sampling at the end; none if it was of one."""
    entries = [fields for each in listed if (fields := fields_of(each)) is not None]
    calls = [_call(each, each.get("model") or answer.model, dict(answer.price_context or {})) for each in entries]
    samplings = [at for at, each in enumerate(entries) if each.get("type") in _SAMPLINGS]
    if len(calls) < 2 or not samplings:
        return []
    final = calls.pop(samplings[-1])
    return [*calls, replaced(final, fast_mode=answer.fast_mode)]


def _counts(usage: Fields) -> tuple[dict[str, int], int | None]:
    writes, long = fields_of(usage.get("cache_creation")), None
    written = count(usage.get("cache_creation_input_tokens"))
    if writes is not None:
        long = count(writes.get("ephemeral_1h_input_tokens"))
        if written is None:
            short = count(writes.get("ephemeral_5m_input_tokens"))
            written = None if short is None and long is None else (short or 0) + (long or 0)
    found = {
        "input_tokens": usage.get("input_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_tokens": written,
        "output_tokens": usage.get("output_tokens"),
        "reasoning_tokens": inner(usage, "output_tokens_details").get("thinking_tokens"),
    }
    return counts_of(found, includes_cache=False), long


def _provider(model: object) -> str | None:
    # Others speak this protocol too; only Claude's own name tells who made it.
    return "anthropic" if isinstance(model, str) and model.startswith("claude") else None


def _price_context(usage: Fields) -> dict[str, str] | None:
    is_batch, is_fast = usage.get("service_tier") == "batch", usage.get("speed") == "fast"
    if not (is_batch or is_fast):
        return None
    return ({"processing": "batch"} if is_batch else {}) | ({"speed": "fast"} if is_fast else {})


ANTHROPIC = Source("Anthropic Messages", _is_answer, _is_usage, _read)
