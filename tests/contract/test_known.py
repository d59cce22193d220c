"""What the caller knows: each argument's place in the contract, and what is no such thing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import json_scalars, nested

import usagebar
from usagebar.contract import ContractError, from_response
from usagebar.contract.known import NAMES, PRICING

ANSWER = {"type": "message", "model": "m", "usage": {"input_tokens": 100, "output_tokens": 10}}


def built(**known: Any) -> dict[str, Any]:
    return from_response(ANSWER, **{"prices": False, **known})


# Argument, value → path, value.
PLACES: list[tuple[str, object, str, object]] = [
    ("provider", "openai", "model.provider", "openai"),
    ("model", "claude", "model.id", "claude"),
    ("model", "claude", "model.display_name", "claude"),
    ("display_name", "Claude", "model.display_name", "Claude"),
    ("reasoning", "high", "model.reasoning", "high"),
    ("requested", "a/b", "model.requested", "a/b"),
    ("actual", "a/c", "model.actual", "a/c"),
    ("resolved_ref", "a/d", "model.resolved_ref", "a/d"),
    ("auth_mode", "oauth", "model.auth_mode", "oauth"),
    ("override_source", "user", "model.override_source", "user"),
    ("override_source", "user", "model.is_override", True),
    ("override_source", "auto", "model.is_override", False),
    ("is_fallback", True, "model.is_fallback", True),
    ("fast_mode", False, "state.fast_mode", False),
    ("compactions", 0, "state.compactions", 0),
    ("agent_id", "main", "agentId", "main"),
    ("chat_type", "group", "chat_type", "group"),
    ("session_id", "s", "session.id", "s"),
    ("turns", 3, "session.turns", 3),
    ("max_tokens", 1000, "context.max_tokens", 1000),
    ("max_tokens", 1000, "context.pct_used", 10),
    ("used_tokens", 500, "context.used_tokens", 500),
    ("turn_usd", 0, "cost.turn_usd", 0.0),
    ("turn_usd", 0.5, "cost.available", True),
    ("turn_usd", 0.5, "cost.source", "reported"),
    ("session_usd", 1, "cost.session_usd", 1.0),
    ("today_usd", 2, "cost.today_usd", 2.0),
    ("budget_usd", 3, "cost.budget_usd", 3.0),
    ("budget_pct", 4.5, "cost.budget_pct", 4.5),
    ("duration_ms", 1.5, "timing.duration_ms", 2),
    (
        "identity",
        {"name": "n", "emoji": "e", "avatar": "a", "x": 1},
        "identity",
        {"name": "n", "emoji": "e", "avatar": "a"},
    ),
    ("identity", SimpleNamespace(name="n"), "identity", {"name": "n"}),
    ("limits", [{"label": "5h", "pct_used": 30}], "limits.windows", [{"label": "5h", "pct_used": 30, "pct_left": 70}]),
    ("limits", {"windows": [{"pct_used": 130, "junk": 1}]}, "limits.windows", [{"pct_used": 130, "pct_left": 0}]),
    ("limits", ({"pct_left": 5, "resets_in_s": 9},), "limits.windows", [{"pct_left": 5, "resets_in_s": 9}]),
]


@pytest.mark.parametrize(("name", "value", "path", "expected"), PLACES, ids=[f"{n} {p}" for n, _, p, _ in PLACES])
def test_the_place_of_an_argument(name: str, value: object, path: str, expected: object) -> None:
    found: Any = built(**{name: value})
    for step in path.split("."):
        found = found[step]
    assert found == expected
    assert type(found) is type(expected)


def test_every_argument_has_a_case() -> None:
    assert {name for name, *_ in PLACES} == NAMES - set(PRICING)


def test_what_is_not_known_changes_nothing() -> None:
    assert built(**dict.fromkeys(NAMES - {"prices"})) == built()
    assert built(reasoning="", session_id=" ") == built()


def test_a_size_and_a_use_of_the_window_that_are_given_together() -> None:
    assert built(max_tokens=1000, used_tokens=1130)["context"] == {
        "used_tokens": 1130,
        "max_tokens": 1000,
        "pct_used": 113,
    }


WRONG: list[tuple[str, object, str]] = [
    ("model", 5, "expected model to be a text, found 5"),
    ("is_fallback", "yes", "expected is_fallback to be a bool, found 'yes'"),
    ("fast_mode", 1, "expected fast_mode to be a bool, found 1"),
    ("max_tokens", 0, "expected max_tokens to be a whole number > 0, found 0"),
    ("max_tokens", "200000", "expected max_tokens to be a whole number > 0, found '200000'"),
    ("max_tokens", True, "expected max_tokens to be a whole number > 0, found True"),
    ("used_tokens", 0.5, "expected used_tokens to be a whole number >= 0, found 0.5"),
    ("turn_usd", -0.1, "expected turn_usd to be a number >= 0, found -0.1"),
    ("turn_usd", float("nan"), "expected turn_usd to be a number >= 0, found nan"),
    ("duration_ms", float("inf"), "expected duration_ms to be a number >= 0, found inf"),
    ("identity", "claw", "expected identity to be an object with name, emoji, avatar, found 'claw'"),
    ("compactions", -(10**5000), "expected compactions to be a whole number >= 0, found int"),
    ("limits", 5, "expected limits to be a list of windows, found 5"),
    ("limits", {"window": []}, "expected limits to be a list of windows, found NoneType"),
    ("limits", [5], "expected each of limits to be an object, found 5"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG, ids=[message for *_, message in WRONG])
def test_an_argument_of_a_wrong_kind(name: str, value: object, message: str) -> None:
    with pytest.raises(ContractError) as raised:
        built(**{name: value})
    assert str(raised.value) == message


def test_a_share_of_the_window_that_was_reported_is_of_no_other_window() -> None:
    status = {"context_window": {"context_window_size": 200_000, "used_percentage": 45}}
    assert from_response(status)["context"] == {"max_tokens": 200_000, "pct_used": 45}
    assert from_response(status, max_tokens=200_000)["context"] == {"max_tokens": 200_000, "pct_used": 45}
    assert from_response(status, max_tokens=1_000_000)["context"] == {"max_tokens": 1_000_000}


def test_a_share_above_all_is_none() -> None:
    assert built(limits=[{"pct_left": 150}])["limits"] == {"windows": []}


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(ContractError) as raised:
        built(turn_usd="x" * 10_000)
    assert len(str(raised.value)) < 120


@given(st.dictionaries(st.sampled_from(sorted(NAMES - set(PRICING))), nested(json_scalars), max_size=5))
def test_any_values_give_a_contract_or_an_error(known: dict[str, Any]) -> None:
    try:
        contract = built(**known)
    except ContractError:
        return
    usagebar.UsageContract.model_validate(contract)
