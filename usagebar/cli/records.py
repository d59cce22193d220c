"""Turns as JSON or JSON Lines, from files or standard input; a wrong one is named with file, line and column."""

from __future__ import annotations

import sys

from usagebar.template.jsonc import JsoncError, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

STDIN = "-"
LINE_SUFFIXES = (".jsonl", ".ndjson")
BLANK = b" \t\r\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class BadRecord(Exception):  # noqa: N818 - one record's fault, the others go on
    """A record that cannot be used; the message names the place and what is wrong there."""


class Entry:
    """One record as it stands in its file; `is_live`: whoever writes it may be waiting for the answer."""

    def __init__(self, name: str, data: bytes, line: int | None = None, *, is_live: bool = False) -> None:
        self.name = name
        self.is_live = is_live
        self._data = data
        self._is_line = line is not None
        self._first_line = line or 1

    def value(self) -> object:
        """Return the decoded record.

        Raises:
            BadRecord: it is no JSON.
        """
        try:
            text = self._data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = self._data[: error.start].decode("utf-8")
            raise self.bad(f"expected UTF-8, found byte 0x{self._data[error.start]:02x}", before, len(before)) from None
        try:
            return read_json(text)
        except JsoncError as error:
            is_stream = error.message.startswith("expected the end of the text") and not self._is_line
            hint = "; --jsonl reads a record a line" if is_stream else ""
            raise self.bad(error.message + hint, text, error.offset) from None

    def bad(self, message: str, text: str = "", offset: int = 0) -> BadRecord:
        """Return the complaint about a place in the record's text."""
        from usagebar.template.position import line_column  # noqa: PLC0415 - only to complain

        line, column = line_column(text, offset)
        return BadRecord(f"{self.name}:{line + self._first_line - 1}:{column}: {message}")


class Absent(Entry):
    """In the place of a file that cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, b"")
        self._reason = reason

    def value(self) -> object:
        """Raise what kept the file from being read."""
        raise BadRecord(f"{self.name}: {self._reason}")


def entries(files: Sequence[str], *, lines: bool) -> Iterator[Entry]:
    """Walk the records of files, `-` being standard input: one a file, or one a line. Blank lines are none."""
    for name in files:
        split = _lines if lines or name.endswith(LINE_SUFFIXES) else _whole
        try:
            if name == STDIN:
                yield from split("<stdin>", sys.stdin.buffer, is_live=True)
            else:
                with open(name, "rb") as file:
                    yield from split(name, file, is_live=False)
        except OSError as error:
            yield Absent(name, f"expected a readable file, found: {(error.strerror or str(error)).lower()}")
        except ValueError:  # a NUL in the name
            yield Absent(repr(name), "expected a path, found one that no file can have")


def _whole(name: str, file: BinaryIO, *, is_live: bool) -> Iterator[Entry]:
    yield Entry(name, file.read().removeprefix(BYTE_ORDER_MARK), is_live=is_live)


def _lines(name: str, file: BinaryIO, *, is_live: bool) -> Iterator[Entry]:
    # readline, not iteration: that would wait for a whole buffer of a pipe.
    for number, line in enumerate(iter(file.readline, b""), 1):
        data = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if data.strip(BLANK):
            yield Entry(name, data.rstrip(BLANK), number, is_live=is_live)
