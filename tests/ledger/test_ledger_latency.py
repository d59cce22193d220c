"""Latencies in buckets: percentiles within 5 %, whatever is summed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.storing.latency import Latencies, bucket_of, middle_of, summed
from usagebar.ledger.turns import MOST_TOKENS

LATENCIES = st.lists(st.integers(0, MOST_TOKENS) | st.integers(0, 100), min_size=1, max_size=60)


def histogram(latencies: list[int]) -> Latencies:
    return summed((bucket_of(latency), 1) for latency in latencies)


@given(st.integers(0, MOST_TOKENS))
def test_a_bucket_is_within_five_percent(latency: int) -> None:
    assert middle_of(bucket_of(latency)) == pytest.approx(latency, rel=0.05, abs=0)


@pytest.mark.parametrize("latency", [*range(200), *(round(1.1**n) for n in range(290)), MOST_TOKENS])
def test_borders_are_within_five_percent_too(latency: int) -> None:
    for each in (max(latency - 1, 0), latency, min(latency + 1, MOST_TOKENS)):
        assert abs(middle_of(bucket_of(each)) - each) <= 0.05 * each


@given(LATENCIES, st.sampled_from([50, 95, 99]))
def test_percentiles_are_by_the_nearest_rank(latencies: list[int], percent: int) -> None:
    exact = sorted(latencies)[math.ceil(len(latencies) * percent / 100) - 1]
    found = histogram(latencies).percentile(percent)
    assert found is not None
    assert abs(found - exact) <= 0.05 * exact


@given(LATENCIES, LATENCIES)
def test_sums_are_those_of_all(one: list[int], other: list[int]) -> None:
    both = histogram(one).plus(histogram(other))
    assert both == histogram([*one, *other])
    assert both.turns == len(one) + len(other)


def test_nothing_has_no_percentile() -> None:
    nothing = Latencies({})
    assert (nothing.turns, nothing.p50, nothing.p95, nothing.p99) == (0, None, None, None)
    assert histogram([0]).p50 == 0.0
    assert histogram([1, 1, 1000]).p50 == pytest.approx(1, rel=0.05)
