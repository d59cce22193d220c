"""The README tells the truth: its code runs and prints what it says, its tables hold."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import usagebar
from usagebar.cli.main import main
from usagebar.engine.verbs import VERBS
from usagebar.template.presets import preset_names, preset_summary

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"(?:`\{v\\\|([^`}]*)\}` of )?`([^`]+) → ([^`]+)`")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, where the README's commands may write."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("USAGEBAR_TEMPLATE", raising=False)
    return tmp_path


def blocks(language: str) -> list[str]:
    found = [body for kind, body in BLOCKS if kind == language]
    assert found, f"expected a block of {language} in the README, found none"
    return found


@pytest.mark.usefixtures("checkout")
def test_python_blocks_print_the_text_behind_them() -> None:
    for command in re.findall(r"# from: usagebar (.*)", README):
        assert main(command.split()) == 0
    namespace: dict[str, object] = {}
    for (kind, body), (next_kind, shown) in itertools.pairwise(BLOCKS):
        if kind == "python":
            assert next_kind == "text"
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(body, "README.md", "exec"), namespace)
            assert printed.getvalue() == shown


def test_console_blocks_print_what_they_show(checkout: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks("console"):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = session.partition("\n")
            run = subprocess.run(
                ["bash", "-c", command], capture_output=True, cwd=checkout, env=os.environ | {"PATH": path}, check=False
            )
            assert (run.stderr + run.stdout).decode() == shown, command


def test_the_template_is_whole_and_renders() -> None:
    (template,) = blocks("jsonc")
    bar = usagebar.parse(template)
    contract = {
        "model": {"display_name": "claude-opus-4-8"},
        "context": {"pct_used": 50},
        "state": {"fast_mode": False},
    }
    assert bar.render(contract) == "opus 4.8 · [████░░░░] 50% · slow"
    assert bar.render(contract, "discord") == "-# claude-opus-4-8"


def test_the_footer_at_the_top_is_the_typical_turn() -> None:
    turn = json.loads((ROOT / "examples" / "turns" / "typical.json").read_text("utf-8"))
    assert blocks("text")[0] == usagebar.load().render(turn, "telegram") + "\n"


def generated() -> dict[str, Any]:
    """Return what the script that writes the README's generated parts defines."""
    return runpy.run_path(str(ROOT / ".ci" / "readme.py"))


def part(name: str) -> str:
    """Return the text between the markers of a generated part."""
    (found,) = re.findall(rf"^<!-- {name} -->\n(.*?)^<!-- /{name} -->$", README, re.DOTALL | re.MULTILINE)
    assert isinstance(found, str)
    return found


def test_the_generated_parts_are_current() -> None:
    hint = "run: python .ci/readme.py --write"
    assert generated()["current"](README) == README, hint
    assert generated()["picture"]() == (ROOT / "examples" / "preview.svg").read_text("utf-8"), hint


@pytest.mark.parametrize("name", generated()["PARTS"])
def test_a_part_that_is_not_current_is_seen(name: str) -> None:
    stale = README.replace(part(name), "old\n")
    assert stale != README
    assert generated()["current"](stale) == README


@pytest.mark.parametrize("old", ["<!-- verbs -->", "<!-- /verbs -->"])
def test_a_part_without_its_place_is_told(old: str) -> None:
    with pytest.raises(ValueError, match="expected one part each of"):
        generated()["current"](README.replace(old, ""))


def test_the_script_checks_and_writes(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci" / "readme.py", tmp_path / ".ci")
    readme = tmp_path / "README.md"
    (tmp_path / "examples").mkdir()
    picture = Path(shutil.copy(ROOT / "examples" / "preview.svg", tmp_path / "examples"))

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, script, *words], capture_output=True, cwd=ROOT, check=False)
        return done.returncode, done.stderr.decode()

    readme.write_text(README.replace(part("verbs"), "old\n"), "utf-8")
    assert run("--check") == (1, "README.md is not current\nhelp: python .ci/readme.py --write\n")
    assert run("--write") == (0, "")
    assert readme.read_text("utf-8") == README
    assert run("--check") == (0, "")
    picture.unlink()
    assert run("--check") == (1, "preview.svg is not current\nhelp: python .ci/readme.py --write\n")
    assert run("--write") == (0, "")
    assert picture.read_bytes() == (ROOT / "examples" / "preview.svg").read_bytes()
    assert run() == (2, "expected --check or --write, found nothing\n")


def test_every_preset_is_drawn() -> None:
    for name in preset_names():
        assert f"\n{name}  {preset_summary(name)}\n    " in part("presets")


def verb_rows() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| `(\w+)(?::[A-Z:]+)?` \| .*? \| (.*) \|$", part("verbs"), re.MULTILINE)
    return [(verb, examples) for verb, examples in rows if verb in VERBS]


def test_the_table_has_every_verb() -> None:
    assert [verb for verb, _ in verb_rows()] == list(VERBS)


@pytest.mark.parametrize(("verb", "examples"), verb_rows())
def test_the_examples_of_a_verb(verb: str, examples: str) -> None:
    found = EXAMPLE.findall(examples)
    assert found
    for call, value, shown in found:
        calls = (call or verb).replace("\\|", "|")
        assert re.split("[:|]", calls)[0] == verb
        text = "{v|" + calls + "}"
        document = dict(usagebar.BUILTIN) | {"output": {"default": [{"text": text}]}}
        assert usagebar.parse(document).render({"v": json.loads(value)}) == shown


MODULES = ("contract", "pricing")


@pytest.mark.parametrize("name", sorted({*usagebar.__all__} - {"__version__", *MODULES}))
def test_every_public_name_is_in_the_readme(name: str) -> None:
    assert f"`{name}" in README


def test_the_price_file_prices_what_it_names() -> None:
    (text,) = blocks("json")
    prices = usagebar.pricing.load_prices(json.loads(text))
    usage = {"input_tokens": 300_000, "output_tokens": 1_000}
    for model, provider, usd, tier in (("claude-opus-4-8", None, 1.525, None), ("gpt-5.5", "openai", 3.045, 272_000)):
        cost = usagebar.pricing.turn_cost(usage, model, provider=provider, prices=prices)
        assert cost is not None
        assert cost.usd == pytest.approx(usd)
        assert cost.long_context == tier


def test_the_links_lead_somewhere() -> None:
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", README, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (ROOT / target).exists(), target


def test_ci_runs_the_commands_of_the_readme() -> None:
    assert len(blocks("sh")) == 2
    run = subprocess.run(["bash", ROOT / ".ci" / "run", "--list"], capture_output=True, check=True)
    assert run.stdout.decode() == "".join(blocks("sh"))


def test_the_readme_quotes_the_last_figures() -> None:
    rows = re.findall(r"^\| (.*?) \| [\d.]+ (?:µs|ms|KiB) \|", README, re.MULTILINE)
    assert len(rows) >= 10
