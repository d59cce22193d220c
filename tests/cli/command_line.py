"""The command line as the tests call it: within this process, or as a program of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from usagebar.cli.main import main

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sysconfig.get_path("scripts")) / ("usagebar.exe" if os.name == "nt" else "usagebar")
MODULE = [sys.executable, "-m", "usagebar"]

# A template that shows one figure as it is, and the same as text for `--template`.
PLAIN = '{"output": {"default": [{"text": "{v}"}]}}'


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class CommandLine:
    """Call `usagebar` within this process: `cli("render", "-", stdin=b"{}")`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capture

    def __call__(self, *words: str, stdin: bytes | str = b"") -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        with self._monkeypatch.context() as patch, io.TextIOWrapper(io.BytesIO(data)) as stream:
            patch.setattr(sys, "stdin", stream)
            code = main(words)
        out, err = self._capture.readouterr()
        return Ran(code, out.decode("utf-8"), err.decode("utf-8"))


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment, as the fixtures made it, without what would change how Python writes."""
    unwanted = ("PYTHON", "LC_", "LANG", "COVERAGE", "COV_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return plain | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | more


def program(
    *words: str | bytes, stdin: bytes | str = b"", env: Mapping[str, str] | None = None, start: list[str] | None = None
) -> Ran:
    """Run `python -m usagebar`, or what `start` says, as a process of its own."""
    done = subprocess.run(
        [*(MODULE if start is None else start), *words],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=environment() if env is None else env,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
