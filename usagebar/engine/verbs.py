"""The verbs: one table, each with its parameters as data, checked once when a template is compiled.

`bind` turns a call into a `Step`: a function from value to value (see `values`), and sometimes a `Quick`, the same
result as an inline expression for the type of value that is met most. A call whose arguments are wrong becomes the step
that the language prescribes for it (`""`; for `alias` the value unchanged), so nothing is looked at twice while
rendering.
"""

from __future__ import annotations

from usagebar.engine import steps
from usagebar.engine.steps import Step
from usagebar.engine.values import exact, readable, trim
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeAlias

    from usagebar.engine.expression import Argument, Call
    from usagebar.engine.steps import Glyphs
    from usagebar.engine.values import Value

    Example: TypeAlias = tuple[Any, str, str]  # value, calls, result

LONGEST_SHOWN = 60  # characters of an argument in a message
LONGEST_INTEGER_ARGUMENT = 9  # digits; far beyond every range, far below what int() refuses


class Scope(Record):
    """What the arguments of a template's verbs may name."""

    scales: Mapping[str, Glyphs]
    aliases: Mapping[str, Mapping[str, str]]


class BadArgument(ValueError):  # noqa: N818 - a finding, not a failure
    """An argument that its verb cannot use; `code` is the finding's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _shown(argument: str | None) -> str:
    """Return an argument as a message names it."""
    if argument is None:
        return "none"
    if not argument:
        return "an empty one"
    return f"`{argument}`" if len(argument) <= LONGEST_SHOWN else f"`{argument[:LONGEST_SHOWN]}…`"


class Integer(Record):
    """A whole number argument between `low` and `high`; absent it is `default`, and also blank if `blank`."""

    name: str
    low: int
    high: int
    default: int
    blank: bool = False
    summary: str = ""
    kind: ClassVar[str] = "integer"

    def read(self, argument: str | None, _scope: Scope) -> int:
        """Return the number an argument gives."""
        if argument is None or (self.blank and not trim(argument)):
            return self.default
        found = _integer(argument)
        if found is None or not self.low <= found <= self.high:
            expected = f"expected an integer from {self.low} to {self.high}"
            raise BadArgument("bad-argument", f"{expected}, found {_shown(argument)}")
        return found


class ScaleName(Record):
    """The name of a scale with two glyphs or more."""

    name: str
    summary: str = ""
    kind: ClassVar[str] = "scale"

    def read(self, argument: str | None, scope: Scope) -> Glyphs:
        """Return the scale's glyphs."""
        if argument is None or argument not in scope.scales:
            raise BadArgument("unknown-scale", f"expected the name of a scale, found {_shown(argument)}")
        glyphs = scope.scales[argument]
        if len(glyphs) < 2:
            raise BadArgument("short-scale", f"expected a scale of two glyphs or more, found {len(glyphs)}")
        return glyphs


class TableName(Record):
    """The name of an alias table."""

    name: str
    summary: str = ""
    kind: ClassVar[str] = "table"

    def read(self, argument: str | None, scope: Scope) -> Mapping[str, str]:
        """Return the table."""
        if argument is None or argument not in scope.aliases:
            raise BadArgument("unknown-alias-table", f"expected the name of an alias table, found {_shown(argument)}")
        return scope.aliases[argument]


