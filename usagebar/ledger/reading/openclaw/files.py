"""Read OpenClaw's transcripts in files: one event a line, plain or compressed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from usagebar.ledger.reading.lines import LineReader, opened, resume, state_of
from usagebar.ledger.reading.openclaw.archives import MISSING, Decompressed, buffered
from usagebar.ledger.reading.openclaw.decoding import EventError
from usagebar.ledger.reading.openclaw.events import Transcript, is_of_others
from usagebar.ledger.reading.openclaw.forks import FileForks
from usagebar.ledger.reading.openclaw.keys import UNKNOWN, listed_sessions, name, told_records
from usagebar.ledger.reading.parts import Part, Source, State, added
from usagebar.ledger.turns import TurnRecord

PART_BYTES = 32 << 20
DAMAGED = {"damaged archive": 1}


def read_openclaw_file(source: Source, state: State | None, *, part_bytes: int = PART_BYTES) -> Iterator[Part]:
    """Walk what is new in a transcript, in parts of about so many bytes; nothing is raised."""
    try:
        offset = resume(source, state)
        with opened(source.path, offset) as file:
            yield from _file_parts(source, state if offset else None, file, part_bytes)
    except OSError as error:
        yield unread_part(source, state, f"{source.path}: {error.strerror or error}")


def read_openclaw_archive(source: Source, state: State | None, *, part_bytes: int = PART_BYTES) -> Iterator[Part]:
    """Walk the turns of a compressed transcript, in parts of about so many bytes; nothing is raised."""
    try:
        with opened(source.path) as file:
            yield from _archive_parts(source, file, part_bytes)
    except ImportError:
        yield unread_part(source, state, f"{source.path}: {MISSING}")
    except OSError as error:
        yield unread_part(source, state, f"{source.path}: {error.strerror or error}")


def read_openclaw_sessions(source: Source, state: State | None) -> Iterator[Part]:
    """Walk the one part of a list of sessions: what it tells of each, and no turns; nothing is raised."""
    listed, complaint = listed_sessions(os.path.dirname(source.path))
    if complaint is not None:
        yield unread_part(source, state, complaint)
    else:
        ended = State(source.path, source.size, source.mtime_ns, source.inode, source.size)
        yield Part([], told_records(listed, source.agent_id), ended, {})


def unread_part(source: Source, state: State | None, *sentences: str) -> Part:
    """Return a part that says what was not read, in the state of the last run: the next one tries again."""
    return Part([], [], state or State(source.path, -1, 0, source.inode), {}, sentences)


class Reading:
    """Gather what the lines of a transcript give, until a part is full; `before` are the problems before them."""

    def __init__(self, transcript: Transcript, reader: LineReader, before: dict[str, int] | None = None) -> None:
        self.transcript, self.reader = transcript, reader
        self._before = before
        self.is_torn = False
        self._turns: list[TurnRecord] = []
        self._problems: dict[str, int] = {}

    @property
    def so_far(self) -> dict[str, int] | None:
        """The problems of the whole transcript, None if there are none."""
        return added(self._before, self._problems)

    def full(self, part_bytes: int) -> Iterator[None]:
        """Read all lines, and stop whenever so many bytes were read that a part should be taken."""
        begun = self.reader.offset
        for line in self.reader.with_newlines():
            if len(line) > 2 or not line.isspace():
                self._read(line)
            if self.reader.offset - begun >= part_bytes:
                yield
                begun = self.reader.offset
        if self.reader.too_long:
            self._problems["long line"] = self.reader.too_long

    def _read(self, line: bytes) -> None:
        try:
            turn = self.transcript.take(line)
        except EventError:
            # The last line may be half of one that is being written.
            if self.reader.unfinished:
                self.is_torn = True
            else:
                self._problems["bad line"] = self._problems.get("bad line", 0) + 1
        else:
            if turn is not None:
                self._turns.append(turn)

    def taken(self, state: State, unread: Iterable[str | None] = ()) -> Part:
        """Return what was gathered since this was asked last."""
        turns, self._turns = self._turns, []
        self._before = self.so_far
        problems, self._problems = self._problems, {}
        sessions, self.transcript.sessions = list(self.transcript.sessions.values()), {}
        return Part(turns, sessions, state, problems, tuple(sentence for sentence in unread if sentence is not None))


def _file_parts(source: Source, state: State | None, file: BinaryIO, part_bytes: int) -> Iterator[Part]:
    transcript = _transcript(source)
    if state is not None:
        transcript.go_on(state.context or {})
    reader = LineReader(file, file.tell(), is_of_others)
    reading = Reading(transcript, reader, None if state is None else state.problems)
    for _ in reading.full(part_bytes):
        state = state_of(source, file, reader.offset, transcript.context(), ended=False)
        yield reading.taken(state._replace(problems=reading.so_far))
    state = state_of(source, file, reader.offset, transcript.context())
    yield reading.taken(state._replace(problems=reading.so_far))


def _archive_parts(source: Source, file: BinaryIO, part_bytes: int) -> Iterator[Part]:
    content = Decompressed(file, source.size)
    reading = Reading(_transcript(source), LineReader(buffered(content), 0, is_of_others))
    begun = State(source.path, -1, 0, source.inode)
    for _ in reading.full(part_bytes):
        yield reading.taken(begun)
    # Whatever is wrong with an archive stays so: it is not read again.
    ended = State(source.path, source.size, source.mtime_ns, source.inode, source.size)
    damaged = damage(source.path, content, reading)
    so_far = reading.so_far if damaged is None else added(reading.so_far, DAMAGED)
    yield reading.taken(ended._replace(problems=so_far), (damaged,))


def damage(place: str, content: Decompressed, reading: Reading) -> str | None:
    """Return a sentence if an archive was not read to its end."""
    if content.failure is not None:
        return f"{place}: {content.failure}"
    return f"{place}: ends in the middle of a line" if reading.is_torn else None


def _transcript(source: Source) -> Transcript:
    folder, file = os.path.split(source.path)
    if os.path.basename(folder) == "cold":
        folder = os.path.dirname(folder)
    # What is wrong with the list is told where it is read itself.
    listed, _ = listed_sessions(folder)
    stem = name(file.partition(".jsonl")[0]) or file
    forks = FileForks(folder, source.agent_id)
    return Transcript(stem, source.agent_id, lambda session_id: listed.get(session_id, UNKNOWN), forks)
