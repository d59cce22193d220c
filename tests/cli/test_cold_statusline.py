"""What a cold status line imports: it is drawn again and again while someone works, and cancelled if it is slow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, environment
from test_cold import BANNED, JSONC, PROBE, own

STATUS = json.dumps(
    {
        "version": "2.1.140",
        "model": {"id": "claude-opus-4-5", "display_name": "Opus 4.5"},
        "effort": {"level": "high"},
        "agent": {"name": "bot 🤖⚡☁️"},
        "cost": {"total_cost_usd": "1.5"},
        "context_window": {"context_window_size": 200000, "used_percentage": 75},
        "rate_limits": {"five_hour": {"used_percentage": 22, "resets_at": 1790000000}},
    }
)
HOSTILE = json.dumps({"model": {"display_name": "\x1b[31mx\u202e\n"}})
EMOJI = json.dumps({"output": {"sep": " ", "default": [{"text": f"🌑↕️🗄⏱│\x1b[31m{n}\x1b[0m"} for n in range(9)]}})

TEMPLATE = "USAGEBAR_TEMPLATE"
WAYS: dict[str, tuple[list[str], str, dict[str, str]]] = {
    "own template": ([], STATUS, {}),
    "columns": ([], STATUS, {"COLUMNS": "80"}),
    "few columns": ([], STATUS, {"COLUMNS": "12"}),
    "one column": ([], STATUS, {"COLUMNS": "1"}),
    "no colours": ([], STATUS, {"COLUMNS": "40", "NO_COLOR": "1"}),
    "template": (["--template", "footer.jsonc"], STATUS, {"COLUMNS": "80"}),
    "template as text": (["--template", JSONC], STATUS, {}),
    "variable": ([], STATUS, {TEMPLATE: "footer.jsonc"}),
    "emoji cut": (["--template", EMOJI], STATUS, {"COLUMNS": "20"}),
    "emoji in one piece": (["--template", EMOJI], STATUS, {"COLUMNS": "5"}),
    "values to clean": ([], HOSTILE, {"COLUMNS": "80"}),
    "debug": (["--debug"], STATUS, {}),
    "no input": ([], "", {}),
}


def loaded(words: list[str], data: str, more: dict[str, str]) -> set[str]:
    """Return what a cold `usagebar statusline …` loads beside what the bare interpreter has."""
    call = [sys.executable, "-I", "-S", "-c", PROBE, str(ROOT), "modules", "statusline", *words]
    done = subprocess.run(
        call, input=data.encode(), capture_output=True, env=environment(**more), timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.strip()
    return set(Path("modules").read_text("utf-8").splitlines())


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("footer.jsonc").write_text(JSONC.replace("{v|num}", "{model.id} {context.pct_used|pct}"), "utf-8")


@pytest.mark.parametrize(("words", "data", "more"), WAYS.values(), ids=WAYS.keys())
def test_statusline(words: list[str], data: str, more: dict[str, str]) -> None:
    modules = loaded(words, data, more)
    assert ("usagebar.engine.bar" in modules) == ("--template" in words or TEMPLATE in more)
    assert modules & {*BANNED, "datetime"} == set()
    assert len(modules) < 60


def test_it_loads_no_other_command_and_no_other_source() -> None:
    modules = own(loaded([], STATUS, {"COLUMNS": "80"}))
    commands = {name for name in modules if name.startswith("usagebar.cli.")}
    assert commands == {
        f"usagebar.cli.{name}" for name in ("main", "options", "statusline", "records", "status_pieces")
    }
    assert not {"usagebar.contract.known", "usagebar.diagnostics", "usagebar.template.reading"} & modules
    assert "usagebar.surfaces.cells" not in modules


def test_wcwidth_is_there_for_what_is_not_certain() -> None:
    status = json.dumps({"model": "नमस्ते"})
    assert "wcwidth" not in loaded([], status, {})
    done = subprocess.run(
        [sys.executable, "-m", "usagebar", "statusline"],
        input=status.encode(),
        capture_output=True,
        env=environment(COLUMNS="3"),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().endswith("…\n")
