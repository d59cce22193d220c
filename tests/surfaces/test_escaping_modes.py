"""Each mode's escaper: what all have in common, and what each makes of what."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import LONG, VALUES, in_a_line, literally, values
from hypothesis import given

from usagebar.surfaces.escaping import MODES, WHOLE, escaped, escaper
from usagebar.surfaces.escaping.table import ESCAPERS

TABLE: dict[str, list[tuple[str, str]]] = json.loads((Path(__file__).parent / "escaped.json").read_text("utf-8"))
OF_A_LINE = [mode for mode in MODES if not mode.startswith("telegram")]


@pytest.mark.parametrize(("mode", "value", "expected"), [(mode, *case) for mode in TABLE for case in TABLE[mode]])
def test_what_a_value_becomes(mode: str, value: str, expected: str) -> None:
    assert escaper(mode)(value) == expected


def test_the_modes() -> None:
    assert set(TABLE) == set(MODES) == set(ESCAPERS)
    assert set(MODES) > WHOLE == {"telegram-markdownv2"}


@pytest.mark.parametrize("mode", ["", "Discord", "telegram"])
def test_another_mode(mode: str) -> None:
    with pytest.raises(ValueError, match=rf"^expected one of the modes discord, .*, plain, found '{mode}'$"):
        escaper(mode)
    with pytest.raises(ValueError, match="expected one of the modes"):
        escaped({"a": "b"}, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", ["claude-opus-4-8", "claude_3_5_sonnet", "Opus 4.5", "Zoë", "5 h", "🌑", "a/b"])
def test_ordinary_values_look_the_same(mode: str, value: str) -> None:
    found = escaper(mode)(value)
    assert found.replace("\\", "").strip("\u200b\u2060") == value


@pytest.mark.parametrize("mode", MODES)
def test_of_nothing_is_nothing(mode: str) -> None:
    assert escaper(mode)("") == ""


@pytest.mark.parametrize("mode", OF_A_LINE)
@given(value=values)
def test_a_value_is_of_one_line(mode: str, value: str) -> None:
    found = escaper(mode)(value)
    assert "\n" not in found
    assert len(found.splitlines()) <= 1
    assert in_a_line(found) == found


@pytest.mark.parametrize("mode", MODES)
@given(value=values)
def test_a_value_can_be_sent(mode: str, value: str) -> None:
    found = escaper(mode)(value)
    assert literally(found) == found
    found.encode("utf-8")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", LONG, ids=[value[:3] for value in LONG])
def test_long_values(mode: str, value: str) -> None:
    assert len(escaper(mode)(value)) <= 6 * len(value)


def test_the_status_line_does_without_regular_expressions() -> None:
    code = (
        "import sys; from usagebar.surfaces.escaping import escaper; escaper('terminal')('x');"
        "print('usagebar.surfaces.escaping.table' in sys.modules); escaper('plain');"
        "print('usagebar.surfaces.escaping.table' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "True"]


def test_the_hostile_values_are_many() -> None:
    assert len(VALUES) > 250
