"""The command line itself: commands, options, help, and how it ends."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import MODULE, PLAIN, SCRIPT, CommandLine, environment, program

import usagebar
from usagebar.cli import main as main_module
from usagebar.cli.main import COMMANDS, main
from usagebar.cli.options import Command, Option, UsageError, help_text, nearest, read_options

SAMPLE = Command(
    "sample",
    "Do a thing.",
    operands="[A] [B]",
    most_operands=2,
    options=(Option("--flag", "a flag"), Option("--value", "a value", "V")),
)


# ---------------------------------------------------------------- options

READ: list[tuple[list[str], list[str], dict[str, str]]] = [
    ([], [], {}),
    (["a"], ["a"], {}),
    (["-"], ["-"], {}),
    (["a", "--flag", "b"], ["a", "b"], {"--flag": ""}),
    (["--value", "v"], [], {"--value": "v"}),
    (["--value=v"], [], {"--value": "v"}),
    (["--value="], [], {"--value": ""}),
    (["--value", ""], [], {"--value": ""}),
    (["--value=a=b"], [], {"--value": "a=b"}),
    (["--value", "-"], [], {"--value": "-"}),
    (["--value=--flag"], [], {"--value": "--flag"}),
    (["--value", "--"], [], {"--value": "--"}),
    (["--value", "--help"], [], {"--value": "--help"}),
    (["--value", "a", "--value=b"], [], {"--value": "b"}),
    (["--flag", "--flag"], [], {"--flag": ""}),
    (["--", "--flag", "--"], ["--flag", "--"], {}),
    (["--flag", "--", "--help"], ["--help"], {"--flag": ""}),
]


@pytest.mark.parametrize(("words", "operands", "values"), READ, ids=[" ".join(row[0]) for row in READ])
def test_options(words: list[str], operands: list[str], values: dict[str, str]) -> None:
    given = tuple(words)
    options = read_options(SAMPLE, given)
    assert options is not None
    assert options.operands == operands
    for option in SAMPLE.options:
        assert options.has(option.name) == (option.name in values)
        assert options.value(option.name) == values.get(option.name)


@pytest.mark.parametrize(
    "words", [["-h"], ["--help"], ["a", "b", "c", "--help"], ["--flag", "-h"], ["--value", "v", "-h", "--unknown"]]
)
def test_options_that_ask_for_help(words: list[str]) -> None:
    assert read_options(SAMPLE, words) is None


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--flga"], "unknown option --flga; did you mean --flag?"),
        (["--value", "--flag"], "expected a value behind --value: --value V, found --flag"),
        (["--values=3"], "unknown option --values; did you mean --value?"),
        (["--hlep"], "unknown option --hlep; did you mean --help?"),
        (["--xyz"], "unknown option --xyz"),
        (["--x\x1b[31mRED\u202e"], "unknown option --x␛[31mRED<U+202E>"),
        (["--flag=\x1b[31mRED"], "expected no value for --flag, found '\\x1b[31mRED'"),
        (["a", "b", "\x1b[31mRED"], "expected at most 2 of [A] [B], found '\\x1b[31mRED' too"),
        (["-x"], "unknown option -x"),
        (["--=v"], "unknown option --"),
        (["--Flag"], "unknown option --Flag; did you mean --flag?"),
        (["--unknown", "--help"], "unknown option --unknown"),
        (["a", "--value"], "expected a value behind --value: --value V"),
        (["--flag=yes"], "expected no value for --flag, found 'yes'"),
        (["--flag="], "expected no value for --flag, found ''"),
        (["a", "b", "c", "d"], "expected at most 2 of [A] [B], found 'c' too"),
        (["a", "--", "b", "-h"], "expected at most 2 of [A] [B], found '-h' too"),
    ],
)
def test_options_that_are_off(words: list[str], error: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_options(SAMPLE, words)
    assert str(caught.value) == error


def test_a_command_without_operands() -> None:
    with pytest.raises(UsageError, match=r"^expected no operands, found 'a'$"):
        read_options(Command("x", "X.", most_operands=0), ["a"])


def test_the_nearest_word() -> None:
    assert nearest("rendr", ["init", "render"]) == "; did you mean render?"
    assert nearest("xyz", ["init", "render"]) == ""
    assert nearest("", []) == ""


def test_help_of_a_sample() -> None:
    assert help_text(SAMPLE) == (
        "usage: usagebar sample [options] [A] [B]\n"
        "\n"
        "Do a thing.\n"
        "\n"
        "options:\n"
        "  --flag      a flag\n"
        "  --value V   a value\n"
        "  -h, --help  show this help\n"
    )


# ---------------------------------------------------------------- help


def commands() -> list[Command]:
    found = [main_module._module(name).COMMAND for name in COMMANDS]
    assert all(isinstance(command, Command) for command in found)
    return found


def calls(line: str) -> Iterator[list[str]]:
    """Walk the calls of `usagebar` in a shell line, each as the words behind the program's name."""
    for part in line.replace("&&", "|").split("|"):
        words = part.split(" > ")[0].split()
        if words and words[0] == "usagebar":
            yield words[1:]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("words", ["{} --help", "{} -h", "help {}", "--help {}", "-h {}"])
