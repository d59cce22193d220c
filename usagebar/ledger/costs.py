"""What turns cost that did not report it: the prices of `usagebar.pricing`, for hundreds of thousands of turns.

The order is that of `usagebar.pricing.turn_cost`: the cost that was reported, the user's price file, OpenClaw's model
prices, `genai-prices`. The card of a model is looked up once, and genai-prices imported when the first turn needs it.
"""

from __future__ import annotations

import os
import sys
from time import time
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from usagebar.ledger.price_dates import PriceSource, dated_label, is_bundled, label_of_list, source_of
from usagebar.ledger.turns import ESTIMATED, MOST_USD, TurnRecord
from usagebar.pricing.configured import configured_prices, price_files
from usagebar.pricing.prices import current_prices
from usagebar.pricing.remembered import RememberedRates

if TYPE_CHECKING:
    from collections.abc import Callable

    from usagebar.ledger.storing.database import Database
    from usagebar.pricing.catalogue import Catalogue
    from usagebar.pricing.prices import Prices, Source
    from usagebar.pricing.rates import RateCard

# Names are input: whoever sends ever new ones must not fill the memory.
MAX_CACHED_NAMES = 4096
# Model, provider, fast, batch: what the card of a turn depends on, but for its time.
Key = tuple[str, str | None, bool | None, bool | None]

_COST = TurnRecord._fields.index("cost_usd")  # cost_source, prices and long_context stand behind it
_BEHIND = TurnRecord._fields.index("fast")
_META = "rates of genai-prices"
_record = tuple.__new__
_UNPRICED = (None, None, None, None)


class _Rates(NamedTuple):
    """Hold where the card of a model at a moment is found, and the label of its list."""

    card: Callable[[float], RateCard | None]
    label: str


