"""The tables of sums: changed by what changes in `turns`, and filled for a zone whose days are kept from now on."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence

from usagebar.ledger.figures import PICO
from usagebar.ledger.storing.calendar import Calendar, named
from usagebar.ledger.storing.deltas import NOTHING, Deltas, Key, StreamSums, Sums, Zones, less
from usagebar.ledger.storing.schema import (
    DAY_KEY,
    LATENCY_KEY,
    STREAM_KEY,
    SUMS,
    TOOL_KEY,
    UTC_NAME,
)
from usagebar.ledger.storing.terms import BUCKET, OF_TURN_DAY, TURN_SUMS, define_functions, sums_of
from usagebar.ledger.storing.texts import tool_names

# Beside UTC. Each costs its rows, and its share of every write.
MOST_ZONES = 4


class _Table:
    """The statements for a table of sums."""

    def __init__(self, name: str, key: Sequence[str], columns: Sequence[str], more: str = "") -> None:
        carried = {
            "usd": f"usd = usd + excluded.usd + (pico + excluded.pico) / {PICO}",
            "pico": f"pico = (pico + excluded.pico) % {PICO}",
        }
        setting = ", ".join(carried.get(each, f"{each} = {each} + excluded.{each}") for each in columns) + more
        filled = [*key, *columns, *(["first", "last"] if more else [])]
        self.add = (
            f"INSERT INTO {name} ({', '.join(filled)}) VALUES ({', '.join('?' * len(filled))}) "
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {setting}"
        )
        # A row of which nothing is left goes.
        matching = " AND ".join(f"{each} = ?" for each in key)
        self.clear = f"DELETE FROM {name} WHERE {matching} AND {columns[0]} = 0"
        self.forget = f"DELETE FROM {name} WHERE zone = ?"


_DAYS = _Table("days", DAY_KEY, SUMS)
_TOOLS = _Table("tool_days", TOOL_KEY, ("calls",))
_LATENCIES = _Table("latency_days", LATENCY_KEY, ("count",))
_STREAMS = _Table(
    "stream_totals",
    STREAM_KEY,
    SUMS,
    ", first = min(coalesce(first, excluded.first), coalesce(excluded.first, first))"
    ", last = max(coalesce(last, excluded.last), coalesce(excluded.last, last))",
)
_TIMES_AGAIN = (
    "UPDATE stream_totals SET first = (SELECT min(timestamp) FROM turns WHERE turns.stream = stream_totals.stream), "
    "last = (SELECT max(timestamp) FROM turns WHERE turns.stream = stream_totals.stream) WHERE stream = ?"
)
_OF_TURNS = "FROM turns CROSS JOIN streams ON streams.id = turns.stream"
_FILL_DAYS = f"INSERT INTO days SELECT ?, {OF_TURN_DAY['day']}, streams.kind, {TURN_SUMS} {_OF_TURNS} GROUP BY 2, 3"
_FILL_LATENCIES = (
    f"INSERT INTO latency_days SELECT ?, {OF_TURN_DAY['day']}, streams.kind, {BUCKET}(latency_ms), count(*) "
    f"{_OF_TURNS} WHERE latency_ms IS NOT NULL GROUP BY 2, 3, 4"
)
_TOOLS_OF_TURNS = f"SELECT timestamp, kind, tools {_OF_TURNS} WHERE tools IS NOT NULL"


class KeptZones:
    """The zones whose days are kept, as this process knows their calendars."""

    def __init__(self) -> None:
        self._calendars: dict[str, Calendar | None] = {}

    def read(self, connection: sqlite3.Connection) -> Zones:
        """Return the zones that are kept, within a transaction that writes.

        Days of a zone whose rules are no longer the same, or which is not installed here, are not kept any more.
        """
        found = []
        for number, name, rules in connection.execute("SELECT id, name, rules FROM zones").fetchall():
            calendar = self._calendar(name)
            if calendar is not None and calendar.rules == rules:
                found.append((number, calendar))
            else:
                _forget(connection, number)
        return found

    def _calendar(self, name: str) -> Calendar | None:
        if name not in self._calendars:
            self._calendars[name] = named(name)
        return self._calendars[name]


def change(connection: sqlite3.Connection, more: Deltas, gone: Deltas) -> None:
    """Add to the sums what rows come to that were stored, and take off those that went, in the same transaction."""
    _add(connection, _DAYS, {key: sums_of(each) for key, each in less(more.days, gone.days).items()})
    _add(connection, _TOOLS, less(more.tools, gone.tools))
    _add(connection, _LATENCIES, less(more.latencies, gone.latencies))
    _change_streams(connection, more.streams, gone.streams)


def _add(connection: sqlite3.Connection, table: _Table, deltas: Mapping[Key, Sums]) -> None:
    if deltas:
        connection.executemany(table.add, [(*key, *each) for key, each in deltas.items()])
    if gone := [key for key, each in deltas.items() if each[0] < 0]:
        connection.executemany(table.clear, gone)


def _change_streams(
    connection: sqlite3.Connection, more: Mapping[int, StreamSums], gone: Mapping[int, StreamSums]
) -> None:
    rows = []
    for stream in {**more, **gone} if gone else more:
        come, went = more.get(stream, NOTHING), gone.get(stream)
        sums = come.sums if went is None else map(int.__sub__, come.sums, went.sums)
        rows.append((stream, *sums_of(sums), come.first, come.last))
    connection.executemany(_STREAMS.add, rows)
    if gone:
        left = [(stream,) for stream in gone]
        connection.executemany(_STREAMS.clear, left)
        # A turn that went may have been the first or the last one.
        connection.executemany(_TIMES_AGAIN, left)


def keep(connection: sqlite3.Connection, calendar: Calendar) -> bool:
    """Fill the sums of a zone's days, and keep them from now on, within a transaction; False if there are enough."""
    zones = {name: (number, rules) for number, name, rules in connection.execute("SELECT id, name, rules FROM zones")}
    number, rules = zones.pop(calendar.name or "", (None, None))
    if calendar.name is None or (number is None and len(zones.keys() - {UTC_NAME}) >= MOST_ZONES):
        return False
    if rules == calendar.rules:
        return True  # another process was faster
    if number is not None:
        _forget(connection, number)
    values = (calendar.name, calendar.rules)
    number = int(connection.execute("INSERT INTO zones (name, rules) VALUES (?, ?)", values).lastrowid or 0)
    define_functions(connection, calendar)
    connection.execute(_FILL_DAYS, (number,))
    connection.execute(_FILL_LATENCIES, (number,))
    calls: Counter[Key] = Counter()
    for moment, kind, tools in connection.execute(_TOOLS_OF_TURNS):
        day = "" if moment is None else calendar.day(moment)
        for name in tool_names(tools):
            calls[number, day, kind, name] += 1
    connection.executemany(_TOOLS.add, ((*key, count) for key, count in calls.items()))
    return True


def _forget(connection: sqlite3.Connection, number: int) -> None:
    for table in (_DAYS, _TOOLS, _LATENCIES):
        connection.execute(table.forget, (number,))
    connection.execute("DELETE FROM zones WHERE id = ?", (number,))
