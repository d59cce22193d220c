"""The rates of genai-prices, remembered from an earlier process: importing it takes a third of a second.

What is remembered holds for one installation of genai-prices and of this package. It is plain text, which the caller
keeps; text that is not of this installation, or none of ours, is passed over.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from usagebar.pricing.configured import installation
from usagebar.pricing.rates import RateCard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from usagebar.pricing.catalogue import Catalogue
    from usagebar.pricing.schedule import Schedule

_DAY = 86400
_FORM = 1  # of the text


class CardTable(NamedTuple):
    """Hold all rate cards of a model: those between its dates (`days`, in seconds since 1970) and times of day."""

    days: tuple[float, ...]
    times: tuple[float, ...]
    cards: tuple[tuple[RateCard | None, ...], ...]  # by day, then by time

    def card(self, moment: float) -> RateCard | None:
        """Return the card at a moment in seconds since 1970; None if no tokens are priced then."""
        return self.cards[bisect_right(self.days, moment)][bisect_right(self.times, moment % _DAY)]


class RememberedRates:
    """Look up rate cards of genai-prices, importing it only for models that are not remembered.

    `text` is what an earlier process remembered, None for nothing; `text()` is what to keep, `is_changed` whether it is
    any different. `label` names the prices: as `Cost.prices` does, or as `label_of` does of the catalogue.
    """

    def __init__(self, text: str | None = None, label_of: Callable[[Catalogue], str] | None = None) -> None:
        self.is_changed = False
        self._label_of = label_of
        self._stamp = installation()
        known = _read(text, self._stamp)
        self._label: str | None = None if known is None else known[0]
        self._tables: dict[str, CardTable | None] = {} if known is None else known[1]
        self._found: dict[tuple[str, str | None, str | None], CardTable | Schedule | None] = {}

    @property
    def label(self) -> str:
        """The name of the prices, such as `genai-prices 0.2.3`."""
        if self._label is None:
            self._catalogue()
        return self._label or ""

    def schedule(
        self, model: str, provider: str | None, context: Mapping[str, str] | None
    ) -> CardTable | Schedule | None:
        """Return what has the cards of a model under a price context, as `Catalogue.schedule` does."""
        key = model, provider, None if context is None else repr(sorted(context.items()))
        try:
            return self._found[key]
        except KeyError:
            found = self._found[key] = self._table(model, provider, context, json.dumps(key))
            return found

    def card(
        self, model: str, provider: str | None, context: Mapping[str, str] | None, moment: float
    ) -> RateCard | None:
        """Return the card of a model at a moment in seconds since 1970, as `Catalogue.schedule(…).card` does."""
        table = self.schedule(model, provider, context)
        return None if table is None else table.card(moment)

    def text(self) -> str:
        """Return what to give to the next process."""
        tables = {key: None if table is None else _plain(table) for key, table in self._tables.items()}
        return json.dumps({"form": _FORM, "of": self._stamp, "label": self.label, "tables": tables})

    def _table(
        self, model: str, provider: str | None, context: Mapping[str, str] | None, key: str
    ) -> CardTable | Schedule | None:
        if key in self._tables:
            return self._tables[key]
        schedule = self._catalogue().schedule(model, provider, context)
        table = None if schedule is None else schedule.table()
        if schedule is not None and table is None:  # of a kind that is not to be kept
            return schedule
        self._tables[key] = table
        self.is_changed = True
        return table

    def _catalogue(self) -> Catalogue:
        from usagebar.pricing.catalogue import catalogue  # noqa: PLC0415 - this is what is put off

        found = catalogue()
        label = found.label if self._label_of is None else self._label_of(found)
        if self._label is not None and label != self._label:  # its prices were updated or replaced meanwhile
            self._tables.clear()
        self._label = label
        return found


def _read(text: str | None, stamp: list[Any]) -> tuple[str, dict[str, CardTable | None]] | None:
    if text is None:
        return None
    try:
        found = json.loads(text)
        if found["form"] != _FORM or found["of"] != stamp:
            return None
        tables = found["tables"].items()
        return str(found["label"]), {key: None if plain is None else _made(plain) for key, plain in tables}
    except (ValueError, TypeError, KeyError, AttributeError):  # another program's, or cut off: it is read anew
        return None


def _plain(table: CardTable) -> list[Any]:
    return [table.days, table.times, [[None if card is None else _fields(card) for card in row] for row in table.cards]]


def _fields(card: RateCard) -> list[Any]:
    return [card.base, card.tiers, card.needs_output, card.is_whole, card.is_lenient]


def _made(plain: list[Any]) -> CardTable:
    days, times, rows = plain
    cards = tuple(tuple(None if each is None else _card(each) for each in row) for row in rows)
    return CardTable(tuple(days), tuple(times), cards)


def _card(fields: list[Any]) -> RateCard:
    base, tiers, needs_output, is_whole, is_lenient = fields
    return RateCard(
        tuple(base), tuple((start, tuple(rates)) for start, rates in tiers), needs_output, is_whole, is_lenient
    )
