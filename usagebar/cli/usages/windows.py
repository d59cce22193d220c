"""The rows of blocks: the five-hour windows of `usagebar.ledger.blocks`, and the gaps between them."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from typing import TYPE_CHECKING

from usagebar.cli.usages.amounts import of
from usagebar.cli.usages.dimensions import local, value_of
from usagebar.cli.usages.rows import Row, Rows, sums_by, total
from usagebar.cli.usages.tools import totals_of
from usagebar.ledger.blocks import LENGTH, Window, starts, windows, with_gaps
from usagebar.ledger.figures import Totals
from usagebar.ledger.storing.sessions import Minute
from usagebar.ledger.turns import CLAUDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Values
    from usagebar.ledger.figures import Filter
    from usagebar.ledger.storing.database import Database
    from usagebar.ledger.turns import TurnRecord


def of_a_plan(database: Database, request: Request) -> Request:
    """Return a request for the blocks of Claude's turns, whose plans have them, if it names no runtime and has any."""
    claude = request._replace(runtimes=(CLAUDE,))
    is_open = not request.runtimes and total(sums_by(database, _of_any_day(claude), ()).values()).turns
    return claude if is_open else request


def _of_any_day(request: Request) -> Request:
    return request._replace(chosen=request.chosen._replace(since=None, until=None))


def by_window(database: Database, request: Request) -> Rows:
    """Return the rows of windows and gaps, the latest last; with days those of the windows that start on them.

    A window is an account's, whatever part of its turns is asked for: all turns of the runtimes count for where it
    starts. A turn without a time is in none.
    """
    chosen = _of_any_day(request).chosen
    everyone = chosen._replace(session=None, agent=None, model=None)
    # Read before the others: a turn that is written meanwhile is in a window, too.
    parts = _parts(database, request, chosen)
    is_whole = chosen == everyone and not request.dimensions
    whole = parts.get((), []) if is_whole else _minutes(database, request, everyone)
    begun = starts(each.first for each in whole)
    rows = [row for values, part in parts.items() for row in _rows(values, windows(part, begun), request)]
    rows.sort(key=_place)
    totals = total(row.totals for row in rows)
    return Rows(rows, totals, notes=tuple(_left_out(database, request, totals.turns, any(parts.values()))))


def _left_out(database: Database, request: Request, shown: int, has_windows: bool) -> Iterator[str]:
    """Tell what of the turns that are asked for is in no row."""
    if request.chosen.since is request.chosen.until is None:
        without = total(sums_by(database, request, ()).values()).turns - shown
        if without > 0:
            yield f"{of(without, 'turn')} without a time {'is' if without == 1 else 'are'} in no block"
    elif has_windows and not shown:
        yield "no block starts on the days that were asked for"


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


# ---------------------------------------------------------------- the turns in them


def near(request: Request) -> Request:
    """Return a request that has all turns of the windows which start on its days: they may end a day later."""
    until = request.chosen.until
    if until is None or until == date.max:
        return request
    return request._replace(chosen=request.chosen._replace(until=until + timedelta(days=1)))


def window_of(rows: Iterable[Row]) -> Callable[[TurnRecord], int | None]:
    """Return the function that tells the start of a turn's window, None if it is in no row."""
    begun = sorted({row.source.start for row in rows if isinstance(row.source, Window)})

    def start_of(turn: TurnRecord) -> int | None:
        at = -1 if turn.timestamp is None else bisect_right(begun, turn.timestamp) - 1
        if at < 0 or turn.timestamp is None or turn.timestamp >= begun[at] + LENGTH:
            return None
        return begun[at]

    return start_of


def sums_in_windows(database: Database, request: Request, found: Rows) -> dict[Values, Totals]:
    """Return the sums of the turns in windows, by their model, their prices and the tier of these."""
    chosen = request.chosen
    if chosen.since is chosen.until is None:
        timed = request._replace(chosen=chosen._replace(since=date.min))
        return sums_by(database, timed, ("model", "prices", "tier"))
    sums: dict[Values, Totals] = {}
    start_of = window_of(found.rows)
    for each in near(request).filters:
        for turn in database.turns(each):
            if start_of(turn) is not None:
                tier = None if turn.long_context is None else str(turn.long_context)
                values = (turn.model, turn.prices, tier)
                sums[values] = sums.get(values, Totals()).plus(totals_of(turn))
    return sums
