"""Five-hour windows: where they start and end, their gaps, how fast they are used up."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.blocks import (
    HOUR,
    LENGTH,
    MINUTE,
    Gap,
    Projection,
    Rate,
    Window,
    projection,
    rate,
    starts,
    windows,
    with_gaps,
)
from usagebar.ledger.figures import PICO, Totals
from usagebar.ledger.storing.sessions import Minute


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def turns(*times: str, model: str | None = "m") -> list[Minute]:
    return [Minute(at(time), at(time), Totals(1, 1000, output=100, cost=PICO // 100), model) for time in times]


def shown(found: Window | Gap) -> tuple[str, str, int]:
    start, end = (datetime.fromtimestamp(time / 1000, UTC).strftime("%d %H:%M") for time in (found.start, found.end))
    return start, end, found.totals.turns if isinstance(found, Window) else 0


# The turns, and the blocks of them as start, end and turns, gaps with 0.
CASES = [
    ([], []),
    (["2026-02-03 10:00:00"], [("03 10:00", "03 15:00", 1)]),
    (["2026-02-03 10:20:00", "2026-02-03 14:59:59.999"], [("03 10:00", "03 15:00", 2)]),
    (["2026-02-03 10:59:59", "2026-02-03 15:00:00"], [("03 10:00", "03 15:00", 1), ("03 15:00", "03 20:00", 1)]),
    (["2026-02-03 10:20:00", "2026-02-03 15:30:00"], [("03 10:00", "03 15:00", 1), ("03 15:00", "03 20:00", 1)]),
    (["2026-02-03 14:00:00", "2026-02-03 18:59:00"], [("03 14:00", "03 19:00", 2)]),
    # More than five hours of silence, and time between the windows.
    (
        ["2026-02-03 10:20:00", "2026-02-03 16:30:00"],
        [("03 10:00", "03 15:00", 1), ("03 15:00", "03 16:00", 0), ("03 16:00", "03 21:00", 1)],
    ),
    # Time between the windows, and less silence.
    (
        ["2026-02-03 10:20:00", "2026-02-03 14:50:00", "2026-02-03 17:30:00"],
        [("03 10:00", "03 15:00", 2), ("03 17:00", "03 22:00", 1)],
    ),
    (["2026-02-03 23:05:00", "2026-02-04 00:05:00"], [("03 23:00", "04 04:00", 2)]),
]


@pytest.mark.parametrize(("times", "blocks"), CASES)
def test_blocks(times: list[str], blocks: list[tuple[str, str, int]]) -> None:
    assert [shown(block) for block in with_gaps(windows(turns(*times)))] == blocks


def test_the_models_of_a_window() -> None:
    models = {"2026-02-03 10:00": "b", "2026-02-03 10:01": "a", "2026-02-03 10:02": None}
    found = windows([minute for time, model in models.items() for minute in turns(time, model=model)])
    assert [window.models for window in found] == [("a", "b")]


def test_windows_of_a_part_of_the_turns() -> None:
    everyone = turns("2026-02-03 10:20", "2026-02-03 14:30", "2026-02-03 15:20")
    begun = starts(each.first for each in everyone)
    assert [shown(window) for window in windows(everyone[1:2], begun)] == [("03 10:00", "03 15:00", 1)]
    assert [shown(window) for window in windows(everyone[1:], begun)] == [
        ("03 10:00", "03 15:00", 1),
        ("03 15:00", "03 20:00", 1),
    ]


TIMES = st.lists(st.integers(0, 40 * HOUR), max_size=30).map(sorted)


@given(TIMES)
def test_each_turn_is_in_one_window(times: list[int]) -> None:
    found = windows([Minute(time, time, Totals(1, time)) for time in times])
    assert sum(window.totals.turns for window in found) == len(times)
    assert sum(window.totals.input for window in found) == sum(times)
    for window in found:
        inside = [time for time in times if window.holds(time)]
        assert (len(inside), inside[0], inside[-1]) == (window.totals.turns, window.first, window.last)
        assert (window.start % HOUR, window.end - window.start) == (0, LENGTH)
        assert window.first - window.start < HOUR
    assert all(before.end <= after.start for before, after in pairwise(found))
    blocks = list(with_gaps(found))
    assert [block for block in blocks if isinstance(block, Window)] == found
    for before, gap, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if isinstance(gap, Gap):
            assert (before.end, after.start) == (gap.start, gap.end)


def test_rate_and_projection() -> None:
    """As `ccusage blocks` (version 20) tells them of the same two turns, 252 minutes before the end."""
    totals = Totals(2, 2000, output=200, cost=9 * PICO // 1000)
    window = Window(12 * HOUR, 17 * HOUR, 12 * HOUR + 17 * MINUTE, 12 * HOUR + 37 * MINUTE, totals)
    assert rate(window) == Rate(110.0, 27 * PICO // 1000)
    now = 17 * HOUR - 252 * MINUTE
    assert projection(window, now) == Projection(252, 29_920, 1224 * PICO // 10_000)
    assert projection(window, 18 * HOUR) == Projection(0, 2200, totals.cost)
    assert (window.holds(now), window.holds(17 * HOUR), window.holds(12 * HOUR - 1)) == (True, False, False)


def test_what_is_not_known_is_not_projected() -> None:
    window = Window(0, LENGTH, 0, MINUTE, Totals(2, 10, unpriced=2))
    assert rate(window) == Rate(10.0, None)
    assert projection(window, 2 * MINUTE) == Projection(298, 10 + 10 * 298, None)
    for last in (0, MINUTE - 1):
        short = window._replace(last=last)
        assert (rate(short), projection(short, MINUTE)) == (None, None)
