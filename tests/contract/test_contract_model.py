"""The contract as a pydantic model, its JSON Schema, and the lazy names of the package."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError

import usagebar.contract
from usagebar.contract import ContractError, UsageContract, build_contract

SCHEMA = UsageContract.model_json_schema(mode="validation")
FULL: dict[str, Any] = {
    "schema": "openclaw.usageLine.v1",
    "surface": "discord",
    "agentId": "main",
    "chat_type": "group",
    "session": {
        "id": "s-1",
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "total_tokens": 10,
        "turns": 5,
    },
    "model": {
        "id": "m",
        "display_name": "M",
        "provider": "p",
        "reasoning": "high",
        "requested": "r",
        "actual": "a",
        "resolved_ref": "p/m",
        "auth_mode": "oauth",
        "override_source": "user",
        "is_fallback": False,
        "is_override": True,
    },
    "state": {"fast_mode": True, "compactions": 0},
    "usage": {
        "input_tokens": 10,
        "cache_read_tokens": 90,
        "cache_write_tokens": 0,
        "output_tokens": 5,
        "total_tokens": 105,
        "cache_hit_pct": 90,
        "reasoning_tokens": 2,
        "has_split_tokens": True,
        "has_total_only_tokens": False,
        "has_tokens": True,
        "last": {
            "input_tokens": 10,
            "cache_read_tokens": 90,
            "cache_write_tokens": 0,
            "output_tokens": 5,
            "total_tokens": 105,
            "cache_hit_pct": 90,
            "reasoning_tokens": 0,
        },
    },
    "context": {"max_tokens": 1000, "used_tokens": 5650, "pct_used": 565},
    "cost": {
        "turn_usd": 0.0,
        "available": True,
        "session_usd": 1.5,
        "today_usd": 2.5,
        "budget_usd": 10.0,
        "budget_pct": 125.0,
        "source": "estimated",
    },
    "limits": {
        "windows": [
            {"label": "5h", "pct_used": 22.5, "pct_left": 77.5, "resets_in_s": 60.0, "scope": "all"},
            {"label": "7d"},
        ]
    },
    "timing": {"duration_ms": 8400},
    "identity": {"name": "Clawd", "emoji": "🦞", "avatar": "a.png"},
}


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema["$defs"].values()


def fields() -> list[Any]:
    return [
        pytest.param(name, field, id=f"{part['title']}.{name}")
        for part in objects(SCHEMA)
        for name, field in part["properties"].items()
    ]


def paths(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from ((key, *rest) for rest in paths(inner))
        else:
            yield (key,)


def contract_with(path: tuple[str, ...], value: object) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def test_every_field_there_and_back() -> None:
    model = UsageContract.model_validate(FULL)
    assert model.to_mapping() == FULL
    assert not model.model_extra
    jsonschema.Draft202012Validator(SCHEMA).validate(FULL)


def test_the_full_contract_names_every_field() -> None:
    named = {path[-1] for path in paths(FULL)} | {"label", "pct_left", "resets_in_s", "scope"}
    known = {name for part in objects(SCHEMA) for name in part["properties"]}
    assert known - named == {name for name, value in FULL.items() if isinstance(value, dict)} | {"last"}


def test_the_schema_name_is_the_default_and_the_only_one() -> None:
    assert UsageContract().to_mapping() == {"schema": "openclaw.usageLine.v1"}
    with pytest.raises(ValidationError):
        UsageContract.model_validate({"schema": "openclaw.usageLine.v2"})


def test_python_names_are_accepted() -> None:
    contract = UsageContract.model_validate({"agent_id": "main", "schema_": "openclaw.usageLine.v1"})
    assert contract.agent_id == "main"
    assert contract.to_mapping() == {"schema": "openclaw.usageLine.v1", "agentId": "main"}


def test_none_is_absent() -> None:
    given = {"surface": None, "usage": {"input_tokens": None, "last": None}, "house": None}
    assert UsageContract.model_validate(given).to_mapping() == {
        "schema": "openclaw.usageLine.v1",
        "usage": {},
    }


def test_fields_of_the_host_are_kept() -> None:
    given = {"schema": "openclaw.usageLine.v1", "weather": {"sky": "blue"}, "cost": {"turn_eur": 0.5}}
    assert UsageContract.model_validate(given).to_mapping() == given


def test_a_whole_float_is_an_integer() -> None:
    usage = UsageContract.model_validate({"usage": {"input_tokens": 1200.0}}).usage
    assert usage is not None
    assert type(usage.input_tokens) is int
    assert UsageContract.model_validate_json('{"usage": {"input_tokens": 1200.0}}').usage == usage


NUMBERS = [path for path in paths(FULL) if path[0] not in ("schema", "limits")]


@pytest.mark.parametrize("path", NUMBERS, ids=".".join)
def test_junk_is_refused_by_model_and_schema(path: tuple[str, ...]) -> None:
    kind = type(value_at(path))
    junk: list[object] = [[1], {"a": 1}, b"x"]
    junk += [True, "12", -1, float("nan"), float("inf")] if kind in (int, float) else []
    junk += [0.5] if kind is int else []
    junk += [7, True, "", "  "] if kind is str else []
    junk += [0, 1, "true"] if kind is bool else []
    for value in junk:
        contract = contract_with(path, value)
        with pytest.raises(ValidationError, match=r"1 validation error for"):
            UsageContract.model_validate(contract)
        # NaN and infinity cannot stand in JSON, so its schema has no word on them.
        if not isinstance(value, float) or math.isfinite(value):
            assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(contract), value


def value_at(path: tuple[str, ...]) -> object:
    value: Any = FULL
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("usage", "cache_hit_pct"), 101),
        (("usage", "last", "cache_hit_pct"), 101.0),
        (("context", "max_tokens"), 0),
        (("cost", "source"), "guessed"),
        (("limits", "windows"), {"label": "5h"}),
        (("limits", "windows"), [{"pct_left": 100.5}]),
        (("limits", "windows"), [{"pct_used": "12"}]),
        (("limits", "windows"), [{"resets_in_s": -1}]),
        (("limits", "windows"), [{"label": ""}]),
        (("limits", "windows"), ["5h"]),
        (("usage",), []),
        (("model",), "gpt-5.2"),
    ],
)
def test_borders(path: tuple[str, ...], value: object) -> None:
    with pytest.raises(ValidationError):
        UsageContract.model_validate(contract_with(path, value))
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(contract_with(path, value))


@pytest.mark.parametrize(("name", "field"), fields())
def test_schema_describes_every_field(name: str, field: dict[str, Any]) -> None:
    assert field["description"].endswith(".")
    assert "title" not in field
    assert "anyOf" not in field
    assert field.get("default", "") is not None
    if "$ref" not in field and name not in ("schema", "windows"):
        assert field["examples"]
    if field.get("type") in ("integer", "number"):
        assert field.get("minimum", field.get("exclusiveMinimum")) == 0
        unit = ("token", "percent", "dollar", "second", "Times", "Turns")
        assert any(word in field["description"] for word in unit)


@pytest.mark.parametrize(("name", "field"), fields())
def test_examples_are_valid(name: str, field: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(field | {"$defs": SCHEMA["$defs"]})
    for example in field.get("examples", ()):
        validator.validate(example)


def test_schema_offers_no_null() -> None:
    assert "null" not in repr(SCHEMA)
    assert "None" not in repr(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_of_a_count() -> None:
    count = dict(SCHEMA["$defs"]["Usage"]["properties"]["input_tokens"])
    assert count.pop("description")
    assert count == {"type": "integer", "minimum": 0, "examples": [1200]}


def test_names_of_the_package() -> None:
    assert {"build_contract", "UsageContract", "ContractError"} <= set(dir(usagebar.contract))
    assert issubclass(ContractError, ValueError)
    assert build_contract.__module__ == "usagebar.contract.openclaw"
    with pytest.raises(AttributeError, match=r"module 'usagebar\.contract' has no attribute 'nothing'"):
        _ = usagebar.contract.nothing


def test_the_package_imports_nothing_until_asked() -> None:
    program = """
import sys
import usagebar.contract
print(*[name for name in sys.modules if name.startswith(("usagebar.contract.", "pydantic"))])
usagebar.contract.build_contract, usagebar.contract.ContractError
assert "pydantic" not in sys.modules
usagebar.contract.UsageContract
assert "pydantic" in sys.modules
"""
    root = Path(usagebar.contract.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
