"""`usagebar statusline --install` and `--uninstall`: the file, its backups, the question, and what is left alone."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command_line import MODULE, PLAIN, SCRIPT, CommandLine, Ran, environment, program

from usagebar.cli.installing import command as commands
from usagebar.cli.installing import files
from usagebar.cli.installing.command import status_line_command
from usagebar.cli.installing.files import replace_file

OTHER = '{\n  "env": {"TOKEN": "secret"},\n  "statusLine": {"type": "command", "command": "date"},\n  "b": 1\n}\n'
PLAIN_SETTINGS = '{\n    "model": "opus"\n}'
PATIENCE = 60.0  # seconds: until a test gives up on a busy machine

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, pipes, pseudo-terminals")


def skip_if_all_is_allowed(path: Path) -> None:
    if os.access(path, os.W_OK):
        pytest.skip("this user may read and write anything")


@pytest.fixture(autouse=True)
def claude(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the settings' path; nothing is there yet. `usagebar` is on the path."""
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.setenv("PATH", str(SCRIPT.parent), prepend=os.pathsep)
    return home / ".claude" / "settings.json"


@pytest.fixture
def run(cli: CommandLine) -> Callable[..., Ran]:
    return lambda *words: cli("statusline", *words)


Run = Callable[..., Ran]


