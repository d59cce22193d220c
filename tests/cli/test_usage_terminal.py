"""`usagebar usage` in a real pseudo-terminal and at the end of pipes: colours, the bar, Ctrl-C, readers that leave."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import MODULE, environment, program
from usage_corpus import store

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

PATIENCE = 120.0  # seconds: until a test gives up on a busy machine
FILES = 30
# A long first scan: each file takes its time, the bar shows at once, and each part is stored by itself.
SLOW = """
import sys, time
from usagebar.cli.usages import progress
from usagebar.ledger import importing
progress.Progress.__init__.__defaults__ = (0.0,)
importing.BATCH_TURNS = 1
read = importing.read_source
def slowly(*source):
    time.sleep(0.1)
    yield from read(*source)
importing.read_source = slowly
from usagebar.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return an environment with logs of Claude Code, a ledger that is not there yet, and no other logs."""
    folder = tmp_path / "claude" / "projects" / "here"
    folder.mkdir(parents=True)
    for number in range(FILES):
        usage = {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
        message = {"id": f"m{number}", "model": "mystery-1", "role": "assistant", "content": [], "usage": usage}
        line = {"type": "assistant", "sessionId": "one", "requestId": f"r{number}", "cwd": "/here", "message": message}
        line["timestamp"] = f"2026-02-03T10:{number:02}:00.000Z"
        (folder / f"{number}.jsonl").write_text(json.dumps(line, separators=(",", ":")) + "\n", "utf-8")
    named = {"CLAUDE_CONFIG_DIR": str(tmp_path / "claude"), "USAGEBAR_LEDGER": str(tmp_path / "ledger.sqlite")}
    unset = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "OPENCLAW_DIR", "USAGEBAR_PROCESSES")
    plain = {name: value for name, value in environment(TERM="xterm-256color", TZ="UTC").items() if name not in unset}
    return plain | named


class Terminal:
    """A program whose standard error is a window, and whose standard output is one too unless it is a file."""

    def __init__(self, start: list[str], env: dict[str, str], columns: int = 80, out: int | None = None) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.process = subprocess.Popen(
            start,
            stdin=slave,
            stdout=slave if out is None else out,
            stderr=slave,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        )
        os.close(slave)
        self.output = ""

    def read(self) -> bool:
        """Take what was written since; whether there may be more."""
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has ended
            return False
        self.output += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def until(self, word: str) -> None:
        end = time.monotonic() + PATIENCE
        while word not in self.output:
            assert self.read(), self.output
            assert time.monotonic() < end, self.output

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def ended(self) -> int:
        while self.read():
            pass
        code = self.process.wait(PATIENCE)
        os.close(self._master)
        return code


def stored(env: dict[str, str], *words: str) -> int:
    ran = program("usage", "--json", *words, env=env)
    assert (ran.code, ran.err) == (0, "")
    turns: int = json.loads(ran.out)["totals"]["turns"]
    return turns


# ---------------------------------------------------------------- the bar


def test_a_long_scan_shows_a_bar(env: dict[str, str]) -> None:
    window = Terminal([sys.executable, "-c", SLOW, "usage"], env)
    assert window.ended() == 0
    assert "reading logs" in window.output
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", window.output)
    assert f"Total          {FILES}" in plain.rpartition("Usage by day")[2]
    assert "reading logs" not in plain.rpartition("Usage by day")[2]


def test_a_bar_beside_json(env: dict[str, str], tmp_path: Path) -> None:
    with open(tmp_path / "out.json", "wb") as out:
        window = Terminal([sys.executable, "-c", SLOW, "usage", "--json"], env, out=out.fileno())
        assert window.ended() == 0
    assert "reading logs" in window.output
    assert json.loads((tmp_path / "out.json").read_bytes())["totals"]["turns"] == FILES


def test_no_bar_where_nobody_sees_it(env: dict[str, str]) -> None:
    ran = program("usage", env=env, start=[sys.executable, "-c", SLOW])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage by day, UTC time\n")
    assert "\x1b" not in ran.out


def test_no_bar_for_a_short_scan(env: dict[str, str]) -> None:
    window = Terminal([sys.executable, "-c", SLOW.replace("(0.0,)", "(1000.0,)"), "usage"], env)
    assert window.ended() == 0
    assert "reading logs" not in window.output


# ---------------------------------------------------------------- Ctrl-C


def test_ctrl_c_keeps_what_was_read(env: dict[str, str]) -> None:
    window = Terminal([sys.executable, "-c", SLOW, "usage"], env)
    window.until("reading logs")
    window.type(b"\x03")
    assert window.ended() == 130
    assert window.output.rstrip().endswith(
        "\nusagebar usage: stopped; what was read is kept, and the next run goes on from there"
    )
    assert "Traceback" not in window.output
    assert "Usage by" not in window.output
    kept = stored(env, "--no-import")
    assert 0 < kept < FILES
    assert stored(env) == FILES


def test_an_interrupt_without_a_window(env: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, "usage"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    end = time.monotonic() + PATIENCE
    while not stored_yet(env):
        assert time.monotonic() < end
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, b"")
    assert err == b"usagebar usage: stopped; what was read is kept, and the next run goes on from there\n"
    assert stored(env) == FILES


def stored_yet(env: dict[str, str]) -> bool:
    time.sleep(0.05)
    return os.path.exists(env["USAGEBAR_LEDGER"]) and stored(env, "--no-import") > 0


# ---------------------------------------------------------------- what a report imports

SLOW_TO_IMPORT = {
    "asyncio", "genai_prices", "importlib.metadata", "importlib.resources", "logging", "msgspec", "pydantic", "rich",
    "wcwidth", "zstandard",
}  # fmt: skip
PROBE = "import sys; from usagebar.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


@pytest.mark.parametrize("words", [["daily"], ["models", "--json"], ["sessions", "--csv"], ["cost"]])
def test_a_report_with_nothing_new_imports_nothing_slow(words: list[str], env: dict[str, str]) -> None:
    assert stored(env) == FILES
    ran = program("usage", *words, env=env, start=[sys.executable, "-c", PROBE])
    assert ran.code == 0
    modules = {*ran.err.split()}
    assert "usagebar.ledger.importing" in modules
    assert modules & SLOW_TO_IMPORT == set()


# ---------------------------------------------------------------- windows and pipes


@pytest.mark.parametrize("columns", [40, 60, 80, 160])
def test_colours_and_the_width_of_a_window(env: dict[str, str], columns: int) -> None:
    store(Path(env["USAGEBAR_LEDGER"]))
    window = Terminal([*MODULE, "usage", "--no-import"], env, columns)
    assert window.ended() == 0
    assert "\x1b[1mDate " in window.output
    plain = re.sub(r"\x1b\[[0-9;]*m", "", window.output)
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= columns
    window = Terminal([*MODULE, "usage", "--no-import"], env | {"NO_COLOR": "1"}, columns)
    assert window.ended() == 0
    assert window.output == plain


@pytest.mark.parametrize("words", [[], ["--json"], ["--csv"]])
def test_a_reader_that_leaves(words: list[str], env: dict[str, str]) -> None:
    command = " ".join([*MODULE, "usage", *words, "--no-import"])
    store(Path(env["USAGEBAR_LEDGER"]))
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; exit ${{PIPESTATUS[0]}}"], env=env, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.returncode in (0, 141)  # it may have written all before the other one left


def test_a_full_disk(env: dict[str, str]) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no device that is full")
    store(Path(env["USAGEBAR_LEDGER"]))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*MODULE, "usage", "--no-import"], env=env, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (2, b"usagebar: cannot write: no space left on device\n")
