"""Rate cards: what a model costs, and the multiplication.

A bucket without a price of its own is billed as the wider one it is part of: cache reads and writes as input, 1-hour
writes as writes. So does genai-prices, and so do all sources of prices here.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias, cast

    from usagebar.pricing.buckets import Buckets

    # US dollars per million tokens of each bucket, None where nothing prices it, and dollars for each request.
    Rates: TypeAlias = tuple[float | None, float | None, float | None, float | None, float | None, float]
    PerMillion: TypeAlias = tuple[float, float, float, float, float, float]
    # US dollars, and the threshold of the tier that they fell under.
    Bill: TypeAlias = tuple[float, int | None]
else:

    def cast(_, value):  # noqa: D103 - it stands for typing's
        return value


MILLION = 1e6
OUTPUT = 4  # its place in the rates


class RateCard(Record):
    """Hold the rates of a model: the base, and what replaces it above so many prompt tokens, cached ones included.

    A tier applies to the whole request. `needs_output`: output has a price, so its count must be known. `is_whole`:
    every bucket has a price. `is_lenient`: a bucket without a price counts nothing beside one that has one; else a
    usage of it has no cost.
    """

    base: Rates
    tiers: tuple[tuple[int, Rates], ...]  # the highest threshold first
    needs_output: bool
    is_whole: bool
    is_lenient: bool = False

    @property
    def fee(self) -> float:
        """US dollars for each request below the tiers."""
        return self.base[-1]

    def bill(self, tokens: Buckets, requests: int = 1) -> Bill | None:
        """Return the dollars of a request and the threshold of the tier it fell under; None if no price covers it.

        Of several requests together that are above a threshold it is not known which of them were: None.
        """
        fresh, read, write, write_1h, output = tokens
        if output is None:
            if self.needs_output:
                return None
            output = 0
        rates, threshold = self.base, None
        if self.tiers:
            rates, threshold = self.level(fresh + read + write + write_1h)
            if threshold is not None and requests > 1:
                return None
        if not self.is_whole:
            covered = _covered(rates, (fresh, read, write, write_1h, output), is_lenient=self.is_lenient)
            if covered is None:
                return None
            rates = covered
        at_input, at_read, at_write, at_write_1h, at_output, request = cast("PerMillion", rates)
        usd = fresh * at_input + read * at_read + write * at_write + write_1h * at_write_1h + output * at_output
        return usd / MILLION + request * requests, threshold

    def level(self, prompt: int) -> tuple[Rates, int | None]:
        """Return the rates of a prompt of so many tokens, and the threshold they hold above, None for the base."""
        for start, tier in self.tiers:
            if prompt > start:
                return tier, start
        return self.base, None


# A model that is listed without any price: its provider charges nothing for it.
FREE = RateCard((0.0,) * 6, (), needs_output=False, is_whole=True)


class Entry(Record):
    """Hold the prices of one model in one list: `label` names the list, `provider` is None if it holds for any."""

    card: RateCard
    label: str
    provider: str | None = None


def rate_card(
    base: Mapping[str, float],
    tiers: Mapping[int, Mapping[str, float]],
    request: float = 0.0,
    *,
    is_lenient: bool = False,
) -> RateCard:
    """Return the card of what a source says: bucket → price in dollars per million tokens, and the same by threshold.

    A tier changes the prices that it has; the others stay as they are below it.
    """
    levels, known = [], dict(base)
    lowest = _rates(known, request)
    for start in sorted(tiers):
        known |= tiers[start]
        levels.append((start, _rates(known, request)))
    return card_of(lowest, levels)


def card_of(base: Rates, levels: list[tuple[int, Rates]], *, is_lenient: bool = False) -> RateCard:
    """Return the card of a base and of the levels above it, in ascending order of their thresholds."""
    each = [base, *(rates for _, rates in levels)]
    needs_output = any(rates[OUTPUT] is not None for rates in each)
    is_whole = all(price is not None for rates in each for price in rates)
    return RateCard(base, tuple(reversed(levels)), needs_output, is_whole, is_lenient)


def _rates(known: Mapping[str, float], request: float) -> Rates:
    fresh = known.get("input")
    write = known.get("cache_write", fresh)
    read, write_1h = known.get("cache_read", fresh), known.get("cache_write_1h", write)
    return fresh, read, write, write_1h, known.get("output"), request


def _covered(rates: Rates, tokens: tuple[int, ...], *, is_lenient: bool) -> Rates | None:
    """Return the rates with 0 for what has none, or None if they do not cover what was used."""
    *prices, request = rates
    unpriced = [price is None for used, price in zip(tokens, prices, strict=True) if used]
    is_left_out = unpriced and (all(unpriced) if is_lenient else any(unpriced))
    return None if is_left_out else (*[price or 0.0 for price in prices], request)  # type: ignore[return-value]
