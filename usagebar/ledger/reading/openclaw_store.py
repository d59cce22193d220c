"""Read OpenClaw's database: the events of its sessions, and the transcripts that were archived in it.

It is open for reading only, and each look is short: the runtime goes on writing. What was read is remembered as the
last `seq` of each session, with a hash of its first event, since a session may be deleted and begun anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from usagebar.ledger.reading.openclaw_blobs import Archives, missing_codec
from usagebar.ledger.reading.openclaw_cells import LOWEST, EventRow, EventTable, fingerprint
from usagebar.ledger.reading.openclaw_database import Database, StoreError, opened_database
from usagebar.ledger.reading.openclaw_decoding import EventError, decode_event
from usagebar.ledger.reading.openclaw_events import Fork, Transcript, fork_of, is_of_others
from usagebar.ledger.reading.openclaw_keys import UNKNOWN, name
from usagebar.ledger.reading.openclaw_tables import Sessions, read_sessions, written
from usagebar.ledger.reading.parts import Part, Source, State
from usagebar.ledger.turns import SessionRecord, TurnRecord

# Turns after which a part is given.
PART_TURNS = 8_192

# Session → its last `seq`, the hash of its first event, and the provider and model chosen last, if any.
Seen = dict[str, list[Any]]


def read_openclaw_store(source: Source, state: State | None, *, part_turns: int = PART_TURNS) -> Iterator[Part]:
    """Walk what is new in a database, in parts of about so many turns; none if it is as it was. Nothing is raised."""
    try:
        stamp = _Stamp(source)
        if state is not None and stamp.is_of(state):
            return
        reading = _Reading(source, state, stamp, part_turns)
        try:
            with opened_database(source.path, stamp.size + stamp.log[0]) as database:
                yield from reading.parts(database)
        except (sqlite3.Error, StoreError) as error:
            yield reading.taken(unread=(f"{source.path}: {_reason(error)}",))
    except OSError as error:
        kept = state or State(source.path, -1, 0, source.inode)
        yield Part([], [], kept, {}, (f"{source.path}: {error.strerror or error}",))


class _Stamp:
    """Tell one state of a database's files from another; it is taken before they are read. Raises OSError."""

    def __init__(self, source: Source) -> None:
        found = os.stat(source.path)
        self.path, self.size, self.mtime_ns, self.inode = source.path, found.st_size, found.st_mtime_ns, found.st_ino
        try:
            log = os.stat(source.path + "-wal")
            self.log = [log.st_size, log.st_mtime_ns]
        except FileNotFoundError:
            self.log = [0, 0]
        if not self.log[0]:
            self.log = [0, 0]  # an empty log is none; readers come and go with it

    def is_of(self, state: State) -> bool:
        """Tell whether the files were as they are now when they were read to this state."""
        same = (state.size, state.mtime_ns, state.inode) == (self.size, self.mtime_ns, self.inode)
        return same and (state.context or {}).get("log") == self.log

    def state(self, seen: Seen, archives: list[str]) -> State:
        """Return the state of a database that was read as it is now."""
        context = {"log": self.log, "seen": dict(seen), "archives": list(archives)}
        return State(self.path, self.size, self.mtime_ns, self.inode, self.size, "", context)

    def begun(self, seen: Seen, archives: list[str]) -> State:
        """Return the state of a database that was read in part."""
        return State(self.path, -1, 0, self.inode, 0, "", {"seen": dict(seen), "archives": list(archives)})


