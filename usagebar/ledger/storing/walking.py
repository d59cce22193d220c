"""Turns one by one, in the order of time, however many there are."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from usagebar.ledger.figures import Filter
from usagebar.ledger.storing import choosing
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.rows import turn_of
from usagebar.ledger.storing.schema import OWN
from usagebar.ledger.storing.streams import Streams
from usagebar.ledger.storing.terms import TURNS
from usagebar.ledger.turns import TurnRecord

_CHUNK = 1000
_SELECT = f"SELECT turns.id, turns.timestamp, key, stream, {', '.join(OWN)} FROM {TURNS} WHERE "
# Turns without a time are walked first, by themselves: NULL compares with nothing.
_UNTIMED = " AND turns.timestamp IS NULL AND turns.id > ? ORDER BY turns.id LIMIT ?"
_TIMED = (
    " AND turns.timestamp >= ? AND (turns.timestamp > ? OR turns.id > ?) ORDER BY turns.timestamp, turns.id LIMIT ?"
)

Reading = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Walk:
    """Walk the chosen turns by time, those without one first.

    They are read in chunks, so that nobody waits between them: what is written meanwhile may be among them or not.
    """

    def __init__(
        self, reading: Reading, streams: Streams, chosen: Filter, calendar: Calendar, *, unpriced: bool = False
    ) -> None:
        self._reading, self._streams, self._chosen, self._calendar = reading, streams, chosen, calendar
        self._without_price = " AND cost_pico IS NULL" if unpriced else ""

    def __iter__(self) -> Iterator[TurnRecord]:
        identity = 0
        while not choosing.has_days(self._chosen) and (found := self._chunk(_UNTIMED, (identity,))):
            identity = found[-1][0]
            yield from (turn for *_, turn in found)
        identity, moment = 0, 0
        while found := self._chunk(_TIMED, (moment, moment, identity)):
            identity, moment, _ = found[-1]
            yield from (turn for *_, turn in found)

    def _chunk(self, order: str, after: tuple[int, ...]) -> list[tuple[int, Any, TurnRecord]]:
        with self._reading() as connection:
            condition = choosing.of_turns(connection, self._chosen, self._calendar)
            text = _SELECT + condition.text + self._without_price + order
            rows = connection.execute(text, (*condition.values, *after, _CHUNK)).fetchall()
            return [
                (row[0], row[1], turn_of((row[2], self._streams.names(connection, row[3]), *row[4:]))) for row in rows
            ]
