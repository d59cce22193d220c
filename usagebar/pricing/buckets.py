"""The disjoint buckets of a usage, as they are billed."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.figures import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    # Tokens: input outside the cache, cache reads, 5-minute writes, 1-hour writes, output (None: not known).
    Buckets: TypeAlias = tuple[int, int, int, int, int | None]


_LARGE = 1 << 63


def buckets(usage: Mapping[str, Any]) -> Buckets | None:
    """Return the token counts of a usage by bucket; None if they do not say what was billed.

    Names are the contract's, else the ledger's (`input`, `cache_read`, …). A cache count that is absent counts
    nothing, a write that is no 1-hour one is a 5-minute one, and without a total the writes are the sum of their parts.
    Unknown are a usage without an input count, and one whose writes are fewer than their parts.
    Raises `TypeError` if the usage is no mapping.
    """
    if type(usage) is not dict and not isinstance(usage, Mapping):  # the first is by far the faster
        raise TypeError(f"expected a usage (a mapping), found {type(usage).__name__}")
    fresh = _either(usage, "input_tokens", "input")
    writes = _writes(usage)
    if fresh is None or writes is None:
        return None
    read = _either(usage, "cache_read_tokens", "cache_read") or 0
    return fresh, read, *writes, _either(usage, "output_tokens", "output")


def _either(usage: Mapping[str, Any], name: str, other: str) -> int | None:
    value = usage.get(name)
    if type(value) is int and 0 <= value < _LARGE:  # as most: the door need not be asked
        return value
    tokens = None if value is None else count(value)
    if tokens is None and (value := usage.get(other)) is not None:
        return count(value)
    return tokens


def _writes(usage: Mapping[str, Any]) -> tuple[int, int] | None:
    short = _either(usage, "cache_write_5m_tokens", "cache_write_5m") or 0
    long = _either(usage, "cache_write_1h_tokens", "cache_write_1h") or 0
    value = usage.get("cache_write_tokens")
    total = None if value is None else count(value)
    if total is None:
        return short, long
    return (total - long, long) if short + long <= total else None
