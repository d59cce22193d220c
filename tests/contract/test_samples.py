"""The sample turns are turns that can happen: each keeps the contract's rules, and together they name every path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import usagebar
from usagebar.contract.paths import Field, contract_fields
from usagebar.contract.samples import SAMPLES, Sample

ALL = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)

# Whoever shows a sample says on which surface.
NOT_IN_A_SAMPLE = {"surface"}


def test_the_names() -> None:
    assert tuple(SAMPLES) == (
        "typical",
        "first-turn",
        "nothing-known",
        "total-only",
        "fallback",
        "override",
        "full-context",
        "over-full",
        "huge",
        "free",
        "quota",
        "hostile",
    )


@ALL
def test_a_sample_is_a_contract(sample: Sample) -> None:
    assert SAMPLES[sample.name] is sample
    assert sample.summary
    assert usagebar.UsageContract.model_validate(sample.contract).to_mapping() == sample.contract
    assert "surface" not in sample.contract


# ---------------------------------------------------------------- the arithmetic, once more and by hand


def rounded_percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)


def counts_hold(usage: Mapping[str, Any]) -> None:
    prompt = sum(usage.get(f"{name}_tokens", 0) for name in ("input", "cache_read", "cache_write"))
    known = prompt > 0 and "cache_read_tokens" in usage and "input_tokens" in usage
    expected = rounded_percent(usage["cache_read_tokens"], prompt) if known else None
    assert usage.get("cache_hit_pct") == expected
    if "total_tokens" in usage and "input_tokens" in usage:
        assert usage["total_tokens"] == prompt + usage["output_tokens"]
    assert usage.get("reasoning_tokens", 0) <= usage.get("output_tokens", 0)


def prompt_of(usage: Mapping[str, Any]) -> int:
    return sum(usage.get(f"{name}_tokens", 0) for name in ("input", "cache_read", "cache_write"))


@ALL
def test_the_tokens_of_a_turn(sample: Sample) -> None:
    usage = sample.contract["usage"]
    split = "input_tokens" in usage or "output_tokens" in usage
    assert usage["has_split_tokens"] is split
    assert usage["has_total_only_tokens"] is (not split and "total_tokens" in usage)
    assert usage["has_tokens"] is (split or "total_tokens" in usage)
    counts_hold(usage)
    last = usage.get("last", {})
    counts_hold(last)
    for name, count in last.items():
        # Claude Code's status line tells the final call's tokens alone.
        assert name.endswith("_pct") or not usage["has_tokens"] or count <= usage[name], name


@ALL
def test_the_window_is_what_the_final_call_filled(sample: Sample) -> None:
    if "context" not in sample.contract:
        return
    context, usage = sample.contract["context"], sample.contract["usage"]
    assert context["used_tokens"] == prompt_of(usage.get("last", usage))
    assert context["pct_used"] == rounded_percent(context["used_tokens"], context["max_tokens"])


@ALL
def test_the_tokens_of_the_session(sample: Sample) -> None:
    session, usage = sample.contract.get("session", {}), sample.contract["usage"]
    if "total_tokens" in session:
        assert session["total_tokens"] == prompt_of(session) + session["output_tokens"]
        assert all(session[f"{name}_tokens"] >= usage[f"{name}_tokens"] for name in ("input", "output", "cache_read"))


@ALL
def test_the_cost(sample: Sample) -> None:
    cost, model = sample.contract["cost"], sample.contract["model"]
    assert cost["available"] is ("turn_usd" in cost)
    # OpenClaw's reply state does not say where its cost comes from.
    assert ("source" in cost) is ("turn_usd" in cost and sample.name != "over-full")
    assert not (model.get("auth_mode") == "oauth" and cost.get("source") == "estimated")
    spent = [cost[name] for name in ("turn_usd", "session_usd", "today_usd") if name in cost]
    assert spent[:1] == [] or all(spent[0] <= more for more in spent[1:])
    if "budget_usd" in cost:
        assert cost["budget_pct"] == pytest.approx(cost["today_usd"] / cost["budget_usd"] * 100, abs=0.5)


@ALL
def test_the_choice_of_the_model(sample: Sample) -> None:
    model = sample.contract["model"]
    assert model.get("is_override", False) is (model.get("override_source") not in (None, "auto"))
    if model.get("is_fallback"):
        assert model["requested"] != model["actual"]


@ALL
def test_the_windows(sample: Sample) -> None:
    for window in sample.contract.get("limits", {}).get("windows", ()):
        assert window["pct_left"] == max(0, 100 - window["pct_used"])


# ---------------------------------------------------------------- what each is a sample of


def contract(name: str) -> Mapping[str, Any]:
    return SAMPLES[name].contract


def test_what_they_are_samples_of() -> None:
    assert usagebar.build_contract({}) == contract("nothing-known")
    assert contract("first-turn")["session"]["turns"] == 1
    assert contract("total-only")["usage"]["has_total_only_tokens"] is True
    assert [name for name in SAMPLES if contract(name)["model"].get("is_fallback")] == ["fallback"]
    assert contract("override")["model"]["override_source"] == "user"
    assert contract("full-context")["context"]["pct_used"] == 100
    assert contract("over-full")["context"]["pct_used"] == 113
    assert contract("free")["cost"]["turn_usd"] == 0
    assert contract("quota")["cost"] == {"available": False}
    assert len(contract("quota")["limits"]["windows"]) == 3


def test_the_typical_turn_gives_the_line_at_the_top_of_the_readme() -> None:
    shown = usagebar.load().render(contract("typical"))
    assert shown == "anthropic🦞 opus48 📌 🌗 🐌 | 📚 [⣿⣿⣿⣧⠐]272k ↕️ 18k/1.5k 🗄 90% 💰0.0377"


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def test_the_hostile_turn_attacks_every_surface() -> None:
    found = list(texts(contract("hostile")))
    for attack in ("_", "*", "~", "|", "`", "@everyone", "<@", "](", "\x1b", "\n", "<b>", "&", "\u202e", "\u200b"):
        assert any(attack in text for text in found), attack
    assert max(map(len, found)) < 80


# ---------------------------------------------------------------- every path is in one of them


def paths(value: object, prefix: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from paths(each, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list):
        for each in value:
            yield from paths(each, f"{prefix}[]")
    else:
        yield prefix


def leaves(field: Field) -> Iterator[str]:
    if field.is_single:
        yield field.path
    yield from (f"{field.path}[].{element.path}" for element in field.elements)


def test_every_path_of_the_contract_is_in_a_sample() -> None:
    known = {path for field in contract_fields() for path in leaves(field)}
    used = {path for name in SAMPLES for path in paths(contract(name))}
    assert used <= known
    assert known - used == NOT_IN_A_SAMPLE
