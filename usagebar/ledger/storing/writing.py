"""Turns into the database: merged with the copies that are there, the sums with them, within one transaction.

turns ──> rows ──> one a key ──> with what sessions tell ──> merged with stored copies ──> turns, sums, states
"""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain, islice
from typing import Any, NamedTuple

from usagebar.ledger.reading.parts import State
from usagebar.ledger.storing.deltas import Columns, Deltas
from usagebar.ledger.storing.rows import RUNTIME, SESSION, Names, Row, rows_of, turn_of, with_attribution
from usagebar.ledger.storing.schema import INDEXES, OWN
from usagebar.ledger.storing.states import write_states
from usagebar.ledger.storing.streams import Stream, Streams
from usagebar.ledger.storing.sums import KeptZones, change
from usagebar.ledger.storing.texts import storable
from usagebar.ledger.turns import SessionRecord, TurnRecord, merged

_COLUMNS = ("stream", *OWN, "key")
_WORTH_NEW_INDEXES = 4096
_MOST_KEYS = 500  # older builds of SQLite take 999 values in a statement

_INSERT = f"INSERT INTO turns ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_INSERT_NEW = f"{_INSERT} ON CONFLICT (key) DO NOTHING"
_REPLACE = f"UPDATE turns SET {', '.join(f'{name} = ?' for name in _COLUMNS[:-1])} WHERE key = ?"
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM turns WHERE "
_OF_SESSION = (
    f"{_SELECT} stream IN (SELECT streams.id FROM streams JOIN kinds ON kinds.id = streams.kind "
    "WHERE streams.session_id = ? AND kinds.runtime = ?)"
)
_TOLD = "SELECT agent_id, origin FROM sessions WHERE runtime = ? AND session_id = ?"

_SESSION_FIELDS = ", ".join(SessionRecord._fields)
_KNOWN_SESSION = f"SELECT {_SESSION_FIELDS} FROM sessions WHERE runtime = ? AND session_id = ?"
_PUT_SESSION = f"REPLACE INTO sessions ({_SESSION_FIELDS}) VALUES ({', '.join('?' * len(SessionRecord._fields))})"


class Batch(NamedTuple):
    """Hold what is written in one transaction; `rows` may hold several of one key."""

    rows: list[Row]
    sessions: list[SessionRecord]
    states: list[State]


class Known:
    """What a process knows of what is stored."""

    def __init__(self) -> None:
        self.streams, self.zones = Streams(), KeptZones()


def batch_of(turns: Iterable[TurnRecord], sessions: Iterable[SessionRecord], states: Iterable[State]) -> Batch:
    """Return what is to be written, ready for it.

    Raises:
        LedgerError: a turn has a value of a wrong type or out of its range.
    """
    known = [SessionRecord._make(None if text is None else storable(text) for text in each) for each in sessions]
    return Batch(rows_of(list(turns)), known, list(states))


def write_batch(connection: sqlite3.Connection, batch: Batch, known: Known) -> int:
    """Write a batch within the transaction that is open, and return how many turns were new or changed."""
    retold = _write_sessions(connection, batch.sessions)
    rows = _unique(chain(batch.rows, _turns_of(connection, retold, known.streams)))
    rows = _attributed(connection, rows)
    done = 1 if len(rows) == 1 and _put_new(connection, rows, known) else _put_all(connection, rows, known)
    write_states(connection, batch.states)
    return done


def _put_new(connection: sqlite3.Connection, rows: dict[bytes, Row], known: Known) -> bool:
    """Store one row if there is none of its key, and tell whether there was none: so bots record."""
    (row,) = rows.values()
    (stream,) = known.streams.of(connection, [row])
    if not connection.execute(_INSERT_NEW, (stream.id, *row[2:], row[0])).rowcount:
        return False
    more = Deltas.nothing()
    more.add([(value,) for value in row], [stream], known.zones.read(connection))
    change(connection, more, Deltas.nothing())
    return True


def _put_all(connection: sqlite3.Connection, rows: dict[bytes, Row], known: Known) -> int:
    is_first = connection.execute("SELECT 1 FROM turns LIMIT 1").fetchone() is None
    stored = {} if is_first else _stored(connection, rows, known.streams)
    new = [row for key, row in rows.items() if key not in stored] if stored else list(rows.values())
    changed = [(before, best) for key, before in stored.items() if (best := _merged(before, rows[key])) != before]
    gone, better = [before for before, _ in changed], [best for _, best in changed]
    if new or better:
        with _indexes_later(connection) if is_first and len(new) >= _WORTH_NEW_INDEXES else nullcontext():
            _put(connection, new, better, gone, known)
    return len(new) + len(better)


@contextmanager
def _indexes_later(connection: sqlite3.Connection) -> Iterator[None]:
    for name in INDEXES:
        connection.execute(f"DROP INDEX {name}")
    yield
    for statement in INDEXES.values():
        connection.execute(statement)


