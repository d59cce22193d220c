"""The house: a room imports only from lower floors, read from the source of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import usagebar

PACKAGE = Path(usagebar.__file__).parent
NAME = PACKAGE.name

# Room (a folder or module of the package) → its floor.
FLOORS = {
    "record": -1,  # below all: findings are records too
    "lazily": -1,
    "diagnostics": 0,
    "figures": 0,
    "surfaces": 0,  # below the engine, which escapes values for them
    "engine": 1,
    "template": 2,
    "pricing": 3,  # below the contract: its builders price what they read
    "contract": 4,
    "checks": 5,
    "ledger": 5,
    "quota": 5,
    "cli": 6,
    "adapters": 6,
    "web": 6,
    "schemas": 6,
    "describe": 6,
    "__main__": 6,
}
TOP = max(FLOORS.values())
FACADE = "__init__"  # it knows every room; only the top floor knows it

# The engine knows no file, no clock, no environment.
OUTSIDE = {"os", "time", "io", "pathlib", "datetime", "locale", "posix", "posixpath", "nt", "ntpath", "_io"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def room_of(place: str) -> str:
    """Return the room of a module, by its path below the package: `engine/bar.py`, `record.py`."""
    first, _, rest = place.partition("/")
    return first if rest else first.removesuffix(".py")


def imported(source: str, place: str) -> Iterator[tuple[int, str]]:
    """Walk what a module imports, wherever it does: line, and the absolute name of the module or member."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = [NAME, *place.split("/")[:-1]]
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def violations(source: str, place: str) -> list[str]:
    """Return what a module imports and must not, each with its line."""
    room = room_of(place)
    if room == FACADE:
        return []
    if room not in FLOORS:
        return [f"{place}: the room {room!r} has no floor"]
    wrong = []
    for line, name in imported(source, place):
        reason = _within(room, name) if name.split(".")[0] == NAME else _beside(room, name)
        if reason:
            wrong.append(f"{place}:{line}: {room} must not import {name}: {reason}")
    return wrong


def _within(room: str, name: str) -> str:
    other = [*name.split("."), FACADE][1]
    if other not in FLOORS:
        return "" if FLOORS[room] == TOP else "the façade is above it"
    if other == room or FLOORS[other] < FLOORS[room]:
        return ""
    # The ways in may know each other: `usagebar serve` starts the pages.
    return "" if FLOORS[room] == FLOORS[other] == TOP else f"floor {FLOORS[other]} is not below {FLOORS[room]}"


def _beside(room: str, name: str) -> str:
    module = name.partition(".")[0]
    if room != "engine":
        return ""
    if module in OUTSIDE:
        return "the engine knows no file, no clock and no environment"
    return "" if module in sys.stdlib_module_names else "the engine needs the standard library alone"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_from_lower_floors(path: Path) -> None:
    assert violations(path.read_text("utf-8"), path.relative_to(PACKAGE).as_posix()) == []


def test_the_rooms_are_seen() -> None:
    assert len(modules()) >= 15
    rooms = {room_of(path.relative_to(PACKAGE).as_posix()) for path in modules()}
    assert {"record", "diagnostics", "engine", "template", "contract", "cli", "__main__", FACADE} <= rooms
    bar = (PACKAGE / "engine" / "bar.py").read_text("utf-8")
    assert "usagebar.engine.compiler.compile_pieces" in {name for _, name in imported(bar, "engine/bar.py")}


PLANTED = [
    ("engine/bar.py", "import usagebar.template.loader"),
    ("engine/bar.py", "from usagebar import template"),
    ("engine/bar.py", "from usagebar import load"),
    ("engine/bar.py", "import usagebar"),
    ("engine/bar.py", "from ..contract import model"),
    ("engine/bar.py", "from .. import cli"),
    ("engine/bar.py", "import os"),
    ("engine/bar.py", "import os.path as path"),
    ("engine/bar.py", "from time import time"),
    ("engine/bar.py", "from pathlib import Path"),
    ("engine/bar.py", "from datetime import datetime"),
    ("engine/bar.py", "import json, locale"),
    ("engine/bar.py", "import pydantic"),
    ("engine/bar.py", "from wcwidth import wcswidth"),
    ("engine/bar.py", "def f():\n    import io"),
    ("engine/bar.py", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from usagebar.template.source import Stamp"),
    ("engine/new/deep.py", "from ...template import jsonc"),
    ("record.py", "from usagebar.diagnostics import Diagnostic"),
    ("record.py", "from .engine import bar"),
    ("diagnostics.py", "from usagebar.engine.values import trim"),
    ("template/loader.py", "try:\n    import usagebar.cli.main\nexcept ImportError:\n    pass"),
    ("template/loader.py", "from usagebar.contract.model import UsageContract"),
    ("surfaces/profiles.py", "from usagebar.contract.model import UsageContract"),
    ("contract/model.py", "from usagebar import __version__"),
    ("pricing.py", "from usagebar.contract import model"),
    ("checks/paths.py", "from usagebar.ledger import store"),
    ("ledger/store.py", "from usagebar.web import app"),
    ("attic/box.py", ""),
    ("attic.py", ""),
]


@pytest.mark.parametrize(("place", "source"), PLANTED)
def test_a_planted_violation_is_caught(place: str, source: str) -> None:
    found = violations(source, place)
    assert len(found) == 1
    assert found[0].startswith(f"{place}:")


ALLOWED = [
    ("engine/bar.py", "from usagebar.engine.values import trim\nfrom . import verbs\nfrom .pieces import Piece"),
    ("engine/bar.py", "from usagebar.record import Record\nfrom usagebar.diagnostics import Diagnostic\nimport math"),
    ("engine/bar.py", "import logging, sys\nfrom _collections_abc import Mapping\nfrom __future__ import annotations"),
    ("template/loader.py", "import os, json5, pydantic\nfrom usagebar.engine import bar\nfrom .. import diagnostics"),
    ("checks/paths.py", "from usagebar.contract.model import UsageContract\nfrom usagebar import surfaces"),
    (
        "cli/main.py",
        "from usagebar import __version__, web\nimport usagebar.schemas\nfrom usagebar.quota import windows",
    ),
    ("__main__.py", "from usagebar.cli.main import main"),
    ("__init__.py", "from usagebar.web import app"),
]


@pytest.mark.parametrize(("place", "source"), ALLOWED)
def test_what_is_allowed(place: str, source: str) -> None:
    assert violations(source, place) == []
