"""Google GenAI: `usage_metadata`, in snake case from the SDK and in camel case from the REST interface.

The prompt count includes the cached content; the prompts of built-in tools are input beside it, thoughts are output
beside the candidates.
"""

from __future__ import annotations

from usagebar.contract.call import Call, Reading, counts_of, together
from usagebar.contract.fields import fields_of, first_of, listed
from usagebar.contract.providers.source import Source
from usagebar.figures import count, text

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
_ANSWER = ("model_version", "modelVersion", "prompt_feedback", "promptFeedback")
# Where the tokens of a modality are told, and what genai-prices calls them: before and behind the modality.
_DETAILS = (
    ("prompt_tokens_details", "input_", "_tokens"),
    ("promptTokensDetails", "input_", "_tokens"),
    ("tool_use_prompt_tokens_details", "input_", "_tokens"),
    ("toolUsePromptTokensDetails", "input_", "_tokens"),
    ("cache_tokens_details", "cache_", "_read_tokens"),
    ("cacheTokensDetails", "cache_", "_read_tokens"),
    ("candidates_tokens_details", "output_", "_tokens"),
    ("candidatesTokensDetails", "output_", "_tokens"),
    ("response_tokens_details", "output_", "_tokens"),
    ("responseTokensDetails", "output_", "_tokens"),
)
_MODALITIES = {"AUDIO": "audio", "IMAGE": "image", "DOCUMENT": "image", "VIDEO": "video"}
_TIERS = {"ON_DEMAND_FLEX": "flex", "ON_DEMAND_PRIORITY": "priority"}


def _is_answer(fields: Fields) -> bool:
    if "usage_metadata" in fields or "usageMetadata" in fields:
        metadata = fields_of(first_of(fields, "usage_metadata", "usageMetadata"))
        if metadata is not None:
            return _is_usage(metadata)
    return "candidates" in fields or any(name in fields for name in _ANSWER)


def _is_usage(fields: Fields) -> bool:
    return any(name in fields for name in _USAGE)


def _read(fields: Fields, _answer: object) -> Reading:
    is_bare = _is_usage(fields)
    usage: Fields = fields if is_bare else fields_of(first_of(fields, "usage_metadata", "usageMetadata", "usage")) or {}
    counts, doubt = _counts(usage)
    tier = _TIERS.get(text(first_of(usage, "traffic_type", "trafficType")) or "")
    return Reading(
        (
            Call(
                counts=counts,
                doubt=doubt,
                units=_units(usage),
                model=text(first_of(fields, "model_version", "modelVersion", "model")),
                provider=None if is_bare else "google",
                price_context={"service_tier": tier} if tier else None,
            ),
        )
    )


def _counts(usage: Fields) -> tuple[dict[str, int], str]:
    thoughts = first_of(usage, "thoughts_token_count", "thoughtsTokenCount")
    prompt = first_of(usage, "prompt_token_count", "promptTokenCount")
    tools = first_of(usage, "tool_use_prompt_token_count", "toolUsePromptTokenCount")
    output = first_of(usage, *_OUTPUT)
    found = {
        "input_tokens": prompt if prompt is None or tools is None else together(prompt, tools),
        "cache_read_tokens": first_of(usage, "cached_content_token_count", "cachedContentTokenCount"),
        "output_tokens": output if thoughts is None else together(output, thoughts),
        "total_tokens": first_of(usage, "total_token_count", "totalTokenCount"),
        "reasoning_tokens": thoughts,
    }
    return counts_of(found, includes_cache=True)


def _units(usage: Fields) -> dict[str, int]:
    """Return the tokens of sound, pictures and films, which have prices of their own."""
    units: dict[str, int] = {}
    for name, before, behind in _DETAILS:
        for each in listed(usage.get(name)):
            kind = _MODALITIES.get(text(each.get("modality")) or "")
            if kind and (tokens := count(first_of(each, "token_count", "tokenCount"))):
                unit = f"{before}{kind}{behind}"
                units[unit] = units.get(unit, 0) + tokens
    return units


GOOGLE_GENAI = Source("Google GenAI", _is_answer, _is_usage, _read)
