"""Read the lines of a transcript in bounded memory, and go on where the last run ended.

Transcripts are written while they are read: the last line may be half there, the file may grow, shrink or be another
one at the next look. Single lines reach hundreds of megabytes (a pasted file, an image); what is asked of such a line
is short, so its long strings are replaced while it is read.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from hashlib import blake2b
from stat import S_ISDIR, S_ISREG
from typing import Any, BinaryIO

from usagebar.ledger.reading.parts import Source, State

BUFFER = 1 << 20  # bytes read at once
LONGEST = 4 << 20  # a longer line is squeezed
LONGEST_TEXT = 1 << 10  # a longer string of such a line is replaced by its digest
TAIL = 1 << 10  # bytes before the offset that tell a file from another one

# The engine remembers each string it passes, until the match ends: pieces are small.
_PIECE = 1 << 16
_NEWLINE = 0x0A
_OUTSIDE = re.compile(rb'[^"]*(?:"[^"\\]{0,%d}"[^"]*)*' % LONGEST_TEXT)
_INSIDE = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


def opened(path: str, offset: int = 0) -> BinaryIO:
    """Open a file for `LineReader`, at an offset in bytes. Raises OSError if it cannot be read."""
    # The default buffer of 8 KiB makes lines four times as slow.
    file = open(path, "rb", buffering=BUFFER, opener=_regular)  # noqa: SIM115 (the caller closes it)
    file.seek(offset)
    return file


def _regular(path: str, flags: int) -> int:
    """Open what is a file: a pipe without a writer, or a device, would be waited for without end."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(descriptor).st_mode
    if not S_ISREG(mode) and not S_ISDIR(mode):  # of a folder `open` tells itself
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return descriptor


class LineReader:
    r"""Iterate over the lines of a buffered file from its present position on, as bytes without the `\n`.

    The last line is given even if no newline ends it; `unfinished` is True from then on. `offset` is in bytes behind
    the last finished line given. Of a line longer than `LONGEST`, strings beyond `LONGEST_TEXT` bytes are replaced by
    a digest; if it is too long even then, it is left out and `too_long` counts it. A long line of whose first bytes
    `unwanted` says so is left out and not counted. Raises OSError as the file does.
    """

    def __init__(self, file: BinaryIO, offset: int = 0, unwanted: Callable[[bytes], bool] | None = None) -> None:
        self.offset = offset
        self.unfinished = False
        self.too_long = 0
        self._file = file
        self._unwanted = unwanted

    def __iter__(self) -> Iterator[bytes]:
        return (line[:-1] if line[-1] == _NEWLINE else line for line in self.with_newlines())

    def with_newlines(self) -> Iterator[bytes]:
        """Iterate over the lines as they are in the file, which copies less; a squeezed line may lack its newline."""
        read = self._file.readline
        while line := read(LONGEST):
            if line[-1] == _NEWLINE:
                self.offset += len(line)
                yield line
            elif len(line) < LONGEST:
                self.unfinished = True
                yield line
            elif (squeezed := self._squeezed(line)) is not None:
                yield squeezed

    def _squeezed(self, head: bytes) -> bytes | None:
        # The line whose first bytes these are, None if it is left out.
        squeeze, length = Squeeze(), 0
        wanted = self._unwanted is None or not self._unwanted(head)
        piece = head
        while piece:
            length += len(piece)
            if wanted:
                squeeze.add(piece)
            if piece[-1] == _NEWLINE:
                self.offset += length
                break
            piece = self._file.readline(_PIECE)
        self.unfinished = not piece
        # A line that is being written is met again.
        self.too_long += squeeze.given_up and not self.unfinished
        return bytes(squeeze.kept).removesuffix(b"\n") if wanted and not squeeze.given_up else None


class Squeeze:
    """Take JSON text piece by piece and keep it with its long strings replaced by digests, in `kept`.

    A short string is kept as it is written. `given_up` is True once what is kept is longer than `LONGEST`; nothing is
    kept any more then.
    """

    def __init__(self) -> None:
        self.kept = bytearray()
        self.given_up = False
        self._text: bytearray | None = None  # of the string that is open
        self._digest = blake2b(digest_size=16)
        self._escape = b""

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        view = self._escape + piece
        self._escape = b""
        for start in range(0, len(view), _PIECE):
            if self.given_up:
                return
            # A backslash that ended the piece before is the start of this one.
            part = self._escape + view[start : start + _PIECE]
            self._escape, at = b"", 0
            while at < len(part):
                at = self._outside(part, at) if self._text is None else self._inside(part, at, self._text)
            if len(self.kept) > LONGEST:
                self.kept, self.given_up = bytearray(), True

    def _outside(self, part: bytes, at: int) -> int:
        match = _OUTSIDE.match(part, at)
        end = match.end() if match else at
        self.kept += part[at:end]
        if end < len(part):
            self._text, self._digest = bytearray(), blake2b(digest_size=16)
        return end + 1

    def _inside(self, part: bytes, at: int, text: bytearray) -> int:
        match = _INSIDE.match(part, at)
        end = match.end() if match else at
        if end > at:
            self._digest.update(part[at:end])
            text += part[at : min(end, at + LONGEST_TEXT + 1)]
            del text[LONGEST_TEXT + 1 :]
        if end == len(part):
            return end
        if part[end : end + 1] == b"\\":
            self._escape = b"\\"
            return len(part)
        shown = bytes(text) if len(text) <= LONGEST_TEXT else self._digest.hexdigest().encode()
        self.kept += b'"%b"' % shown
        self._text = None
        return end + 1


def resume(source: Source, state: State | None) -> int:
    """Return the offset in bytes from which to read on.

    It is 0 if the file is new, shorter, another one, or not the same before the offset. Raises OSError if the file
    cannot be read.
    """
    if state is None or not state.offset or state.inode != source.inode or source.size < state.offset:
        return 0
    with open(source.path, "rb", buffering=0, opener=_regular) as file:
        return state.offset if tail_of(file, state.offset) == state.tail else 0


def state_of(
    source: Source, file: BinaryIO, offset: int, context: dict[str, Any] | None = None, *, ended: bool = True
) -> State:
    """Return the state behind the first `offset` bytes of the open file, whose position stays.

    Without `ended` there is more to read: the size is that of what was read, so that nobody takes the file for read.
    Raises OSError as the file does.
    """
    position = file.tell()
    tail = tail_of(file, offset)
    file.seek(position)
    size, mtime_ns = (source.size, source.mtime_ns) if ended else (offset, 0)
    return State(source.path, size, mtime_ns, source.inode, offset, tail, context)


def tail_of(file: BinaryIO, offset: int) -> str:
    """Return the hash of the bytes before the offset, in hexadecimal; it moves the position. Raises OSError."""
    start = max(0, offset - TAIL)
    file.seek(start)
    return blake2b(file.read(offset - start), digest_size=16).hexdigest()
