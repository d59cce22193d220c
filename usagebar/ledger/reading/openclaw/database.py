"""Open OpenClaw's database to read it, and nothing else: whoever made it, no query runs away or takes much memory.

Texts come as bytes, since they need not be UTF-8. Only real tables are read: a view is a program, and may never end.
"""

from __future__ import annotations

import io
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from stat import S_ISFIFO
from typing import Any

# The database is the runtime's: it must not wait for us, and we hardly for it.
_BUSY_SECONDS = 0.5
# No cell longer than this is taken at once, in bytes.
MOST_CELL = 8 << 20
# Instructions of SQLite's machine between two looks at how many there were.
_INSTRUCTIONS = 100_000
_LEAST_LOOKS = 2_000
_BYTES_A_LOOK = 4_000
_LEAST_BYTES_A_ROW = 4

# Tables have no other names, and these need no quoting.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class StoreError(Exception):
    """A database that cannot be read, or not to its end; the text says why."""


class Database:
    """Ask a database that is open for reading; `tables` are its real tables with their columns, in lower case.

    `size` is that of the file with its write-ahead log, in bytes.
    """

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self._connection = connection
        self._most_rows = 1_000 + size // _LEAST_BYTES_A_ROW
        self._looks_left = _LEAST_LOOKS + size // _BYTES_A_LOOK
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL)
        connection.set_progress_handler(self._is_enough, _INSTRUCTIONS)
        connection.execute("PRAGMA trusted_schema = OFF")
        self.tables = self._tables()

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Walk the rows of a query. Raises `sqlite3.Error`, and `StoreError` if they do not end."""
        with closing(self._connection.execute(sql, values)) as cursor:
            yield from islice(cursor, self._most_rows)
            if cursor.fetchone() is not None:
                raise StoreError("has more rows than it has room for")

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query. Raises as `rows`."""
        return next(self.rows(sql, values), None)

    def define(self, name: str, count: int, function: Callable[..., Any]) -> None:
        """Let queries call a function of so many values."""
        self._connection.create_function(name, count, function)

    def is_searched(self, sql: str, values: tuple[Any, ...]) -> bool:
        """Tell whether an index finds the rows of a query in their order."""
        plan = b" ".join(row[3] for row in self.rows(f"EXPLAIN QUERY PLAN {sql}", values))
        return b"SEARCH" in plan and b"TEMP B-TREE" not in plan

    def cell(self, table: str, column: str, row_id: int) -> io.RawIOBase:
        """Open one value as a file; it is not loaded. Raises `sqlite3.Error`."""
        return Cell(self._connection.blobopen(table, column, row_id, readonly=True))

    def _tables(self) -> dict[str, tuple[str, ...]]:
        listed = list(self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"))
        names = [name.decode("utf-8", "replace") for (name,) in listed if isinstance(name, bytes)]
        return {name.lower(): self._columns(name) for name in names if _PLAIN.fullmatch(name)}

    def _columns(self, table: str) -> tuple[str, ...]:
        # Generated columns, which are programs too, are not in this list.
        return tuple(row[1].decode("utf-8", "replace").lower() for row in self.rows(f'PRAGMA table_info("{table}")'))

    def _is_enough(self) -> bool:
        self._looks_left -= 1
        return self._looks_left < 0


class Cell(io.RawIOBase):
    """Read a value in a database as a file."""

    def __init__(self, blob: sqlite3.Blob) -> None:
        super().__init__()
        self._blob = blob

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return how many bytes were put there, 0 at the end."""
        piece = self._blob.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Let go of the value."""
        if not self.closed:
            self._blob.close()
        super().close()


@contextmanager
def opened_database(path: str, size: int) -> Iterator[Database]:
    """Open a database for reading. Raises `sqlite3.Error` or `StoreError` if it cannot be."""
    _check_beside(path)
    connection = _connected(path, "mode=ro")
    try:
        try:
            database = Database(connection, size)
        except sqlite3.OperationalError as error:
            if not _needs_to_write(error) or has_log(path):
                raise
            # Its readers share memory through a file beside it, which cannot be made here; nor can anybody write to it.
            connection.close()
            connection = _connected(path, "mode=ro&immutable=1")
            database = Database(connection, size)
        yield database
    finally:
        connection.close()


def _connected(path: str, how: str) -> sqlite3.Connection:
    place = os.path.abspath(path)
    if os.name == "nt":
        place = "/" + place.replace("\\", "/")
    quoted = place.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(f"file:{quoted}?{how}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _needs_to_write(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _check_beside(path: str) -> None:
    """Raise `StoreError` if SQLite would wait for what lies in place of a file that belongs to a database."""
    for end in ("", "-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            if S_ISFIFO(os.stat(path + end).st_mode):
                raise StoreError(f"expected a file {os.path.basename(path)}{end}, found a named pipe")


def has_log(path: str) -> bool:
    """Tell whether a database has a write-ahead log with something in it."""
    try:
        return os.stat(path + "-wal").st_size > 0
    except OSError:
        return False
