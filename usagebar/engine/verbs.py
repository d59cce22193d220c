"""The verbs: one table, each with its parameters as data, checked once when a template is compiled.

`bind` turns a call into a `Step`: a function from value to value (see `values`), and sometimes a `Quick`, the same
result as an inline expression for the type of value that is met most. A call whose arguments are wrong becomes the step
that the language prescribes for it (`""`; for `alias` the value unchanged), so nothing is looked at twice while
rendering.
"""

from __future__ import annotations

from usagebar.engine.values import (
    EXPONENT_FORM_FROM,
    fixed_text,
    number,
    number_text,
    readable,
    round_half_up,
    text_of,
    trim,
)
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeAlias

    from usagebar.engine.expression import Argument, Call
    from usagebar.engine.values import Value

    Function: TypeAlias = Callable[[Value], Value]
    Glyphs: TypeAlias = tuple[str, ...]

SECONDS_A_DAY = 86400
SECONDS_AN_HOUR = 3600
QUICK_INTEGER = 2**30 - 1  # what CPython compares fastest; larger ones take the whole rule
LONGEST_INTEGER_ARGUMENT = 9  # digits; far beyond every range, far below what int() refuses

# The largest double below one half. For x >= 0, floor(x + this) rounds half up: x + 0.5 is itself rounded, and would
# take 0.49999999999999994 to 1.
HALF = 0.49999999999999994


class Scope(Record):
    """What the arguments of a template's verbs may name."""

    scales: Mapping[str, Glyphs]
    aliases: Mapping[str, Mapping[str, str]]


class BadArgument(ValueError):  # noqa: N818 - a finding, not a failure
    """An argument that its verb cannot use; `code` is the finding's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Quick(Record):
    """A result as source for one type of value: in `test` and `code`, `@` is the value and `#` is `bound`."""

    test: str
    code: str
    bound: Any = None


class Step(Record):
    """A call ready to run."""

    run: Function
    quick: Quick | None = None


class Integer(Record):
    """A whole number argument between `low` and `high`; absent it is `default`, and also blank if `blank`."""

    name: str
    low: int
    high: int
    default: int
    blank: bool = False

    def read(self, argument: str | None, _scope: Scope) -> int:
        """Return the number an argument gives."""
        if argument is None or (self.blank and not trim(argument)):
            return self.default
        found = _integer(argument)
        if found is None or not self.low <= found <= self.high:
            expected = f"expected an integer from {self.low} to {self.high}"
            raise BadArgument("bad-argument", f"{expected}, found {argument!r}")
        return found


class ScaleName(Record):
    """The name of a scale with two glyphs or more."""

    name: str

    def read(self, argument: str | None, scope: Scope) -> Glyphs:
        """Return the scale's glyphs."""
        if argument is None or argument not in scope.scales:
            raise BadArgument("unknown-scale", f"expected the name of a scale, found {argument or 'none'!r}")
        glyphs = scope.scales[argument]
        if len(glyphs) < 2:
            raise BadArgument("short-scale", f"expected a scale of two glyphs or more, found {len(glyphs)}")
        return glyphs


class TableName(Record):
    """The name of an alias table."""

    name: str

    def read(self, argument: str | None, scope: Scope) -> Mapping[str, str]:
        """Return the table."""
        if argument is None or argument not in scope.aliases:
            raise BadArgument("unknown-alias-table", f"expected an alias table, found {argument or 'none'!r}")
        return scope.aliases[argument]


class Verb(Record):
    """A verb of the language: `make` gives its step from the arguments as its parameters read them."""

    name: str
    parameters: tuple[Integer | ScaleName | TableName, ...]
    make: Callable[..., Step]
    summary: str
    broken: Step  # what a call with arguments it cannot use does
    is_custom: ClassVar[bool] = False

    def bind(self, arguments: tuple[Argument, ...], scope: Scope) -> Step:
        """Return the step of a call with these arguments; surplus ones are ignored."""
        given = [argument.text for argument in arguments]
        missing = [None] * (len(self.parameters) - len(given))
        try:
            read = [p.read(text, scope) for p, text in zip(self.parameters, [*given, *missing], strict=False)]
        except BadArgument:
            return self.broken
        return self.make(*read)


