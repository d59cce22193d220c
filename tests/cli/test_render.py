"""`usagebar render`: footers as text and as JSON, surfaces, reply states, and the program among others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from command_line import MODULE, PLAIN, SCRIPT, CommandLine, environment, program

import usagebar
from usagebar.surfaces.escaping import MODES

TURN: dict[str, Any] = {
    "surface": "discord",
    "model": {"provider": "anthropic", "display_name": "claude-opus-4-6", "reasoning": "high", "is_override": True},
    "state": {"fast_mode": False},
    "context": {"max_tokens": 200000, "pct_used": 42},
    "usage": {"has_split_tokens": True, "input_tokens": 4300, "output_tokens": 90, "cache_hit_pct": 87},
    "cost": {"turn_usd": 0.1234},
}
STATE: dict[str, Any] = {
    "provider": "anthropic",
    "model": "claude-opus-4-6",
    "contextTokenBudget": 200000,
    "usage": {"input": 1000, "output": 50, "cacheRead": 3000, "total": 4050},
    "turnUsd": 0.5,
}
BY_SURFACE = json.dumps(
    {
        "output": {
            "sep": "+",
            "default": [{"text": "default"}, {"text": "{surface}"}],
            "surfaces": {"discord": [{"text": "discord"}, {"text": "{surface}"}], "mute": []},
        }
    }
)
PROGRAMS = [
    pytest.param(
        [str(SCRIPT)], id="script", marks=pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed")
    ),
    pytest.param(MODULE, id="module"),
]


# ---------------------------------------------------------------- footers


@pytest.mark.parametrize("surface", ["discord", "telegram", None])
def test_the_footer_is_that_of_the_library(cli: CommandLine, surface: str | None) -> None:
    words = [] if surface is None else ["--surface", surface]
    ran = cli("render", *words, stdin=json.dumps(TURN))
    assert ran == (0, usagebar.load().render(TURN, surface) + "\n", "")
    assert "opus46" in ran.out


@pytest.mark.parametrize(
    ("words", "turn", "out"),
    [
        ([], {}, "default\n"),
        ([], {"surface": "discord"}, "discord+discord\n"),
        ([], {"surface": "slack"}, "default+slack\n"),
        ([], {"surface": 5}, "default+5\n"),
        (["--surface", "slack"], {"surface": "discord"}, "default+slack\n"),
        (["--surface=discord"], {}, "discord+discord\n"),
        (["--surface=discord", "--surface", "mute"], {}, "\n"),
        (["--surface", ""], {"surface": "discord"}, "default\n"),
        (["--surface="], {"surface": "discord"}, "default\n"),
        (["--surface=--json"], {}, "default+--json\n"),
        (["--surface", "-"], {}, "default+-\n"),
        (["--surface=a=b"], {}, "default+a=b\n"),
    ],
)
def test_surface(cli: CommandLine, words: list[str], turn: object, out: str) -> None:
    assert cli("render", "--template", BY_SURFACE, *words, stdin=json.dumps(turn)) == (0, out, "")


def test_an_empty_footer_is_an_empty_line(cli: CommandLine) -> None:
    stdin = '{}\n{"v": ""}\n{"v": "x"}\n{"v": null}\n'
    assert cli("render", "--jsonl", "--template", PLAIN, stdin=stdin).out == "\n\nx\n\n"
    assert cli("render", "--jsonl", "--json", "--template", PLAIN, stdin=stdin).out == '""\n""\n"x"\n""\n'


def test_line_feeds_in_a_footer(cli: CommandLine) -> None:
    stdin = rb'{"v": "-# a\n-# b\r\nc\n"}'
    assert cli("render", "--template", PLAIN, stdin=stdin).out == "-# a\n-# b\r\nc\n\n"
    assert cli("render", "--template", PLAIN, "--json", stdin=stdin).out == '"-# a\\n-# b\\r\\nc\\n"\n'


# Values as JSON escapes, and the text they give.
AWKWARD = {
    "high alone": (r"\ud83d", "\ufffd"),
    "low alone": (r"\ude00", "\ufffd"),
    "high before text": (r"\ud83dx", "\ufffdx"),
    "wrong order": (r"\ude00\ud83d", "\ufffd\ufffd"),
    "two highs": (r"\ud83d\ud83d\ude00", "\ufffd😀"),
    "a pair": (r"\ud83d\ude00", "😀"),
    "the first and last": (r"\ud800 \udfff", "\ufffd \ufffd"),
    "byte order marks stay": (r"\ufeffa\ufffe\ud800", "\ufeffa\ufffe\ufffd"),
    "controls": (r"\u0000\u001b\u007f\u0085", "\0\x1b\x7f\x85"),
    "separators": (r"\u2028\u2029", "\u2028\u2029"),
    "quotes": (r"\"\\\/", '"\\/'),
}


@pytest.mark.parametrize(("escaped", "text"), AWKWARD.values(), ids=AWKWARD.keys())
def test_any_text_is_written_as_utf_8(cli: CommandLine, escaped: str, text: str) -> None:
    stdin = f'{{"v": "{escaped}"}}'
    assert cli("render", "--template", PLAIN, stdin=stdin) == (0, text + "\n", "")
    ran = cli("render", "--template", PLAIN, "--json", stdin=stdin)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("\n") == 1
    assert json.loads(ran.out) == json.loads(stdin)["v"]


def test_surrogates_that_meet_in_the_footer(cli: CommandLine) -> None:
    template = '{"output": {"default": [{"text": "{a}{b}"}]}}'
    assert cli("render", "--template", template, stdin=rb'{"a": "\ud83d", "b": "\ude00"}').out == "😀\n"


# ---------------------------------------------------------------- escaping


HOSTILE = '{"surface": "telegram", "v": "@everyone <b> **x**"}'
RAW = "@everyone <b> **x**\n"
FOR_DISCORD = "@\u200beveryone \\<b\\> \\*\\*x\\*\\*\n"


@pytest.mark.parametrize(
    ("words", "out"),
    [
        ([], RAW),
        (["--escape"], "@everyone &lt;b&gt; **x**\n"),
        (["--escape="], "@everyone &lt;b&gt; **x**\n"),
        (["--escape", "--surface", "webchat"], "@everyone &lt;b&gt; **x**\n"),
        (["--escape", "--surface", "mine"], RAW),
        (["--surface=discord", "--escape"], FOR_DISCORD),
        (["--escape=discord"], FOR_DISCORD),
        (["--escape=telegram-markdownv2"], "@everyone <b\\> \\*\\*x\\*\\*\n"),
        (["--escape=discord", "--escape=plain"], RAW),
    ],
)
def test_escape(cli: CommandLine, words: list[str], out: str) -> None:
    assert cli("render", "--template", PLAIN, *words, stdin=HOSTILE) == (0, out, "")


@pytest.mark.parametrize("mode", MODES)
def test_each_mode(cli: CommandLine, mode: str) -> None:
    expected = usagebar.parse(PLAIN).render(json.loads(HOSTILE), escape=mode)
    assert cli("render", "--template", PLAIN, f"--escape={mode}", stdin=HOSTILE) == (0, expected + "\n", "")


def test_a_wrong_mode(cli: CommandLine) -> None:
    ran = cli("render", "--escape=discrod", stdin=HOSTILE)
    expected = f"expected one of {', '.join(MODES)} behind --escape=, found 'discrod'; did you mean discord?"
    assert ran == (2, "", f"usagebar render: {expected}\nhelp: usagebar render --help\n")


def test_a_word_behind_escape_is_a_file(cli: CommandLine) -> None:
    Path("discord").write_text(HOSTILE, "utf-8")
    assert cli("render", "--template", PLAIN, "--escape", "discord").out == "@everyone &lt;b&gt; **x**\n"


# ---------------------------------------------------------------- reply states


def test_a_reply_state(cli: CommandLine) -> None:
    expected = usagebar.load().render(usagebar.build_contract(STATE, "discord"))
    assert "opus46" in expected
    assert "↕️ 1.0k/50" in expected
    Path("state.json").write_text(json.dumps(STATE), "utf-8")
    assert cli("render", "--state", "--surface", "discord", "state.json") == (0, expected + "\n", "")
    ran = cli("render", "--state", "--json", stdin=json.dumps(STATE))
    assert json.loads(ran.out) == usagebar.load().render(usagebar.build_contract(STATE))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"[]", "1:1: expected a reply state (an object), found an array"),
        (b" null", "1:1: expected a reply state (an object), found null"),
        (b'"state"', "1:1: expected a reply state (an object), found a string"),
        (b"{", "1:2: expected a key in double quotes, found the end of the text"),
        (b'{"model": "\xff"}', "1:12: expected UTF-8, found byte 0xff"),
    ],
)
def test_a_bad_reply_state(cli: CommandLine, data: bytes, error: str) -> None:
    stdin = b'{"model": "a"}\n' + data + b'\n{"model": "b"}'
    template = '{"output": {"default": [{"text": "{model.id}"}]}}'
    ran = cli("render", "--state", "--jsonl", "--template", template, stdin=stdin)
    assert ran == (2, "a\nb\n", f"<stdin>:2{error[1:]}\n")


@pytest.mark.parametrize("figure", ["NaN", "-1", "9" * 5000, "9" * 400, '"x"', "[]", "{}", "null", "1e999", "true"])
def test_an_odd_figure_costs_no_other(cli: CommandLine, figure: str) -> None:
    usage = f'{{"input": {figure}, "output": 5, "cacheRead": {figure}}}'
    stdin = f'{{"model": "m", "usage": {usage}, "turnUsd": {figure}, "contextTokenBudget": {figure}}}'
    assert cli("render", "--state", stdin=stdin) == (0, "🤖 m ↕️ ?/5\n", "")


# ---------------------------------------------------------------- the program


@pytest.mark.parametrize("start", PROGRAMS)
def test_the_program(start: list[str]) -> None:
    Path("turn.json").write_text(json.dumps(TURN), "utf-8")
    expected = usagebar.load().render(TURN) + "\n"
    assert program("render", "turn.json", start=start) == (0, expected, "")
    assert program("render", start=start, stdin=json.dumps(TURN)) == (0, expected, "")
    ran = program("render", "turn.json", "missing.json", start=start)
    assert (ran.code, ran.out) == (2, expected)
    assert ran.err.startswith("missing.json: ")


def test_empty_standard_input() -> None:
    assert program("render").code == 2
    assert program("render").err == "<stdin>:1:1: expected a value, found the end of the text\n"
    assert program("render", "--jsonl") == (0, "", "")


LOCALES = {
    "C": {"LC_ALL": "C"},
    "C, and no way out of it": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
}


@pytest.mark.parametrize("more", LOCALES.values(), ids=LOCALES.keys())
def test_utf_8_in_any_locale(more: dict[str, str]) -> None:
    env = environment(**more)
    template = '{"output": {"default": [{"text": "🤖 {v}"}]}}'
    Path("footer.json").write_text(template, "utf-8")
    stdin = '{"v": "é"}'
    assert program("render", "--template", "footer.json", stdin=stdin, env=env) == (0, "🤖 é\n", "")
    assert program("render", "--template", "footer.json", "--json", stdin=stdin, env=env).out == '"🤖 é"\n'
    assert "[FILE…|-]" in program("render", "--help", env=env).out
    ran = program("init", "é.jsonc", env=env)
    assert (ran.code, ran.out.split(";")[0], ran.err) == (0, "wrote é.jsonc", "")


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """Start the program; give it, its standard input and its standard output."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*MODULE, *words], stdin=pipe, stdout=pipe, stderr=pipe, env=environment()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # Who waits for a line that never comes gets the end of the output instead.
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        try:
            yield process, process.stdin, process.stdout
        finally:
            watchdog.cancel()
            process.kill()


