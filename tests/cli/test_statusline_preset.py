"""The preset `statusline` is the template of the line that the command draws without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import usagebar
from usagebar.cli.status_pieces import status_pieces
from usagebar.contract import from_claude_code
from usagebar.surfaces.escaping import escaped
from usagebar.surfaces.sequences import shown
from usagebar.template.presets import preset_text

PAYLOADS = Path(__file__).parent.parent / "contract" / "claude_code"
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(PAYLOADS.glob("*.json"))}
# What the language cannot say: that a window was reset and so is not worth a word, and how little less than a cent is.
BEYOND = {
    "bad_numbers": ("m", "m │ 7d ⏱0m"),
    "total_since_2_1_132": ("Sonnet 4.5 [⣿⣿⠐⠐⠐]200k 41% $0.0040", "Sonnet 4.5 [⣿⣿⠐⠐⠐]200k 41% $0.00"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_preset_gives_the_line_that_is_drawn(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    contract = escaped(from_claude_code(case["status"], "terminal", now=case.get("now")), "terminal")
    drawn = shown("".join(status_pieces(contract)))
    rendered = shown(usagebar.parse(preset_text("statusline")).render(contract, "terminal"))
    assert (drawn, rendered) == BEYOND.get(name, (drawn, drawn))
