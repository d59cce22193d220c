"""Read the table of events in OpenClaw's database, whatever is in its cells."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from usagebar.ledger.reading.lines import Squeeze
from usagebar.ledger.reading.openclaw.archives import Decompressed
from usagebar.ledger.reading.openclaw.database import Database, StoreError

_TABLE = "transcript_events"
# Bytes that are no UTF-8 come back as they went out; a column may keep ids as numbers.
_OF_SESSION = "WHERE session_id = CAST(? AS TEXT) AND seq"
_OF_NUMBER = "WHERE session_id = ? AND seq"
_IS_SESSION = "typeof(session_id) IN ('text', 'integer')"
_DAMAGED = b"{"  # counts as a bad line
_PIECE = 1 << 16
LOWEST = -(2**63)  # below all numbers of events


class EventRow(NamedTuple):
    """Hold an event: its session's id and its number there, as stored; `line` is its JSON, None if it is too long.

    `stored` is what of it is in the cell.
    """

    session: Any
    seq: Any
    line: bytes | None
    stored: bytes | None = None


class Mark(NamedTuple):
    """Hold how far a session goes: its highest number, and hashes of its first event and of one that was read."""

    session: Any
    highest: int
    first: int | None
    reached: int | None


# Asks for the number of the event of a session that was read last.
Reached = Callable[[Any], int | None]


# What `_make` does, without its call.
_row: Callable[[tuple[Any, ...]], EventRow] = partial(tuple.__new__, EventRow)


class EventTable:
    """Ask the table of events. Raises `StoreError` if there is none that can be read; all methods raise as `Database`.

    `left_out` has, by session, the compressed events that were left out since the package zstandard is missing.
    """

    def __init__(self, database: Database) -> None:
        self.left_out: dict[Any, set[Any]] = {}
        self._database = database
        columns = database.tables.get(_TABLE)
        self.is_there = columns is not None
        missing = [name for name in ("session_id", "seq", "event_json") if columns is not None and name not in columns]
        if missing:
            raise StoreError(f"expected a column {missing[0]} in {_TABLE}, found none")
        if columns is None and database.row("SELECT 1 FROM sqlite_master WHERE name = ?", (_TABLE,)):
            raise StoreError(f"expected a table {_TABLE}, found something else of this name")
        self._packed = "event_zstd" if columns and "event_zstd" in columns else "NULL"
        self._cells = f"session_id, seq, event_json, {self._packed}"
        ask = f"SELECT {self._cells} FROM {_TABLE} {_OF_SESSION} > ? ORDER BY seq"  # noqa: S608 (names of this module)
        self.is_indexed = self.is_there and database.is_searched(ask, (b"", 0))

    def marks(self, reached: Reached) -> list[Mark]:
        """Return how far each session goes. Where no cell is too long, one query tells it for all of them."""
        self._database.define("reached", 2, lambda session, kind: reached(session if kind == "text" else int(session)))
        self._database.define("mark", 2, fingerprint)
        text = "CASE WHEN typeof(event_json) IN ('text', 'blob') THEN CAST(event_json AS BLOB) END"
        one = f"SELECT mark({text}, {self._packed}) FROM {_TABLE} WHERE session_id = told.session"  # noqa: S608
        last = (
            f"SELECT session_id AS session, MAX(seq) AS last FROM {_TABLE} WHERE {_IS_SESSION} "  # noqa: S608
            "GROUP BY session_id"
        )
        ask = (
            f"SELECT told.session, told.last, ({one} AND seq IS NOT NULL ORDER BY seq LIMIT 1), "  # noqa: S608
            f"({one} AND seq = reached(CAST(told.session AS BLOB), typeof(told.session))) FROM ({last}) AS told"
        )
        try:
            return [Mark(row[0], _number(row[1]), *row[2:]) for row in self._database.rows(ask)]
        except sqlite3.DataError:
            sessions = list(self._database.rows(last))
            return [self._mark(session, _number(highest), reached(session)) for session, highest in sessions]

    def _mark(self, session: Any, highest: int, reached: int | None) -> Mark:
        of = _of(session)
        first = self._hash(f"FROM {_TABLE} {of} IS NOT NULL ORDER BY seq LIMIT 1", (session,))
        return Mark(session, highest, first, self._hash(f"FROM {_TABLE} {of} = ?", (session, reached)))

    def _hash(self, which: str, values: tuple[Any, ...]) -> int | None:
        try:
            row = self._database.row(f"SELECT event_json, {self._packed} {which}", values)
        except sqlite3.DataError:
            return fingerprint(self._squeezed(which, values))
        return None if row is None else fingerprint(*row)

    def first(self, session: Any) -> bytes | None:
        """Return the first event of a session, None if there is none or it cannot be told."""
        row = next(self.events(session, LOWEST), None)
        return None if row is None else row.line

    def events(self, session: Any, after: int) -> Iterator[EventRow]:
        """Walk the events of a session behind the one of this number."""
        return self._walk("seq", _of(session), (session,), after)

    def all_events(self) -> Iterator[EventRow]:
        """Walk all events as they are stored, which is fast where there is no index."""
        return self._walk("rowid", "WHERE rowid", (), LOWEST)

    def _walk(self, number: str, where: str, values: tuple[Any, ...], after: int) -> Iterator[EventRow]:
        """Walk rows by a number that tells them apart, from behind `after`; `where` ends with its column."""
        following = f"FROM {_TABLE} {where} > ?"
        ask = f"SELECT {self._cells}, {number} {following} ORDER BY {number}"
        last: int | None = after
        while last is not None:
            try:
                for row in self._database.rows(ask, (*values, last)):
                    if type(row[4]) is int:
                        last = row[4]
                    if type(row[2]) is bytes:
                        yield _row((*row[:3], row[2]))
                    else:
                        yield from self._events_in(row)
            except sqlite3.DataError:  # a cell that is too long to be taken; the row before it is lost with it
                found = self._database.row(f"SELECT MIN({number}) {following}", (*values, last))
                last = found[0] if found is not None and isinstance(found[0], int) else None
                if last is not None:
                    yield from self._alone(f"FROM {_TABLE} {where} = ?", (*values, last))
            else:
                return

    def _alone(self, which: str, values: tuple[Any, ...]) -> Iterator[EventRow]:
        """Walk the events in one row, that may be too long."""
        try:
            for row in list(self._database.rows(f"SELECT {self._cells} {which}", values)):
                yield from self._events_in(row)
        except sqlite3.DataError:
            names = self._database.row(f"SELECT session_id, seq {which}", values) or (None, None)
            squeezed = self._squeezed(which, values)
            yield EventRow(names[0], names[1], squeezed, squeezed)

    def _events_in(self, row: tuple[Any, ...]) -> tuple[EventRow, ...]:
        session, seq, line, packed = row[:4]
        if isinstance(line, bytes):
            return (EventRow(session, seq, line, line),)
        if not isinstance(packed, bytes):
            return ()
        try:
            return (EventRow(session, seq, _unpacked(packed), packed),)
        except ImportError:
            self.left_out.setdefault(session, set()).add(seq)
            return ()

    def _squeezed(self, which: str, values: tuple[Any, ...]) -> bytes | None:
        """Return an event whose cell is too long with its long strings replaced, None if it cannot be had so."""
        squeeze = Squeeze()
        try:
            found = self._database.row(f"SELECT rowid {which}", values)
            if found is None or not isinstance(found[0], int):
                return None
            with self._database.cell(_TABLE, "event_json", found[0]) as cell:
                while piece := cell.read(_PIECE):
                    squeeze.add(piece)
        except (sqlite3.Error, OSError):  # a table without row numbers, or a number where a text should be
            return None
        return None if squeeze.given_up else bytes(squeeze.kept)


def _unpacked(packed: bytes) -> bytes:
    content = Decompressed(io.BytesIO(packed), len(packed))
    line = b"".join(iter(lambda: content.read(_PIECE) or b"", b""))
    return _DAMAGED if content.failure is not None else line


def _of(session: Any) -> str:
    return _OF_SESSION if isinstance(session, bytes) else _OF_NUMBER


def _number(highest: Any) -> int:
    return highest if isinstance(highest, int) else LOWEST


def fingerprint(line: Any, packed: Any = None) -> int:
    """Return what tells an event, as it is stored, from another one."""
    stored = line if isinstance(line, bytes) else packed
    return int.from_bytes(blake2b(stored, digest_size=6).digest()) if isinstance(stored, bytes) else 0
