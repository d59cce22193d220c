"""Which prices of a model are in force when: rate cards for the intervals between its dates and times of day."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from time import time as now

from usagebar.pricing.probing import probe
from usagebar.pricing.remembered import CardTable
from usagebar.pricing.units import exact_bill, priced_units, whole_usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeAlias

    from genai_prices.types import ModelInfo, Provider

    from usagebar.pricing.buckets import Buckets, Units
    from usagebar.pricing.rates import Bill, RateCard

    Cell: TypeAlias = tuple[int, int]

_DAY = 86400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS = 0, 0  # the one cell of prices that never change


class Schedule:
    """Hold the rate cards of one model at one provider, under one price context.

    The days on which a price starts and the times at which a daily one starts or ends cut time into cells in which
    nothing changes; the card of a cell is probed when it is first asked for.
    """

    def __init__(self, provider: Provider, model: ModelInfo, context: Mapping[str, str] | None) -> None:
        # Variants are the provider's own: a model lent by another one is billed without.
        self._context = context if any(model is each for each in provider.models) else None
        self._model = model
        self._provider = provider
        self._cards: dict[Cell, RateCard | None] = {}
        self._priced: dict[Cell, frozenset[str]] = {}
        constraints = [each for each in _constraints(model, self._context) if each is not None]
        self._changes = bool(constraints)
        # Of a kind that a later genai-prices may have, nothing is kept.
        self._is_known = all(hasattr(each, "start_date") or hasattr(each, "start_time") for each in constraints)
        self._days = sorted({_midnight(each.start_date) for each in constraints if hasattr(each, "start_date")})
        daily = [each for each in constraints if hasattr(each, "start_time")]
        self._times = sorted({_second(at) for each in daily for at in (each.start_time, each.end_time)})

    def card(self, moment: float | None) -> RateCard | None:
        """Return the card at a moment in seconds since 1970, None being now; None if no tokens are priced then."""
        cell = _ALWAYS
        if self._changes:
            moment = now() if moment is None else moment
            if not self._is_known:
                return self._probed(_exactly(moment))
            cell = self._cell(moment)
        try:
            return self._cards[cell]
        except KeyError:
            card = self._cards[cell] = self._probed(self._inside(*cell))
            return card

    def table(self) -> CardTable | None:
        """Return all cards, fit to be kept; None if of the prices nothing may be kept."""
        if not self._is_known:
            return None
        days, times = range(len(self._days) + 1), range(len(self._times) + 1)
        rows = ([self.card(self._start(day, time)) for time in times] for day in days)
        return CardTable(tuple(self._days), tuple(self._times), tuple(map(tuple, rows)))

    def bill(self, moment: float | None, tokens: Buckets, others: Units, requests: int = 1) -> Bill | None:
        """Return the bill of a usage with other units than plain tokens, as `RateCard.bill` does of one without.

        None also if its counts contradict each other. What has no price here costs nothing beside what has one.
        """
        moment = now() if moment is None else moment
        card = self.card(moment)
        if self._priced_at(moment).isdisjoint(name for name, amount in others.items() if amount):
            return None if card is None else card.bill(tokens, requests)
        threshold, fees = None, 0.0
        if card is not None:
            fresh, read, write, write_1h, output = tokens
            threshold = card.level(fresh + read + write + write_1h)[1]
            fees = (requests - 1) * card.fee
            if (card.needs_output and output is None) or (threshold is not None and requests > 1):
                return None
        usage = whole_usage(tokens, others)
        usd = exact_bill(self._model, self._provider, self._moment(moment), self._context, usage)
        return None if usd is None else (usd + fees, threshold)

    def _priced_at(self, moment: float) -> frozenset[str]:
        """Return the units with a price of their own at a moment."""
        if not self._is_known:
            return priced_units(self._model.get_prices(_exactly(moment), self._context))
        cell = self._cell(moment)
        try:
            return self._priced[cell]
        except KeyError:
            found = priced_units(self._model.get_prices(self._inside(*cell), self._context))
            self._priced[cell] = found
            return found

    def _cell(self, moment: float) -> Cell:
        return bisect_right(self._days, moment), bisect_right(self._times, moment % _DAY)

    def _moment(self, moment: float) -> datetime:
        """Return a moment with the same prices."""
        return self._inside(*self._cell(moment)) if self._is_known else _exactly(moment)

    def _inside(self, day: int, time: int) -> datetime:
        """Return a moment of a cell."""
        return _EPOCH + timedelta(seconds=self._start(day, time))

    def _start(self, day: int, time: int) -> float:
        midnight = self._days[day - 1] if day else self._days[0] - _DAY if self._days else 0
        return midnight + (self._times[time - 1] if time else 0)

    def _probed(self, moment: datetime) -> RateCard | None:
        return probe(self._model.get_prices(moment, self._context))


def _constraints(model: ModelInfo, context: Mapping[str, str] | None) -> Iterator[Any]:
    if isinstance(model.prices, list):
        yield from (price.constraint for price in model.prices)
    if context:
        yield from (variant.constraint for variant in model.price_variants or ())


def _exactly(moment: float) -> datetime:
    return _EPOCH + timedelta(seconds=moment)


def _midnight(day: date) -> float:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH).total_seconds()


def _second(time: Any) -> float:
    """Return a time of day in seconds since midnight UTC; a time without a zone is UTC."""
    at = datetime.combine(_EPOCH.date(), time)
    zoned = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return (zoned - _EPOCH).total_seconds() % _DAY