class Pricer:
    """Estimate what turns cost.

    `prices` is what `turn_cost` takes: a path, a mapping, `Prices`, None for what is configured, False for no
    estimates at all. With `as_model` every turn is priced as if that model had answered, whatever it has reported.
    `remembered` has the rates of genai-prices, as long as they are those it came with, from an earlier process.

    Raises `PriceError` if the prices cannot be read: given ones here, configured ones with the first turn.
    """

    def __init__(
        self,
        prices: Source | Literal[False] | None = None,
        as_model: str | None = None,
        remembered: RememberedRates | None = None,
    ) -> None:
        self._is_off = prices is False
        self._prices: Prices | None = None if prices is None or prices is False else current_prices(prices)
        self._paths = [os.fspath(prices)] if isinstance(prices, (str, os.PathLike)) else []
        self._are_configured = prices is None
        self._as_model = as_model
        self._remembered = remembered
        self._rates: dict[Key, _Rates | None] = {}
        # Of genai-prices, once it is imported: its prices may be updated, or replaced by a program.
        self._snapshot: Callable[[], object] | None = None
        self._seen: object = None

    @classmethod
    def of(
        cls, database: Database, prices: Source | Literal[False] | None = None, as_model: str | None = None
    ) -> Pricer:
        """Return a pricer that knows the rates of genai-prices that a database remembers; see `remember`."""
        return cls(prices, as_model, RememberedRates(database.meta(_META), dated_label))

    def remember(self, database: Database) -> None:
        """Keep the rates of genai-prices that were asked for in a database, unless it has them."""
        if self._remembered is not None and self._remembered.is_changed:
            database.set_meta(_META, self._remembered.text())
            self._remembered.is_changed = False

    def priced(self, turn: TurnRecord, *, requests: int = 1) -> TurnRecord:
        """Return a turn with its estimated cost; as it is if it has a cost, or none can be told.

        `requests` is how many requests its counts sum up: above a threshold the sum of several has no cost.
        """
        model, provider = turn.model, turn.provider
        if self._as_model is not None:
            model, provider = self._as_model, None
        elif turn.cost_usd is not None:
            return turn
        bill = self._bill(turn, model, provider, requests)
        if bill is None and turn.cost_usd is None:
            return turn
        # Not `_replace`, which takes four times as long.
        return _record(TurnRecord, turn[:_COST] + (bill or _UNPRICED) + turn[_BEHIND:])

    def cost_as(self, turn: TurnRecord, model: str) -> float | None:
        """Return the US dollars that a turn would have cost with another model, None if that cannot be told.

        Its provider goes by its name. The tokens are the same; what the other model would have cached is not known.
        """
        bill = self._bill(turn, model, None, 1)
        return None if bill is None else bill[0]

    def price_sources(self) -> list[PriceSource]:
        """Return the lists of prices that are asked, in their order; genai-prices is the last."""
        if self._is_off:
            return []
        labels = dict.fromkeys(next(iter(table.values())).label for table in self._own().tables if table)
        return [source_of(self._dated(label)) for label in labels] + [source_of(self._label(self._edition()))]

    def _bill(
        self, turn: TurnRecord, model: str | None, provider: str | None, requests: int
    ) -> tuple[float, str, str, int | None] | None:
        """Return the cost, its source, the label of the prices and the threshold; None if it cannot be told."""
        fresh = turn.input
        if fresh is None or model is None or self._is_off:
            return None
        self._look_at_snapshot()
        key = model, provider, turn.fast, turn.batch
        rates = self._rates[key] if key in self._rates else self._found(key)
        if rates is None:
            return None
        card = rates.card(time() if turn.timestamp is None else turn.timestamp / 1000)
        if card is None or (requests > 1 and card.fee):
            return None
        write, write_1h = turn.cache_write_5m or 0, turn.cache_write_1h or 0
        bill = card.bill((fresh, turn.cache_read or 0, write, write_1h, turn.output), requests)
        if bill is None or not bill[0] <= MOST_USD:
            return None
        return bill[0], ESTIMATED, rates.label, bill[1]

    def _look_at_snapshot(self) -> None:
        """Forget the rates if genai-prices has other prices than before."""
        snapshot = self._snapshot
        if snapshot is None:
            if "genai_prices" not in sys.modules:
                return
            from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - it is imported

            snapshot = self._snapshot = get_snapshot
        found = snapshot()
        if found is not self._seen:
            self._seen = found
            self._rates.clear()

    def _found(self, key: Key) -> _Rates | None:
        if len(self._rates) >= MAX_CACHED_NAMES:
            self._rates.clear()
        rates = self._rates[key] = self._search(key)
        return rates

    def _search(self, key: Key) -> _Rates | None:
        model, provider, is_fast, is_batch = key
        entry = self._own().find(model, provider)
        if entry is not None:
            return _Rates(lambda _moment: entry.card, self._dated(entry.label))
        edition, context = self._edition(), _context(is_fast, is_batch)
        if edition is not None:
            schedule = edition.schedule(model, provider, context)
            return None if schedule is None else _Rates(schedule.card, dated_label(edition))
        known = cast("RememberedRates", self._remembered).schedule(model, provider, context)
        return None if known is None else _Rates(known.card, self._label(None))

    def _own(self) -> Prices:
        if self._prices is None:
            self._prices = configured_prices()
        return self._prices

    def _edition(self) -> Catalogue | None:
        """Return the prices that genai-prices has now; None if they are the remembered ones, and it is not imported."""
        if self._remembered is not None and "genai_prices" not in sys.modules:
            return None
        from usagebar.pricing.catalogue import catalogue  # noqa: PLC0415 - it imports genai_prices: 0.3 s

        found = catalogue()
        return None if self._remembered is not None and is_bundled(found) else found

    def _label(self, edition: Catalogue | None) -> str:
        return cast("RememberedRates", self._remembered).label if edition is None else dated_label(edition)

    def _dated(self, label: str) -> str:
        """Return the label of a user's list with the day on which its file was last changed."""
        return label_of_list(label, price_files() if self._are_configured else self._paths)


def _context(is_fast: bool | None, is_batch: bool | None) -> dict[str, str] | None:
    """Return the price context of a turn, as the reader of Anthropic's answers gives it."""
    return ({"processing": "batch"} if is_batch else {}) | ({"speed": "fast"} if is_fast else {}) or None
