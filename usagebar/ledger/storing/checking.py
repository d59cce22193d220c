"""Whether the sums are those of the turns: they are made again here, by other means than they are kept."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from usagebar.ledger.storing.calendar import Calendar, named
from usagebar.ledger.storing.latency import bucket_of
from usagebar.ledger.storing.reports import kept_number
from usagebar.ledger.storing.schema import SUMS
from usagebar.ledger.storing.terms import OF_TURN_DAY, TURN_SUMS, define_functions
from usagebar.ledger.storing.texts import storable, tools_of

_MOST_SHOWN = 5
_COUNTED = (
    ("tool_days", "tool", "calls", "tools", lambda text: [storable(name) for _, name in tools_of(text)]),
    ("latency_days", "bucket", "count", "latency_ms", lambda latency: [bucket_of(latency)]),
)
_KEPT = f"{', '.join(SUMS)}"
_WITH_KINDS = "turns JOIN streams ON streams.id = turns.stream"


def check(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the file, or with the sums that it keeps, in sentences; nothing if all is well.

    It reads all turns several times.
    """
    damage = [text for (text,) in connection.execute("PRAGMA integrity_check")]
    return [*(f"the file is damaged: {text}" for text in damage if text != "ok"), *verify(connection)]


def verify(connection: sqlite3.Connection) -> list[str]:
    """Return where the sums differ from those of the turns, in sentences."""
    calendars = (named(name) for (name,) in connection.execute("SELECT name FROM zones ORDER BY name").fetchall())
    found = list(_streams(connection))
    for calendar in calendars:
        # Where a zone is not installed, or has other rules, its days are not used.
        number = None if calendar is None else kept_number(connection, calendar)
        if calendar is not None and number is not None:
            found += _days(connection, calendar, number)
            found += _counts(connection, calendar, number)
    return found


def _streams(connection: sqlite3.Connection) -> Iterator[str]:
    truth = f"SELECT stream, {TURN_SUMS}, min(timestamp), max(timestamp) FROM turns GROUP BY 1"
    yield from _differences(
        connection, "stream_totals", f"SELECT stream, {_KEPT}, first, last FROM stream_totals", truth
    )


def _days(connection: sqlite3.Connection, calendar: Calendar, zone: int) -> Iterator[str]:
    define_functions(connection, calendar)
    truth = f"SELECT {OF_TURN_DAY['day']}, kind, {TURN_SUMS} FROM {_WITH_KINDS} GROUP BY 1, 2"
    yield from _differences(connection, "days", f"SELECT day, kind, {_KEPT} FROM days WHERE zone = {zone}", truth)


def _differences(connection: sqlite3.Connection, table: str, kept: str, truth: str) -> Iterator[str]:
    for what, one, other in (("too much", kept, truth), ("missing", truth, kept)):
        rows = connection.execute(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other}) LIMIT {_MOST_SHOWN}")
        yield from (f"{table}: {what}: {row}" for row in rows.fetchall())


def _counts(connection: sqlite3.Connection, calendar: Calendar, zone: int) -> Iterator[str]:
    for table, name, count, column, values_of in _COUNTED:
        turns = connection.execute(f"SELECT timestamp, kind, {column} FROM {_WITH_KINDS} WHERE {column} IS NOT NULL")
        truth: Counter[tuple[Any, ...]] = Counter()
        for moment, kind, value in turns:
            day = "" if moment is None else calendar.day(moment)
            truth.update((day, kind, each) for each in values_of(value))
        rows = connection.execute(f"SELECT day, kind, {name}, {count} FROM {table} WHERE zone = ?", (zone,))
        differing = {(*key, number) for key, number in truth.items()} ^ set(rows)
        yield from (f"{table}: differs: {each}" for each in sorted(differing, key=repr)[:_MOST_SHOWN])
