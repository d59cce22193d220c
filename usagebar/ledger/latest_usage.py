"""The latest usage entry of a transcript, found from its end: transcripts may have gigabytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.reading.claude.decoding import tolerant
from usagebar.ledger.reading.claude.turns import Turns
from usagebar.ledger.reading.lines import LineReader
from usagebar.ledger.reading.openclaw.decoding import EventError
from usagebar.ledger.reading.openclaw.events import Transcript
from usagebar.ledger.reading.openclaw.keys import UNKNOWN
from usagebar.ledger.turns import TurnRecord

CHUNK_BYTES = 256 * 1024
# Longer lines are not put together here: the readers' own way keeps only what is short in them.
LONG_BYTES = 4 * 1024 * 1024
_SIGN = b'"usage"'


def latest_usage(path: str | os.PathLike[str]) -> TurnRecord | None:
    """Return the last model call that a transcript of OpenClaw or Claude Code tells of; None without one or a file.

    Calls of side chains are passed over, and those that used nothing: they tell nothing of the session's state.
    Raises `LedgerError` for what is no path and no regular file, or one that cannot be read.
    """
    name = os.path.expanduser(os.fspath(path))
    try:
        # Looked at before it is opened: a named pipe would block.
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise LedgerError(f"{name}: expected a regular file, found something else")
        with open(name, "rb", buffering=0) as file:
            calls = map(_call, lines_backwards(file))
            return next((call for call in calls if call is not None), None)
    except FileNotFoundError:
        return None
    except ValueError as error:  # a NUL, or half a surrogate pair
        if isinstance(error, LedgerError):
            raise
        raise LedgerError(f"expected the path of a transcript, found {name!r:.80}: {error}") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LedgerError(f"{name}: expected a readable file, found: {reason}") from None


def _call(line: bytes) -> TurnRecord | None:
    if _SIGN not in line:
        return None
    call = _of_openclaw(line) or _of_claude(line)
    if call is None or call.sidechain:
        return None
    counts = (call.input, call.cache_read, call.cache_write_5m, call.cache_write_1h, call.output)
    return call if any(counts) else None


def _of_openclaw(line: bytes) -> TurnRecord | None:
    try:
        return Transcript("", None, lambda _session: UNKNOWN).take(line)
    except EventError:  # the end of a line that is being written, or another runtime's
        return None


def _of_claude(line: bytes) -> TurnRecord | None:
    found = tolerant(line)
    if found is None:
        return None
    turns = Turns()
    turns.add(found, line)
    # An advisor's call comes behind the one that it was asked in.
    return next(iter(turns.records()), None)


def lines_backwards(file: BinaryIO, chunk_bytes: int = CHUNK_BYTES, long_bytes: int = LONG_BYTES) -> Iterator[bytes]:
    """Walk the lines of a file from the last to the first, without their newlines, in bounded memory.

    Of a long line the long texts are left out, as `LineReader` does.
    """
    position, behind, length = file.seek(0, os.SEEK_END), [b""], 0
    while position > 0:
        size = min(chunk_bytes, position)
        position -= size
        file.seek(position)
        first, *others = _exactly(file, size).split(b"\n")
        at = position + size
        while others:
            piece = others.pop()
            at -= len(piece) + 1
            length += len(piece)
            yield _long_line(file, at + 1) if length > long_bytes else b"".join([piece, *reversed(behind)])
            behind, length = [], 0
        length += len(first)
        behind = [*behind, first] if length <= long_bytes else []
    yield _long_line(file, 0) if length > long_bytes else b"".join(reversed(behind))


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return bytes(data)


def _long_line(file: BinaryIO, start: int) -> bytes:
    file.seek(start)
    with open(file.fileno(), "rb", closefd=False) as buffered:
        return next(iter(LineReader(buffered, start)), b"")
