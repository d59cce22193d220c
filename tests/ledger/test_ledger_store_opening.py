"""The ledger's file: found, made, brought up to date, refused, and done without."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import Filter
from usagebar.ledger.reading.parts import State
from usagebar.ledger.storing import opening, schema
from usagebar.ledger.storing.database import Database
from usagebar.ledger.storing.places import place_of
from usagebar.ledger.turns import TurnRecord, turn_key

ON_WINDOWS = sys.platform == "win32"
TURN = TurnRecord(turn_key("api", "1"), "api", timestamp=0, input=1, output=2)
OTHER = TurnRecord(turn_key("api", "2"), "api", timestamp=0, input=1, output=2)


def count(database: Database) -> int:
    return database.totals((), Filter())[0].totals.turns


def ledger_at(path: Path, *turns: TurnRecord) -> Path:
    with Database.open(path) as database:
        database.write(turns or [TURN])
    return path


HOME = {"HOME": "/home/me", "XDG_DATA_HOME": "/data"}


@pytest.mark.skipif(ON_WINDOWS, reason="paths are others there")
@pytest.mark.parametrize(
    ("url", "environment", "place"),
    [
        (None, HOME, "/data/usagebar/ledger.sqlite"),
        (None, HOME | {"USAGEBAR_LEDGER": " /x/y.db "}, "/x/y.db"),
        (None, HOME | {"USAGEBAR_LEDGER": ":memory:"}, ":memory:"),
        (None, HOME | {"USAGEBAR_LEDGER": "~/l.db"}, "/home/me/l.db"),
        (None, HOME | {"USAGEBAR_LEDGER": "  "}, "/data/usagebar/ledger.sqlite"),
        ("", HOME, "/data/usagebar/ledger.sqlite"),
        ("sqlite:////x/y z%20.db", HOME, "/x/y z%20.db"),
        ("sqlite://", HOME, ":memory:"),
        ("sqlite:///:memory:", HOME, ":memory:"),
        (Path("/x/sqlite:///y"), HOME, "/x/sqlite:/y"),
        (":memory:", HOME | {"USAGEBAR_LEDGER": "/x"}, ":memory:"),
    ],
)
def test_the_place(url: str | Path | None, environment: dict[str, str], place: str) -> None:
    assert place_of(url, environment) == place


@pytest.mark.parametrize("name", ["l.db", "sqlite:///l.db"])
def test_a_relative_place_is_below_the_current_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert place_of(name, {}) == os.path.join(os.getcwd(), "l.db")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="folders are others there")
@pytest.mark.parametrize("folder", [None, "", "relative"])
def test_the_folder_of_data_is_below_home(folder: str | None) -> None:
    environment = {"HOME": "/home/me"} | ({} if folder is None else {"XDG_DATA_HOME": folder})
    assert place_of(None, environment) == "/home/me/.local/share/usagebar/ledger.sqlite"


@pytest.mark.parametrize("url", ["postgresql://me:secret@host/db", "http://host/l.db", "sqlite://host/l.db"])
def test_another_kind_of_url_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(
        LedgerError, match=r"^expected a file, :memory: or sqlite:///path, found a URL of '\w+'$"
    ) as caught:
        place_of(url, {})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", [b"/x", 5, "/x\0y"])
def test_what_is_no_place_is_refused(url: object) -> None:
    with pytest.raises(LedgerError, match=r"^expected a path or a URL"):
        place_of(url, {})  # type: ignore[arg-type]


@pytest.mark.skipif(ON_WINDOWS, reason="there are no such modes there")
def test_folder_and_file_are_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "usagebar" / "ledger.sqlite"
    with Database.open(path) as database:
        database.write([TURN])
        assert (database.path, database.note) == (str(path), None)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a b?c#d%20.db", "é.db", "'; --.db"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if ON_WINDOWS and "?" in name:
        pytest.skip("no name there")
    ledger_at(path)
    assert path.stat().st_size > 0
    with Database.open(path) as database:
        assert count(database) == 1


def test_memory_has_no_path() -> None:
    with Database.open(":memory:") as database:
        assert (database.path, database.note) == (None, None)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir() if not each.is_dir()}


def foreign(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def newer(path: Path) -> None:
    ledger_at(path)
    foreign(path, "PRAGMA user_version = 99")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (
        lambda path: path.write_text("not a database, " * 20),
        "found a file that is no database; it was left as it is",
    ),
    "short": (lambda path: path.write_text("x"), "found a file that is no database; it was left as it is"),
    "plain": (lambda path: foreign(path, "CREATE TABLE t (x)"), "found the database of another application"),
    "wal": (
        lambda path: foreign(path, "PRAGMA journal_mode = WAL", "CREATE TABLE turns (x)"),
        "found the database of another application",
    ),
    "marked": (
        lambda path: foreign(path, "PRAGMA application_id = 7", "CREATE TABLE t (x)"),
        "found the database of another application",
    ),
    "folder": (lambda path: path.mkdir(), "expected the file of a usagebar ledger, found a folder"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_ledger_is_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    make, message = REFUSED[kind]
    path = tmp_path / "l.sqlite"
    make(path)
    before = snapshot(tmp_path)
    with pytest.raises(LedgerError) as caught:
        Database.open(path)
    assert str(caught.value).startswith(f"{path}: expected ")
    assert message in str(caught.value)
    assert snapshot(tmp_path) == before


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    newer(path)
    content = path.read_bytes()
    with pytest.raises(LedgerError) as caught:
        Database.open(path)
    assert str(caught.value) == (
        f"{path}: expected a ledger of version 1 or older, found version 99, which a newer usagebar has written: "
        "update usagebar, or name another file with USAGEBAR_LEDGER"
    )
    assert path.read_bytes() == content


@pytest.mark.skipif(ON_WINDOWS, reason="there are none")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LedgerError, match="found what is no file"):
        Database.open(tmp_path / "pipe")


@pytest.mark.parametrize("size", [0, 4096])
def test_a_ledger_that_was_only_begun_is_completed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "l.sqlite"
    path.touch()
    if size:
        foreign(path, f"PRAGMA application_id = {schema.APPLICATION}")
    with Database.open(path) as database:
        assert database.write([TURN]) == 1
        assert database.check() == []


def test_an_older_version_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ledger_at(tmp_path / "l.sqlite")

    def step(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE sessions ADD COLUMN mood TEXT")
        connection.execute("UPDATE meta SET value = 'migrated'")

    with Database.open(path) as database:
        database.set_meta("state", "old")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    with Database.open(path) as database:
        assert (database.meta("state"), count(database), database.check()) == ("migrated", 1, [])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    with Database.open(path) as database:
        database.set_meta("state", "not again")
    with Database.open(path) as database:
        assert database.meta("state") == "not again"
    # And the version before refuses it.
    monkeypatch.undo()
    with pytest.raises(LedgerError, match="of version 1 or older, found version 2,"):
        Database.open(path)


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ledger_at(tmp_path / "l.sqlite")

    def step(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM turns")
        raise RuntimeError("broken")

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    with pytest.raises(RuntimeError, match="broken"):
        Database.open(path)
    monkeypatch.undo()
    with Database.open(path) as database:
        assert (count(database), database.check()) == (1, [])


def read_without_storing(path: Path, reason: str) -> None:
    """Open a ledger that cannot be written: it has what the file holds, and forgets what is new."""
    content = path.read_bytes() if path.is_file() else None
    for _ in range(2):
        with Database.open(path) as database:
            held = count(database)
            assert database.note is not None
            assert database.note.startswith(f"{path} cannot be written (")
            assert database.note.endswith("): what is new is not stored")
            assert reason in database.note
            assert database.write([OTHER], states=[State("/x", 1, 1, 1)]) == 1
            assert count(database) == held + 1
            assert database.check() == []
    assert (path.read_bytes() if path.is_file() else None) == content


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that can be made one of which nothing can be written: by its mode, or to root by how it is mounted."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    if ON_WINDOWS:
        pytest.skip("modes are no help there")
    if os.geteuid() != 0:
        yield folder
        folder.chmod(0o700)
        return
    made = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def lock_up(folder: Path) -> None:
    if os.geteuid() != 0:
        for path in (*folder.iterdir(), folder):
            path.chmod(0o500 if path.is_dir() else 0o400)
    else:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)


def test_a_read_only_folder_is_read(read_only: Path) -> None:
    path = ledger_at(read_only / "l.sqlite")
    lock_up(read_only)
    read_without_storing(path, "read-only")


def test_a_read_only_folder_without_a_ledger_has_an_empty_one(read_only: Path) -> None:
    lock_up(read_only)
    read_without_storing(read_only / "l.sqlite", "read-only" if os.geteuid() == 0 else "permission denied")
    read_without_storing(read_only / "new" / "l.sqlite", "read-only" if os.geteuid() == 0 else "permission denied")


def test_a_read_only_ledger_with_a_log_beside_it_is_read(read_only: Path) -> None:
    # As a machine that went down left it: the turn is in the log alone.
    path = read_only / "l.sqlite"
    with Database.open(path) as database:
        database.write([TURN])
        copies = {each: each.read_bytes() for each in read_only.iterdir() if not each.name.endswith("-shm")}
    for each, content in copies.items():
        each.write_bytes(content)
    assert (read_only / "l.sqlite-wal").stat().st_size > 0
    lock_up(read_only)
    with Database.open(path) as database:
        assert (count(database), database.note is None) == (1, False)


def test_a_read_only_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ledger_at(tmp_path / "l.sqlite")
    # To root no file is read-only.
    monkeypatch.setattr(os, "access", lambda *_: False)
    read_without_storing(path, "it is read-only")


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    read_without_storing(tmp_path / "file" / "below" / "l.sqlite", "not a directory")


def test_a_newer_version_is_refused_where_nothing_can_be_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l.sqlite"
    newer(path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LedgerError, match="found version 99"):
        Database.open(path)


def test_a_full_disk_at_the_start_is_done_without(read_only: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("no disk of a size can be mounted")
    subprocess.run(["mount", "-o", "remount,size=8k", read_only], check=True)
    (read_only / "filler").write_bytes(b"x" * 8192)
    path = read_only / "l.sqlite"
    for _ in range(2):
        with Database.open(path) as database:
            assert database.note == f"{path} cannot be written (the disk is full): what is new is not stored"
            assert database.write([TURN]) == 1
    # And once there is room it is a ledger.
    (read_only / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", read_only], check=True)
    assert ledger_at(path).exists()


def many(start: int, number: int) -> list[TurnRecord]:
    return [
        TurnRecord(turn_key("api", str(n)), "api", project="/" + "p" * 500 + str(n), timestamp=n * 10**7, output=1)
        for n in range(start, start + number)
    ]


def fill(database: Database) -> int:
    """Write until the disk is full, and return how many turns are stored."""
    stored = 0
    try:
        while stored < 100_000:
            stored += database.write(many(stored, 100), states=[State("/file", stored, 0, 0)])
    except LedgerError as error:
        assert "nothing of this was stored: " in str(error)  # noqa: PT017 - it comes at some time
        assert "the disk is full" in str(error)  # noqa: PT017 - as above
    assert stored < 100_000
    return stored


def test_a_disk_that_gets_full_keeps_what_was_stored(read_only: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("no disk of a size can be mounted")
    subprocess.run(["mount", "-o", "remount,size=1m", read_only], check=True)
    path = read_only / "l.sqlite"
    with Database.open(path) as database:
        stored = fill(database)
        assert count(database) == stored > 0
        assert database.check() == []
        assert database.states()["/file"].size == stored - 100
        # Still full, and still there.
        with pytest.raises(LedgerError, match="the disk is full"):
            database.write(many(stored, 100))
    subprocess.run(["mount", "-o", "remount,size=16m", read_only], check=True)
    with Database.open(path) as database:
        assert count(database) == stored
        assert database.write(many(stored, 100)) == 100
        assert database.check() == []


def test_a_database_that_must_not_grow_keeps_what_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with Database.open(path) as database:
        with database._reading() as connection:
            connection.execute("PRAGMA max_page_count = 200")
        stored = fill(database)
        assert (count(database), database.check()) == (stored, [])
    with Database.open(path) as database:
        assert (count(database), database.check()) == (stored, [])
        assert database.write(many(stored, 100)) == 100


def test_a_file_that_must_not_grow_keeps_what_was_stored(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    script = textwrap.dedent(
        """
        import resource, signal, sys
        sys.path[:0] = sys.argv[2].split("|")
        from test_ledger_store_opening import Database, LedgerError, count, many
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Database.open(sys.argv[1]) as database:
            stored = 0
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
            try:
                while stored < 100_000:
                    stored += database.write(many(stored, 100))
            except LedgerError as error:
                print(error)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print(stored, count(database), database.check())
        """
    )
    assert resource.RLIMIT_FSIZE is not None
    path = tmp_path / "l.sqlite"
    found = subprocess.run(
        [sys.executable, "-c", script, str(path), "|".join(sys.path)], capture_output=True, text=True, check=False
    )
    assert found.stderr == ""
    error, counts = found.stdout.splitlines()
    assert error.startswith(f"{path}: nothing of this was stored: ")
    assert "the disk is full" in error
    stored = int(counts.split()[0])
    assert stored > 0
    assert counts == f"{stored} {stored} []"
    with Database.open(path) as database:
        assert (count(database), database.check()) == (stored, [])


def test_a_locked_ledger_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    path = ledger_at(tmp_path / "l.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Database.open(path) as database:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"nothing of this was stored: it is locked by another process$"):
            database.write([OTHER])
        # What only reads goes on, also in a zone whose days are not kept yet.
        assert count(database) == 1
        zoneinfo = pytest.importorskip("zoneinfo")
        with suppress(zoneinfo.ZoneInfoNotFoundError):
            kathmandu = Filter(zone=zoneinfo.ZoneInfo("Asia/Kathmandu"))
            assert database.totals(("day",), kathmandu)[0].values == ("1970-01-01",)
        with Database.open(path) as second:
            assert (count(second), second.note) == (1, None)
        other.execute("ROLLBACK")
        assert database.write([OTHER]) == 1


def test_a_ledger_of_another_folder_can_be_copied(tmp_path: Path) -> None:
    path = ledger_at(tmp_path / "l.sqlite")
    shutil.copy(path, tmp_path / "copy.sqlite")
    with Database.open(tmp_path / "copy.sqlite") as database:
        assert count(database) == 1
