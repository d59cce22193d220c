"""How far the runtimes' files were read, as rows."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from usagebar.ledger.reading.parts import State

_LARGEST = (1 << 63) - 1
_COLUMNS = ", ".join(State._fields)
_PUT = f"REPLACE INTO states ({_COLUMNS}) VALUES ({', '.join('?' * len(State._fields))})"


def write_states(connection: sqlite3.Connection, states: Iterable[State]) -> None:
    """Store states in place of earlier ones of the same path."""
    connection.executemany(_PUT, [_row(state) for state in states])


def read_states(connection: sqlite3.Connection) -> dict[str, State]:
    """Return the states by path."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM states")
    return {state.path: state for state in map(_state, rows)}


def _row(state: State) -> tuple[object, ...]:
    path, *numbers, tail, context, problems = state
    return (
        _path(path),
        # Some file systems have inodes, and times, beyond 64 bits.
        *(number if -_LARGEST <= number <= _LARGEST else str(number) for number in numbers),
        tail,
        *map(_text, (context, problems)),
    )


def _text(plain: dict[str, Any] | None) -> str | None:
    import json  # noqa: PLC0415 - to read states it is seldom needed

    return json.dumps(plain, separators=(",", ":")) if plain else None


def _path(path: str) -> str | bytes:
    """Return a path as SQLite can hold it; names of files may have bytes that are no text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")
    return path


def _state(row: tuple[Any, ...]) -> State:
    path, *numbers, tail, context, problems = row
    size, mtime, inode, offset = map(int, numbers)
    known = path.decode("utf-8", "surrogatepass") if isinstance(path, bytes) else path
    return State(known, size, mtime, inode, offset, tail, _plain(context), _plain(problems))


def _plain(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    import json  # noqa: PLC0415 - most states have none

    found: dict[str, Any] = json.loads(text)
    return found