class Verb(Record):
    """A verb of the language: `make` gives its step from the arguments as its parameters read them."""

    name: str
    parameters: tuple[Integer | ScaleName | TableName, ...]
    make: Callable[..., Step]
    summary: str
    broken: Step  # what a call with arguments it cannot use does
    rule: str
    examples: tuple[Example, ...]  # by the scales and tables of the built-in template
    is_custom: ClassVar[bool] = False

    @property
    def call(self) -> str:
        """How it is called: `meter:WIDTH:SCALE`."""
        return ":".join([self.name, *(parameter.name.upper() for parameter in self.parameters)])

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
            return steps.NOTHING

        def run(value: Value) -> Value:
            try:
                known = readable(self.function(exact(value) if isinstance(value, str) else value, *given))
            except Exception as error:
                self.failed(self.name, error)
                raise VerbFailed from error
            return "" if known is None else known

        return Step(run, is_custom=True)


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


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "num",
            (),
            steps.num,
            "a count in short: 999, 3.0k, 272k",
            steps.NOTHING,
            "Below 1000 in size the integer part; from 1000 the thousands and `k`, with one decimal while they are "
            "below 10 and rounded from there on. What is no finite number gives nothing.",
            (
                (0, "num", "0"),
                (999.9, "num", "999"),
                (3000, "num", "3.0k"),
                (9950, "num", "9.9k"),
                (9999, "num", "10.0k"),
                (10500, "num", "11k"),
                (-10500, "num", "-10k"),
                (1000000, "num", "1000k"),
                ("12 tokens", "num", ""),
            ),
        ),
        Verb(
            "fixed",
            (Integer("decimals", 0, 100, default=2, summary="how many decimals"),),
            steps.fixed,
            "so many decimals, half away from zero",
            steps.NOTHING,
            "So many decimals, rounded half away from zero on the exact binary value. What is no finite number gives "
            "nothing.",
            (
                (0.03771985, "fixed:4", "0.0377"),
                (0.5, "fixed:0", "1"),
                (2.5, "fixed:0", "3"),
                (0, "fixed", "0.00"),
                (-0.001, "fixed:2", "-0.00"),
                (1.5, "fixed:2.5", ""),
            ),
        ),
        Verb(
            "dur",
            (),
            steps.dur,
            "seconds in short: 33m, 4h07m, 5.2d",
            steps.NOTHING,
            "Seconds, truncated, at least 0: from a day on days with one decimal and `d`, from an hour on `XhMMm`, "
            "below it `Xm`. What is no finite number gives nothing.",
            (
                (59, "dur", "0m"),
                (1980, "dur", "33m"),
                (14820, "dur", "4h07m"),
                (86399, "dur", "23h59m"),
                (449280, "dur", "5.2d"),
                (-5, "dur", "0m"),
            ),
        ),
        Verb(
            "pct",
            (),
            steps.pct,
            "rounded, with a percent sign",
            steps.NOTHING,
            "Rounded to a whole number, halves up, and `%`; not clamped. What is no finite number gives nothing.",
            (
                (96, "pct", "96%"),
                (150.4, "pct", "150%"),
                (2.5, "pct", "3%"),
                (-2.5, "pct", "-2%"),
            ),
        ),
        Verb(
            "inv",
            (),
            steps.inv,
            "100 minus the value, clamped to 0..100",
            steps.NOTHING,
            "100 minus the value clamped to 0..100; the result is a number, for the next verb. What is no number stays "
            "as it is.",
            (
                (75, "inv", "25"),
                (130, "inv", "0"),
                (91, "inv|pct", "9%"),
                ("unlimited", "inv", "unlimited"),
            ),
        ),
        Verb(
            "alias",
            (TableName("table", summary="the name of a table in `aliases`"),),
            steps.alias,
            "the label a table has for the value",
            steps.UNCHANGED,
            "The label that the table has for the value's text, else for its lower case, else the value unchanged; "
            "unchanged too if there is no such table.",
            (
                ("claude-opus-4-8", "alias:models", "opus48"),
                ("Claude-Opus-4-8", "alias:models", "opus48"),
                ("qwen3:32b", "alias:models", "qwen3:32b"),
                ("high", "alias:reasoning", "🌕"),
                ("high", "alias:effort", "high"),
            ),
        ),
        Verb(
            "meter",
            (
                Integer("width", 1, 100, default=5, blank=True, summary="how many cells"),
                ScaleName("scale", summary="the name of a scale of two glyphs or more"),
            ),
            steps.meter,
            "a bar of so many cells over 0..100",
            steps.NOTHING,
            "Of the value clamped to 0..100, whole cells take the scale's last glyph, the next cell takes the glyph "
            "nearest to what is left over, the rest the first glyph. A width or scale it cannot use gives nothing; "
            "what is no number counts as 0.",
            (
                (75, "meter:5:braille", "⣿⣿⣿⣧⠐"),
                (0, "meter:1:moon", "🌑"),
                (50, "meter:1:moon", "🌗"),
                (100, "meter:1:moon", "🌕"),
                (113, "meter:4:shade", "████"),
                (50, "meter::shade", "██▓░░"),
                (50, "meter:0:shade", ""),
                (50, "meter:5:nosuch", ""),
            ),
        ),
    )
}
