"""Sessions with their sums, and what turns came close together."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

from typing import Any, NamedTuple

from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.storing import choosing, terms
from usagebar.ledger.storing.reports import Sources, run
from usagebar.ledger.storing.schema import SUMS

_NAMES = "kinds.runtime, streams.session_id, kinds.model, kinds.agent_id, kinds.origin, streams.project"
_TOLD = "SELECT runtime, session_id, key, agent_id, origin, title, project FROM sessions"
_MINUTE = 60_000


class SessionTotals(NamedTuple):
    """Hold the sums of a session's chosen turns, and what is known of it.

    `key` is its key at the runtime. `first` and `last` are the times of its first and its last turn, in milliseconds
    since 1970, UTC. `models` are sorted. Turns of no known session are together in one with `session_id` None.
    """

    runtime: str
    session_id: str | None
    key: str | None
    agent_id: str | None
    origin: str | None
    title: str | None
    project: str | None
    first: int | None
    last: int | None
    totals: Totals
    models: tuple[str, ...]


class Minute(NamedTuple):
    """Hold the sums of a model's turns in one minute, with the times of the first and the last of them."""

    first: int
    last: int
    totals: Totals
    model: str | None = None


def sessions(sources: Sources, chosen: Filter) -> list[SessionTotals]:
    """Return the sessions of the chosen turns, the last active one last."""
    rows: dict[tuple[str, str], list[Any]] = {}
    for row in _rows(sources, chosen):
        rows.setdefault(row[:2], []).append(row[2:])
    told = {row[:2]: row[2:] for row in sources.connection.execute(_TOLD) if row[:2] in rows}
    found = [_session(key, told.get(key), parts) for key, parts in rows.items()]
    return sorted(found, key=lambda each: (each.last or 0, each.runtime, each.session_id or ""))


def _rows(sources: Sources, chosen: Filter) -> list[Any]:
    """Return rows of the names above, the first time, the last time, and the sums."""
    if choosing.has_days(chosen):
        tables, sums = terms.TURNS, f"min(turns.timestamp), max(turns.timestamp), {terms.TURN_SUMS}"
        condition = choosing.of_turns(sources.connection, chosen, sources.calendar)
    else:
        tables, sums = terms.STREAM_TOTALS, f"min(sums.first), max(sums.last), {terms.KEPT_SUMS}"
        condition = choosing.of_streams(sources.connection, chosen)
    text = f"SELECT {_NAMES}, {sums} FROM {tables} WHERE {condition.text} GROUP BY 1, 2, 3, 4, 5, 6"
    return run(sources, text, condition.values).fetchall()


def _session(key: tuple[str, str], told: tuple[str | None, ...] | None, parts: list[Any]) -> SessionTotals:
    """Return a session of its rows of model, agent, origin, project, first, last and sums."""
    latest = max(parts, key=lambda part: (-1 if part[5] is None else part[5], part[:4]))
    name, agent, origin, title, project = told or (None,) * 5
    return SessionTotals(
        key[0],
        key[1] or None,
        name,
        latest[1] or agent or None,
        latest[2] or origin or None,
        title,
        project or latest[3] or None,
        min((part[4] for part in parts if part[4] is not None), default=None),
        max((part[5] for part in parts if part[5] is not None), default=None),
        terms.totals_of(tuple(map(sum, zip(*(part[-len(SUMS) :] for part in parts), strict=True)))),
        tuple(sorted({part[0] for part in parts if part[0]})),
    )


def minutes(sources: Sources, chosen: Filter) -> list[Minute]:
    """Return the sums of the chosen turns by minute and model, in the order of time; turns without one are left out."""
    condition = choosing.of_turns(sources.connection, chosen, sources.calendar)
    text = (
        f"SELECT min(turns.timestamp), max(turns.timestamp), kinds.model, {terms.TURN_SUMS} FROM {terms.TURNS} "
        f"WHERE turns.timestamp IS NOT NULL AND {condition.text} "
        f"GROUP BY turns.timestamp / {_MINUTE}, kinds.model ORDER BY 1, 2, 3"
    )
    rows = run(sources, text, condition.values)
    return [Minute(row[0], row[1], terms.totals_of(row[3:]), row[2] or None) for row in rows]
