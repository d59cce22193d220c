"""Every example works: the templates are whole and give the footers written beside them, the programs run."""

from __future__ import annotations

import importlib.util
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

import usagebar
from usagebar.checks import check
from usagebar.template.jsonc import decode

EXAMPLES = Path(__file__).parent.parent / "examples"
TURNS = sorted((EXAMPLES / "turns").glob("*.json"))


def module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


TEMPLATES: dict[str, str] = dict(module("render_all").templates())


def test_there_are_examples() -> None:
    assert {"builtin", "legacy", "slack", "telegram", "presets/compact", "presets/quota"} <= TEMPLATES.keys()
    assert len(TURNS) >= 5


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_check_finds_nothing_to_correct(name: str) -> None:
    assert [finding for finding in check(TEMPLATES[name]) if finding.severity != "hint"] == []
    document: Any = decode(TEMPLATES[name])
    assert list(document)[:2] == ["$schema", "schema"]
    if name != "builtin" and "/" not in name:  # those stand beside the schema once `usagebar init` wrote them
        schema = EXAMPLES / "templates" / document["$schema"]
        assert schema.samefile(EXAMPLES.parent / "schemas" / "openclaw.usageBar.v1.schema.json")


@pytest.mark.parametrize("name", TEMPLATES)
def test_footers_are_those_written_down(name: str) -> None:
    written = EXAMPLES / "footers" / f"{name}.txt"
    hint = "run: python examples/render_all.py --write"
    assert module("render_all").footers_of(TEMPLATES[name]) == written.read_text("utf-8"), hint


def test_no_footers_are_left_of_a_template_that_is_gone() -> None:
    footers = EXAMPLES / "footers"
    written = {path.relative_to(footers).with_suffix("").as_posix() for path in footers.rglob("*.txt")}
    assert written == TEMPLATES.keys()


@pytest.mark.parametrize("turn", TURNS, ids=lambda path: path.stem)
def test_turns_are_contracts(turn: Path) -> None:
    contract = json.loads(turn.read_text("utf-8"))
    assert usagebar.UsageContract.model_validate(contract).to_mapping() == contract


def test_the_builtin_example_is_the_builtin() -> None:
    shipped = Path(usagebar.__file__).parent / "template" / "builtin.jsonc"
    assert (EXAMPLES / "templates" / "builtin.jsonc").read_bytes() == shipped.read_bytes()


def test_programs_run(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "bot.py"), run_name="__main__")
    reply = capsys.readouterr().out
    assert reply == "The tests pass now.\n*claw* `claude-opus-4-8`  :walking:  :books: 75%  :moneybag: $0.0377\n"
    runpy.run_path(str(EXAMPLES / "custom_verb.py"), run_name="__main__")
    assert capsys.readouterr().out == "about 0.034 €\n"


def test_render_all_prints_every_template(capsys: pytest.CaptureFixture[str]) -> None:
    module("render_all").main([])
    shown = capsys.readouterr().out
    assert all(f"# {name}\n" in shown for name in TEMPLATES)
