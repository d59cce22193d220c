"""The names of turns, each set of them stored once, and the numbers of the streams that stand for them."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from usagebar.ledger.storing.rows import Names, Row
from usagebar.ledger.storing.schema import KIND, STREAM

_KINDS = len(KIND)
_MOST_KNOWN = 50_000

_FIND_KIND = f"SELECT id FROM kinds WHERE {' AND '.join(f'{name} = ?' for name in KIND)}"
_ADD_KIND = f"INSERT INTO kinds ({', '.join(KIND)}) VALUES ({', '.join('?' * _KINDS)})"
_STREAM_COLUMNS = (*STREAM, "kind")
_FIND_STREAM = f"SELECT id FROM streams WHERE {' AND '.join(f'{name} = ?' for name in _STREAM_COLUMNS)}"
_ADD_STREAM = f"INSERT INTO streams ({', '.join(_STREAM_COLUMNS)}) VALUES ({', '.join('?' * len(_STREAM_COLUMNS))})"
_READ = (
    f"SELECT kinds.id, {', '.join((*KIND, *STREAM))} FROM streams JOIN kinds ON kinds.id = streams.kind "
    "WHERE streams.id = ?"
)


class Stream(NamedTuple):
    """Hold the numbers of a stream and of its kind."""

    id: int
    kind: int


class Streams:
    """The streams that this process has met; they stay what they are once they are stored."""

    def __init__(self) -> None:
        self._streams: dict[Names, Stream] = {}
        self._names: dict[int, Names] = {}

    def forget(self) -> None:
        """Forget all: what was found within a transaction that was undone is not stored."""
        self._streams.clear()
        self._names.clear()

    def of(self, connection: sqlite3.Connection, rows: Iterable[Row]) -> list[Stream]:
        """Return the streams of rows, in their order, within a transaction that writes; new ones are stored."""
        known = self._streams
        return [known.get(row[1]) or self._add(connection, row[1]) for row in rows]

    def names(self, connection: sqlite3.Connection, stream: int) -> Names:
        """Return the names of a stream that is stored."""
        found = self._names.get(stream)
        if found is None:
            kind, *names = connection.execute(_READ, (stream,)).fetchone()
            found = self._know(tuple(names), Stream(stream, kind))
        return found

    def _add(self, connection: sqlite3.Connection, names: Names) -> Stream:
        kind = _found_or_added(connection, _FIND_KIND, _ADD_KIND, names[:_KINDS])
        stream = Stream(_found_or_added(connection, _FIND_STREAM, _ADD_STREAM, (*names[_KINDS:], kind)), kind)
        self._know(names, stream)
        return stream

    def _know(self, names: Names, stream: Stream) -> Names:
        if len(self._streams) >= _MOST_KNOWN:
            self.forget()
        self._streams[names] = stream
        self._names[stream.id] = names
        return names


def _found_or_added(connection: sqlite3.Connection, find: str, add: str, values: tuple[object, ...]) -> int:
    row = connection.execute(find, values).fetchone()
    return int(row[0]) if row is not None else int(connection.execute(add, values).lastrowid or 0)
