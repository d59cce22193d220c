"""The columns of a report's table: what its rows are of, their counts, their costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.amounts import UNKNOWN, count, money, short_count, span
from usagebar.cli.usages.cells import shortened
from usagebar.cli.usages.dimensions import BLOCKS, BY_REPORT, DIMENSIONS, TIMES, local
from usagebar.cli.usages.table import Column
from usagebar.diagnostics import visible
from usagebar.ledger.blocks import Gap, Window
from usagebar.ledger.storing.sessions import SessionTotals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from usagebar.cli.usages.report import Report
    from usagebar.cli.usages.rows import Compared, Row
    from usagebar.ledger.figures import Totals

    Amount = tuple[int | None, bool]  # picodollars, None if unknown; whether turns without a price are left out

LONGEST_NAME = 48  # cells, however wide the window is
LONGEST_TITLE = 24
PARTIAL = "*"

_COUNTS: dict[str, tuple[str, Callable[[Totals], int]]] = {
    "turns": ("Turns", lambda totals: totals.turns),
    "input": ("Input", lambda totals: totals.input),
    "output": ("Output", lambda totals: totals.output),
    "cache_read": ("Cache read", lambda totals: totals.cache_read),
    "cache_write": ("Cache write", lambda totals: totals.cache_write),
    "cache": ("Cache", lambda totals: totals.cache_read + totals.cache_write),
    "tokens": ("Tokens", lambda totals: totals.tokens),
}


def columns_of(report: Report) -> list[Column]:
    """Return all columns of a report, from left to right; `table.drawn` chooses those that fit."""
    first, *others = _own(report)
    # Rows of tools overlap, so that their sum is none.
    named = [first._replace(total="All turns" if report.request.report == "tools" else "Total"), *others]
    return [*named, *_calls(report), *_counts(report), *_costs(report)]


# ---------------------------------------------------------------- what the rows are of


def _own(report: Report) -> Iterator[Column]:
    request, rows = report.request, report.found.rows
    own = len(BY_REPORT.get(request.report, ()))
    if request.report == BLOCKS:
        yield from _windows(report)
    elif request.report == "sessions":
        yield from _sessions(report)
    else:
        yield from (_named(dimension, at, rows) for at, dimension in enumerate(request.dimensions[:own]))
    for at, dimension in enumerate(request.dimensions[own:], own):
        yield _named(dimension, at, rows)._replace(key="split")


def _named(dimension: str, at: int, rows: Sequence[Row]) -> Column:
    cells = [name(row.values[at]) for row in rows]
    return Column(dimension, DIMENSIONS[dimension].title, cells, kind="time" if dimension in TIMES else "name")


def name(text: str | None) -> str:
    """Return a name as it is shown: whatever a terminal would obey by its own name, a long one without its middle."""
    return UNKNOWN if not text else shortened(visible(text), LONGEST_NAME)


def _sessions(report: Report) -> Iterator[Column]:
    sessions = [row.source for row in report.found.rows if isinstance(row.source, SessionTotals)]
    zone = report.request.chosen.zone

    def column(key: str, title: str, cell: Callable[[SessionTotals], str]) -> Column:
        return Column(key, title, [cell(session) for session in sessions], kind="time" if key == "last" else "name")

    yield column("session", "Session", lambda session: name(session.title or session.key or session.session_id))
    yield column("last", "Last active", lambda session: _minute(session.last, zone))
    yield column("agent", "Agent", lambda session: name(session.agent_id))
    yield column("origin", "Origin", lambda session: name(session.origin))
    if "model" in report.request.dimensions:
        return
    yield column("models", "Models", lambda session: name(", ".join(session.models)))


def _minute(milliseconds: int | None, zone: tzinfo) -> str:
    return UNKNOWN if milliseconds is None else f"{local(milliseconds, zone):%Y-%m-%d %H:%M}"


def _windows(report: Report) -> Iterator[Column]:
    zone = report.request.chosen.zone
    sources = [row.source for row in report.found.rows if isinstance(row.source, (Window, Gap))]
    least = [_start(each, zone) for each in sources]
    yield Column("block", "Block", [_span(each, zone) for each in sources], kind="time", least=least)
    yield Column("status", "", [_status(each, report.now) for each in sources])
    if "model" not in report.request.dimensions:
        models = [name(", ".join(each.models)) if isinstance(each, Window) else "" for each in sources]
        yield Column("models", "Models", models)


def _span(source: Window | Gap, zone: tzinfo) -> str:
    if isinstance(source, Gap):
        return f"gap of {span(source.end - source.start)}"
    return f"{_minute(source.start, zone)}–{local(source.end, zone):%H:%M}"


def _start(source: Window | Gap, zone: tzinfo) -> str:
    if isinstance(source, Gap):
        return f"gap {span(source.end - source.start)}"
    return f"{local(source.start, zone):%m-%d %H:%M}"


def _status(source: Window | Gap, now: int) -> str:
    return "active" if isinstance(source, Window) and source.holds(now) else ""


# ---------------------------------------------------------------- their figures


def _calls(report: Report) -> Iterator[Column]:
    if report.request.report == "tools":
        calls = [row.calls or 0 for row in report.found.rows]
        yield _numbers("calls", "Calls", [*calls, sum(calls)])


def _numbers(key: str, title: str, numbers: Sequence[int | None]) -> Column:
    """Return a column of numbers, the totals' one last; None is a row that has none."""
    *cells, total = [("" if number is None else count(number)) for number in numbers]

    def short() -> list[str]:
        return ["" if number is None else short_count(number) for number in numbers]

    return Column(key, title, cells, total, "number", short)


def _counts(report: Report) -> Iterator[Column]:
    for key, (title, figure) in _COUNTS.items():
        numbers = [None if isinstance(row.source, Gap) else figure(row.totals) for row in report.found.rows]
        yield _numbers(key, title, [*numbers, figure(report.found.totals)])


def _costs(report: Report) -> Iterator[Column]:
    found = report.found
    sums = [None if isinstance(row.source, Gap) else row.totals for row in found.rows]
    yield _amounts("cost", "Cost", [None if each is None else _cost(each) for each in (*sums, found.totals)])
    if found.compared is not None:
        title = f"As {shortened(visible(report.request.as_model or ''), LONGEST_TITLE)}"
        others = [None if isinstance(row.source, Gap) else row.compared for row in found.rows]
        yield _amounts(
            "compared", title, [None if each is None else _other(each) for each in (*others, found.compared)]
        )


def _cost(totals: Totals) -> Amount:
    return (None if totals.usd is None else totals.cost), 0 < totals.unpriced < totals.turns


def _other(found: Compared) -> Amount:
    return found.known, 0 < found.unpriced < found.turns


def _amounts(key: str, title: str, amounts: Sequence[Amount | None]) -> Column:
    """Return a column of costs, the totals' one last; those that are partial have a mark, behind aligned digits."""
    blank = " " if any(each is not None and each[1] for each in amounts) else ""
    *cells, total = ["" if each is None else money(each[0]) + (PARTIAL if each[1] else blank) for each in amounts]
    return Column(key, title + blank, cells, total, "number")
