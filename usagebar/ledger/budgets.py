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
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from usagebar.figures import dollars, number, text
from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import PICO, Filter
from usagebar.ledger.shapes import day_of, sum_of
from usagebar.ledger.turns import MOST_USD
from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from usagebar.ledger.storing.database import Database

PERIODS = ("daily", "monthly")
THRESHOLDS = (50, 80, 100)
MOST_PERCENT = 1000
MOST_LIMIT_USD = MOST_USD * 10_000  # of a budget for very many turns


class Budget(Record):
    """Hold a limit in US dollars for each day or month, in the ledger's zone, and the percentages to warn at.

    It counts the turns of one agent and of one model, of all if none is named. Raises `LedgerError` for a limit that is
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
        return self.agent in (None, agent) and self.model in (None, model)


class BudgetState(NamedTuple):
    """Hold what of a budget is spent in the period that began on `start`.

    `spent_usd` is in US dollars, `pct` its percentage of the limit, `reached` the thresholds it is at or above. If it
    is `partial`, turns without a price are left out, and more was spent.
    """

    budget: Budget
    start: date
    spent_usd: float
    pct: float
    reached: tuple[int, ...]
    partial: bool

    @property
    def is_spent(self) -> bool:
        """Whether the limit is reached."""
        return self.spent_usd >= self.budget.limit_usd


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


def check_budgets(database: Database, budgets: Iterable[Budget], zone: tzinfo, now: int) -> list[BudgetState]:
    """Return how far each budget is spent in its period at a time in milliseconds since 1970; days are of `zone`."""
    today = day_of(now, zone)
    return [_state(database, budget, zone, today) for budget in budgets]


def _state(database: Database, budget: Budget, zone: tzinfo, today: date) -> BudgetState:
    start = today.replace(day=1) if budget.period == "monthly" else today
    chosen = Filter(since=start, until=today, zone=zone, agent=budget.agent, model=budget.model)
    totals, limit = sum_of(database, chosen), _pico(budget.limit_usd)
    reached = tuple(percent for percent in budget.thresholds if totals.cost * 100 >= percent * limit)
    return BudgetState(
        budget, start, totals.cost / PICO, totals.cost / limit * 100, reached, partial=totals.unpriced > 0
    )


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
