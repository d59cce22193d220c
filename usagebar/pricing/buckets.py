"""The disjoint buckets of a usage, as they are billed, and what else a usage may count."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.figures import count, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias

    # Tokens: input outside the cache, cache reads, 5-minute writes, 1-hour writes, output (None: not known).
    Buckets: TypeAlias = tuple[int, int, int, int, int | None]
    # Unit → how much of it.
    Units: TypeAlias = Mapping[str, int | float]

# All other units that genai-prices knows, by its names. Those in tokens are parts of the buckets, not beside them.
OTHER: Final = frozenset(
    (
        *("input_text_tokens", "input_audio_tokens", "input_image_tokens", "input_video_tokens"),
        *("output_text_tokens", "output_audio_tokens", "output_image_tokens", "output_video_tokens"),
        *("cache_text_read_tokens", "cache_text_write_tokens"),
        *("cache_text_write_5m_tokens", "cache_text_write_1h_tokens"),
        *("cache_audio_read_tokens", "cache_audio_write_tokens"),
        *("cache_audio_write_5m_tokens", "cache_audio_write_1h_tokens"),
        *("cache_image_read_tokens", "cache_image_write_tokens"),
        *("cache_image_write_5m_tokens", "cache_image_write_1h_tokens"),
        *("cache_video_read_tokens", "cache_video_write_tokens"),
        *("cache_video_write_5m_tokens", "cache_video_write_1h_tokens"),
        *("input_tool_tokens", "input_text_tool_tokens", "input_audio_tool_tokens"),
        *("input_image_tool_tokens", "input_video_tool_tokens"),
        *("output_reasoning_tokens", "output_text_reasoning_tokens", "output_audio_reasoning_tokens"),
        *("output_image_reasoning_tokens", "output_video_reasoning_tokens"),
        *("output_citation_tokens", "output_text_citation_tokens", "output_audio_citation_tokens"),
        *("output_image_citation_tokens", "output_video_citation_tokens"),
        *("input_characters", "input_text_messages", "input_pixels"),
        *("audio_seconds", "input_audio_seconds", "output_audio_seconds"),
        *("input_document_pages", "input_annotated_document_pages"),
        *("rerank_searches", "web_searches", "social_searches", "storage_searches", "code_executions"),
    )
)
# Those of them that a list with prices for plain tokens prices all the same.
ORDINARY: Final = frozenset(
    (
        *("input_text_tokens", "input_tool_tokens", "input_text_tool_tokens"),
        *("output_text_tokens", "output_reasoning_tokens"),
        *("output_text_reasoning_tokens", "output_text_citation_tokens"),
        *("cache_text_read_tokens", "cache_text_write_tokens"),
        *("cache_text_write_5m_tokens", "cache_text_write_1h_tokens"),
    )
)
_DURATION: Final = "_seconds"
_LARGE: Final = 1 << 63
# What stands for a count that is there and is none: absent is another thing.
_WRONG: Final = -1


def buckets(usage: Mapping[str, Any]) -> Buckets | None:
    """Return the token counts of a usage by bucket; None if they do not say what was billed.

    Names are the contract's, else the ledger's (`input`, `cache_read`, `cache_write`, …). A cache count that is absent
    or null counts nothing, a write that is no 1-hour one is a 5-minute one, and without a total the writes are the sum
    of their parts. Unknown are a usage without an input count, one with a count that is none (negative, no whole
    number, a string), and one whose writes are fewer than their parts.
    Raises `TypeError` if the usage is no mapping.
    """
    if type(usage) is not dict and not isinstance(usage, Mapping):  # the first is by far the faster
        raise TypeError(f"expected a usage (a mapping), found {type(usage).__name__}")
    found = (
        _tokens(usage, "input_tokens", "input"),
        _tokens(usage, "cache_read_tokens", "cache_read"),
        _tokens(usage, "cache_write_tokens", "cache_write"),
        _tokens(usage, "cache_write_5m_tokens", "cache_write_5m"),
        _tokens(usage, "cache_write_1h_tokens", "cache_write_1h"),
        _tokens(usage, "output_tokens", "output"),
    )
    fresh, read, writes, short, long, output = found
    if fresh is None or _WRONG in found:
        return None
    parts = (short or 0) + (long or 0)
    if writes is None:
        writes = parts
    return (fresh, read or 0, writes - (long or 0), long or 0, output) if parts <= writes else None


def units(usage: Mapping[str, Any], tokens: Buckets) -> Units | None:
    """Return what a usage counts of `OTHER` units, zeros too; None if one of the counts is none.

    None also if more was cached of a kind of token than of all. Durations are in seconds and may have fractions.
    """
    found: dict[str, int | float] = {}
    for name in OTHER.intersection(usage):
        value = usage[name]
        if value is None:
            continue
        amount = number(value) if name.endswith(_DURATION) else count(value)
        if amount is None or (name.startswith("cache_") and amount > _cached(name, tokens)):
            return None
        found[name] = amount
    return found


def are_ordinary(others: Units) -> bool:
    """Tell whether of other units a usage counts only tokens that are priced as any others."""
    return all(name in ORDINARY or not amount for name, amount in others.items())


def _cached(name: str, tokens: Buckets) -> int:
    """Return the count of the bucket that a unit of the cache is part of."""
    _, read, write, write_1h, _ = tokens
    if name.endswith("_read_tokens"):
        return read
    if name.endswith("_5m_tokens"):
        return write
    return write_1h if name.endswith("_1h_tokens") else write + write_1h


def _tokens(usage: Mapping[str, Any], name: str, other: str) -> int | None:
    value = usage.get(name)
    if value is None and (value := usage.get(other)) is None:
        return None
    if type(value) is int and 0 <= value < _LARGE:  # as most: the door need not be asked
        return value
    tokens = count(value)
    return _WRONG if tokens is None else tokens
