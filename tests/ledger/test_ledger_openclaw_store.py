"""OpenClaw's database: growing, rotated, locked, damaged, read-only, with parts missing, and made to do harm."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from openclaw_data import (
    Ledger,
    corpus_totals,
    database_of,
    event_row,
    insert,
    let_in,
    lines_of,
    sessions_of,
    source_of,
    write_store,
)

from usagebar.ledger.reading.openclaw import database as openclaw_database
from usagebar.ledger.reading.openclaw.store import read_openclaw_store
from usagebar.ledger.reading.parts import Source

EVENTS = "CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, PRIMARY KEY (session_id, seq))"
SHAPES = {
    "keyed": EVENTS,
    "without row numbers": EVENTS + " WITHOUT ROWID",
    "without an index": EVENTS.replace(", PRIMARY KEY (session_id, seq)", ""),
    "of any type": "CREATE TABLE Transcript_Events (session_id, seq, EVENT_JSON, PRIMARY KEY (session_id, seq))",
}


def answer(name: str, tokens: int = 1, **message: object) -> dict[str, Any]:
    said = {"role": "assistant", "model": "m", "usage": {"input": tokens, "output": 0, "cost": {"total": 0.5}}}
    return {"type": "message", "id": name, "message": said | message}


def add(path: Path, *rows: tuple[object, object, object], shape: str = EVENTS) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            connection.execute(shape)
        stored = ((*row[:2], json.dumps(row[2]) if isinstance(row[2], dict) else row[2]) for row in rows)
        connection.executemany("INSERT INTO transcript_events (session_id, seq, event_json) VALUES (?, ?, ?)", stored)
    return path


def run(path: Path, *commands: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for command in commands:
            connection.execute(command)


def source(path: Path) -> Source:
    return source_of(path, "openclaw-sqlite")


def read(path: Path, ledger: Ledger | None = None) -> Ledger:
    return (ledger or Ledger()).read([source(path)])


def inputs(ledger: Ledger) -> list[int]:
    return sorted(turn.input or 0 for turn in ledger.turns.values())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openclaw-agent.sqlite"


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_database_grows(path: Path, shape: str) -> None:
    add(path, ("s", 0, {"type": "session", "id": "other", "cwd": "/w"}), ("s", 1, answer("a", 1)), shape=shape)
    ledger = read(path)
    assert inputs(ledger) == [1]
    add(path, ("s", 5, answer("b", 2)), ("t", 0, answer("a", 3)))
    assert inputs(read(path, ledger)) == [1, 2, 3]
    assert {(turn.session_id, turn.project) for turn in ledger.turns.values()} == {("s", "/w"), ("t", None)}


def test_nothing_is_read_that_was_read(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)), ("t", 0, answer("a", 2)))
    ledger = read(path)
    assert list(read_openclaw_store(source(path), ledger.states[str(path)])) == []
    add(path, ("t", 1, answer("b", 3)))
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [3]


def test_what_only_the_log_has(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)))
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        ledger = read(path)
        stamp = path.stat()
        with writer:
            writer.execute("INSERT INTO transcript_events VALUES ('s', 1, ?)", (json.dumps(answer("b", 2)),))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (stamp.st_size, stamp.st_mtime_ns)
        assert inputs(read(path, ledger)) == [1, 2]
        assert list(read_openclaw_store(source(path), ledger.states[str(path)])) == []


def test_the_model_chosen_before(path: Path) -> None:
    nameless = answer("a")
    del nameless["message"]["model"]
    add(path, ("s", 0, {"type": "model_change", "provider": "p", "modelId": "n"}))
    ledger = read(path)
    add(path, ("s", 1, nameless))
    (turn,) = read(path, ledger).turns.values()
    assert (turn.provider, turn.model) == ("p", "n")


def test_small_parts_end_as_one_does(path: Path) -> None:
    add(path, *((f"s{number % 3}", number, answer(f"a{number}", number)) for number in range(60)))
    ((whole,), parts) = (list(read_openclaw_store(source(path), None, part_turns=most)) for most in (10**6, 7))
    assert len(parts) > 8
    assert [turn for part in parts for turn in part.turns] == whole.turns
    assert parts[-1].state == whole.state
    for index, before in enumerate(parts[:-1]):
        rest = [turn for part in read_openclaw_store(source(path), before.state) for turn in part.turns]
        assert rest == [turn for part in parts[index + 1 :] for turn in part.turns]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_session_begins_anew(path: Path, shape: str) -> None:
    add(path, *(("s", number, answer(f"a{number}", number)) for number in range(5)), shape=shape)
    ledger = read(path)
    run(path, "DELETE FROM transcript_events")
    add(path, ("s", 0, answer("x", 10)), ("s", 1, answer("y", 11)))
    assert inputs(read(path, ledger)) == [0, 1, 2, 3, 4, 10, 11]
    run(path, "DELETE FROM transcript_events")
    add(path, *(("s", number, answer(f"z{number}", 20 + number)) for number in range(3)))
    assert inputs(read(path, ledger)) == [0, 1, 2, 3, 4, 10, 11, 20, 21, 22]


def test_another_database_of_the_same_name(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)), ("s", 1, answer("b", 2)))
    ledger = read(path)
    path.rename(path.with_suffix(".old"))
    add(path, ("s", 0, answer("a", 1)), ("s", 1, answer("c", 3)))
    assert inputs(read(path, ledger)) == [1, 2, 3]


@pytest.mark.parametrize("missing", ["session_nodes", "session_windows", "session_transcript_archives"])
def test_other_tables_may_be_missing(tmp_path: Path, missing: str) -> None:
    write_store(tmp_path)
    run(database_of(tmp_path), f"DROP TABLE {missing}")
    ledger = Ledger().run(tmp_path)
    less = {"turns": 7, "input": 222} if "archives" in missing else {"turns": 9, "input": 312}
    assert ledger.totals() == ledger.totals() | less
    assert ledger.unread == []


@pytest.mark.parametrize("column", ["channel", "model", "model_provider", "display_name", "session_key", "session_id"])
def test_columns_of_windows_may_be_missing(tmp_path: Path, column: str) -> None:
    write_store(tmp_path)
    kept = {"session_id", "session_key", "channel", "model_provider", "model", "display_name"} - {column}
    run(
        database_of(tmp_path),
        f"CREATE TABLE kept AS SELECT {', '.join(kept)} FROM session_windows",
        "DROP TABLE session_windows",
        "ALTER TABLE kept RENAME TO session_windows",
    )
    assert Ledger().run(tmp_path).totals() == corpus_totals("store")


def test_a_database_without_sessions(path: Path) -> None:
    path.touch()
    assert (read(path).turns, read(path).unread) == ({}, [])
    run(path, "CREATE TABLE auth_profile_store (x)")
    assert (read(path).turns, read(path).unread) == ({}, [])


@pytest.mark.parametrize("column", ["session_id", "seq", "event_json"])
def test_a_table_of_events_without_what_is_needed(path: Path, column: str) -> None:
    columns = [name for name in ("session_id", "seq", "event_json") if name != column]
    run(path, f"CREATE TABLE transcript_events ({', '.join(columns)})")
    assert read(path).unread == [f"{path}: expected a column {column} in transcript_events, found none"]


def test_cells_of_all_kinds(path: Path) -> None:
    good = answer("a", 1)
    rows: Iterable[tuple[object, object, object]] = (
        ("s", 0, json.dumps(answer("b", 2)).encode()),
        ("s", 1, None),
        ("s", 2, 5),
        ("s", 3, "{"),
        ("s", 4, b"\xff"),
        ("s", "text", answer("c", 3)),
        ("s", None, answer("d", 4)),
        ("s", 5.5, answer("e", 5)),
        ("s", 6, good),
        (None, 0, answer("f", 6)),
        (5, 0, answer("g", 7)),
        (b"s", 0, answer("h", 8)),
        ("", 0, answer("i", 9)),
    )
    add(path, *rows, shape=SHAPES["of any type"])
    ledger = read(path)
    assert inputs(ledger) == [1, 2, 3, 5, 7]
    assert (ledger.problems, ledger.unread) == ({"bad line": 2}, [])
    assert inputs(read(path, ledger)) == [1, 2, 3, 5, 7]


def test_a_session_whose_id_is_no_utf8(path: Path) -> None:
    add(path, shape=EVENTS)
    line = json.dumps(answer("a", 1))
    run(path, f"INSERT INTO transcript_events VALUES (CAST(x'ff41' AS TEXT), 0, '{line}')")
    (turn,) = read(path).turns.values()
    assert turn.session_id == "\ufffdA"


@pytest.mark.parametrize("shape", ["keyed", "without row numbers", "without an index"])
def test_cells_that_are_too_long_to_be_taken(path: Path, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    monkeypatch.setattr(openclaw_database, "MOST_CELL", 100_000)
    long = answer("b", 2, content=[{"type": "text", "text": "x" * 300_000}])
    hopeless = answer("d", 4, content=[{"type": "text", "text": "x"}] * 400_000)
    rows = [answer("a", 1), long, answer("c", 3), hopeless, answer("e", 5)]
    add(path, *(("s", seq, event) for seq, event in enumerate(rows)), shape=SHAPES[shape])
    ledger = read(path)
    expected = ([1, 2, 3, 5], {"long line": 1}) if shape != "without row numbers" else ([1, 3, 5], {"long line": 2})
    assert (inputs(ledger), ledger.problems, ledger.unread) == (*expected, [])
    assert list(read_openclaw_store(source(path), ledger.states[str(path)])) == []


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    ledger = read(path)
    (complaint,) = ledger.unread
    assert complaint == f"{path}: file is not a database"
    assert ledger.states[str(path)].size != len(content)


def test_a_damaged_database(path: Path) -> None:
    add(path, *((f"s{number}", 0, answer("a", number, content="x" * 900)) for number in range(200)))
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096 * 3):
        content[start : start + 4096] = os.urandom(4096)
    path.write_bytes(content)
    ledger = read(path)
    assert ledger.unread == [f"{path}: database disk image is malformed"]
    assert ledger.states[str(path)].size != len(content)


def test_a_database_that_is_gone(path: Path) -> None:
    add(path)
    gone = source(path)
    path.unlink()
    assert Ledger().read([gone]).unread == [f"{path}: No such file or directory"]


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    (complaint,) = read(path).unread
    assert complaint.startswith(f"{path}: ")


def test_a_locked_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclaw_database, "_BUSY_SECONDS", 0.01)
    add(path, ("s", 0, answer("a", 1)))
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        ledger = read(path)
        assert ledger.unread == [f"{path}: database is locked"]
    assert inputs(read(path, ledger)) == [1]


def test_a_name_that_must_be_quoted(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc&b%20#c 'd\".sqlite"
    add(path, ("s", 0, answer("a", 1)))
    assert inputs(read(path)) == [1]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_in_a_folder_that_cannot_be_written(path: Path, mode: str) -> None:
    add(path, ("s", 0, answer("a", 1)))
    run(path, f"PRAGMA journal_mode = {mode}")
    assert _read_as_nobody(path) == "[1] ()\n"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_in_a_folder_that_cannot_be_written_with_a_log(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)))
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO transcript_events VALUES ('s', 1, '{}')")
        writer.commit()
        log = path.with_name(path.name + "-wal").read_bytes()
    path.with_name(path.name + "-wal").write_bytes(log)
    done = _read_as_nobody(path)
    assert done.startswith(f"[] ('{path}: ")


def _read_as_nobody(path: Path) -> str:
    program = f"""
        import os
        import encodings.idna, json, sqlite3
        from usagebar.ledger.reading.openclaw import decoding as openclaw_decoding
        from usagebar.ledger.reading.openclaw import store as openclaw_store
        from usagebar.ledger.reading.parts import Source
        openclaw_decoding._fast()
        if os.geteuid() == 0:
            os.setuid(65534)
        source = Source("openclaw-sqlite", {str(path)!r}, 0, 0, 0, "")
        (part,) = openclaw_store.read_openclaw_store(source, None)
        print([turn.input for turn in part.turns], part.unread)
    """
    let_in(path.parent)
    path.parent.chmod(0o555)
    try:
        command = [sys.executable, "-c", textwrap.dedent(program)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        path.parent.chmod(0o755)


def test_nothing_is_written(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)))
    run(path, "PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    assert inputs(read(path)) == [1]
    assert path.read_bytes() == before


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"


def test_a_view_in_place_of_the_events(path: Path) -> None:
    run(path, f"CREATE VIEW transcript_events AS {ENDLESS} 's' AS session_id, x AS seq, '{{}}' AS event_json FROM n")
    expected = f"{path}: expected a table transcript_events, found something else of this name"
    assert read(path).unread == [expected]


def test_views_in_place_of_other_tables(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)))
    run(
        path,
        f"CREATE VIEW session_windows AS {ENDLESS} 's' AS session_id, 'k' AS session_key FROM n",
        f"CREATE VIEW session_nodes AS {ENDLESS} 'k' AS session_key FROM n",
        f"CREATE VIEW session_transcript_archives AS {ENDLESS} 's' AS session_id, x'00' AS archive_blob FROM n",
        "CREATE TRIGGER again AFTER INSERT ON transcript_events BEGIN"
        " INSERT INTO transcript_events VALUES (new.session_id, new.seq + 1, new.event_json); END",
    )
    ledger = read(path)
    assert (inputs(ledger), ledger.unread) == ([1], [])


def test_columns_that_are_programs(path: Path) -> None:
    run(
        path,
        "CREATE TABLE transcript_events (session_id TEXT, seq INTEGER,"
        " event_json TEXT GENERATED ALWAYS AS (hex(zeroblob(1000))))",
        "INSERT INTO transcript_events (session_id, seq) VALUES ('s', 0)",
    )
    assert read(path).unread == [f"{path}: expected a column event_json in transcript_events, found none"]


def test_pages_that_come_again_and_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, *((f"s{number:04}", 0, answer("a", number)) for number in range(300)))
    monkeypatch.setattr(openclaw_database, "_LEAST_LOOKS", 0)
    monkeypatch.setattr(openclaw_database, "_BYTES_A_LOOK", 1 << 40)
    monkeypatch.setattr(openclaw_database, "_INSTRUCTIONS", 1_000)
    assert read(path).unread == [f"{path}: takes longer to read than its size allows"]


def test_more_rows_than_there_can_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, *(("s", number, answer(f"a{number}", 1)) for number in range(2_000)))
    monkeypatch.setattr(openclaw_database, "_LEAST_BYTES_A_ROW", 1 << 40)
    ledger = read(path)
    assert ledger.unread == [f"{path}: has more rows than it has room for"]
    assert len(ledger.turns) == 1_000


def packed(path: Path, *rows: tuple[str, int, object, bytes | None]) -> None:
    run(path, EVENTS.replace("event_json TEXT", "event_json TEXT, event_zstd BLOB"))
    with closing(sqlite3.connect(path)) as connection, connection:
        stored = ((*row[:2], None if row[2] is None else json.dumps(row[2]), row[3]) for row in rows)
        connection.executemany("INSERT INTO transcript_events VALUES (?, ?, ?, ?)", stored)


def compressed(event: object) -> bytes:
    return zstandard.compress(json.dumps(event).encode())


def test_compressed_events(path: Path) -> None:
    bomb = zstandard.compress(b" " * (40 << 20))
    packed(
        path,
        ("s", 0, answer("a", 1), None),
        ("s", 1, None, compressed(answer("b", 2))),
        ("s", 2, None, b"damaged"),
        ("s", 3, None, bomb),
        ("s", 4, None, None),
        ("s", 5, answer("c", 3), None),
    )
    ledger = read(path)
    assert (inputs(ledger), ledger.problems, ledger.unread) == ([1, 2, 3], {"bad line": 2}, [])


def test_compressed_events_wait_for_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(
        path,
        ("s", 0, None, compressed(answer("a", 1))),
        ("s", 1, answer("b", 2), None),
        ("t", 0, answer("c", 3), None),
    )
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "zstandard", None)
        ledger = read(path)
        assert inputs(read(path, ledger)) == [2, 3]
    complaint = f"{path}: 1 events are compressed, and the package zstandard is not installed"
    assert ledger.unread == [complaint, complaint]
    assert inputs(read(path, ledger)) == [1, 2, 3]
    assert list(read_openclaw_store(source(path), ledger.states[str(path)])) == []


ARCHIVES = "CREATE TABLE session_transcript_archives (session_id, session_key, encoding, archive_blob, archive_name)"


def archived(path: Path, *rows: tuple[object, ...]) -> Path:
    add(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(ARCHIVES.replace(" TABLE ", " TABLE IF NOT EXISTS "))
        connection.executemany("INSERT INTO session_transcript_archives VALUES (?, ?, ?, ?, ?)", rows)
    return path


def test_archives_are_read_once(path: Path) -> None:
    content = lines_of([{"type": "session", "id": "s"}, answer("a", 1)])
    archived(path, ("s", "agent:main:irc:group:1", "identity", content, "one"))
    ledger = read(path)
    assert [(turn.session_id, turn.origin) for turn in ledger.turns.values()] == [("s", "irc")]
    archived(path, ("t", "cron:job", "zstd", zstandard.compress(lines_of([answer("b", 2)])), "two"))
    parts = list(read_openclaw_store(source(path), ledger.states[str(path)]))
    assert [(turn.session_id, turn.origin) for part in parts for turn in part.turns] == [("t", "cron:job")]


def test_archives_of_all_kinds(path: Path) -> None:
    good = lines_of([answer("a", 1)])
    archived(
        path,
        ("s", "main", "identity", good.decode(), "text"),
        (None, None, None, lines_of([answer("b", 2)]), None),
        ("t", 5, "zstd", b"damaged", "bad"),
        ("u", None, "identity", None, "empty"),
        ("v", None, "identity", 5, "number"),
        ("w", None, "zstd", zstandard.compress(lines_of([answer("c", 3)])), b"\xff"),
    )
    ledger = read(path)
    assert inputs(ledger) == [1, 2, 3]
    damaged, number = sorted(ledger.unread)
    assert damaged.startswith(f"{path}: archive bad: damaged (")
    assert number.startswith(f"{path}: archive number: ")


def test_archives_wait_for_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archived(path, ("t", None, "zstd", zstandard.compress(lines_of([answer("b", 2)])), "two"))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "zstandard", None)
        ledger = read(path)
    assert ledger.unread == [f"{path}: 1 archives are compressed, and the package zstandard is not installed"]
    assert inputs(read(path, ledger)) == [2]


def test_cold_archives_in_the_database(path: Path) -> None:
    add(path)
    run(path, "CREATE TABLE session_transcript_cold_archives (session_id TEXT, storage TEXT, archive_blob BLOB)")
    event = {"kind": "event", "row": {"seq": 0, "event_json": json.dumps(answer("a", 1))}}
    blob = zstandard.compress(lines_of([{"kind": "header", "version": 1, "sessionId": "s"}, event]))
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = [("s", "sqlite", blob), ("t", "file", None)]
        connection.executemany("INSERT INTO session_transcript_cold_archives VALUES (?, ?, ?)", rows)
    assert [(turn.session_id, turn.input) for turn in read(path).turns.values()] == [("s", 1)]


def test_forks_are_followed_through_the_database(path: Path) -> None:
    def head(name: str, parent: str, at: int) -> dict[str, Any]:
        return {"type": "session", "id": name, "timestamp": at, "parentSession": f"sqlite:main:{parent}:/x"}

    old, own = answer("a", 1, timestamp=5), answer("b", 2, timestamp=3000)
    add(
        path,
        *(("child", seq, event) for seq, event in enumerate((head("child", "parent", 2000), old, own))),
        *(("parent", seq, event) for seq, event in enumerate((head("parent", "root", 1000), old))),
        ("root", 0, old),
    )
    ledger = read(path)
    assert {(turn.session_id, turn.input) for turn in ledger.turns.values()} == {("root", 1), ("child", 2)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("encoding", ["identity", "zstd"])
def test_forks_are_followed_through_archives(path: Path, encoding: str, shape: str) -> None:
    def lines(name: str, parent: str | None, at: int, *events: object) -> list[Any]:
        more = {} if parent is None else {"parentSession": f"sqlite:main:{parent}:/x"}
        return [{"type": "session", "id": name, "timestamp": at} | more, *events]

    first, second, third = (
        answer(name, tokens, timestamp=tokens * 1000) for name, tokens in (("a", 1), ("b", 2), ("c", 3))
    )
    sessions = {
        "root": lines("root", None, 500, first),
        "parent": lines("parent", "root", 1500, first, second),
        "child": lines("child", "parent", 2500, first, second, third),
    }
    for archive in ("root", "parent", "child", None):
        path.unlink(missing_ok=True)
        for name, events in sessions.items():
            if name != archive:
                add(path, *((name, seq, event) for seq, event in enumerate(events)), shape=shape)
        if archive is not None:
            content = lines_of(sessions[archive])
            blob = zstandard.compress(content) if encoding == "zstd" else content
            archived(path, (archive, None, encoding, blob, "x"))
        found = {(turn.session_id, turn.input, turn.agent_id) for turn in read(path).turns.values()}
        assert found == {("root", 1, "main"), ("parent", 2, "main"), ("child", 3, "main")}


def test_forks_are_followed_from_the_database_into_files(tmp_path: Path) -> None:
    head = {"type": "session", "id": "parent", "timestamp": 1500, "parentSession": "/x/agents/main/sessions/root.jsonl"}
    archive = sessions_of(tmp_path) / "parent.jsonl.deleted.2026-01-01T00-00-00.000Z.00ff.zst"
    archive.write_bytes(zstandard.compress(lines_of([head])))
    head = {"type": "session", "id": "child", "timestamp": 2500, "parentSession": "sqlite:main:parent:/x"}
    path = add(database_of(tmp_path), ("child", 0, head), ("child", 1, answer("a", 1, timestamp=1000)))
    assert [turn.session_id for turn in read(path).turns.values()] == ["root"]


@pytest.mark.parametrize("shape", ["keyed", "without row numbers", "of any type"])
def test_a_session_is_written_anew_from_its_middle(path: Path, shape: str) -> None:
    add(path, *(("s", number, answer(f"a{number}", number)) for number in range(5)), shape=SHAPES[shape])
    add(path, ("other", 0, answer("o", 100)))
    ledger = read(path)
    run(path, "DELETE FROM transcript_events WHERE session_id = 's' AND seq >= 2")
    add(path, *(("s", number, answer(f"b{number}", 10 + number)) for number in range(2, 7)))
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [0, 1, 12, 13, 14, 15, 16]
    ledger.take(part)
    run(path, f"UPDATE transcript_events SET event_json = '{json.dumps(answer('b6', 50))}' WHERE seq = 6")
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [0, 1, 12, 13, 14, 15, 50]
    ledger.take(part)
    run(path, "DELETE FROM transcript_events WHERE session_id = 's' AND seq > 2")
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [0, 1, 12]
    ledger.take(part)
    add(path, ("s", 3, answer("c", 60)))
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [60]


def test_compressed_and_long_events_are_known_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclaw_database, "MOST_CELL", 100_000)
    long = answer("b", 2, content=[{"type": "text", "text": "x" * 300_000}])
    packed(path, ("s", 0, None, compressed(answer("a", 1))), ("t", 0, long, None), ("u", 0, answer("c", 3), None))
    ledger = read(path)
    assert inputs(ledger) == [1, 2, 3]
    for number, session in enumerate("stu", 1):
        blob = compressed(answer("d", 10 * number))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO transcript_events VALUES (?, 1, NULL, ?)", (session, blob))
        (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
        assert [turn.input for turn in part.turns] == [10 * number]
        ledger.take(part)
    other = json.dumps(answer("e", 7, content=[{"type": "text", "text": "y" * 300_000}]))
    run(
        path,
        f"UPDATE transcript_events SET event_json = '{other}', event_zstd = NULL WHERE session_id = 't' AND seq = 1",
    )
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [turn.input for turn in part.turns] == [2, 7]


@pytest.mark.parametrize("kind", ["INTEGER", ""])
def test_sessions_whose_ids_are_numbers(path: Path, kind: str) -> None:
    add(path, shape=EVENTS.replace("session_id TEXT", f"session_id {kind}"))
    run(path, f"CREATE TABLE session_windows (session_id {kind}, session_key TEXT)")
    run(path, "INSERT INTO session_windows VALUES (42, 'agent:main:irc:group:1')")
    head = {"type": "session", "id": "43", "timestamp": 2000, "parentSession": "sqlite:main:42:/x"}
    old = answer("a", 1, timestamp=1000)
    add(path, (42, 0, old), (43, 0, head), (43, 1, old), ("s", 0, answer("b", 2)))
    ledger = read(path)
    found = {(turn.session_id, turn.input, turn.origin) for turn in ledger.turns.values()}
    assert found == {("42", 1, "irc"), ("s", 2, None)}
    add(path, (42, 1, answer("c", 3)))
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert [(turn.session_id, turn.input, turn.origin) for turn in part.turns] == [("42", 3, "irc")]


def test_what_the_tables_tell_later(path: Path) -> None:
    add(path, ("s", 0, answer("a", 1)))
    run(path, "CREATE TABLE session_windows (session_id TEXT, session_key TEXT, display_name TEXT)")
    ledger = read(path)
    run(path, "INSERT INTO session_windows VALUES ('s', 'agent:main:irc:group:1', 'Ops'), ('t', 'cron:job', NULL)")
    (part,) = read_openclaw_store(source(path), ledger.states[str(path)])
    assert part.turns == []
    assert [session[1:] for session in part.sessions] == [
        ("s", "agent:main:irc:group:1", "main", "irc", "Ops", None),
        ("t", "cron:job", "main", "cron:job", None, None),
    ]
    ledger.take(part)
    assert list(read_openclaw_store(source(path), ledger.states[str(path)])) == []


def test_problems_so_far(path: Path) -> None:
    add(path, ("s", 0, "{"), ("s", 1, answer("a", 1)), ("t", 0, "{"))
    ledger = read(path)
    assert ledger.states[str(path)].problems == {"bad line": 2}
    add(path, ("s", 2, "{"))
    assert read(path, ledger).states[str(path)].problems == {"bad line": 3}
    add(path, ("s", 3, answer("b", 2)))
    archived(path, ("u", None, "zstd", b"damaged", "bad"), ("v", None, "identity", b"{\n", "lines"))
    expected = {"bad line": 4, "damaged archive": 1}
    for _ in range(2):
        assert read(path, ledger).states[str(path)].problems == expected
    run(path, "DELETE FROM transcript_events WHERE session_id = 's'", "DELETE FROM session_transcript_archives")
    add(path, ("s", 0, answer("c", 3)))
    assert read(path, ledger).states[str(path)].problems == {"bad line": 1}


def test_problems_where_all_is_read_again(path: Path) -> None:
    add(path, ("s", 0, "{"), shape=SHAPES["without an index"])
    ledger = read(path)
    add(path, ("s", 1, answer("a", 1)))
    assert read(path, ledger).states[str(path)].problems == {"bad line": 1}


@pytest.mark.parametrize("end", ["", "-journal", "-wal"])
def test_a_named_pipe_is_not_waited_for(path: Path, end: str) -> None:
    if end:
        add(path, ("s", 0, answer("a", 1)))
    os.mkfifo(f"{path}{end}")
    assert read(path).unread == [f"{path}: expected a file {path.name}{end}, found a named pipe"]


ROWS = st.lists(
    st.tuples(st.sampled_from("st"), st.integers(0, 30), st.integers(0, 9)), max_size=12, unique_by=lambda row: row[:2]
)


@given(runs=st.lists(ROWS, min_size=1, max_size=4), most=st.integers(1, 5))
def test_any_split_into_runs_ends_the_same(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[tuple[str, int, int]]], most: int
) -> None:
    path = tmp_path_factory.mktemp("grown") / "x.sqlite"
    add(path)
    ledger, last = Ledger(), {"s": -1, "t": -1}
    for rows in runs:
        for session, step, tokens in rows:
            last[session] += step + 1
            add(path, (session, last[session], answer(f"a{last[session] % 7}", tokens)))
        for part in read_openclaw_store(source(path), ledger.states.get(str(path)), part_turns=most):
            ledger.take(part)
    assert ledger.turns == read(path).turns


def test_rows_of_the_corpus_are_as_openclaw_has_them(path: Path) -> None:
    run(path, EVENTS.replace("event_json TEXT", "event_json TEXT, created_at INTEGER"))
    with closing(sqlite3.connect(path)) as connection, connection:
        insert(connection, "transcript_events", [event_row({"session_id": "s", "seq": 0, "event": answer("a", 1)})])
    assert inputs(read(path)) == [1]
