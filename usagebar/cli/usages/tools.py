"""The rows of tools: how often each was called, and the sums of the turns that called it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.dimensions import value_of
from usagebar.cli.usages.rows import Row, Rows, ordered, sums_by, total
from usagebar.ledger.figures import PICO, Totals

if TYPE_CHECKING:
    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Values
    from usagebar.ledger.storing.database import Database
    from usagebar.ledger.turns import TurnRecord


def by_tool(database: Database, request: Request) -> Rows:
    """Return the rows of tools; a turn that calls several counts for each, and once in the sums of all turns."""
    functions = [value_of(dimension, request.chosen.zone) for dimension in request.dimensions[1:]]
    sums: dict[Values, Totals] = {}
    calls: dict[Values, int] = {}
    for chosen in request.filters:
        for turn in database.turns(chosen):
            rest = tuple([function(turn) for function in functions]) if turn.tools else ()
            for name in {name for _, name in turn.tools}:
                values = (name, *rest)
                sums[values] = sums.get(values, Totals()).plus(totals_of(turn))
            for _, name in turn.tools:
                calls[(name, *rest)] = calls.get((name, *rest), 0) + 1
    rows = [Row(values, totals, calls=calls[values]) for values, totals in sums.items()]
    return Rows(ordered(rows, request), total(sums_by(database, request, ()).values()))


def totals_of(turn: TurnRecord) -> Totals:
    """Return the sums of one turn."""
    return Totals(
        1,
        turn.input or 0,
        turn.cache_read or 0,
        turn.cache_write_5m or 0,
        turn.cache_write_1h or 0,
        turn.output or 0,
        turn.reasoning or 0,
        0 if turn.cost_usd is None else round(turn.cost_usd * PICO),
        int(turn.cost_usd is None),
        int(turn.input is None or turn.output is None),
    )
