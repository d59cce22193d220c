"""`usagebar describe`: the language, for people and programs."""

from __future__ import annotations

import json

import pytest
from command_line import CommandLine

from usagebar import describe
from usagebar.engine.verbs import VERBS


def test_all_as_json(cli: CommandLine) -> None:
    ran = cli("describe", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == describe.description()


def test_a_section_as_json(cli: CommandLine) -> None:
    ran = cli("describe", "verbs", "--json")
    assert json.loads(ran.out) == {"language": "openclaw.usageBar.v1", "verbs": describe.verbs()}


def test_all_for_people(cli: CommandLine) -> None:
    ran = cli("describe")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    heads = [line for line in ran.out.splitlines() if line and not line.startswith(" ")]
    assert heads == [name.upper() for name in describe.SECTIONS]


@pytest.mark.parametrize("name", describe.SECTIONS)
def test_a_section_for_people(cli: CommandLine, name: str) -> None:
    ran = cli("describe", name)
    assert (ran.code, ran.err) == (0, "")
    head, *lines = ran.out.splitlines()
    assert head == name.upper()
    assert all(line.startswith("  ") for line in lines)
    section = describe.SECTIONS[name]()
    entries = [line for line in lines if not line.startswith("   ")]
    if isinstance(section, list):
        assert len(entries) == len(section) + sum(len(member.get("elements", ())) for member in section)


def test_a_verb(cli: CommandLine) -> None:
    shown = cli("describe", "verbs").out
    assert "  fixed:DECIMALS  so many decimals, half away from zero\n" in shown
    assert "      DECIMALS: how many decimals, 0 to 100, 2 if not given\n" in shown
    assert "      0.03771985 {value|fixed:4} → 0.0377\n" in shown
    assert '      "12 tokens" {value|num} → nothing\n' in shown
    assert all(f"\n  {name}" in shown for name in VERBS)


def test_a_path_within_an_element(cli: CommandLine) -> None:
    shown = cli("describe", "paths").out
    assert "\n  limits.windows  array\n" in shown
    assert "\n  limits.windows → pct_left  number\n" in shown
    assert "\n  cost.source  string: reported, estimated\n" in shown


def test_a_surface(cli: CommandLine) -> None:
    shown = cli("describe", "surfaces").out
    assert "\n  irc  400 bytes a line\n" in shown
    assert "\n  terminal  no limit\n" in shown


@pytest.mark.parametrize("columns", ["40", "1"])
def test_it_fits_the_window(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = cli("describe", "findings").out.splitlines()
    assert max(map(len, lines)) <= max(40, int(columns))


def test_colours(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = cli("describe", "guards").out
    assert shown.startswith("\x1b[1mGUARDS\x1b[0m\n  \x1b[36mwhen\x1b[0m\x1b[2m  keeps")


def test_a_section_that_is_none(cli: CommandLine) -> None:
    ran = cli("describe", "verbs", "vrbs")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "usagebar describe: expected a section, found 'vrbs'; did you mean verbs?\n"
        f"help: the sections are {', '.join(describe.SECTIONS)}\n"
    )


def test_the_help_names_every_section(cli: CommandLine) -> None:
    shown = cli("describe", "--help").out
    assert all(name in shown for name in describe.SECTIONS)
