"""Read from OpenClaw's database whose its sessions are; every table and column of it may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from usagebar.ledger.reading.openclaw.database import Database
from usagebar.ledger.reading.openclaw.keys import Attribution, Row, attributions, first, name

_WINDOWS, _NODES = "session_windows", "session_nodes"
_WINDOW_COLUMNS = (
    *("session_id", "session_key", "channel", "spawned_by", "parent_session_key"),
    *("display_name", "model_provider", "model"),
)
_NODE_COLUMNS = (
    *("session_key", "current_session_id", "created_via", "spawned_by", "parent_session_key"),
    *("label", "display_name"),
)
_IDS = ("session_id", "current_session_id")


class Sessions(NamedTuple):
    """Hold session → whose it is, and session → (provider, model) that it was set to last."""

    whose: dict[str, Attribution]
    models: dict[str, tuple[str | None, str]]


def read_sessions(database: Database) -> Sessions:
    """Return what the tables of sessions say. Raises as `Database.rows`."""
    nodes = {node["session_key"]: node for node in _read(database, _NODES, _NODE_COLUMNS) if node["session_key"]}
    windows = [window for window in _read(database, _WINDOWS, _WINDOW_COLUMNS) if window["session_id"]]
    rows = [_row(window["session_id"], window["session_key"], window, nodes) for window in windows]
    rows += [_row(node["current_session_id"], key, {}, nodes) for key, node in nodes.items()]
    models = {
        window["session_id"]: (name(window["model_provider"]), model)
        for window in windows
        if (model := name(window["model"])) is not None
    }
    return Sessions(attributions(row for row in rows if row.session_id), models)


def _row(session_id: Any, key: str | None, window: dict[str, Any], nodes: dict[Any, dict[str, Any]]) -> Row:
    node = nodes.get(key, {})
    parents = (found.get(column) for column in ("spawned_by", "parent_session_key") for found in (window, node))
    titles = (node.get("label"), node.get("display_name"), window.get("display_name"))
    return Row(
        name(session_id) or "", key, window.get("channel"), first(parents), first(titles), node.get("created_via")
    )


def _read(database: Database, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    known = database.tables.get(table, ())
    chosen = [column for column in columns if column in known]
    if not chosen:
        return
    empty: dict[str, Any] = dict.fromkeys(columns)
    for row in database.rows(f'SELECT {", ".join(chosen)} FROM "{table}"'):  # noqa: S608 (names of this module)
        read = (session_of if column in _IDS else written for column in chosen)
        yield empty | {column: of(value) for column, of, value in zip(chosen, read, row, strict=True)}


def written(value: object) -> str | None:
    """Return a text of the database, None if the value is none."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def session_of(value: object) -> str | None:
    """Return a session's id, which a column may keep as a number; None if the value is none."""
    return name(str(value) if type(value) is int else written(value))
