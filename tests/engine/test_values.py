"""Numbers and rounding against a second formulation, in exact arithmetic."""

from __future__ import annotations

import math
import re
import sys
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from usagebar.engine.values import (
    SAFE_INTEGER,
    fixed_text,
    is_kept,
    is_tie,
    number,
    number_text,
    readable,
    round_half_up,
    trim,
)

doubles = st.floats(allow_nan=False, allow_infinity=False)
dyadic = st.builds(lambda units, power: units / 2**power, st.integers(-(2**53), 2**53), st.integers(0, 60))
neighbours = st.builds(math.nextafter, dyadic, st.sampled_from([-math.inf, math.inf]))
thousandths = st.integers(-(10**7), 10**7).map(lambda units: units / 1000)
finite = doubles | dyadic | neighbours | thousandths | st.integers(-(10**22), 10**22).map(float)
EXACT = Context(prec=2000, rounding=ROUND_HALF_UP)

PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]*[1-9])?")
EXPONENT = re.compile(r"-?[1-9](\.[0-9]*[1-9])?e(\+[1-9][0-9]*|-[1-9][0-9]*)")


def quantized(value: float, decimals: int) -> str:
    text = format(Decimal(value).quantize(Decimal(1).scaleb(-decimals), context=EXACT), "f")
    return text.removeprefix("-") if value == 0 else text


@given(finite.filter(lambda value: abs(value) < 1e21), st.integers(0, 100))
@example(-0.0, 2)
@example(-0.001, 2)
@example(0.49999999999999994, 0)
def test_fixed_text_is_the_exact_value_rounded_half_away_from_zero(value: float, decimals: int) -> None:
    assert fixed_text(value, decimals) == quantized(value, decimals)


@given(finite, st.integers(0, 100))
def test_a_tie_is_a_whole_and_a_half_unit(value: float, decimals: int) -> None:
    doubled = Fraction(value) * 10**decimals * 2
    if abs(value) < 1e21:
        assert is_tie(value, decimals) == (doubled.denominator == 1 and doubled.numerator % 2 == 1)


@given(st.floats(1e21, allow_infinity=False) | st.floats(max_value=-1e21, allow_infinity=False), st.integers(0, 100))
@example(1e21, 0)
def test_fixed_text_of_a_huge_number_is_its_number_text(value: float, decimals: int) -> None:
    assert fixed_text(value, decimals) == number_text(value)


@given(finite)
@example(1e21)
@example(math.nextafter(1e21, 0))
@example(1e-6)
@example(math.nextafter(1e-6, 0))
@example(5e-324)
@example(1.7976931348623157e308)
def test_number_text_reads_back_in_the_layout_of_javascript(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    in_plain_range = value == 0 or 1e-6 <= abs(value) < 1e21
    assert (PLAIN if in_plain_range else EXPONENT).fullmatch(text)
    assert not text.startswith("-0") or "." in text


@given(finite)
def test_number_text_has_the_fewest_digits_that_read_back(value: float) -> None:
    digits = number_text(value).partition("e")[0].replace(".", "").strip("-0")
    assert len(digits) == len(Decimal(repr(value)).normalize().as_tuple().digits) or value == 0


@given(st.integers(-SAFE_INTEGER, SAFE_INTEGER))
def test_number_text_of_an_integer_and_its_double_agree(value: int) -> None:
    assert number_text(value) == number_text(float(value)) == str(value)


@given(finite)
@example(0.49999999999999994)
@example(-0.49999999999999994)
@example(4503599627370497.5)
def test_round_half_up_is_the_floor_of_the_exact_value_and_a_half(value: float) -> None:
    assert round_half_up(value) == math.floor(Fraction(value) + Fraction(1, 2))


LITERAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
literal_like = st.text("0123456789.eE+-_ \t\n\v\f\r\x1c\x85\u00a0\u2028\ufeff\u200b٣xXinfa", max_size=8)


def number_by_the_grammar(text: str) -> float | None:
    if not text:
        return None
    body = re.sub(r"^[\s\ufeff]+|[\s\ufeff]+$", "", text.replace("\x1c", "x").replace("\x85", "x"))
    if not body:
        return 0.0
    return float(body) if LITERAL.fullmatch(body) and math.isfinite(float(body)) else None


@given(literal_like | finite.map(repr) | st.from_regex(LITERAL, fullmatch=True).filter(str.isascii))
def test_a_decimal_literal_is_a_number_and_nothing_else(text: str) -> None:
    assert number(text) == number_by_the_grammar(text)


def test_white_space_is_the_set_of_javascript() -> None:
    blanks = [*range(9, 14), 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]
    assert [code for code in range(sys.maxunicode + 1) if trim(chr(code)) == ""] == blanks


def test_all_but_null_false_and_empty_text_keeps_a_piece() -> None:
    dropping: list[object] = [None, False, "", type("Text", (str,), {})()]
    keeping: list[object] = [True, 0, 0.0, -0.0, math.nan, " ", "0", "false", [], {}, (), b"", Decimal(0), object()]
    assert not any(is_kept(value) for value in dropping)
    assert all(is_kept(value) for value in keeping)


@given(st.integers() | finite | st.decimals(allow_nan=False, allow_infinity=False))
def test_what_is_read_is_the_nearest_double(value: int | float | Decimal) -> None:
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    assert readable(value) == (double if math.isfinite(double) else None)
