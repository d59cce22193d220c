"""Budgets: what may be spent in a day or a month. They warn; they never block a turn.

They are configured in a file, JSON or JSONC: the one that `USAGEBAR_BUDGETS` names, else `usagebar/budgets.json` in
`$XDG_CONFIG_HOME` or `~/.config`.

    { "budgets": [
        { "limit_usd": 10, "period": "daily" },
        { "limit_usd": 200, "period": "monthly", "agent": "main", "thresholds": [80, 100], "name": "the main agent" }
    ] }
"""

from __future__ import annotations

import hashlib
import os
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from usagebar.figures import dollars, number, text
from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import PICO, Filter, Totals
from usagebar.ledger.shapes import day_of, sum_of
from usagebar.ledger.turns import MOST_USD
from usagebar.pricing.names import LONGEST_NAME, family, forms, prefix
from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from usagebar.ledger.storing.database import Database

PERIODS = ("daily", "monthly")
THRESHOLDS = (50, 80, 100)
MOST_PERCENT = 1000
MOST_LIMIT_USD = MOST_USD * 10_000  # of a budget for very many turns
_DATE = r"-(?:\d{8}|\d{4}-\d\d-\d\d)$"  # `claude-…-20251101`, `gpt-…-2024-08-06`


class Budget(Record):
    """Hold a limit in US dollars for each day or month, in the ledger's zone, and the percentages to warn at.

    It counts the turns of one agent and of one model, of all if none is named; a model under each of its names, see
    `fits_model`. Raises `LedgerError` for a limit that is
    no number above 0, another period, or thresholds that are no whole numbers from 1 to 1000.
    """

    limit_usd: float
    period: str
    agent: str | None = None
    model: str | None = None
    thresholds: tuple[int, ...] = THRESHOLDS
    name: str | None = None

    def __init__(
        self,
        limit_usd: float,
        period: str,
        agent: str | None = None,
        model: str | None = None,
        thresholds: Sequence[int] = THRESHOLDS,
        name: str | None = None,
    ) -> None:
        given = {"limit_usd": limit_usd, "period": period, "agent": agent, "model": model}
        members = {**given, "thresholds": thresholds, "name": name}
        for key, value in members.items():
            if (expected := expectation(key, value)) is not None:
                raise LedgerError(f"budget, {key}: expected {expected}, found {value!r}")
        super().__init__(
            **{**members, "limit_usd": float(limit_usd), "thresholds": tuple(sorted({*map(int, thresholds)}))}
        )

    @property
    def label(self) -> str:
        """Its name, else what it limits: `daily, agent main`."""
        parts = [self.period, *(f"{what} {of}" for what, of in (("agent", self.agent), ("model", self.model)) if of)]
        return self.name or ", ".join(parts)

    def fits(self, agent: str | None, model: str | None) -> bool:
        """Tell whether it counts a turn of this agent and model."""
        return self.agent in (None, agent) and (self.model is None or fits_model(self.model, model))


class BudgetState(NamedTuple):
    """Hold what of a budget is spent in the period that began on `start`.

    `spent_usd` is in US dollars, `pct` its percentage of the limit, `reached` the thresholds it is at or above. If it
    is `partial`, turns without a price are left out, and more was spent. `note` is a sentence on a budget of an agent
    or a model that no stored turn has.
    """

    budget: Budget
    start: date
    spent_usd: float
    pct: float
    reached: tuple[int, ...]
    partial: bool
    note: str | None = None

    @property
    def is_spent(self) -> bool:
        """Whether the limit is reached."""
        return _pico(self.spent_usd) >= _pico(self.budget.limit_usd)


def expectation(key: str, value: object) -> str | None:
    """Return what a member of a budget must be, if this value is something else; None if it is right."""
    if key == "limit_usd":
        usd = dollars(value)
        return None if usd and usd <= MOST_LIMIT_USD and _pico(usd) else "US dollars, a number above 0"
    if key == "period":
        return None if value in PERIODS else f"one of {', '.join(PERIODS)}"
    if key == "thresholds":
        are_right = isinstance(value, (list, tuple)) and len(value) > 0 and all(map(is_threshold, value))
        return None if are_right else f"whole percentages from 1 to {MOST_PERCENT}"
    return None if value is None or text(value) is not None else "a text"


def is_threshold(value: object) -> bool:
    """Tell whether a value is a percentage to warn at."""
    percent = number(value)
    return percent is not None and percent == int(percent) and 1 <= percent <= MOST_PERCENT


