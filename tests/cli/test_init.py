"""`usagebar init`: a template to start from, and no file lost by it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import MODULE, ROOT, CommandLine, environment

import usagebar
from usagebar.template import builtin
from usagebar.template.jsonc import decode
from usagebar.template.presets import preset_names, preset_text

TEXT = (ROOT / "usagebar" / "template" / "builtin.jsonc").read_bytes()
OTHER = b"what was there"
SCHEMA = "openclaw.usageBar.v1.schema.json"
SCHEMA_LINE = f"wrote {SCHEMA}, by which editors complete and check the template\n"


def names() -> list[str]:
    """Return the names of the files here, the schema's aside: it has tests of its own."""
    return sorted({*os.listdir(".")} - {SCHEMA})


# ---------------------------------------------------------------- what it writes


def plain(value: Any) -> Any:
    """Return a read-only document as JSON would decode it."""
    if hasattr(value, "items"):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def in_order(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def test_the_file_is_the_built_in_template() -> None:
    document: Any = decode(TEXT.decode("utf-8"))
    assert document.pop("$schema") == f"./{SCHEMA}"  # the editor's, and nothing to the language
    assert document == builtin._DOCUMENT
    assert in_order(document) == in_order(builtin._DOCUMENT)
    assert in_order(document) == in_order(usagebar.BUILTIN)


def test_the_file_is_written_for_readers() -> None:
    text = TEXT.decode("utf-8")
    assert text.isprintable() is False
    assert "\r" not in text
    assert "\t" not in text
    assert text.endswith("}\n")
    assert max(map(len, text.splitlines())) <= 120
    assert sum("//" in line for line in text.splitlines()) >= 8


TURNS: list[dict[str, Any]] = [
    {},
    {"model": {"provider": "p", "display_name": "gpt-5.5", "reasoning": "low", "is_fallback": True}},
    {"context": {"max_tokens": 128000, "pct_used": 61}, "cost": {"turn_usd": 0.02}, "state": {"fast_mode": True}},
    {"usage": {"has_total_only_tokens": True, "total_tokens": 12345, "cache_hit_pct": 0}, "identity": {"emoji": "🦞"}},
    {"usage": {"has_split_tokens": True, "input_tokens": 10}, "model": {"is_override": True}},
]


@pytest.mark.parametrize("surface", [None, "discord", "telegram"])
def test_it_loads_and_renders_as_the_built_in(cli: CommandLine, surface: str | None) -> None:
    assert cli("init").code == 0
    started = usagebar.parse(Path("usagebar.jsonc"))
    assert started.diagnostics == ()
    assert not started.is_builtin
    built_in = usagebar.load()
    assert (started.surfaces, started.sep) == (built_in.surfaces, built_in.sep)
    assert [started.render(turn, surface) for turn in TURNS] == [built_in.render(turn, surface) for turn in TURNS]
    ran = cli("render", "--jsonl", "--template", "usagebar.jsonc", stdin="\n".join(map(json.dumps, TURNS)))
    assert ran == (0, "".join(built_in.render(turn) + "\n" for turn in TURNS), "")


# ---------------------------------------------------------------- where it writes it


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ([], "usagebar.jsonc"),
        (["footer.json"], "footer.json"),
        (["--force", "footer.json"], "footer.json"),
        (["~/footer.json"], "../home/footer.json"),
        (["--", "--force"], "--force"),
        (["./-"], "-"),
        (["ü 🤖.jsonc"], "ü 🤖.jsonc"),
    ],
)
def test_a_new_file(cli: CommandLine, words: list[str], path: str) -> None:
    ran = cli("init", *words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("wrote ")
    assert Path(path).read_bytes() == TEXT
    assert sum(len(files) for _, _, files in os.walk("..")) == 2
    assert Path(path).with_name(SCHEMA).is_file()


@pytest.mark.parametrize(
    ("path", "shown"), [("footer.jsonc", "footer.jsonc"), ("my footer.jsonc", "'my footer.jsonc'"), ("$x", "'$x'")]
)
def test_it_says_how_to_see_it(cli: CommandLine, path: str, shown: str) -> None:
    template_line = f"wrote {path}; see it with: usagebar preview {shown}\n"
    assert cli("init", path).out == template_line + SCHEMA_LINE


def test_standard_output(cli: CommandLine) -> None:
    assert cli("init", "-") == (0, TEXT.decode("utf-8"), "")
    assert cli("init", "--force", "-") == (0, TEXT.decode("utf-8"), "")
    assert os.listdir(".") == []


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_path_that_is_no_text() -> None:
    done = subprocess.run([*MODULE, "init", b"\xff.jsonc"], capture_output=True, env=environment(), check=False)
    if b"cannot write" in done.stderr:
        pytest.skip("this file system takes text alone")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"wrote \xff.jsonc; ")
    assert {*os.listdir(b".")} == {b"\xff.jsonc", SCHEMA.encode()}