def _put(connection: sqlite3.Connection, new: list[Row], better: list[Row], gone: list[Row], known: Known) -> None:
    """Store rows, new ones and those that are better than others that are there, and change the sums."""
    zones = known.zones.read(connection)
    more, less = Deltas.nothing(), Deltas.nothing()
    for rows, deltas, statement in ((new, more, _INSERT), (better, more, _REPLACE), (gone, less, "")):
        if rows:
            columns, streams = _by_stream(rows, known.streams.of(connection, rows))
            deltas.add(columns, streams, zones)
            if statement:
                ids = [stream.id for stream in streams]
                connection.executemany(statement, zip(ids, *columns[2:], columns[0], strict=True))
    change(connection, more, less)


def _by_stream(rows: list[Row], streams: list[Stream]) -> tuple[Columns, list[Stream]]:
    """Return rows by columns, those of a stream together, with their streams."""
    order = sorted(range(len(rows)), key=streams.__getitem__)
    return list(zip(*[rows[index] for index in order], strict=True)), [streams[index] for index in order]


def _unique(rows: Iterable[Row]) -> dict[bytes, Row]:
    found: dict[bytes, Row] = {}
    for row in rows:
        before = found.setdefault(row[0], row)
        if before is not row:
            found[row[0]] = _merged(before, row)
    return found


def _merged(kept: Row, found: Row) -> Row:
    """Return the row of the one record of two copies.

    Both are compared as they are stored: a cost is then the same whether it was stored yet or not.
    """
    if kept == found:
        return kept
    copies = turn_of(kept), turn_of(found)
    best = merged(*copies)
    if best is copies[0]:
        return kept
    return found if best is copies[1] else rows_of([best])[0]


def _stored(connection: sqlite3.Connection, keys: Iterable[bytes], streams: Streams) -> dict[bytes, Row]:
    """Return the stored rows of keys, those that there are."""
    found: dict[bytes, Row] = {}
    for some in _chunks(keys):
        condition = "key = ?" if len(some) == 1 else f"key IN ({', '.join('?' * len(some))})"
        rows = connection.execute(_SELECT + condition, some).fetchall()
        found.update((row[-1], _row(connection, row, streams)) for row in rows)
    return found


def _chunks(keys: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    left = iter(keys)
    while some := tuple(islice(left, _MOST_KEYS)):
        yield some


def _attributed(connection: sqlite3.Connection, rows: dict[bytes, Row]) -> dict[bytes, Row]:
    """Return rows with the agents and origins that their sessions tell, as if each were a copy of the turn."""
    # One is looked up at once, of many it is worth knowing first whether there is anything to find.
    if len(rows) > 1 and connection.execute("SELECT 1 FROM sessions LIMIT 1").fetchone() is None:
        return rows
    changed: dict[Names, Names] = {}
    for names in {row[1] for row in rows.values()}:
        told = connection.execute(_TOLD, (names[RUNTIME], names[SESSION])).fetchone()
        if told is not None and (best := with_attribution(names, told[0] or "", told[1] or "")) != names:
            changed[names] = best
    if not changed:
        return rows
    return {key: (key, changed.get(row[1], row[1]), *row[2:]) for key, row in rows.items()}


def _write_sessions(connection: sqlite3.Connection, sessions: Iterable[SessionRecord]) -> list[tuple[str, str]]:
    """Write sessions, and return those, as (runtime, id), of which another agent or origin is told than before."""
    retold = []
    for session in sessions:
        row = connection.execute(_KNOWN_SESSION, session[:2]).fetchone()
        before = SessionRecord(*session[:2]) if row is None else SessionRecord(*row)
        best = _joined(before, session)
        if row is None or best != before:
            connection.execute(_PUT_SESSION, best)
        if (best.agent_id, best.origin) != (before.agent_id, before.origin):
            retold.append((best.runtime, best.session_id))
    return retold


def _joined(before: SessionRecord, found: SessionRecord) -> SessionRecord:
    """Return what is known of a session; agent and origin as of copies of a turn, the rest as it was told last."""
    return SessionRecord(
        *before[:2],
        key=found.key or before.key,
        agent_id=max(before.agent_id or "", found.agent_id or "") or None,
        origin=max(before.origin or "", found.origin or "") or None,
        title=found.title or before.title,
        project=found.project or before.project,
    )


def _turns_of(connection: sqlite3.Connection, sessions: Iterable[tuple[str, str]], streams: Streams) -> Iterator[Row]:
    for runtime, session in sessions:
        for row in connection.execute(_OF_SESSION, (session, runtime)).fetchall():
            yield _row(connection, row, streams)


def _row(connection: sqlite3.Connection, stored: tuple[Any, ...], streams: Streams) -> Row:
    return (stored[-1], streams.names(connection, stored[0]), *stored[1:-1])
