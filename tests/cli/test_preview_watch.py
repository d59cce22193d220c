"""`usagebar preview --watch` as a process of its own: what it shows after each edit, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import MODULE, CommandLine, environment
from file_edits import EDITS, delete_and_create, rename_over, rewrite

from usagebar.cli.previews.turns import Turn, TurnFile
from usagebar.cli.previews.watching import WatchedTurn

PATIENCE = 30.0  # seconds until a test gives up; a redraw takes a fraction of one
TEMPLATE = Path("footer.jsonc")
BELOW = "below: what it was before"
HEAD = "footer.jsonc · watched, Ctrl-C ends\n"


def template(text: str) -> str:
    return json.dumps({"schema": "openclaw.usageBar.v1", "output": {"default": [{"text": text}]}})


class Watcher:
    """A running `usagebar preview --watch` and what it has written so far."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [*MODULE, "preview", "--watch", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        self._output = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65536):
            self._output += data

    @property
    def output(self) -> str:
        return self._output.decode("utf-8", "replace")

    def until(self, *texts: str, without: str = "\0") -> str:
        """Wait until the last frame holds these texts, and not that one; return it."""
        end = time.monotonic() + PATIENCE
        while True:
            frame = HEAD + self.output.rpartition(HEAD)[2]
            if without not in frame and all(text in frame for text in texts):
                return frame
            assert self.process.poll() is None, self.output
            assert time.monotonic() < end, self.output
            time.sleep(0.01)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


Watch = Callable[..., Watcher]


@pytest.fixture
def watch() -> Iterator[Watch]:
    started: list[Watcher] = []

    def start(*words: str) -> Watcher:
        started.append(Watcher(*(words or (str(TEMPLATE), "--turn", "typical"))))
        return started[-1]

    yield start
    for watcher in started:
        watcher.stop()


# ---------------------------------------------------------------- edits


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_each_save_is_shown(watch: Watch, edit: Callable[[Path, str], None]) -> None:
    TEMPLATE.write_text(template("first"), "utf-8")
    watcher = watch()
    first = watcher.until("│ first\n")
    assert first == HEAD + "default · no known limit\n  typical · 5 characters\n  │ first\n"
    for text in ("other", "third"):
        edit(TEMPLATE, template(text))
        assert watcher.until(f"│ {text}\n") == first.replace("first", text)
    assert watcher.output.startswith(first + "\n" + HEAD)


