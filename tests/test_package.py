"""The package as a whole: what `import usagebar` costs and gives, and what is in it."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import usagebar

PACKAGE = Path(usagebar.__file__).parent
# Folders of a machine; `~/.openclaw` and `/dev/stdin` are none.
OF_A_MACHINE = re.compile(r"(?<![\w.~-])/(?:work|tmp|home|root|Users|opt|mnt)\b")


def fresh(code: str) -> str:
    """Run code in an interpreter of its own, without site-packages; return what it printed."""
    call = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n{code}"]
    done = subprocess.run(call, capture_output=True, timeout=60, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


# ---------------------------------------------------------------- what importing costs and gives


def test_importing_loads_nothing_more() -> None:
    code = "before = set(sys.modules)\nimport usagebar\nprint(*sorted(set(sys.modules) - before))"
    assert fresh(code).split() == ["__future__", "usagebar"]


def test_looking_loads_nothing_more() -> None:
    code = "import usagebar\ndir(usagebar), usagebar.__all__, usagebar.__version__\nprint(*sorted(sys.modules))"
    assert [name for name in fresh(code).split() if name.startswith("usagebar.")] == []


def test_a_bar_needs_no_other_package() -> None:
    code = "import usagebar\nprint(len(usagebar.load().render({})))\nusagebar.build_contract({}), usagebar.BUILTIN"
    assert fresh(code).strip().isdigit()


@pytest.mark.parametrize("name", usagebar.__all__)
def test_each_public_name_is_there(name: str) -> None:
    value = getattr(usagebar, name)
    assert getattr(usagebar, name) is value
    assert name in dir(usagebar)
    if isinstance(value, ModuleType):
        assert value.__name__ == f"usagebar.{name}"
    elif callable(value):
        assert value.__doc__
        assert getattr(value, "__name__", name) == name


def test_public_names_resolve_when_they_are_first_asked_for() -> None:
    code = "import usagebar\nfor name in usagebar.__all__:\n    print(name, name in vars(usagebar))"
    known = dict(line.split() for line in fresh(code).splitlines())
    assert known == {name: str(name == "__version__") for name in usagebar.__all__}
    assert usagebar.__getattr__("load") is importlib.import_module("usagebar.template.loader").load
    assert vars(usagebar)["load"] is usagebar.load
    assert usagebar.__getattr__("contract") is importlib.import_module("usagebar.contract")


def test_the_public_names() -> None:
    expected = {
        "__version__",
        "BUILTIN",
        "ContractError",
        "TemplateError",
        "TemplateStore",
        "UsageBar",
        "UsageContract",
        "build_contract",
        "contract",
        "load",
        "parse",
    }
    assert expected <= set(usagebar.__all__)
    assert len(usagebar.__all__) == len(set(usagebar.__all__))
    assert dir(usagebar) == sorted(dir(usagebar))
    namespace: dict[str, object] = {}
    exec("from usagebar import *", namespace)
    assert set(usagebar.__all__) <= set(namespace)


@pytest.mark.parametrize("name", ["nothing", "Load", "_load", "__wrapped__", "cli_"])
def test_a_name_that_is_not_there(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"^module 'usagebar' has no attribute '{name}'$"):
        getattr(usagebar, name)
    with pytest.raises(ImportError):
        exec(f"from usagebar import {name}")


# ---------------------------------------------------------------- what is in it


def test_version() -> None:
    assert usagebar.__version__ == importlib.metadata.version("usagebar")
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev)\d+)?", usagebar.__version__)


def test_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").read_bytes() == b""


def files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_no_file_names_a_folder_of_a_machine() -> None:
    assert len(files()) >= 20
    for path in files():
        assert OF_A_MACHINE.findall(path.read_text("utf-8")) == [], path
    assert OF_A_MACHINE.search("see '/home/me/x'")
    assert not OF_A_MACHINE.search("~/home/x, https://example.org/home, ./root/x, at/home")


def test_each_module_says_what_it_is_for() -> None:
    for path in files():
        if path.suffix == ".py":
            assert path.read_text("utf-8").startswith(('"""', 'r"""')), path
            assert b"\r" not in path.read_bytes(), path
