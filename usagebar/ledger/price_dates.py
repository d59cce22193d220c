"""Whose prices an estimate is by, and of which day they are: the label that a turn keeps, `prices.json (2026-02-03)`.

A price file is of the day on which it was last changed. `genai-prices` does not tell when its prices were gathered, so
the day is the latest from which one of its dated prices holds; one that has updated itself is of the day it did.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.pricing.catalogue import Catalogue

_UPDATED, _CUSTOM = ", updated ", ", custom"  # what a catalogue's label may end with


class PriceSource(NamedTuple):
    """Name a list of prices, and the day that its prices are of, `YYYY-MM-DD`; None if it does not tell."""

    name: str
    date: str | None


def source_of(label: str) -> PriceSource:
    """Return the name and the date that a label of prices, as turns keep it, is made of."""
    name, updated, day = label.rpartition(_UPDATED)
    if not updated:
        name, _, day = label.removesuffix(")").rpartition(" (")
    return PriceSource(name, day) if name and _is_date(day) else PriceSource(label, None)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_bundled(catalogue: Catalogue) -> bool:
    """Tell whether prices are those that came with genai-prices: neither updated since nor replaced by a program."""
    return _UPDATED not in catalogue.label and not catalogue.label.endswith(_CUSTOM)


@lru_cache(maxsize=4)
def dated_label(catalogue: Catalogue) -> str:
    """Return the label of genai-prices' prices with their day, if they have one."""
    label = catalogue.label
    if not is_bundled(catalogue):
        return label
    # Prices that hold from a later day on are announced ones.
    today = datetime.now(UTC).date()
    newest = max((day for day in _price_days(catalogue) if day <= today), default=None)
    return label if newest is None else f"{label} ({newest.isoformat()})"


def _price_days(catalogue: Catalogue) -> Iterator[date]:
    for provider in catalogue.snapshot.providers:
        for model in provider.models:
            for price in model.prices if isinstance(model.prices, list) else ():
                day = getattr(price.constraint, "start_date", None)
                if isinstance(day, date):
                    yield day


def label_of_list(label: str, paths: Iterable[str]) -> str:
    """Return the label of a list of the user's, with the day on which the one of these files that it is was changed."""
    days = {_changed(path) for path in paths if os.path.basename(path) == label} - {None}
    return f"{label} ({days.pop()})" if len(days) == 1 else label


def _changed(path: str) -> str | None:
    try:
        changed = os.stat(os.path.expanduser(path)).st_mtime
    except (OSError, ValueError):  # it was there when it was read
        return None
    return datetime.fromtimestamp(changed, UTC).date().isoformat()
