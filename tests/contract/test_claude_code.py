"""Claude Code's status JSON → contracts: the payloads beside this file, and any JSON in any place."""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.contract import ContractError, UsageContract
from usagebar.contract.claude_code import from_claude_code

CASES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("claude_code/*.json"))
}
NOW = 1_790_000_000
WHOLE = CASES["newer"]["status"]


def context(window: object, **more: object) -> Any:
    return from_claude_code({"version": "2.1.140", "context_window": window} | more).get("context")


def windows(limits: object, now: float = NOW) -> Any:
    return from_claude_code({"rate_limits": limits}, now=now).get("limits", {}).get("windows", [])


def test_there_are_cases() -> None:
    assert len(CASES) >= 12


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_cases(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["status"])
    contract = from_claude_code(case["status"], now=case["now"])
    assert contract == case["contract"]
    assert case["status"] == before
    UsageContract.model_validate(contract)


@pytest.mark.parametrize("found", [None, [], "{}", 5, [("model", "x")]], ids=repr)
def test_what_is_no_object(found: Any) -> None:
    with pytest.raises(ContractError) as caught:
        from_claude_code(found)
    name = type(found).__name__
    assert str(caught.value) == f"expected Claude Code's status JSON (an object), found {name}"


def test_any_mapping_will_do() -> None:
    assert from_claude_code(MappingProxyType({"model": MappingProxyType({"id": "m"})}))["model"]["id"] == "m"


@pytest.mark.parametrize(("surface", "expected"), [(None, None), ("terminal", "terminal"), ("", None), (" ", None)])
def test_surface(surface: str | None, expected: str | None) -> None:
    contract = from_claude_code({"surface": "discord"}, surface)
    assert contract.get("surface") == expected
    assert ("surface" in contract) == (expected is not None)


def test_the_sessions_cost_is_never_the_turns() -> None:
    cost = from_claude_code({"cost": {"total_cost_usd": 0, "turn_usd": 5}})["cost"]
    assert cost == {"session_usd": 0.0, "available": False}


def test_the_sessions_durations_are_not_the_turns() -> None:
    assert "timing" not in from_claude_code(WHOLE | {"cost": {"total_duration_ms": 5, "total_api_duration_ms": 5}})


@pytest.mark.parametrize(
    ("version", "used"),
    [
        ("2.1.132", 9),
        ("2.1.133", 9),
        ("2.2.0", 9),
        ("2.2", 9),
        ("3", 9),
        ("10.0.1", 9),
        ("2.1.132-beta.1", 9),
        ("2.1.131", None),
        ("2.1.13", None),
        ("2.1", None),
        ("2.0.999", None),
        ("1.9.200", None),
        ("2.1.x", None),
        ("v3", None),
        ("", None),
        (None, None),
        (3, None),
        ("٣.٣.٣", None),
        ("9" * 5000, None),
    ],
)
def test_from_which_version_on_the_total_is_the_contexts(version: object, used: int | None) -> None:
    found = context({"total_input_tokens": 9, "used_percentage": 5}, version=version)
    assert found == ({"pct_used": 5} if used is None else {"used_tokens": used, "pct_used": 5})


def test_without_a_percentage_the_total_is_none() -> None:
    assert context({"total_input_tokens": 9, "context_window_size": 100}) == {"max_tokens": 100}


def test_the_last_call_comes_before_the_total() -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 300}
    found = context({"total_input_tokens": 9, "used_percentage": 5, "current_usage": usage})
    assert found == {"used_tokens": 321, "pct_used": 5}


@pytest.mark.parametrize(
    ("reported", "percentage"), [(41.4, 41), (41.5, 42), (0, 0), (0.4, 0), (150.4, 150), ("7", 7), (1e300, int(1e300))]
)
def test_the_percentage_is_rounded_and_not_bounded(reported: object, percentage: int) -> None:
    assert context({"used_percentage": reported}) == {"pct_used": percentage}


NO_NUMBERS: list[object] = [
    None,
    True,
    False,
    -1,
    -0.5,
    math.nan,
    math.inf,
    10**400,
    "",
    " ",
    "x",
    "1_0",
    "0x10",
    "٣",
    "-1",
    "nan",
]
NO_NUMBERS += ["inf", "1e400", "true", [], {}, [5], {"a": 5}]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_absent(value: object) -> None:
    usage = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_input_tokens"), value)
    contract = from_claude_code(
        {
            "version": "2.1.140",
            "cost": {"total_cost_usd": value},
            "context_window": {
                "total_input_tokens": value,
                "context_window_size": value,
                "used_percentage": value,
                "current_usage": usage,
            },
            "rate_limits": {
                "five_hour": {"used_percentage": value, "resets_at": value},
                "spend_limit": {"used_usd": value, "limit_usd": value},
                "other": {"used_percentage": value, "resets_at": 5},
            },
        }
    )
    assert contract == CASES["empty"]["contract"]


@pytest.mark.parametrize(("text", "usd"), [("1.5", 1.5), (" 2 ", 2.0), (".5", 0.5), ("1e-2", 0.01), ("0", 0.0)])
def test_a_number_may_be_a_string(text: str, usd: float) -> None:
    assert from_claude_code({"cost": {"total_cost_usd": text}})["cost"]["session_usd"] == usd


