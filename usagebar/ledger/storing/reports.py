"""Sums by what they are asked for: from the tables of sums where these have it, else from the turns themselves."""

# ruff: noqa: S608 - statements are made of names of the schema; values are always parameters

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import Filter, Group, Totals
from usagebar.ledger.storing import choosing, terms
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.choosing import Condition
from usagebar.ledger.storing.latency import LatencyGroup, bucket_of, summed
from usagebar.ledger.storing.texts import tool_names

By = tuple[str, ...]


class _Counts(NamedTuple):
    """Name a table that counts, its number, and the column of `turns` that is counted, of which values are made."""

    table: str
    number: str
    column: str
    values_of: Callable[[Any], Iterable[Any]]


_COUNTS = {
    "tool": _Counts("tool_days", "calls", "tools", tool_names),
    "bucket": _Counts("latency_days", "count", "latency_ms", lambda latency: (bucket_of(latency),)),
}


class Sources(NamedTuple):
    """Hold what reports are made from.

    `zone` is the number of the filter's zone if the sums of its days are kept, `any_zone` that of one whose are.
    """

    connection: sqlite3.Connection
    calendar: Calendar
    zone: int | None
    any_zone: int | None


class _Table(NamedTuple):
    """Hold from what to select: the tables, the terms of the dimensions, and which rows."""

    tables: str
    terms: Mapping[str, str]
    sums: str
    condition: Condition


def totals(sources: Sources, by: By, chosen: Filter) -> list[Group]:
    """Return the sums of the chosen turns that have the same values, by value; unknown values are None.

    By `tool`, a group's `turns` are the calls of the tool, and there is nothing else: a turn's tokens are not of one
    of its tools. By nothing there is one group, also of no turns.

    Raises:
        LedgerError: one of `by` is no dimension.
    """
    _check(by, (*terms.DIMENSIONS, "tool"))
    if "tool" in by:
        counted = _counted(sources, by, chosen, "tool")
        return [Group(values, Totals(turns=count)) for values, count in _ordered(by, counted)]
    table = _table(sources, by, chosen)
    groups = ((row[: len(by)], terms.totals_of(row[len(by) :])) for row in _select(sources, table, by))
    return [Group(values, found) for values, found in _ordered(by, groups)]


def latencies(sources: Sources, by: By, chosen: Filter) -> list[LatencyGroup]:
    """Return how long the chosen turns took that have the same values, by value; unknown values are None.

    Raises:
        LedgerError: one of `by` is no dimension, or is `tool`.
    """
    _check(by, terms.DIMENSIONS)
    counts: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for (*values, bucket), count in _counted(sources, (*by, "bucket"), chosen, "bucket"):
        counts.setdefault(tuple(values), []).append((bucket, count))
    groups = ((values, summed(pairs)) for values, pairs in counts.items())
    return [LatencyGroup(values, found) for values, found in _ordered(by, groups)]


def _table(sources: Sources, by: Collection[str], chosen: Filter) -> _Table:
    """Return the smallest table that has what is asked for."""
    zone = _zone(sources, by, chosen)
    if zone is not None:
        condition = choosing.of_days(chosen, zone)
        return _Table(terms.OF_KINDS.format("days"), terms.OF_KIND | terms.OF_KEPT_DAY, terms.KEPT_SUMS, condition)
    if not _is_dated(by, chosen):
        condition = choosing.of_streams(sources.connection, chosen)
        return _Table(terms.STREAM_TOTALS, terms.OF_KIND | terms.OF_STREAM, terms.KEPT_SUMS, condition)
    condition = choosing.of_turns(sources.connection, chosen, sources.calendar)
    return _Table(terms.TURNS, _OF_TURN, terms.TURN_SUMS, condition)


_OF_TURN = terms.OF_KIND | terms.OF_STREAM | terms.OF_TURN_DAY


def _zone(sources: Sources, by: Collection[str], chosen: Filter) -> int | None:
    """Return the zone of whose days to take the sums, any where days do not matter; None if they have not all."""
    if chosen.session is not None or not terms.OF_STREAM.keys().isdisjoint(by):
        return None
    return sources.zone if _is_dated(by, chosen) else sources.any_zone


def _is_dated(by: Collection[str], chosen: Filter) -> bool:
    return choosing.has_days(chosen) or not terms.OF_KEPT_DAY.keys().isdisjoint(by)


def _select(sources: Sources, table: _Table, by: By) -> list[Any]:
    columns = ", ".join([*(table.terms[name] for name in by), table.sums])
    text = f"SELECT {columns} FROM {table.tables} WHERE {table.condition.text}"
    if by:
        text += f" GROUP BY {', '.join(str(number + 1) for number in range(len(by)))}"
    return run(sources, text, table.condition.values).fetchall()


def run(sources: Sources, text: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
    """Run a statement, in which days are of the zone in question."""
    if terms.LOCAL_DAY in text:
        terms.define_functions(sources.connection, sources.calendar)
    return sources.connection.execute(text, values)


def _counted(sources: Sources, by: By, chosen: Filter, what: str) -> Iterable[tuple[tuple[Any, ...], int]]:
    """Return how often the values of `by` come together; one of them is what is counted."""
    counts, zone = _COUNTS[what], _zone(sources, by, chosen)
    if zone is None:
        return _counted_of_turns(sources, by, chosen, what).items()
    names = terms.OF_KIND | terms.OF_KEPT_DAY | {what: f"sums.{what}"}
    condition = choosing.of_days(chosen, zone)
    table = _Table(terms.OF_KINDS.format(counts.table), names, f"sum(sums.{counts.number})", condition)
    return [(row[:-1], row[-1]) for row in _select(sources, table, by)]


def _counted_of_turns(sources: Sources, by: By, chosen: Filter, what: str) -> Counter[tuple[Any, ...]]:
    counts = _COUNTS[what]
    condition = choosing.of_turns(sources.connection, chosen, sources.calendar)
    columns = ", ".join([counts.column, *(_OF_TURN.get(name, "NULL") for name in by)])
    text = f"SELECT {columns} FROM {terms.TURNS} WHERE {condition.text} AND {counts.column} IS NOT NULL"
    at = [index for index, name in enumerate(by) if name == what]
    found: Counter[tuple[Any, ...]] = Counter()
    for value, *key in run(sources, text, condition.values):
        for each in counts.values_of(value):
            for index in at:
                key[index] = each
            found[tuple(key)] += 1
    return found


def _check(by: By, dimensions: Iterable[str]) -> None:
    for name in by:
        if name not in dimensions:
            raise LedgerError(f"expected one of {', '.join(sorted(dimensions))}, found {name!r:.40}")


def _ordered(by: By, groups: Iterable[tuple[tuple[Any, ...], Any]]) -> list[tuple[tuple[Any, ...], Any]]:
    """Return groups by value, unknown ones first, which become None."""
    unknown = [terms.UNKNOWN[name] for name in by]
    return [
        (tuple(None if value == none else value for value, none in zip(values, unknown, strict=True)), found)
        for values, found in sorted(groups, key=lambda group: group[0])
    ]


def kept_number(connection: sqlite3.Connection, calendar: Calendar) -> int | None:
    """Return the number of a zone whose days are kept, None if they are not."""
    if calendar.name is None:
        return None
    row = connection.execute("SELECT id, rules FROM zones WHERE name = ?", (calendar.name,)).fetchone()
    return None if row is None or row[1] != calendar.rules else int(row[0])