class _Reading:
    """Read a database, and gather what it gives until a part is full."""

    def __init__(self, source: Source, state: State | None, stamp: _Stamp, part_turns: int) -> None:
        context = (state.context if state is not None and state.inode == stamp.inode else None) or {}
        self._seen: Seen = dict(context.get("seen") or {})
        self._archives: list[str] = list(context.get("archives") or ())
        self._source, self._stamp, self._part_turns = source, stamp, part_turns
        self._turns: list[TurnRecord] = []
        self._sessions: list[SessionRecord] = []
        self._problems: dict[str, int] = {}
        self._forks: dict[str, Fork | None] = {}

    def parts(self, database: Database) -> Iterator[Part]:
        """Walk the parts; the last one has the state of a database that was read."""
        sessions = read_sessions(database)
        events = EventTable(database)
        for _ in self._all(events, sessions):
            yield self.taken()
        archives = Archives(self._source, database, sessions.whose, self._archives)
        yield from archives.parts(self._begun)
        unread = list(archives.unread)
        for count, what in ((sum(map(len, events.left_out.values())), "events"), (archives.without_codec, "archives")):
            if count:
                unread.append(missing_codec(self._source.path, count, what))
        is_read = not events.left_out and not archives.without_codec
        yield self.taken(self._stamp.state(self._seen, self._archives) if is_read else None, unread)

    def taken(self, state: State | None = None, unread: Iterable[str] = ()) -> Part:
        """Return what was gathered since this was asked last, with the state of a database that was read in part."""
        turns, self._turns = self._turns, []
        sessions, self._sessions = self._sessions, []
        problems, self._problems = self._problems, {}
        return Part(turns, sessions, state or self._begun(), problems, tuple(unread))

    def _begun(self) -> State:
        return self._stamp.begun(self._seen, self._archives)

    def _all(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        if events.is_indexed:
            yield from self._by_session(events, sessions)
        elif events.is_there:
            yield from self._as_stored(events, sessions)

    def _by_session(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        """Read what is new in each session, and stop whenever a part should be taken."""
        last = dict(events.sessions())
        stored = {session_id for session in last if (session_id := name(written(session))) is not None}
        self._seen = {session_id: seen for session_id, seen in self._seen.items() if session_id in stored}
        for session, highest in last.items():
            session_id = name(written(session))
            if session_id is None:
                continue
            head = events.first(session)
            seen = self._seen.get(session_id)
            if seen is not None and (seen[1] != fingerprint(head) or seen[0] > highest):
                seen = None
            if seen is None or seen[0] < highest:
                transcript = self._transcript(session_id, events, sessions)
                rows = events.events(session, _begin(transcript, seen, head))
                yield from self._session(events, rows, transcript, fingerprint(head))

    def _session(
        self, events: EventTable, rows: Iterator[EventRow], transcript: Transcript, first: str
    ) -> Iterator[None]:
        row = None
        for row in rows:
            if row.line is not None and is_of_others(row.line):
                continue
            self._take(transcript, row.line)
            if len(self._turns) >= self._part_turns:
                self._note(events, row, transcript, first)
                yield
        if row is not None:
            self._note(events, row, transcript, first)
        self._sessions += transcript.sessions.values()

    def _note(self, events: EventTable, row: EventRow, transcript: Transcript, first: str) -> None:
        """Remember how far a session was read; one with events that cannot be read yet is read again."""
        if isinstance(row.seq, int) and row.session not in events.left_out:
            self._seen[transcript.session_id] = [row.seq, first, *_chosen(transcript)]

    def _as_stored(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        """Read all events of a table without an index, and stop whenever a part should be taken."""
        transcripts: dict[Any, Transcript] = {}
        for row in events.all_events():
            session_id = name(written(row.session))
            if session_id is None:
                continue
            if session_id not in transcripts:
                transcripts[session_id] = self._transcript(session_id, None, sessions)
            self._take(transcripts[session_id], row.line)
            if len(self._turns) >= self._part_turns:
                yield
        self._sessions += (session for transcript in transcripts.values() for session in transcript.sessions.values())

    def _take(self, transcript: Transcript, line: bytes | None) -> None:
        try:
            turn = None if line is None else transcript.read(line)
        except EventError:
            self._count("bad line")
        else:
            if turn is not None:
                self._turns.append(turn)
            elif line is None:
                self._count("long line")

    def _count(self, problem: str) -> None:
        self._problems[problem] = self._problems.get(problem, 0) + 1

    def _transcript(self, session_id: str, events: EventTable | None, sessions: Sessions) -> Transcript:
        def fork(other: str) -> Fork | None:
            if other not in self._forks and events is not None:
                self._forks[other] = _fork(events.first(other.encode("utf-8", "replace")))
            return self._forks.get(other)

        transcript = Transcript(
            session_id, self._source.agent_id, lambda asked: sessions.whose.get(asked, UNKNOWN), fork, is_fixed=True
        )
        transcript.provider, transcript.model = sessions.models.get(session_id, (None, None))
        return transcript


def _reason(error: Exception) -> str:
    is_stopped = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return "takes longer to read than its size allows" if is_stopped else str(error)


def _begin(transcript: Transcript, seen: list[Any] | None, head: bytes | None) -> int:
    """Prepare to go on behind what was seen of a session; return the number of its last event."""
    if seen is None:
        return LOWEST
    if head is not None:
        with suppress(EventError):
            transcript.take(head)
    if len(seen) > 3:
        transcript.provider, transcript.model = seen[2:4]
    return int(seen[0])


def _chosen(transcript: Transcript) -> tuple[str | None, ...]:
    return () if transcript.model is None else (transcript.provider, transcript.model)


def _fork(head: bytes | None) -> Fork | None:
    try:
        return None if head is None else fork_of(decode_event(head))
    except EventError:
        return None
