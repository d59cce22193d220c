"""OpenAI's Chat Completions and Responses, and LiteLLM, which answers in the shape of the first.

The input count includes what was read from the cache and written to it. Many other servers speak Chat Completions:
OpenRouter reports the cost in `usage.cost`, Perplexity in `usage.cost.total_cost`, DeepSeek its cache reads in
`prompt_cache_hit_tokens`; xAI counts reasoning beside the completion, which its total gives away. LiteLLM has
Anthropic's cache counts on the same object as OpenAI's details: they are the same tokens, and count once.
"""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.contract.call import Call, Reading, counts_of
from usagebar.contract.fields import fields_of, first_of, inner
from usagebar.contract.providers.source import Source, usage_of, word
from usagebar.figures import count, dollars, text
from usagebar.record import replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.contract.fields import Fields

_MODALITIES = ("audio_tokens", "image_tokens", "video_tokens")
_RESPONSES = ("response", "realtime.response")
# Tiers that say nothing of the price: a request's wish, and what is charged anyway.
_PLAIN_TIERS = ("", "auto", "standard", "on_demand")
_OPENAI_MODELS = ("gpt-", "chatgpt-", "codex-", "o1", "o3", "o4")


def _is_chat(fields: Fields) -> bool:
    return "choices" in fields


def _is_chat_usage(fields: Fields) -> bool:
    if "prompt_tokens" in fields or "completion_tokens" in fields:
        return True
    return "total_tokens" in fields and not ("input_tokens" in fields or "output_tokens" in fields)


def _read_chat(fields: Fields, _answer: object) -> Reading:
    usage = usage_of(fields)
    prompt, completion = inner(usage, "prompt_tokens_details"), inner(usage, "completion_tokens_details")
    counts, doubt = _chat_counts(usage, prompt, completion)
    lives = fields_of(prompt.get("cache_creation_token_details"))
    return Reading(
        (
            Call(
                counts=counts,
                doubt=doubt,
                cache_write_1h=None if lives is None else count(lives.get("ephemeral_1h_input_tokens")),
                units=_units(prompt, completion),
                model=text(fields.get("model")),
                provider=_chat_provider(fields),
                cost_usd=_own_cost(usage),
                price_context=_tier(fields),
            ),
        )
    )


def _units(prompt: Fields, completion: Fields) -> dict[str, int]:
    """Return the tokens of sound and pictures, which have prices of their own."""
    units = {}
    for name in _MODALITIES:
        if tokens := count(prompt.get(name)):
            units[f"input_{name}"] = tokens
        if tokens := count(completion.get(name)):
            units[f"output_{name}"] = tokens
    return units


def _read_litellm(fields: Fields, answer: object) -> Reading:
    """Read an answer of LiteLLM, with what it knows beside the fields: the provider, the cost by its own price list."""
    reading = _read_responses(fields, answer) if _is_responses(fields) else _read_chat(fields, answer)
    if not word(type(answer).__module__).startswith("litellm."):
        return reading
    (call,) = reading.calls
    hidden = getattr(answer, "_hidden_params", None)
    known: Mapping[str, Any] = hidden if isinstance(hidden, Mapping) else {}
    named, slash, _ = word(known.get("litellm_model_name")).partition("/")
    provider = text(known.get("custom_llm_provider")) or (named if slash else call.provider)
    # OpenRouter's bill comes in the place where LiteLLM writes what it worked out for others.
    is_bill = provider == "openrouter" or (call.model or "").startswith("openrouter/")
    cost = dollars(known.get("response_cost")) if call.cost_usd is None else call.cost_usd
    is_estimate = not is_bill or call.cost_usd is None
    return Reading((replaced(call, provider=provider, cost_usd=cost, is_estimate=is_estimate),))


def _chat_counts(usage: Fields, prompt: Fields, completion: Fields) -> tuple[dict[str, int], str]:
    reasoning = count(completion.get("reasoning_tokens"))
    found = {
        "input_tokens": usage.get("prompt_tokens"),
        "cache_read_tokens": _read_from_cache(usage, prompt),
        "cache_write_tokens": _written_to_cache(usage, prompt),
        "output_tokens": _completion(usage, reasoning),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": reasoning,
    }
    counts, doubt = counts_of(found, includes_cache=True)
    # No call has an empty prompt: LiteLLM makes zeros of what was not reported.
    return (counts if any(counts.values()) else {}), doubt


