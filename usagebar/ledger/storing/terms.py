"""What sums are asked for by, in SQL: one source for reports and checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from usagebar.ledger.figures import PICO, Totals
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.latency import bucket_of
from usagebar.ledger.storing.schema import COUNTS, SUMS, UNKNOWN_NUMBER
from usagebar.ledger.turns import ESTIMATED, REPORTED

# Functions that are defined for statements: the day of a moment in the zone in question, the bucket of a latency.
LOCAL_DAY, BUCKET = "local_day", "latency_bucket"

_PRICES = (
    f"CASE kinds.cost_source WHEN '' THEN '' WHEN '{REPORTED}' THEN '{REPORTED}' "
    f"ELSE coalesce(nullif(kinds.prices, ''), '{ESTIMATED}') END"
)
OF_KIND = {
    "runtime": "kinds.runtime",
    "machine": "kinds.machine",
    "model": "kinds.model",
    "provider": "kinds.provider",
    "agent": "kinds.agent_id",
    "origin": "kinds.origin",
    "prices": _PRICES,
    "tier": "kinds.long_context",
}
OF_STREAM = {"session": "streams.session_id", "project": "streams.project"}
OF_KEPT_DAY = {"day": "sums.day", "month": "substr(sums.day, 1, 7)"}
OF_TURN_DAY = {
    "day": f"coalesce({LOCAL_DAY}(turns.timestamp), '')",
    "month": f"coalesce(substr({LOCAL_DAY}(turns.timestamp), 1, 7), '')",
}
DIMENSIONS = (*OF_KIND, *OF_STREAM, *OF_KEPT_DAY)
UNKNOWN = {name: UNKNOWN_NUMBER if name == "tier" else "" for name in (*DIMENSIONS, "tool", "bucket")}

# Tables with the names that belong to them. The order of joins is that of the words: the first is the one to search.
TURNS = "turns CROSS JOIN streams ON streams.id = turns.stream CROSS JOIN kinds ON kinds.id = streams.kind"
STREAM_TOTALS = (
    "streams CROSS JOIN stream_totals AS sums ON sums.stream = streams.id CROSS JOIN kinds ON kinds.id = streams.kind"
)
OF_KINDS = "{} AS sums CROSS JOIN kinds ON kinds.id = sums.kind"

# Sums over rows of `turns`. A cost is summed in two parts, or the sum would end at 9 million dollars.
_USD, _REST = f"coalesce(sum(cost_pico / {PICO}), 0)", f"coalesce(sum(cost_pico % {PICO}), 0)"
TURN_SUMS = ", ".join((
    "count(*)",
    *(f"coalesce(sum({name}), 0)" for name in COUNTS[1:]),
    f"{_USD} + {_REST} / {PICO}",
    f"{_REST} % {PICO}",
    "coalesce(sum(cost_pico IS NULL), 0)",
    "coalesce(sum(input IS NULL OR output IS NULL), 0)",
))  # fmt: skip

# Sums over rows of a table of sums.
KEPT_SUMS = ", ".join(f"coalesce(sum(sums.{name}), 0)" for name in SUMS)
_USD_AT, _REST_AT = SUMS.index("usd"), SUMS.index("pico")


def totals_of(sums: tuple[int, ...]) -> Totals:
    """Return the totals of columns in the order of `SUMS`."""
    return Totals._make((*sums[:_USD_AT], sums[_USD_AT] * PICO + sums[_REST_AT], *sums[_REST_AT + 1 :]))


def sums_of(totals: Iterable[int]) -> tuple[int, ...]:
    """Return the columns in the order of `SUMS` of what is in the order of `Totals`; a cost may be negative."""
    *counts, cost, unpriced, incomplete = totals
    # The rest is never negative, so that a table can add dollars and rests apart.
    return (*counts, *divmod(cost, PICO), unpriced, incomplete)


def define_functions(connection: sqlite3.Connection, calendar: Calendar) -> None:
    """Define the functions of SQL, with the days of a zone."""
    day = calendar.day
    connection.create_function(LOCAL_DAY, 1, lambda moment: None if moment is None else day(moment))
    connection.create_function(BUCKET, 1, bucket_of)
