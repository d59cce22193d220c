"""The doors by which reported values come in, and the arithmetic of token counts.

Each door answers `None` for what is not known: a value of another type, a negative or an endless number.
No door ever makes a 0 of something else.
"""

from __future__ import annotations

import sys
from _collections_abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Numbers are shown as doubles; an integer beyond them could not be.
_LARGEST = sys.float_info.max
# Counts below this are what is nearly always reported; they need no more than one comparison.
ORDINARY = 1 << 53


def mapping(value: object) -> Mapping[Any, Any]:
    """Return an object as it is, and an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def text(value: object) -> str | None:
    """Return a string unchanged, unless it is empty or blank."""
    if type(value) is str:
        return None if not value or value.isspace() else value
    if not isinstance(value, str):
        return None
    exact = str.__str__(value)
    return exact if exact.strip() else None


def flag(value: object) -> bool | None:
    """Return a boolean; 0, 1 and words for yes and no are none."""
    return value if isinstance(value, bool) else None


def number(value: object) -> int | float | None:
    """Return a finite number ≥ 0 that a double can hold; a `Decimal` is taken as a double."""
    if value is None:
        return None
    if type(value) is int and 0 <= value < ORDINARY:
        return value
    plain: int | float | None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        plain = int.__pos__(value)
    else:
        plain = float.__pos__(value) if isinstance(value, float) else _double(value)
    # NaN and infinity fail the comparison too; `abs` turns -0.0 into 0.0, or it would print as -0.
    return abs(plain) if plain is not None and 0 <= plain <= _LARGEST else None


def _double(value: object) -> float | None:
    # A process that never imported decimal holds no Decimal, and the import is too slow to make sure.
    decimal = sys.modules.get("decimal")
    if decimal is None or not isinstance(value, decimal.Decimal) or not value.is_finite():
        return None
    return float(value)


def count(value: object) -> int | None:
    """Return a whole number ≥ 0, also when written as a float (`1200.0`); half a token is none."""
    if value is None:
        return None
    if type(value) is int and 0 <= value < ORDINARY:
        return value
    plain = number(value)
    if isinstance(plain, float):
        return int(plain) if plain.is_integer() else None
    return plain


def rounded(value: object) -> int | None:
    """Return a number ≥ 0 rounded to an integer, halves up."""
    plain = number(value)
    if plain is None:
        return None
    whole = int(plain)
    # Not int(plain + 0.5): that sum is 1.0 for 0.49999999999999994.
    return whole + (plain - whole >= 0.5)


def dollars(value: object) -> float | None:
    """Return an amount ≥ 0 as a float; a real 0 is an amount."""
    plain = number(value)
    return None if plain is None else float(plain)


def percent(part: int, whole: int) -> int | None:
    """Return `part` of `whole` in percent, halves up, computed in doubles as OpenClaw does; `whole` is > 0."""
    share = part / whole * 100
    if share > _LARGEST:
        return None
    full = int(share)
    return full + (share - full >= 0.5)


def prompt_total(counts: Mapping[str, int]) -> int | None:
    """Return all prompt tokens of a usage, cached or not, in tokens; known only if the input is."""
    if "input_tokens" not in counts:
        return None
    return count(counts["input_tokens"] + counts.get("cache_read_tokens", 0) + counts.get("cache_write_tokens", 0))


def call_usage(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the known counts (contract names, input outside the cache) and their `cache_hit_pct`."""
    usage: dict[str, Any] = dict(counts)
    prompt = prompt_total(counts)
    if prompt and "cache_read_tokens" in counts:
        usage["cache_hit_pct"] = percent(counts["cache_read_tokens"], prompt)
    return usage


def turn_usage(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the contract's `usage` without `last`: the known counts, the hit rate and the three flags."""
    return with_flags(call_usage(counts))


def with_flags(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return a usage with the three flags of what is known of it."""
    split = "input_tokens" in usage or "output_tokens" in usage
    return {
        **usage,
        "has_split_tokens": split,
        "has_total_only_tokens": not split and "total_tokens" in usage,
        "has_tokens": bool(usage),
    }
