"""A report for people: a title, a table in the width of the window, and the remarks below it."""

from __future__ import annotations

import sys
from datetime import UTC
from typing import TYPE_CHECKING

from usagebar.cli.terminal import Painter, columns, shows_colours
from usagebar.cli.usages.amounts import money, of, span
from usagebar.cli.usages.cells import wrapped
from usagebar.cli.usages.dimensions import BLOCKS, DIMENSIONS, TIMES, zone_name
from usagebar.cli.usages.remarks import sentences
from usagebar.cli.usages.spent import NO_BUDGETS, budget_text
from usagebar.cli.usages.table import Step, drawn
from usagebar.cli.usages.table_columns import PARTIAL, columns_of
from usagebar.diagnostics import visible
from usagebar.ledger.blocks import Window, projection, rate
from usagebar.ledger.figures import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.cli.usages.report import Report

# Where nobody says how wide it is: in files and pipes.
FIXED_WIDTH = 120
STEPS = (
    Step(hide=("cache",)),
    Step(hide=("turns",)),
    Step(hide=("cache_read", "cache_write"), show=("cache",)),
    Step(hide=("models", "provider")),
    Step(hide=("agent",)),
    Step(hide=("origin",)),
    Step(is_short=True),
    Step(hide=("input", "output", "cache")),
    Step(is_short=True),
    Step(hide=("last", "status")),
    Step(hide=("tokens",)),
    Step(hide=("compared",)),
    Step(is_least=True),
)


def as_table(report: Report) -> bytes:
    """Write a report as text, UTF-8, in colours where standard output shows them."""
    room = columns(sys.stdout) or FIXED_WIDTH
    paint = Painter(colours=shows_colours(sys.stdout))
    if report.found.rows:
        title = "\n".join(wrapped(_title(report), room))
        text = f"{title}\n\n{drawn(columns_of(report), STEPS, room, paint)}"
    else:
        text = _nothing(report, room)
    below = [line for sentence in _below(report) for line in wrapped(sentence, room)]
    text += "".join(f"{line}\n" for line in ["", *below]) if below else ""
    return text.encode("utf-8", "backslashreplace")


def _title(report: Report) -> str:
    request = report.request
    words = [DIMENSIONS[name].word for name in request.dimensions if name != "provider" or request.report != "models"]
    by = _blocks(report, words) if request.report == BLOCKS else f"by {' and '.join(words)}"
    return f"Usage {by}, {_which(report)}{visible(zone_name(request.chosen.zone))} time"


def _blocks(report: Report, words: list[str]) -> str:
    """Return in words whose blocks they are: those of one plan, or of all there are."""
    request = report.request
    whose = "" if request.has_all_runtimes else f"of {' and '.join(request.runtimes)} "
    return f"{whose}in five-hour blocks{' by ' + words[0] if words else ''}"


def _which(report: Report) -> str:
    """Return the days that were asked for, in words."""
    since, until = report.request.chosen.since, report.request.chosen.until
    if since is not None and since == until:
        return f"{since}, "
    return (f"since {since}, " if since else "") + (f"until {until}, " if until else "")


def _nothing(report: Report, room: int) -> str:
    """Say that there are no rows, and where turns were looked for."""
    if report.remarks.turns:  # of all reports only that of tools has no rows then
        return f"no calls of tools among {of(report.remarks.turns, 'turn')}\n"
    # A note tells of turns that are in none.
    what = "blocks" if report.request.report == BLOCKS and report.found.notes else "usage"
    lines = [f"no {what} found" + (" of what was asked for" if _is_filtered(report) else "")]
    lines += [f"looked for logs in {visible(folder)}" for folder in report.looked]
    return "".join(f"{line}\n" for each in lines for line in wrapped(each, room))


def _is_filtered(report: Report) -> bool:
    request = report.request
    return not request.has_all_runtimes or request.chosen._replace(zone=UTC) != Filter()


def _below(report: Report) -> Iterator[str]:
    yield from _active(report)
    yield from _of_rows(report)
    yield from sentences(report.remarks)
    for state in report.budgets or ():
        if not state.is_spent:
            yield budget_text(state)
    if report.budgets == []:
        yield NO_BUDGETS


def _of_rows(report: Report) -> Iterator[str]:
    """Tell what is not plain of a report's rows."""
    request, rows = report.request, report.found.rows
    if request.report == "tools" and rows:
        yield "a turn that calls several tools counts for each of them, and once for all turns"
    if request.dimensions[:1] in [(time,) for time in TIMES] and rows and rows[0].values[0] is None:
        yield "the date - is of turns without a time"


def _active(report: Report) -> Iterator[str]:
    """Tell how the window of now goes on."""
    for row in report.found.rows:
        window = row.source
        if isinstance(window, Window) and window.holds(report.now) and not row.values:
            yield "; ".join([f"active block: {span(window.end - report.now)} left", *_outlook(window, report.now)])


def _outlook(window: Window, now: int) -> Iterator[str]:
    burn, end = rate(window), projection(window, now)
    if burn is None or end is None:
        return
    mark = PARTIAL if window.totals.unpriced else ""
    hour = "" if burn.cost_per_hour is None else f", {money(burn.cost_per_hour)}{mark}/h"
    yield f"{burn.tokens_per_minute:,.0f} tokens/min{hour}"
    amount = "" if end.cost is None else f", {money(end.cost)}{mark}"
    yield f"at this rate {of(end.tokens, 'token')}{amount} at its end"
