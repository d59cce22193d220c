"""Budgets: what they count, when they warn, and the file that configures them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_parts import NOON, contract, empty_home, milliseconds, put, turn, turns_of

from usagebar.ledger import Budget, BudgetState, Ledger, LedgerError, TurnRecord
from usagebar.ledger.budget_files import configured_budgets, read_budgets
from usagebar.ledger.budgets import check_budgets
from usagebar.ledger.figures import PICO
from usagebar.ledger.storing.database import Database
from usagebar.pricing import configured_prices


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


def costing(usd: float, **sections: Any) -> dict[str, Any]:
    return contract(cost={"turn_usd": usd}, **sections)


def states(turns: list[TurnRecord], *budgets: Budget, at: datetime = NOON, zone: str = "UTC") -> list[BudgetState]:
    with Database.open(":memory:") as database:
        database.write(turns)
        return check_budgets(database, budgets, ZoneInfo(zone), milliseconds(at))


# ---------------------------------------------------------------- what is spent


def spent(day: int, usd: float | None, **fields: Any) -> TurnRecord:
    at = datetime(2026, 2, day, 11, tzinfo=UTC)
    source = None if usd is None else "reported"
    return turn(timestamp=milliseconds(at), cost_usd=usd, cost_source=source, **fields)


def test_a_day_and_a_month() -> None:
    turns = [spent(1, 4.0), spent(4, 2.0), spent(5, 1.0), spent(5, 0.5, agent_id="a")]
    turns.append(turn(timestamp=milliseconds(datetime(2026, 1, 31, tzinfo=UTC)), cost_usd=50.0, cost_source="reported"))
    daily, monthly = states(turns, Budget(2, "daily"), Budget(10, "monthly"))
    assert daily == BudgetState(Budget(2, "daily"), date(2026, 2, 5), 1.5, 75.0, (50,), partial=False)
    assert monthly == BudgetState(Budget(10, "monthly"), date(2026, 2, 1), 7.5, 75.0, (50,), partial=False)
    assert not daily.is_spent


@pytest.mark.parametrize(
    ("names", "usd"),
    [({}, 7.0), ({"agent": "a"}, 3.0), ({"model": "n"}, 6.0), ({"agent": "a", "model": "n"}, 2.0), ({"agent": "x"}, 0)],
)
def test_what_a_budget_counts(names: dict[str, Any], usd: float) -> None:
    turns = [
        spent(5, 1.0, agent_id="a", model="m"),
        spent(5, 2.0, agent_id="a", model="n"),
        spent(5, 4.0, agent_id="b", model="n"),
    ]
    (state,) = states(turns, Budget(10, "daily", **names))
    assert state.spent_usd == usd


def test_turns_without_a_price_make_it_partial() -> None:
    turns = [spent(5, 1.0), spent(5, None, agent_id="a")]
    whole, other = states(turns, Budget(1, "daily"), Budget(1, "daily", agent="b"))
    assert (whole.spent_usd, whole.partial, whole.is_spent) == (1.0, True, True)
    assert (other.spent_usd, other.partial, other.is_spent) == (0.0, False, False)


def test_the_day_is_of_the_zone() -> None:
    late = turn(timestamp=milliseconds(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)), cost_usd=1.0, cost_source="reported")
    at = datetime(2026, 2, 1, 12, tzinfo=UTC)
    for zone, usd in (("UTC", 0.0), ("Europe/Berlin", 1.0), ("America/New_York", 0.0)):
        daily, monthly = states([late], Budget(1, "daily"), Budget(1, "monthly"), at=at, zone=zone)
        assert (daily.spent_usd, monthly.spent_usd) == (usd, usd)


@pytest.mark.parametrize(
    ("usd", "reached"), [(0.49999999, ()), (0.5, (50,)), (0.8, (50, 80)), (1.0, (50, 80, 100)), (7.0, (50, 80, 100))]
)
def test_a_threshold_is_reached_at_its_share_exactly(usd: float, reached: tuple[int, ...]) -> None:
    # Ten turns, whose sum in doubles would be off.
    turns = [spent(5, usd / 10, session_id=str(number)) for number in range(10)]
    (state,) = states(turns, Budget(1, "daily"))
    assert state.reached == reached


@given(turns=st.lists(turns_of(), max_size=20, unique_by=lambda each: each.key), limit=st.floats(0.01, 1e4))
def test_what_is_spent_is_the_sum_of_its_turns(turns: list[TurnRecord], limit: float) -> None:
    (state,) = states(turns, Budget(limit, "monthly", agent="a"))
    month = [
        each
        for each in turns
        if each.agent_id == "a"
        and datetime(2026, 2, 1, tzinfo=UTC)
        <= datetime.fromtimestamp((each.timestamp or 0) / 1000, UTC)
        < datetime(2026, 2, 6, tzinfo=UTC)
    ]
    assert state.spent_usd == sum(round((each.cost_usd or 0) * PICO) for each in month) / PICO
    assert state.partial == any(each.cost_usd is None for each in month)


# ---------------------------------------------------------------- warnings


def test_thresholds_fire_once_a_period(clock: list[datetime], tmp_path: Path) -> None:
    heard: list[tuple[int, float]] = []
    budgets = [Budget(1, "daily", thresholds=[100, 50])]
    path = tmp_path / "l.sqlite"

    def opened() -> Ledger:
        return Ledger(
            path, timezone="UTC", budgets=budgets, on_budget=lambda state, at: heard.append((at, state.spent_usd))
        )

    with opened() as ledger:
        for _ in range(3):
            ledger.record(costing(0.3))
    assert heard == [(50, 0.6)]
    with opened() as ledger:
        ledger.record(costing(0.05))
        assert heard == [(50, 0.6)]
        ledger.record(costing(0.3))
        assert heard == [(50, 0.6), (100, 1.25)]
        clock[0] = datetime(2026, 2, 6, tzinfo=UTC)
        ledger.record(costing(2))
        assert heard[2:] == [(50, 2.0), (100, 2.0)]


def test_another_limit_is_another_budget() -> None:
    heard: list[float] = []
    with Database.open(":memory:") as database:
        from usagebar.ledger.budgets import newly_reached

        database.write([spent(5, 9.0)])
        for limit in (1, 2, 1):
            found = check_budgets(database, [Budget(limit, "daily", thresholds=(100,))], UTC, milliseconds(NOON))
            heard += [state.budget.limit_usd for state, _ in newly_reached(database, found)]
    assert heard == [1, 2]


def test_a_budget_of_another_agent_is_not_asked() -> None:
    heard: list[BudgetState] = []
    budgets = [Budget(1, "daily", agent="other"), Budget(1, "daily", model="other")]
    with Ledger(
        ":memory:", timezone="UTC", budgets=budgets, on_budget=lambda state, _at: heard.append(state)
    ) as ledger:
        ledger.record(costing(5))
        assert heard == []
        ledger.record(costing(5, agentId="other"))
        assert {state.budget for state in heard} == {budgets[0]}


def test_a_callback_that_raises_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_state: BudgetState, _threshold: int) -> None:
        raise RuntimeError("no")

    with Ledger(":memory:", timezone="UTC", budgets=[Budget(1, "daily")], on_budget=broken) as ledger:
        assert ledger.record(costing(5)) is not None
        assert ledger.usage_cost()["totals"]["totalCost"] == 5
    assert [record.message for record in caplog.records] == ["on_budget raised RuntimeError: no"]


@pytest.mark.parametrize("where", ["fired", "totals"])
def test_budgets_that_cannot_be_checked_cost_no_turn(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(*_arguments: Any) -> None:
        raise LedgerError("nothing of this was stored") from sqlite3.OperationalError("database is locked")

    heard: list[int] = []
    budget = Budget(1, "daily", thresholds=(100,))
    with Ledger(":memory:", timezone="UTC", budgets=[budget], on_budget=lambda _state, at: heard.append(at)) as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(ledger.database, where, locked)
            for _ in range(2):
                assert ledger.record(costing(5)) is not None
            ledger.import_transcripts()
        assert heard == []
        assert [each.message for each in caplog.records] == [
            "all turns are stored, but budgets cannot be checked: database is locked"
        ]
        assert ledger.usage_cost()["totals"]["totalCost"] == 10
        # It is told as soon as it can be.
        ledger.record(costing(5))
    assert heard == [100]


def test_what_a_callback_raises_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def broken(state: BudgetState, threshold: int) -> None:
        raise RuntimeError(f"{state.spent_usd} {threshold}")

    with Ledger(":memory:", timezone="UTC", budgets=[Budget(1, "daily")], on_budget=broken) as ledger:
        for _ in range(3):
            ledger.record(costing(0.5))
    assert [each.message for each in caplog.records] == ["on_budget raised RuntimeError: 0.5 50"]


def test_threads_hear_of_a_threshold_once() -> None:
    heard: list[int] = []
    budget = Budget(1, "daily", thresholds=(50,))
    with Ledger(":memory:", timezone="UTC", budgets=[budget], on_budget=lambda _state, at: heard.append(at)) as ledger:
        threads = [threading.Thread(target=lambda: ledger.record(costing(1))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert heard == [50]


# ---------------------------------------------------------------- in a contract


def test_a_contract_has_the_budget_that_is_used_most() -> None:
    budgets = [Budget(10, "daily"), Budget(100, "monthly"), Budget(5, "daily", agent="main"), Budget(1, "daily", "x")]
    with Ledger(":memory:", timezone="UTC", budgets=budgets) as ledger:
        assert ledger.enrich(contract())["cost"]["budget_pct"] == 0
        ledger.record(costing(4))
        cost = ledger.enrich(contract())["cost"]
        assert (cost["budget_usd"], cost["budget_pct"]) == (5, 80)
        cost = ledger.enrich(contract(agentId=None))["cost"]
        assert (cost["budget_usd"], cost["budget_pct"]) == (10, 40)
        assert [state.pct for state in ledger.check_budgets()] == [40, 4, 80, 0]
        cost = ledger.enrich(contract(cost={"budget_usd": 3, "budget_pct": 1}))["cost"]
        assert (cost["budget_usd"], cost["budget_pct"]) == (3, 1)


def test_a_share_without_all_its_turns_is_absent() -> None:
    with Ledger(":memory:", timezone="UTC", budgets=[Budget(10, "daily")]) as ledger:
        ledger.record(costing(4))
        ledger.record(contract(cost=None))
        cost = ledger.enrich(contract())["cost"]
    assert cost["budget_usd"] == 10
    assert "budget_pct" not in cost


def test_a_share_that_is_all_without_some_turns_is_told() -> None:
    with Ledger(":memory:", timezone="UTC", budgets=[Budget(10, "daily")]) as ledger:
        ledger.record(contract(cost=None))
        for usd, expected in ((9.99, None), (0.01, 100), (2, 120)):
            ledger.record(costing(usd))
            assert ledger.enrich(contract())["cost"].get("budget_pct") == expected


# ---------------------------------------------------------------- names of models


@pytest.mark.parametrize(
    ("wanted", "stored", "fits"),
    [
        ("claude-opus-4-5", "claude-opus-4-5", True),
        ("claude-opus-4-5", "claude-opus-4-5-20251101", True),
        ("claude-opus-4-5", "anthropic/claude-opus-4-5", True),
        ("claude-opus-4-5", "anthropic/claude-opus-4-5-20251101", True),
        ("claude-opus-4-5", "[openclaw] Anthropic/Claude-Opus-4-5[1m]", True),
        ("claude-opus-4-5", "us.anthropic.claude-opus-4-5-20251101-v1:0", True),
        ("claude-opus-4-5", "claude-opus-4-5@20251101", True),
        ("Claude-Opus-4-5 ", "claude-opus-4-5-20251101", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("anthropic/claude-opus-4-5", "claude-opus-4-5-20251101", True),
        ("anthropic/claude-opus-4-5", "anthropic/claude-opus-4-5-20251101", True),
        ("gemini/gemini-3-pro", "google/gemini-3-pro", True),
        ("us.anthropic.claude-opus-4-5-v1:0", "claude-opus-4-5-20251101", True),
        ("claude-opus-4-5-20251101", "anthropic/claude-opus-4-5-20251101", True),
        # Others.
        ("claude-opus-4-5-20251101", "claude-opus-4-5", False),
        ("claude-opus-4-5-20251101", "claude-opus-4-5-20260101", False),
        ("claude-opus-4", "claude-opus-4-5", False),
        ("claude-opus-4", "claude-opus-4-5-20251101", False),
        ("gpt-4o", "gpt-4o-mini", False),
        ("openrouter/gpt-5", "openai/gpt-5", False),
        ("m", None, False),
        ("m" * 600, "m" * 600 + "-20251101", False),
        ("M", " ", False),
    ],
)
def test_a_model_under_its_names(wanted: str, stored: str | None, fits: bool) -> None:
    budget = Budget(10, "daily", model=wanted)
    assert budget.fits("a", stored) == fits
    (state,) = states([spent(5, 1.0, model=stored), spent(5, 5.0, model="none-of-these")], budget)
    assert state.spent_usd == fits


def test_a_model_under_several_names_is_one() -> None:
    turns = [spent(5, 1.0, model="claude-opus-4-5"), spent(5, 2.0, model="anthropic/claude-opus-4-5")]
    turns += [spent(5, None, model="claude-opus-4-5-20251101"), spent(4, 4.0, model="claude-opus-4-5")]
    (state,) = states(turns, Budget(3, "daily", model="claude-opus-4-5", thresholds=(100,)))
    assert (state.spent_usd, state.partial, state.reached) == (3.0, True, (100,))


def test_a_callback_hears_of_a_model_under_another_name() -> None:
    heard: list[int] = []
    budget = Budget(1, "daily", model="m", thresholds=(100,))
    with Ledger(":memory:", timezone="UTC", budgets=[budget], on_budget=lambda _state, at: heard.append(at)) as ledger:
        ledger.record(costing(1, model={"id": "p/m-20260101"}))
        assert heard == [100]
        assert ledger.enrich(contract())["cost"]["budget_pct"] == 100


# ---------------------------------------------------------------- budgets of nothing


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ({}, None),
        ({"agent": "a"}, None),
        ({"model": "n"}, None),
        ({"model": "n-20260101"}, "no turn of model n-20260101 is stored"),
        ({"agent": "a", "model": "n"}, None),
        ({"agent": "b"}, None),  # has a turn, of another month
        ({"agent": "x"}, "no turn of agent x is stored"),
        ({"agent": "b", "model": "n"}, "no turn of agent b and model n is stored"),
    ],
)
def test_a_budget_that_counts_no_stored_turn_has_a_note(names: dict[str, Any], note: str | None) -> None:
    old = turn(timestamp=milliseconds(datetime(2025, 1, 1, tzinfo=UTC)), agent_id="b", model="m", cost_usd=0.0)
    turns = [spent(5, 0.0, agent_id="a", model="p/n"), old._replace(cost_source="reported")]
    (state,) = states(turns, Budget(1, "monthly", **names))
    assert state.note == note
    with Ledger(":memory:", timezone="UTC", budgets=[Budget(1, "monthly", **names)]) as ledger:
        ledger.database.write(turns)
        assert [each.note for each in ledger.check_budgets()] == [note]


def test_a_budget_is_spent_where_all_of_it_is_reached() -> None:
    # Less than half a picodollar more, and then ten of them.
    (state,) = states([spent(5, 0.1)], Budget(0.1000000000004, "daily"))
    assert (state.reached, state.is_spent) == ((50, 80, 100), True)
    (state,) = states([spent(5, 0.1)], Budget(0.10000000001, "daily"))
    assert (state.reached, state.is_spent) == ((50, 80), False)


# ---------------------------------------------------------------- what is a budget


def test_a_budget() -> None:
    assert Budget(5, "daily").thresholds == (50, 80, 100)
    assert Budget(5, "daily", thresholds=[90, 10, 90]).thresholds == (10, 90)
    assert Budget(5, "daily") == Budget(limit_usd=5.0, period="daily")
    assert Budget(5, "daily").label == "daily"
    assert Budget(5, "monthly", agent="a", model="m").label == "monthly, agent a, model m"
    assert Budget(5, "monthly", agent="a", name="mine").label == "mine"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"limit_usd": 0}, "limit_usd: expected US dollars, a number above 0, found 0"),
        ({"limit_usd": 1e-14}, "limit_usd: expected US dollars"),
        ({"limit_usd": -1}, "limit_usd: expected US dollars"),
        ({"limit_usd": "5"}, "limit_usd: expected US dollars, a number above 0, found '5'"),
        ({"limit_usd": float("nan")}, "limit_usd: expected US dollars"),
        ({"limit_usd": 1e300}, "limit_usd: expected US dollars"),
        ({"limit_usd": True}, "limit_usd: expected US dollars"),
        ({"period": "weekly"}, "period: expected one of daily, monthly, found 'weekly'"),
        ({"period": ["daily"]}, "period: expected one of"),
        ({"agent": 5}, "agent: expected a text, found 5"),
        ({"model": " "}, "model: expected a text"),
        ({"thresholds": ()}, "thresholds: expected whole percentages from 1 to 1000"),
        ({"thresholds": 50}, "thresholds: expected whole percentages"),
        ({"thresholds": [0]}, "thresholds: expected whole percentages"),
        ({"thresholds": [50.5]}, "thresholds: expected whole percentages"),
        ({"thresholds": [1001]}, "thresholds: expected whole percentages"),
        ({"thresholds": [True]}, "thresholds: expected whole percentages"),
    ],
)
def test_what_is_no_budget(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Budget(**{"limit_usd": 5, "period": "daily", **fields})


def test_what_are_no_budgets() -> None:
    with pytest.raises(LedgerError, match="expected budgets, found dict"):
        Ledger(":memory:", budgets=[{"limit_usd": 5}])  # type: ignore[list-item]


# ---------------------------------------------------------------- the file


FILE = """{
  // what may be spent
  "$schema": "x",
  "budgets": [
    { "limit_usd": 10, "period": "daily" },
    { "limit_usd": 200, "period": "monthly", "agent": "main", "model": "m", "thresholds": [80, 100], "name": "n" }
  ]
}
"""
BUDGETS = (Budget(10, "daily"), Budget(200, "monthly", "main", "m", (80, 100), "n"))


def test_a_file_of_budgets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_budgets() == ()
    path = put(home / ".config/usagebar/budgets.json", FILE)
    assert configured_budgets() == BUDGETS == read_budgets(path)
    with Ledger(":memory:") as ledger:
        assert ledger.budgets == BUDGETS
    other = put(home / "other.json", '[{"limit_usd": 1, "period": "daily"}]')
    monkeypatch.setenv("USAGEBAR_BUDGETS", "~/other.json")
    assert configured_budgets() == (Budget(1, "daily"),)
    with Ledger(":memory:", budgets=other) as ledger:
        assert ledger.budgets == (Budget(1, "daily"),)
    with Ledger(":memory:", budgets=()) as ledger:
        assert ledger.budgets == ()


@pytest.mark.parametrize("text", ["", " \n", "// nothing", "[]", "{}", '{"budgets": []}'])
def test_a_file_without_budgets(home: Path, text: str) -> None:
    assert read_budgets(put(home / "b.json", text)) == ()


WRONG = """[
  { "limit_usd": -5, "period": "daily" },
  { "limit_usd": 5, "period": "daily", "agnet": "main" },
  { "period": "daily", "thresholds": [50, 0] },
  7
]
"""
DRAWN = """\
the file of budgets cannot be used

