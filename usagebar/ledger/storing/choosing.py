"""What a filter chooses, in SQL: of the turns themselves, or of the tables of sums."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any, NamedTuple

from usagebar.ledger.figures import Filter
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.terms import OF_KIND
from usagebar.ledger.storing.texts import storable

_NAMES = ("agent", "model", "runtime", "origin")
_SESSIONS_OF_KEY = "SELECT session_id, runtime FROM sessions WHERE key = ?"


class Condition(NamedTuple):
    """Hold a condition of SQL with its values."""

    text: str
    values: tuple[Any, ...] = ()


def of_turns(connection: sqlite3.Connection, chosen: Filter, calendar: Calendar) -> Condition:
    """Return the condition for turns with their names."""
    parts = _names(chosen)
    if chosen.session is not None:
        # By the numbers of its streams, of which the turns have an index.
        text, values = _session(connection, chosen.session)
        streams = f"SELECT streams.id FROM streams JOIN kinds ON kinds.id = streams.kind WHERE {text}"
        parts.append(Condition(f"turns.stream IN ({streams})", values))
    if has_days(chosen):
        spans = calendar.spans(chosen.since, chosen.until)
        texts = " OR ".join(["turns.timestamp >= ? AND turns.timestamp < ?"] * len(spans)) or "0"
        parts.append(Condition(texts, tuple(moment for span in spans for moment in span)))
    return _all(parts)


def of_days(chosen: Filter, zone: int) -> Condition:
    """Return the condition for a table of sums by day, of a zone that is kept; sessions are none of theirs."""
    parts = [Condition("sums.zone = ?", (zone,)), *_names(chosen)]
    if has_days(chosen):
        # Behind '', which is no day.
        since = "0" if chosen.since is None else date.isoformat(chosen.since)
        until = "9999-12-31" if chosen.until is None else date.isoformat(chosen.until)
        parts.append(Condition("sums.day BETWEEN ? AND ?", (since, until)))
    return _all(parts)


def of_streams(connection: sqlite3.Connection, chosen: Filter) -> Condition:
    """Return the condition for the sums by stream; days are none of theirs."""
    parts = _names(chosen)
    if chosen.session is not None:
        parts.append(_session(connection, chosen.session))
    return _all(parts)


def has_days(chosen: Filter) -> bool:
    """Tell whether a filter chooses by day."""
    return chosen.since is not None or chosen.until is not None


def _names(chosen: Filter) -> list[Condition]:
    values = [(name, getattr(chosen, name)) for name in _NAMES]
    return [Condition(f"{OF_KIND[name]} = ?", (storable(value),)) for name, value in values if value is not None]


def _session(connection: sqlite3.Connection, session: str) -> Condition:
    """Return the condition for a session, given by its id, or by a key, under which several may have been."""
    session = storable(session)
    of_key = connection.execute(_SESSIONS_OF_KEY, (session,)).fetchall()
    texts = ["streams.session_id = ?", *["streams.session_id = ? AND kinds.runtime = ?"] * len(of_key)]
    return Condition(" OR ".join(texts), (session, *(value for pair in of_key for value in pair)))


def _all(parts: list[Condition]) -> Condition:
    texts = " AND ".join(f"({part.text})" for part in parts) or "1"
    return Condition(texts, tuple(value for part in parts for value in part.values))
