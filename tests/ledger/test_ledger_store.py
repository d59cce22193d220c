"""The store's doors, each by an example."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import PICO, Filter, Totals
from usagebar.ledger.reading.parts import State
from usagebar.ledger.storing.database import Database
from usagebar.ledger.storing.rows import picodollars, rows_of, turn_of
from usagebar.ledger.turns import ESTIMATED, MOST_TOKENS, MOST_USD, REPORTED, SessionRecord, TurnRecord, turn_key


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def turn(number: int, **fields: Any) -> TurnRecord:
    return TurnRecord(turn_key("openclaw", str(number)), "openclaw", **fields)


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(Database.open(":memory:")) as opened:
        yield opened


FULL = TurnRecord(
    key=b"k",
    runtime="claude",
    machine="m",
    session_id="s",
    agent_id="a",
    origin="o",
    project="p",
    model="x",
    provider="y",
    timestamp=1,
    input=2,
    cache_read=3,
    cache_write_5m=4,
    cache_write_1h=5,
    output=6,
    reasoning=7,
    latency_ms=8,
    cost_usd=0.000009,
    cost_source=ESTIMATED,
    prices="list of 2026-02-01",
    long_context=200_000,
    fast=True,
    batch=False,
    sidechain=True,
    tools=(("id", "Read"), ('"\\ é\x00', "Bäsh\n")),
)


@pytest.mark.parametrize("record", [FULL, TurnRecord(b"\x00\xff" * 8, "api")])
def test_a_record_comes_back_as_it_was(database: Database, record: TurnRecord) -> None:
    assert database.write([record]) == 1
    (found,) = database.turns(Filter())
    assert found == record
    assert [type(value) for value in found] == [type(value) for value in record]


def test_the_view_has_the_fields_of_a_record(database: Database) -> None:
    database.write([FULL])
    with database._reading() as connection:
        cursor = connection.execute("SELECT * FROM turn_records")
        row = dict(zip((name for name, *_ in cursor.description), cursor.fetchone(), strict=True))
    assert tuple(row) == TurnRecord._fields
    assert {name: value for name, value in row.items() if name != "tools"} == {
        name: value for name, value in FULL._asdict().items() if name != "tools"
    }


def test_an_empty_name_is_unknown_and_half_a_surrogate_is_replaced(database: Database) -> None:
    database.write([turn(1, model="", project="/\udcff/p", tools=(("i", "\ud800"),))])
    (found,) = database.turns(Filter())
    assert (found.model, found.project) == (None, "/���/p")
    assert [group.values for group in database.totals(("tool",), Filter())] == [("���",)]
    assert database.write([turn(1, project="/\udcff/p", tools=(("i", "\ud800"),))]) == 0
    assert database.check() == []


@pytest.mark.parametrize("moment", [-1, 253_402_128_000_001, 10**30])
def test_a_time_that_cannot_be_is_unknown(database: Database, moment: int) -> None:
    database.write([turn(1, timestamp=moment)])
    assert [group.values for group in database.totals(("day",), Filter())] == [(None,)]
    assert database.totals((), Filter(since=date(1970, 1, 1)))[0].totals.turns == 0


@pytest.mark.parametrize("moment", [0, 253_402_128_000_000])
def test_the_first_and_the_last_time_have_a_day(database: Database, moment: int) -> None:
    database.write([turn(1, timestamp=moment)])
    ((values, _),) = database.totals(("day",), Filter(since=date.min, until=date.max))
    assert values == ("1970-01-01" if moment == 0 else "9999-12-30",)


WRONG = [
    ("input", -1, "turn 1: input: expected a number from 0 to 1000000000000, found -1"),
    ("input", MOST_TOKENS + 1, "turn 1: input: expected a number from 0 to 1000000000000, found 1000000000001"),
    ("output", 2**64, "turn 1: output: expected a number from 0 to 1000000000000, found 18446744073709551616"),
    ("output", True, "turn 1: output: expected None or int, found True"),
    ("reasoning", 1.0, "turn 1: reasoning: expected None or int, found 1.0"),
    ("latency_ms", "5", "turn 1: latency_ms: expected None or int, found '5'"),
    ("cost_usd", float("nan"), "turn 1: cost_usd: expected a number from 0 to 100000, found nan"),
    ("cost_usd", MOST_USD * 2, "turn 1: cost_usd: expected a number from 0 to 100000, found 200000.0"),
    ("cost_usd", -0.5, "turn 1: cost_usd: expected a number from 0 to 100000, found -0.5"),
    ("timestamp", 1.5, "turn 1: timestamp: expected None or int, found 1.5"),
    ("key", "k", "turn 1: key: expected bytes, found 'k'"),
    ("model", 5, "model: expected None or str, found 5"),
    ("runtime", None, "runtime: expected str, found None"),
    ("fast", 2, "fast: expected None or bool, found 2"),
    ("long_context", -2, "turn 0: long_context: expected a number from 0 to 1000000000000, found -2"),
    ("model", [], "expected names as texts, and tool calls as pairs of texts: unhashable type: 'list'"),
]


@pytest.mark.parametrize(("field", "value", "message"), WRONG)
def test_a_wrong_value_is_refused_with_its_place(database: Database, field: str, value: object, message: str) -> None:
    with pytest.raises(LedgerError) as caught:
        database.write([turn(1), turn(2)._replace(**{field: value})])  # type: ignore[arg-type]
    assert str(caught.value).removeprefix("turn 0: ") == message.removeprefix("turn 0: ")
    assert list(database.turns(Filter())) == []


@pytest.mark.parametrize("tools", [(("a",),), ((1, "b"),), (5,)])
def test_wrong_calls_are_refused(database: Database, tools: Any) -> None:
    with pytest.raises(LedgerError, match=r"^expected names as texts, and tool calls as pairs of texts: "):
        database.write([turn(1, tools=tools)])


@pytest.mark.parametrize("usd", [0.0, 1e-12, 0.1, 0.1 + 0.2, 999.999999999999, 1000.0, 12345.678901234567, MOST_USD])
def test_a_cost_is_the_same_to_and_fro(usd: float) -> None:
    once = picodollars(usd)
    assert once / PICO == pytest.approx(usd, rel=1e-12, abs=1e-12)
    assert picodollars(once / PICO) == once
    row = rows_of([turn(1, cost_usd=usd, cost_source=REPORTED)])[0]
    assert rows_of([turn_of(row)])[0] == row


def test_sums_do_not_end_at_64_bits(database: Database) -> None:
    # 64 bits hold 9.2 million dollars in picodollars.
    many = [
        turn(n, session_id="s", timestamp=0, cost_usd=MOST_USD, cost_source=REPORTED, input=MOST_TOKENS, output=0)
        for n in range(200)
    ]
    for piece in (many[:1], many[1:150], many[150:]):
        database.write(piece)
    expected = Totals(200, input=200 * MOST_TOKENS, cost=200 * 100_000 * PICO)
    for by in [(), ("day",), ("session",), ("day", "session")]:
        assert [group.totals for group in database.totals(by, Filter())] == [expected]
    assert [each.totals for each in database.sessions(Filter())] == [expected]
    assert [minute.totals for minute in database.minutes(Filter())] == [expected]
    assert database.check() == []


def test_the_smallest_costs_add_up_exactly(database: Database) -> None:
    database.write([turn(n, cost_usd=0.1, cost_source=REPORTED, timestamp=n) for n in range(10)])
    ((_, found),) = database.totals((), Filter())
    assert (found.cost, found.usd) == (PICO, 1.0)


def test_prices_tell_where_costs_are_from(database: Database) -> None:
    database.write(
        [
            turn(1, cost_usd=1.0, cost_source=REPORTED, prices="no matter"),
            turn(2, cost_usd=1.0, cost_source=ESTIMATED, prices="list"),
            turn(3, cost_usd=1.0, cost_source=ESTIMATED),
            turn(4, cost_source=ESTIMATED, prices="of nothing"),
            turn(5, cost_usd=0.0, cost_source=ESTIMATED, prices="list", long_context=200_000),
        ]
    )
    found = {group.values: group.totals.turns for group in database.totals(("prices", "tier"), Filter())}
    assert found == {
        (REPORTED, None): 1,
        ("list", None): 1,
        ("estimated", None): 1,
        (None, None): 1,
        ("list", 200_000): 1,
    }


def test_nothing_chosen_is_one_empty_group_or_none(database: Database) -> None:
    assert database.totals((), Filter()) == [((), Totals())]
    assert database.totals(("day",), Filter()) == []
    assert database.totals((), Filter(since=date(2025, 1, 2), until=date(2025, 1, 1))) == [((), Totals())]
    assert database.sessions(Filter()) == []
    assert database.minutes(Filter()) == []
    assert database.latencies((), Filter()) == []
    assert list(database.turns(Filter())) == []


@pytest.mark.parametrize("by", [("colour",), ("day", "cost"), ("bucket",)])
def test_an_unknown_dimension_is_refused(database: Database, by: tuple[str, ...]) -> None:
    with pytest.raises(LedgerError, match=r"^expected one of agent, day, machine, model, month, origin, "):
        database.totals(by, Filter())
    with pytest.raises(LedgerError, match=r"^expected one of "):
        database.latencies((*by, "tool"), Filter())


def test_unknown_names_are_chosen_by_an_empty_one(database: Database) -> None:
    database.write([turn(1, agent_id="main"), turn(2)])
    assert database.totals(("agent",), Filter(agent=""))[0].totals.turns == 1
    assert [each.key for each in database.turns(Filter(agent=""))] == [turn(2).key]


def test_a_session_is_chosen_by_its_id_or_its_key(database: Database) -> None:
    database.write(
        [turn(1, session_id="s1", timestamp=0), turn(2, session_id="s2", timestamp=0), turn(3, timestamp=0)],
        [
            SessionRecord("openclaw", "s1", "agent:main:main", "main", "user", "Title", "/p"),
            SessionRecord("openclaw", "s2", "agent:main:main"),
            SessionRecord("claude", "s3", "agent:main:main"),
        ],
    )
    for since in (None, date(1970, 1, 1)):
        chosen = [Filter(session=name, since=since) for name in ("s1", "agent:main:main", "nobody")]
        assert [database.totals((), each)[0].totals.turns for each in chosen] == [1, 2, 0]
        assert [len(list(database.turns(each))) for each in chosen] == [1, 2, 0]
        assert [len(database.sessions(each)) for each in chosen] == [1, 2, 0]
        assert [len(database.minutes(each)) for each in chosen] == [1, 1, 0]
    (session,) = database.sessions(Filter(session="s1"))
    assert session[:7] == ("openclaw", "s1", "agent:main:main", "main", "user", "Title", "/p")


def test_sessions_are_by_their_last_turn_with_their_models(database: Database) -> None:
    database.write(
        [
            turn(1, session_id="old", model="b", timestamp=at("2025-01-01"), project="/1"),
            turn(2, session_id="old", model="a", timestamp=at("2025-01-03"), project="/2"),
            turn(3, session_id="new", timestamp=at("2025-01-04")),
            turn(4),
        ]
    )
    found = database.sessions(Filter())
    assert [each.session_id for each in found] == [None, "old", "new"]
    assert (found[1].first, found[1].last) == (at("2025-01-01"), at("2025-01-03"))
    assert (found[1].models, found[1].project) == (("a", "b"), "/2")
    (within,) = database.sessions(Filter(until=date(2025, 1, 2)))
    assert (within.first, within.last, within.models) == (at("2025-01-01"), at("2025-01-01"), ("b",))


def test_the_times_of_a_session_follow_a_turn_that_was_replaced(database: Database) -> None:
    first, later = turn(1, session_id="s", timestamp=1000, output=1), turn(2, session_id="s", timestamp=2000)
    database.write([first, later])
    database.write([first._replace(timestamp=1500, output=2)])
    assert [(each.first, each.last) for each in database.sessions(Filter())] == [(1500, 2000)]
    database.write([later._replace(timestamp=1200, output=2)])
    assert [(each.first, each.last) for each in database.sessions(Filter())] == [(1200, 1500)]
    assert database.check() == []


def test_sums_follow_a_turn_to_another_day_and_model(database: Database) -> None:
    before = turn(1, timestamp=at("2025-01-01"), model="a", output=1, tools=(("1", "Read"),), latency_ms=10)
    database.write([before])
    after = before._replace(timestamp=at("2025-01-02"), model="b", output=2, tools=(("2", "Bash"),), latency_ms=1000)
    assert database.write([after]) == 1
    assert [group.values for group in database.totals(("day", "model"), Filter())] == [("2025-01-02", "b")]
    assert [group.values for group in database.totals(("day", "tool"), Filter())] == [
        ("2025-01-02", "Bash"),
        ("2025-01-02", "Read"),
    ]
    ((_, latencies),) = database.latencies((), Filter())
    assert latencies.turns == 1
    assert latencies.p50 == pytest.approx(1000, rel=0.05)
    assert database.check() == []


def test_a_session_that_is_told_later_gives_its_turns_an_agent(database: Database) -> None:
    database.write([turn(1, session_id="s", timestamp=0, input=5, output=1), turn(2, session_id="t", timestamp=0)])
    assert database.write([], [SessionRecord("openclaw", "s", agent_id="ops", origin="cron:7")]) == 1
    found = {group.values: group.totals.turns for group in database.totals(("agent", "origin"), Filter())}
    assert found == {(None, None): 1, ("ops", "cron:7"): 1}
    # And so do turns that come behind it, those that come again, and sessions of another runtime do not.
    database.write([turn(3, session_id="s"), turn(1, session_id="s", timestamp=0, input=5, output=1)])
    assert database.write([], [SessionRecord("claude", "t", agent_id="none of it")]) == 0
    assert database.totals((), Filter(agent="ops"))[0].totals.turns == 2
    assert database.check() == []


def test_what_is_known_of_a_session_stays_until_it_is_told_anew(database: Database) -> None:
    for session in (
        SessionRecord("openclaw", "s", key="k", title="one", project="/p"),
        SessionRecord("openclaw", "s", title="two"),
    ):
        database.write([turn(1, session_id="s")], [session])
    (found,) = database.sessions(Filter())
    assert (found.key, found.title, found.project) == ("k", "two", "/p")


STATES = [
    State("/a/b.jsonl", 5, 7, 9),
    State("/a/\udcff.jsonl", 2**64, -(2**70), 2**64 + 1, 2**40, "ab", {"session": "é\ud800", "last": {"s": 5}}),
]


def test_states_come_back_and_are_replaced(database: Database) -> None:
    database.write([], states=STATES)
    assert database.states() == {state.path: state for state in STATES}
    database.write([], states=[STATES[1]._replace(offset=1)])
    assert database.states()[STATES[1].path].offset == 1
    assert len(database.states()) == 2


def test_a_threshold_fires_once(database: Database) -> None:
    assert [database.fired("2025-01 all", 80) for _ in range(3)] == [True, False, False]
    assert database.fired("2025-01 all", 100)
    assert database.fired("2025-02 all", 80)


def test_notes_are_kept(database: Database) -> None:
    assert database.meta("a") is None
    database.set_meta("a", "1")
    database.set_meta("a", "2")
    assert database.meta("a") == "2"
    database.set_meta("a", None)
    assert database.meta("a") is None


def test_minutes_are_by_model_and_in_the_order_of_time(database: Database) -> None:
    start = at("2025-01-01T10:00:00")
    database.write(
        [
            turn(1, timestamp=start + 59_999, model="a", output=1),
            turn(2, timestamp=start, model="a", output=2),
            turn(3, timestamp=start + 60_000, model="a"),
            turn(4, timestamp=start + 1, model="b"),
            turn(5),
        ]
    )
    found = [
        (each.first - start, each.last - start, each.model, each.totals.turns) for each in database.minutes(Filter())
    ]
    assert found == [(0, 59_999, "a", 2), (1, 1, "b", 1), (60_000, 60_000, "a", 1)]


def test_turns_are_walked_in_the_order_of_time_however_many(database: Database) -> None:
    # More than are read at once; times are shared, and some unknown.
    database.write([turn(n, timestamp=None if n % 7 == 0 else (n * 7919) % 50) for n in range(3500)])
    walked = list(database.turns(Filter()))
    assert len({each.key for each in walked}) == len(walked) == 3500
    times = [-1 if each.timestamp is None else each.timestamp for each in walked]
    assert all(one <= other for one, other in pairwise(times))


def test_turns_are_walked_while_others_are_written(database: Database) -> None:
    database.write([turn(n, timestamp=n) for n in range(1500)])
    walk = database.turns(Filter())
    next(walk)
    database.write([turn(n, timestamp=0) for n in range(2000, 2010)])
    assert len(list(walk)) == 1499


def test_a_batch_that_fails_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    database.write([turn(1, model="a")])
    before = database.totals(("model",), Filter())

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("usagebar.ledger.storing.writing.write_states", broken)
    with pytest.raises(RuntimeError, match="broken"):
        database.write([turn(2, model="b", project="new")])
    monkeypatch.undo()
    assert database.totals(("model",), Filter()) == before
    # What it knew of names that were not stored is forgotten.
    database.write([turn(2, model="b", project="new")])
    assert database.check() == []
    assert len(database.totals(("model",), Filter())) == 2


def test_an_interrupt_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("usagebar.ledger.storing.writing.write_states", interrupted)
    with pytest.raises(KeyboardInterrupt):
        database.write([turn(2)])
    monkeypatch.undo()
    assert database.write([turn(2)]) == 1


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    with Database.open(tmp_path / "l.sqlite") as database:
        database.write([turn(1)])
    database.close()
    for call in (lambda: database.write([turn(1)]), lambda: database.totals((), Filter()), database.states):
        with pytest.raises(LedgerError, match=r"l\.sqlite: the ledger is closed$"):
            call()


def test_threads_share_a_ledger(database: Database) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 40):
            database.write([turn(number, timestamp=number, output=1)])
            database.totals(("day",), Filter())

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.totals((), Filter())[0].totals.output == 80
    assert database.check() == []


def test_check_finds_sums_that_are_wrong(database: Database) -> None:
    database.write([turn(1, timestamp=0, tools=(("1", "Read"),), latency_ms=5, output=3)])
    with database._writing() as connection:
        for statement in (
            "UPDATE days SET output = output + 1",
            "UPDATE stream_totals SET last = 5",
            "DELETE FROM tool_days",
            "UPDATE latency_days SET bucket = 1",
        ):
            connection.execute(statement)
    tables = {text.partition(":")[0] for text in database.check()}
    assert tables == {"days", "stream_totals", "tool_days", "latency_days"}


def test_check_finds_damage(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with Database.open(path) as database:
        database.write([turn(n, timestamp=n) for n in range(2000)])
    content = bytearray(path.read_bytes())
    place = content.rindex(turn(1000).key)  # in the index of keys
    content[place : place + 16] = bytes(16)
    path.write_bytes(content)
    with Database.open(path) as database:
        assert any(text.startswith("the file is damaged: ") for text in database.check())
    path.write_bytes(content[:4096] + b"\xff" * 40_960 + content[45_056:])
    with pytest.raises(LedgerError, match=r"l\.sqlite: .*the file is damaged"), Database.open(path) as database:
        list(database.turns(Filter()))


def test_names_are_stored_once(database: Database) -> None:
    database.write([turn(n, session_id="s", model="m", timestamp=n) for n in range(50)])
    with database._reading() as connection:
        assert connection.execute("SELECT count(*) FROM kinds").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM streams").fetchone() == (1,)
        assert isinstance(connection, sqlite3.Connection)


def test_a_turn_is_merged_with_the_copy_that_another_run_stored(tmp_path: Path) -> None:
    before, path = turn(1, session_id="s", model="m", fast=False, timestamp=5, output=1), tmp_path / "l.sqlite"
    with Database.open(path) as database:
        database.write([before, turn(2)])
    better = before._replace(output=2, tools=(("1", "Read"),))
    with Database.open(path) as database:
        assert database.write([before]) == 0
        assert database.write([better, turn(2), turn(3)]) == 2
        assert better in list(database.turns(Filter()))
        assert database.check() == []


def test_more_names_than_are_remembered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usagebar.ledger.storing.streams._MOST_KNOWN", 3)
    monkeypatch.setattr("usagebar.ledger.storing.rows._MOST_NAMES", 2)
    many = [turn(number, session_id=str(number % 11), timestamp=number) for number in range(100)]
    for start in range(0, 100, 20):
        database.write(many[start : start + 20])
    assert database.write(many) == 0
    assert database.write([each._replace(output=1) for each in many]) == 100
    assert len(list(database.turns(Filter()))) == 100
    assert database.check() == []


def test_a_signal_while_it_waits_for_a_lock_leaves_no_transaction(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Database.open(path) as database:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        timer.start()
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                database.write([TurnRecord(turn_key("api", "1"), "api", input=1)])
        finally:
            signal.signal(signal.SIGALRM, before)
            timer.join()
        assert database.write([TurnRecord(turn_key("api", "2"), "api", input=1)]) == 1
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        other.close()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_gone_is_made_again(tmp_path: Path, replaced: bool) -> None:
    path = tmp_path / "ledger.sqlite"
    with Database.open(path) as database:
        database.write([TurnRecord(turn_key("api", "1"), "api", input=1)])
        for each in tmp_path.iterdir():
            each.unlink()
        if replaced:
            with Database.open(path) as another:
                another.write([TurnRecord(turn_key("api", "2"), "api", input=1)])
        database.write([TurnRecord(turn_key("api", "3"), "api", input=1)])
    with Database.open(path) as later:
        assert len(list(later.turns(Filter()))) == 1 + replaced
        assert later.check() == []


def test_a_zone_that_cannot_be_hashed(tmp_path: Path) -> None:
    class Zone(tzinfo):
        __hash__ = None  # type: ignore[assignment]

        def utcoffset(self, _: datetime | None) -> timedelta:
            return timedelta(hours=2)

        def dst(self, _: datetime | None) -> timedelta:
            return timedelta(0)

        def tzname(self, _: datetime | None) -> str:
            return "here"

    late = int(datetime(2026, 2, 3, 23, tzinfo=UTC).timestamp() * 1000)
    with Database.open(tmp_path / "ledger.sqlite", zone=Zone()) as database:
        database.write([TurnRecord(turn_key("api", "1"), "api", timestamp=late, input=1)])
        (group,) = database.totals(("day",), Filter(zone=Zone()))
        assert group.values == ("2026-02-04",)


def test_only_the_days_of_its_own_zone_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Database.open(path, zone=ZoneInfo("Europe/Berlin")) as database:
        database.write([TurnRecord(turn_key("api", "1"), "api", timestamp=1_770_000_000_000, input=1)])
        for name in ("Asia/Tokyo", "Europe/Berlin", "UTC"):
            (group,) = database.totals(("day",), Filter(zone=ZoneInfo(name)))
            assert group.totals.input == 1
    with sqlite3.connect(path) as connection:
        assert {name for (name,) in connection.execute("SELECT name FROM zones")} == {"UTC", "Europe/Berlin"}
    connection.close()
