"""What `usagebar usage` makes of amounts, names and narrow windows."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.cli.terminal import Painter
from usagebar.cli.usages.amounts import count, money, of, short_count, span
from usagebar.cli.usages.as_table import STEPS
from usagebar.cli.usages.cells import padded, shortened, width, wrapped
from usagebar.cli.usages.dimensions import monday, shown
from usagebar.cli.usages.table import Column, drawn
from usagebar.ledger.figures import PICO
from usagebar.surfaces.cells import width as measured

PLAIN = Painter(colours=False)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Mn", "Mc", "Me", "Cn", "Co")))

# ---------------------------------------------------------------- amounts

MONEY = [
    (None, "-"),
    (0, "$0.00"),
    (1, "<$0.0001"),
    (PICO // 20_000 - 1, "<$0.0001"),
    (PICO // 20_000, "$0.0001"),
    (PICO // 10_000, "$0.0001"),
    (42 * PICO // 10_000, "$0.0042"),
    (PICO // 100 - 1, "$0.0100"),
    (PICO // 100, "$0.01"),
    (125 * PICO // 10_000, "$0.01"),
    (5_652 * PICO // 10_000, "$0.57"),
    (99_499 * PICO // 100_000, "$0.99"),
    (99_500 * PICO // 100_000, "$1.00"),
    (1_234_567_891 * PICO // 1_000, "$1,234,567.89"),
]


@pytest.mark.parametrize(("cost", "text"), MONEY)
def test_money(cost: int | None, text: str) -> None:
    assert money(cost) == text


@given(st.integers(PICO // 100, 10**25))
def test_money_is_exact(cost: int) -> None:
    exact = Decimal(cost).scaleb(-12).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert money(cost) == f"${exact:,}"


SHORT = [
    (0, "0"), (999, "999"), (1000, "1.0k"), (1049, "1.0k"), (1050, "1.1k"), (9949, "9.9k"), (9950, "10k"),
    (999_499, "999k"), (999_500, "1.0m"), (12_345_678, "12m"), (1_000_000_000, "1.0b"), (10**12, "1.0t"),
    (10**16, "10,000t"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), SHORT)
def test_short_counts(number: int, text: str) -> None:
    assert short_count(number) == text


@given(st.integers(0, 9 * 10**14))
def test_short_counts_are_short_and_near(number: int) -> None:
    text = short_count(number)
    assert len(text) <= 5
    size = {"k": 3, "m": 6, "b": 9, "t": 12}.get(text[-1])
    value = Decimal(text) if size is None else Decimal(text[:-1].replace(",", "")).scaleb(size)
    assert abs(value - number) * 20 <= number


SPANS = [(0, "0m"), (59_999, "0m"), (60_000, "1m"), (3_600_000, "1h"), (15_120_000, "4h 12m"), (86_400_000, "1d")]


@pytest.mark.parametrize(("milliseconds", "text"), [*SPANS, (90 * 3_600_000, "3d 18h")])
def test_spans(milliseconds: int, text: str) -> None:
    assert span(milliseconds) == text


def test_counts_with_what_they_count() -> None:
    assert (of(1, "turn"), of(0, "turn"), of(1200, "turn")) == ("1 turn", "0 turns", "1,200 turns")
    assert count(1_234_567) == "1,234,567"


WEEKS = [
    ("2026-01-01", "2026-W01", "2025-12-29"),
    ("2027-01-03", "2026-W53", "2026-12-28"),
    ("2027-01-04", "2027-W01", "2027-01-04"),
    ("0001-01-01", "0001-W01", "0001-01-01"),
]


@pytest.mark.parametrize(("day", "week", "first"), WEEKS)
def test_weeks(day: str, week: str, first: str) -> None:
    assert shown("week", day) == week
    assert monday(week) == first


# ---------------------------------------------------------------- cells


@given(TEXTS)
def test_cells_are_as_measured(text: str) -> None:
    assert width(text) == measured(text)


@given(TEXTS, st.integers(1, 40))
def test_a_shortened_text_fits(text: str, room: int) -> None:
    found = shortened(text, room)
    assert width(found) <= room
    assert found == text or "…" in found
    assert width(padded(found, room)) == width(padded(found, room, right=True)) == room


def test_the_middle_goes() -> None:
    assert shortened("claude-sonnet-4-5-20250929", 12) == "claude…50929"
    assert shortened("名前名前名前", 6) == "名…前"
    assert shortened("ab", 1) == "…"


@given(st.lists(TEXTS.map(lambda text: text.replace(" ", ""))).map(" ".join), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrapped(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped(text, None) == [line for line in [" ".join(word for word in text.split(" ") if word)] if line]


# ---------------------------------------------------------------- tables

FIGURES = ("turns", "input", "output", "cache_read", "cache_write", "cache", "tokens", "cost", "compared")


@st.composite
def tables(draw: st.DrawFn) -> list[Column]:
    rows = draw(st.integers(0, 4))
    names = st.lists(TEXTS, min_size=rows, max_size=rows)
    numbers = st.lists(st.integers(0, 10**12), min_size=rows + 1, max_size=rows + 1)
    found = [Column(key, key.title(), draw(names), "Total") for key in ("session", "agent", "origin", "models")]
    for key in FIGURES:
        *cells, total = numbers_of = draw(numbers)
        short = [short_count(number) for number in numbers_of]
        counts = [count(number) for number in cells]
        found.append(Column(key, key.title(), counts, count(total), "number", lambda short=short: short))  # type: ignore[misc]
    return found


@given(tables(), st.integers(24, 300))
def test_a_table_fits_and_is_never_broken(columns: list[Column], room: int) -> None:
    lines = drawn(columns, STEPS, room, PLAIN).splitlines()
    assert len(lines) == len(columns[0].cells) + 4
    assert max(map(width, lines)) <= room
    assert all("Compared" in line or "Cost" in line for line in lines[:1])
    assert len({width(line) for line in lines if set(line) == {"─"}}) == 1


@given(tables())
def test_a_wide_window_shows_all(columns: list[Column]) -> None:
    header = drawn(columns, STEPS, None, PLAIN).splitlines()[0]
    hidden = {"cache"}
    assert header.split() == [column.title for column in columns if column.key not in hidden]


def test_what_is_left_out_first() -> None:
    numbers = [Column(key, key, ["1,234,567"], "1,234,567", "number", lambda: ["1.2m", "1.2m"]) for key in FIGURES]
    columns = [Column("session", "session", ["some name"], "Total"), *numbers]
    shown_at: dict[tuple[str, ...], int] = {}
    for room in range(20, 140):
        header, _, row, *_ = drawn(columns, STEPS, room, PLAIN).splitlines()
        shown_at.setdefault((*header.split(), "short" if "1.2m" in row else ""), room)
    assert list(shown_at) == [
        ("session", "cost", ""),
        ("session", "cost", "compared", ""),
        ("session", "tokens", "cost", "compared", "short"),
        ("session", "tokens", "cost", "compared", ""),
        ("session", "input", "output", "cache", "tokens", "cost", "compared", "short"),
        ("session", "input", "output", "cache", "tokens", "cost", "compared", ""),
        ("session", "input", "output", "cache_read", "cache_write", "tokens", "cost", "compared", ""),
        ("session", "turns", "input", "output", "cache_read", "cache_write", "tokens", "cost", "compared", ""),
    ]


def test_what_is_cut_last() -> None:
    """Where even the least does not fit, times are cut, and never an amount."""
    block = Column("block", "Block", ["2026-03-28 23:00–05:00"], "Total", kind="time", least=["03-28 23:00"])
    cost = Column("cost", "Cost", ["$1,234.56"], "$1,234.56", "number")
    rows = {room: drawn([block, cost], STEPS, room, PLAIN).splitlines()[2] for room in (33, 32, 22, 20, 12)}
    assert rows == {
        33: "2026-03-28 23:00–05:00  $1,234.56",
        32: "03-28 23:00  $1,234.56",
        22: "03-28 23:00  $1,234.56",
        20: "03-2…3:00  $1,234.56",
        12: "…  $1,234.56",
    }
