"""`turn_cost`: what a turn cost, and by whose prices."""

from __future__ import annotations

import sys
from _collections_abc import Mapping

from usagebar.figures import count, text
from usagebar.pricing.buckets import OTHER, are_ordinary, buckets, units
from usagebar.pricing.configured import configured_prices
from usagebar.pricing.prices import current_prices
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, Final, Literal

    from usagebar.pricing.buckets import Units
    from usagebar.pricing.catalogue import Catalogue
    from usagebar.pricing.prices import Source
    from usagebar.pricing.rates import Bill


class Cost(Record):
    """Hold what a turn cost.

    `usd` is in US dollars. `source` is "estimated" if it was multiplied from prices, "reported" if the response said
    it. `prices` names whose prices: `prices.json`, `openclaw.json`, `genai-prices 0.2.3`. `long_context` is the
    threshold, in prompt tokens, of the tier that applied to the whole request, None if it was the base price.
    """

    usd: float
    source: str
    prices: str
    long_context: int | None = None

    def __init__(self, usd: float, source: str, prices: str, long_context: int | None = None) -> None:
        # What every record does, in a fraction of the time: there is one for each turn.
        fields = self.__dict__
        fields["usd"], fields["source"], fields["prices"], fields["long_context"] = usd, source, prices, long_context


_ENDLESS: Final = float("inf")
_NONE: Final[Units] = {}
# What the first turn without a price of the user's imports: `catalogue` of the module of that name.
_catalogue: Callable[[], Catalogue] | None = None


def turn_cost(  # noqa: PLR0913 - five of them say what else a price depends on, by name
    usage: Mapping[str, Any],
    model: str | None,
    *,
    provider: str | None = None,
    at: datetime | None = None,
    prices: Source | Literal[False] | None = None,
    context: Mapping[str, Any] | None = None,
    requests: int = 1,
) -> Cost | None:
    """Return the estimated cost of a request, None if it cannot be told.

    Args:
        usage: tokens in disjoint buckets, see `buckets`; its input is what was not cached. Beside them what else
            genai-prices has units for, by its names: `input_audio_tokens`, `web_searches`, see `OTHER` there.
        model: its name, as reported.
        provider: who billed for it; without one, a prefix of the model's name, else who is known for such models.
        at: when the request was made, by default now; without a zone it is UTC.
        prices: what `load_prices` takes, asked before genai-prices; None: `configured_prices()`. False: no estimate.
            A mapping is read at each call, and a file looked at whether it has changed: whoever prices many turns
            gives what `load_prices` has returned once.
        context: genai-prices' price context, such as `{"service_tier": "flex"}`, for its own prices alone.
        requests: how many requests the usage sums up. A tier goes by the prompt of one: the sum of several has no cost
            above the lowest threshold.

    There is no cost without a model, an input count, or (where output has a price) an output count; for a model or a
    provider that is not known; for counts that are none or contradict each other; and if nothing that was used has a
    price. A file's entry must price all that was used: no entry prices audio, images, searches and the like.

    Raises `PriceError` for prices that cannot be read, `TypeError` for a `usage` or `context` that is no mapping, or an
    `at` that is no datetime, and `ValueError` for `requests` that are no integer ≥ 1.
    """
    tokens = buckets(usage)
    if requests != 1:
        _check_requests(requests)
    moment = None if at is None else _moment(at)
    variant = None if context is None else _variant(context)
    # Plain strings as they are: whether one is blank is asked when it is looked up for the first time.
    name = model if type(model) is str else text(model)
    if prices is False or tokens is None or name is None:
        return None
    others = _NONE if OTHER.isdisjoint(usage) else units(usage, tokens)
    if others is None:
        return None
    vendor = provider if type(provider) is str else text(provider)
    entry = (configured_prices() if prices is None else current_prices(prices)).find(name, vendor)
    if entry is not None:
        return _cost(entry.card.bill(tokens, requests), entry.label) if are_ordinary(others) else None
    catalogue = (_catalogue or _load_catalogue())()
    schedule = catalogue.schedule(name, vendor, variant)
    if schedule is None:
        return None
    if others:
        return _cost(schedule.bill(moment, tokens, others, requests), catalogue.label)
    card = schedule.card(moment)
    return None if card is None else _cost(card.bill(tokens, requests), catalogue.label)


def _cost(bill: Bill | None, label: str) -> Cost | None:
    # An endless bill is none: counts and prices may each be as large as a double holds.
    if bill is None or not bill[0] < _ENDLESS:
        return None
    return Cost(bill[0], "estimated", label, bill[1])


def _load_catalogue() -> Callable[[], Catalogue]:
    global _catalogue  # noqa: PLW0603 - an import statement for each turn costs a tenth of it
    from usagebar.pricing.catalogue import catalogue  # noqa: PLC0415 - it imports genai_prices

    _catalogue = catalogue
    return catalogue


def _check_requests(requests: object) -> None:
    if type(requests) is not int or not count(requests):
        from usagebar.pricing.document import named  # noqa: PLC0415 - only to complain

        raise ValueError(f"expected a number of requests (an integer ≥ 1), found {named(requests)}")


def _moment(at: datetime) -> float:
    # Whoever has a datetime has imported it; an import statement takes longer than all the rest of this.
    kinds = sys.modules.get("datetime")
    if kinds is None or not isinstance(at, kinds.datetime):
        raise TypeError(f"expected a datetime, found {type(at).__name__}")
    zoned: datetime = at if at.tzinfo is not None else at.replace(tzinfo=kinds.UTC)
    return zoned.timestamp()


def _variant(context: object) -> dict[str, str]:
    if not isinstance(context, Mapping):
        raise TypeError(f"expected a price context (a mapping), found {type(context).__name__}")
    return {key: value for key, value in context.items() if isinstance(key, str) and isinstance(value, str)}
