"""`Ledger`: what a program records, and what comes back: contracts with sums, OpenClaw's shapes, a chat's lines."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_parts import NOON, contract, empty_home, milliseconds, put, turn, turns_of

from usagebar.contract import ContractError, Turn, UsageContract, build_contract, from_response
from usagebar.ledger import Budget, Ledger, LedgerError, TurnRecord
from usagebar.ledger.figures import PICO, Filter
from usagebar.ledger.zones import local_zone, zone
from usagebar.pricing import PriceError, configured_prices

PRICES = {"m": {"input": 1000, "output": 2000, "above": {"1000": {"input": 9000}}}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield empty_home(tmp_path, monkeypatch)
    configured_prices.cache_clear()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Give the time, which a test may change."""
    now = [NOON]
    monkeypatch.setattr("usagebar.ledger.ledger.now_ms", lambda: milliseconds(now[0]))
    return now


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger(":memory:", timezone="UTC", prices=PRICES) as opened:
        yield opened


def recorded(ledger: Ledger, given_turn: Any, **facts: Any) -> TurnRecord:
    record = ledger.record(given_turn, **facts)
    assert record is not None
    return record


# ---------------------------------------------------------------- what goes in


def test_a_contract_is_recorded_with_all_it_says(ledger: Ledger) -> None:
    whole = contract(
        usage={
            "input_tokens": 100,
            "cache_read_tokens": 2000,
            "cache_write_tokens": 30,
            "output_tokens": 10,
            "reasoning_tokens": 4,
        },
        state={"fast_mode": True},
        timing={"duration_ms": 840},
    )
    record = recorded(ledger, whole, tools=("read", "write", "read"))
    assert record == TurnRecord(
        key=record.key,
        runtime="api",
        machine=record.machine,
        session_id="s1",
        agent_id="main",
        origin="discord",
        model="m",
        provider="p",
        timestamp=milliseconds(NOON),
        input=100,
        cache_read=2000,
        cache_write_5m=30,
        output=10,
        reasoning=4,
        latency_ms=840,
        cost_usd=0.25,
        cost_source="reported",
        fast=True,
        tools=(("0", "read"), ("1", "write"), ("2", "read")),
    )
    assert len(record.key) == 16


def test_the_same_in_any_form(ledger: Ledger) -> None:
    given_turn = contract()
    forms = [given_turn, UsageContract.model_validate(given_turn)]
    records = [recorded(ledger, form)._replace(key=b"") for form in forms]
    assert records[0] == records[1]
    answer = {
        "type": "message",
        "model": "claude-opus-4-5",
        "usage": {"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": 2},
    }
    record = recorded(ledger, Turn("slack", session_id="s9").add(answer))
    found = (record.model, record.input, record.cache_read, record.output, record.origin, record.session_id)
    assert found == ("claude-opus-4-5", 7, 2, 3, "slack", "s9")


def test_facts_come_before_what_the_contract_says(ledger: Ledger) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5)
    record = recorded(
        ledger,
        contract(),
        session_id=77,
        agent_id="other",
        origin="cron:nightly",
        project="p1",
        latency_ms=12.5,
        at=at,
        tools=[("call_1", "read")],
    )
    found = (record.session_id, record.agent_id, record.origin, record.project, record.latency_ms, record.tools)
    assert found == ("77", "other", "cron:nightly", "p1", 13, (("call_1", "read"),))
    assert record.timestamp == milliseconds(at.replace(tzinfo=UTC))


def test_a_record_of_ones_own(ledger: Ledger) -> None:
    own = turn(session_id="s1", input=100, output=10)
    record = recorded(ledger, own)
    assert record == own._replace(cost_usd=record.cost_usd, cost_source="estimated", prices="<mapping>")
    assert record.cost_usd == pytest.approx(0.12)
    assert list(ledger.database.turns(Filter())) == [record]
    assert recorded(ledger, own, project="x").project == "x"


