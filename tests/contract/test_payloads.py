"""Stored payloads of every provider → the contract's figures, worked out by hand from what the provider documents."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from usagebar import contract as contracts
from usagebar.contract import UsageContract, from_response

FOLDER = Path(__file__).with_name("payloads")
CASES = {
    path.relative_to(FOLDER).with_suffix("").as_posix(): json.loads(path.read_text("utf-8"))
    for path in sorted(FOLDER.glob("*/*.json"))
}
EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
SOURCES = (
    "anthropic",
    "claude_code",
    "google_genai",
    "langchain",
    "litellm",
    "openai_chat",
    "openai_responses",
    "pydantic_ai",
)


def exactly(contract: Any) -> str:
    """1, 1.0 and true are equal in Python and differ here."""
    return json.dumps(contract, sort_keys=True)


def named(contract: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """Return the sections that a case names; one that is absent is an empty one there."""
    assert {} not in contract.values()
    return {section: contract.get(section, {}) for section in case["contract"]}


def test_every_source_has_its_payloads() -> None:
    counted = Counter(case["source"] for case in CASES.values())
    assert set(counted) == set(SOURCES)
    assert min(counted.values()) >= 8
    assert all(name.startswith(f"{case['source']}/") for name, case in CASES.items())


@EACH
def test_the_named_function_reads_it(case: dict[str, Any]) -> None:
    payload = copy.deepcopy(case["payload"])
    contract = getattr(contracts, f"from_{case['source']}")(payload, "discord", **case["known"])
    assert exactly(named(contract, case)) == exactly(case["contract"])
    assert contract["surface"] == "discord"
    assert exactly(payload) == exactly(case["payload"])


@EACH
def test_it_is_recognised(case: dict[str, Any]) -> None:
    assert exactly(named(from_response(case["payload"], **case["known"]), case)) == exactly(case["contract"])


@EACH
def test_it_gives_a_contract_of_the_published_shape(case: dict[str, Any]) -> None:
    contract = from_response(case["payload"], "discord", **case["known"])
    assert UsageContract.model_validate(contract).to_mapping() == contract
