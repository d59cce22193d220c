"""What errors of SQLite and of the system mean to the user of a ledger."""

from __future__ import annotations

import sqlite3
from types import TracebackType

from usagebar.ledger.errors import LedgerError

# By the names of SQLite's errors, without their extensions.
_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_PERM": "permission denied",
    "SQLITE_IOERR": "input or output failed, or the disk is full",
    "SQLITE_BUSY": "it is locked by another process",
    "SQLITE_LOCKED": "it is locked by another process",
    "SQLITE_NOTADB": "it is no database",
    "SQLITE_CORRUPT": "the file is damaged",
}
_UNWRITABLE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")


class failing:  # noqa: N801 - it stands where a function of `contextlib` would, and takes a third of its time
    """Turn errors of SQLite in the body into `LedgerError`, which says what could not be done."""

    def __init__(self, path: str, what: str) -> None:
        self._path, self._what = path, what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, sqlite3.Error):
            raise stated(error, self._path, self._what) from error


def stated(error: sqlite3.Error | OSError, path: str, what: str = "the ledger cannot be read") -> LedgerError:
    """Return the error to raise in place of one of SQLite or of the system."""
    return LedgerError(f"{path}: {what}: {reason_of(error)}")


def reason_of(error: sqlite3.Error | OSError) -> str:
    """Return in a few words what was wrong."""
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return _REASONS.get(_name(error), str(error))


def is_unwritable(error: sqlite3.Error) -> bool:
    """Tell whether a sound database cannot be written to."""
    return _name(error) in _UNWRITABLE


def is_transient(error: sqlite3.Error) -> bool:
    """Tell whether what a report keeps for the next time may be left out: it can be told without."""
    return is_unwritable(error) or _name(error) in ("SQLITE_BUSY", "SQLITE_LOCKED")


def _name(error: sqlite3.Error) -> str:
    # Errors of Python's own module, as of a closed connection, have none.
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
