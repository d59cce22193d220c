"""Rule zero over any JSON: nothing raises, nothing unknown becomes a figure, and the model agrees."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from usagebar.contract import UsageContract, build_contract
from usagebar.contract.openclaw import _COUNTS

STATE_KEYS = [
    "provider",
    "model",
    "resolvedRef",
    "requested",
    "actual",
    "reasoningEffort",
    "fastMode",
    "fallbackUsed",
    "overrideSource",
    "authMode",
    "agentId",
    "sessionId",
    "chatType",
    "turnUsd",
    "durationMs",
    "identity",
    "compactionCount",
    "contextTokenBudget",
    "contextUsedTokens",
    "usage",
    "lastUsage",
]
DETAILS = ("prompt_tokens_details", "input_tokens_details")
USAGE_KEYS = sorted({name.partition(".")[0] for names in _COUNTS.values() for name in names})

# Lone surrogates included: JSON's \ud800 decodes to one.
any_text = st.text(st.characters(exclude_categories=()), max_size=8)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), any_text)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
tokens = st.one_of(
    st.integers(0, 10**6),
    st.integers(0, 100).map(float),
    st.floats(),
    st.integers(10**307, 10**309),
    any_json,
)


def objects(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=8)


details = objects(["cached_tokens", "cache_write_tokens"], tokens)
usages = st.builds(lambda plain, nested: plain | nested, objects(USAGE_KEYS, tokens), objects([*DETAILS], details))
identities = objects(["name", "emoji", "avatar"], any_json)
states = st.builds(
    lambda plain, nested, extra: extra | plain | nested,
    objects(STATE_KEYS, any_json | tokens),
    st.fixed_dictionaries(
        {}, optional={"usage": usages | any_json, "lastUsage": usages | any_json, "identity": identities}
    ),
    st.dictionaries(any_text, any_json, max_size=2),
)
schema = jsonschema.Draft202012Validator(UsageContract.model_json_schema(mode="validation"))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    else:
        yield value


@given(states, st.none() | any_text)
def test_any_state_gives_a_contract_of_known_figures(state: dict[str, Any], surface: str | None) -> None:
    contract = build_contract(state, surface)
    for leaf in leaves(contract):
        assert type(leaf) in (str, bool, int, float)
        assert not isinstance(leaf, str) or leaf.strip()
        assert isinstance(leaf, str) or (math.isfinite(leaf) and leaf >= 0)
    assert all(section != {} for section in contract.values())
    json.dumps(contract, allow_nan=False)


@given(states, st.none() | any_text)
def test_a_contract_is_a_model_and_back(state: dict[str, Any], surface: str | None) -> None:
    contract = build_contract(state, surface)
    assert UsageContract.model_validate(contract).to_mapping() == contract
    schema.validate(contract)


@given(states)
def test_null_and_absent_are_one(state: dict[str, Any]) -> None:
    """Rule zero: a key of null says no more than no key."""
    nulls = dict.fromkeys(STATE_KEYS) | {key: value for key, value in state.items() if value is not None}
    known = {key: value for key, value in state.items() if value is not None}
    assert build_contract(nulls) == build_contract(known) == build_contract(state)


@given(usages)
def test_a_count_is_known_only_if_a_name_of_it_is_given(usage: dict[str, Any]) -> None:
    contract = build_contract({"usage": usage})["usage"]
    for field, names in _COUNTS.items():
        given_names = [name for name in names if name.partition(".")[0] in usage]
        assert given_names or field not in contract
    assert contract["has_tokens"] is any(field in contract for field in _COUNTS)
    assert 0 <= contract.get("cache_hit_pct", 0) <= 100
