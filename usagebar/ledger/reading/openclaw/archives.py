"""Decompress archived transcripts piece by piece, within bounds: who wrote them may not mean well."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from usagebar.ledger.reading.lines import BUFFER

MISSING = "compressed, and the package zstandard is not installed"
# Text of transcripts is compressed 5 to 50 times; the same long text many times over a few hundred times.
_MOST_TIMES = 500
_LEAST_LIMIT = 16 << 20
# Compressed bytes taken at once: what comes of them is lost if they are damaged.
_PIECE = 1 << 14
# The history that a frame may ask the reader to keep, in bytes: OpenClaw's own frames need 2 to 8 MiB.
_MOST_WINDOW = 32 << 20


class Decompressed(io.RawIOBase):
    """Read the content of a file of zstd frames. It ends where they are damaged or grow too large: `failure` says so.

    `size` is the file's, in bytes: what comes out may be 500 times as much, 16 MiB at least. Raises ImportError without
    the package zstandard.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        import zstandard  # noqa: PLC0415 (an extra)

        super().__init__()
        self.failure: str | None = None
        self._left = max(_LEAST_LIMIT, size * _MOST_TIMES)
        self._error = zstandard.ZstdError
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW)
        self._stream = decompressor.stream_reader(file, read_size=_PIECE, read_across_frames=True, closefd=False)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return how many bytes were put there, 0 at the end."""
        if self.failure is not None:
            return 0
        try:
            piece = self._stream.read1(len(buffer))
        except self._error as error:
            self.failure = f"damaged ({error})"
            return 0
        self._left -= len(piece)
        if self._left < 0:
            self.failure = "expands to more than any transcript does"
            return 0
        buffer[: len(piece)] = piece
        return len(piece)


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """Return a raw file with the buffer that lines are read with."""
    return io.BufferedReader(raw, BUFFER)
