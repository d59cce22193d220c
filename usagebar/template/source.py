"""Where a configured template comes from, and its bytes: rows 1 to 5 of the loading table.

Configured is nothing, a mapping, a path, or template text: `bytes`, or a `str` whose first significant character, after
a byte order mark, white space and comments, is `{`.
"""

from __future__ import annotations

import os
import stat
import time

from usagebar.engine.values import WHITE_SPACE
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Stamp: TypeAlias = tuple[int, ...]

MAX_BYTES = 1024 * 1024
# Clocks of file systems tick in milliseconds: a file written this shortly before it was read may be written once more
# within the same tick, and look unchanged.
SETTLED_AFTER_NS = 100_000_000

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Missing(Exception):  # noqa: N818 - a row of the table, not always an error
    """There is no file at the path."""


class Unreadable(Exception):  # noqa: N818 - as above
    """There is something at the path that cannot be a template's text; the message says what."""


class Snapshot(Record):
    """A file's bytes as last read, and what `stat` said of it then."""

    data: bytes
    stamp: Stamp
    settled: bool  # whether an equal stamp later proves equal bytes


def snapshot(path: str, last: Snapshot | None = None) -> Snapshot:
    """Return the bytes of a regular file; `last` itself if one `stat` shows that nothing changed.

    If it was read again and holds the same bytes, the result's `data` is the very object of `last`.

    Raises:
        Missing: there is no such file (ENOENT, nothing else).
        Unreadable: any other error, not a regular file (never opened: a named pipe would block), or over 1 MiB.
    """
    try:
        found = _regular(os.stat(path))
        stamp = _stamp(found)
        if last is not None and last.settled and stamp == last.stamp:
            return last
        now = time.time_ns()
        data = _read(path)
    except FileNotFoundError:
        raise Missing(f"there is no file {path!r}") from None
    except OSError as error:
        raise Unreadable(f"expected a readable file, found: {(error.strerror or str(error)).lower()}") from None
    except ValueError:  # a NUL, or a lone surrogate that no file name can hold
        raise Unreadable("expected a path, found one that no file can have") from None
    settled = now - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_AFTER_NS
    return Snapshot(last.data if last is not None and data == last.data else data, stamp, settled)


def _stamp(found: os.stat_result) -> Stamp:
    # The time of the last status change sees also an edit that puts the modification time back.
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)


def _regular(found: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for test, name in _KINDS if test(found.st_mode)), "something else")
        raise Unreadable(f"expected a regular file, found {kind}")
    return found


def _read(path: str) -> bytes:
    # O_NONBLOCK: between the look and the opening, a pipe may have taken the file's place.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", buffering=0, opener=lambda name, _: os.open(name, flags)) as file:
        _regular(os.fstat(file.fileno()))
        data = bytearray()
        while len(data) <= MAX_BYTES and (more := file.read(MAX_BYTES + 1 - len(data))):
            data += more
    if len(data) > MAX_BYTES:
        raise Unreadable(f"expected at most {MAX_BYTES} bytes, found more")
    return bytes(data)


def decoded(data: bytes) -> str:
    """Return template text from its bytes, without a byte order mark.

    Raises:
        Unreadable: over 1 MiB, or not UTF-8.
    """
    check_size(len(data))
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        found = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise Unreadable(f"expected UTF-8, found {found}") from None


def check_size(count: int) -> None:
    """Raise Unreadable if so many bytes are more than a template may have."""
    if count > MAX_BYTES:
        raise Unreadable(f"expected at most {MAX_BYTES} bytes, found {count}")


def is_template_text(text: str) -> bool:
    """Tell whether a configured `str` is a template's text and not a path.

    Comments alone are text without a template, but a single line that starts with `//` may be a path.
    """
    start = significant(text)
    if start == len(text):
        return text.lstrip(WHITE_SPACE).startswith("/*") or "\n" in text.strip(WHITE_SPACE)
    return text[start] == "{"


def significant(text: str) -> int:
    """Return the offset of the first character that is no white space and in no comment; the length if there is none.

    An unclosed block comment counts as significant.
    """
    at = 0
    while True:
        while at < len(text) and text[at] in WHITE_SPACE:
            at += 1
        if text.startswith("//", at):
            while at < len(text) and text[at] not in "\n\r":
                at += 1
        elif text.startswith("/*", at) and (end := text.find("*/", at + 2)) >= 0:
            at = end + 2
        else:
            return at