class VerbFailed(Exception):  # noqa: N818 - caught by the piece that called the verb
    """A custom verb raised; its piece is dropped."""


class CustomVerb(Record):
    """A caller's own verb: `function(value, *args: str)`, which takes between `least` and `most` arguments."""

    name: str
    function: Callable[..., Any]
    least: int
    most: int | None
    failed: Callable[[str, Exception], None]  # told about each failure
    is_custom: ClassVar[bool] = True

    def bind(self, arguments: tuple[Argument, ...], _scope: Scope) -> Step:
        """Return the step of a call; too few arguments give `""`, surplus ones are ignored."""
        given = [argument.text for argument in arguments][: self.most]
        if len(given) < self.least:
            return _NOTHING

        def run(value: Value) -> Value:
            try:
                known = readable(self.function(value, *given))
            except Exception as error:
                self.failed(self.name, error)
                raise VerbFailed from error
            return "" if known is None else known

        return Step(run)


def bind(call: Call, verbs: Mapping[str, Verb | CustomVerb], scope: Scope) -> Step:
    """Return the step of a parsed call."""
    return verbs[call.verb].bind(call.arguments, scope)


def _integer(argument: str) -> int | None:
    text = trim(argument)
    digits = text[1:] if text[:1] in ("+", "-") else text
    significant = digits.lstrip("0")  # int() refuses thousands of digits, also of zeros
    if not (digits.isascii() and digits.isdigit()) or len(significant) > LONGEST_INTEGER_ARGUMENT:
        return None
    size = int(significant or "0")
    return -size if text.startswith("-") else size


_NOTHING = Step(lambda _value: "")
_UNCHANGED = Step(lambda value: value)
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


def _num() -> Step:
    return Step(_of_number(count_text), Quick(_SMALL_INT, "#(@)", _count_of_int))


def _fixed(decimals: int) -> Step:
    exact = f"type(@) is float and -{EXPONENT_FORM_FROM} < @ < {EXPONENT_FORM_FROM}"
    no_tie = f"@ * {2.0 ** (decimals + 1)!r} % 2.0 != 1.0"
    quick = Quick(f"{exact} and {no_tie}", f"f'{{@ + 0.0:.{decimals}f}}'")
    return Step(_of_number(lambda value: fixed_text(value, decimals)), quick)


def _dur() -> Step:
    return Step(_of_number(duration_text))


def _pct() -> Step:
    return Step(_of_number(percent_text), Quick(_SMALL_INT, "f'{@}%'"))


def _inv() -> Step:
    def run(value: Value) -> Value:
        known = number(value)
        return value if known is None else 100.0 - _clamped(known)

    return Step(run)


def _alias(table: Mapping[str, str]) -> Step:
    def run(value: Value) -> Value:
        key = text_of(value)
        label = table.get(key)
        if label is None:
            label = table.get(key.lower())
        return value if label is None else label

    # An empty value is absent, whatever the table says of it.
    hits = {key: label for key, label in table.items() if key}
    return Step(run, Quick("type(@) is str and @ in #", "#[@]", hits))


def _meter(width: int, glyphs: Glyphs) -> Step:
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


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("num", (), _num, "a count in short: 999, 3.0k, 272k", _NOTHING),
        Verb(
            "fixed",
            (Integer("decimals", 0, 100, default=2),),
            _fixed,
            "so many decimals, half away from zero",
            _NOTHING,
        ),
        Verb("dur", (), _dur, "seconds in short: 33m, 4h07m, 5.2d", _NOTHING),
        Verb("pct", (), _pct, "rounded, with a percent sign", _NOTHING),
        Verb("inv", (), _inv, "100 minus the value, clamped to 0..100", _NOTHING),
        Verb("alias", (TableName("table"),), _alias, "the label a table has for the value", _UNCHANGED),
        Verb(
            "meter",
            (Integer("width", 1, 100, default=5, blank=True), ScaleName("scale")),
            _meter,
            "a bar of so many cells over 0..100",
            _NOTHING,
        ),
    )
}
