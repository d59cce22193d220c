"""The rows of blocks: the five-hour windows of `usagebar.ledger.blocks`, and the gaps between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.dimensions import local, value_of
from usagebar.cli.usages.rows import Row, Rows, total
from usagebar.cli.usages.tools import totals_of
from usagebar.ledger.blocks import Window, starts, windows, with_gaps
from usagebar.ledger.figures import Totals
from usagebar.ledger.storing.sessions import Minute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Values
    from usagebar.ledger.figures import Filter
    from usagebar.ledger.storing.database import Database


def by_window(database: Database, request: Request) -> Rows:
    """Return the rows of windows and gaps, the latest last; with days those of the windows that start on them.

    A window is an account's, whatever part of its turns is asked for: all turns of the runtimes count for where it
    starts. A turn without a time is in none.
    """
    chosen = request.chosen._replace(since=None, until=None)
    everyone = chosen._replace(session=None, agent=None, model=None)
    # Read before the others: a turn that is written meanwhile is in a window, too.
    parts = _parts(database, request, chosen)
    is_whole = chosen == everyone and not request.dimensions
    whole = parts.get((), []) if is_whole else _minutes(database, request, everyone)
    begun = starts(each.first for each in whole)
    rows = [row for values, part in parts.items() for row in _rows(values, windows(part, begun), request)]
    rows.sort(key=_place)
    return Rows(rows, total(row.totals for row in rows))


def _place(row: Row) -> tuple[int, int, int]:
    return getattr(row.source, "start", 0), -row.totals.cost, -row.totals.tokens


def _minutes(database: Database, request: Request, chosen: Filter) -> list[Minute]:
    """Return the sums of turns in minutes, in the order of time."""
    filters = request._replace(chosen=chosen).filters
    found = [minute for each in filters for minute in database.minutes(each)]
    return found if len(filters) == 1 else sorted(found, key=lambda minute: minute.first)


def _parts(database: Database, request: Request, chosen: Filter) -> dict[Values, list[Minute]]:
    """Return turns in the order of time, those of each value of `--by` apart."""
    if not request.dimensions:
        return {(): _minutes(database, request, chosen)}
    functions = [value_of(dimension, chosen.zone) for dimension in request.dimensions]
    parts: dict[Values, list[Minute]] = {}
    for each in request._replace(chosen=chosen).filters:
        for turn in database.turns(each):
            if turn.timestamp is not None:
                minute = Minute(turn.timestamp, turn.timestamp, totals_of(turn), turn.model)
                parts.setdefault(tuple([function(turn) for function in functions]), []).append(minute)
    for part in parts.values():
        part.sort(key=lambda minute: minute.first)
    return parts


def _rows(values: Values, found: Sequence[Window], request: Request) -> Iterator[Row]:
    """Walk the rows of windows on the days that are asked for, with the gaps between them unless they are split."""
    since, until, zone = request.chosen.since, request.chosen.until, request.chosen.zone
    for source in found if values else with_gaps(found):
        day = local(source.start, zone).date()
        if (since is None or since <= day) and (until is None or day <= until):
            yield Row(values, source.totals if isinstance(source, Window) else Totals(), source)
