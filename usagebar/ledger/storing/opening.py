"""Connections to the ledger's file: made, refused, or replaced by a temporary copy if nothing can be stored.

no file           created with its folder, both for the user alone
a ledger          brought to the newest version
anything else     refused, and left as it is
cannot be written a temporary database with what the file holds, and a note why
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from typing import NamedTuple

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.storing.failures import is_unwritable, reason_of, stated
from usagebar.ledger.storing.places import MEMORY
from usagebar.ledger.storing.schema import check_application, is_current, migrate

BUSY_SECONDS = 30.0
_HEADER = b"SQLite format 3\0"
_HEADER_BYTES = 100
_APPLICATION_AT = 68  # as the format of SQLite's files has it
_LOG = "-wal"  # what SQLite appends to the name of a database for that of its write-ahead log
_TEMPORARY = ""  # a file of SQLite's own that nobody else sees


class Opened(NamedTuple):
    """Hold a connection, and the sentence why nothing is stored through it, None if it is."""

    connection: sqlite3.Connection
    note: str | None = None


def open_place(path: str) -> Opened:
    """Open the ledger at a path or in memory, see above.

    Raises:
        LedgerError: what is there is no ledger, is of a newer version, is damaged, cannot be read, or is locked.
    """
    if path == MEMORY:
        return Opened(_memory())
    try:
        _check_header(path)
        _create(path)
        return Opened(_writable(path))
    except OSError as error:
        reason = reason_of(error)
    except sqlite3.Error as error:
        if not is_unwritable(error):
            raise stated(error, path) from error
        reason = reason_of(error)
    return Opened(_copy(path), f"{path} cannot be written ({reason}): what is new is not stored")


def _check_header(path: str) -> None:
    """Refuse what is no ledger before SQLite sees it, which might tidy up in it."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "what is no file"
            raise LedgerError(f"{path}: expected the file of a usagebar ledger, found {kind}")
        with open(path, "rb") as file:
            header = file.read(_HEADER_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {reason_of(error)}") from error
    if not header:
        return
    if not header.startswith(_HEADER):
        raise LedgerError(
            f"{path}: expected a usagebar ledger, found a file that is no database; it was left as it is: name another "
            "file with USAGEBAR_LEDGER"
        )
    found = int.from_bytes(header[_APPLICATION_AT : _APPLICATION_AT + 4], "big")
    check_application(found, path, is_empty=False)


def _create(path: str) -> None:
    """Make an empty file, and its folder, for the user alone, if they are not there."""
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with suppress(FileExistsError):  # another process was faster
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _writable(path: str) -> sqlite3.Connection:
    if not os.access(path, os.W_OK):
        raise PermissionError(0, "it is read-only")
    connection = _connect(_uri(path, "mode=rw"))
    try:
        if not is_current(connection):
            # Before the change to a write-ahead log: so the header of the file itself always tells whose it is.
            migrate(connection, path)
        # Where the file system has no shared memory SQLite stays with another mode, which is slower and as safe.
        _patiently(connection, "PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16384")
        # In pages of 4 KiB. The sums of a day change with each of its turns, and are copied into the file once.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
    except BaseException:
        connection.close()
        raise
    return connection


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement that does not wait for locks of its own accord."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _copy(path: str) -> sqlite3.Connection:
    connection = _connect(_TEMPORARY)
    try:
        if os.path.exists(path) and os.path.getsize(path):
            _fill(connection, path)
        migrate(connection, path)
    except (sqlite3.Error, OSError) as error:
        connection.close()
        raise stated(error, path) from error
    except BaseException:
        connection.close()
        raise
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _fill(connection: sqlite3.Connection, path: str) -> None:
    try:
        _read(connection, _uri(path, "mode=ro"))
    except sqlite3.OperationalError:
        # To read a write-ahead log takes another file beside it. Where none can be made nobody else writes here either.
        log = path + _LOG
        if os.path.exists(log) and os.path.getsize(log):
            _fill_with_log(connection, path)
        else:
            _read(connection, _uri(path, "immutable=1"))


def _fill_with_log(connection: sqlite3.Connection, path: str) -> None:
    import shutil  # noqa: PLC0415 - seldom needed
    import tempfile  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "ledger.sqlite")
        for ending in ("", _LOG):
            shutil.copyfile(path + ending, copy + ending)
        _read(connection, _uri(copy, "mode=rw"))


def _read(connection: sqlite3.Connection, uri: str) -> None:
    with closing(_connect(uri)) as source:
        source.backup(connection)


def _memory() -> sqlite3.Connection:
    connection = _connect(MEMORY)
    migrate(connection, MEMORY)
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    """Return a connection that any thread may use, without transactions of its own accord."""
    return sqlite3.connect(
        uri,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        uri=uri.startswith("file:"),
    )


def _uri(path: str, parameters: str) -> str:
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    if os.sep != "/":
        quoted = "/" + quoted.replace(os.sep, "/")
    return f"file:{quoted}?{parameters}"
