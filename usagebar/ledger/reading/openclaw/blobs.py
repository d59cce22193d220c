"""Read the transcripts that OpenClaw archives in its database: JSON lines in one cell, plain or compressed."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from usagebar.ledger.reading.lines import LineReader
from usagebar.ledger.reading.openclaw.archives import MISSING, Decompressed, buffered
from usagebar.ledger.reading.openclaw.database import Database
from usagebar.ledger.reading.openclaw.events import Ask, Transcript, is_of_others
from usagebar.ledger.reading.openclaw.files import DAMAGED, PART_BYTES, Reading, damage
from usagebar.ledger.reading.openclaw.forks import header_in
from usagebar.ledger.reading.openclaw.keys import UNKNOWN, Attribution, Row, attributions
from usagebar.ledger.reading.openclaw.references import Forks
from usagebar.ledger.reading.openclaw.tables import session_of, written
from usagebar.ledger.reading.parts import Part, Source, State, added

_ENDED, _COLD = "session_transcript_archives", "session_transcript_cold_archives"
_BLOB = "archive_blob"
_COLUMNS = ("session_id", "session_key", "encoding", "generation", "archive_name", "created_at")


class Archive(NamedTuple):
    """Hold where an archive is: table and row, its length in bytes, and what the row says, by column."""

    table: str
    row_id: int
    length: int
    said: dict[str, Any]

    @property
    def identity(self) -> str:
        """What tells it from the other archives of the database."""
        return blake2b(repr((self.table, self.length, sorted(self.said.items()))).encode(), digest_size=8).hexdigest()

    @property
    def is_compressed(self) -> bool:
        """Whether it is in zstd's form, as all cold ones are."""
        return self.table == _COLD or self.said.get("encoding") == b"zstd"


def list_archives(database: Database) -> list[Archive]:
    """Return the archives that have a content in the database. Raises as `Database.rows`."""
    found = []
    for table in (_ENDED, _COLD):
        known = database.tables.get(table, ())
        if _BLOB in known:
            chosen = [column for column in _COLUMNS if column in known]
            words = ", ".join(("rowid", f"length({_BLOB})", *chosen))
            for row_id, length, *said in database.rows(f"SELECT {words} FROM {table}"):  # noqa: S608 (names of this module)
                if isinstance(row_id, int) and isinstance(length, int):
                    found.append(Archive(table, row_id, length, dict(zip(chosen, said, strict=True))))
    return found


class Archives:
    """Read archives of a database; `done` has the identities of those that were read, with their problems.

    `without_codec` counts those that were left out since the package zstandard is missing; `unread` are sentences for
    those that cannot be read. `forks` tells of the parents of forks among them.
    """

    def __init__(
        self, source: Source, database: Database, whose: dict[str, Attribution], done: dict[str, dict[str, int] | None]
    ) -> None:
        self.forks: Forks | None = None
        self.without_codec = 0
        self.unread: list[str] = []
        self._sessions: dict[str, list[Archive]] | None = None
        self._source, self._database, self._whose = source, database, whose
        self.done = done

    def parts(self, state: Callable[[], State]) -> Iterator[Part]:
        """Walk the parts of archives that were not read, each with the state that `state` gives then."""
        found = {archive.identity: archive for archive in list_archives(self._database)}
        for identity in [identity for identity in self.done if identity not in found]:
            del self.done[identity]
        for identity, archive in found.items():
            if identity not in self.done:
                try:
                    yield from self._read(archive, identity, state)
                except ImportError:
                    self.without_codec += 1
                except (sqlite3.Error, OSError) as error:
                    self.unread.append(f"{self._place(archive)}: {error}")

    def _read(self, archive: Archive, identity: str, state: Callable[[], State]) -> Iterator[Part]:
        with self._database.cell(archive.table, _BLOB, archive.row_id) as cell:
            content = _content(archive, cell)
            reading = Reading(self._transcript(archive), LineReader(buffered(content), 0, is_of_others))
            for _ in reading.full(PART_BYTES):
                yield reading.taken(state())
        self.done[identity] = reading.so_far
        if isinstance(content, Decompressed) and (damaged := damage(self._place(archive), content, reading)):
            self.done[identity] = added(reading.so_far, DAMAGED)
            self.unread.append(damaged)
        yield reading.taken(state())

    def _transcript(self, archive: Archive) -> Transcript:
        session_id = session_of(archive.said.get("session_id")) or archive.identity
        key = written(archive.said.get("session_key"))
        by_key = attributions([Row(session_id, key)] if key is not None else ())
        return Transcript(session_id, self._source.agent_id, _asking(by_key, self._whose), self.forks)

    def header(self, session_id: str) -> Any | None:
        """Return the `session` event that an archived session begins with; None if it has none, or none is archived."""
        for archive in self._by_session().get(session_id, ()):
            try:
                with self._database.cell(archive.table, _BLOB, archive.row_id) as cell:
                    event = header_in(buffered(_content(archive, cell)))
            except (ImportError, sqlite3.Error, OSError):
                continue
            if event is not None:
                return event
        return None

    def _by_session(self) -> dict[str, list[Archive]]:
        if self._sessions is None:
            self._sessions = {}
            for archive in list_archives(self._database):
                self._sessions.setdefault(session_of(archive.said.get("session_id")) or "", []).append(archive)
        return self._sessions

    def _place(self, archive: Archive) -> str:
        return f"{self._source.path}: archive {written(archive.said.get('archive_name')) or archive.row_id}"


def _content(archive: Archive, cell: io.RawIOBase) -> io.RawIOBase:
    return Decompressed(buffered(cell), archive.length) if archive.is_compressed else cell


def _asking(*known: dict[str, Attribution]) -> Ask:
    def ask(session_id: str) -> Attribution:
        return next((found[session_id] for found in known if session_id in found), UNKNOWN)

    return ask


def missing_codec(path: str, count: int, what: str) -> str:
    """Return the sentence for compressed things that cannot be read."""
    return f"{path}: {count} {what} {MISSING.replace('compressed', 'are compressed')}"
