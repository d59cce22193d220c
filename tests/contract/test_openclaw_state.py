"""OpenClaw reply states → contracts: the cases of openclaw_states.json, and what JSON cannot say."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections import ChainMap
from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import usagebar.contract
from usagebar import figures
from usagebar.contract import ContractError, build_contract

CASES = json.loads(Path(__file__).with_name("openclaw_states.json").read_text(encoding="utf-8"))

ALIASES = {
    "input_tokens": ["input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens"],
    "output_tokens": ["output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens"],
    "cache_read_tokens": [
        "cacheRead",
        "cache_read",
        "cache_read_input_tokens",
        "cached_tokens",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
    ],
    "cache_write_tokens": [
        "cacheWrite",
        "cache_write",
        "cache_creation_input_tokens",
        "prompt_tokens_details.cache_write_tokens",
        "input_tokens_details.cache_write_tokens",
    ],
    "total_tokens": ["total", "totalTokens", "total_tokens"],
}
NAMES = [(field, name) for field, names in ALIASES.items() for name in names]
BANNED = [
    "pydantic",
    "typing",
    "re",
    "dataclasses",
    "pathlib",
    "logging",
    "enum",
    "functools",
    "json",
    "decimal",
    "collections",
]


class Level(IntEnum):
    SEVEN = 7


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"

    def strip(self, chars: str | None = None, /) -> str:
        return ""


class Warm(float):
    __slots__ = ()

    def __repr__(self) -> str:
        return "warm"


def exactly(contract: Mapping[str, Any]) -> str:
    """1, 1.0 and true are equal in Python and differ here."""
    return json.dumps(contract, sort_keys=True)


def usage_of(name: str, value: object) -> dict[str, object]:
    outer, _, inner = name.partition(".")
    return {outer: {inner: value} if inner else value}


assert CASES


@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["state"])
    assert exactly(build_contract(case["state"], case.get("surface"))) == exactly(case["contract"])
    assert case["state"] == before


def test_notes_are_unique() -> None:
    assert len({case["note"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("key", ["usage", "lastUsage"])
@pytest.mark.parametrize(("field", "name"), NAMES)
def test_every_name_is_read_on_its_own(key: str, field: str, name: str) -> None:
    usage = build_contract({key: usage_of(name, 123)})["usage"]
    assert {k: v for k, v in (usage if key == "usage" else usage["last"]).items() if k in ALIASES} == {field: 123}


@pytest.mark.parametrize(("field", "name"), NAMES)
@pytest.mark.parametrize("junk", [None, True, "12", -1, 0.5, float("nan"), float("inf"), [1], {"a": 1}, 10**400])
def test_junk_under_a_name_is_unknown(field: str, name: str, junk: object) -> None:
    assert build_contract({"usage": usage_of(name, junk)}) == build_contract({})


@pytest.mark.parametrize(("field", "names"), ALIASES.items())
def test_names_are_read_in_their_order(field: str, names: list[str]) -> None:
    for start in range(len(names)):
        usage: dict[str, Any] = {}
        for value, name in enumerate(names[start:], 100):
            for outer, inner in usage_of(name, value).items():
                usage[outer] = {**usage.get(outer, {}), **inner} if isinstance(inner, dict) else inner
        assert build_contract({"usage": usage})["usage"][field] == 100


def test_not_a_number_is_unknown_everywhere() -> None:
    nan = float("nan")
    figure_keys = ("turnUsd", "durationMs", "compactionCount", "contextTokenBudget", "contextUsedTokens")
    assert build_contract(dict.fromkeys(figure_keys, nan)) == build_contract({})


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (Decimal(1200), 1200),
        (Decimal("1.2E+3"), 1200),
        (Decimal("-0"), 0),
        (Decimal("1200.5"), None),
        (Decimal(-1), None),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Decimal("Infinity"), None),
        (Decimal("1E+999999"), None),
        (Decimal("-1E+999999"), None),
        (Level.SEVEN, 7),
        (Warm(5.0), 5),
        (Warm(5.5), None),
        (1j, None),
        (object(), None),
        (b"12", None),
    ],
)
def test_counts_of_other_python_types(value: object, tokens: int | None) -> None:
    usage = build_contract({"usage": {"output": value}})["usage"]
    assert usage.get("output_tokens") == tokens
    assert type(usage.get("output_tokens")) in (int, type(None))


def test_a_fractional_decimal_is_an_amount() -> None:
    contract = build_contract({"turnUsd": Decimal("0.0123"), "durationMs": Decimal("8.5")})
    assert contract["cost"] == {"turn_usd": 0.0123, "available": True}
    assert contract["timing"] == {"duration_ms": 9}


def test_a_decimal_needs_decimal_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "decimal")
    assert figures.count(object()) is None


def test_numbers_and_texts_are_exact_types() -> None:
    contract = build_contract({"turnUsd": Warm(0.5), "model": Loud("gpt"), "usage": {"input": Level.SEVEN}})
    assert type(contract["cost"]["turn_usd"]) is float
    assert type(contract["usage"]["input_tokens"]) is int
    assert type(contract["model"]["id"]) is str
    assert contract["model"]["id"] == "gpt"


@pytest.mark.parametrize("wrap", [MappingProxyType, ChainMap])
def test_any_mapping_is_a_state(wrap: Any) -> None:
    state = {"model": "m", "usage": wrap({"input": 1}), "identity": wrap({"name": "n"})}
    contract = build_contract(wrap(state))
    assert contract["usage"]["input_tokens"] == 1
    assert contract["identity"] == {"name": "n"}


@pytest.mark.parametrize(
    ("state", "found"),
    [([], "list"), (None, "NoneType"), ("{}", "str"), (3, "int"), ([("model", "m")], "list")],
)
def test_a_state_that_is_no_object_is_an_error(state: Any, found: str) -> None:
    with pytest.raises(ContractError) as error:
        build_contract(state)
    assert str(error.value) == f"expected an OpenClaw reply state (an object), found {found}"
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize("surface", [None, "", " ", 7, True])
def test_a_surface_that_is_no_text_is_absent(surface: Any) -> None:
    assert "surface" not in build_contract({}, surface)


def test_the_builder_imports_little() -> None:
    program = f"""
import sys
for name in {BANNED}: sys.modules.pop(name, None)
import usagebar.contract.openclaw
import usagebar.contract as contract
contract.build_contract({{"usage": {{"input": 1.0}}, "turnUsd": object()}})
print(*[name for name in {BANNED} if name in sys.modules])
"""
    root = Path(usagebar.contract.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-S", "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
