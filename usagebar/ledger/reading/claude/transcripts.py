"""Read Claude Code's transcripts: JSON Lines, one file a session or a subagent.

Shapes: `tests/ledger/transcripts/claude/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from usagebar.ledger.reading.claude.decoding import blank, tolerant, typed
from usagebar.ledger.reading.claude.turns import Turns
from usagebar.ledger.reading.lines import LineReader, opened, resume, state_of
from usagebar.ledger.reading.parts import Part, Source, State, added

PART_BYTES = 32 << 20

# What was typed, and what tools answered, is two thirds of a transcript; such a line says so at its start.
_HEAD = 2 << 10
_MESSAGE = b'"message":{'
_BY_USER = b'"role":"user"'
_BY_MODEL = b'"message":{"model":'


def read_claude(source: Source, state: State | None, *, part_bytes: int = PART_BYTES) -> Iterator[Part]:
    """Yield the turns of a transcript from its state on, in parts of about so many bytes.

    A last line that is not finished is read if it is whole, and read again the next time. A file that cannot be read
    gives a part that says so.
    """
    reached = State(source.path, 0, 0, source.inode)
    try:
        offset = resume(source, state)
        if state is not None and offset:
            reached = state
        with opened(source.path, offset) as file:
            for part in _parts(source, file, reached._replace(offset=offset), part_bytes):
                reached = part.state
                yield part
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        yield Part([], [], reached, {}, (f"cannot read {source.path}: {reason}",))


def _parts(source: Source, file: BinaryIO, state: State, part_bytes: int) -> Iterator[Part]:
    reader = LineReader(file, state.offset, _is_by_user)
    ended = False
    while not ended:
        turns = Turns()
        given_up = reader.too_long
        ended, bad = _read(reader, turns, reader.offset + part_bytes)
        problems = added(None, {"bad line": bad, "long line": reader.too_long - given_up}) or {}
        so_far = added(state.problems, problems)
        state = state_of(source, file, reader.offset, ended=ended)._replace(problems=so_far)
        yield Part(turns.records(), [], state, problems)


def _read(reader: LineReader, turns: Turns, until: int) -> tuple[bool, int]:
    # Whether that was the end of the file, and the number of lines that are none.
    decode, add, bad, place = typed(), turns.add, 0, 0
    for raw in reader.with_newlines():
        # The lines of one session are laid out alike: most have their message where the last one had it.
        if not raw.startswith(_BY_MODEL, place):
            at = raw.find(_MESSAGE, 0, _HEAD)
            if at >= 0 and raw.startswith(_BY_USER, at + len(_MESSAGE)):
                continue
            place = at
        try:
            line = decode(raw)
        except (ValueError, RecursionError):
            line = tolerant(raw)
        if line is not None:
            add(line, raw)
        elif not reader.unfinished and not blank(raw):
            bad += 1
        if reader.offset >= until:
            return False, bad
    return True, bad


def _is_by_user(head: bytes) -> bool:
    at = head.find(_MESSAGE, 0, _HEAD)
    return at >= 0 and head.startswith(_BY_USER, at + len(_MESSAGE))