def put(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def status_line(path: Path) -> Any:
    return json.loads(path.read_text("utf-8-sig")).get("statusLine")


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


COMMAND = status_line_command(None)
OURS = {"type": "command", "command": COMMAND, "padding": 0}

# ---------------------------------------------------------------- install


def test_no_file_and_no_folder(run: Run, claude: Path) -> None:
    ran = run("--install")
    assert (ran.code, ran.err) == (0, "")
    assert claude.read_text() == json.dumps({"statusLine": OURS}, indent=2) + "\n"
    assert names(claude) == ["settings.json"]
    assert ran.out.splitlines()[-2:] == [f"wrote {claude}", "undo it with: usagebar statusline --uninstall"]


@posix
def test_what_is_new_is_its_owners_alone(run: Run, claude: Path) -> None:
    run("--install")
    assert stat.S_IMODE(claude.stat().st_mode) == 0o600
    assert stat.S_IMODE(claude.parent.stat().st_mode) == 0o700


def test_a_file_without_a_status_line(run: Run, claude: Path) -> None:
    put(claude, PLAIN_SETTINGS)
    ran = run("--install")
    assert ran.code == 0
    assert ran.out == (
        f"{claude}:\n"
        '+    "statusLine": {\n'
        '+        "type": "command",\n'
        f'+        "command": {json.dumps(COMMAND)},\n'
        '+        "padding": 0\n'
        "+    }\n"
        f"wrote {claude}; as it was: {claude}.usagebar-backup\n"
        "undo it with: usagebar statusline --uninstall\n"
    )
    assert json.loads(claude.read_text()) == {"model": "opus", "statusLine": OURS}
    assert Path(f"{claude}.usagebar-backup").read_text() == PLAIN_SETTINGS


def test_bytes_outside_are_kept(run: Run, claude: Path) -> None:
    put(claude, b'\xef\xbb\xbf{\r\n\t"model": "\xc3\xa9\\u00e9",\t// \xe2\x80\xa8\r\n}\r\n\r\n')
    assert run("--install").code == 0
    data = claude.read_bytes()
    assert data.startswith(b'\xef\xbb\xbf{\r\n\t"model": "\xc3\xa9\\u00e9",\t// \xe2\x80\xa8\r\n\t"statusLine": {\r\n')
    assert data.endswith(b"\r\n\t},\r\n}\r\n\r\n")
    assert b"\r\r" not in data
    assert run("--uninstall").code == 0
    assert claude.read_bytes() == Path(f"{claude}.usagebar-backup").read_bytes()


def test_again_changes_nothing(run: Run, claude: Path) -> None:
    put(claude, PLAIN_SETTINGS)
    run("--install")
    before = claude.read_bytes(), claude.stat()
    assert run("--install") == Ran(0, f"{claude} has this status line already\n", "")
    assert (claude.read_bytes(), claude.stat()) == before
    assert len(names(claude)) == 2


def test_another_one_is_not_replaced_unasked(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    ran = run("--install")
    assert ran.code == 2
    assert '-  "statusLine": {"type": "command", "command": "date"}\n' in ran.out
    assert "secret" not in ran.out
    assert ran.err == (
        "usagebar statusline: expected --yes to replace another status line, "
        "found no terminal to ask at; nothing changed\n"
    )
    assert claude.read_text() == OTHER
    assert names(claude) == ["settings.json"]


def test_another_one_is_replaced_with_yes(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    assert run("--install", "--yes").code == 0
    assert claude.read_text() == OTHER.replace('"date"', f'{json.dumps(COMMAND)}, "padding": 0')
    assert run("--uninstall") == Ran(
        0,
        f"{claude}:\n"
        f'-  "statusLine": {json.dumps(OURS)}\n'
        '+  "statusLine": {"type": "command", "command": "date"}\n'
        f"wrote {claude}; put the old status line back\n"
        f"the backup stays: {claude}.usagebar-backup\n",
        "",
    )
    assert claude.read_text() == OTHER


def test_null_is_no_other_status_line(run: Run, claude: Path) -> None:
    put(claude, '{"statusLine": null}')
    assert run("--install").code == 0
    assert run("--uninstall").out.count("removed the status line") == 1
    assert claude.read_text() == '{"statusLine": null}'


def test_ours_gets_another_template_unasked(run: Run, claude: Path) -> None:
    put(claude, '{"a": 1, "statusLine": {"type": "command", "command": "date"}}')
    put(Path("my footer.jsonc"), PLAIN)
    run("--install", "--yes")
    before = claude.read_text()
    ran = run("--install", "--template", "my footer.jsonc")
    assert (ran.code, ran.err) == (0, "")
    command = f"{COMMAND} --template {shlex.quote(str(Path('my footer.jsonc').resolve()))}"
    assert claude.read_text() == before.replace(json.dumps(COMMAND), json.dumps(command))
    assert names(claude) == ["settings.json", "settings.json.usagebar-backup"]
    assert "wrote" in ran.out
    assert "as it was" not in ran.out
    assert run("--install").out == f"{claude} has this status line already\n"  # the template stays
    run("--uninstall")
    assert status_line(claude) == {"type": "command", "command": "date"}


# Lines that run this program and that no `--install` writes where there was none: other members stay, with a backup.
EDITED: list[dict[str, Any]] = [
    {"type": "command", "command": "usagebar statusline", "padding": 4},
    {"type": "command", "command": "usagebar statusline", "padding": 0, "refreshInterval": 5},
    {"command": "usagebar statusline", "padding": 0},
    {"padding": 2, "type": "text", "command": "/old/bin/usagebar statusline --debug"},
    {"type": "command", "command": "usagebar statusline --template=$HOME/footer.jsonc"},
    {"type": "command", "command": "python3 -m usagebar statusline --template '~/my footer.jsonc' --debug"},
]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("line", EDITED, ids=range(len(EDITED)))
def test_a_line_of_ours_that_was_edited(run: Run, claude: Path, line: dict[str, Any], indent: int | None) -> None:
    text = json.dumps({"statusLine": line, "b": 1}, indent=indent)
    put(claude, text)
    ran = run("--install")
    assert (ran.code, ran.err) == (0, "")
    rest = line["command"].partition(" statusline")[2]
    assert json.loads(claude.read_text()) == {
        "statusLine": line | {"type": "command", "command": COMMAND + rest},
        "b": 1,
    }
    assert Path(f"{claude}.usagebar-backup").read_text() == text
    assert (f"the command keeps what it had:{rest}\n" in ran.out) == bool(rest)
    assert run("--install").out == f"{claude} has this status line already\n"


def test_the_template_of_a_line_of_ours_gives_way_to_another(run: Run, claude: Path) -> None:
    put(claude, json.dumps({"statusLine": {"command": "usagebar statusline --debug --template old.jsonc"}}))
    put(Path("new.jsonc"), PLAIN)
    ran = run("--install", "--template", "new.jsonc")
    assert "keeps what" not in ran.out
    assert status_line(claude)["command"] == f"{COMMAND} --template {Path('new.jsonc').resolve()}"
    assert names(claude) == ["settings.json", "settings.json.usagebar-backup"]


def test_an_old_backup_is_not_put_back_for_a_line_that_nobody_installed(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    run("--install", "--yes")
    run("--uninstall")
    for line in ({"command": "usagebar statusline"}, {"type": "command", "command": "usagebar statusline --debug"}):
        put(claude, json.dumps({"statusLine": line, "b": 2}))
        ran = run("--uninstall")
        assert ran.out.endswith("removed the status line\n--install did not put it there, and so no older one back\n")
        assert json.loads(claude.read_text()) == {"b": 2}
        put(claude, json.dumps({"statusLine": line, "b": 2}))
        run("--install")
        claude.write_text(claude.read_text().replace('"b": 2', '"b": 3'))
        assert run("--uninstall").out.count("removed the status line") == 1
        assert json.loads(claude.read_text()) == {"b": 3}


def test_padding_that_was_edited_since_keeps_the_way_back(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    put(Path("new.jsonc"), PLAIN)
    run("--install", "--yes")
    claude.write_text(claude.read_text().replace('"padding": 0', '"padding": 3'))
    run("--install", "--template", "new.jsonc")
    assert len(names(claude)) == 3
    run("--uninstall")
    assert status_line(claude) == {"type": "command", "command": "date"}


@pytest.mark.parametrize("room", [0, 60])
def test_what_could_not_be_read_again_is_not_written(run: Run, claude: Path, room: int) -> None:
    text = json.dumps({"a": "x" * (1024 * 1024 - 9 - room)})
    put(claude, text)
    ran = run("--install")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        f"usagebar statusline: cannot write {claude}: expected at most 1048576 bytes, found 10486"
    )
    assert claude.read_text() == text
    assert names(claude) == ["settings.json"]


def test_where_the_settings_are(run: Run, claude: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    assert run("--install").code == 0
    assert status_line(tmp_path / "config" / "settings.json") == OURS
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "")
    assert run("--install").code == 0
    assert status_line(claude) == OURS
    ran = run("--install", "--settings", "my project/.claude/settings.json")
    assert status_line(Path("my project/.claude/settings.json")) == OURS
    assert ran.out.endswith("--uninstall --settings 'my project/.claude/settings.json'\n")
    assert run("--install", "--settings", "~/x.json").code == 0
    assert status_line(claude.parents[1] / "x.json") == OURS


# ---------------------------------------------------------------- uninstall


def test_uninstall_keeps_edits_made_since(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    run("--install", "--yes")
    claude.write_text(claude.read_text().replace('"b": 1', '"b": 2, "c": []'))
    assert run("--uninstall").code == 0
    assert claude.read_text() == OTHER.replace('"b": 1', '"b": 2, "c": []')


def test_uninstall_where_none_was_before(run: Run, claude: Path) -> None:
    put(claude, PLAIN_SETTINGS)
    run("--install")
    ran = run("--uninstall")
    assert ran.out.endswith(f"wrote {claude}; removed the status line\nthe backup stays: {claude}.usagebar-backup\n")
    assert claude.read_text() == PLAIN_SETTINGS


def test_uninstall_where_no_file_was_before(run: Run, claude: Path) -> None:
    run("--install")
    ran = run("--uninstall")
    assert ran.out.endswith("removed the status line\nfound no backup to put an older one back\n")
    assert claude.read_text() == "{}\n"


def test_uninstall_without_its_backup(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    run("--install", "--yes")
    os.unlink(f"{claude}.usagebar-backup")
    ran = run("--uninstall")
    assert ran.code == 0
    assert ran.out.endswith("removed the status line\nfound no backup to put an older one back\n")
    assert claude.read_text() == '{\n  "env": {"TOKEN": "secret"},\n  "b": 1\n}\n'


@pytest.mark.parametrize(("text", "found"), [(OTHER, "another status line"), (PLAIN_SETTINGS, "no status line")])
def test_uninstall_of_what_is_not_ours(run: Run, claude: Path, text: str, found: str) -> None:
    put(claude, text)
    assert run("--uninstall") == Ran(0, f"{claude} has {found}; nothing changed\n", "")
    assert claude.read_text() == text


def test_uninstall_of_nothing(run: Run, claude: Path) -> None:
    assert run("--uninstall") == Ran(0, f"there is no {claude}, and so no status line in it\n", "")
    assert not claude.parent.exists()


def test_the_newest_backup_counts(run: Run, claude: Path) -> None:
    for command in ("a", "b", "c"):
        put(claude, json.dumps({"statusLine": {"type": "command", "command": command}}))
        assert run("--install", "--yes").code == 0
    backup = f"{claude.name}.usagebar-backup"
    assert names(claude) == [claude.name, backup, f"{backup}-2", f"{backup}-3"]
    run("--uninstall")
    assert status_line(claude)["command"] == "c"
    ours = json.dumps({"statusLine": OURS | {"padding": 1}})
    claude.write_text(ours)
    for number in range(4, 11):
        claude.with_name(f"{backup}-{number}").write_text(ours)
    claude.with_name(f"{backup}-x").write_text('{"statusLine": {"command": "x"}}')
    run("--uninstall")
    assert status_line(claude)["command"] == "c"
    run("--install", "--yes")
    assert f"{backup}-11" in names(claude)


def test_backups_are_never_overwritten(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    mine = claude.with_name("settings.json.usagebar-backup")
    mine.write_text('{"mine": 1}')
    assert run("--install", "--yes").code == 0
    assert mine.read_text() == '{"mine": 1}'
    assert claude.with_name("settings.json.usagebar-backup-2").read_text() == OTHER


def test_a_backup_that_appears_meanwhile_is_left(run: Run, claude: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(claude, OTHER)
    backup = claude.with_name("settings.json.usagebar-backup")
    backup.write_text("another program's")
    monkeypatch.setattr(os, "listdir", lambda _: [])
    ran = run("--install", "--yes")
    assert (ran.code, ran.err) == (2, f"usagebar statusline: cannot write {claude}: file exists\n")
    assert (claude.read_text(), backup.read_text()) == (OTHER, "another program's")


def test_the_same_bytes_are_kept_once(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    for _ in range(3):
        run("--install", "--yes")
        run("--uninstall")
    assert names(claude) == ["settings.json", "settings.json.usagebar-backup"]


def test_a_backup_from_before_the_file_was_deleted_is_not_put_back(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    run("--install", "--yes")
    claude.unlink()
    run("--install")
    assert run("--uninstall").out.count("removed the status line") == 1
    assert claude.read_text() == "{}\n"


def test_nothing_is_there_and_a_backup_says_so_again(run: Run, claude: Path) -> None:
    put(claude.with_name("settings.json.usagebar-backup"), b"")
    run("--install")
    assert names(claude) == ["settings.json", "settings.json.usagebar-backup"]


def test_an_unreadable_backup_is_left_and_another_made(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    claude.with_name("settings.json.usagebar-backup").mkdir()
    assert run("--install", "--yes").code == 0
    assert claude.with_name("settings.json.usagebar-backup-2").read_text() == OTHER


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", None])
def test_a_backup_that_cannot_be_read(run: Run, claude: Path, content: bytes | None) -> None:
    put(claude, OTHER)
    run("--install", "--yes")
    before = claude.read_bytes()
    backup = claude.with_name("settings.json.usagebar-backup-2")
    backup.mkdir() if content is None else backup.write_bytes(content)
    ran = run("--uninstall")
    assert (ran.code, ran.out) == (2, "")
    assert str(backup) in ran.err
    assert ran.err.endswith("nothing changed\nhelp: move the backup away to remove the status line without it\n")
    assert claude.read_bytes() == before


# ---------------------------------------------------------------- what is left alone


BROKEN = {
    "syntax": (b'{"a": 1,\n "b" 2}', ":2:6: expected ':' after the key, found `2`; the file was left alone"),
    "behind a mark": (b'\xef\xbb\xbf{"a" 1}', ":1:6: expected ':' after the key, found `1`; the file was left alone"),
    "an array": (b" []", ":1:2: expected an object at the top level, found an array; the file was left alone"),
    "empty": (b"", ":1:1: expected a value, found the end of the text; the file was left alone"),
    "not UTF-8": (b'{"\xff": 1}', ": expected UTF-8, found byte 0xff at offset 2"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), ": expected UTF-8, found byte 0xff at offset 0"),
    "too long": (b" " * (1 << 20) + b"{}", ": expected at most 1048576 bytes, found more"),
}


@pytest.mark.parametrize("act", ["--install", "--uninstall"])
@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read(run: Run, claude: Path, act: str, data: bytes, message: str) -> None:
    put(claude, data)
    ran = run(act, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar statusline: ")
    assert ran.err.endswith(f"{claude}{message}\n")
    assert claude.read_bytes() == data
    assert names(claude) == ["settings.json"]


@posix
@pytest.mark.parametrize("act", ["--install", "--uninstall"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "below a file"])
def test_what_is_no_file(run: Run, claude: Path, act: str, kind: str) -> None:
    claude.parent.parent.mkdir(exist_ok=True)
    if kind == "below a file":
        claude.parent.write_text("{}")
    else:
        claude.parent.mkdir()
    if kind == "folder":
        claude.mkdir()
    elif kind == "pipe":
        os.mkfifo(claude)
    elif kind == "link to nothing":
        claude.symlink_to("elsewhere")
    ran = run(act, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "found" in ran.err
    if kind == "link to nothing":
        assert names(claude) == ["settings.json"]


@posix
def test_a_file_that_may_not_be_read(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    claude.chmod(0)
    skip_if_all_is_allowed(claude)
    ran = run("--install", "--yes")
    assert (ran.code, ran.err.endswith("found: permission denied\n")) == (2, True)


@posix
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_may_not_be_written(run: Run, claude: Path, which: str) -> None:
    put(claude, OTHER)
    claude.chmod(0o444) if which == "file" else claude.parent.chmod(0o500)
    try:
        skip_if_all_is_allowed(claude if which == "file" else claude.parent)
        ran = run("--install", "--yes")
        assert (ran.code, ran.err) == (2, f"usagebar statusline: cannot write {claude}: permission denied\n")
        assert claude.read_text() == OTHER
        assert names(claude) == ["settings.json"]
    finally:
        claude.parent.chmod(0o700)


@posix
def test_a_folder_that_may_not_be_listed(run: Run, claude: Path) -> None:
    put(claude, OTHER)
    claude.parent.chmod(0o300)
    try:
        if os.access(claude.parent, os.R_OK):
            pytest.skip("this user may read and write anything")
        ran = run("--install", "--yes")
        assert (ran.code, ran.err) == (2, f"usagebar statusline: cannot list {claude.parent}: permission denied\n")
        assert claude.read_text() == OTHER
    finally:
        claude.parent.chmod(0o700)
    assert names(claude) == ["settings.json"]


def fails(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("call", "kept"), [("fsync", False), ("replace", True), ("chmod", False), ("makedirs", False)])
def test_a_failure_leaves_everything_as_it_was(
    run: Run, claude: Path, call: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(claude, OTHER)
    monkeypatch.setattr(os, call, fails)
    ran = run("--install", "--yes")
    assert (ran.code, ran.err) == (2, f"usagebar statusline: cannot write {claude}: no space left on device\n")
    assert claude.read_text() == OTHER
    assert names(claude) == ["settings.json", *["settings.json.usagebar-backup"] * kept]
    monkeypatch.undo()


@pytest.mark.parametrize("written", [0, 5, len(OTHER)])
def test_a_backup_that_cannot_be_made(run: Run, claude: Path, written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a backup that failed nothing stays, but for one that is whole: another process may rely on that."""
    put(claude, OTHER)
    fsync, calls = os.fsync, []

    def second_fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            os.truncate(descriptor, written)
            fails()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", second_fails)
    assert run("--install", "--yes").code == 2
    assert len(calls) == 2
    assert claude.read_text() == OTHER
    assert names(claude) == ["settings.json", *["settings.json.usagebar-backup"] * (written == len(OTHER))]


def test_interrupted_leaves_everything_as_it_was(run: Run, claude: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    put(claude, OTHER)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupt)
        assert run("--install", "--yes").code == 130
    assert claude.read_text() == OTHER
    backup = claude.with_name("settings.json.usagebar-backup")
    assert backup.read_text() == OTHER
    assert run("--install", "--yes").code == 0
    assert names(claude) == [claude.name, backup.name]  # it is not made twice


def test_a_backup_that_another_process_relies_on_is_not_deleted(
    run: Run, claude: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process has made its backup; before it goes on, another one installs with that very backup."""
    put(claude, OTHER)
    others: list[Ran] = []

    def another(file: Any, *given: Any, **named: Any) -> Any:
        make = files._backup

        def made(*words: Any) -> Any:
            backup = make(*words)
            others.append(program("statusline", "--install", "--yes"))
            return backup

        with monkeypatch.context() as patch:
            patch.setattr(files, "_backup", made)
            return replace_file(file, *given, **named)

    monkeypatch.setattr("usagebar.cli.settings.replace_file", another)
    ran = run("--install", "--yes")
    assert (ran.code, [other.code for other in others]) == (2, [0])
    assert "was changed by another program meanwhile" in ran.err
    assert status_line(claude) == OURS
    assert claude.with_name("settings.json.usagebar-backup").read_text() == OTHER
    assert run("--uninstall").code == 0
    assert claude.read_text() == OTHER


def test_several_at_once(claude: Path) -> None:
    for _ in range(4):
        put(claude, OTHER)
        call = [*MODULE, "statusline", "--install", "--yes"]
        started = [
            subprocess.Popen(call, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
        ]
        for process in started:
            _, err = process.communicate(timeout=PATIENCE)
            assert process.returncode in (0, 2), err
        assert status_line(claude) == OURS
        assert program("statusline", "--uninstall").code == 0
        assert claude.read_text() == OTHER


@pytest.mark.parametrize("there", [True, False])
def test_a_change_by_another_program(run: Run, claude: Path, there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    put(claude, OTHER)
    if not there:
        claude.unlink()
    mkstemp: Any = tempfile.mkstemp

    def meanwhile(**named: Any) -> Any:
        claude.write_text('{"other": "program"}')
        return mkstemp(**named)

    monkeypatch.setattr(tempfile, "mkstemp", meanwhile)
    ran = run("--install", "--yes")
    assert ran.code == 2
    assert ran.err == f"usagebar statusline: {claude} was changed by another program meanwhile; run this again\n"
    assert claude.read_text() == '{"other": "program"}'
    kept = claude.with_name("settings.json.usagebar-backup")
    assert names(claude) == [claude.name, *[kept.name] * there]
    assert not there or kept.read_text() == OTHER


@posix
def test_the_owner_stays(run: Run, claude: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(claude, OTHER)
    real: Any = os.stat
    given = []

    def of_another(path: Any, **more: Any) -> Any:
        found = real(path, **more)
        if str(path) != str(claude):
            return found
        fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        return SimpleNamespace(**fields | {"st_uid": 12345, "st_gid": 54321})

    monkeypatch.setattr(os, "stat", of_another)
    monkeypatch.setattr(os, "chown", lambda path, user, group: given.append((user, group)))
    assert run("--install", "--yes").code == 0
    assert given == [(12345, 54321)] * 2  # the settings' and the backup's


@posix
def test_links_and_modes_stay(run: Run, claude: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "claude.json"
    put(target, OTHER)
    target.chmod(0o640)
    claude.parent.mkdir()
    claude.symlink_to(target)
    assert run("--install", "--yes").code == 0
    assert claude.is_symlink()
    assert Path(os.readlink(claude)) == target
    assert status_line(target) == OURS
    backup = claude.with_name("settings.json.usagebar-backup")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (target, backup)] == [0o640, 0o640]
    assert names(target) == ["claude.json"]
    assert run("--uninstall").code == 0
    assert (claude.is_symlink(), target.read_text(), stat.S_IMODE(target.stat().st_mode)) == (True, OTHER, 0o640)


WORDS = {
    ("--install", "--uninstall"): "expected one of --install and --uninstall, found both",
    ("--uninstall", "--template", "t"): "expected no --template with --uninstall, found one",
    ("--install", "--settings="): "expected a path behind --settings, found an empty one",
    ("--install", "--settings", "a\0b"): "cannot read a␀b: expected a path, found one that no file can have",
    ("--install", "--template", PLAIN): "expected the path of a template behind --template, found its text",
    ("--install", "--template", " "): "expected the path of a template behind --template, found none",
}


@pytest.mark.parametrize(("words", "message"), WORDS.items(), ids=range(len(WORDS)))
def test_words_that_do_not_go_together(run: Run, claude: Path, words: tuple[str, ...], message: str) -> None:
    assert run(*words) == Ran(2, "", f"usagebar statusline: {message}\n")
    assert not claude.exists()


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_template_that_cannot_be_used(run: Run, claude: Path, content: str | None) -> None:
    put(claude, OTHER)
    if content is not None:
        Path("footer.jsonc").write_text(content)
    ran = run("--install", "--yes", "--template", "footer.jsonc")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar: the template named by --template cannot be used\nerror[")
    assert ran.err.endswith("usagebar statusline: nothing was changed: the status line would have no template\n")
    assert claude.read_text() == OTHER


def test_a_template_that_loses_a_part(run: Run, claude: Path) -> None:
    Path("footer.jsonc").write_text('{"output": {"default": [{"text": "x"}, {"text": 5}]}}')
    ran = run("--install", "--template", "footer.jsonc")
    assert ran.code == 0
    assert ran.err.startswith("usagebar: the template named by --template loses some of its parts\n")
    assert status_line(claude)["command"].endswith("footer.jsonc")


@posix
def test_a_template_whose_name_no_settings_can_hold(run: Run, claude: Path) -> None:
    try:
        Path(os.fsdecode(b"\xff.jsonc")).write_text(PLAIN)
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    ran = run("--install", "--template", os.fsdecode(b"\xff.jsonc"))
    assert ran.code == 2
    assert "expected a path in UTF-8" in ran.err
    assert not claude.exists()


# ---------------------------------------------------------------- the command


@posix
def test_the_name_if_every_shell_finds_this_installation_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "FOLDERS", ("/nowhere", str(SCRIPT.parent)))
    assert status_line_command(None) == "usagebar statusline"
    assert status_line_command("/a b/c.jsonc") == "usagebar statusline --template '/a b/c.jsonc'"
    assert status_line_command(None, " --debug") == "usagebar statusline --debug"
    foreign = tmp_path / "foreign" / "usagebar"
    put(foreign, "#!/bin/sh\n")
    foreign.chmod(0o755)
    monkeypatch.setenv("PATH", str(foreign.parent), prepend=os.pathsep)  # here it is another one
    assert status_line_command(None) == f"{shlex.quote(str(SCRIPT))} statusline"
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(commands, "FOLDERS", (str(foreign.parent), str(SCRIPT.parent)))
    assert status_line_command(None) == f"{shlex.quote(str(SCRIPT))} statusline"


@posix
def test_the_path_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "FOLDERS", ("/nowhere",))
    expected = f"{shlex.quote(str(SCRIPT))} statusline"
    assert status_line_command(None) == expected  # though this shell finds it
    monkeypatch.setenv("PATH", "/usr/bin")
    assert status_line_command(None) == expected
    monkeypatch.chdir(SCRIPT.parents[1])
    for path in ("bin", ".", ""):
        monkeypatch.setenv("PATH", path)
        assert status_line_command(None) == expected


@posix
def test_a_link_to_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "my bin" / "usagebar"
    link.parent.mkdir()
    link.symlink_to(SCRIPT)
    monkeypatch.setattr(sys, "argv", [str(link)])
    monkeypatch.setenv("PATH", "/usr/bin")
    assert status_line_command(None) == f"'{link}' statusline"
    monkeypatch.setenv("PATH", str(link.parent))
    assert status_line_command(None) == f"'{link}' statusline"
    monkeypatch.setattr(commands, "FOLDERS", (str(link.parent),))
    assert status_line_command(None) == "usagebar statusline"


@posix
def test_python_if_there_is_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    command = status_line_command(None)
    assert command == f"{shlex.quote(sys.executable)} -P -m usagebar statusline"
    [python, *options] = shlex.split(command)[:-1]
    done = subprocess.run([python, *options, "--version"], capture_output=True, env=environment(), check=True)
    assert done.stdout.startswith(b"usagebar ")


@pytest.mark.parametrize("name", ["a.jsonc", 'it\'s $HOME `x` "y" \\z; rm -rf.jsonc', "é 模型\n.jsonc"])
@posix
def test_a_shell_reads_the_path_of_a_template(name: str) -> None:
    command = status_line_command(f"/folder/{name}").replace(COMMAND, "printf '%s|' statusline", 1)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
    assert done.stdout.decode() == f"statusline|--template|/folder/{name}|"


# ---------------------------------------------------------------- as a program, and at a terminal


def test_as_a_program(claude: Path) -> None:
    put(claude, OTHER)
    refused = program("statusline", "--install", stdin="y\n")
    assert (refused.code, claude.read_text()) == (2, OTHER)
    assert "--yes" in refused.err
    assert program("statusline", "--install", "--yes").code == 0
    assert status_line(claude) == OURS
    assert program("statusline", "--uninstall").code == 0
    assert claude.read_text() == OTHER


def at_terminal(words: list[str], typed: bytes, sent: int = 0, **env: str) -> tuple[int, str]:
    """Run at a pseudo-terminal; at the question type, and send a signal. Return the exit code and what was shown."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, "statusline", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(TERM="xterm-256color", **env),
    )
    os.close(slave)
    os.set_blocking(master, False)
    output, end, asked = b"", time.monotonic() + PATIENCE, False
    try:
        while process.poll() is None:
            assert time.monotonic() < end, output
            output += read_all(master)
            if output.endswith(b"[y/N] ") and not asked:
                asked = True
                os.write(master, typed)
                if sent:
                    process.send_signal(sent)
            time.sleep(0.01)
        output += read_all(master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return process.returncode, output.decode("utf-8", "replace").replace("\r\n", "\n")


def read_all(descriptor: int) -> bytes:
    found = b""
    with suppress(OSError):  # nothing yet, or the program has ended
        while data := os.read(descriptor, 65536):
            found += data
    return found


@posix
@pytest.mark.parametrize("typed", [b"y\n", b"YES\n", b" yes \n"])
def test_asked_and_answered_yes(claude: Path, typed: bytes) -> None:
    put(claude, OTHER)
    code, output = at_terminal(["--install"], typed, NO_COLOR="1")
    assert code == 0
    assert status_line(claude) == OURS
    assert output.index('-  "statusLine"') < output.index("replace it? [y/N] ") < output.index("wrote ")


@posix
@pytest.mark.parametrize("typed", [b"\n", b"n\n", b"yep\n", b"\x04", b"\xff\n"])
def test_asked_and_not_answered_yes(claude: Path, typed: bytes) -> None:
    put(claude, OTHER)
    code, output = at_terminal(["--install"], typed)
    assert code == 2
    assert output.endswith("nothing changed\n")
    assert claude.read_text() == OTHER
    assert names(claude) == ["settings.json"]


@posix
def test_interrupted_at_the_question(claude: Path) -> None:
    put(claude, OTHER)
    code, output = at_terminal(["--install"], b"", signal.SIGINT)
    assert code == 130
    assert output.endswith("[y/N] \n")
    assert claude.read_text() == OTHER


@posix
def test_colours_and_no_question_at_a_terminal(claude: Path) -> None:
    put(claude, OTHER)
    code, output = at_terminal(["--install", "--yes"], b"")
    assert code == 0
    assert "[y/N]" not in output
    assert '\x1b[31m-  "statusLine": {"type": "command", "command": "date"}\x1b[0m\n' in output
    assert '\x1b[32m+  "statusLine": {' in output


@posix
def test_what_a_terminal_would_obey_is_shown(claude: Path) -> None:
    put(claude, '{"statusLine": {"command": "a\x7f\u202e"}}')
    code, output = at_terminal(["--install", "--yes"], b"", NO_COLOR="1")
    assert code == 0
    assert '"a␡<U+202E>"' in output
    assert not set("\x7f\u202e\x1b") & set(output)


def test_the_program_is_found_in_these_tests() -> None:
    assert shutil.which("usagebar") == str(SCRIPT)