def test_help_of_a_command(cli: CommandLine, name: str, words: str) -> None:
    command = main_module._module(name).COMMAND
    ran = cli(*words.format(name).split())
    assert ran == (0, help_text(command), "")
    assert ran.out.startswith(f"usage: usagebar {name} [options]")
    assert command.name == name
    assert command.summary in ran.out
    for option in command.options:
        assert f"\n  {option.name} {option.metavar}".rstrip().replace(" [=", "[=") in ran.out
        assert option.help in ran.out
    assert len(command.examples) >= 2
    for line, what in command.examples:
        assert f"\n  {line}\n      {what}\n" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help(cli: CommandLine, words: list[str]) -> None:
    ran = cli(*words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("usage: usagebar COMMAND [options]\n")
    for name, what in COMMANDS.items():
        assert f"\n  {name} " in ran.out
        assert what in ran.out
    assert "--version" in ran.out
    assert "\nexamples:\n" in ran.out


def test_examples_are_calls_that_exist(cli: CommandLine) -> None:
    general = [line.strip() for line in cli("--help").out.partition("examples:\n")[2].splitlines()]
    lines = [line for line in general if "usagebar " in line]
    lines += [line for command in commands() for line, _ in command.examples]
    assert len(lines) >= 8
    for line in lines:
        found = list(calls(line))
        assert found, line
        for name, *words in found:
            assert read_options(main_module._module(name).COMMAND, words) is not None, line


def test_options_are_unlike_each_other() -> None:
    for command in commands():
        names = [option.name for option in command.options]
        assert len({*names, "--help", "-h", "--"}) == len(names) + 3
        assert all(name.startswith("--") and "=" not in name for name in names)


def test_version(cli: CommandLine) -> None:
    for word in ("--version", "-V"):
        assert cli(word) == (0, f"usagebar {usagebar.__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["rendr"], "usagebar: unknown command 'rendr'; did you mean render?\nhelp: usagebar --help\n"),
        (["--verison"], "usagebar: unknown command '--verison'; did you mean --version?\nhelp: usagebar --help\n"),
        (["--hlp", "x"], "usagebar: unknown command '--hlp'; did you mean --help?\nhelp: usagebar --help\n"),
        (["xyz"], "usagebar: unknown command 'xyz'\nhelp: usagebar --help\n"),
        ([""], "usagebar: unknown command ''\nhelp: usagebar --help\n"),
        (["\x1b[31mRED"], "usagebar: unknown command '\\x1b[31mRED'\nhelp: usagebar --help\n"),
        (["preview", "--x\x1b"], "usagebar preview: unknown option --x␛\nhelp: usagebar preview --help\n"),
        (["help", "int"], "usagebar: unknown command 'int'; did you mean init?\nhelp: usagebar --help\n"),
        (
            ["init", "--forse"],
            "usagebar init: unknown option --forse; did you mean --force?\nhelp: usagebar init --help\n",
        ),
        (
            ["init", "--force=1"],
            "usagebar init: expected no value for --force, found '1'\nhelp: usagebar init --help\n",
        ),
        (
            ["render", "--template"],
            "usagebar render: expected a value behind --template: --template T\nhelp: usagebar render --help\n",
        ),
    ],
)
def test_words_that_are_off(cli: CommandLine, words: list[str], error: str) -> None:
    assert cli(*words) == (2, "", error)


