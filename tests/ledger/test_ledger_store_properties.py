"""Whatever comes, in whatever order and split: the same tables, and sums that are those of the turns."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_turns import ZONES, Nameless, Reference, merged_all, turns

from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import SessionRecord, TurnRecord, turn_key

DIMENSIONS = ["day", "month", "model", "provider", "agent", "origin", "runtime", "machine", "session", "project"]
BY = st.lists(st.sampled_from([*DIMENSIONS, "prices", "tier"]), max_size=3, unique=True).map(tuple)
BATCHES = st.lists(st.lists(turns(), max_size=6), min_size=1, max_size=5)
DAYS = st.one_of(
    st.none(),
    st.sampled_from([date(2010, 11, 6), date(2011, 12, 30), date(2024, 3, 10), date(2024, 11, 3), date(2025, 1, 1)]),
    st.dates(),
)
SESSIONS = st.lists(
    st.builds(
        SessionRecord,
        st.sampled_from(["claude", "openclaw"]),
        st.sampled_from(["s1", "s2", "s3"]),
        agent_id=st.sampled_from([None, "main", "zed"]),
        origin=st.sampled_from([None, "discord", "zone"]),
        # What is told last stays.
        key=st.none(),
        title=st.none(),
        project=st.none(),
    ),
    max_size=4,
)
FILTERS = st.builds(
    Filter,
    since=DAYS,
    until=DAYS,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    session=st.sampled_from([None, None, "s1"]),
    agent=st.sampled_from([None, None, "main"]),
    model=st.sampled_from([None, None, "opus"]),
    runtime=st.sampled_from([None, None, "claude"]),
    origin=st.sampled_from([None, None, "discord"]),
)


@contextmanager
def stored(batches: Iterable[Iterable[TurnRecord]]) -> Iterator[Database]:
    with closing(Database.open(":memory:")) as database:
        for batch in batches:
            database.write(batch)
        yield database


def contents(database: Database) -> list[TurnRecord]:
    return sorted(database.turns(Filter()))


@given(BATCHES)
def test_what_is_stored_is_what_came_merged(batches: list[list[TurnRecord]]) -> None:
    with stored(batches) as database:
        assert contents(database) == sorted(merged_all(turn for batch in batches for turn in batch))


@settings(max_examples=60)
@given(BATCHES, SESSIONS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_the_order_nor_the_split_matters(
    batches: list[list[TurnRecord]], sessions: list[SessionRecord], shuffler: random.Random, pieces: int
) -> None:
    # Where sessions tell agents and origins, the key of a turn holds its session.
    every = [turn._replace(session_id=f"s{turn.key[0] % 3 + 1}") for batch in batches for turn in batch]
    with stored([every]) as database, stored([]) as other:
        database.write([], sessions)
        # In any order, some of it again, with the sessions before, between or behind.
        again = [*every, *shuffler.sample(every, len(every) // 2), *sessions]
        shuffler.shuffle(again)
        for piece in range(pieces):
            some = again[piece::pieces]
            other.write(
                [each for each in some if isinstance(each, TurnRecord)],
                [each for each in some if isinstance(each, SessionRecord)],
            )
        assert contents(other) == contents(database)
        assert other.check() == database.check() == []
        for by in [(), ("day",), ("month", "model"), ("session",), ("project", "agent"), ("prices", "tier"), ("tool",)]:
            assert other.totals(by, Filter()) == database.totals(by, Filter())
        assert other.sessions(Filter()) == database.sessions(Filter())


@given(BATCHES)
def test_what_is_written_again_changes_nothing(batches: list[list[TurnRecord]]) -> None:
    with stored(batches) as database:
        before = contents(database)
        for batch in batches:
            assert database.write(batch) == 0
        assert database.write(before) == 0
        assert contents(database) == before


@given(BATCHES, BY, FILTERS)
def test_sums_are_those_of_the_turns(batches: list[list[TurnRecord]], by: tuple[str, ...], chosen: Filter) -> None:
    reference = Reference(merged_all(turn for batch in batches for turn in batch))
    expected = reference.totals(by, chosen)
    with stored(batches) as database:
        found = database.totals(by, chosen)
        assert {group.values: group.totals for group in found} == expected
        assert len(found) == len(expected)
        # From the turns themselves, as for a zone that has no name.
        nameless = chosen._replace(zone=Nameless(chosen.zone))
        assert database.totals(by, nameless) == found
        whole = Totals()
        for group in found:
            whole = whole.plus(group.totals)
        assert database.totals((), chosen)[0].totals == whole
        walked = list(database.turns(chosen))
        assert sorted(walked) == sorted(reference.chosen(chosen))
        times = [-1 if turn.timestamp is None else turn.timestamp for turn in walked]
        assert times == sorted(times)


@given(BATCHES, BY, FILTERS)
def test_calls_of_tools_and_latencies_are_those_of_the_turns(
    batches: list[list[TurnRecord]], by: tuple[str, ...], chosen: Filter
) -> None:
    reference = Reference(merged_all(turn for batch in batches for turn in batch))
    with stored(batches) as database:
        for each in (chosen, chosen._replace(zone=Nameless(chosen.zone))):
            groups = database.totals((*by, "tool"), each)
            assert {group.values: group.totals for group in groups} == {
                values: Totals(turns=calls) for values, calls in reference.calls((*by, "tool"), chosen).items()
            }
            timed = [turn for turn in reference.chosen(chosen) if turn.latency_ms is not None]
            found = {group.values: group.latencies.turns for group in database.latencies(by, each)}
            expected = {
                values: sums.turns for values, sums in Reference(timed).totals(by, chosen).items() if sums.turns
            }
            assert found == expected


@given(BATCHES, FILTERS)
def test_sessions_and_minutes_come_to_the_whole(batches: list[list[TurnRecord]], chosen: Filter) -> None:
    reference = Reference(merged_all(turn for batch in batches for turn in batch)).chosen(chosen)
    with stored(batches) as database:
        sessions = database.sessions(chosen)
        assert len(sessions) == len({(turn.runtime, turn.session_id) for turn in reference})
        for session in sessions:
            key = session.runtime, session.session_id
            of_it = [turn for turn in reference if (turn.runtime, turn.session_id) == key]
            times = [turn.timestamp for turn in of_it if turn.timestamp is not None]
            assert session.totals == Reference(of_it).totals((), Filter())[()]
            assert (session.first, session.last) == (min(times, default=None), max(times, default=None))
            assert session.models == tuple(sorted({turn.model for turn in of_it if turn.model}))
        minutes = database.minutes(chosen)
        timed = [turn for turn in reference if turn.timestamp is not None]
        assert sum((minute.totals.turns for minute in minutes), 0) == len(timed)
        assert sum((minute.totals.cost for minute in minutes), 0) == Reference(timed).totals((), Filter())[()].cost
        assert [minute.first for minute in minutes] == sorted(minute.first for minute in minutes)
        assert all(minute.first // 60_000 == minute.last // 60_000 for minute in minutes)


@settings(max_examples=30)
@given(BATCHES, st.lists(st.sampled_from(ZONES).map(ZoneInfo), max_size=6))
def test_days_are_right_whenever_a_zone_is_asked_for(batches: list[list[TurnRecord]], zones: list[ZoneInfo]) -> None:
    with stored([]) as database:
        for number, batch in enumerate(batches):
            database.write(batch)
            reference = Reference(merged_all(turn for each in batches[: number + 1] for turn in each))
            for zone in [*zones[: number + 1], UTC]:
                groups = database.totals(("day",), Filter(zone=zone))
                assert {group.values: group.totals for group in groups} == reference.totals(("day",), Filter(zone=zone))
        assert database.check() == []


@pytest.mark.parametrize("seed", range(3))
def test_a_large_first_import_is_stored_as_a_small_one(seed: int) -> None:
    # Beyond so many, indexes are made when all is there.
    shuffler = random.Random(seed)
    many = [
        TurnRecord(turn_key("claude", str(number)), "claude", session_id=str(number % 50), timestamp=number * 10**7)
        for number in range(5000)
    ]
    shuffler.shuffle(many)
    with stored([many]) as large, stored([many[:100], many[100:]]) as small:
        assert contents(large) == contents(small) == sorted(many)
        assert large.check() == []
        assert large.write(many) == 0
        assert large.totals(("session",), Filter()) == small.totals(("session",), Filter())
