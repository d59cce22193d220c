"""`CostTracker`: results of any shape, the sums over them, and the files they are exported to."""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_parts import NOON, contract, empty_home, put, turn

import usagebar
from usagebar.contract import ContractError, Turn, UsageContract
from usagebar.ledger.figures import PICO
from usagebar.ledger.tracking.exports import decimal_usd
from usagebar.ledger.tracking.tracker import CostTracker, Run
from usagebar.pricing import PriceError, configured_prices

PRICING = {
    "m": {"input_cost_per_million": 1000.0, "output_cost_per_million": 2000.0, "cache_read_cost_per_million": 10.0}
}
FIGURES = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens", "cost_usd")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield empty_home(tmp_path, monkeypatch)
    configured_prices.cache_clear()


def figures(run: Run) -> tuple[Any, ...]:
    return tuple(getattr(run, name) for name in FIGURES)


# ---------------------------------------------------------------- what a result is


PLAIN = (100, 10, None, None, 110, 0.12)
CACHED = (100, 10, 1000, None, 1110, 0.13)


class Usage:
    def __init__(self, **counts: Any) -> None:
        self.__dict__.update(counts)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"model": "m", "agent_id": "a", "input_tokens": 100, "output_tokens": 10}, PLAIN),
        ({"model": "m", "agentId": "a", "usage": {"input_tokens": 100, "output_tokens": 10}}, PLAIN),
        ({"model": "m", "agent_name": "a", "usage": {"inputTokens": 100, "outputTokens": 10}}, PLAIN),
        ({"model": {"id": "m"}, "agent": {"name": "a"}, "usage": {"input": 100, "output": 10}}, PLAIN),
        ({"model_name": "m", "agent": "a", "usage": {"prompt_tokens": 100, "completion_tokens": 10}}, PLAIN),
        ({"model": "m", "agent": "a", "token_usage": {"tokens_in": 100.0, "tokens_out": 10}}, PLAIN),
        (SimpleNamespace(model="m", agent_id="a", input_tokens=100, output_tokens=10), PLAIN),
        (SimpleNamespace(model="m", agent_id="a", usage=Usage(input_tokens=100, output_tokens=10)), PLAIN),
        ({"model": "m", "agent": "a", "usage": {"input": 100, "output": 10, "cacheRead": 1000}}, CACHED),
        ({"model": "m", "agent": "a", "input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 1000}, CACHED),
        (
            {
                "model": "m",
                "agent": "a",
                "usage": {
                    "prompt_tokens": 1100,
                    "completion_tokens": 10,
                    "prompt_tokens_details": {"cached_tokens": 1000},
                },
            },
            CACHED,
        ),
        (
            {
                "type": "message",
                "agent_id": "a",
                "model": "m",
                "usage": {"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 1000},
            },
            CACHED,
        ),
        (contract(agentId="a", cost=None), PLAIN),
        (contract(agentId="a", cost={"turn_usd": 0.5}), (100, 10, None, None, 110, 0.5)),
        (UsageContract.model_validate(contract(agentId="a", cost=None)), PLAIN),
        (turn(agent_id="a"), PLAIN),
        ({"model": "m", "agent": "a", "usage": {"total_tokens": 500}}, (None, None, None, None, 500, None)),
        ({"model": "m", "agent": "a", "usage": {"input": 100}}, (100, None, None, None, None, None)),
        ({"model": "m", "agent": "a", "usage": {"input": "100", "output": True}}, (None,) * 6),
        ({"model": "m", "agent": "a", "usage": {"input": -1, "output": float("nan")}}, (None,) * 6),
        ({"model": "m", "agent": "a", "usage": None}, (None,) * 6),
        ({"model": "m", "agent": "a", "cost_usd": 0.5}, (None, None, None, None, None, 0.5)),
        (
            {"model": "m", "agent": "a", "usage": {"input": 1, "output": 1, "cost": {"total": 0}}},
            (1, 1, None, None, 2, 0.0),
        ),
        ({"model": "other", "agent": "a", "usage": {"input": 1, "output": 1}}, (1, 1, None, None, 2, None)),
    ],
)
def test_a_result_of_any_shape(result: Any, expected: tuple[Any, ...]) -> None:
    run = CostTracker(PRICING).record(result)
    assert figures(run) == pytest.approx(expected)
    assert run.agent_id == "a"


ANTHROPIC_USAGE = {"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 1000}
OPENAI_USAGE = {"prompt_tokens": 1100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 1000}}
GOOGLE_USAGE = {"prompt_token_count": 100, "candidates_token_count": 10}
COUNTS = {"input": 100, "output": 10}


@pytest.mark.parametrize(
    "result",
    [
        {"model": "m", "cost_usd": 0.42, "usage": ANTHROPIC_USAGE},
        {"model": "m", "cost_usd": 0.42, "usage": OPENAI_USAGE},
        {"model": "m", "cost_usd": 0.42, "usage_metadata": GOOGLE_USAGE},
        {"model": "m", "cost_usd": 0.42, "token_usage": OPENAI_USAGE},
        {"model": "m", "cost_usd": 0.42, "type": "message", "usage": ANTHROPIC_USAGE},
        SimpleNamespace(model="m", total_cost_usd=0.42, usage=ANTHROPIC_USAGE),
        SimpleNamespace(model="m", total_cost_usd=0.42, usage=Usage(**ANTHROPIC_USAGE)),
        {"model": "m", "usage": {**ANTHROPIC_USAGE, "cost_usd": 0.42}},
        {"model": "m", "usage": {**ANTHROPIC_USAGE, "cost": 0.42}},
        {"model": "m", "usage": {**OPENAI_USAGE, "cost": 0.42}},
        {"model": "m", "cost_usd": 0.42, "usage": {**OPENAI_USAGE, "cost": 0.3}},
        {
            "model": "m",
            "cost_usd": 0.42,
            "usage": {"input_tokens": 1, "cache_read_tokens": 1, "requests": 1, "cost": 3},
        },
        {"model": "m", "cost": 0.42, **COUNTS},
        {"model": "m", "total_cost": 0.42, **COUNTS},
        {"model": "m", "cost": {"total_cost": 0.42}, **COUNTS},
        {"model": {"id": "m"}, "cost": {"turn_usd": 0.42}, "usage": COUNTS},
        {"model": "m", "cost": -1, "total_cost": 0.42, **COUNTS},
        {"model": "m", "cost_usd": float("nan"), "cost": 0.42, **COUNTS},
        {"model": "m", "usage": {**COUNTS, "cost": 0.42}},
        {"model": "m", "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.42}},
        {
            "model": "m",
            "usage": {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "cost": 0.02,
                "is_byok": True,
                "cost_details": {"upstream_inference_cost": 0.4},
            },
        },
    ],
)
def test_a_reported_cost_comes_first(result: Any) -> None:
    run = CostTracker(PRICING).record(result, agent_id="a")
    assert run.cost_usd == pytest.approx(0.42)
    assert run.cost_source == "reported"


@pytest.mark.parametrize(
    "result",
    [
        # The cost of a session, and the fee alone of what a provider bills.
        {"model": "other", "cost": {"total_cost_usd": 5.0}, **COUNTS},
        {"model": "other", "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.02, "is_byok": True}},
        {"model": "other", "cost": "0.42", "total_cost": True, **COUNTS},
        SimpleNamespace(model="other", cost=lambda: 5.0, usage=COUNTS),
    ],
)
def test_what_is_no_cost_of_a_run(result: Any) -> None:
    assert CostTracker(PRICING).record(result).cost_usd is None


def test_what_a_library_calls_its_cost_is_an_estimate() -> None:
    from pydantic_ai.usage import RunUsage

    usage = RunUsage(input_tokens=100, output_tokens=10, cache_read_tokens=1, cost=Decimal("0.5"))
    for result in (usage, asdict(usage), {"model": "m", "usage": asdict(usage)}):
        run = CostTracker().record(result)
        assert (run.cost_usd, run.cost_source) == (0.5, "estimated")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        # Bedrock's Converse counts the cache beside the input.
        ({"inputTokens": 100, "outputTokens": 10, "totalTokens": 1110, "cacheReadInputTokens": 1000}, CACHED),
        (
            {"inputTokens": 100, "outputTokens": 10, "cacheReadInputTokens": 1000, "cacheWriteInputTokens": 5},
            (100, 10, 1000, 5, 1115, None),
        ),
        # DeepSeek and Vercel's AI SDK count it within.
        (
            {"prompt_tokens": 1100, "completion_tokens": 10, "prompt_cache_hit_tokens": 1000}
            | {"prompt_cache_miss_tokens": 100, "total_tokens": 1110},
            CACHED,
        ),
        ({"inputTokens": 1100, "outputTokens": 10, "totalTokens": 1110, "cachedInputTokens": 1000}, CACHED),
        ({"inputTokens": 1100, "outputTokens": 10, "inputTokenDetails": {"cacheReadTokens": 1000}}, CACHED),
        ({"inputTokens": 100, "outputTokens": 10, "cachedInputTokens": None}, PLAIN),
        # pydantic-ai too; not what has the contract's names.
        ({"input_tokens": 1100, "output_tokens": 10, "cache_read_tokens": 1000, "details": {}}, CACHED),
        ({"input_tokens": 1100, "output_tokens": 10, "cache_read_tokens": 1000, "requests": 3}, CACHED),
        ({"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 1000}, CACHED),
        ({"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 1000, "details": "none"}, CACHED),
    ],
)
def test_whether_the_input_includes_the_cache(usage: dict[str, Any], expected: tuple[Any, ...]) -> None:
    for result in ({"model": "m", "usage": usage}, {"model": "m", **usage}, {"model": "m", "token_usage": usage}):
        run = CostTracker(PRICING).record(result)
        assert figures(run)[:5] == expected[:5]
        if expected[5] is not None:
            assert run.cost_usd == pytest.approx(expected[5])


def test_a_dumped_usage_is_what_it_was() -> None:
    from pydantic_ai.usage import RequestUsage, RunUsage

    counts: dict[str, Any] = {"input_tokens": 1100, "cache_read_tokens": 1000, "output_tokens": 10}
    for usage in (RunUsage(**counts, requests=3), RequestUsage(**counts)):
        tracker = CostTracker(PRICING)
        results = (usage, asdict(usage), {"usage": usage}, {"usage": asdict(usage)}, {"token_usage": asdict(usage)})
        found = {figures(tracker.record(result, model="m")) for result in results}
        assert [each[:5] for each in found] == [(100, 10, 1000, None, 1110)]


@pytest.mark.parametrize(
    ("usage", "total", "usd"),
    [
        ({"input": 100, "output": 10, "total": 110}, 110, 0.12),
        ({"input": 100, "output": 10, "total": 5}, 110, 0.12),
        ({"input": 100, "output": 10, "total": 500}, 500, None),
        ({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 111}, 111, None),
        ({"input": 100, "output": 10, "total": 500, "cost": 0.5}, 500, 0.5),
        ({"input": 100, "output": 10, "cacheRead": 0, "total": 500}, 110, 0.12),
        ({"input_tokens": 100, "output_tokens": 10, "total_tokens": 500, "has_tokens": True}, 500, None),
    ],
)
def test_a_total_that_is_more_than_its_parts(usage: dict[str, Any], total: int, usd: float | None) -> None:
    tracker = CostTracker(PRICING)
    run = tracker.record({"model": {"id": "m"}, "usage": usage})
    assert (run.input_tokens, run.total_tokens) == (100, total)
    assert run.cost_usd == (None if usd is None else pytest.approx(usd))
    assert tracker.summary()["total_tokens"] == total


def test_a_usage_that_is_a_method() -> None:
    from pydantic_ai.usage import RunUsage

    class Older:
        model, agent_id = "m", "a"

        def __init__(self, usage: Any) -> None:
            self._usage = usage

        def usage(self) -> Any:
            return self._usage

    run_usage = RunUsage(input_tokens=1100, cache_read_tokens=1000, output_tokens=10)
    for usage, expected in ((Usage(**COUNTS), PLAIN), (ANTHROPIC_USAGE, CACHED), (run_usage, CACHED)):
        run = CostTracker(PRICING).record(Older(usage))
        assert figures(run) == pytest.approx(expected)
        assert (run.model, run.agent_id) == ("m", "a")


async def _awaited() -> dict[str, int]:
    return COUNTS


@pytest.mark.parametrize("usage", [lambda needed: COUNTS, _awaited, Usage, int.from_bytes, lambda: None])
def test_a_usage_that_cannot_be_called(usage: Any) -> None:
    run = CostTracker(PRICING).record(SimpleNamespace(model="m", usage=usage, input_tokens=7))
    assert run.input_tokens == 7


def test_a_usage_that_raises() -> None:
    def usage() -> None:
        raise RuntimeError

    with pytest.raises(ContractError, match=r"expected usage\(\) of a result, found that it raises RuntimeError"):
        CostTracker().record(SimpleNamespace(model="m", usage=usage))


def test_a_record_has_its_time() -> None:
    record = turn(timestamp=1000)
    assert CostTracker().record(record).timestamp == "1970-01-01T00:00:01.000Z"
    assert CostTracker().record(record, at=NOON).timestamp == "2026-02-05T12:00:00.000Z"
    before = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for none in (None, -5, 10**20, 10**400, True, "now"):
        assert CostTracker().record(turn(timestamp=none)).timestamp >= before


@pytest.mark.parametrize("none", [-5, float("nan"), 1.5, "7", True, 10**13, 10**400])
def test_figures_of_a_record_that_are_none_are_unknown(none: Any) -> None:
    tracker = CostTracker(PRICING)
    run = tracker.record(turn(input=none, output=none, cache_read=none, cache_write_5m=none))
    assert figures(run) == (None,) * 6
    # The rest alone is not what it costs.
    run = tracker.record(turn(cache_read=none))
    assert figures(run) == (100, 10, None, None, 110, None)
    assert tracker.summary()["total_tokens"] == 110


@pytest.mark.parametrize("none", [-5.0, float("nan"), float("inf"), "7", True, 1e6])
def test_a_cost_of_a_record_that_is_none_is_unknown(none: Any) -> None:
    run = CostTracker().record(turn(cost_usd=none, cost_source="reported"))
    assert (run.cost_usd, run.cost_source) == (None, None)
    run = CostTracker(PRICING).record(turn(cost_usd=none, cost_source="reported"))
    assert run.cost_usd == pytest.approx(0.12)
    assert run.cost_source == "estimated"


def test_agents_may_be_numbers(tmp_path: Path) -> None:
    tracker = CostTracker()
    for result in ({"model": "m", "agent_id": 5}, {"model": "m", "agent": {"id": 5}}, contract(agentId=5)):
        assert tracker.record(result).agent_id == "5"
    assert tracker.record({"model": "m"}, agent_id=5).agent_id == "5"
    tracker.export_csv(tmp_path / "runs.csv")
    for name in ("agent_id", "model"):
        wrong: dict[str, Any] = {name: [5]}
        with pytest.raises(TypeError, match=f"expected {name} to be a text, found list"):
            tracker.record({"model": "m"}, **wrong)
    assert tracker.record({"model": "m", "agent_id": "a"}, agent_id=" ", model="").agent_id == "a"


def test_answers_of_providers() -> None:
    from openai.types.chat import ChatCompletion

    answer = ChatCompletion.model_validate(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": "gpt-5.2",
            "choices": [],
            "usage": {
                "prompt_tokens": 1100,
                "completion_tokens": 10,
                "total_tokens": 1110,
                "prompt_tokens_details": {"cached_tokens": 1000},
            },
        }
    )
    run = CostTracker().record(answer, agent_id="a")
    assert (run.model, run.agent_id, *figures(run)[:5]) == ("gpt-5.2", "a", 100, 10, 1000, None, 1110)
    known = usagebar.contract.from_response(answer)
    assert run.cost_usd == pytest.approx(known["cost"]["turn_usd"], abs=1e-12)
    gemini = {
        "model_version": "gemini-2.5-pro",
        "usage_metadata": {"prompt_token_count": 50, "candidates_token_count": 5},
    }
    assert figures(CostTracker().record(gemini))[:2] == (50, 5)
    whole = Turn(agent_id="b", model="m", prices=PRICING).add(
        {"usage": {"prompt_tokens": 100, "completion_tokens": 10}}
    )
    run = CostTracker(PRICING).record(whole)
    assert (run.agent_id, run.model) == ("b", "m")
    assert run.cost_usd == pytest.approx(0.12)


def test_what_pydantic_ai_counts_includes_the_cache() -> None:
    from pydantic_ai.usage import RunUsage

    usage = RunUsage(input_tokens=1100, cache_read_tokens=1000, output_tokens=10)
    for result in (SimpleNamespace(model="m", agent_id="a", usage=usage), usage):
        run = CostTracker(PRICING).record(result, model="m")
        assert figures(run)[:3] == (100, 10, 1000)
        assert run.cost_usd == pytest.approx(0.13)


@pytest.mark.parametrize("wrong", [None, 5, "text", b"x", [], {}, {"x": 1}, object(), True, [{"model": "m"}]])
def test_what_is_no_result(wrong: Any) -> None:
    tracker = CostTracker()
    with pytest.raises(ContractError, match=r"expected a result \(an object or mapping with a model"):
        tracker.record(wrong)
    assert tracker.summary()["run_count"] == 0


def test_what_the_caller_knows_comes_first() -> None:
    run = CostTracker(PRICING).record({"model": "other", "input": 100, "output": 10}, agent_id="b", model="m", at=NOON)
    assert (run.agent_id, run.model) == ("b", "m")
    assert run.cost_usd == pytest.approx(0.12)
    assert run.timestamp == "2026-02-05T12:00:00.000Z"
    with pytest.raises(TypeError, match="expected at to be a datetime, found str"):
        CostTracker().record({"model": "m"}, at="now")  # type: ignore[arg-type]


# ---------------------------------------------------------------- sums


def test_an_empty_summary() -> None:
    assert CostTracker().summary() == {
        "total_input_tokens": 0,
        "total_output_tokens": 0,
        "total_tokens": 0,
        "total_cost_usd": 0.0,
        "run_count": 0,
        "unpriced_runs": 0,
        "by_agent": {},
        "by_model": {},
    }


def test_a_summary() -> None:
    tracker = usagebar.CostTracker(PRICING)
    tracker.record({"model": "m", "agent_id": "a", "input": 100, "output": 10, "cacheRead": 1000})
    tracker.record({"model": "m", "agent_id": "b", "input": 100, "output": 10})
    tracker.record({"model": "other", "agent_id": "b", "input": 7})
    tracker.record({"usage": {"total": 50}})
    assert tracker.summary() == {
        "total_input_tokens": 207,
        "total_output_tokens": 20,
        "total_tokens": 1277,
        "total_cost_usd": 0.25,
        "run_count": 4,
        "unpriced_runs": 2,
        "by_agent": {
            "a": sums(1, 1110, 100, 10, 0.13, 0),
            "b": sums(2, 117, 107, 10, 0.12, 1),
            "unknown": sums(1, 50, 0, 0, None, 1),
        },
        "by_model": {
            "m": sums(2, 1220, 200, 20, 0.25, 0),
            "other": sums(1, 7, 7, 0, None, 1),
            "unknown": sums(1, 50, 0, 0, None, 1),
        },
    }
    tracker.reset()
    assert tracker.summary() == CostTracker().summary()
    assert tracker.runs == []


def sums(*values: Any) -> dict[str, Any]:
    names = ("run_count", "total_tokens", "input_tokens", "output_tokens", "cost_usd", "unpriced_runs")
    return dict(zip(names, values, strict=True))


def test_a_cost_that_no_run_has_is_none() -> None:
    tracker = CostTracker()
    tracker.record({"model": "nobody's", "input": 1, "output": 1})
    assert tracker.summary()["total_cost_usd"] is None


results = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(("m", "other", "")),
        "agent_id": st.sampled_from(("a", "b")),
        "input": st.none() | st.integers(0, 10**6),
        "output": st.none() | st.integers(0, 10**6),
        "cacheRead": st.integers(0, 10**6),
        "cost_usd": st.floats(0, 10),
        "total": st.integers(0, 10**6),
    },
).filter(lambda found: any(value is not None and value != "" for value in found.values()))


@given(given_results=st.lists(results, max_size=20), kept=st.none() | st.integers(0, 5))
def test_the_sums_are_those_of_the_runs(given_results: list[dict[str, Any]], kept: int | None) -> None:
    tracker = CostTracker(PRICING, max_runs=kept)
    runs = [tracker.record(result) for result in given_results]
    summary = tracker.summary()
    costs = [run.cost_pico for run in runs if run.cost_pico is not None]
    assert summary["total_cost_usd"] == (sum(costs) / PICO if costs or not runs else None)
    assert summary["unpriced_runs"] == len(runs) - len(costs)
    assert summary["total_input_tokens"] == sum(run.input_tokens or 0 for run in runs)
    for grouping in ("by_agent", "by_model"):
        groups = summary[grouping].values()
        for name in ("run_count", "unpriced_runs", "total_tokens"):
            assert sum(group[name] for group in groups) == summary[name]
        assert sum(group["input_tokens"] for group in groups) == summary["total_input_tokens"]
        assert sum(group["output_tokens"] for group in groups) == summary["total_output_tokens"]
        picos = [round(group["cost_usd"] * PICO) for group in groups if group["cost_usd"] is not None]
        assert sum(picos) == sum(costs)
    assert tracker.runs == (runs if kept is None else runs[len(runs) - min(kept, len(runs)) :])


def test_names_are_bounded_where_runs_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usagebar.ledger.tracking.tracker.MOST_NAMES", 3)
    for kept, expected in ((5, ["0", "1", "2", "other"]), (None, [str(number) for number in range(9)])):
        tracker = CostTracker(max_runs=kept)
        for number in (*range(9), 0, 8):
            tracker.record({"model": str(number), "agent_id": number, "input": 1})
        summary = tracker.summary()
        for groups in (summary["by_agent"], summary["by_model"]):
            assert list(groups) == expected
            assert groups["0"]["run_count"] == 2
            assert sum(group["run_count"] for group in groups.values()) == 11


def test_threads_may_share_a_tracker() -> None:
    tracker = CostTracker(PRICING, max_runs=10)

    def work() -> None:
        for _ in range(200):
            tracker.record({"model": "m", "agent_id": "a", "input": 1, "output": 0})
            tracker.summary()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    summary = tracker.summary()
    assert (summary["run_count"], summary["total_cost_usd"]) == (1600, 1.6)
    assert len(tracker.runs) == 10


@pytest.mark.parametrize("wrong", ["5", 1.5, True])
def test_a_most_that_is_no_number(wrong: Any) -> None:
    with pytest.raises(TypeError, match="expected max_runs to be a whole number"):
        CostTracker(max_runs=wrong)
    with pytest.raises(ValueError, match="expected max_runs to be at least 0, found -1"):
        CostTracker(max_runs=-1)


# ---------------------------------------------------------------- prices


@pytest.mark.parametrize(
    ("pricing", "said"),
    [
        (
            {"m": {"input_cost_per_million": "x"}},
            r"'m', input_cost_per_million: expected a price .*\(\$\.m\.input_cost",
        ),
        ({"m": {"input": -1}}, "expected a price"),
        ({"m": 5}, "expected the prices of 'm'"),
        ({"m": {"inputs": 1}}, "found `inputs`"),
        ({"m": {}}, "expected a price such as"),
    ],
)
def test_pricing_that_is_none(pricing: Any, said: str) -> None:
    with pytest.raises(PriceError, match=said):
        CostTracker(pricing)


def test_prices_come_in_their_order(home: Path) -> None:
    put(home / ".config/usagebar/prices.json", '{"m": {"input": 1, "output": 1}, "n": {"input": 3, "output": 3}}')
    configured_prices.cache_clear()
    tracker = CostTracker(PRICING)
    million = {"input": 1_000_000, "output": 0}
    assert tracker.record({"model": "m", **million}).cost_usd == 1000
    assert tracker.record({"model": "n", **million}).cost_usd == 3
    assert (
        tracker.record({"model": "gpt-4o", **million}).cost_usd
        == CostTracker().record({"model": "gpt-4o", **million}).cost_usd
        == 2.5
    )
    assert tracker.record({"model": "m", "cost_usd": 7, **million}).cost_usd == 7


def test_configured_prices_that_are_broken_stop_nothing(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(home / ".config/usagebar/prices.json", "[")
    configured_prices.cache_clear()
    assert CostTracker(PRICING).record({"model": "m", "input": 100, "output": 10}).cost_usd == pytest.approx(0.12)
    assert "prices.json" in caplog.text


# ---------------------------------------------------------------- exports


def tracked() -> CostTracker:
    tracker = CostTracker(PRICING)
    tracker.record({"model": "m", "agent_id": 'a,\n"b"', "input": 1, "output": 0, "cacheRead": 2}, at=NOON)
    tracker.record({"usage": {"total": 5}}, at=NOON)
    return tracker


def test_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    tracked().export_csv(path)
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first = ("2026-02-05T12:00:00.000Z", 'a,\n"b"', "m", "1", "0", "0.00102", "2", "", "3")
    second = ("2026-02-05T12:00:00.000Z", "", "unknown", "", "", "", "", "", "5")
    assert [tuple(row.values()) for row in rows] == [first, second]
    assert list(rows[0])[:6] == ["timestamp", "agent_id", "model", "input_tokens", "output_tokens", "cost_usd"]
    assert os.listdir(tmp_path / "home") == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    tracker = CostTracker()
    tracker.record({"model": f"{start}1+2", "agent_id": f"{start}cmd()", "input": 1})
    tracker.export_csv(tmp_path / "runs.csv")
    with open(tmp_path / "runs.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["model"], row["agent_id"]) == (f"'{start}1+2", f"'{start}cmd()")


def test_a_json_file(tmp_path: Path) -> None:
    tracker = tracked()
    tracker.export_json(str(tmp_path / "runs.json"))
    document = json.loads((tmp_path / "runs.json").read_text())
    assert document["summary"] == tracker.summary()
    assert document["runs"] == [
        {
            "timestamp": "2026-02-05T12:00:00.000Z",
            "agent_id": 'a,\n"b"',
            "model": "m",
            "input_tokens": 1,
            "output_tokens": 0,
            "cache_read_tokens": 2,
            "cache_write_tokens": None,
            "total_tokens": 3,
            "cost_source": "estimated",
            "cost_usd": 0.00102,
        },
        {
            "timestamp": "2026-02-05T12:00:00.000Z",
            "agent_id": None,
            "model": "unknown",
            **dict.fromkeys(FIGURES),
            "total_tokens": 5,
            "cost_source": None,
        },
    ]


def test_half_a_surrogate_pair_can_be_exported(tmp_path: Path) -> None:
    tracker = CostTracker()
    tracker.record({"model": "x\ud800", "input": 1})
    tracker.export_csv(tmp_path / "runs.csv")
    tracker.export_json(tmp_path / "runs.json")
    assert b"x?" in (tmp_path / "runs.csv").read_bytes()
    assert json.loads((tmp_path / "runs.json").read_text())["runs"][0]["model"] == "x\ud800"


@pytest.mark.parametrize("export", ["export_csv", "export_json"])
@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: str, failing: str) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(28, "no space left on device")

    folder = tmp_path / "exports"
    path = put(folder / "runs", "as it was")
    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="no space left"):
        getattr(tracked(), export)(path)
    assert path.read_text() == "as it was"
    assert os.listdir(folder) == ["runs"]


def test_an_export_takes_the_place_of_another(tmp_path: Path) -> None:
    path = put(tmp_path / "exports/runs.csv", "old")
    path.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    tracked().export_csv(link)
    assert link.is_symlink()
    assert path.read_text().startswith("timestamp,")
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(OSError, match="none"):
        tracked().export_csv(tmp_path / "none" / "runs.csv")


@given(st.integers(0, 10**20))
def test_dollars_in_decimal_digits(pico: int) -> None:
    assert Decimal(decimal_usd(pico)) == Decimal(pico) / PICO
    assert "e" not in decimal_usd(pico).lower()


def test_the_time_of_a_run_is_in_utc() -> None:
    run = CostTracker().record({"model": "m"}, at=datetime.fromisoformat("2026-02-05T14:00:00.123456+02:00"))
    assert run.timestamp == "2026-02-05T12:00:00.123Z"
    before = datetime.now(UTC).isoformat(timespec="milliseconds")
    assert CostTracker().record({"model": "m"}).timestamp >= before.replace("+00:00", "Z")
