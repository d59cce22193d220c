"""`usagebar preview` in a real pseudo-terminal: widths, colours, clusters, and a watched screen."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from command_line import MODULE, environment
from file_edits import rename_over
from wcwidth import wcswidth

from usagebar.cli.previews.data import shown
from usagebar.cli.previews.turns import Turn
from usagebar.contract.samples import SAMPLES
from usagebar.diagnostics import visible
from usagebar.surfaces.cells import clusters, width
from usagebar.template.reading import examine

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import termios

FOUR = str(Path(__file__).parents[1] / "golden" / "preview" / "four.jsonc")
PATIENCE = 120.0  # seconds: until a test gives up on a busy machine
SGR = re.compile(r"\x1b\[[0-9;]*m")
CLEAR = "\x1b[H\x1b[2J"


class Terminal:
    """A program in a window of its own."""

    def __init__(
        self, words: list[str], columns: int, lines: int, env: dict[str, str], cwd: Path | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        self.resize(columns, lines)
        unwanted = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
        plain = {name: value for name, value in environment(TERM="xterm-256color").items() if name not in unwanted}
        self.process = subprocess.Popen(
            [*MODULE, "preview", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=plain | env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self._output = b""

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    @property
    def output(self) -> str:
        with suppress(OSError):  # nothing yet, or the program has ended
            while data := os.read(self._master, 65536):
                self._output += data
        return self._output.decode("utf-8", "replace").replace("\r\n", "\n")

    def until(self, holds: Callable[[str], Any]) -> str:
        end = time.monotonic() + PATIENCE
        while not holds(self.output):
            assert time.monotonic() < end, self.output
            time.sleep(0.01)
        return self.output

    def ended(self) -> str:
        self.until(lambda _: self.process.poll() is not None)
        return self.output

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@contextmanager
def terminal(
    *words: str, columns: int = 80, lines: int = 50, env: dict[str, str] | None = None, cwd: Path | None = None
) -> Iterator[Terminal]:
    opened = Terminal(list(words), columns, lines, env or {}, cwd)
    try:
        yield opened
    finally:
        opened.close()


def in_terminal(*words: str, columns: int, **env: str) -> str:
    with terminal(*words, columns=columns, env=env) as opened:
        found = opened.ended()
        assert opened.process.returncode == 0, found
        return found


def lines_of(output: str) -> list[str]:
    """Return the lines without their colours, having seen that colours are all that is in them."""
    plain = SGR.sub("", output)
    assert not {char for char in plain if ord(char) < 32 and char != "\n"}
    return plain.split("\n")


# ---------------------------------------------------------------- widths


@pytest.mark.parametrize("columns", [20, 40, 80, 120])
@pytest.mark.parametrize("words", [[], ["--explain", "--turn", "hostile", "--turn", "huge"]], ids=["all", "explained"])
def test_every_line_fits(columns: int, words: list[str]) -> None:
    lines = lines_of(in_terminal(FOUR, *words, columns=columns))
    assert len(lines) > 50
    for line in lines:
        assert width(line) <= columns
        assert 0 <= wcswidth(line) <= columns
    assert any(width(line) > columns * 3 // 4 for line in lines)


@pytest.mark.parametrize("columns", [20, 40, 80, 120])
def test_no_cluster_is_cut(columns: int) -> None:
    output = "\n".join(lines_of(in_terminal(FOUR, columns=columns)))
    footers = re.sub(r"\n *[│┊]›", "", output)  # lines that go on, joined
    turns = [Turn(name, "", sample.contract) for name, sample in SAMPLES.items()]
    for preview in shown(examine(FOUR), turns, [], columns).previews:
        for line in preview.appearance.lines:
            assert visible(line.text) in footers
    assert "👩🏽‍💻" in {cluster for cluster, _ in clusters(output)}


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
def test_a_window_of_next_to_nothing(columns: int) -> None:
    lines = lines_of(in_terminal(FOUR, "--turn", "typical", columns=columns))
    assert all(width(line) <= columns or len(list(clusters(line))) == 1 for line in lines)


def test_columns_of_the_environment_count_first() -> None:
    assert max(map(width, lines_of(in_terminal(FOUR, columns=80, COLUMNS="30")))) <= 30
    assert max(map(width, lines_of(in_terminal(FOUR, columns=30, COLUMNS="200")))) > 60


def test_findings_fit_too() -> None:
    text = '{"output": {"default": [{"text": "' + "模型 " * 40 + '{cost.turn_usd|fixd:4}"}]}}'
    lines = lines_of(in_terminal(text, columns=40))
    assert any("suspect-fallback" in line for line in lines)
    assert all(width(line) <= 40 for line in lines)
    carets = next(number for number, line in enumerate(lines) if "^^" in line)
    start, end = lines[carets].index("^"), lines[carets].rindex("^")
    before = next(at for at in range(len(lines[carets - 1])) if width(lines[carets - 1][:at]) == start)
    assert lines[carets - 1][before:].startswith("fixd:4")
    assert end - start == 5


# ---------------------------------------------------------------- colours


def test_colours() -> None:
    output = in_terminal(FOUR, "--turn", "typical", columns=80)
    assert "\x1b[1mdiscord" in output
    assert "\x1b[2;32mclaude-opus-4-8\x1b[0m" in output  # the template's own, on its surface terminal
    assert "\x1b[3mclaw & anthropic\x1b[0m" in output
    assert "\x1b[2;1mclaude-opus-4-8\x1b[0m" in output


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_no_colours(env: dict[str, str]) -> None:
    output = in_terminal(FOUR, columns=80, **env)
    assert "\x1b" not in output
    assert "claude-opus-4-8" in output


def test_forced_colours() -> None:
    assert "\x1b[1m" in in_terminal(FOUR, columns=80, TERM="dumb", FORCE_COLOR="1")


# ---------------------------------------------------------------- a watched screen


def template(text: str) -> str:
    return json.dumps({"schema": "openclaw.usageBar.v1", "output": {"default": [{"text": text}]}})


def frames(output: str) -> list[str]:
    return SGR.sub("", output).split(CLEAR)[1:]


def test_a_watched_screen(tmp_path: Path) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text(template("first"), "utf-8")
    with terminal("--watch", str(path), "--turn", "typical", columns=200) as opened:
        opened.until(lambda output: "│ first\n" in SGR.sub("", output))
        rename_over(path, template("second"))  # at once: between two writes a look may find anything
        opened.until(lambda output: "│ second\n" in SGR.sub("", output))
        opened.type(b"\x03")
        output = opened.ended()
        assert opened.process.returncode == 0
    assert output.startswith(CLEAR)
    first, second = frames(output)
    assert first.endswith("│ first\n")
    assert second.removesuffix("^C\n").removesuffix("\n").endswith("│ second")


def test_the_screen_follows_the_window(tmp_path: Path) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text(template("0123456789 " * 10), "utf-8")
    with terminal("--watch", str(path), "--turn", "typical", columns=200) as opened:
        opened.until(lambda output: frames(output) and "│ 01" in frames(output)[-1])
        opened.resize(40, 50)
        opened.until(lambda output: "│›" in frames(output)[-1])
        assert all(width(line) <= 40 for line in frames(opened.output)[-1].split("\n"))
        opened.process.send_signal(signal.SIGINT)
        opened.ended()
        assert opened.process.returncode == 0


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("lines", [1, 2, 10])
def test_a_screen_that_is_too_short_shows_the_top(columns: int, lines: int) -> None:
    with terminal("--watch", FOUR, columns=columns, lines=lines) as opened:
        output = opened.until(lambda output: "more line" in output and output.endswith("\n"))
    shown_lines = frames(output)[-1].split("\n")
    assert len(shown_lines) <= max(lines, 2)
    assert shown_lines[-2].startswith("…")
    assert all(width(line) <= columns for line in shown_lines)


def test_findings_leave_room_for_footers(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonc"
    mistakes = [{"text": f"{{cost.turn_usd|fixd:{number}}} "} for number in range(8)]
    path.write_text(json.dumps({"output": {"default": mistakes}}), "utf-8")
    with terminal("--watch", "f.jsonc", "--turn", "typical", lines=24, cwd=tmp_path) as opened:
        output = opened.until(lambda output: "│ 0.0377" in SGR.sub("", output) and output.endswith("\n"))
        lines = frames(output)[-1].split("\n")
        assert len(lines) <= 24
        assert lines[1].startswith("warning[suspect-fallback]: ")
        [cut] = [line for line in lines if line.startswith("…")]
        assert re.fullmatch(r"… \d more findings; usagebar check shows all", cut)
        path.write_text('{"output"' + " " * 3000 + "[]}", "utf-8")
        output = opened.until(lambda output: "below:" in output and output.endswith("\n"))
    lines = frames(output)[-1].split("\n")
    assert len(lines) <= 24
    assert lines[1].startswith("error[invalid-json]: ")
    below = lines.index("below: the last good template")
    assert any(line.startswith("  │ 0.0377") for line in lines[below:])


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ([], "--surface and --turn show fewer"),
        (["--turn", "typical"], "--surface shows fewer"),
        (["--surface", "irc"], "--turn shows fewer"),
        (["--surface", "irc", "--turn", "typical", "--explain"], "a larger window shows them"),
    ],
)
def test_the_way_to_see_more_is_one_there_is(words: list[str], way: str) -> None:
    with terminal("--watch", FOUR, *words, lines=5) as opened:
        output = opened.until(lambda output: "more line" in output and output.endswith("\n"))
    assert frames(output)[-1].split("\n")[-2].endswith(way)


@pytest.mark.parametrize("given", ["9" * 5000, "1000000", "²", "0", "-5", "x"])
def test_columns_that_are_no_width_are_ignored(given: str) -> None:
    assert max(map(width, lines_of(in_terminal(FOUR, "--turn", "typical", columns=40, COLUMNS=given)))) <= 40


def test_a_dumb_terminal_is_not_cleared(tmp_path: Path) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text(template("first"), "utf-8")
    with terminal("--watch", str(path), "--turn", "typical", env={"TERM": "dumb"}) as opened:
        opened.until(lambda output: "│ first\n" in output)
        rename_over(path, template("second"))
        output = opened.until(lambda output: "│ second\n" in output)
    assert "\x1b" not in output


def test_the_window_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text(template("first"), "utf-8")
    opened = Terminal(["--watch", str(path)], 80, 50, {})
    try:
        opened.until(lambda output: "│ first" in SGR.sub("", output))
    finally:
        os.close(opened._master)
        try:
            assert opened.process.wait(PATIENCE) in (141, -signal.SIGHUP)
        finally:
            opened.process.kill()
            opened.process.wait()