def test_a_broken_edit_keeps_the_last_good_footers(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch()
    watcher.until("│ good\n")
    rewrite(TEMPLATE, '{"output": {"default" []}}')
    found = watcher.until("error[invalid-json]: expected ':' after the key, found `[`\n", "│ good\n")
    assert " --> footer.jsonc:1:23" in found
    assert found.index("error[") < found.index("below: the last good template\n") < found.index("│ good")
    rename_over(TEMPLATE, '{"output": {}}')
    watcher.until("error[unsupported-shape]: expected a piece", "│ good\n")
    delete_and_create(TEMPLATE, template("better"))
    watcher.until("│ better\n", without="error[")


def test_a_finding_is_shown_above(watch: Watch) -> None:
    TEMPLATE.write_text(template("{cost.turn_usd|fixd:2}"), "utf-8")
    watcher = watch()
    found = watcher.until("│ 0.0377\n")
    assert found.index("warning[suspect-fallback]") < found.index("│ 0.0377")
    assert "below:" not in found
    rewrite(TEMPLATE, template("{cost.turn_usd|fixed:2}"))
    watcher.until("│ 0.04\n", without="warning")


def test_a_file_that_vanishes_and_returns(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch()
    watcher.until("│ good\n")
    TEMPLATE.rename("away")
    watcher.until("! there is no file 'footer.jsonc'; it is read again as soon as it can be\n", "│ good\n")
    Path("away").rename(TEMPLATE)
    watcher.until("│ good\n", without="!")
    TEMPLATE.unlink()
    watcher.until("there is no file")
    TEMPLATE.mkdir()
    watcher.until("! expected a regular file, found a folder; ", "│ good\n")
    TEMPLATE.rmdir()
    TEMPLATE.write_text(template("again"), "utf-8")
    watcher.until("│ again\n")


def test_a_large_and_a_binary_file(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch()
    watcher.until("│ good\n")
    with TEMPLATE.open("wb") as file:
        file.truncate(50_000_000)
    watcher.until("! expected at most 1048576 bytes, found more; ", "│ good\n")
    TEMPLATE.write_bytes(b"\x7fELF\xff")
    watcher.until("! expected UTF-8, found byte 0xff at offset 4; ", "│ good\n")
    rewrite(TEMPLATE, template("better"))
    watcher.until("│ better\n")


def test_a_template_that_is_broken_from_the_start(watch: Watch) -> None:
    TEMPLATE.write_text('{"output"', "utf-8")
    watcher = watch()
    watcher.until("error[invalid-json]", "^\n", without="typical")
    rewrite(TEMPLATE, template("good"))
    watcher.until("│ good\n")


def test_a_turn_s_file_is_watched_too(watch: Watch) -> None:
    TEMPLATE.write_text(template("<{v}>"), "utf-8")
    turn = Path("turn.json")
    turn.write_text('{"v": 1}', "utf-8")
    watcher = watch(str(TEMPLATE), "--turn", "turn.json", "--turn", "free")
    watcher.until("│ <1>\n", "free")
    rewrite(turn, '{"v": 2}')
    watcher.until("│ <2>\n")
    rewrite(turn, '{"v" 3}')
    watcher.until(f"! turn.json:1:6: expected ':' after the key, found `3`; {BELOW}\n", "free", "│ <2>\n")
    turn.unlink()
    watcher.until(f"! there is no file 'turn.json'; {BELOW}\n", "free", "│ <2>\n")
    turn.write_text('{"v": 4}', "utf-8")
    watcher.until("│ <4>\n", "free", without="!")


def test_a_turn_s_file_that_is_broken_from_the_start(watch: Watch) -> None:
    TEMPLATE.write_text(template("<{v}>"), "utf-8")
    watcher = watch(str(TEMPLATE), "--turn", "turn.json")
    watcher.until("! there is no file 'turn.json'\n", without="default")
    Path("turn.json").write_text('{"v": 1}', "utf-8")
    watcher.until("│ <1>\n", without="!")


def test_a_turn_s_file_that_is_being_written_is_no_error() -> None:
    turn = Path("turn.json")
    turn.write_text('{"v": 1}', "utf-8")
    watched = WatchedTurn(TurnFile("turn.json"))
    for part in ("", '{"v"', "{"):  # each look finds something else: it is being written
        turn.write_text(part, "utf-8")
        watched.look()
        assert watched.wrong == ""
        assert watched.good == Turn("turn.json", "", {"v": 1})
    watched.look()
    assert watched.wrong == f"turn.json:1:2: expected a key in double quotes, found the end of the text; {BELOW}"
    turn.write_text('{"v": 2}', "utf-8")
    watched.look()
    assert watched.wrong == ""
    assert watched.good == Turn("turn.json", "", {"v": 2})


def test_messages_of_many_turns_are_cut(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch(str(TEMPLATE), *[word for number in range(5) for word in ("--turn", f"{number}.json")])
    found = watcher.until("! so it is with 2 more of the turns\n")
    assert found.count("! there is no file") == 3


def test_a_read_only_folder(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    Path().chmod(0o555)
    try:
        watcher = watch()
        watcher.until("│ good\n")
        rewrite(TEMPLATE, template("better"))
        watcher.until("│ better\n")
    finally:
        Path().chmod(0o755)


def test_the_template_that_is_configured(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    monkeypatch.setenv("USAGEBAR_TEMPLATE", str(TEMPLATE))
    watcher = watch("--turn", "typical")
    watcher.until("│ good\n")
    rewrite(TEMPLATE, template("better"))
    watcher.until("│ better\n")


def test_nothing_is_drawn_while_nothing_changes(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch()
    watcher.until("│ good\n")
    os.utime(TEMPLATE)
    rewrite(TEMPLATE, template("good"))
    time.sleep(0.3)
    assert watcher.output.count("│ good") == 1


# ---------------------------------------------------------------- ends


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c(watch: Watch) -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    watcher = watch()
    watcher.until("│ good\n")
    assert watcher.interrupt() == 0
    assert watcher.process.stderr is not None
    assert watcher.process.stderr.read() == b""
    assert watcher.output.endswith("│ good\n")


@pytest.mark.skipif(os.name == "nt", reason="poll")
def test_nobody_reads_any_more() -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    with subprocess.Popen(
        [*MODULE, "preview", "--watch", str(TEMPLATE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(PATIENCE) == 141
            assert process.stderr.read() == b""
        finally:
            process.kill()


@pytest.mark.skipif(os.name == "nt", reason="a shell")
def test_a_standard_output_that_is_closed_at_the_start() -> None:
    TEMPLATE.write_text(template("good"), "utf-8")
    line = '"$@" preview --watch footer.jsonc >&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *MODULE], stderr=subprocess.PIPE, env=environment(), timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "error[unreadable]: there is no file 'footer.jsonc'"),
        (b"\xff", "error[unreadable]: expected UTF-8, found byte 0xff at offset 0"),
        (b" " * 1_100_000, "error[unreadable]: expected at most 1048576 bytes, found more"),
    ],
)
def test_no_text_to_start_with(cli: CommandLine, content: bytes | None, said: str) -> None:
    if content is not None:
        TEMPLATE.write_bytes(content)
    ran = cli("preview", "--watch", str(TEMPLATE))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"usagebar: the template cannot be used\n{said}\n")
