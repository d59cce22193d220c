"""From a `ModelPrice` of genai-prices to a rate card, by its own arithmetic.

Each rate is the difference of two bills that differ in one bucket alone, in exact decimals: whatever tiers, fallbacks
and units genai-prices has, the card follows them. Its input count includes the cached tokens.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from genai_prices.types import TieredPrices, Usage

from usagebar.pricing.rates import FREE, RateCard, card_of
from usagebar.pricing.units import EXACT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

    from usagebar.pricing.rates import Rates

_HALF = Decimal("0.5")
_MANY = Decimal(1_000_000)


def probe(price: ModelPrice) -> RateCard | None:
    """Return the rate card of a price; None if it prices no tokens and no requests.

    A price without any entry is what genai-prices has for free models.
    """
    entries = [value for name, value in vars(price).items() if value is not None and not name.startswith("_")]
    if not entries:
        return FREE
    if price.input_mtok is None and price.output_mtok is None and price.requests_kcount is None:
        return None
    starts = sorted({tier.start for value in entries if isinstance(value, TieredPrices) for tier in value.tiers})
    with localcontext(EXACT):
        base = _rates(price, Decimal(0), Decimal(starts[0]) if starts else _MANY)
        levels = [(start, _rates(price, start + _HALF, Decimal(start + 1))) for start in starts]
    return card_of(base, levels, is_lenient=True)


def _rates(price: ModelPrice, low: Decimal, high: Decimal) -> Rates:
    """Return the rates of a tier from two prompts inside it; a tier of no tokens at all has no rates to tell."""
    width = high - low

    def slope(*buckets: str) -> Decimal:
        least, most = (_bill(price, tokens, dict.fromkeys(buckets, tokens)) for tokens in (low, high))
        return (most - least) / width if width else Decimal(0)

    fresh = slope()
    prompt = (
        fresh,
        slope("cache_read_tokens"),
        slope("cache_write_tokens", "cache_write_5m_tokens"),
        slope("cache_write_tokens", "cache_write_1h_tokens"),
    )
    output = (_bill(price, high, {"output_tokens": _MANY}) - _bill(price, high, {})) / _MANY
    priced = (price.input_mtok is not None,) * len(prompt) + (price.output_mtok is not None,)
    per_million = [float(rate * _MANY) if has else None for rate, has in zip((*prompt, output), priced, strict=True)]
    return (*per_million, float(_bill(price, low, {}) - low * fresh))  # type: ignore[return-value] # five and one


def _bill(price: ModelPrice, prompt: Decimal, buckets: dict[str, Decimal]) -> Decimal:
    return price.calc_price(Usage(input_tokens=prompt, **buckets))["total_price"]
