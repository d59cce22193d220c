"""The presets: whole templates, written for readers, which show what they promise."""

from __future__ import annotations

from typing import Any

import pytest

import usagebar
from usagebar.contract.samples import SAMPLES
from usagebar.template.jsonc import decode
from usagebar.template.presets import preset_names, preset_summary, preset_text

NAMES = preset_names()
ALL = pytest.mark.parametrize("name", NAMES)


def test_the_names() -> None:
    names = ["compact", "detailed", "minimal", "plain-ascii", "quota", "statusline", "terminal", "thresholds"]
    assert list(NAMES) == names


@pytest.mark.parametrize("name", ["", "nosuch", "compact.jsonc", "../builtin", "Compact"])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="expected one of compact, detailed, "):
        preset_text(name)
    with pytest.raises(ValueError, match="expected one of compact, detailed, "):
        preset_summary(name)


@ALL
def test_a_preset_is_a_whole_template(name: str) -> None:
    text = preset_text(name)
    bar = usagebar.parse(text)
    assert bar.diagnostics == ()
    assert not bar.is_builtin
    document: Any = decode(text)
    assert list(document)[:2] == ["$schema", "schema"]
    assert document["$schema"] == "./openclaw.usageBar.v1.schema.json"


@ALL
def test_the_check_finds_nothing(name: str) -> None:
    from usagebar.checks import check

    assert [finding for finding in check(preset_text(name)) if finding.severity != "hint"] == []


@ALL
def test_a_preset_is_written_for_readers(name: str) -> None:
    text = preset_text(name)
    summary = preset_summary(name)
    assert text.startswith(f"// {summary}\n")
    assert summary.endswith(".")
    assert "\t" not in text
    assert "\r" not in text
    assert text.endswith("}\n")


@ALL
@pytest.mark.parametrize("turn", SAMPLES)
def test_every_turn_has_a_footer(name: str, turn: str) -> None:
    bar = usagebar.parse(preset_text(name))
    for surface in (None, *bar.surfaces):
        footer = bar.render(SAMPLES[turn].contract, surface)
        assert footer.strip()
        assert turn == "hostile" or "{" not in footer


@pytest.mark.parametrize("name", [name for name in NAMES if "discord" in usagebar.parse(preset_text(name)).surfaces])
def test_discord_has_small_print_in_each_line(name: str) -> None:
    bar = usagebar.parse(preset_text(name))
    for turn in SAMPLES:
        if turn != "hostile":
            lines = bar.render(SAMPLES[turn].contract, "discord").split("\n")
            assert all(line.startswith("-# ") and len(line) > 3 for line in lines)


def test_telegram_is_well_formed() -> None:
    bar = usagebar.parse(preset_text("detailed"))
    for turn in SAMPLES:
        footer = bar.render(SAMPLES[turn].contract, "telegram")
        assert footer.startswith("<blockquote>")
        assert footer.endswith("</blockquote>")


def test_plain_ascii_is_ascii() -> None:
    bar = usagebar.parse(preset_text("plain-ascii"))
    for turn in SAMPLES:
        assert turn == "hostile" or bar.render(SAMPLES[turn].contract).isascii()


def test_terminal_ends_what_it_begins() -> None:
    bar = usagebar.parse(preset_text("terminal"))
    for turn in SAMPLES:
        if turn != "hostile":
            footer = bar.render(SAMPLES[turn].contract, "terminal")
            assert footer.rpartition("\x1b[")[2].startswith("0m")
        assert turn == "hostile" or "\x1b" not in bar.render(SAMPLES[turn].contract)


def first_glyph(path: str, value: float) -> str:
    section, key = path.split(".")
    contract: dict[str, Any] = {"model": {"display_name": "m"}, section: {key: value}}
    return usagebar.parse(preset_text("thresholds")).render(contract).removeprefix("m · ")[0]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("context.pct_used", {0: "🟢", 50: "🟡", 70: "🟠", 90: "🔴"}),
        ("cost.budget_pct", {0: "🟢", 75: "🟡", 85: "🟠", 95: "🔴"}),
    ],
)
def test_the_thresholds_are_where_they_are_said_to_be(path: str, steps: dict[int, str]) -> None:
    for percent in range(121):
        expected = [glyph for start, glyph in steps.items() if percent >= start][-1]
        assert first_glyph(path, percent) == expected, percent


def test_the_warning_appears_at_ninety() -> None:
    bar = usagebar.parse(preset_text("thresholds"))
    shown = [bar.render({"context": {"pct_used": percent}}) for percent in (89, 90)]
    assert shown == ["? · 🟠 context 89%", "? · 🔴 context 90% ⚠️ compact soon"]
