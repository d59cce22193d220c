"""What a cold start imports: the footer is rendered once a turn, and slow modules would cost more than the footer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import PLAIN, ROOT, environment

BANNED = {
    "_asyncio",
    "argparse",
    "asyncio",
    "collections",
    "dataclasses",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "json",
    "json5",
    "logging",
    "pathlib",
    "pydantic",
    "pydantic_core",
    "re",
    "tempfile",
    "traceback",
    "typing",
    "unicodedata",
    "wcwidth",
}

# Run the command line without site-packages, and write down what was loaded.
PROBE = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from usagebar.cli.main import main
code = main(sys.argv[3:])
with open(sys.argv[2], "w") as file:
    file.write("\\n".join(set(sys.modules) - before))
sys.exit(code)
"""

TURN = json.dumps({"v": 1, "surface": "discord", "model": {"display_name": "m"}, "cost": {"turn_usd": 0.5}})
JSONC = '// a comment, with "quotes"\n{"output": {"default": [{"text": "{v|num}"},],},}\n'

WAYS: dict[str, list[str]] = {
    "built-in": ["turn.json"],
    "surface": ["--surface", "telegram", "turn.json"],
    "standard input": [],
    "JSON Lines": ["--jsonl", "-"],
    "template": ["--template", "footer.jsonc", "turn.json"],
    "template as text": ["--template", JSONC, "turn.json"],
    "template in the home": ["--template=~/footer.jsonc", "turn.json"],
    "reply state": ["--state", "turn.json"],
    "reply state and template": ["--state", "--template", "footer.jsonc", "turn.json"],
}
CONFIGURED = {
    "nothing": {},
    "variable": {"USAGEBAR_TEMPLATE": "footer.jsonc"},
}


@pytest.fixture(autouse=True)
def _files(home: Path) -> None:
    for folder in (Path(), home):
        (folder / "footer.jsonc").write_text(JSONC, "utf-8")
    Path("turn.json").write_text(TURN, "utf-8")


def loaded(*words: str, **more: str) -> set[str]:
    """Return what a cold `usagebar …` loads beside what the bare interpreter has."""
    call = [sys.executable, "-I", "-S", "-c", PROBE, str(ROOT), "modules", *words]
    done = subprocess.run(
        call, input=TURN.encode(), capture_output=True, env=environment(**more), timeout=60, check=False
    )
    assert done.stderr == b""
    assert done.returncode == 0
    assert done.stdout
    return set(Path("modules").read_text("utf-8").splitlines())


def own(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] == "usagebar"}


@pytest.mark.parametrize("configured", CONFIGURED.values(), ids=CONFIGURED.keys())
@pytest.mark.parametrize("words", WAYS.values(), ids=WAYS.keys())
def test_render(words: list[str], configured: dict[str, str]) -> None:
    modules = loaded("render", *words, **configured)
    assert "usagebar.engine.bar" in modules
    assert modules & BANNED == set()
    assert len(modules) < 50


def test_render_as_openclaw_config_says(home: Path) -> None:
    (home / ".openclaw").mkdir()
    (home / ".openclaw" / "openclaw.json").write_text('{"messages": {"usageTemplate": "~/footer.jsonc"},}', "utf-8")
    modules = loaded("render", "turn.json")
    assert "usagebar.cli.named" in modules
    assert modules & BANNED == set()


def test_render_loads_no_other_command() -> None:
    modules = own(loaded("render", "turn.json"))
    commands = {name for name in modules if name.startswith("usagebar.cli.")}
    assert commands == {f"usagebar.cli.{name}" for name in ("main", "options", "render", "records", "configured")}
    assert not {name for name in modules if name.startswith(("usagebar.contract", "usagebar.diagnostics"))}


def test_version_and_help_load_no_engine() -> None:
    modules = own(loaded("--version"))
    assert modules == {"usagebar", "usagebar.record", "usagebar.cli", "usagebar.cli.main", "usagebar.cli.options"}
    modules = loaded("--help")
    assert modules & BANNED == set()
    assert "usagebar.engine.bar" not in modules


def imports_of(module: str, *words: str) -> set[str]:
    """Return the names that `python -m module` imports, by Python's own account of it."""
    done = subprocess.run(
        [sys.executable, "-S", "-X", "importtime", "-m", module, *words],
        capture_output=True,
        env=environment(PYTHONPATH=os.pathsep.join([str(ROOT), os.getcwd()])),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    return {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines() if "|" in line}


@pytest.mark.parametrize(
    "words", [["turn.json"], ["--template", "footer.jsonc", "turn.json"], ["--template", PLAIN, "--state", "turn.json"]]
)
def test_python_m(words: list[str]) -> None:
    Path("empty.py").write_bytes(b"")
    modules = imports_of("usagebar", "render", *words)
    assert "usagebar.engine.bar" in modules
    assert (modules - imports_of("empty")) & BANNED == set()
