"""A report with all that is to be written of it, whatever the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from usagebar.cli.usages.dimensions import BLOCKS
from usagebar.cli.usages.notes import notes, unmatched
from usagebar.cli.usages.remarks import remarks
from usagebar.cli.usages.rows import by_session, grouped

if TYPE_CHECKING:
    from usagebar.cli.usages.remarks import Remarks
    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Rows
    from usagebar.ledger.budgets import BudgetState
    from usagebar.ledger.importing import Imported
    from usagebar.ledger.storing.database import Database


class Report(NamedTuple):
    """Hold a report: what was asked for, its rows, the remarks on them, and how far budgets are spent.

    `budgets` is None if they were not asked for. `looked` are the folders that were looked through for logs; `now` is
    in milliseconds since 1970.
    """

    request: Request
    found: Rows
    remarks: Remarks
    budgets: list[BudgetState] | None
    looked: list[str]
    now: int


def report_of(
    database: Database,
    request: Request,
    imported: Imported | None,
    budgets: list[BudgetState] | None,
    now: int,
) -> Report:
    """Return the report that is asked for.

    Raises:
        LedgerError: the ledger cannot be read.
        PriceError: the prices that are configured cannot be read, which `--as-model` needs.
    """
    if request.report == BLOCKS:
        from usagebar.cli.usages.windows import of_a_plan  # noqa: PLC0415 - one report of many

        request = of_a_plan(database, request)
    found = _rows(database, request)
    if request.as_model is not None:
        from usagebar.cli.usages.comparing import compared  # noqa: PLC0415 - only to compare

        found = compared(database, request, found, request.as_model)
    if not found.totals.turns:
        found = found._replace(notes=(*unmatched(database, request), *found.notes))
    # What is stored, and is not what was asked for, was found there.
    looked = [] if imported is None or found.notes else imported.looked
    return Report(request, found, remarks(database, request, found, notes(database, imported)), budgets, looked, now)


def _rows(database: Database, request: Request) -> Rows:
    if request.report == BLOCKS:
        from usagebar.cli.usages.windows import by_window  # noqa: PLC0415 - as above

        return by_window(database, request)
    if request.report == "tools":
        from usagebar.cli.usages.tools import by_tool  # noqa: PLC0415 - as above

        return by_tool(database, request)
    return by_session(database, request) if request.report == "sessions" else grouped(database, request)
