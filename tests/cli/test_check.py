"""`usagebar check`: which templates it checks, what it says of what cannot be read, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import time
import tracemalloc
from pathlib import Path

import pytest
from command_line import MODULE, CommandLine, Ran, environment, program

from usagebar.template.source import MAX_BYTES

GOOD = """{
  "schema": "openclaw.usageBar.v1",
  "output": { "default": [{ "text": "{model.display_name}" }] }
}
"""
HINTED = GOOD.replace('  "schema": "openclaw.usageBar.v1",\n', "")
WARNED = GOOD.replace("display_name}", "display_name|fixd:4}")
WRONG = GOOD.replace('"{model.display_name}"', '"{cost.turn_usd|fixed:x}"')
TEMPLATES = {"good": GOOD, "hinted": HINTED, "warned": WARNED, "wrong": WRONG}
NEEDS_PERMISSIONS = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="permissions do not keep this user from anything"
)


@pytest.fixture(autouse=True)
def _templates() -> None:
    for name, text in TEMPLATES.items():
        Path(f"{name}.jsonc").write_text(text, "utf-8")


def in_folders(*paths: str) -> None:
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GOOD, "utf-8")


def checked(ran: Ran) -> list[str]:
    """Return the names of the templates that were checked."""
    assert ran.err == ""
    names: list[str] = json.loads(ran.out)["templates"]
    return names


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("template", "fail_on", "code"),
    [
        ("good", "hint", 0),
        ("hinted", None, 0),
        ("hinted", "warning", 0),
        ("hinted", "hint", 1),
        ("warned", None, 0),
        ("warned", "error", 0),
        ("warned", "warning", 1),
        ("warned", "hint", 1),
        ("wrong", None, 1),
        ("wrong", "warning", 1),
        ("wrong", "hint", 1),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_exit_code(cli: CommandLine, template: str, fail_on: str | None, code: int, form: str) -> None:
    words = [] if fail_on is None else ["--fail-on", fail_on]
    ran = cli("check", "--format", form, *words, f"{template}.jsonc")
    assert (ran.code, ran.err) == (code, "")


def test_the_worst_of_all_templates_counts(cli: CommandLine) -> None:
    assert cli("check", "wrong.jsonc", "good.jsonc").code == 1
    assert cli("check", "good.jsonc", "hinted.jsonc", "warned.jsonc").code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--format", "jsno"],
            "expected text, json, github or sarif behind --format, found 'jsno'; did you mean json?",
        ),
        (["--format="], "expected text, json, github or sarif behind --format, found ''"),
        (
            ["--fail-on", "warnings"],
            "expected error, warning or hint behind --fail-on, found 'warnings'; did you mean warning?",
        ),
        (["--fail-on", "5"], "expected error, warning or hint behind --fail-on, found '5'"),
        (["--fial-on", "hint"], "unknown option --fial-on; did you mean --fail-on?"),
        (["*.yaml"], "expected a file that matches '*.yaml', found none"),
        (["--", "-[x]-"], "expected a file that matches '-[x]-', found none"),
        (["~/**/*.jsonc"], "expected a file that matches '~/**/*.jsonc', found none"),
        (["none/[a-z]?.jsonc"], "expected a file that matches 'none/[a-z]?.jsonc', found none"),
    ],
)
def test_unusable_arguments(cli: CommandLine, words: list[str], complaint: str) -> None:
    assert cli("check", "wrong.jsonc", *words) == (2, "", f"usagebar check: {complaint}\nhelp: usagebar check --help\n")


def test_help_imports_no_checks(cli: CommandLine) -> None:
    ran = cli("check", "--help")
    assert ran.code == 0
    assert ran.out.startswith("usage: usagebar check [options] [TEMPLATE…|-]\n")
    assert all(len(line) <= 120 for line in ran.out.splitlines())


# ---------------------------------------------------------------- paths and globs


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["good.jsonc"], ["good.jsonc"]),
        (["./good.jsonc"], ["./good.jsonc"]),
        (["wrong.jsonc", "good.jsonc"], ["wrong.jsonc", "good.jsonc"]),
        (["good.jsonc", "wrong.jsonc", "./good.jsonc", "../here/good.jsonc"], ["good.jsonc", "wrong.jsonc"]),
        (["*.jsonc"], ["good.jsonc", "hinted.jsonc", "warned.jsonc", "wrong.jsonc"]),
        (["wrong.jsonc", "*.jsonc"], ["wrong.jsonc", "good.jsonc", "hinted.jsonc", "warned.jsonc"]),
        (["w*.jsonc", "./w*d.jsonc"], ["warned.jsonc", "wrong.jsonc"]),
        (["g[no]od.jsonc"], ["good.jsonc"]),
        (["?ood.jsonc"], ["good.jsonc"]),
        (["a/*"], ["a/1.jsonc", "a/2.jsonc"]),
        (["a/**"], ["a/1.jsonc", "a/2.jsonc", "a/b/3.jsonc", "a/b/c/4.jsonc"]),
        (["**/[34].jsonc"], ["a/b/3.jsonc", "a/b/c/4.jsonc"]),
        (["**/good.jsonc"], ["good.jsonc"]),
        (["--", "good.jsonc"], ["good.jsonc"]),
    ],
)
def test_paths_and_globs(cli: CommandLine, words: list[str], names: list[str]) -> None:
    in_folders("a/2.jsonc", "a/1.jsonc", "a/b/3.jsonc", "a/b/c/4.jsonc", ".hidden/good.jsonc")
    assert checked(cli("check", "--format", "json", *words)) == names


@pytest.mark.skipif(os.name == "nt", reason="no file has such a name there")
def test_a_file_whose_name_is_a_glob(cli: CommandLine) -> None:
    in_folders("f.jsonc", "g.jsonc", "[fg].jsonc", "*")
    assert checked(cli("check", "--format", "json", "[fg].jsonc")) == ["[fg].jsonc"]
    assert checked(cli("check", "--format", "json", "*")) == ["*"]
    assert checked(cli("check", "--format", "json", "[f].jsonc")) == ["f.jsonc"]


def test_the_home(cli: CommandLine, home: Path) -> None:
    (home / "footer.jsonc").write_text(GOOD, "utf-8")
    path = str(home / "footer.jsonc")
    assert checked(cli("check", "--format", "json", "~/footer.jsonc", path, "~/*.jsonc")) == [path]
    assert checked(cli("check", "--format", "json", "~/*.jsonc")) == [path]


def test_one_file_of_several_names_is_checked_once(cli: CommandLine) -> None:
    in_folders("z.jsonc")
    Path("loop").symlink_to(".")
    Path("y.jsonc").symlink_to("z.jsonc")
    assert checked(cli("check", "--format", "json", "z.jsonc", "y.jsonc")) == ["z.jsonc"]
    assert "z.jsonc" in checked(cli("check", "--format", "json", "**/z.jsonc"))


def test_a_link_to_nothing_is_matched(cli: CommandLine) -> None:
    Path("link.json").symlink_to("nothing")
    ran = cli("check", "*.json")
    assert ran.code == 1
    assert "error[unreadable]: there is no file 'link.json'\n" in ran.out


def test_a_glob_of_folders_alone_matches_nothing(cli: CommandLine) -> None:
    in_folders("a/1.jsonc")
    ran = cli("check", "a*")
    assert (ran.code, ran.out) == (2, "")


def test_nothing_is_checked_before_all_operands_are_understood(cli: CommandLine) -> None:
    ran = cli("check", "wrong.jsonc", "-", "*.yaml", stdin=WRONG)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_names_that_are_no_text() -> None:
    try:
        Path(os.fsdecode(b"\xff.jsonc")).write_text(WRONG, "utf-8")
    except OSError:
        pytest.skip("this file system takes text alone")
    for form in ("text", "json", "github", "sarif"):
        ran = program("check", "--format", form, b"\xff.jsonc")
        assert (ran.code, ran.err) == (1, "")
    found = json.loads(program("check", "--format", "json", "?.jsonc").out)
    assert found["templates"] == ["\udcff.jsonc"]


# ---------------------------------------------------------------- text and standard input


def test_template_text(cli: CommandLine) -> None:
    ran = cli("check", '{"output": {"default": [{"when": 5}]}}')
    assert ran.code == 1
    assert "error[wrong-type]: expected a string, found a number\n  --> <text " in ran.out
    ran = cli("check", "--format", "json", '{"scales": {"*": "?[x]"}}')
    assert (ran.code, ran.err) == (1, "")


def test_standard_input(cli: CommandLine) -> None:
    ran = cli("check", "-", stdin=WRONG)
    assert ran.code == 1
    assert "  --> <stdin>:3:59 ($.output.default[0].text)\n" in ran.out
    assert ran.out.endswith("1 error in <stdin>\n")
    names = ["good.jsonc", "<stdin>"]
    assert checked(cli("check", "--format", "json", "good.jsonc", "-", "-", stdin=GOOD)) == names


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "error[unsupported-shape]: expected a template, found blank text"),
        (b"\xff\xfe\x00", "error[unreadable]: expected UTF-8, found byte 0xff at offset 0"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "error[invalid-json]: "),
        (b"\0" * 4096, "error[invalid-json]: "),
        (b" " * (MAX_BYTES + 5), f"error[unreadable]: expected at most {MAX_BYTES} bytes, found more\n"),
        (b"{" * MAX_BYTES, "error[invalid-json]: "),
    ],
)
def test_standard_input_that_is_no_template(cli: CommandLine, data: bytes, message: str) -> None:
    ran = cli("check", "-", stdin=data)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith(message)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device there")
def test_endless_standard_input() -> None:
    with open("/dev/zero", "rb") as zeros:
        done = subprocess.run(
            [*MODULE, "check", "-"], stdin=zeros, capture_output=True, env=environment(), timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(b"error[unreadable]: expected at most ")


# ---------------------------------------------------------------- what is configured


def test_the_built_in_is_checked_if_nothing_is_configured(cli: CommandLine) -> None:
    assert cli("check", "--fail-on", "warning") == (0, cli("check").out, "")
    assert cli("check").out.endswith("<built-in>: nothing found\n") or " in <built-in>\n" in cli("check").out


def test_what_the_environment_names(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGEBAR_TEMPLATE", "wrong.jsonc")
    ran = cli("check")
    assert ran.code == 1
    assert ran.out.endswith("1 error in wrong.jsonc\n")
    assert cli("check", "good.jsonc") == (0, "good.jsonc: nothing found\n", "")
    monkeypatch.setenv("USAGEBAR_TEMPLATE", "none.jsonc")
    assert cli("check").out.startswith("error[unreadable]: there is no file 'none.jsonc'\n")


@pytest.mark.parametrize(
    ("config", "end"),
    [
        ('{"messages": {"usageTemplate": "wrong.jsonc"}}', "1 error in wrong.jsonc\n"),
        ('{"messages": {"usageTemplate": {"output": {"default": [{"when": 5}]}}}}', ">\n"),
        ('{"messages": {}}', "<built-in>"),
        ("{", "openclaw.json\n"),
    ],
)
def test_what_openclaw_names(cli: CommandLine, home: Path, config: str, end: str) -> None:
    (home / ".openclaw").mkdir()
    (home / ".openclaw" / "openclaw.json").write_text(config, "utf-8")
    ran = cli("check", "--fail-on", "error")
    assert ran.err == ""
    assert end in ran.out.splitlines(keepends=True)[-1]
    assert ran.code == (0 if "<built-in>" in end else 1)


# ---------------------------------------------------------------- what cannot be read


def unreadable(ran: Ran) -> str:
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("error[unreadable]: ")
    return ran.out.partition("error[unreadable]: ")[2].partition("\n")[0]


def test_files_that_cannot_be_read(cli: CommandLine) -> None:
    Path("folder").mkdir()
    Path("latin.json").write_bytes(b'{"output": "caf\xe9"}')
    Path("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert unreadable(cli("check", "none.jsonc")) == "there is no file 'none.jsonc'"
    assert unreadable(cli("check", "folder")) == "expected a regular file, found a folder"
    assert unreadable(cli("check", "latin.json")) == "expected UTF-8, found byte 0xe9 at offset 15"
    assert unreadable(cli("check", "picture.png")) == "expected UTF-8, found byte 0x89 at offset 0"
    assert unreadable(cli("check", "a\0b")) == "expected a path, found one that no file can have"
    assert unreadable(cli("check", "a\0b*")) == "expected a path, found one that no file can have"


def test_a_large_file_is_not_read_into_memory(cli: CommandLine) -> None:
    cli("check", "good.jsonc")  # what is imported is no matter here
    with open("large.jsonc", "wb") as file:
        file.truncate(50 * 1024 * 1024)
    tracemalloc.start()
    try:
        message = unreadable(cli("check", "large.jsonc"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == f"expected at most {MAX_BYTES} bytes, found more"
    assert peak < 8 * 1024 * 1024


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_a_named_pipe_does_not_block(cli: CommandLine) -> None:
    os.mkfifo("pipe.jsonc")
    assert unreadable(cli("check", "pipe.*")) == "expected a regular file, found a named pipe"


@NEEDS_PERMISSIONS
def test_permissions(cli: CommandLine) -> None:
    in_folders("locked.jsonc")
    Path("locked.jsonc").chmod(0)
    assert unreadable(cli("check", "locked.jsonc")) == "expected a readable file, found: permission denied"


def test_a_read_only_folder(cli: CommandLine) -> None:
    in_folders("read-only/1.jsonc")
    Path("read-only").chmod(0o500)
    try:
        assert checked(cli("check", "--format", "json", "read-only/*.jsonc")) == ["read-only/1.jsonc"]
    finally:
        Path("read-only").chmod(0o700)


def test_one_that_cannot_be_read_keeps_none_from_being_checked(cli: CommandLine) -> None:
    ran = cli("check", "none.jsonc", "wrong.jsonc", "good.jsonc")
    assert ran.code == 1
    assert "error[unreadable]" in ran.out
    assert "error[bad-argument]" in ran.out
    assert ran.out.endswith("\n\n2 errors in 3 templates\n")


def test_an_empty_operand(cli: CommandLine) -> None:
    ran = cli("check", "")
    assert ran.code == 1
    assert ran.out.startswith("error[unsupported-shape]: expected a template, found nothing\n")


@pytest.mark.no_cover
def test_many_mistakes_take_no_long_time(cli: CommandLine) -> None:
    pieces = "5,\n" * 20_000 + '{"text": ""}'
    Path("many.json").write_text(GOOD.replace('{ "text": "{model.display_name}" }', pieces), "utf-8")
    started = time.process_time()
    ran = cli("check", "many.json")
    assert time.process_time() - started < 30
    assert ran.code == 1
    assert ran.out.count("error[wrong-type]") == 100
    assert ran.out.endswith(
        "\n\n… and 19900 more in many.json; --format json has them all\n\n20000 errors in many.json\n"
    )
