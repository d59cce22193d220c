"""Bills with other units than plain tokens, such as audio and web searches: genai-prices' own arithmetic."""

from __future__ import annotations

from decimal import Context, localcontext

from genai_prices.data_units import unit_data
from genai_prices.types import Usage

from usagebar.pricing.buckets import OTHER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Final

    from genai_prices.types import ModelInfo, ModelPrice, Provider

    from usagebar.pricing.buckets import Buckets, Units

# Far more digits than any bill has: the caller's own context might round, or trap.
EXACT: Final = Context(prec=60)


def _price_keys(name: str) -> frozenset[str]:
    """Return the prices that a unit may be billed by: its own, and those of the other units that it is part of."""
    kind = unit_data[name]["dimensions"].items()
    wider = (each for key, each in unit_data.items() if key in OTHER and each["dimensions"].items() <= kind)
    return frozenset(each["price_key"] for each in wider)


_PRICE_KEYS: Final = {name: _price_keys(name) for name in OTHER if name in unit_data}


def priced_units(price: ModelPrice) -> frozenset[str]:
    """Return the units that a price has an entry for, besides plain tokens; raises `ValueError` if it is broken."""
    with localcontext(EXACT):
        price.calc_price(Usage())  # once, without anything: a later refusal is about a usage
    entries = {name for name, value in vars(price).items() if value is not None}
    return frozenset(name for name, keys in _PRICE_KEYS.items() if not keys.isdisjoint(entries))


def exact_bill(
    model: ModelInfo, provider: Provider, at: datetime, context: Mapping[str, str] | None, usage: Usage
) -> float | None:
    """Return the US dollars of one request at a moment; None if its counts contradict each other, or lack one."""
    with localcontext(EXACT):
        try:
            bill = model.calc_price(usage, provider, genai_request_timestamp=at, price_context=context)
        except ValueError:  # what genai-prices says of such counts
            return None
        return float(bill.total_price)


def whole_usage(tokens: Buckets, others: Units) -> Usage:
    """Return a usage as genai-prices takes it: the input with what is cached, and all that is part of it."""
    fresh, read, write, write_1h, output = tokens
    return Usage(
        input_tokens=fresh + read + write + write_1h,
        cache_read_tokens=read,
        cache_write_tokens=write + write_1h,
        cache_write_5m_tokens=write,
        cache_write_1h_tokens=write_1h,
        output_tokens=output,
        **{name: amount for name, amount in others.items() if name in unit_data},
    )
