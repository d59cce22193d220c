"""Records of turns as rows, and back.

A row is a plain tuple: the key, the names (what turns of a stream have in common), and what the turn has for itself.
Names are one tuple for all rows that have the same, and are looked at once; whole columns are made at once. Rows can be
compared with those that are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import PICO
from usagebar.ledger.storing.calendar import LAST_TIME
from usagebar.ledger.storing.schema import COUNTS, KIND, STREAM, UNKNOWN_NAME, UNKNOWN_NUMBER
from usagebar.ledger.storing.texts import storable, tools_of
from usagebar.ledger.turns import ESTIMATED, MOST_TOKENS, MOST_USD, REPORTED, TurnRecord

Names = tuple[Any, ...]  # KIND and STREAM, unknown ones as they are stored
Row = tuple[Any, ...]  # key, names, OWN

# From here on a double cannot tell picodollars: the cost is kept in nanodollars, and stays the same to and fro.
_COARSE_USD = 1000.0

_FIELD = {field: index for index, field in enumerate(TurnRecord._fields)}
_NAMES = (*KIND, *STREAM)
_NAME_AT = {name: index for index, name in enumerate(_NAMES)}
_RAW_NAMES = [_FIELD[name] for name in _NAMES]
_COUNTED = [_FIELD[name] for name in (*COUNTS[1:], "latency_ms")]
_KEY, _TIME, _COST, _TOOLS = (_FIELD[name] for name in ("key", "timestamp", "cost_usd", "tools"))
_FLAGS = ("fast", "batch", "sidechain")  # the last of the names
_SOURCE, _PRICES = _NAME_AT["cost_source"], _NAME_AT["prices"]
_FLAT = ("key", *_NAMES, "timestamp", *COUNTS[1:], "latency_ms", "cost_usd", "tools")
_AS_RECORD = itemgetter(*(_FLAT.index(field) for field in TurnRecord._fields))
_NONE = type(None)
_INT_OR_NONE: set[type] = {int, _NONE}
_AGENT, _ORIGIN = _NAME_AT["agent_id"], _NAME_AT["origin"]
RUNTIME, SESSION = _NAME_AT["runtime"], _NAME_AT["session_id"]


def rows_of(turns: Sequence[TurnRecord]) -> list[Row]:
    """Return the rows of turns, in their order.

    An empty name is unknown, and so is a time that cannot be; half a surrogate pair in a text is replaced.

    Raises:
        LedgerError: a field is of a wrong type or out of its range.
    """
    if not turns:
        return []
    columns: list[Any] = list(zip(*turns, strict=True))
    _check(columns)
    if len(_STORED_NAMES) > _MOST_NAMES:
        _STORED_NAMES.clear()
    costs = [None if usd is None else picodollars(usd) for usd in columns[_COST]]
    raw = zip([cost is None for cost in costs], *(columns[index] for index in _RAW_NAMES), strict=True)
    times = [None if time is None or not 0 <= time <= LAST_TIME else time for time in columns[_TIME]]
    try:
        names = [_STORED_NAMES[each] for each in raw]
        tools = [_text_of(calls) if calls else None for calls in columns[_TOOLS]]
    except LedgerError:
        raise
    except (TypeError, ValueError) as error:
        # What has no hash is no name, what is no pair of texts no call.
        raise LedgerError(f"expected names as texts, and tool calls as pairs of texts: {error}") from error
    return list(zip(columns[_KEY], names, times, *(columns[at] for at in _COUNTED), costs, tools, strict=True))


class _StoredNames(dict[tuple[Any, ...], Names]):
    """Names as they are stored, by whether the cost is unknown and the fields as they came."""

    def __missing__(self, raw: tuple[Any, ...]) -> Names:
        is_unpriced, *values = raw
        found = [_stored_name(name, value) for name, value in zip(_NAMES, values, strict=True)]
        if is_unpriced:
            found[_SOURCE] = found[_PRICES] = UNKNOWN_NAME
        elif found[_SOURCE] != REPORTED:
            found[_SOURCE] = ESTIMATED
        self[raw] = names = tuple(found)
        return names


# They are the same again in the next batch.
_STORED_NAMES = _StoredNames()
_MOST_NAMES = 20_000


def _stored_name(name: str, value: Any) -> Any:
    if name in _FLAGS:
        _expect_one(name, value, {bool, _NONE})
        return UNKNOWN_NUMBER if value is None else int(value)
    if name == "long_context":
        _expect_one(name, value, _INT_OR_NONE)
        if value is not None and not 0 <= value <= MOST_TOKENS:
            raise _wrong(name, _in_range(MOST_TOKENS), value)
        return UNKNOWN_NUMBER if value is None else value
    _expect_one(name, value, {str} if name == "runtime" else {str, _NONE})
    return UNKNOWN_NAME if value is None else storable(value)


def picodollars(usd: float) -> int:
    """Return US dollars in picodollars, such that `picodollars(n / PICO)` is `n` again for every result `n`."""
    return round(usd * PICO) if usd < _COARSE_USD else round(usd * 1e9) * 1000


def turn_of(row: Row) -> TurnRecord:
    """Return the record of a row."""
    key, names, *own, cost, tools = row
    known = [None if name in (UNKNOWN_NAME, UNKNOWN_NUMBER) else name for name in names[: -len(_FLAGS)]]
    flags = [None if flag == UNKNOWN_NUMBER else flag != 0 for flag in names[-len(_FLAGS) :]]
    flat = (key, *known, *flags, *own, None if cost is None else cost / PICO, tools_of(tools))
    return TurnRecord._make(_AS_RECORD(flat))


def with_attribution(names: Names, agent: str, origin: str) -> Names:
    """Return the names of a turn of which a copy has another agent and origin: of two the greater, as in `merged`."""
    best = max(names[_AGENT], agent), max(names[_ORIGIN], origin)
    if best == (names[_AGENT], names[_ORIGIN]):
        return names
    changed = list(names)
    changed[_AGENT], changed[_ORIGIN] = best
    return tuple(changed)


def _text_of(tools: Iterable[tuple[str, str]]) -> str:
    """Return tool calls as JSON, in ASCII."""
    quoted = encode_basestring_ascii
    return f"[{','.join([f'[{quoted(call)},{quoted(name)}]' for call, name in tools])}]"


def _check(columns: Sequence[Sequence[Any]]) -> None:
    counts = list(chain.from_iterable(columns[index] for index in _COUNTED))
    if not (_INT_OR_NONE.issuperset(map(type, counts)) and _are_in_range(counts, MOST_TOKENS)):
        for index in _COUNTED:
            _expect(TurnRecord._fields[index], columns[index], _INT_OR_NONE, MOST_TOKENS)
    _expect("key", columns[_KEY], {bytes})
    _expect("timestamp", columns[_TIME], _INT_OR_NONE)
    _expect("cost_usd", columns[_COST], {float, int, _NONE}, MOST_USD)


def _are_in_range(column: Iterable[Any], most: float) -> bool:
    # Zeros are left out with what is unknown. Of a NaN the smallest and the largest may know nothing, but the sum does.
    known = list(filter(None, column))
    return not known or (min(known) >= 0 and max(known) <= most and sum(known) >= 0)


def _expect(name: str, column: Sequence[Any], types: set[type], most: float | None = None) -> None:
    if not types.issuperset(map(type, column)):
        index = next(index for index, value in enumerate(column) if type(value) not in types)
        _expect_one(f"turn {index}: {name}", column[index], types)
    if most is not None and not _are_in_range(column, most):
        index = next(i for i, value in enumerate(column) if value is not None and not 0 <= value <= most)
        raise _wrong(f"turn {index}: {name}", _in_range(most), column[index])


def _expect_one(place: str, value: object, types: set[type]) -> None:
    if type(value) not in types:
        names = sorted("None" if kind is _NONE else kind.__name__ for kind in types)
        raise _wrong(place, " or ".join(names), value)


def _in_range(most: float) -> str:
    return f"a number from 0 to {most:.0f}"


def _wrong(place: str, expected: str, found: object) -> LedgerError:
    return LedgerError(f"{place}: expected {expected}, found {found!r:.80}")