# ---------------------------------------------------------------- how it ends


def test_the_words_of_the_process(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["usagebar", "--version"])
    assert main() == 0
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("usagebar", run_name="__main__")
    assert caught.value.code == 0
    assert cli("--version").out.splitlines() == [f"usagebar {usagebar.__version__}"] * 3


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_the_program(word: str) -> None:
    expected = program(word)
    assert (expected.code, expected.err) == (0, "")
    assert expected.out
    if SCRIPT.exists():
        assert program(word, start=[str(SCRIPT)]) == expected


def test_ctrl_c(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("usagebar.cli.init.run", interrupt)
    assert cli("init") == (130, "", "")


def closed_pipe() -> io.TextIOWrapper:
    reader, writer = os.pipe()
    os.close(reader)
    return open(writer, "w", buffering=1, encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="closed pipes have another error there")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_closed_pipe(monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    words = ["--version"] if stream == "stdout" else ["unknown"]
    with closed_pipe() as broken, open(os.devnull, "w", encoding="utf-8") as other, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", other)
        patch.setattr(sys, "stderr", other)
        patch.setattr(sys, stream, broken)
        assert main(words) == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device without room")
def test_a_full_disk(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        assert cli("--version") == (2, "", "usagebar: cannot write: no space left on device\n")


SHELL = {
    "help to nobody": ('"$@" --help | true', "", ""),
    "version to nobody": ('"$@" --version | true', "", ""),
    "errors to nobody": ('"$@" render missing missing 2>&1 | true', "", ""),
    "the first line": ('"$@" render --jsonl --template "$PLAIN" turns | head -n 1', "1\n", ""),
    "a template to nobody": ('"$@" init - | head -c 2', "//", ""),
    "no standard output": ('"$@" render --template "$PLAIN" turn >&-', "", ""),
    "no standard input": (
        '"$@" render <&-; echo $?',
        "2\n",
        "<stdin>:1:1: expected a value, found the end of the text\n",
    ),
    "no standard error": ('"$@" render --template "$PLAIN" missing turn 2>&-; echo $?', "1\n2\n", ""),
    "none of the three": ('"$@" render <&- >&- 2>&-', "", ""),
    "a pipe between": ('"$@" init - | "$@" render --template /dev/stdin turn; echo $?', "2\n", None),
}


@pytest.mark.skipif(os.name == "nt", reason="a shell")
@pytest.mark.parametrize(("line", "out", "err"), SHELL.values(), ids=SHELL.keys())
def test_in_a_shell(line: str, out: str, err: str | None) -> None:
    Path("turn").write_bytes(b'{"v": 1}')
    Path("turns").write_bytes(b'{"v": 1}\n' * 50_000)
    done = subprocess.run(
        ["sh", "-c", line, "sh", *MODULE],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(PLAIN=PLAIN),
        timeout=60,
        check=False,
    )
    assert done.stdout.decode() == out
    assert err is None or done.stderr.decode() == err


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_standard_stream_that_is_closed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, name, None)
    code = main(["render"] if name == "stdin" else ["--version"])
    getattr(sys, name).close()
    assert code == (2 if name == "stdin" else 0)


def test_output_that_takes_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = io.StringIO()
    monkeypatch.setattr(sys, "stdout", taken)
    assert main(["--version"]) == 0
    assert taken.getvalue() == f"usagebar {usagebar.__version__}\n"
