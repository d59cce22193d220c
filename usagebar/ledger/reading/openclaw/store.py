"""Read OpenClaw's database: the events of its sessions, and the transcripts that were archived in it.

It is open for reading only, and each look is short: the runtime goes on writing. What was read is remembered as the
last `seq` of each session, with hashes of its first event and of that one, since a session may be written anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from usagebar.ledger.reading.openclaw.blobs import Archives, missing_codec
from usagebar.ledger.reading.openclaw.cells import LOWEST, EventRow, EventTable, Mark, fingerprint
from usagebar.ledger.reading.openclaw.database import Database, StoreError, opened_database
from usagebar.ledger.reading.openclaw.decoding import EventError
from usagebar.ledger.reading.openclaw.events import Transcript, is_of_others
from usagebar.ledger.reading.openclaw.keys import UNKNOWN, told_records
from usagebar.ledger.reading.openclaw.parents import StoredForks
from usagebar.ledger.reading.openclaw.tables import Sessions, read_sessions, session_of
from usagebar.ledger.reading.parts import Part, Source, State, added
from usagebar.ledger.turns import SessionRecord, TurnRecord

# Turns after which a part is given.
PART_TURNS = 8_192

# Problems by kind, None for none.
Problems = dict[str, int] | None


class Progress(NamedTuple):
    """Hold how far a session was read.

    It is the number of the event read last, hashes of the session's first event and of that one, the provider and model
    chosen last, and what could not be read of it so far.
    """

    seq: int = LOWEST
    first: int | None = None
    last: int | None = None
    provider: str | None = None
    model: str | None = None
    problems: Problems = None


class Seen:
    """Remember what was read of a database: of its sessions, by their ids as stored, and of its archives."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.sessions: dict[str, list[Any]] = dict(context.get("seen") or {})
        self.archives: dict[str, Problems] = dict(context.get("archives") or {})
        self.loose: Problems = None  # of events that belong to no session's progress

    def context(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"seen": dict(self.sessions), "archives": dict(self.archives)}

    @property
    def problems(self) -> Problems:
        """What could not be read of all that was."""
        found = self.loose
        for each in (*(session[5] for session in self.sessions.values() if len(session) > 5), *self.archives.values()):
            found = added(found, each or {})
        return found


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

    def state(self, seen: Seen) -> State:
        """Return the state of a database that was read as it is now."""
        context = {"log": self.log} | seen.context()
        return State(self.path, self.size, self.mtime_ns, self.inode, self.size, "", context, seen.problems)

    def begun(self, seen: Seen) -> State:
        """Return the state of a database that was read in part."""
        return State(self.path, -1, 0, self.inode, 0, "", seen.context(), seen.problems)


