"""The examples for each provider, run as they are against a server on the loopback, print the footers beside them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parent / "examples" / "providers"
PROGRAMS = sorted(FOLDER.glob("with_*.py"))
NEEDED = {
    "with_anthropic": "anthropic",
    "with_anthropic_tools": "anthropic",
    "with_claude_code": "json",
    "with_google_genai": "google.genai",
    "with_langchain": "langchain_anthropic",
    "with_litellm": "litellm",
    "with_openai_chat": "openai",
    "with_openai_responses": "openai",
    "with_pydantic_ai": "pydantic_ai",
}


def loopback() -> Any:
    """Return the module of the server, which stands with the tests of the contract."""
    spec = importlib.util.spec_from_file_location("loopback", HERE / "contract" / "loopback.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """Return the environment in which every SDK finds the server, and no key, template or tracer of this machine."""
    server = loopback()
    unset = (*server.KEYS, "GOOGLE_API_KEY", "USAGEBAR_TEMPLATE", "LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    with server.serving() as url:
        yield {**inherited, **server.environment(url), "NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}


def test_every_example_has_its_output() -> None:
    assert {path.stem for path in PROGRAMS} == NEEDED.keys()
    assert {path.stem for path in FOLDER.glob("*.txt")} == NEEDED.keys()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_an_example_prints_its_footer(program: Path, environment: dict[str, str]) -> None:
    pytest.importorskip(NEEDED[program.stem])
    status = (FOLDER / "claude_code_status.json").read_bytes()
    done = subprocess.run(
        [sys.executable, program], input=status, env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.stderr.decode() == ""
    assert done.stdout.decode().splitlines() == program.with_suffix(".txt").read_text("utf-8").splitlines()
