"""Entries of LiteLLM's `model_prices_and_context_window.json`."""

from __future__ import annotations

from usagebar.figures import number
from usagebar.pricing.rates import rate_card

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from usagebar.pricing.document import Document
    from usagebar.pricing.rates import RateCard

# Bucket → its key, in US dollars per token; a tier's is followed by `_above_200k_tokens`.
_KEYS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
_REQUEST = "input_cost_per_request"
LITELLM_KEYS = frozenset({*_KEYS.values(), _REQUEST})
_SIGNS = ("litellm_provider", "mode", "max_tokens", "sample_spec")
# Their price at a moment is not the one that stands beside.
_VARIABLE = ("off_peak_pricing", "tiered_pricing")
_ABOVE, _TOKENS = "_above_", "_tokens"
_UNITS = {"k": 1_000, "m": 1_000_000}


def is_litellm(members: Mapping[str, Any]) -> bool:
    """Tell whether an entry is one of LiteLLM's: it has prices by the token, the image, …, or says whose it is."""
    return any(sign in members for sign in _SIGNS) or any(map(_is_cost, members))


def litellm_card(document: Document, model: str, members: Mapping[str, Any]) -> RateCard | None:
    """Return the rate card of an entry, None if it has no prices by the token; `PriceError` for what is no price."""
    if model == "sample_spec" or any(members.get(key) for key in _VARIABLE):
        return None
    base: dict[str, float] = {}
    tiers: dict[int, dict[str, float]] = {}
    for bucket, name in _KEYS.items():
        for key in [key for key in members if key.startswith(name)]:
            start = _start(key.removeprefix(name))
            if start is not None and members[key] is not None:
                prices = tiers.setdefault(start, {}) if start else base
                prices[bucket] = _per_million(document.price((model, key), model, members[key]))
    request = document.price((model, _REQUEST), model, members[_REQUEST]) if members.get(_REQUEST) else 0.0
    if not base.keys() & {"input", "output"} or _is_sold_otherwise(members, [*base.values(), request]):
        return None
    return rate_card(base, tiers, request)


def _is_cost(key: str) -> bool:
    return ("_cost_per_" in key and not key.endswith("_cost_per_million")) or "_token_cost" in key


def _start(rest: str) -> int | None:
    """Return the threshold that the end of a key names, 0 for none, None for another key that starts the same."""
    if not rest:
        return 0
    if not (rest.startswith(_ABOVE) and rest.endswith(_TOKENS)):
        return None
    digits = rest.removeprefix(_ABOVE).removesuffix(_TOKENS)
    unit = _UNITS.get(digits[-1:], 1)
    digits = digits[:-1] if unit > 1 else digits
    return int(digits) * unit or None if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _is_sold_otherwise(members: Mapping[str, Any], prices: list[float]) -> bool:
    """Tell whether tokens have a price of 0 because something else is billed: images, queries, seconds."""
    others = (number(value) for key, value in members.items() if _is_cost(key))
    return not any(prices) and any(others)


def _per_million(price: float) -> float:
    """Return a price by the token as one by the million: the digits stay, so that 3e-06 is 3.0 and nothing near it."""
    digits, _, exponent = repr(price).partition("e")
    return float(f"{digits}e{int(exponent or 0) + 6}")
