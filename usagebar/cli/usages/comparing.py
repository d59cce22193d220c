"""What turns would have cost with another model: `--as-model`."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from usagebar.cli.usages.dimensions import BLOCKS, value_of
from usagebar.cli.usages.rows import Compared, Rows
from usagebar.ledger.blocks import LENGTH, Window
from usagebar.ledger.figures import PICO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Row
    from usagebar.ledger.storing.database import Database
    from usagebar.ledger.turns import TurnRecord

    Key = tuple[str | int | None, ...]
    KeysOf = Callable[[TurnRecord], Iterable[Key]]


def compared(database: Database, request: Request, found: Rows, model: str) -> Rows:
    """Return rows with what their turns would have cost with a model.

    Raises:
        PriceError: the prices that are configured cannot be read.
    """
    from usagebar.ledger.costs import Pricer  # noqa: PLC0415 - only to compare

    pricer = Pricer.of(database)
    sums: dict[Key, Compared] = {}
    whole = Compared()
    keys_of = _keys_of(request, found)
    for chosen in request.filters:
        for turn in database.turns(chosen):
            keys = keys_of(turn)
            one = _one(pricer.cost_as(turn, model)) if keys else Compared()
            whole = whole.plus(one)
            for key in keys:
                sums[key] = sums.get(key, Compared()).plus(one)
    pricer.remember(database)
    rows = [row._replace(compared=sums.get(_key(row), Compared())) for row in found.rows]
    return found._replace(rows=rows, compared=whole)


def _one(usd: float | None) -> Compared:
    return Compared(1, 0, 1) if usd is None else Compared(1, round(usd * PICO), 0)


def _key(row: Row) -> Key:
    """Return what tells a row from the others: its values, behind the runtime of a session or the start of a window."""
    source = row.source
    own = [getattr(source, name) for name in ("runtime", "start") if hasattr(source, name)]
    return (*own, *row.values)


def _keys_of(request: Request, found: Rows) -> Callable[[TurnRecord], list[Key]]:
    """Return the function that tells the rows of a turn: one, those of its tools, or none behind the last window."""
    functions = [value_of(dimension, request.chosen.zone) for dimension in request.dimensions if dimension != "tool"]

    def values(turn: TurnRecord) -> Key:
        return tuple([function(turn) for function in functions])

    if request.report == BLOCKS:
        return _in_windows(found, values)
    if request.report == "sessions":
        return lambda turn: [(turn.runtime, *values(turn))]
    if request.report == "tools":
        return lambda turn: [(name, *values(turn)) for name in {name for _, name in turn.tools}]
    return lambda turn: [values(turn)]


def _in_windows(found: Rows, values: Callable[[TurnRecord], Key]) -> Callable[[TurnRecord], list[Key]]:
    begun = sorted({row.source.start for row in found.rows if isinstance(row.source, Window)})

    def keys(turn: TurnRecord) -> list[Key]:
        at = -1 if turn.timestamp is None else bisect_right(begun, turn.timestamp) - 1
        if at < 0 or turn.timestamp is None or turn.timestamp >= begun[at] + LENGTH:
            return []
        return [(begun[at], *values(turn))]

    return keys