def _read_from_cache(usage: Fields, details: Fields) -> object:
    if (tokens := details.get("cached_tokens")) is not None:
        return tokens
    return first_of(usage, "cache_read_input_tokens", "prompt_cache_hit_tokens", "cached_tokens")


def _written_to_cache(usage: Fields, details: Fields) -> object:
    if (tokens := details.get("cache_write_tokens")) is not None:
        return tokens
    if (tokens := usage.get("cache_creation_input_tokens")) is not None:
        return tokens
    return details.get("cache_creation_tokens")


def _completion(usage: Fields, reasoning: int | None) -> int | None:
    """Return the output tokens, those of the reasoning among them where the total says that they came on top."""
    output = count(usage.get("completion_tokens"))
    if reasoning and output is not None:
        prompt, total = count(usage.get("prompt_tokens")), count(usage.get("total_tokens"))
        if prompt is not None and total == prompt + output + reasoning:
            return output + reasoning
    return output


def _own_cost(usage: Fields) -> float | None:
    cost = usage.get("cost")
    if cost is None:
        return None
    if (parts := fields_of(cost)) is not None and "total_cost" in parts:
        return dollars(parts.get("total_cost"))
    own = dollars(cost)
    if own is not None and usage.get("is_byok") is True:  # that is the fee alone; the provider bills the rest
        upstream = dollars(inner(usage, "cost_details").get("upstream_inference_cost"))
        return None if upstream is None else dollars(own + upstream)
    return own


def _chat_provider(fields: Fields) -> str | None:
    if "provider" in fields and isinstance(fields.get("provider"), str) and "/" in word(fields.get("model")):
        return "openrouter"
    return _openai_if_named(fields.get("model"))


def _openai_if_named(model: object) -> str | None:
    # Many others speak this protocol: only a name of OpenAI's own tells who made the model.
    name = word(model)
    return "openai" if name.startswith(_OPENAI_MODELS) and not name.startswith("gpt-oss") else None


def _tier(fields: Fields) -> dict[str, str] | None:
    tier = word(fields.get("service_tier"))
    return None if tier in _PLAIN_TIERS else {"service_tier": tier}


def _is_responses(fields: Fields) -> bool:
    if word(fields.get("object")) in _RESPONSES:
        return True
    if "response" in fields and word(fields.get("type")).startswith("response."):
        return True
    return "output" in fields and _is_responses_usage(inner(fields, "usage"))


def _is_responses_usage(fields: Fields) -> bool:
    if "cache_read_input_tokens" in fields or "cache_creation_input_tokens" in fields:
        return False
    return "input_tokens_details" in fields or ("input_tokens" in fields and "total_tokens" in fields)


def _read_responses(fields: Fields, _answer: object) -> Reading:
    if "response" in fields:
        fields = inner(fields, "response")
    usage = usage_of(fields)
    # The Realtime interface has its details in the singular.
    details = fields_of(first_of(usage, "input_tokens_details", "input_token_details")) or {}
    output = fields_of(first_of(usage, "output_tokens_details", "output_token_details")) or {}
    found = {
        "input_tokens": usage.get("input_tokens"),
        "cache_read_tokens": details.get("cached_tokens"),
        "cache_write_tokens": details.get("cache_write_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": output.get("reasoning_tokens"),
    }
    counts, doubt = counts_of(found, includes_cache=True)
    reasoning = fields.get("reasoning")
    return Reading(
        (
            Call(
                counts=counts,
                doubt=doubt,
                units=_units(details, output),
                model=text(fields.get("model")),
                provider=_openai_if_named(fields.get("model")),
                reasoning=None if reasoning is None else text((fields_of(reasoning) or {}).get("effort")),
                cost_usd=_own_cost(usage),
                price_context=_tier(fields),
                requests=count(usage.get("requests")) or 1,
            ),
        )
    )


def _is_litellm(fields: Fields) -> bool:
    return _is_chat(fields) or _is_responses(fields)


CHAT = Source("OpenAI Chat Completions", _is_chat, _is_chat_usage, _read_chat)
LITELLM = Source("LiteLLM", _is_litellm, _is_chat_usage, _read_litellm)
RESPONSES = Source("OpenAI Responses", _is_responses, _is_responses_usage, _read_responses)
