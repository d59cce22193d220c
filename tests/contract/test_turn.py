"""A turn of several calls: its sums, its final call, its context and its cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.contract import ContractError, Turn, from_response
from usagebar.pricing import PriceError, configured_prices

PRICES = {"m": {"input": 1.0, "output": 10.0, "cache_read": 0.1, "cache_write": 2.0, "cache_write_1h": 4.0}}


def message(fresh: int = 100, output: int = 10, model: str | None = "m", **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": fresh, "output_tokens": output, **more}
    return {"type": "message", "model": model, "stop_reason": "end_turn", "usage": usage}


def completion(prompt: int, output: int, **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}
    return {"model": "m", "choices": [], "usage": usage, **more}


def test_sums_are_in_usage_and_the_final_call_in_last() -> None:
    turn = Turn("discord", prices=False, max_tokens=1000)
    turn.add(message(100, 10, cache_read_input_tokens=300)).add(message(50, 20, cache_read_input_tokens=450))
    contract = turn.contract()
    assert contract["surface"] == "discord"
    assert contract["usage"] == {
        "input_tokens": 150,
        "output_tokens": 30,
        "cache_read_tokens": 750,
        "cache_hit_pct": 83,
        "has_split_tokens": True,
        "has_total_only_tokens": False,
        "has_tokens": True,
        "last": {"input_tokens": 50, "output_tokens": 20, "cache_read_tokens": 450, "cache_hit_pct": 90},
    }
    assert contract["context"] == {"used_tokens": 500, "max_tokens": 1000, "pct_used": 50}


def test_a_turn_of_one_call_is_what_from_response_gives() -> None:
    answer = message(100, 10, cache_read_input_tokens=300)
    known: Any = {"prices": PRICES, "identity": {"name": "x"}, "max_tokens": 1000, "reasoning": "high"}
    assert Turn("slack", **known).add(answer).contract() == from_response(answer, "slack", **known)
    assert Turn().add(answer, max_tokens=1000).contract("slack", **known) == from_response(answer, "slack", **known)


def test_a_turn_without_calls_holds_what_is_known() -> None:
    assert Turn("irc", model="m", turn_usd=0.5).contract() == {
        "schema": "openclaw.usageLine.v1",
        "surface": "irc",
        "model": {"id": "m", "display_name": "m", "is_fallback": False, "is_override": False},
        "usage": {"has_split_tokens": False, "has_total_only_tokens": False, "has_tokens": False},
        "cost": {"turn_usd": 0.5, "available": True, "source": "reported"},
    }
    assert Turn().contract()["cost"] == {"available": False}


def test_a_count_that_one_call_lacks_is_unknown_for_the_turn() -> None:
    silent = {"type": "message", "model": "m", "stop_reason": "end_turn", "usage": None}
    for turn in (Turn(prices=PRICES).add(message()).add(silent), Turn(prices=PRICES).add(silent).add(message())):
        contract = turn.contract()
        assert "input_tokens" not in contract["usage"]
        assert contract["cost"] == {"available": False}
    mixed = Turn(prices=False).add(completion(100, 10)).add(message(50, 5)).contract()["usage"]
    assert (mixed["input_tokens"], mixed["output_tokens"]) == (150, 15)
    assert "total_tokens" not in mixed
    # A call that says nothing of the cache used none: Google leaves the count out then.
    assert "context" not in Turn().add(message()).add(silent).contract()


def test_a_call_without_a_word_on_the_cache_adds_nothing_there() -> None:
    usage = Turn(prices=False).add(message(100)).add(message(50, cache_read_input_tokens=50)).contract()["usage"]
    assert usage["cache_read_tokens"] == 50
    assert usage["cache_hit_pct"] == 25


def test_the_model_is_the_final_calls() -> None:
    turn = Turn(prices=False).add(message(model="small")).add(message(model="claude-large"))
    assert turn.contract()["model"]["id"] == "claude-large"
    assert turn.contract()["model"]["provider"] == "anthropic"
    assert turn.contract(model="other", requested="x")["model"] == {
        "id": "other",
        "display_name": "other",
        "provider": "anthropic",
        "requested": "x",
        "is_fallback": False,
        "is_override": False,
    }


def test_the_later_word_wins() -> None:
    turn = Turn(reasoning="low", max_tokens=1000, prices=False)
    turn.add(message(), reasoning="medium")
    assert turn.contract()["model"]["reasoning"] == "medium"
    assert turn.contract(reasoning="high")["model"]["reasoning"] == "high"
    # What was known of an earlier call is not known of the final one.
    assert turn.add(message(), reasoning=None).contract()["model"]["reasoning"] == "low"
    assert turn.contract(max_tokens=None)["context"]["max_tokens"] == 1000


def test_an_answer_that_is_none_leaves_the_turn_as_it_was() -> None:
    turn = Turn(prices=False).add(message())
    before = turn.contract()
    with pytest.raises(ContractError, match=r"expected an answer or usage object of .*, found dict with the keys a"):
        turn.add({"a": 1})
    with pytest.raises(ContractError, match="found Claude Code's status JSON"):
        turn.add({"transcript_path": "x"})
    with pytest.raises(TypeError, match="found 'turn_usd'"):
        turn.add(message(), turn_usd=1)
    assert turn.contract() == before


def test_names_that_are_no_arguments() -> None:
    with pytest.raises(TypeError, match=r"found 'maxtokens'; did you mean max_tokens\?"):
        Turn(maxtokens=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="found 'nope'"):
        Turn().contract(nope=5)  # type: ignore[call-arg]


def test_the_events_of_a_stream_are_one_call() -> None:
    start = {"type": "message_start", "message": message(100, 1, model="m", cache_read_input_tokens=300)}
    first = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5}}
    last = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 20, "input_tokens": None}}
    stream = Turn(prices=PRICES)
    for event in (start, first, last):
        stream.add(event)
    assert stream.contract() == from_response(message(100, 20, cache_read_input_tokens=300), prices=PRICES)
    # A second stream is a second call, and so is an answer that came whole.
    twice = stream.add(start).add(last).add(message(1, 1)).contract()["usage"]
    assert (twice["input_tokens"], twice["output_tokens"]) == (201, 41)
    begun = from_response(start, prices=PRICES)
    assert "output_tokens" not in begun["usage"]
    assert begun["cost"] == {"available": False}
    assert from_response(last, prices=False)["usage"]["output_tokens"] == 20


# ---------------------------------------------------------------- cost


def cost(turn: Turn, **known: Any) -> dict[str, Any]:
    found: dict[str, Any] = turn.contract(**known)["cost"]
    return found


def test_each_call_is_priced_by_itself() -> None:
    turn = Turn(prices={**PRICES, "big": {"input": 100.0, "output": 100.0}})
    turn.add(message(1_000_000, 0)).add(message(1_000_000, 0, model="big"))
    assert cost(turn) == {"turn_usd": 101.0, "available": True, "source": "estimated"}
    # The turn's model stands in where a call names none, and does not reprice those that do.
    assert cost(turn, model="big")["turn_usd"] == 101.0
    assert cost(Turn(prices=PRICES).add(message(1_000_000, 0, model=None)), model="m")["turn_usd"] == 1.0
    assert cost(Turn(prices=PRICES).add(message(1_000_000, 0, model="x"), model="m"))["turn_usd"] == 1.0


def test_cache_writes_of_both_kinds() -> None:
    kinds = {"ephemeral_5m_input_tokens": 1_000_000, "ephemeral_1h_input_tokens": 1_000_000}
    answer = message(0, 0, cache_creation_input_tokens=2_000_000, cache_creation=kinds)
    assert cost(Turn(prices=PRICES).add(answer))["turn_usd"] == 6.0


def test_one_unknown_cost_makes_the_turns_unknown() -> None:
    turn = Turn(prices=PRICES).add(message()).add(message(model="a model that nobody knows"))
    assert cost(turn) == {"available": False}


def test_reported_costs() -> None:
    one, other = completion(1, 1), completion(1, 1)
    one["usage"]["cost"] = 0.25
    other["usage"]["cost"] = {"total_cost": 0.5}
    assert cost(Turn().add(one).add(other)) == {"turn_usd": 0.75, "available": True, "source": "reported"}
    # Reported beats any price, also with a subscription and without estimates.
    for known in ({"prices": PRICES}, {"prices": False}, {"auth_mode": "oauth"}):
        assert cost(Turn(**known).add(one)) == {"turn_usd": 0.25, "available": True, "source": "reported"}
    assert cost(Turn(prices=PRICES).add(one).add(completion(1_000_000, 0)))["source"] == "estimated"
    one["usage"]["cost"] = 0
    assert cost(Turn().add(one)) == {"turn_usd": 0.0, "available": True, "source": "reported"}


@pytest.mark.parametrize("bad", [-1, float("nan"), "0.1", True, None])
def test_a_cost_that_is_none_is_not_reported(bad: object) -> None:
    answer = completion(1, 1)
    answer["usage"]["cost"] = bad
    assert cost(Turn(prices=False).add(answer)) == {"available": False}


def test_a_key_of_ones_own_is_billed_beside_the_fee() -> None:
    answer = completion(1, 1)
    answer["usage"] |= {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}
    assert cost(Turn().add(answer))["turn_usd"] == pytest.approx(0.21)
    answer["usage"]["cost_details"] = None
    assert cost(Turn(prices=False).add(answer)) == {"available": False}


@pytest.mark.parametrize("mode", ["oauth", "OAuth"])
def test_a_subscription_has_no_estimate(mode: str) -> None:
    turn = Turn(prices=PRICES, auth_mode=mode).add(message())
    assert cost(turn) == {"available": False}
    assert cost(turn, turn_usd=0.5) == {"turn_usd": 0.5, "available": True, "source": "reported"}
    assert cost(turn, auth_mode="api-key")["source"] == "estimated"


def response(**more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 1_000_000, "cache_read_tokens": 0, "output_tokens": 0, **more}
    return {"kind": "response", "parts": [], "model_name": "m", "usage": usage}


def test_a_librarys_own_estimate_gives_way_to_the_callers_prices() -> None:
    assert cost(Turn().add(response(cost=0.5))) == {"turn_usd": 0.5, "available": True, "source": "estimated"}
    assert cost(Turn(prices=PRICES).add(response(cost=0.5)))["turn_usd"] == 1.0
    assert cost(Turn(prices=False).add(response(cost=0.5))) == {"available": False}
    assert cost(Turn(auth_mode="oauth").add(response(cost=0.5))) == {"available": False}


def test_the_tier_of_a_sum_of_requests_is_not_known() -> None:
    tiered = {"m": {"input": 1.0, "output": 1.0, "above": {"200000": {"input": 2.0, "output": 2.0}}}}
    usage = {"input_tokens": 150_000, "cache_read_tokens": 1, "output_tokens": 1, "requests": 3}
    assert cost(Turn(prices=tiered, model="m").add(usage))["turn_usd"] == pytest.approx(0.150001)
    usage["input_tokens"] = 250_000
    assert cost(Turn(prices=tiered, model="m").add(usage)) == {"available": False}
    assert "used_tokens" not in Turn(prices=False, max_tokens=1000).add(usage).contract()["context"]


# ---------------------------------------------------------------- any calls

COUNT = st.integers(0, 10**9)
CALLS = st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=1, max_size=6)


@given(CALLS)
def test_any_calls(calls: list[tuple[int, int, int, int]]) -> None:
    turn = Turn(prices=PRICES, max_tokens=200_000)
    for fresh, read, written, output in calls:
        turn.add(message(fresh, output, cache_read_input_tokens=read, cache_creation_input_tokens=written))
    contract = turn.contract()
    fresh, read, written, output = (sum(column) for column in zip(*calls, strict=True))
    usage = contract["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (fresh, output)
    assert (usage["cache_read_tokens"], usage["cache_write_tokens"]) == (read, written)
    assert contract["context"]["used_tokens"] == sum(calls[-1][:3])
    expected = (fresh + output * 10 + read * 0.1 + written * 2) / 1e6
    assert contract["cost"]["turn_usd"] == pytest.approx(expected)


# ---------------------------------------------------------------- what is known of the turn, and what of a call


TWO = {"m": {"input": 1.0, "output": 0.0}, "big": {"input": 100.0, "output": 0.0}, "p/m": {"input": 7.0, "output": 0.0}}
MILLION = message(1_000_000, 0)


def test_what_is_shown_is_what_is_priced() -> None:
    assert cost(Turn(prices=TWO, model="big").add(MILLION))["turn_usd"] == 100.0
    assert cost(Turn(prices=TWO).add(MILLION), model="big")["turn_usd"] == 100.0
    assert cost(Turn(prices=TWO, provider="p").add(MILLION))["turn_usd"] == 7.0
    assert cost(Turn(prices=TWO).add(MILLION, provider="p").add(MILLION))["turn_usd"] == 8.0
    # A call of another model than the final one's is no call of the turn's model.
    other = message(1_000_000, 0, model="p/m")
    assert cost(Turn(prices=TWO, model="big").add(other).add(MILLION))["turn_usd"] == 107.0


def test_a_blank_text_is_not_known() -> None:
    blank = from_response(MILLION, prices=TWO, model=" ", provider="", auth_mode="")
    assert blank == from_response(MILLION, prices=TWO)
    with pytest.raises(ContractError, match="max_tokens"):
        from_response(MILLION, max_tokens=" ")  # type: ignore[arg-type]


def test_a_call_of_a_subscription_makes_the_turns_cost_unknown() -> None:
    turn = Turn(prices=TWO).add(MILLION, auth_mode=" OAuth ").add(MILLION, auth_mode="api-key")
    assert cost(turn) == {"available": False}
    assert cost(Turn(prices=TWO, auth_mode="oauth").add(MILLION, auth_mode="api-key"))["turn_usd"] == 1.0


def test_an_endless_sum_is_none() -> None:
    bill = completion(1, 1)
    bill["usage"]["cost"] = 1.7e308
    assert cost(Turn().add(bill).add(bill)) == {"available": False}
    huge = message(int(1.7e308), 1)
    usage = Turn(prices=False).add(huge).add(huge).contract()["usage"]
    assert "input_tokens" not in usage
    assert usage["output_tokens"] == 2


def test_configured_prices_that_are_broken_cost_no_footer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"m": {"input": "a"}}', "utf-8")
    monkeypatch.setenv("USAGEBAR_PRICES", str(path))
    configured_prices.cache_clear()
    try:
        for _ in range(2):
            contract = from_response(message())
            assert contract["cost"] == {"available": False}
            assert contract["usage"]["input_tokens"] == 100
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "prices.json:1:17" in caplog.text
        with pytest.raises(PriceError):
            from_response(message(), prices=path)
    finally:
        configured_prices.cache_clear()


# ---------------------------------------------------------------- streams and iterations of Anthropic's


def delta(output: int, *, stop: str | None = "end_turn", **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": output, **usage}}


def start(fresh: int) -> dict[str, Any]:
    return {"type": "message_start", "message": message(fresh, 1)}


def sums(*events: Any) -> tuple[int, int]:
    turn = Turn(prices=False)
    for event in events:
        turn.add(event)
    usage = turn.contract()["usage"]
    return usage["input_tokens"], usage["output_tokens"]


def test_the_message_at_a_streams_end_is_its_call() -> None:
    stop = {"type": "message_stop", "message": message(100, 50)}
    assert sums(start(100), delta(50), stop) == (100, 50)
    assert sums(start(100), delta(5, stop=None), delta(50), stop, message(1, 1)) == (101, 51)
    assert sums(stop, stop) == (200, 100)
    assert sums(message(1, 1), stop) == (101, 51)


def test_an_event_behind_a_streams_end_is_of_another() -> None:
    assert sums(start(100), delta(50), delta(7, input_tokens=30)) == (130, 57)
    assert sums(start(100), delta(50), start(1), delta(2)) == (101, 52)


def sampling(fresh: int, output: int, kind: str = "message", **more: Any) -> dict[str, Any]:
    return {"type": kind, "input_tokens": fresh, "output_tokens": output, **more}


def test_the_iterations_of_a_stream_are_those_of_its_message() -> None:
    iterations = [
        sampling(100_000, 10),
        sampling(3_000, 500, "compaction"),
        sampling(120_000, 20),
        sampling(9, 9, "advisor_message", model="big"),
    ]
    whole = message(220_000, 30, iterations=iterations)
    begun = {"type": "message_start", "message": message(220_000, 1)}
    streamed = Turn(prices=TWO, max_tokens=200_000).add(begun)
    streamed.add(delta(30, input_tokens=220_000, iterations=iterations))
    contract = from_response(whole, prices=TWO, max_tokens=200_000)
    assert streamed.contract() == contract
    assert contract["context"] == {"used_tokens": 120_000, "max_tokens": 200_000, "pct_used": 60}
    assert contract["usage"]["input_tokens"] == 223_009
    assert contract["cost"]["turn_usd"] == pytest.approx(0.2230 + 0.0009)


def test_junk_among_the_cache_counts_leaves_the_cost_unknown() -> None:
    for bad in ("900", -1, float("nan"), True, [5]):
        chat = completion(1000, 10)
        chat["usage"]["prompt_tokens_details"] = {"cached_tokens": bad}
        contract = from_response(chat, prices=PRICES)
        assert contract["context"]["used_tokens"] == 1000
        assert contract["cost"] == {"available": False}
        native = from_response(
            message(10, 5, cache_read_input_tokens=bad, cache_creation_input_tokens=5), prices=PRICES
        )
        assert "context" not in native
        assert native["usage"]["input_tokens"] == 10
        assert "cache_hit_pct" not in native["usage"]
        assert native["cost"] == {"available": False}
        lives = {"ephemeral_5m_input_tokens": bad, "ephemeral_1h_input_tokens": 7}
        assert "cache_write_tokens" not in from_response(message(10, 5, cache_creation=lives), prices=False)["usage"]
        google = {"prompt_token_count": 5, "candidates_token_count": bad, "thoughts_token_count": 3}
        assert "output_tokens" not in from_response(google, prices=False)["usage"]
