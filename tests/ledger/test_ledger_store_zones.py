"""Days of time zones: told at the moment itself, kept for some zones, and made again when a zone's rules change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_turns import EPOCH, MOMENTS, ZONES, Nameless, milliseconds, moments

from usagebar.ledger.figures import Filter
from usagebar.ledger.storing import calendar as calendars
from usagebar.ledger.storing.calendar import LAST_TIME, Calendar
from usagebar.ledger.storing.database import Database
from usagebar.ledger.storing.sums import MOST_ZONES
from usagebar.ledger.turns import TurnRecord, turn_key


def turn(number: int, moment: int | None) -> TurnRecord:
    return TurnRecord(
        turn_key("openclaw", str(number)), "openclaw", timestamp=moment, tools=(("1", "Read"),), latency_ms=7
    )


def told(moment: int, zone: ZoneInfo) -> date:
    return (EPOCH + timedelta(milliseconds=moment)).astimezone(zone).date()


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(Database.open(":memory:")) as opened:
        yield opened


def kept(database: Database) -> list[str]:
    with database._reading() as connection:
        return sorted(name for (name,) in connection.execute("SELECT name FROM zones"))


@given(st.sampled_from(sorted(available_timezones() - {"localtime"})), moments)
def test_the_day_is_that_of_the_moment(name: str, moment: int | None) -> None:
    zone = ZoneInfo(name)
    expected = "" if moment is None else str(told(moment, zone))
    assert Calendar(zone).days([moment]) == [expected]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", MOMENTS)
def test_every_minute_around_a_change_is_of_its_day(name: str, text: str) -> None:
    zone = ZoneInfo(name)
    calendar, start = Calendar(zone), max(milliseconds(text) - 90_000_000, 0)
    for moment in range(start, start + 180_000_000, 60_000):
        assert calendar.day(moment) == str(told(moment, zone))


@settings(max_examples=200)
@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(MOMENTS),
    st.integers(-3, 3),
    st.integers(-1, 3),
    st.lists(st.integers(-400_000_000, 400_000_000), min_size=1, max_size=30),
)
def test_spans_hold_the_moments_of_their_days(
    zone: ZoneInfo, text: str, ahead: int, length: int, offsets: list[int]
) -> None:
    middle = milliseconds(text)
    since = told(middle, zone) + timedelta(days=ahead)
    until = since + timedelta(days=length)
    spans = Calendar(zone).spans(since, until)
    assert spans == sorted(spans)
    for moment in (max(middle + offset, 0) for offset in offsets):
        inside = any(start <= moment < end for start, end in spans)
        assert inside == (since <= told(moment, zone) <= until)


def test_a_day_that_comes_in_two_parts_is_two_spans() -> None:
    # At one minute past midnight the clocks went back to 23:01 of the day before.
    spans = Calendar(ZoneInfo("America/St_Johns")).spans(date(2010, 11, 6), date(2010, 11, 6))
    assert len(spans) == 2
    assert spans[1] == (milliseconds("2010-11-07T02:31:00"), milliseconds("2010-11-07T03:30:00"))


def test_a_day_that_was_skipped_has_no_moment() -> None:
    assert Calendar(ZoneInfo("Pacific/Apia")).spans(date(2011, 12, 30), date(2011, 12, 30)) == []


@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (date.min, date.max), (date.min, None), (None, date(9999, 12, 30))]
)
def test_all_days_are_one_span(since: date | None, until: date | None) -> None:
    for name in ZONES:
        assert Calendar(ZoneInfo(name)).spans(since, until)[0][0] == 0
    assert Calendar(UTC).spans(since, until) == [(0, LAST_TIME + 1)]


def test_a_date_with_a_time_is_a_day() -> None:
    day = datetime(2025, 1, 1, 15, tzinfo=UTC)
    assert Calendar(UTC).spans(day, day) == Calendar(UTC).spans(date(2025, 1, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (UTC, "UTC"),
        (timezone(timedelta(0)), "UTC"),
        (timezone(timedelta(hours=2)), None),
        (ZoneInfo("UTC"), "UTC"),
        (ZoneInfo("Asia/Kathmandu"), "Asia/Kathmandu"),
        (Nameless(UTC), None),
    ],
)
def test_zones_have_names(zone: timezone | ZoneInfo | Nameless, name: str | None) -> None:
    assert Calendar(zone).name == name


def test_zones_are_kept_from_when_they_are_asked_for_until_there_are_enough(database: Database) -> None:
    database.write([turn(1, milliseconds("2024-12-31T18:20:00"))])
    days = [database.totals(("day",), Filter(zone=ZoneInfo(name)))[0].values[0] for name in ZONES]
    assert kept(database) == sorted(["UTC", *ZONES[1 : MOST_ZONES + 1]])
    assert days[ZONES.index("Asia/Kathmandu")] == "2025-01-01"
    assert days[ZONES.index("UTC")] == "2024-12-31"
    database.write([turn(2, milliseconds("2024-12-31T18:10:00"))])
    assert database.check() == []


def test_a_new_ledger_keeps_the_zone_that_it_is_opened_for(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with Database.open(path, zone=ZoneInfo("Asia/Kathmandu")) as database:
        assert kept(database) == ["Asia/Kathmandu", "UTC"]
        database.write([turn(1, 0)])
    # One with turns waits until it is asked for another.
    with Database.open(path, zone=ZoneInfo("Pacific/Apia")) as database:
        assert kept(database) == ["Asia/Kathmandu", "UTC"]
        assert database.totals(("day",), Filter(zone=ZoneInfo("Asia/Kathmandu")))[0].values == ("1970-01-01",)


def test_a_zone_without_a_name_is_not_kept(database: Database) -> None:
    database.write([turn(1, milliseconds("2024-12-31T23:30:00"))])
    zone = timezone(timedelta(hours=1))
    assert database.totals(("day", "tool"), Filter(zone=zone))[0].values == ("2025-01-01", "Read")
    assert database.latencies(("month",), Filter(zone=zone))[0].values == ("2025-01",)
    assert database.totals((), Filter(since=date(2025, 1, 1), zone=zone))[0].totals.turns == 1
    assert kept(database) == ["UTC"]


def test_days_are_made_again_when_the_rules_of_a_zone_have_changed(tmp_path: Path) -> None:
    path, chosen = tmp_path / "l.sqlite", Filter(zone=ZoneInfo("Asia/Kathmandu"))
    with Database.open(path, zone=chosen.zone) as database:
        database.write([turn(1, milliseconds("2024-12-31T18:20:00"))])
        # As if it had been stored with an older tzdata.
        with database._writing() as connection:
            connection.execute("UPDATE zones SET rules = 'old' WHERE name <> 'UTC'")
            connection.execute("UPDATE days SET day = '2024-12-31'")
        assert database.totals(("day",), chosen)[0].values == ("2025-01-01",)
        with database._writing() as connection:
            connection.execute("UPDATE zones SET rules = 'old' WHERE name <> 'UTC'")
            connection.execute("UPDATE days SET day = '2024-12-31'")
        # A writer drops what it would not change rightly.
        database.write([turn(2, milliseconds("2024-12-31T18:21:00"))])
        assert kept(database) == ["UTC"]
        assert [group.totals.turns for group in database.totals(("day",), chosen)] == [2]
        assert database.check() == []


def test_a_zone_that_is_not_installed_is_dropped_by_a_writer(database: Database) -> None:
    with database._writing() as connection:
        connection.execute("INSERT INTO zones (name, rules) VALUES ('Mars/Olympus', 'x')")
    assert database.check() == []
    database.write([turn(1, 0)])
    assert kept(database) == ["UTC"]


def test_a_mark_tells_zones_apart() -> None:
    marks = {name: Calendar(ZoneInfo(name)).rules for name in ZONES}
    assert len(set(marks.values())) == len(ZONES)
    assert marks["UTC"] == ""
    assert calendars.named("../etc/passwd") is None
    assert calendars.named("Europe") is None