# ---------------------------------------------------------------- presets


@pytest.mark.parametrize("name", preset_names())
def test_a_preset(cli: CommandLine, name: str) -> None:
    assert cli("init", "--preset", name, "x.jsonc").code == 0
    assert Path("x.jsonc").read_text("utf-8") == preset_text(name)
    assert usagebar.parse(Path("x.jsonc")).diagnostics == ()
    assert cli("init", "-", f"--preset={name}") == (0, preset_text(name), "")


def test_a_preset_replaces_by_force_alone(cli: CommandLine) -> None:
    Path("usagebar.jsonc").write_bytes(OTHER)
    assert cli("init", "--preset", "minimal").code == 2
    assert Path("usagebar.jsonc").read_bytes() == OTHER
    assert cli("init", "--preset", "minimal", "--force").code == 0
    assert Path("usagebar.jsonc").read_text("utf-8") == preset_text("minimal")


@pytest.mark.parametrize(
    ("name", "near"),
    [("compct", "; did you mean compact?"), ("", ""), ("../builtin", ""), ("zzz", "")],
)
@pytest.mark.parametrize("path", ["x.jsonc", "-"])
def test_a_preset_that_is_none(cli: CommandLine, name: str, near: str, path: str) -> None:
    error = (
        f"usagebar init: expected a preset, found {name!r}{near}\nhelp: the presets are {', '.join(preset_names())}\n"
    )
    assert cli("init", "--preset", name, path) == (2, "", error)
    assert os.listdir(".") == []


# ---------------------------------------------------------------- the schema beside it


@pytest.mark.parametrize("folder", ["", "a", "a/b"])
def test_the_schema_is_written_beside_the_template(cli: CommandLine, folder: str) -> None:
    Path("a/b").mkdir(parents=True)
    path = Path(folder, "x.jsonc")
    shown = cli("init", str(path)).out
    assert f"wrote {Path(folder, SCHEMA)}, by which" in shown
    written = path.with_name(SCHEMA).read_text("utf-8")
    assert written == (ROOT / "schemas" / SCHEMA).read_text("utf-8")
    assert json.loads(written)["$id"].endswith("openclaw.usageBar.v1")
    template: Any = decode(path.read_text("utf-8"))
    assert (path.parent / template["$schema"]).samefile(path.with_name(SCHEMA))


def test_a_schema_that_is_there(cli: CommandLine) -> None:
    Path(SCHEMA).write_bytes(OTHER)
    ran = cli("init", "--force", "x.jsonc")
    assert (ran.code, ran.err) == (0, "")
    assert SCHEMA not in ran.out
    assert Path(SCHEMA).read_bytes() == OTHER


def test_a_schema_that_is_a_link_to_nothing(cli: CommandLine) -> None:
    Path(SCHEMA).symlink_to("nothing")
    assert cli("init", "x.jsonc").code == 0
    assert Path(SCHEMA).is_symlink()
    assert not Path("nothing").exists()


