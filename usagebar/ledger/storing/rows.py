"""Records of turns as rows, and back.

A row is a plain tuple: the key, the names (what turns of a stream have in common), and what the turn has for itself.
Names are one tuple for all rows that have the same, and are looked at once; whole columns are made at once. Rows can be
compared with those that are stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import PICO
from usagebar.ledger.storing.schema import COUNTS, KIND, STREAM, UNKNOWN_NAME, UNKNOWN_NUMBER
from usagebar.ledger.turns import ESTIMATED, MOST_TOKENS, MOST_USD, REPORTED, TurnRecord

Names = tuple[Any, ...]  # KIND and STREAM, unknown ones as they are stored
Row = tuple[Any, ...]  # key, names, OWN

# Times outside are of a clock that is wrong, and no day could be told everywhere: none. The last is 9999-12-30.
LAST_TIME = 253_402_128_000_000
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
        _expect(name, [value], {bool, _NONE})
        return UNKNOWN_NUMBER if value is None else int(value)
    if name == "long_context":
        _expect(name, [value], {int, _NONE}, MOST_TOKENS)
        return UNKNOWN_NUMBER if value is None else value
    _expect(name, [value], {str} if name == "runtime" else {str, _NONE})
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


def tools_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """Return the tool calls of a row."""
    return () if text is None else tuple((call, name) for call, name in json.loads(text))


def tool_names(text: str) -> list[str]:
    """Return the names of the tool calls of a row, as they can be stored."""
    if "\\" in text:
        return [storable(name) for _, name in tools_of(text)]
    # `[["id","name"],["id","name"]]` without escapes: every fourth part from the first name on, which is far faster.
    return text.split('"')[3::4]


def storable(text: str) -> str:
    """Return a text as SQLite can hold it: with U+FFFD in place of half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def _check(columns: Sequence[Sequence[Any]]) -> None:
    _expect("key", columns[_KEY], {bytes})
    for index in _COUNTED:
        _expect(TurnRecord._fields[index], columns[index], {int, _NONE}, MOST_TOKENS)
    _expect("timestamp", columns[_TIME], {int, _NONE})
    _expect("cost_usd", columns[_COST], {float, int, _NONE}, MOST_USD)


def _expect(name: str, column: Sequence[Any], types: set[type], most: float | None = None) -> None:
    if not types.issuperset(map(type, column)):
        index = next(index for index, value in enumerate(column) if type(value) not in types)
        raise _wrong(name, index, " or ".join(sorted(_name_of(each) for each in types)), column[index])
    # Zeros are left out with what is unknown. Of a NaN the smallest and the largest may know nothing, but the sum does.
    known = list(filter(None, column)) if most is not None else []
    if known and not (min(known) >= 0 and max(known) <= most and sum(known) >= 0):
        index = next(i for i, value in enumerate(column) if value is not None and not 0 <= value <= most)
        raise _wrong(name, index, f"a number from 0 to {most:.0f}", column[index])


def _name_of(kind: type) -> str:
    return "None" if kind is _NONE else kind.__name__


def _wrong(name: str, index: int | None, expected: str, found: object) -> LedgerError:
    place = name if index is None else f"turn {index}: {name}"
    return LedgerError(f"{place}: expected {expected}, found {found!r:.80}")