def test_a_key_makes_a_turn_one(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.record(contract(), key="chat 5, message 9", at=NOON)
    assert ledger.usage_cost()["totals"]["totalCost"] == 0.25
    ledger.record(contract(), key=9, at=NOON)
    ledger.record(contract(), key="9", at=NOON)
    assert ledger.usage_cost()["totals"]["totalCost"] == 0.5
    for _ in range(2):
        ledger.record(contract())
    assert ledger.usage_cost()["totals"]["totalCost"] == 1.0


def test_what_was_recorded_stays(home: Path) -> None:
    with Ledger(home / "l.sqlite", timezone="UTC") as first:
        first.record(contract())
        assert first.path == str(home / "l.sqlite")
        assert first.note is None
    with Ledger(home / "l.sqlite", timezone="UTC") as second:
        assert second.usage_cost()["totals"]["input"] == 100


@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"usage": {}},
        {"usage": {"input_tokens": None}},
        {"usage": {"input_tokens": True, "output_tokens": "7", "total_tokens": -1}},
        {"usage": {"input_tokens": 10**13}},
        {"usage": None, "cost": {"available": False}},
        {"cost": {"session_usd": 5.0}},
        {"cost": {"turn_usd": -1}},
        {"cost": {"turn_usd": 1e6}},
        {"usage": {"has_tokens": False, "last": {"input_tokens": 5}}},
        {"usage": "many"},
    ],
)
def test_a_contract_that_says_nothing_is_not_recorded(ledger: Ledger, nothing: dict[str, Any]) -> None:
    assert ledger.record(nothing) is None
    assert ledger.usage_cost()["daily"] == []


