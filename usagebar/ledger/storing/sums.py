"""The tables of sums: changed by what changes in `turns`, and filled for a zone whose days are kept from now on."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from usagebar.ledger.figures import PICO
from usagebar.ledger.storing.calendar import Calendar, named
from usagebar.ledger.storing.deltas import Deltas, Key, StreamSums, Sums, Zones, less
from usagebar.ledger.storing.schema import (
    DAY_KEY,
    LATENCY_KEY,
    OWN,
    STREAM_KEY,
    SUMS,
    TOOL_KEY,
    UTC_NAME,
)
from usagebar.ledger.storing.streams import Stream
from usagebar.ledger.storing.terms import sums_of

# Beside UTC. Each costs its rows, and its share of every write.
MOST_ZONES = 4
_CHUNK = 20_000


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
_TURNS = (
    f"SELECT turns.id, key, stream, {', '.join(OWN)}, kind FROM turns JOIN streams ON streams.id = stream "
    f"WHERE turns.id > ? ORDER BY turns.id LIMIT {_CHUNK}"
)


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
    nothing = StreamSums((0,) * (len(SUMS) - 1), None, None)
    rows = []
    for stream in {**more, **gone}:
        come, went = more.get(stream, nothing), gone.get(stream, nothing)
        rows.append((stream, *sums_of(map(int.__sub__, come.sums, went.sums)), come.first, come.last))
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
    for rows in _chunks(connection):
        columns = list(zip(*rows, strict=True))
        streams = list(map(Stream, columns[2], columns[-1]))
        deltas = Deltas.nothing()
        deltas.add(columns[1:-1], streams, [(number, calendar)])
        change(connection, deltas._replace(streams={}), Deltas.nothing())
    return True


def _chunks(connection: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
    last = 0
    while rows := connection.execute(_TURNS, (last,)).fetchall():
        last = rows[-1][0]
        yield rows


def _forget(connection: sqlite3.Connection, number: int) -> None:
    for table in (_DAYS, _TOOLS, _LATENCIES):
        connection.execute(table.forget, (number,))
    connection.execute("DELETE FROM zones WHERE id = ?", (number,))


def kept_number(connection: sqlite3.Connection, calendar: Calendar) -> int | None:
    """Return the number of a zone whose days are kept, None if they are not."""
    if calendar.name is None:
        return None
    row = connection.execute("SELECT id, rules FROM zones WHERE name = ?", (calendar.name,)).fetchone()
    return None if row is None or row[1] != calendar.rules else int(row[0])