def test_a_schema_that_appears_meanwhile(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(SCHEMA).write_bytes(OTHER)
    monkeypatch.setattr("usagebar.cli.init.os.path.lexists", lambda _: False)
    ran = cli("init", "x.jsonc")
    assert (ran.code, ran.err) == (0, "")
    assert SCHEMA not in ran.out
    assert Path(SCHEMA).read_bytes() == OTHER


def test_a_schema_that_cannot_be_written(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(path: str, mode: str) -> Any:
        return (FullDisk if path == SCHEMA else open)(path, mode)

    monkeypatch.setattr("usagebar.cli.init.open", opened, raising=False)
    ran = cli("init", "x.jsonc")
    assert ran == (
        0,
        "wrote x.jsonc; see it with: usagebar preview x.jsonc\n",
        f"usagebar init: cannot write {SCHEMA}: no space left on device\n"
        "help: the template is whole without it; usagebar schema prints it\n",
    )
    assert os.listdir(".") == ["x.jsonc"]
    assert Path("x.jsonc").read_bytes() == TEXT


def test_no_schema_without_a_template(cli: CommandLine) -> None:
    Path("usagebar.jsonc").write_bytes(OTHER)
    assert cli("init").code == 2
    assert os.listdir(".") == ["usagebar.jsonc"]


# ---------------------------------------------------------------- what it leaves alone


def test_a_file_that_is_there(cli: CommandLine) -> None:
    Path("usagebar.jsonc").write_bytes(OTHER)
    error = "usagebar init: expected no file at usagebar.jsonc, found one\nhelp: usagebar init --force replaces it\n"
    assert cli("init") == (2, "", error)
    assert Path("usagebar.jsonc").read_bytes() == OTHER
    assert cli("init", "--force").code == 0
    assert Path("usagebar.jsonc").read_bytes() == TEXT
    assert names() == ["usagebar.jsonc"]


def test_a_link_is_followed_by_force_alone(cli: CommandLine) -> None:
    Path("target").write_bytes(OTHER)
    Path("link").symlink_to("target")
    assert cli("init", "link").code == 2
    assert Path("target").read_bytes() == OTHER
    assert cli("init", "--force", "link").code == 0
    assert Path("link").is_symlink()
    assert Path("target").read_bytes() == TEXT
    assert names() == ["link", "target"]


def test_a_link_to_nothing(cli: CommandLine) -> None:
    Path("link").symlink_to("target")
    assert cli("init", "link").code == 2
    assert names() == ["link"]
    assert cli("init", "--force", "link").code == 0
    assert Path("link").is_symlink()
    assert Path("target").read_bytes() == TEXT


@pytest.mark.parametrize("words", [["x"], ["--force", "x"]])
def test_a_folder(cli: CommandLine, words: list[str]) -> None:
    Path("x").mkdir()
    error = "usagebar init: expected no file or a regular file at x, found a folder\n"
    assert cli("init", *words) == (2, "", error)
    assert names() == ["x"]
    assert os.listdir("x") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("words", [["x"], ["--force", "x"]])
def test_a_pipe_or_a_device(cli: CommandLine, words: list[str]) -> None:
    os.mkfifo("x")
    error = "usagebar init: expected no file or a regular file at x, found something else\n"
    assert cli("init", *words) == (2, "", error)
    assert Path("x").is_fifo()
    assert names() == ["x"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/x", "cannot write missing/x: no such file or directory"),
        ("", "expected a path, found an empty one"),
        ("file/x", "cannot write file/x: not a directory"),
        ("a\0b", "expected a path, found 'a\\x00b', which no file can have"),
    ],
)
def test_a_path_that_cannot_be(cli: CommandLine, path: str, reason: str) -> None:
    Path("file").write_bytes(OTHER)
    assert cli("init", path) == (2, "", f"usagebar init: {reason}\n")
    if path:
        assert cli("init", "--force", path) == (2, "", f"usagebar init: {reason}\n")
    assert names() == ["file"]


@pytest.mark.parametrize("words", [["x"], ["--force", "x"]])
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions that bind this user")
def test_a_read_only_folder(cli: CommandLine, words: list[str]) -> None:
    Path("x").write_bytes(OTHER)
    Path().chmod(0o555)
    assert cli("init", "y") == (2, "", "usagebar init: cannot write y: permission denied\n")
    assert cli("init", *words).code == 2
    Path().chmod(0o755)
    assert Path("x").read_bytes() == OTHER
    assert names() == ["x"]


def test_too_many_paths(cli: CommandLine) -> None:
    error = "usagebar init: expected at most 1 of [PATH], found 'b' too\nhelp: usagebar init --help\n"
    assert cli("init", "a", "b") == (2, "", error)
    assert names() == []


# ---------------------------------------------------------------- what goes wrong on the way


class FullDisk:
    """A new file on a disk without room."""

    def __init__(self, path: str, mode: str) -> None:
        self._file = open(path, mode)  # noqa: SIM115 - closed by the `with` that this stands in for

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, _: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("words", [["x"], ["--force", "x"]])
def test_a_full_disk(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr("usagebar.cli.init.open", FullDisk, raising=False)
    assert cli("init", *words) == (2, "", "usagebar init: cannot write x: no space left on device\n")
    assert names() == []


def test_a_full_disk_leaves_what_was_there(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("x").write_bytes(OTHER)
    monkeypatch.setattr("usagebar.cli.init.open", FullDisk, raising=False)
    assert cli("init", "--force", "x").code == 2
    assert Path("x").read_bytes() == OTHER
    assert names() == ["x"]


def test_a_file_that_cannot_be_replaced(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(part: str, target: str) -> None:
        assert Path(part).read_bytes() == TEXT
        assert Path(part).parent == Path(target).parent
        raise OSError("Not That One")

    Path("x").write_bytes(OTHER)
    monkeypatch.setattr("usagebar.cli.init.os.replace", refuse)
    assert cli("init", "--force", "x") == (2, "", "usagebar init: cannot write x: not that one\n")
    assert Path("x").read_bytes() == OTHER
    assert names() == ["x"]


def test_a_file_that_appears_meanwhile(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("x").write_bytes(OTHER)
    monkeypatch.setattr("usagebar.cli.init.os.path.exists", lambda _: False)
    assert cli("init", "x").code == 2
    assert Path("x").read_bytes() == OTHER
