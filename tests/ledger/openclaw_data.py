"""Data folders of OpenClaw for the tests of its readers: the corpus by hand, databases from rows, and what is read."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import zstandard

from usagebar.ledger.reading.finding import find_sources
from usagebar.ledger.reading.kinds import read_source
from usagebar.ledger.reading.parts import Part, Source, State
from usagebar.ledger.turns import SessionRecord, TurnRecord, merged

CORPUS = Path(__file__).parent / "transcripts" / "openclaw"
COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
TABLES = """
CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, current_session_id TEXT, created_via TEXT, label TEXT);
CREATE TABLE session_windows (
  session_id TEXT PRIMARY KEY, session_key TEXT, channel TEXT, model_provider TEXT, model TEXT, display_name TEXT
);
CREATE TABLE transcript_events (
  session_id TEXT NOT NULL, seq INTEGER NOT NULL, event_json TEXT, created_at INTEGER, event_zstd BLOB,
  PRIMARY KEY (session_id, seq)
);
CREATE TABLE session_transcript_archives (
  session_id TEXT NOT NULL, session_key TEXT, encoding TEXT, archive_blob BLOB, archive_name TEXT,
  PRIMARY KEY (session_id)
);
"""


def database_of(folder: Path, agent: str = "main") -> Path:
    """Return the path of an agent's database, in a folder that is there."""
    path = folder / "agents" / agent / "agent" / "openclaw-agent.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def sessions_of(folder: Path, agent: str = "main") -> Path:
    """Return an agent's folder of transcripts, which is there."""
    path = folder / "agents" / agent / "sessions"
    path.mkdir(parents=True, exist_ok=True)
    return path


def lines_of(events: Iterable[object]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def write_files(folder: Path) -> None:
    shutil.copytree(CORPUS / "files", folder, dirs_exist_ok=True)


def write_store(folder: Path) -> Path:
    """Write the rows of the corpus into a database, and its cold archive beside it."""
    rows = json.loads((CORPUS / "store" / "rows.json").read_text("utf-8"))
    path = database_of(folder)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(TABLES)
        for table in ("session_nodes", "session_windows"):
            insert(connection, table, rows[table])
        insert(connection, "transcript_events", map(event_row, rows["transcript_events"]))
        insert(connection, "session_transcript_archives", map(_archive_row, rows["session_transcript_archives"]))
    cold = sessions_of(folder) / "cold"
    cold.mkdir()
    (cold / "t-cold.jsonl.zst").write_bytes(zstandard.compress(_cold_lines(rows["cold"])))
    return path


def event_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"session_id": row["session_id"], "seq": row["seq"], "event_json": json.dumps(row["event"]), "created_at": 1}


def _archive_row(row: dict[str, Any]) -> dict[str, Any]:
    blob = lines_of(row["events"])
    kept = {name: row[name] for name in ("session_id", "session_key", "encoding")}
    return kept | {"archive_blob": zstandard.compress(blob) if row["encoding"] == "zstd" else blob}


def _cold_lines(cold: dict[str, Any]) -> bytes:
    events = [{"kind": "event", "row": {"seq": 0, "event_json": json.dumps(event)}} for event in cold["events"]]
    header = {"kind": "header", "version": 1, "sessionId": cold["session_id"]}
    return lines_of([header, *events, {"kind": "index", "row": {"indexed_seq": 1}}])


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def source_of(path: Path, kind: str = "openclaw-jsonl", agent: str | None = "main") -> Source:
    found = path.stat()
    return Source(kind, str(path), found.st_size, found.st_mtime_ns, found.st_ino, str(path.parent), agent)


class Ledger:
    """Keep what is read as the ledger does: turns merged by key, the states of files, sessions, and complaints."""

    def __init__(self) -> None:
        self.turns: dict[bytes, TurnRecord] = {}
        self.states: dict[str, State] = {}
        self.sessions: dict[str, SessionRecord] = {}
        self.problems: dict[str, int] = {}
        self.unread: list[str] = []
        self.parts = 0

    def run(self, folder: Path) -> Ledger:
        """Read what is new below a data folder."""
        found = find_sources(["openclaw"], {"OPENCLAW_DIR": str(folder)}, str(folder / "nowhere"))
        return self.read(found.sources)

    def read(self, sources: Iterable[Source]) -> Ledger:
        for source in sources:
            for part in read_source(source, self.states.get(source.path)):
                self.take(part)
        return self

    def take(self, part: Part) -> None:
        self.parts += 1
        for turn in part.turns:
            assert turn is not None
            self.turns[turn.key] = merged(self.turns[turn.key], turn) if turn.key in self.turns else turn
        for session in part.sessions:
            known = self.sessions.get(session.session_id, session)
            # What one place tells of a session another one may not know.
            self.sessions[session.session_id] = SessionRecord(
                session.runtime, session.session_id, *(a or b for a, b in zip(session[2:], known[2:], strict=True))
            )
        # The ledger keeps states as JSON.
        context = json.loads(json.dumps(part.state.context))
        self.states[part.state.path] = part.state._replace(context=context)
        for kind, count in part.problems.items():
            self.problems[kind] = self.problems.get(kind, 0) + count
        self.unread += part.unread

    def totals(self) -> dict[str, Any]:
        turns = self.turns.values()
        sums: dict[str, Any] = {name: sum(getattr(turn, name) or 0 for turn in turns) for name in COUNTS}
        costs = [turn.cost_usd for turn in turns if turn.cost_usd is not None]
        return {"turns": len(turns)} | sums | {"cost_usd": sum(costs), "unpriced": len(turns) - len(costs)}


def corpus_totals(part: str) -> Any:
    return json.loads((CORPUS / "totals.json").read_text("utf-8"))[part]


def let_in(folder: Path) -> None:
    """Let other users into a temporary folder, and into those above it, which pytest closes to them."""
    root = Path(tempfile.gettempdir())
    for each in (folder, *folder.parents):
        if root not in each.parents:
            return
        each.chmod(0o755)
