"""What each verb does: a function from value to value (see `values`) for arguments that are already read."""

from __future__ import annotations

from usagebar.engine.values import (
    EXPONENT_FORM_FROM,
    fixed_text,
    number,
    number_text,
    round_half_up,
    text_of,
)
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from usagebar.engine.values import Value

    Function: TypeAlias = Callable[[Value], Value]
    Glyphs: TypeAlias = tuple[str, ...]

SECONDS_A_DAY = 86400
SECONDS_AN_HOUR = 3600
QUICK_INTEGER = 2**30 - 1  # what CPython compares fastest; larger ones take the whole rule

# The largest double below one half. For x >= 0, floor(x + this) rounds half up: x + 0.5 is itself rounded, and would
# take 0.49999999999999994 to 1.
HALF = 0.49999999999999994


class Quick(Record):
    """A result as source for one type of value: in `test` and `code`, `@` is the value and `#` is `bound`."""

    test: str
    code: str
    bound: Any = None


class Step(Record):
    """A call ready to run."""

    run: Function
    quick: Quick | None = None
    is_custom: bool = False  # what it returns is a caller's, not the language's


NOTHING = Step(lambda _value: "")
UNCHANGED = Step(lambda value: value)
_SMALL_INT = f"type(@) is int and -{QUICK_INTEGER} <= @ <= {QUICK_INTEGER}"


def _of_number(text: Callable[[float], Value]) -> Function:
    """Lift a rule for numbers to values: what is no number, `""` included, gives `""`."""

    def run(value: Value) -> Value:
        known = number(value)
        return "" if known is None else text(known)

    return run


def count_text(value: float) -> str:
    """Return a count in short: 999, 3.0k, 272k."""
    if abs(value) < 1000:
        return number_text(int(value))
    thousands = value / 1000
    if abs(thousands) < 10:
        return fixed_text(thousands, 1) + "k"
    return number_text(round_half_up(thousands)) + "k"


def _count_of_int(value: int) -> str:
    """Return `count_text` of a small integer, without its detours."""
    if value >= 10_000:
        return f"{(value + 500) // 1000}k"
    if -1000 < value < 1000:
        return str(value)
    thousands = value / 1000
    if thousands > 0 and thousands * 4.0 % 2.0 != 1.0:
        return f"{thousands:.1f}k"
    return count_text(value)


def duration_text(value: float) -> str:
    """Return seconds in short: 33m, 4h07m, 5.2d."""
    seconds = max(0, int(value))
    if seconds >= SECONDS_A_DAY:
        return fixed_text(seconds / SECONDS_A_DAY, 1) + "d"
    hours, rest = divmod(seconds, SECONDS_AN_HOUR)
    return f"{hours}h{rest // 60:02d}m" if hours else f"{rest // 60}m"


def percent_text(value: float) -> str:
    """Return a percentage, rounded and not clamped."""
    return number_text(round_half_up(value)) + "%"


def num() -> Step:
    """Return the step of `num`."""
    return Step(_of_number(count_text), Quick(_SMALL_INT, "#(@)", _count_of_int))


def fixed(decimals: int) -> Step:
    """Return the step of `fixed`."""
    exact = f"type(@) is float and -{EXPONENT_FORM_FROM} < @ < {EXPONENT_FORM_FROM}"
    no_tie = f"@ * {2.0 ** (decimals + 1)!r} % 2.0 != 1.0"
    quick = Quick(f"{exact} and {no_tie}", f"f'{{@ + 0.0:.{decimals}f}}'")
    return Step(_of_number(lambda value: fixed_text(value, decimals)), quick)


def dur() -> Step:
    """Return the step of `dur`."""
    return Step(_of_number(duration_text))


def pct() -> Step:
    """Return the step of `pct`."""
    return Step(_of_number(percent_text), Quick(_SMALL_INT, "f'{@}%'"))


def inv() -> Step:
    """Return the step of `inv`."""

    def run(value: Value) -> Value:
        known = number(value)
        return value if known is None else 100.0 - _clamped(known)

    return Step(run)


def alias(table: Mapping[str, str]) -> Step:
    """Return the step of `alias` with this table."""

    def run(value: Value) -> Value:
        key = text_of(value)
        label = table.get(key)
        if label is None:
            label = table.get(key.lower())
        return value if label is None else label

    # An empty value is absent, whatever the table says of it.
    hits = {key: label for key, label in table.items() if key}
    return Step(run, Quick("type(@) is str and @ in #", "#[@]", hits))


def meter(width: int, glyphs: Glyphs) -> Step:
    """Return the step of `meter` with these glyphs, two or more."""
    first, last, top = glyphs[0], glyphs[-1], len(glyphs) - 1

    def cells(percent: float) -> str:
        total = percent / 100 * width
        whole = int(total)
        if whole >= width:
            return last * width
        glyph = glyphs[int((total - whole) * top + HALF)]
        return last * whole + glyph + first * (width - whole - 1)

    def run(value: Value) -> Value:
        return cells(_clamped(number(value) or 0.0))

    return Step(run, Quick("(type(@) is int or type(@) is float) and 0 <= @ <= 100", "#(@)", cells))


def _clamped(value: float) -> float:
    return min(100.0, max(0.0, value))
