"""The tables of the ledger's file, version by version.

    turns            every turn, one row a key
    streams          what turns of a session have in common: their kind, session, project and flags
    kinds            what turns of many sessions have in common: runtime, model, agent, origin, prices, …
    turn_records     a view: turns with the names of their stream and kind, as `TurnRecord` has them
    sessions         what is known of sessions beside their turns
    days             sums by zone, day and kind                } kept with every change of `turns`,
    stream_totals    sums by stream                            } in the same transaction
    tool_days        calls of tools by zone, day and kind      }
    latency_days     latencies by zone, day and kind           }
    zones            the zones whose days are kept, with a mark of their rules
    states           how far the runtimes' files were read
    fired, meta      which thresholds of budgets were told, and other notes

In streams, kinds and days an unknown name is '', an unknown day too, an unknown number or flag -1: what is unique
cannot be NULL. Costs are whole picodollars; a sum of them is kept in two parts, dollars and the rest, since 64 bits end
at 9 million dollars.
"""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.turns import TurnRecord

# In the header of the file: "ubar", which tells it from all other applications'.
APPLICATION = 0x75626172
UTC_NAME = "UTC"

COUNTS = ("turns", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
# The columns of `Totals` as they are kept; `usd` and `pico` make its `cost`.
SUMS = (*COUNTS, "usd", "pico", "unpriced", "incomplete")
KIND = ("runtime", "machine", "model", "provider", "agent_id", "origin", "cost_source", "prices", "long_context")
STREAM = ("session_id", "project", "fast", "batch", "sidechain")
# What a turn has for itself, beside its key and its stream.
OWN = ("timestamp", *COUNTS[1:], "latency_ms", "cost_pico", "tools")

DAY_KEY = ("zone", "day", "kind")
STREAM_KEY = ("stream",)
TOOL_KEY = (*DAY_KEY, "tool")
LATENCY_KEY = (*DAY_KEY, "bucket")

# Of `turns`, by name: a first import makes them when all is there, which is faster.
INDEXES = {
    "turns_by_key": "CREATE UNIQUE INDEX turns_by_key ON turns (key)",
    "turns_by_time": "CREATE INDEX turns_by_time ON turns (timestamp)",
    "turns_by_stream": "CREATE INDEX turns_by_stream ON turns (stream, timestamp)",
}

UNKNOWN_NAME, UNKNOWN_NUMBER = "", -1
_NUMBERS = {"long_context", "fast", "batch", "sidechain"}
_TEXTS = {"day", "tool"}


def _typed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {'INTEGER' if name in _NUMBERS else 'TEXT'} NOT NULL" for name in names)


def _known(name: str) -> str:
    return f"nullif({name}, {UNKNOWN_NUMBER if name in _NUMBERS else repr(UNKNOWN_NAME)}) AS {name}"


def _record(field: str) -> str:
    if field == "cost_usd":
        return "cost_pico / 1e12 AS cost_usd"
    return _known(field) if field in (*KIND, *STREAM) else field


_TABLES = f"""
CREATE TABLE kinds (id INTEGER PRIMARY KEY, {_typed(KIND)}, UNIQUE ({", ".join(KIND)}));
CREATE TABLE streams (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL REFERENCES kinds, {_typed(STREAM)},
  UNIQUE ({", ".join(STREAM)}, kind)
);
CREATE TABLE turns (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL, stream INTEGER NOT NULL REFERENCES streams,
  timestamp INTEGER, input INTEGER, cache_read INTEGER, cache_write_5m INTEGER, cache_write_1h INTEGER, output INTEGER,
  reasoning INTEGER, latency_ms INTEGER, cost_pico INTEGER, tools TEXT
);
{"; ".join(INDEXES.values())};
CREATE VIEW turn_records AS SELECT {", ".join(map(_record, TurnRecord._fields))}
  FROM turns JOIN streams ON streams.id = turns.stream JOIN kinds ON kinds.id = streams.kind;
CREATE TABLE sessions (
  runtime TEXT NOT NULL, session_id TEXT NOT NULL, key TEXT, agent_id TEXT, origin TEXT, title TEXT, project TEXT,
  PRIMARY KEY (runtime, session_id)
) WITHOUT ROWID;
CREATE INDEX sessions_by_key ON sessions (key);
CREATE TABLE zones (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rules TEXT NOT NULL);
CREATE TABLE states (
  path BLOB PRIMARY KEY, size BLOB NOT NULL, mtime_ns BLOB NOT NULL, inode BLOB NOT NULL, offset BLOB NOT NULL,
  tail TEXT NOT NULL, context TEXT, problems TEXT
);
CREATE TABLE fired (period TEXT, threshold INTEGER, PRIMARY KEY (period, threshold)) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def _sums_table(name: str, key: tuple[str, ...], columns: tuple[str, ...], more: tuple[str, ...] = ()) -> str:
    typed = [f"{each} {'TEXT' if each in _TEXTS else 'INTEGER'} NOT NULL" for each in (*key, *columns)]
    return f"CREATE TABLE {name} ({', '.join([*typed, *more])}, PRIMARY KEY ({', '.join(key)})) WITHOUT ROWID;\n"


def _tables(connection: sqlite3.Connection) -> None:
    script = _TABLES + "".join((
        _sums_table("days", DAY_KEY, SUMS),
        _sums_table("stream_totals", STREAM_KEY, SUMS, ("first INTEGER", "last INTEGER")),
        _sums_table("tool_days", TOOL_KEY, ("calls",)),
        _sums_table("latency_days", LATENCY_KEY, ("count",)),
    ))  # fmt: skip
    # One by one: `executescript` would commit first.
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)
    connection.execute("INSERT INTO zones (name, rules) VALUES (?, '')", (UTC_NAME,))


# The step at index n makes version n + 1 of version n; a step that was released never changes.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_tables,)


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring the tables to the newest version, within one transaction, or create them.

    Raises `LedgerError` if the file is of another application or of a newer version; it is then as it was.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _migrate(connection, path)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, path: str) -> None:
    check_application(_pragma(connection, "application_id"), path, is_empty=not _tables_of(connection))
    version = _pragma(connection, "user_version")
    if version > len(MIGRATIONS):
        raise LedgerError(
            f"{path}: expected a ledger of version {len(MIGRATIONS)} or older, found version {version}, which a newer "
            "usagebar has written: update usagebar, or name another file with USAGEBAR_LEDGER"
        )
    for step in MIGRATIONS[version:]:
        step(connection)
    if version < len(MIGRATIONS):
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def check_application(found: int, path: str, *, is_empty: bool) -> None:
    """Raise `LedgerError` unless a database, by its application id, is a ledger, or a new file."""
    if found != APPLICATION and not (found == 0 and is_empty):
        raise LedgerError(
            f"{path}: expected a usagebar ledger, found the database of another application; it was left as it is: "
            "name another file with USAGEBAR_LEDGER"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    found: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return found


def _tables_of(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return found


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are there in the newest version, so that nothing needs to be written."""
    return (_pragma(connection, "application_id"), _pragma(connection, "user_version")) == (
        APPLICATION,
        len(MIGRATIONS),
    )
