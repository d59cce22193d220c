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
from usagebar.figures import count, dollars
from usagebar.record import replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.contract.fields import Fields

_NONE = (None, None, None)
# Tiers that say nothing of the price: a request's wish, and what is charged anyway.
_PLAIN_TIERS = ("", "auto", "standard", "on_demand")
_OPENAI_MODELS = ("gpt-", "chatgpt-", "codex-", "o1", "o3", "o4")


def _is_chat(fields: Fields) -> bool:
    return "choices" in fields


def _is_chat_usage(fields: Fields) -> bool:
    if "input_tokens" in fields or "output_tokens" in fields:
        return False
    return "prompt_tokens" in fields or "completion_tokens" in fields or "total_tokens" in fields


def _read_chat(fields: Fields, answer: object) -> Reading:
    usage = usage_of(fields)
    details = inner(usage, "prompt_tokens_details")
    lives = fields_of(details.get("cache_creation_token_details"))
    call = Call(
        counts=_chat_counts(usage, details),
        cache_write_1h=None if lives is None else count(lives.get("ephemeral_1h_input_tokens")),
        model=fields.get("model"),
        provider=_chat_provider(fields),
        cost_usd=_own_cost(usage),
        price_context=_tier(fields),
    )
    return Reading((_of_litellm(call, answer) if type(answer).__module__.startswith("litellm.") else call,))


def _of_litellm(call: Call, answer: object) -> Call:
    """Return a call of LiteLLM's with what it knows beside the fields: the provider, the cost by its own price list."""
    hidden = getattr(answer, "_hidden_params", None)
    known: Mapping[str, Any] = hidden if isinstance(hidden, Mapping) else {}
    named, slash, _ = word(known.get("litellm_model_name")).partition("/")
    provider = known.get("custom_llm_provider") or (named if slash else call.provider)
    # OpenRouter's bill comes in the place where LiteLLM writes what it worked out for others.
    is_bill = provider == "openrouter" or word(call.model).startswith("openrouter/")
    return replaced(
        call,
        provider=provider,
        cost_usd=dollars(known.get("response_cost")) if call.cost_usd is None else call.cost_usd,
        is_estimate=not is_bill or call.cost_usd is None,
    )


def _chat_counts(usage: Fields, details: Fields) -> dict[str, int]:
    reasoning = count(inner(usage, "completion_tokens_details").get("reasoning_tokens"))
    found = {
        "input_tokens": usage.get("prompt_tokens"),
        "cache_read_tokens": _read_from_cache(usage, details),
        "cache_write_tokens": _written_to_cache(usage, details),
        "output_tokens": _completion(usage, reasoning),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": reasoning,
    }
    counts = counts_of(found, includes_cache=True)
    # No call has an empty prompt: LiteLLM makes zeros of what was not reported.
    return counts if any(counts.values()) else {}


def _read_from_cache(usage: Fields, details: Fields) -> int | None:
    if (tokens := count(details.get("cached_tokens"))) is not None:
        return tokens
    others = ("cache_read_input_tokens", "prompt_cache_hit_tokens", "cached_tokens")
    return next((tokens for name in others if (tokens := count(usage.get(name))) is not None), None)


def _written_to_cache(usage: Fields, details: Fields) -> int | None:
    reported = (
        details.get("cache_write_tokens"),
        usage.get("cache_creation_input_tokens"),
        details.get("cache_creation_tokens"),
    )
    return None if reported == _NONE else next((n for value in reported if (n := count(value)) is not None), None)


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
    if isinstance(cost, Mapping):
        return dollars(cost.get("total_cost"))
    own = dollars(cost)
    if own is not None and usage.get("is_byok") is True:  # that is the fee alone; the provider bills the rest
        upstream = dollars(inner(usage, "cost_details").get("upstream_inference_cost"))
        return None if upstream is None else own + upstream
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
    if "output" in fields and (fields.get("object") == "response" or "usage" in fields):
        return True
    return word(fields.get("type")).startswith("response.") and "response" in fields


def _is_responses_usage(fields: Fields) -> bool:
    if "cache_read_input_tokens" in fields or "cache_creation_input_tokens" in fields:
        return False
    return "input_tokens_details" in fields or ("input_tokens" in fields and "total_tokens" in fields)


def _read_responses(fields: Fields, _answer: object) -> Reading:
    if "response" in fields:
        fields = inner(fields, "response")
    usage = usage_of(fields)
    details = inner(usage, "input_tokens_details")
    found = {
        "input_tokens": usage.get("input_tokens"),
        "cache_read_tokens": details.get("cached_tokens"),
        "cache_write_tokens": details.get("cache_write_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": inner(usage, "output_tokens_details").get("reasoning_tokens"),
    }
    return Reading(
        (
            Call(
                counts=counts_of(found, includes_cache=True),
                model=fields.get("model"),
                provider=_openai_if_named(fields.get("model")),
                reasoning=first_of(inner(fields, "reasoning"), "effort"),
                cost_usd=_own_cost(usage),
                price_context=_tier(fields),
                requests=count(usage.get("requests")) or 1,
            ),
        )
    )


CHAT = Source("OpenAI Chat Completions", _is_chat, _is_chat_usage, _read_chat)
LITELLM = Source("LiteLLM", _is_chat, _is_chat_usage, _read_chat)
RESPONSES = Source("OpenAI Responses", _is_responses, _is_responses_usage, _read_responses)