def test_the_cost_of_a_session_is_never_that_of_a_turn(ledger: Ledger) -> None:
    record = recorded(ledger, contract(model={"id": "other"}, cost={"session_usd": 9.0, "available": False}))
    assert record.cost_usd is None


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ({"schema": "other.v1"}, ContractError, r"the schema 'openclaw\.usageLine\.v1', found other\.v1"),
        ({"schema": 5}, ContractError, "found int"),
        ({"model": "gpt-5", "usage": {"prompt_tokens": 5}}, ContractError, "from_response makes one"),
        (5, TypeError, "expected a contract .*, found int"),
        (None, TypeError, "found NoneType"),
        ("text", TypeError, "found str"),
        ([{}], TypeError, "found list"),
        (object(), TypeError, "found object"),
        (UsageContract, TypeError, "found "),
    ],
)
def test_what_is_no_turn(ledger: Ledger, wrong: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        ledger.record(wrong)
    with pytest.raises(kind, match=said):
        ledger.enrich(wrong)


@pytest.mark.parametrize(
    ("facts", "kind", "said"),
    [
        ({"key": ""}, ContractError, "expected a key that is not blank"),
        ({"key": b"x"}, TypeError, "expected key to be a text, found bytes"),
        ({"key": True}, TypeError, "expected key to be a text, found bool"),
        ({"at": "today"}, TypeError, "expected at to be a datetime, found str"),
        ({"session_id": 1.5}, TypeError, "expected session_id to be a text, found float"),
        ({"latency_ms": -1}, ContractError, "expected latency_ms to be a number >= 0, of a day at most, found -1"),
        ({"tools": "read"}, TypeError, "expected tools to be a list of names, found str"),
        ({"tools": [("a", "b", "c")]}, TypeError, "expected a tool's name"),
        ({"tools": [5]}, TypeError, "expected a tool's name"),
    ],
)
def test_facts_that_are_none(ledger: Ledger, facts: dict[str, Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        ledger.record(contract(), **facts)
    assert ledger.usage_cost()["daily"] == []


def test_no_tools_may_be_said_as_none(ledger: Ledger) -> None:
    assert recorded(ledger, contract(), tools=None).tools == ()
    assert recorded(ledger, turn(tools=(("1", "read"),)), tools=None).tools == (("1", "read"),)


def test_numbers_are_ids(ledger: Ledger) -> None:
    numbered = contract(session={"id": -1001234}, agentId=7)
    record = recorded(ledger, numbered)
    assert (record.session_id, record.agent_id) == ("-1001234", "7")
    assert ledger.enrich(numbered)["session"] == {
        "id": -1001234,
        "input_tokens": 100,
        "output_tokens": 10,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "total_tokens": 110,
        "turns": 1,
    }
    for none in (True, 1.5, 10**5000, [1]):
        assert recorded(ledger, contract(session={"id": none}, agentId=none)).session_id is None


def test_a_total_alone_is_a_turn_of_unknown_tokens(ledger: Ledger) -> None:
    record = recorded(ledger, contract(usage={"total_tokens": 500}))
    assert (record.input, record.output, record.cost_usd) == (None, None, 0.25)
    assert ledger.enrich(contract())["session"] == {"id": "s1", "turns": 1}


# ---------------------------------------------------------------- what cannot be stored


def unwritable(folder: Path) -> Path:
    """Return a path in whose place no file can be made, by anybody."""
    return put(folder / "file", "") / "l.sqlite"


def test_a_ledger_that_cannot_store_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Ledger(unwritable(tmp_path), timezone="UTC") as ledger:
        assert ledger.note is not None
        assert [(each.name, each.levelname, each.message) for each in caplog.records] == [
            ("usagebar", "WARNING", ledger.note)
        ]
        for _ in range(2):
            assert ledger.record(contract()) is not None
        assert ledger.usage_cost()["totals"]["totalCost"] == 0.5
    assert len(caplog.records) == 1


def test_memory_that_was_asked_for_is_no_reason_to_warn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for place in (":memory:", tmp_path / "l.sqlite"):
        with Ledger(place, timezone="UTC") as ledger:
            ledger.record(contract())
    assert caplog.records == []


@pytest.mark.parametrize("path", ["a\0b", "sqlite:///a\0b", Path("a\0b")])
def test_a_path_that_is_none(path: Any) -> None:
    with pytest.raises(LedgerError, match="expected a path"):
        Ledger(path)


# ---------------------------------------------------------------- estimates


ONE_CALL = {"input_tokens": 100, "output_tokens": 10, "last": {"input_tokens": 100, "output_tokens": 10}}
TWO_CALLS = {"input_tokens": 800, "output_tokens": 10, "last": {"input_tokens": 100, "output_tokens": 10}}
LARGE = {"input_tokens": 1001, "output_tokens": 0}
UNKNOWN = {"available": False}


@pytest.mark.parametrize(
    ("changes", "dollars"),
    [
        ({"cost": None}, 0.12),
        ({"cost": UNKNOWN}, 0.12),
        ({"cost": None, "usage": LARGE}, 9.009),
        ({"cost": None, "usage": ONE_CALL}, 0.12),
        ({"cost": UNKNOWN, "usage": ONE_CALL, "context": {"used_tokens": 100}}, 0.12),
        # Its source knew the input and not the prompt: a count of the cache was wrong.
        ({"cost": UNKNOWN, "usage": ONE_CALL}, None),
        ({"cost": None, "usage": TWO_CALLS}, 0.82),
        # Its source could not tell; the calls may be of several models.
        ({"cost": UNKNOWN, "usage": TWO_CALLS}, None),
        # Which of the calls were above the threshold is not known.
        ({"cost": None, "usage": {**LARGE, "last": {"input_tokens": 1}}}, None),
        # A subscription.
        ({"cost": None, "model": {"id": "m", "auth_mode": "OAuth"}}, None),
        ({"cost": None, "model": {"id": "other"}}, None),
        ({"cost": None, "usage": {"total_tokens": 5}}, None),
    ],
)
def test_an_estimate_is_right_or_absent(ledger: Ledger, changes: dict[str, Any], dollars: float | None) -> None:
    record = recorded(ledger, contract(**changes))
    assert record.cost_usd == (None if dollars is None else pytest.approx(dollars))
    assert record.cost_source == (None if dollars is None else "estimated")


def test_a_subscription_that_reports_a_cost(ledger: Ledger) -> None:
    assert recorded(ledger, contract(model={"id": "m", "auth_mode": "oauth"})).cost_usd == 0.25


def test_an_estimate_of_the_host_is_named(ledger: Ledger) -> None:
    record = recorded(ledger, contract(cost={"turn_usd": 0.5, "source": "estimated"}))
    assert (record.cost_usd, record.cost_source, record.prices) == (0.5, "estimated", "estimated by the host")


def test_the_contract_of_an_answer_costs_what_it_says(ledger: Ledger) -> None:
    answer = {"type": "message", "model": "m", "usage": {"input_tokens": 100, "output_tokens": 10}}
    built = from_response(answer, prices=PRICES)
    assert recorded(ledger, built).cost_usd == built["cost"]["turn_usd"]


def test_a_reply_state_is_estimated(ledger: Ledger) -> None:
    state = {"model": "m", "usage": {"input": 100, "output": 10}, "sessionId": "s1"}
    assert recorded(ledger, build_contract(state)).cost_usd == pytest.approx(0.12)


def test_configured_prices_that_are_broken_cost_no_turn(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(home / ".config/usagebar/prices.json", "[")
    configured_prices.cache_clear()
    with Ledger(":memory:", timezone="UTC") as ledger:
        for _ in range(3):
            assert recorded(ledger, contract(cost=None)).cost_usd is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "prices.json" in caplog.text
    with pytest.raises(PriceError):
        Ledger(":memory:", prices=str(home / ".config/usagebar/prices.json"))


# ---------------------------------------------------------------- enriched contracts


def test_a_contract_is_enriched_by_its_session_and_today(ledger: Ledger, clock: list[datetime]) -> None:
    clock[0] = NOON - timedelta(days=1)
    ledger.record(contract())
    clock[0] = NOON
    given_turn = contract(usage={"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 5})
    ledger.record(given_turn)
    ledger.record(contract(session={"id": "s2"}))
    before = repr(given_turn)
    enriched = ledger.enrich(given_turn)
    assert repr(given_turn) == before
    assert enriched["cost"] == {
        "session_usd": 0.5,
        "today_usd": 0.5,
        "turn_usd": 0.25,
        "available": True,
        "source": "reported",
    }
    assert enriched["session"] == {
        "id": "s1",
        "input_tokens": 200,
        "output_tokens": 20,
        "cache_read_tokens": 5,
        "cache_write_tokens": 0,
        "total_tokens": 225,
        "turns": 2,
    }
    assert {**enriched, "cost": given_turn["cost"], "session": given_turn["session"]} == given_turn
    UsageContract.model_validate(enriched)


def test_what_the_host_says_stays(ledger: Ledger) -> None:
    ledger.record(contract())
    said = contract(cost={"session_usd": 9.0, "today_usd": 0}, session={"id": "s1", "turns": 44, "input_tokens": None})
    enriched = ledger.enrich(said)
    assert (enriched["cost"]["session_usd"], enriched["cost"]["today_usd"], enriched["session"]["turns"]) == (
        9.0,
        0,
        44,
    )
    assert enriched["session"]["input_tokens"] == 100


def test_an_amount_without_all_its_turns_is_absent(ledger: Ledger) -> None:
    ledger.record(contract())
    ledger.record(contract(model={"id": "other"}, cost=None))
    enriched = ledger.enrich(contract())
    assert not {"session_usd", "today_usd"} & enriched["cost"].keys()
    assert enriched["session"]["total_tokens"] == 220


def test_counts_without_all_their_turns_are_absent(ledger: Ledger) -> None:
    ledger.record(contract())
    ledger.record(contract(usage={"output_tokens": 5}))
    enriched = ledger.enrich(contract())
    assert enriched["session"] == {"id": "s1", "turns": 2}
    assert enriched["cost"]["session_usd"] == 0.5


def test_a_session_that_is_not_known_adds_nothing(ledger: Ledger) -> None:
    given_turn = contract(cost={"available": False})
    assert ledger.enrich(given_turn) == given_turn
    assert ledger.enrich({}) == {}
    ledger.record(contract())
    nobody = ledger.enrich(contract(session=None))
    assert "session" not in nobody
    assert nobody["cost"]["today_usd"] == 0.25


def test_today_is_a_day_of_the_zone(clock: list[datetime]) -> None:
    clock[0] = datetime(2026, 2, 5, 23, 30, tzinfo=UTC)
    with Ledger(":memory:", timezone="Europe/Berlin") as ledger:
        ledger.record(contract(), at=datetime(2026, 2, 5, 22, 59, tzinfo=UTC))
        ledger.record(contract(cost={"turn_usd": 0.5}), at=datetime(2026, 2, 5, 23, 0, tzinfo=UTC))
        assert ledger.enrich(contract())["cost"]["today_usd"] == 0.5
        assert [day["date"] for day in ledger.usage_cost(2)["daily"]] == ["2026-02-05", "2026-02-06"]


# ---------------------------------------------------------------- shapes


def test_usage_cost(ledger: Ledger, clock: list[datetime]) -> None:
    for days, cost in ((0, 0.25), (0, None), (2, 0.5), (30, 0.75)):
        clock[0] = NOON - timedelta(days=days)
        ledger.record(contract(model={"id": "other"}, cost=None if cost is None else {"turn_usd": cost}))
    clock[0] = NOON
    counts = {"input": 100, "output": 10, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 110}
    today = {key: 2 * value for key, value in counts.items()}
    assert ledger.usage_cost(3) == {
        "updatedAt": milliseconds(NOON),
        "days": 3,
        "daily": [
            {"date": "2026-02-03", **counts, "totalCost": 0.5, "missingCostEntries": 0, "missingTokenEntries": 0},
            {"date": "2026-02-05", **today, "totalCost": 0.25, "missingCostEntries": 1, "missingTokenEntries": 0},
        ],
        "totals": {
            "totalInput": 300,
            "totalOutput": 30,
            "totalCacheRead": 0,
            "totalCacheWrite": 0,
            **{key: 3 * value for key, value in counts.items()},
            "totalCost": 0.75,
            "missingCostEntries": 1,
            "missingTokenEntries": 0,
        },
    }
    assert ledger.usage_cost()["totals"]["totalCost"] == 0.75
    assert ledger.usage_cost(31)["totals"]["totalCost"] == 1.5


def test_a_cost_that_no_turn_has_is_none(ledger: Ledger) -> None:
    assert ledger.usage_cost()["totals"]["totalCost"] == 0
    ledger.record(contract(model={"id": "other"}, cost=None))
    usage = ledger.usage_cost()
    assert (usage["totals"]["totalCost"], usage["daily"][0]["totalCost"]) == (None, None)
    assert ledger.sessions_usage()["sessions"][0]["usage"]["totalCost"] is None


@pytest.mark.parametrize("days", [0, -1, 1.5, True, "7", None, 10**9])
def test_what_are_no_days(ledger: Ledger, days: Any) -> None:
    with pytest.raises(ValueError, match="expected a number of days"):
        ledger.usage_cost(days)
    with pytest.raises(ValueError, match="expected a number of days"):
        ledger.sessions_usage(days)


def test_many_days(ledger: Ledger) -> None:
    ledger.record(contract())
    assert ledger.usage_cost(366_000)["totals"]["input"] == 100


def test_sessions_usage(ledger: Ledger, clock: list[datetime]) -> None:
    ledger.record(contract(), at=NOON - timedelta(hours=2))
    ledger.record(contract(), at=NOON - timedelta(hours=1))
    ledger.record(contract(session={"id": "s2"}, agentId=None, surface=None), at=NOON)
    usage = ledger.sessions_usage(7)
    assert (usage["updatedAt"], usage["startDate"], usage["endDate"]) == (
        milliseconds(NOON),
        "2026-01-30",
        "2026-02-05",
    )
    second, first = usage["sessions"]
    assert (second["sessionId"], second["agentId"], second["origin"]) == ("s2", None, None)
    assert (first["key"], first["sessionId"], first["agentId"], first["origin"]) == (None, "s1", "main", "discord")
    assert first["updatedAt"] == milliseconds(NOON) - 3_600_000
    assert first["usage"] == {
        "inputTokens": 200,
        "outputTokens": 20,
        "cacheReadTokens": 0,
        "cacheWriteTokens": 0,
        "totalTokens": 220,
        "totalCost": 0.5,
        "missingCostEntries": 0,
        "missingTokenEntries": 0,
        "turns": 2,
    }


def test_tokens_that_no_turn_tells_are_none(ledger: Ledger, clock: list[datetime]) -> None:
    unknown = {"input": None, "output": None, "cacheRead": None, "cacheWrite": None, "totalTokens": None}
    ledger.record(contract(usage={"total_tokens": 500}))
    usage = ledger.usage_cost()
    day = {"date": "2026-02-05", **unknown, "totalCost": 0.25, "missingCostEntries": 0, "missingTokenEntries": 1}
    assert usage["daily"] == [day]
    names = ("totalInput", "totalOutput", "totalCacheRead", "totalCacheWrite")
    whole = {**dict.fromkeys(names), **{name: value for name, value in day.items() if name != "date"}}
    assert usage["totals"] == whole
    (session,) = ledger.sessions_usage()["sessions"]
    assert session["usage"] == {
        **dict.fromkeys(("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "totalTokens")),
        "totalCost": 0.25,
        "missingCostEntries": 0,
        "missingTokenEntries": 1,
        "turns": 1,
    }
    # What is known of such turns is told.
    ledger.record(contract(usage={"output_tokens": 7}))
    totals = ledger.usage_cost()["totals"]
    assert (totals["input"], totals["output"], totals["totalTokens"], totals["missingTokenEntries"]) == (None, 7, 7, 2)
    # A 0 of a turn that tells all is a 0.
    ledger.record(contract(usage={"input_tokens": 0, "output_tokens": 0}))
    totals = ledger.usage_cost()["totals"]
    assert (totals["input"], totals["totalOutput"], totals["missingTokenEntries"]) == (0, 7, 2)


def test_no_turns_have_no_tokens(ledger: Ledger) -> None:
    totals = ledger.usage_cost()["totals"]
    assert (totals["input"], totals["totalTokens"], totals["missingTokenEntries"]) == (0, 0, 0)


hours_before = st.integers(-40 * 24, 0).map(lambda each: milliseconds(NOON) + each * 3_600_000)


@given(turns=st.lists(turns_of(timestamp=hours_before), max_size=20, unique_by=lambda each: each.key))
def test_the_sums_are_those_of_the_turns(turns: list[TurnRecord]) -> None:
    with Ledger(":memory:", timezone="America/New_York", prices=False) as ledger:
        ledger.database.write(turns)
        usage = ledger.usage_cost(50)
    picos = [round(each.cost_usd * PICO) for each in turns if each.cost_usd is not None]
    totals = usage["totals"]
    assert (totals["totalInput"] or 0) == sum(each.input or 0 for each in turns)
    incomplete = sum(each.input is None or each.output is None for each in turns)
    assert totals["missingTokenEntries"] == incomplete
    assert totals["totalInput"] is not None or 0 < incomplete == len(turns)
    assert totals["totalCost"] == (sum(picos) / PICO if picos or not turns else None)
    assert totals["missingCostEntries"] == len(turns) - len(picos)
    for key in (
        *("input", "output", "cacheRead", "cacheWrite", "totalTokens"),
        "missingCostEntries",
        "missingTokenEntries",
    ):
        assert sum(day[key] or 0 for day in usage["daily"]) == (totals[key] or 0)
    assert [day["date"] for day in usage["daily"]] == sorted({day["date"] for day in usage["daily"]})


# ---------------------------------------------------------------- a chat's lines


def test_the_lines_of_an_empty_ledger(ledger: Ledger) -> None:
    lines = "💸 Usage cost\nSession n/a\nToday $0.0000\nLast 30d $0.0000"
    assert ledger.usage_cost_text("s1") == lines == ledger.usage_cost_text()


def test_the_lines_of_a_session(ledger: Ledger, clock: list[datetime]) -> None:
    clock[0] = NOON - timedelta(days=29)
    ledger.record(contract(cost={"turn_usd": 12.0}, session={"id": "old"}))
    clock[0] = NOON
    ledger.record(contract(cost={"turn_usd": 0.0042}, usage={"input_tokens": 45_000, "output_tokens": 0}))
    assert ledger.usage_cost_text("s1") == (
        "💸 Usage cost\nSession $0.0042 · 45k tokens\nToday $0.0042\nLast 30d $12.00"
    )
    ledger.record(contract(model={"id": "other"}, cost=None, usage={"input_tokens": 1_000_000, "output_tokens": 0}))
    assert ledger.usage_cost_text("s1") == (
        "💸 Usage cost\nSession $0.0042 (partial) · 1.0m tokens\nToday $0.0042 (partial)\nLast 30d $12.00 (partial)"
    )


def test_amounts_that_no_turn_has(ledger: Ledger) -> None:
    ledger.record(contract(model={"id": "other"}, cost=None))
    assert ledger.usage_cost_text("s1") == "💸 Usage cost\nSession n/a · 110 tokens\nToday n/a\nLast 30d n/a"
    ledger.record(contract(session={"id": "s2"}, model={"id": "other"}, cost=None, usage={"total_tokens": 7}))
    assert "\nSession n/a\n" in ledger.usage_cost_text("s2")


# ---------------------------------------------------------------- threads, transcripts, zones


def test_threads_may_share_a_ledger(ledger: Ledger) -> None:
    def work() -> None:
        for _ in range(25):
            ledger.record(contract(cost=None))
            ledger.enrich(contract())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    totals = ledger.usage_cost()["totals"]
    assert (totals["input"], totals["missingCostEntries"]) == (10_000, 0)
    assert totals["totalCost"] == pytest.approx(12.0)


def test_transcripts_are_imported_and_priced(home: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    line = (
        '{"type":"assistant","timestamp":"2026-02-05T11:00:00.000Z","sessionId":"c1","requestId":"r1","message":'
        '{"id":"m1","model":"m","role":"assistant","usage":{"input_tokens":100,"output_tokens":10}}}\n'
    )
    put(home / ".claude/projects/p/c1.jsonl", line)
    imported = ledger.import_transcripts()
    assert (imported.turns, imported.changed) == (1, 1)
    assert ledger.import_transcripts(["claude"]).changed == 0
    assert ledger.enrich({"session": {"id": "c1"}})["cost"]["session_usd"] == pytest.approx(0.12)


def test_a_zone_by_name() -> None:
    assert zone("UTC") is UTC
    assert zone("utc") is UTC
    assert zone("Asia/Kathmandu") == ZoneInfo("Asia/Kathmandu")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("Europe", ""),
        ("/etc/passwd", ""),
        ("../x", ""),
        ("", ""),
        ("a\0b", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_zone_that_is_none(name: str, hint: str) -> None:
    with pytest.raises(LedgerError, match="expected a time zone such as Europe/Berlin") as caught:
        zone(name)
    assert hint in str(caught.value)
    assert len(str(caught.value)) < 250
    with pytest.raises(LedgerError, match="expected the name of a time zone, found int"):
        zone(5)  # type: ignore[arg-type]


def test_utc_needs_no_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> tzinfo:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr("usagebar.ledger.zones.zoneinfo.ZoneInfo", missing)
    monkeypatch.setattr("usagebar.ledger.zones.zoneinfo.available_timezones", set)
    assert zone("UTC") is UTC
    with pytest.raises(LedgerError, match="no zones but UTC are installed"):
        zone("Europe/Berlin")


class Unhashable(tzinfo):
    """A zone as those of dateutil are: equal to others, so without a hash, and strict about whose times it is given."""

    def __init__(self, zone: tzinfo) -> None:
        self._own = zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"like {self._own}"

    def _naive(self, at: datetime | None) -> datetime:
        assert at is not None
        assert at.tzinfo is self
        return at.replace(tzinfo=self._own)

    def utcoffset(self, at: datetime | None, /) -> timedelta | None:
        return self._naive(at).utcoffset()

    def dst(self, at: datetime | None, /) -> timedelta | None:
        return self._naive(at).dst()

    def tzname(self, at: datetime | None, /) -> str | None:
        return self._naive(at).tzname()

    def fromutc(self, at: datetime, /) -> datetime:
        return self._own.fromutc(self._naive(at)).replace(tzinfo=self)


def test_a_zone_without_a_hash(clock: list[datetime]) -> None:
    own = Unhashable(ZoneInfo("Europe/Berlin"))
    clock[0] = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    with Ledger(":memory:", timezone=own, budgets=[Budget(1, "daily")]) as ledger:
        ledger.record(contract(), at=datetime(2026, 7, 1, 21, 59, tzinfo=UTC))
        ledger.record(contract(cost={"turn_usd": 0.5}))
        assert [day["date"] for day in ledger.usage_cost()["daily"]] == ["2026-07-01", "2026-07-02"]
        assert ledger.enrich(contract())["cost"]["today_usd"] == 0.5
        assert ledger.check_budgets()[0].pct == 50
        assert str(ledger.zone) == "like Europe/Berlin"
        assert clock[0].astimezone(ledger.zone).tzname() == "CEST"
        assert clock[0].astimezone(ledger.zone).dst() == timedelta(hours=1)
        assert hours(ledger.zone) == hours(copy.copy(ledger.zone)) == (1, 2)


def test_a_zone_with_a_hash_stays_as_it_is() -> None:
    own = ZoneInfo("Europe/Berlin")
    with Ledger(":memory:", timezone=own) as ledger:
        assert ledger.zone is own


SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)


def hours(found: tzinfo) -> tuple[float, float]:
    offsets = [at.astimezone(found).utcoffset() or timedelta() for at in (WINTER, SUMMER)]
    return offsets[0] / timedelta(hours=1), offsets[1] / timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Europe/Berlin", (1, 2)),
        (":Europe/Berlin", (1, 2)),
        ("", (0, 0)),
        ("UTC", (0, 0)),
        ("CET-1CEST,M3.5.0,M10.5.0/3", (1, 2)),
        ("<+0530>-5:30", (5.5, 5.5)),
        ("XYZ-3", (3, 3)),
    ],
)
def test_the_systems_zone_by_its_variable(value: str, expected: tuple[float, float]) -> None:
    assert hours(local_zone({"TZ": value})) == expected


def test_the_systems_zone_by_its_link(tmp_path: Path) -> None:
    names = {"a/zoneinfo/Europe/Berlin": "Europe/Berlin", "b/zoneinfo.default/posix/Asia/Tokyo": "Asia/Tokyo"}
    for place, name in names.items():
        link = tmp_path / "localtime"
        link.unlink(missing_ok=True)
        link.symlink_to(put(tmp_path / place, ""))
        assert local_zone({}, str(link)) == ZoneInfo(name)
    link.unlink()
    link.symlink_to(put(tmp_path / "c/zoneinfo/Etc/UTC", ""))
    assert local_zone({}, str(link)) is UTC


def test_the_systems_zone_by_a_copy(tmp_path: Path) -> None:
    # An empty zone file with a rule behind it.
    header = b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, 4))
    copy = tmp_path / "localtime"
    copy.write_bytes((header + bytes(6) + b"UTC\0") * 2 + b"\nCET-1CEST,M3.5.0,M10.5.0/3\n")
    assert hours(local_zone({}, str(copy))) == (1, 2)


def test_the_systems_zone_by_its_offset(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for found in (local_zone({}, str(tmp_path / "none")), local_zone({"TZ": "no such zone"})):
        assert now.astimezone(found).utcoffset() == now.astimezone().utcoffset()