class _Reading:
    """Read a database, and gather what it gives until a part is full."""

    def __init__(self, source: Source, state: State | None, stamp: _Stamp, part_turns: int) -> None:
        context = (state.context if state is not None and state.inode == stamp.inode else None) or {}
        self._seen = Seen(context)
        self._source, self._stamp, self._part_turns = source, stamp, part_turns
        self._turns: list[TurnRecord] = []
        self._sessions: list[SessionRecord] = []
        self._problems: dict[str, int] = {}

    def parts(self, database: Database) -> Iterator[Part]:
        """Walk the parts; the last one has the state of a database that was read."""
        sessions = read_sessions(database)
        events = EventTable(database)
        archives = Archives(self._source, database, sessions.whose, self._seen.archives)
        archives.forks = self._forks = StoredForks(self._source, events, archives)
        for _ in self._all(events, sessions):
            yield self.taken()
        yield from archives.parts(self._begun)
        # Also of those without new events: they may be told later than their events.
        self._sessions += told_records(sessions.whose, self._source.agent_id)
        unread = list(archives.unread)
        for count, what in ((sum(map(len, events.left_out.values())), "events"), (archives.without_codec, "archives")):
            if count:
                unread.append(missing_codec(self._source.path, count, what))
        is_read = not events.left_out and not archives.without_codec
        yield self.taken(self._stamp.state(self._seen) if is_read else None, unread)

    def taken(self, state: State | None = None, unread: Iterable[str] = ()) -> Part:
        """Return what was gathered since this was asked last, with the state of a database that was read in part."""
        turns, self._turns = self._turns, []
        sessions, self._sessions = self._sessions, []
        problems, self._problems = self._problems, {}
        return Part(turns, sessions, state or self._begun(), problems, tuple(unread))

    def _begun(self) -> State:
        return self._stamp.begun(self._seen)

    def _all(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        if events.is_indexed:
            yield from self._by_session(events, sessions)
        elif events.is_there:
            yield from self._as_stored(events, sessions)

    def _by_session(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        """Read what is new in each session, and stop whenever a part should be taken."""
        marks = events.marks(lambda session: self._progress(session).seq)
        stored = {_key(mark.session) for mark in marks}
        self._seen.sessions = {key: seen for key, seen in self._seen.sessions.items() if key in stored}
        for mark in marks:
            session_id = session_of(mark.session)
            progress = self._progress(mark.session)
            if progress.last is None or (progress.first, progress.last) != (mark.first, mark.reached):
                progress = Progress()
                self._seen.sessions.pop(_key(mark.session), None)
            if session_id is not None and (progress.last is None or progress.seq < mark.highest):
                transcript = self._transcript(session_id, sessions)
                yield from self._session(events, mark, transcript, progress)

    def _progress(self, session: Any) -> Progress:
        return Progress(*self._seen.sessions.get(_key(session), ()))

    def _session(self, events: EventTable, mark: Mark, transcript: Transcript, progress: Progress) -> Iterator[None]:
        if progress.last is not None:
            _go_on(transcript, progress, events.first(mark.session))
        row, problems = None, progress.problems
        for row in events.events(mark.session, progress.seq):
            if row.line is not None and is_of_others(row.line):
                continue
            problems = added(problems, self._take(transcript, row.line))
            if len(self._turns) >= self._part_turns:
                self._note(events, row, mark, transcript, problems)
                yield
        if row is not None:
            self._note(events, row, mark, transcript, problems)
        self._sessions += transcript.sessions.values()

    def _note(self, events: EventTable, row: EventRow, mark: Mark, transcript: Transcript, problems: Problems) -> None:
        """Remember how far a session was read; one with events that cannot be read yet is read again."""
        if isinstance(row.seq, int) and row.session not in events.left_out:
            model = transcript.model
            chosen = (None if model is None else transcript.provider, model)
            entry = [*Progress(row.seq, mark.first, fingerprint(row.stored), *chosen, problems)]
            while entry[-1] is None:
                entry.pop()
            self._seen.sessions[_key(mark.session)] = entry

    def _as_stored(self, events: EventTable, sessions: Sessions) -> Iterator[None]:
        """Read all events of a table without an index, and stop whenever a part should be taken."""
        transcripts: dict[Any, Transcript] = {}
        for row in events.all_events():
            session_id = session_of(row.session)
            if session_id is None:
                continue
            if session_id not in transcripts:
                transcripts[session_id] = self._transcript(session_id, sessions)
            self._seen.loose = added(self._seen.loose, self._take(transcripts[session_id], row.line))
            if len(self._turns) >= self._part_turns:
                yield
        self._sessions += (session for transcript in transcripts.values() for session in transcript.sessions.values())

    def _take(self, transcript: Transcript, line: bytes | None) -> dict[str, int]:
        """Read an event; return the problem with it."""
        problem = "long line" if line is None else None
        try:
            turn = None if line is None else transcript.read(line)
        except EventError:
            problem = "bad line"
        else:
            if turn is not None:
                self._turns.append(turn)
        if problem is None:
            return {}
        self._problems[problem] = self._problems.get(problem, 0) + 1
        return {problem: 1}

    def _transcript(self, session_id: str, sessions: Sessions) -> Transcript:
        whose, agent_id = sessions.whose, self._source.agent_id
        transcript = Transcript(
            session_id, agent_id, lambda asked: whose.get(asked, UNKNOWN), self._forks, is_fixed=True
        )
        transcript.provider, transcript.model = sessions.models.get(session_id, (None, None))
        return transcript


def _key(session: Any) -> str:
    """Return a session's id as it is stored, as plain data: a number is another one than its digits."""
    return session.decode("utf-8", "surrogateescape") if isinstance(session, bytes) else f"{session}\0"


def _go_on(transcript: Transcript, progress: Progress, head: bytes | None) -> None:
    """Prepare to go on behind what was read of a session."""
    if head is not None:
        with suppress(EventError):
            transcript.take(head)
    if progress.model is not None:
        transcript.provider, transcript.model = progress.provider, progress.model


def _reason(error: Exception) -> str:
    is_stopped = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return "takes longer to read than its size allows" if is_stopped else str(error)
