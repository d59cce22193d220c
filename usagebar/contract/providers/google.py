"""Google GenAI: `usage_metadata`, in snake case from the SDK and in camel case from the REST interface.

The prompt count includes the cached content; the prompts of built-in tools are input beside it, thoughts are output
beside the candidates.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of
from usagebar.contract.fields import fields_of, first_of
from usagebar.contract.providers.source import Source, word
from usagebar.figures import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.contract.fields import Fields

_USAGE = (
    "prompt_token_count",
    "candidates_token_count",
    "total_token_count",
    "promptTokenCount",
    "candidatesTokenCount",
    "totalTokenCount",
)
# What the Live interface says comes first.
_OUTPUT = ("response_token_count", "responseTokenCount", "candidates_token_count", "candidatesTokenCount")
_ANSWER = ("candidates", "model_version", "modelVersion", "prompt_feedback", "promptFeedback")
_TIERS = {"ON_DEMAND_FLEX": "flex", "ON_DEMAND_PRIORITY": "priority"}


def _is_answer(fields: Fields) -> bool:
    metadata = fields_of(first_of(fields, "usage_metadata", "usageMetadata"))
    if metadata is not None:
        return _is_usage(metadata)
    return any(name in fields for name in _ANSWER) and "choices" not in fields


def _is_usage(fields: Fields) -> bool:
    return any(name in fields for name in _USAGE)


def _read(fields: Fields, _answer: object) -> Reading:
    is_bare = _is_usage(fields)
    usage: Fields = fields if is_bare else fields_of(first_of(fields, "usage_metadata", "usageMetadata", "usage")) or {}
    thoughts = count(first_of(usage, "thoughts_token_count", "thoughtsTokenCount"))
    found = {
        "input_tokens": _together(
            first_of(usage, "prompt_token_count", "promptTokenCount"),
            first_of(usage, "tool_use_prompt_token_count", "toolUsePromptTokenCount"),
        ),
        "cache_read_tokens": first_of(usage, "cached_content_token_count", "cachedContentTokenCount"),
        "output_tokens": _together(first_of(usage, *_OUTPUT), thoughts),
        "total_tokens": first_of(usage, "total_token_count", "totalTokenCount"),
        "reasoning_tokens": thoughts,
    }
    traffic = first_of(usage, "traffic_type", "trafficType")
    tier = _TIERS.get(word(getattr(traffic, "value", traffic)))
    return Reading(
        (
            Call(
                counts=counts_of(found, includes_cache=True),
                model=first_of(fields, "model_version", "modelVersion", "model"),
                provider=None if is_bare else "google",
                price_context={"service_tier": tier} if tier else None,
            ),
        )
    )


def _together(*values: object) -> int | None:
    """Return the sum of the counts that are known; None if none is."""
    known = [tokens for value in values if (tokens := count(value)) is not None]
    return sum(known) if known else None


GOOGLE_GENAI = Source("Google GenAI", _is_answer, _is_usage, _read)
