"""Read the table of events in OpenClaw's database, whatever is in its cells."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from usagebar.ledger.reading.lines import Squeeze
from usagebar.ledger.reading.openclaw_archives import Decompressed
from usagebar.ledger.reading.openclaw_database import Database, StoreError

_TABLE = "transcript_events"
# Bytes that are no UTF-8 come back as they went out.
_OF_SESSION = "WHERE session_id = CAST(? AS TEXT) AND seq"
_DAMAGED = b"{"  # counts as a bad line
_PIECE = 1 << 16
LOWEST = -(2**63)  # below all numbers of events


class EventRow(NamedTuple):
    """Hold an event: its session's id and its number there, as stored; `line` is its JSON, None if it is too long."""

    session: Any
    seq: Any
    line: bytes | None


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
        packed = "event_zstd" if columns and "event_zstd" in columns else "NULL"
        self._cells = f"session_id, seq, event_json, {packed}"
        ask = f"SELECT {self._cells} FROM {_TABLE} {_OF_SESSION} > ? ORDER BY seq"  # noqa: S608 (names of this module)
        self.is_indexed = self.is_there and database.is_searched(ask, (b"", 0))

    def sessions(self) -> Iterator[tuple[bytes, int]]:
        """Walk the sessions and the highest number in each."""
        ask = f"SELECT session_id, MAX(seq) FROM {_TABLE} WHERE typeof(session_id) = 'text' GROUP BY session_id"  # noqa: S608
        for session, last in self._database.rows(ask):
            yield session, last if isinstance(last, int) else LOWEST

    def first(self, session: bytes) -> bytes | None:
        """Return the first event of a session, None if there is none or it cannot be told."""
        row = next(self.events(session, LOWEST), None)
        return None if row is None else row.line

    def events(self, session: bytes, after: int) -> Iterator[EventRow]:
        """Walk the events of a session behind the one of this number."""
        return self._walk("seq", _OF_SESSION, (session,), after)

    def all_events(self) -> Iterator[EventRow]:
        """Walk all events as they are stored, which is fast where there is no index."""
        return self._walk("rowid", "WHERE rowid", (), LOWEST)

    def _walk(self, number: str, where: str, values: tuple[bytes, ...], after: int) -> Iterator[EventRow]:
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
                        yield _row(row[:3])
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
            yield EventRow(names[0], names[1], self._squeezed(which, values))

    def _events_in(self, row: tuple[Any, ...]) -> tuple[EventRow, ...]:
        session, seq, line, packed = row[:4]
        if isinstance(line, bytes):
            return (EventRow(session, seq, line),)
        if not isinstance(packed, bytes):
            return ()
        try:
            return (EventRow(session, seq, _unpacked(packed)),)
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


def fingerprint(line: bytes | None) -> str:
    """Return what tells a session's first event from another one."""
    return "" if line is None else blake2b(line, digest_size=4).hexdigest()