def fits_model(wanted: str, stored: str | None) -> bool:
    """Tell whether a model that is named as `wanted` is the one that a turn has, as prices tell models.

    `claude-opus-4-5` is `claude-opus-4-5-20251101` and `anthropic/claude-opus-4-5` too, but what names a date or a
    provider is not another's.
    """
    if stored is None or stored == wanted:
        return stored is not None
    names = _names_of(stored)
    if wanted.strip().lower() in names:
        return True
    providers = {family(each) for each in (prefix(wanted), prefix(stored)) if each is not None}
    return len(providers) < 2 and not names.isdisjoint(forms(wanted[:LONGEST_NAME], without_prefix=True))


@lru_cache(maxsize=4096)
def _names_of(model: str) -> frozenset[str]:
    """Return the names that a model is known by, in lower case, without a date as well."""
    import re  # noqa: PLC0415 - only for a name that was not met before

    if len(model) > LONGEST_NAME:
        return frozenset((model.strip().lower(),))
    names = tuple(forms(model, without_prefix=True))
    return frozenset((*names, *(re.sub(_DATE, "", name) for name in names)))


def check_budgets(database: Database, budgets: Iterable[Budget], zone: tzinfo, now: int) -> list[BudgetState]:
    """Return how far each budget is spent in its period, with a note on one that no stored turn is counted by."""
    return [state._replace(note=_note(database, state)) for state in budget_states(database, budgets, zone, now)]


def _note(database: Database, state: BudgetState) -> str | None:
    budget = state.budget
    named = [f"{what} {of}" for what, of in (("agent", budget.agent), ("model", budget.model)) if of is not None]
    if not named or state.spent_usd or state.partial or _sum(database, budget, Filter(agent=budget.agent)).turns:
        return None
    return f"no turn of {' and '.join(named)} is stored"


def budget_states(database: Database, budgets: Iterable[Budget], zone: tzinfo, now: int) -> list[BudgetState]:
    """Return how far each budget is spent in its period at a time in milliseconds since 1970; days are of `zone`."""
    today = day_of(now, zone)
    return [_state(database, budget, zone, today) for budget in budgets]


def _sum(database: Database, budget: Budget, chosen: Filter) -> Totals:
    """Return the sums over those of the chosen turns that have the budget's model, under whatever name."""
    if budget.model is None:
        return sum_of(database, chosen)
    whole = Totals()
    for group in database.totals(("model",), chosen):
        (model,) = group.values
        if isinstance(model, str) and fits_model(budget.model, model):
            whole = whole.plus(group.totals)
    return whole


def _state(database: Database, budget: Budget, zone: tzinfo, today: date) -> BudgetState:
    start = today.replace(day=1) if budget.period == "monthly" else today
    chosen = Filter(since=start, until=today, zone=zone, agent=budget.agent)
    totals, limit = _sum(database, budget, chosen), _pico(budget.limit_usd)
    reached = tuple(percent for percent in budget.thresholds if totals.cost * 100 >= percent * limit)
    return BudgetState(
        budget, start, totals.cost / PICO, totals.cost / limit * 100, reached, partial=totals.unpriced > 0
    )


def budgets_of(budgets: Iterable[Budget] | str | os.PathLike[str] | None) -> tuple[Budget, ...]:
    """Return the budgets that are given, or those of a file, or for None those that are configured.

    Raises `LedgerError` for what is no budget, and a file that has others.
    """
    if budgets is None or isinstance(budgets, (str, os.PathLike)):
        from usagebar.ledger.budget_files import configured_budgets, read_budgets  # noqa: PLC0415 - mostly there is none

        return configured_budgets() if budgets is None else read_budgets(budgets)
    found = tuple(budgets)
    for each in found:
        if not isinstance(each, Budget):
            raise LedgerError(f"expected budgets, found {type(each).__name__}")
    return found


def _pico(usd: float) -> int:
    return round(usd * PICO)


def newly_reached(database: Database, states: Iterable[BudgetState]) -> Iterator[tuple[BudgetState, int]]:
    """Walk the thresholds that are reached for the first time in their period, and note that they were."""
    for state in states:
        key = period_key(state)
        for threshold in state.reached:
            if database.fired(key, threshold):
                yield state, threshold


def period_key(state: BudgetState) -> str:
    """Return what tells a budget in one of its periods from all others; with another limit it is another budget."""
    budget = state.budget
    identity = repr((budget.period, budget.limit_usd, budget.agent, budget.model, budget.name))
    return f"{budget.period} {state.start.isoformat()} {hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()}"


def most_used(states: Iterable[BudgetState]) -> BudgetState | None:
    """Return the state of the budget of which the largest part is spent; None if there is none."""
    return max(states, key=lambda state: state.pct, default=None)
