"""Read OpenClaw's transcripts in files: one event a line, plain or compressed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import BinaryIO

from usagebar.ledger.reading.lines import LineReader, opened, resume, state_of
from usagebar.ledger.reading.openclaw_archives import MISSING, Decompressed, buffered
from usagebar.ledger.reading.openclaw_decoding import EventError, decode_event
from usagebar.ledger.reading.openclaw_events import Fork, Transcript, fork_of, is_of_others
from usagebar.ledger.reading.openclaw_keys import UNKNOWN, listed_sessions, name
from usagebar.ledger.reading.parts import Part, Source, State
from usagebar.ledger.turns import TurnRecord

PART_BYTES = 32 << 20
# The first line of a transcript is short.
_MOST_HEADER = 1 << 16


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


def unread_part(source: Source, state: State | None, *sentences: str) -> Part:
    """Return a part that says what was not read, in the state of the last run: the next one tries again."""
    return Part([], [], state or State(source.path, -1, 0, source.inode), {}, sentences)


class Reading:
    """Gather what the lines of a transcript give, until a part is full."""

    def __init__(self, transcript: Transcript, reader: LineReader) -> None:
        self.transcript, self.reader = transcript, reader
        self.is_torn = False
        self._turns: list[TurnRecord] = []
        self._problems: dict[str, int] = {}

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
        problems, self._problems = self._problems, {}
        sessions, self.transcript.sessions = list(self.transcript.sessions.values()), {}
        return Part(turns, sessions, state, problems, tuple(sentence for sentence in unread if sentence is not None))


def _file_parts(source: Source, state: State | None, file: BinaryIO, part_bytes: int) -> Iterator[Part]:
    transcript, complaint = _transcript(source)
    if state is not None:
        transcript.go_on(state.context or {})
    reader = LineReader(file, file.tell(), is_of_others)
    reading = Reading(transcript, reader)
    for _ in reading.full(part_bytes):
        yield reading.taken(state_of(source, file, reader.offset, transcript.context(), ended=False))
    yield reading.taken(state_of(source, file, reader.offset, transcript.context()), (complaint,))


def _archive_parts(source: Source, file: BinaryIO, part_bytes: int) -> Iterator[Part]:
    transcript, complaint = _transcript(source)
    content = Decompressed(file, source.size)
    reading = Reading(transcript, LineReader(buffered(content), 0, is_of_others))
    begun = State(source.path, -1, 0, source.inode)
    for _ in reading.full(part_bytes):
        yield reading.taken(begun)
    # Whatever is wrong with an archive stays so: it is not read again.
    ended = State(source.path, source.size, source.mtime_ns, source.inode, source.size)
    yield reading.taken(ended, (complaint, damage(source.path, content, reading)))


def damage(place: str, content: Decompressed, reading: Reading) -> str | None:
    """Return a sentence if an archive was not read to its end."""
    if content.failure is not None:
        return f"{place}: {content.failure}"
    return f"{place}: ends in the middle of a line" if reading.is_torn else None


def _transcript(source: Source) -> tuple[Transcript, str | None]:
    folder, file = os.path.split(source.path)
    if os.path.basename(folder) == "cold":
        folder = os.path.dirname(folder)
    listed, complaint = listed_sessions(folder)
    stem = name(file.partition(".jsonl")[0]) or file
    transcript = Transcript(
        stem,
        source.agent_id,
        lambda session_id: listed.get(session_id, UNKNOWN),
        lambda session_id: _fork(folder, session_id),
    )
    return transcript, complaint


@lru_cache(maxsize=256)
def _fork(folder: str, session_id: str) -> Fork | None:
    """Return what the transcript of a session that is there says of where it was forked from."""
    try:
        with open(os.path.join(folder, f"{session_id}.jsonl"), "rb") as file:
            event = decode_event(file.readline(_MOST_HEADER))
    except (OSError, EventError, ValueError):  # the last is a name that no file can have
        return None
    return fork_of(event) if event.type == "session" else None
