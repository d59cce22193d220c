"""Numbers, text and rounding exactly as the template language has them: the one place that knows.

The language was born in JavaScript: every number is a double, `round` goes half up, decimals go half away from zero,
and numbers print in the shortest form that reads back. Python differs in each of these, so nothing outside this module
converts, rounds or prints a number.

A *value* here is what an expression may work on: an exact `str`, a `bool`, a finite `float`, or an `int` within
`±SAFE_INTEGER` (where int and double agree). `readable` turns anything a contract may hold into one, or into None.
"""

from __future__ import annotations

import sys
from _collections_abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Value: TypeAlias = str | bool | int | float

SAFE_INTEGER = 2**53 - 1
EXPONENT_FORM_FROM = 1e21
LARGEST = sys.float_info.max

# What JavaScript trims. Python's own strip() also takes U+001C..U+001F and U+0085 and leaves U+FEFF.
WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

# A str subclass may print, hash or compare as it likes (an enum's member does): its plain text is what counts.
exact = str.__str__

_EMPTY: dict[str, Any] = {}


def trim(text: str) -> str:
    """Return `text` without white space at its ends, white space being JavaScript's set."""
    return text.strip(WHITE_SPACE)


def as_object(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one: a step into anything else finds nothing."""
    return value if isinstance(value, Mapping) else _EMPTY


def is_kept(value: Any) -> bool:
    """Tell whether a `when` on this value keeps its piece: all but absent, null, `false` and `""`."""
    if value is None or value is False:
        return False
    return not (isinstance(value, str) and not value)


def readable(value: Any) -> Value | None:
    """Return what an expression works on for a contract's value; None where it has no text (a list, NaN, None, …)."""
    if isinstance(value, str):
        return exact(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return int(value)
    return finite_double(value)


def finite_double(value: Any) -> float | None:
    """Return an int, float or Decimal as a double; None if it is none of these, NaN, or too large."""
    if not isinstance(value, (int, float)) and not _is_decimal(value):
        return None
    try:
        double = float(value)
    except (OverflowError, ValueError):  # an int beyond the doubles; a signalling NaN
        return None
    return double if -LARGEST <= double <= LARGEST else None  # neither infinite nor NaN


def _is_decimal(value: object) -> bool:
    # A process that never imported `decimal` holds no Decimal: no reason to import it for the question.
    module = sys.modules.get("decimal")
    return module is not None and isinstance(value, module.Decimal)


def number(value: Value) -> float | None:
    """Return the double that a value stands for: itself, 1 or 0 for a boolean, a decimal literal in a string.

    None for other text: `"1_000"`, `"٣"`, `"0x10"`, `"nan"`, and for `""`. White space alone is 0.
    """
    if isinstance(value, str):
        return _decimal_literal(value) if value else None
    return float(value)


def _decimal_literal(text: str) -> float | None:
    literal = trim(text)
    if not literal:
        return 0.0
    # What float() takes beyond the grammar (underscores, other scripts' digits, inf, nan) needs other characters.
    if literal.strip("0123456789+-.eE"):
        return None
    try:
        double = float(literal)
    except ValueError:
        return None
    return double if -LARGEST <= double <= LARGEST else None  # neither infinite nor NaN


def text_of(value: Value) -> str:
    """Return the text of a value: strings as they are, `true`/`false`, numbers as JavaScript prints them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def map_key(value: Any) -> str:
    """Return the text under which a `map` looks a contract's value up: `undefined` where it has none."""
    known = readable(value)
    return "undefined" if known is None else text_of(known)


def number_text(value: float) -> str:
    """Return the shortest text that reads back as this finite number, in JavaScript's layout.

    Whole numbers without a point (negative zero is `0`), digits up to 1e21, then `1e+21`; `1e-7` and smaller likewise.
    """
    if -SAFE_INTEGER <= value <= SAFE_INTEGER and value == int(value):
        return str(int(value))
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(float(value)))
    if not -6 < point <= 21:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{point - 1:+d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def _shortest(value: float) -> tuple[str, int]:
    """Return the digits d of a positive double and the place of the point: value = 0.d * 10**point."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or 0)
    return digits.rstrip("0"), point


def round_half_up(value: float) -> int:
    """Return the nearest integer, the one toward +∞ at a tie: 2.5 → 3, -2.5 → -2, 0.49999999999999994 → 0."""
    below = int(value // 1)
    # Not the floor of value + 0.5: that sum is itself rounded.
    return below + 1 if value - below >= 0.5 else below


def fixed_text(value: float, decimals: int) -> str:
    """Return a finite number with so many decimals, half away from zero on its exact binary value."""
    if abs(value) >= EXPONENT_FORM_FROM:
        return number_text(value)
    if not is_tie(value, decimals):
        return f"{value + 0.0:.{decimals}f}"  # + 0.0: negative zero prints without its sign
    numerator, denominator = abs(value).as_integer_ratio()
    units = (2 * numerator * 10**decimals + denominator) // (2 * denominator)
    digits = str(units).rjust(decimals + 1, "0")
    point = len(digits) - decimals
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:point]}.{digits[point:]}" if decimals else sign + digits


def is_tie(value: float, decimals: int) -> bool:
    """Tell whether a double lies exactly between two neighbours of so many decimals.

    value * 10**decimals is a whole number and a half only if value * 2**(decimals + 1) is an odd number, as 5**decimals
    is odd; the power of two multiplies exactly.
    """
    return value * 2.0 ** (decimals + 1) % 2.0 == 1.0