# ---------------------------------------------------------------- limits


def test_the_order_of_windows() -> None:
    half = {"used_percentage": 50}
    names = ["odd", "spend_limit", "seven_day_sonnet", "seven_day", "five_hour"]
    found = windows(dict.fromkeys(names, half))
    assert [(each["label"], each.get("scope")) for each in found] == [
        ("5h", None),
        ("7d", None),
        ("7d", "sonnet"),
        ("spend", None),
        ("odd", None),
    ]


@pytest.mark.parametrize(
    ("resets_at", "now", "left"),
    [
        (100, 40, 60),
        (100.5, 40, 60.5),
        (100, 40.25, 59.75),
        (100.5, 40.5, 60),
        ("100", 40, 60),
        (100, 100, 0),
        (0, 5, 0),
    ],
)
def test_the_time_until_a_reset(resets_at: object, now: float, left: float) -> None:
    (window,) = windows({"five_hour": {"resets_at": resets_at}}, now)
    assert window == {"label": "5h", "resets_in_s": left}
    assert type(window["resets_in_s"]) is type(left)


@pytest.mark.parametrize("now", [100, 100.5, 5000])
def test_how_much_is_used_is_not_known_since_the_reset(now: float) -> None:
    limits = {
        "five_hour": {"used_percentage": 99, "resets_at": 100},
        "spend_limit": {"used_usd": 1, "limit_usd": 2, "resets_at": 100},
        "other": {"used_percentage": 99, "resets_at": 100},
    }
    assert windows(limits, now) == [{"label": label, "resets_in_s": 0} for label in ("5h", "spend", "other")]
    assert [each["pct_used"] for each in windows(limits, 99.5)] == [99, 50, 99]


@pytest.mark.parametrize("key", ["", " ", "\n\u3000"])
def test_a_window_without_a_name_is_none(key: str) -> None:
    assert windows({key: {"used_percentage": 5}}) == []


def test_now_is_the_clocks() -> None:
    contract = from_claude_code({"rate_limits": {"five_hour": {"resets_at": time.time() + 1000}}})
    assert 900 < contract["limits"]["windows"][0]["resets_in_s"] <= 1000


@pytest.mark.parametrize(
    ("spend", "used", "left"),
    [
        ({"used_usd": 12.5, "limit_usd": 50}, 25, 75),
        ({"used_usd": "75", "limit_usd": "50"}, 150, 0),
        ({"used_usd": 0, "limit_usd": 50}, 0, 100),
        ({"used_usd": 1, "limit_usd": 3}, 33, 67),
        ({"used_usd": 1, "limit_usd": 3, "used_percentage": 34.5}, 34.5, 65.5),
    ],
)
def test_the_share_of_the_spend_limit(spend: object, used: float, left: float) -> None:
    assert windows({"spend_limit": spend}) == [{"label": "spend", "pct_used": used, "pct_left": left}]


@pytest.mark.parametrize(
    "spend",
    [
        {"used_usd": 5},
        {"limit_usd": 5},
        {"used_usd": 5, "limit_usd": 0},
        {"used_usd": 1e308, "limit_usd": 1e-308},
        {"period": "monthly"},
    ],
)
def test_a_window_without_any_number_is_none(spend: object) -> None:
    assert windows({"spend_limit": spend, "five_hour": {}, "seven_day": 5, "other": {"resets_at": 1}}) == []


def test_only_the_spend_limit_is_counted_in_dollars() -> None:
    assert windows({"five_hour": {"used_usd": 1, "limit_usd": 2}}) == []


# ---------------------------------------------------------------- anything

any_text = st.text(st.characters(exclude_categories=()), max_size=8)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), any_text, st.sampled_from(["5", "1e3", ""]))
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)


def places(value: object, *above: str) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*above, key)
            yield from places(inner, *above, key)


PLACES = list(places(WHOLE))


@st.composite
def statuses(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a payload with anything in some of its places."""
    status: dict[str, Any] = copy.deepcopy(WHOLE)
    for *above, key in draw(st.lists(st.sampled_from(PLACES), max_size=6)):
        inner: Any = status
        for step in above:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[key] = draw(any_json)
    return status


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


@given(statuses() | st.dictionaries(st.sampled_from(sorted(WHOLE)) | any_text, any_json), st.floats(0, 2e9))
def test_anything_in_any_place(status: dict[str, Any], now: float) -> None:
    contract = from_claude_code(status, "terminal", now=now)
    UsageContract.model_validate(contract)
    for value in leaves(contract):
        assert value is not None
        assert not isinstance(value, (int, float)) or 0 <= value < math.inf
    assert "turn_usd" not in contract["cost"]


def test_nothing_slow_is_imported() -> None:
    banned = ["pydantic", "typing", "re", "dataclasses", "datetime", "json", "enum", "decimal", "collections"]
    code = f"""
import sys
before = set(sys.modules)
from usagebar.contract.claude_code import from_claude_code
from_claude_code({WHOLE!r})
print(sorted(set({banned}) & set(sys.modules) - before))
"""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {root!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
