"""`usagebar presets`: the templates to start from."""

from __future__ import annotations

import json

import pytest
from command_line import CommandLine

import usagebar
from usagebar.contract.samples import SAMPLES
from usagebar.template.presets import preset_names, preset_summary, preset_text


def test_the_list(cli: CommandLine) -> None:
    ran = cli("presets")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    blocks = ran.out.rstrip("\n").split("\n\n")
    assert [block.split("  ")[0] for block in blocks] == list(preset_names())
    assert blocks[0] == f"compact  {preset_summary('compact')}\n    opus 4.8 · 🌖 75% · $0.038"
    assert all(block.count("\n    ") == block.count("\n") >= 1 for block in blocks)


def test_the_list_in_colours(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    ran = cli("presets")
    assert "\x1b[1mcompact\x1b[0m  " in ran.out
    assert "    \x1b[36mclaude-opus-4-8\x1b[0m │ effort medium" in ran.out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("presets").out


def test_the_list_as_json(cli: CommandLine) -> None:
    ran = cli("presets", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert [preset["name"] for preset in found] == list(preset_names())
    for preset in found:
        assert preset["turn"] == ("quota" if preset["name"] == "quota" else "typical")
        bar = usagebar.parse(preset_text(preset["name"]))
        assert preset["footer"] == bar.render(SAMPLES[preset["turn"]].contract)


@pytest.mark.parametrize("name", preset_names())
def test_the_text_of_one(cli: CommandLine, name: str) -> None:
    assert cli("presets", name) == (0, preset_text(name), "")


def test_a_name_that_is_none(cli: CommandLine) -> None:
    names = ", ".join(preset_names())
    error = (
        f"usagebar presets: expected a preset, found 'compct'; did you mean compact?\nhelp: the presets are {names}\n"
    )
    assert cli("presets", "compct") == (2, "", error)
    assert cli("presets", "compct", "--json") == (2, "", error)


def test_one_as_json(cli: CommandLine) -> None:
    error = "expected no preset beside --json, which is of the list\nhelp: usagebar presets --help\n"
    assert cli("presets", "compact", "--json") == (2, "", f"usagebar presets: {error}")


def test_the_help(cli: CommandLine) -> None:
    ran = cli("presets", "--help")
    assert ran.code == 0
    assert ran.out.startswith("usage: usagebar presets [options] [NAME]\n")