error[wrong-type]: expected US dollars, a number above 0, found -5
  --> b.json:2:18 ($[0].limit_usd)
   |
 2 |   { "limit_usd": -5, "period": "daily" },
   |                  ^^

error[wrong-type]: expected a member of limit_usd, period, agent, model, thresholds, name, found `agnet`
  --> b.json:3:41 ($[1].agnet)
   |
 3 |   { "limit_usd": 5, "period": "daily", "agnet": "main" },
   |                                         ^^^^^
help: did you mean `agent`?

error[wrong-type]: expected a budget with `limit_usd`, found none
  --> b.json:4:3 ($[2])
   |
 4 |   { "period": "daily", "thresholds": [50, 0] },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error[wrong-type]: expected whole percentages from 1 to 1000, found 0
  --> b.json:4:43 ($[2].thresholds[1])
   |
 4 |   { "period": "daily", "thresholds": [50, 0] },
   |                                           ^

error[wrong-type]: expected a budget (an object), found 7
  --> b.json:5:3 ($[3])
   |
 5 |   7
   |   ^"""


def test_all_that_is_wrong_in_a_file_is_drawn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    put(home / "b.json", WRONG)
    with pytest.raises(LedgerError) as caught:
        read_budgets("b.json")
    assert str(caught.value) == DRAWN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7", "expected an array of budgets, found 7"),
        ('{"budgets": {}}', "expected an array of budgets, found an object"),
        ('{"budget": []}', "expected `budgets`, found `budget`"),
        ("[", "invalid-json"),
        ('[{"limit_usd": 5, "period": "daily", "thresholds": []}]', "expected whole percentages"),
    ],
)
def test_a_file_of_something_else(home: Path, text: str, said: str) -> None:
    with pytest.raises(LedgerError, match="the file of budgets cannot be used") as caught:
        read_budgets(put(home / "b.json", text))
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGEBAR_BUDGETS", str(home / "none.json"))
    with pytest.raises(LedgerError, match=r"there is no file .*none\.json"):
        Ledger(":memory:")
    with pytest.raises(LedgerError, match="expected a regular file, found a folder"):
        read_budgets(home)
