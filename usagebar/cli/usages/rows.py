"""The rows of a report: sums of the ledger's turns, split as asked for, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from usagebar.cli.usages.dimensions import BY_REPORT, TIMES, shown, stored
from usagebar.ledger.figures import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from usagebar.cli.usages.request import Request
    from usagebar.ledger.blocks import Gap, Window
    from usagebar.ledger.storing.database import Database
    from usagebar.ledger.storing.sessions import SessionTotals

    Values = tuple[str | None, ...]
    Order = tuple[str | int, ...]


class Compared(NamedTuple):
    """Hold what turns would have cost with another model, in picodollars, and how many of them cannot be told."""

    turns: int = 0
    cost: int = 0
    unpriced: int = 0

    @property
    def known(self) -> int | None:
        """The cost in picodollars; None if there are turns and none can be told."""
        return None if self.turns and self.unpriced == self.turns else self.cost

    def plus(self, other: Compared) -> Compared:
        """Return the sums of both."""
        return Compared(*map(int.__add__, self, other))


class Row(NamedTuple):
    """Hold a row: the values of the report's dimensions, its sums, and what else there is to tell.

    `source` is the session or the window of the row, or a gap between windows; `calls` are those of a tool.
    """

    values: Values
    totals: Totals
    source: SessionTotals | Window | Gap | None = None
    calls: int | None = None
    compared: Compared | None = None


class Rows(NamedTuple):
    """Hold the rows of a report, the sums of all its turns, and sentences on what is not in the rows."""

    rows: list[Row]
    totals: Totals
    compared: Compared | None = None
    notes: tuple[str, ...] = ()


def grouped(database: Database, request: Request) -> Rows:
    """Return the rows of a report whose rows are told apart by its dimensions alone."""
    sums = sums_by(database, request, request.dimensions)
    rows = ordered([Row(values, totals) for values, totals in sums.items()], request)
    return Rows(rows, total(sums.values()))


def sums_by(database: Database, request: Request, dimensions: Sequence[str]) -> dict[Values, Totals]:
    """Return the sums of the turns that are asked for, by their values of these dimensions."""
    sums: dict[Values, Totals] = {}
    for chosen in request.filters:
        for group in database.totals(tuple(map(stored, dimensions)), chosen):
            values = tuple(map(shown, dimensions, map(_text, group.values)))
            before = sums.get(values)
            sums[values] = group.totals if before is None else before.plus(group.totals)
    return sums


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def total(sums: Iterable[Totals]) -> Totals:
    """Return the sums of sums."""
    whole = Totals()
    for each in sums:
        whole = whole.plus(each)
    return whole


def by_session(database: Database, request: Request) -> Rows:
    """Return the rows of sessions, the one of the latest activity last; `--by` splits each."""
    sessions = [session for chosen in request.filters for session in database.sessions(chosen)]
    sessions.sort(key=lambda session: (session.last or 0, session.runtime, session.session_id or ""))
    rows = [Row((session.session_id,), session.totals, session) for session in sessions]
    if len(request.dimensions) > 1:
        rows = list(_split_sessions(rows, database, request))
    return Rows(rows, total(row.totals for row in rows))


def _split_sessions(rows: Iterable[Row], database: Database, request: Request) -> Iterator[Row]:
    parts: dict[Values, list[Row]] = {}
    for (runtime, session, value), totals in sums_by(database, request, ("runtime", *request.dimensions)).items():
        parts.setdefault((runtime, session), []).append(Row((session, value), totals))
    for row in rows:
        found = parts.get((getattr(row.source, "runtime", None), row.values[0]), [])
        for part in sorted(found, key=lambda part: _order(request.dimensions[1], part.values[1:], part.totals)):
            yield part._replace(source=row.source)


# ---------------------------------------------------------------- their order


def ordered(rows: Iterable[Row], request: Request) -> list[Row]:
    """Return rows in order: times from the oldest on, those without one first; the others by cost, then by tokens.

    What `--by` splits stands together.
    """
    own = len(BY_REPORT[request.report])
    whole: dict[Values, Totals] = {}
    rows = list(rows)
    for row in rows:
        whole[row.values[:own]] = whole.get(row.values[:own], Totals()).plus(row.totals)

    def place(row: Row) -> tuple[Order, Order]:
        values = row.values[:own]
        return _order(request.dimensions[0], values, whole[values]), _rest(row)

    def _rest(row: Row) -> Order:
        return _order(request.dimensions[own], row.values[own:], row.totals) if row.values[own:] else ()

    return sorted(rows, key=place)


def _order(dimension: str, values: Values, totals: Totals) -> Order:
    named = tuple(value or "" for value in values)
    return named if dimension in TIMES else (-totals.cost, -totals.tokens, *named)