def test_json_lines_as_they_come() -> None:
    with running("render", "--jsonl", "--template", PLAIN, "-") as (process, stdin, stdout):
        for number in range(3):
            stdin.write(b'{"v": %d}\n' % number)
            stdin.flush()
            assert stdout.readline() == b"%d\n" % number
        stdin.close()
        assert process.wait(30) == 0


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Whoever runs the tests may ignore the signal, which a child would inherit; of a handler it inherits nothing."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c() -> None:
    with running("render", "--jsonl", "--template", PLAIN, "-") as (process, stdin, stdout):
        stdin.write(b'{"v": 1}\n')
        stdin.flush()
        assert stdout.readline() == b"1\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_reader_who_has_seen_enough() -> None:
    Path("turns.jsonl").write_bytes(b'{"v": "a footer"}\n' * 100_000)
    with running("render", "--template", PLAIN, "turns.jsonl") as (process, stdin, stdout):
        assert stdout.readline() == b"a footer\n"
        stdout.close()
        assert process.wait(30) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""
        stdin.close()


@pytest.mark.skipif(os.name == "nt", reason="named pipes")
def test_a_process_substitution() -> None:
    reader, writer = os.pipe()
    os.write(writer, b'{"v": 1}')
    os.close(writer)
    done = subprocess.run(
        [*MODULE, "render", "--template", PLAIN, f"/dev/fd/{reader}"],
        pass_fds=[reader],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    os.close(reader)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"1\n", b"")


def test_many_records_in_one_process() -> None:
    count = 20_000
    ran = program("render", "--jsonl", stdin=(json.dumps(TURN) + "\n") * count)
    assert ran == (0, (usagebar.load().render(TURN) + "\n") * count, "")
