"""Anthropic Messages: the input count is what is outside the cache.

An answer is a `Message` (`type` `message`), or what begins or ends a stream: `message_start`, `message_delta`, and the
`message_stop` of the SDK's stream helper. With server-side tools `usage` sums up several samplings, listed in
`iterations`; each is a call of its own, the last sampling is the one that fills the context window, and what
compactions and advisors used is in none of the sums. Claude Code's own answer (`type` `result`) sums up its turns and
has their cost.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of, summed, together
from usagebar.contract.fields import fields_of, listed
from usagebar.contract.providers.source import Source, usage_of, word
from usagebar.figures import count, dollars, text
from usagebar.record import replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.contract.fields import Fields

_CACHE = ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")
_EVENTS = ("message_start", "message_delta", "message_stop")
_SPEEDS = {"fast": True, "standard": False}
_SAMPLINGS = ("message", "fallback_message")
_OUTPUT = ("output_tokens", "reasoning_tokens")
_BAD = -1  # what no count is


def _is_answer(fields: Fields) -> bool:
    kind = fields.get("type")
    if kind == "message" or _is_result(fields):
        return True
    if isinstance(kind, str) and kind in _EVENTS:
        return kind == "message_delta" or "message" in fields
    return "stop_reason" in fields and "usage" in fields


def _is_result(fields: Fields) -> bool:
    return "num_turns" in fields and "usage" in fields and "total_cost_usd" in fields


def _is_usage(fields: Fields) -> bool:
    if "prompt_tokens" in fields:  # LiteLLM's object has both
        return False
    return any(name in fields for name in _CACHE) or "input_tokens" in fields or "output_tokens" in fields


def _read(fields: Fields, _answer: object) -> Reading:
    if _is_result(fields):
        return _result(fields)
    kind = word(fields.get("type"))
    message: Fields = (fields_of(fields.get("message")) or {}) if kind in ("message_start", "message_stop") else fields
    reading = _message(message)
    if kind == "message_start":
        return Reading((_begun(reading.calls[-1]),))
    if kind == "message_delta":
        is_last = (fields_of(fields.get("delta")) or {}).get("stop_reason") is not None
        return _marked(reading, "ends" if is_last else "goes on")
    return _marked(reading, "whole") if kind == "message_stop" else reading


def _message(message: Fields) -> Reading:
    usage = usage_of(message)
    answer = _call(usage, text(message.get("model")), _price_context(usage))
    iterations = usage.get("iterations")
    calls = _iterations(iterations, answer) if iterations else None
    if not calls:
        return Reading((answer,))
    # An iteration does not tell its reasoning; what they all have of it is known.
    reasoning = {name: tokens for name, tokens in answer.counts.items() if name == "reasoning_tokens"}
    return Reading(tuple(calls), Call(counts=summed(calls) | reasoning))


def _marked(reading: Reading, stream: str) -> Reading:
    *others, final = reading.calls
    return Reading((*others, replaced(final, stream=stream)), reading.totals)


def _begun(call: Call) -> Call:
    # Its output count is of the first tokens alone.
    prompt = {name: tokens for name, tokens in call.counts.items() if name not in _OUTPUT}
    return replaced(call, counts=prompt, stream="begins")


def _result(fields: Fields) -> Reading:
    call = _call(usage_of(fields), None, None)
    return Reading((replaced(call, cost_usd=dollars(fields.get("total_cost_usd")), requests=_turns(fields)),))


def _turns(fields: Fields) -> int:
    # A turn may have been of several calls, too.
    return 1 if count(fields.get("num_turns")) == 1 else 2


def _call(usage: Fields, model: str | None, price_context: dict[str, str] | None) -> Call:
    writes = fields_of(usage.get("cache_creation"))
    counts, doubt = counts_of(_found(usage, writes), includes_cache=False)
    tools = fields_of(usage.get("server_tool_use"))
    searches = None if tools is None else count(tools.get("web_search_requests"))
    return Call(
        counts=counts,
        doubt=doubt,
        cache_write_1h=None if writes is None else count(writes.get("ephemeral_1h_input_tokens")),
        units={"web_searches": searches} if searches else {},
        model=model,
        # Others speak this protocol too; only Claude's own name tells who made it.
        provider="anthropic" if model is not None and model.startswith("claude") else None,
        fast_mode=_SPEEDS.get(word(usage.get("speed"))),
        price_context=price_context,
    )


def _found(usage: Fields, writes: Fields | None) -> dict[str, object]:
    written = usage.get("cache_creation_input_tokens")
    if written is None and writes is not None:
        parts = writes.get("ephemeral_5m_input_tokens"), writes.get("ephemeral_1h_input_tokens")
        written = together(*parts)
        if written is None and parts != (None, None):
            written = _BAD
    details = fields_of(usage.get("output_tokens_details"))
    return {
        "input_tokens": usage.get("input_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_tokens": written,
        "output_tokens": usage.get("output_tokens"),
        "reasoning_tokens": None if details is None else details.get("thinking_tokens"),
    }


def _iterations(iterations: object, answer: Call) -> list[Call]:
    """Return the calls that an answer was made of, the last sampling at the end; none if it was of one."""
    entries = listed(iterations)
    samplings = [at for at, each in enumerate(entries) if word(each.get("type")) in _SAMPLINGS]
    if len(entries) < 2 or not samplings:
        return []
    context = dict(answer.price_context or {}) or None
    calls = [_call(each, text(each.get("model")) or answer.model, context) for each in entries]
    final = calls.pop(samplings[-1])
    return [*calls, replaced(final, fast_mode=answer.fast_mode, units=answer.units)]


def _price_context(usage: Fields) -> dict[str, str] | None:
    is_batch, is_fast = usage.get("service_tier") == "batch", usage.get("speed") == "fast"
    if not (is_batch or is_fast):
        return None
    return ({"processing": "batch"} if is_batch else {}) | ({"speed": "fast"} if is_fast else {})


ANTHROPIC = Source("Anthropic Messages", _is_answer, _is_usage, _read)
