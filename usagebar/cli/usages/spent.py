"""How far budgets are spent: `--check-budget`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.amounts import told_apart
from usagebar.diagnostics import visible
from usagebar.ledger.figures import PICO

if TYPE_CHECKING:
    from usagebar.cli.usages.request import Request
    from usagebar.ledger.budgets import BudgetState
    from usagebar.ledger.storing.database import Database


NO_BUDGETS = "no budgets are configured"


def budgets_of(database: Database, request: Request, now: int) -> list[BudgetState] | None:
    """Return how far the budgets that are configured are spent, None if that is not asked for.

    Raises:
        LedgerError: the file of budgets cannot be used.
    """
    if not request.checks_budgets:
        return None
    from usagebar.ledger.budget_files import configured_budgets  # noqa: PLC0415 - mostly they are not asked for
    from usagebar.ledger.budgets import check_budgets  # noqa: PLC0415 - as above

    return check_budgets(database, configured_budgets(), request.chosen.zone, now)


def budget_text(state: BudgetState) -> str:
    """Return a budget in words: `budget daily, agent main: $3.20 of $10.00 (32%)`."""
    spent, limit = told_apart(*(round(usd * PICO) for usd in (state.spent_usd, state.budget.limit_usd)))
    less = ", turns without a price left out" if state.partial else ""
    done = " is spent" if state.is_spent else ""
    behind = "" if state.note is None else f"; {visible(state.note)}"
    return f"budget {visible(state.budget.label)}{done}: {spent} of {limit} ({_percent(state)}%{less}){behind}"


def _percent(state: BudgetState) -> int:
    """Return the percentage, never 100 before the budget is spent."""
    whole = round(state.pct)
    return max(whole, 100) if state.is_spent else min(whole, 99)


def budget_notes(states: list[BudgetState] | None) -> list[str]:
    """Return what is to be said of budgets beside their sums; None are those that were not asked for."""
    if states == []:
        return [NO_BUDGETS]
    return [f"budget {state.budget.label}: {state.note}" for state in states or () if state.note is not None]
