"""What turns would have cost with another model: `--as-model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.dimensions import BLOCKS, value_of
from usagebar.cli.usages.rows import Compared, Rows
from usagebar.cli.usages.windows import near, window_of
from usagebar.diagnostics import visible
from usagebar.ledger.figures import PICO
from usagebar.ledger.turns import API, TurnRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Row
    from usagebar.ledger.costs import Pricer
    from usagebar.ledger.storing.database import Database

    Key = tuple[str | int | None, ...]
    KeysOf = Callable[[TurnRecord], Iterable[Key]]

# A turn that any model has a price of which any is known.
_PLAIN = TurnRecord(b"", API, input=1, output=1)


def compared(database: Database, request: Request, found: Rows, model: str) -> Rows:
    """Return rows with what their turns would have cost with a model, and a note if no price of it is known.

    Raises:
        PriceError: the prices that are configured cannot be read.
    """
    from usagebar.ledger.costs import Pricer  # noqa: PLC0415 - only to compare

    pricer = Pricer.of(database)
    sums: dict[Key, Compared] = {}
    whole = Compared()
    keys_of = _keys_of(request, found)
    for chosen in (near(request) if request.report == BLOCKS else request).filters:
        for turn in database.turns(chosen):
            keys = keys_of(turn)
            # All turns of a report count but those in no block; a turn that calls no tool is in no row.
            one = _one(pricer.cost_as(turn, model)) if keys or request.report != BLOCKS else Compared()
            whole = whole.plus(one)
            for key in keys:
                sums[key] = sums.get(key, Compared()).plus(one)
    pricer.remember(database)
    rows = [row._replace(compared=sums.get(_key(row), Compared())) for row in found.rows]
    return found._replace(rows=rows, compared=whole, notes=(*found.notes, *_note(pricer, model, whole)))


def _note(pricer: Pricer, model: str, whole: Compared) -> Iterator[str]:
    if whole.turns and whole.known is None and pricer.cost_as(_PLAIN, model) is None:
        yield f"no price of model {visible(model)} is known"


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
    start_of = window_of(found.rows)

    def keys(turn: TurnRecord) -> list[Key]:
        start = start_of(turn)
        return [] if start is None else [(start, *values(turn))]

    return keys
