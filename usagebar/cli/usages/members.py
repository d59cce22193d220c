"""The rows of a report as members of JSON, which CSV has as well, one beside the other."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from usagebar.cli.usages.dimensions import BLOCKS, DIMENSIONS, local, monday
from usagebar.ledger.blocks import Gap, Window, projection, rate
from usagebar.ledger.figures import PICO
from usagebar.ledger.shapes import counts_of

if TYPE_CHECKING:
    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Compared, Row
    from usagebar.ledger.figures import Totals
    from usagebar.ledger.storing.sessions import SessionTotals


def row_members(row: Row, request: Request, now: int) -> dict[str, Any]:
    """Return a row as JSON has it: what it is of, its counts, and what else there is; `now` tells the active window."""
    own = _named(row, request)
    if isinstance(row.source, (Window, Gap)):
        # They are an account's, as a rule of one runtime.
        one = request.runtimes[0] if len(request.runtimes) == 1 else None
        own = {"runtime": one} | _times(row.source, now) | own
    elif row.source is not None:
        own = _session(row.source) | {name: value for name, value in own.items() if name != "session"}
    if row.calls is not None:
        own["calls"] = row.calls
    return own | counts(row.totals) | _compared(row.compared) | _outlook(row.source, now, request)


def counts(totals: Totals) -> dict[str, Any]:
    """Return sums as JSON has them: tokens, US dollars (null if they are not known of any turn), turns."""
    return {
        **counts_of(totals),
        "turns": totals.turns,
        "reasoning": totals.reasoning,
        "missingTokenEntries": totals.incomplete,
    }


def _usd(cost: int | None) -> float | None:
    return None if cost is None else cost / PICO


def compared_counts(found: Compared) -> dict[str, Any]:
    """Return what turns would have cost with another model."""
    return {"totalCost": _usd(found.known), "missingCostEntries": found.unpriced}


def _compared(found: Compared | None) -> dict[str, Any]:
    return {} if found is None else {"asModel": compared_counts(found)}


def _named(row: Row, request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for dimension, value in zip(request.dimensions, row.values, strict=False):
        found[DIMENSIONS[dimension].member] = value
        if dimension == "week":
            found["startDate"] = None if value is None else monday(value)
    return found


def _session(session: SessionTotals) -> dict[str, Any]:
    return {
        "session": session.session_id,
        "key": session.key,
        "agentId": session.agent_id,
        "origin": session.origin,
        "title": session.title,
        "project": session.project,
        "runtime": session.runtime,
        "firstActivity": moment(session.first),
        "lastActivity": moment(session.last),
        "models": list(session.models),
    }


def _times(source: Window | Gap, now: int) -> dict[str, Any]:
    window = source if isinstance(source, Window) else None
    return {
        "startTime": moment(source.start),
        "endTime": moment(source.end),
        "firstActivity": moment(None if window is None else window.first),
        "lastActivity": moment(None if window is None else window.last),
        "isActive": window is not None and window.holds(now),
        "isGap": window is None,
        "models": list(window.models) if window else [],
    }


def _outlook(source: object, now: int, request: Request) -> dict[str, Any]:
    """Return the rate of the active window, and what it comes to; null for all others."""
    if request.report != BLOCKS:
        return {}
    found: dict[str, Any] = {"burnRate": None, "projection": None}
    if not isinstance(source, Window) or not source.holds(now):
        return found
    burn, end = rate(source), projection(source, now)
    if burn is not None:
        found["burnRate"] = {"tokensPerMinute": burn.tokens_per_minute, "costPerHour": _usd(burn.cost_per_hour)}
    if end is not None:
        found["projection"] = {
            "remainingMinutes": end.minutes_left,
            "totalTokens": end.tokens,
            "totalCost": _usd(end.cost),
        }
    return found


def moment(milliseconds: int | None) -> str | None:
    """Return a time as in RFC 3339: `2026-02-03T10:00:00.000Z`."""
    if milliseconds is None:
        return None
    return local(milliseconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
