"""Golden files of the check: a template, its findings drawn, and as JSON; at least one of each code."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from usagebar.cli.main import main
from usagebar.diagnostics import SEVERITIES

GOLDEN = Path(__file__).parent / "golden" / "check"
TEMPLATES = sorted(path for path in GOLDEN.iterdir() if path.suffix in (".jsonc", ".bin"))
UPDATE = "USAGEBAR_UPDATE_GOLDEN"


def compared(path: Path, found: bytes) -> None:
    """Compare with a golden file, or write it."""
    if os.environ.get(UPDATE):
        path.write_bytes(found)
    assert found.decode() == path.read_bytes().decode()


def written(form: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return what `usagebar check` writes about a template beside which it is run."""
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "stdout", stream)
    code = main(["check", "--fail-on", "hint", "--format", form, path.name])
    assert code == 1
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_drawn(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared(path.with_suffix(".txt"), written("text", path, monkeypatch))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_as_json(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared(path.with_suffix(".json"), written("json", path, monkeypatch))


@pytest.mark.parametrize("code", SEVERITIES)
def test_each_code_has_its_golden_file(code: str) -> None:
    found = json.loads((GOLDEN / f"{code}.json").read_bytes())["findings"]
    assert code in {finding["code"] for finding in found}
    assert f"{SEVERITIES[code]}[{code}]: " in (GOLDEN / f"{code}.txt").read_text("utf-8")


def test_no_file_is_left_over() -> None:
    stems = [path.stem for path in TEMPLATES]
    assert len(stems) == len(set(stems))
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(stems)
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(stems)


def lines_of(path: Path) -> list[str]:
    return re.split("\r\n|\r|\n", path.read_bytes().decode("utf-8").removeprefix("\ufeff"))


def underlined(path: Path, finding: dict[str, Any]) -> str:
    """Return what a finding points at, within one line."""
    begin, end = finding["column"] - 1, finding["end_column"] - 1
    line = lines_of(path)[finding["line"] - 1]
    return str(line[begin:end])


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".jsonc"], ids=lambda path: path.stem)
def test_what_a_message_quotes_is_what_is_underlined(path: Path) -> None:
    for finding in json.loads(path.with_suffix(".json").read_bytes())["findings"]:
        pointed = re.search("found `([^`]*)`", finding["message"])
        is_inside = finding["code"] in QUOTING and finding["line"] == finding["end_line"]
        if pointed and is_inside and "\\" not in underlined(path, finding):
            assert pointed[1] in underlined(path, finding)


QUOTING = {
    *("unknown-key", "unknown-path", "unknown-scale", "unknown-alias-table", "unknown-surface"),
    *("suspect-fallback", "lost-fallback", "case-never-matches", "cluster-split", "duplicate-key"),
}
