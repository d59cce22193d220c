"""A settings file: read with care, kept as a backup, replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.template.source import Missing, Unreadable, check_size, decoded, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "\ufeff"
# Settings can hold keys: a file and folder that are new are their owner's alone.
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_MOST_ATTEMPTS = 5


class LeftAlone(Exception):  # noqa: N818 - what became of the file, and why
    """A file that was not changed; the message says why."""


class SettingsFile(Record):
    """A file as it was read: its path as named, where symbolic links lead, and its bytes, None if there is none."""

    path: str
    target: str
    data: bytes | None

    @property
    def text(self) -> str:
        """Its text without a byte order mark; `""` if there is no file.

        Raises:
            LeftAlone: it is not UTF-8.
        """
        try:
            return decoded(self.data or b"")
        except Unreadable as error:
            raise LeftAlone(f"cannot read {self.path}: {error}") from None

    def bytes_of(self, text: str) -> bytes:
        """Return a text as this file holds it: UTF-8, with a byte order mark if there is one now.

        Raises:
            LeftAlone: that is more than a file may have, so that it could not be read again.
        """
        has_mark = self.data is not None and self.data.startswith(_MARK.encode())
        data = (_MARK * has_mark + text).encode()
        try:
            check_size(len(data))
        except Unreadable as error:
            raise LeftAlone(f"cannot write {self.path}: {error}; the file was left alone") from None
        return data


def read_file(path: str) -> SettingsFile:
    """Return a file as it is now.

    Raises:
        LeftAlone: it cannot be read, is no regular file, is over 1 MiB, or is a link to nothing.
    """
    target = os.path.realpath(path) if "\0" not in path else path
    try:
        return SettingsFile(path, target, snapshot(target).data)
    except Unreadable as error:
        raise LeftAlone(f"cannot read {path}: {error}") from None
    except Missing:
        if os.path.lexists(path):
            raise LeftAlone(f"expected a file at {path}, found a link to {target}, which is not there") from None
        return SettingsFile(path, target, None)


def replace_file(file: SettingsFile, data: bytes, *, keep: bool) -> str | None:
    """Put new bytes in the place of a file, whole; return the backup that holds the old ones, None if there is none.

    With `keep`, the old bytes are in a backup beside the file, the newest there. Links stay links, the file's mode and
    owner stay. Whatever fails, the file is as it was; a backup that was made stays.

    Raises:
        LeftAlone: it cannot be written, or is no longer as it was read.
    """
    try:
        os.makedirs(os.path.dirname(file.target), _FOLDER_MODE, exist_ok=True)
        with _part(file, data) as part:
            backup = _backup(file) if keep else None
            if read_file(file.path) != file:
                raise LeftAlone(f"{file.path} was changed by another program meanwhile; run this again")
            os.replace(part, file.target)
    except OSError as error:
        raise LeftAlone(f"cannot write {file.path}: {(error.strerror or str(error)).lower()}") from None
    return backup


# ---------------------------------------------------------------- backups


def backups(path: str) -> list[str]:
    """Return the backups of a file, the newest first.

    Raises:
        LeftAlone: the folder cannot be listed.
    """
    folder, name = os.path.split(os.path.abspath(path))
    pattern = re.compile(re.escape(name) + r"\.usagebar-backup(?:-([1-9][0-9]*))?")
    try:
        matches = [match for each in os.listdir(folder) if (match := pattern.fullmatch(each))]
    except OSError as error:
        raise LeftAlone(f"cannot list {folder}: {(error.strerror or str(error)).lower()}") from None
    newest_first = sorted(matches, key=lambda match: int(match[1] or 1), reverse=True)
    return [os.path.join(os.path.dirname(path), match[0]) for match in newest_first]


def _backup(file: SettingsFile) -> str | None:
    """Keep a file's bytes beside it, and return where.

    That there was no file is kept as an empty one, where an older backup would say otherwise. A backup is never deleted
    again, also if what follows fails: another process may rely on it by then.
    """
    for attempt in range(1, _MOST_ATTEMPTS + 1):
        older = backups(file.path)
        if file.data is None and not older:
            return None
        if older and _holds(older[0], file.data or b""):
            return older[0]
        path = _next_backup(file.path, older)
        try:
            _create(path, file)
        except FileExistsError:  # another process made one of that name meanwhile
            if attempt == _MOST_ATTEMPTS:
                raise
        else:
            break
    return path


def _holds(path: str, data: bytes) -> bool:
    try:
        return snapshot(path).data == data
    except (Missing, Unreadable):  # then it holds something else
        return False


def _next_backup(path: str, older: list[str]) -> str:
    first = f"{path}.usagebar-backup"
    if not older:
        return first
    newest = older[0].rpartition("-")[2]
    return f"{first}-{int(newest) + 1 if newest.isdigit() else 2}"


def _create(path: str, file: SettingsFile) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _FILE_MODE)
    try:
        _fill(descriptor, file.data or b"")
        _copy_mode(file, path)
    except BaseException:
        if not _holds(path, file.data or b""):  # nobody relies on a part
            os.unlink(path)
        raise


# ---------------------------------------------------------------- writing


@contextmanager
def _part(file: SettingsFile, data: bytes) -> Iterator[str]:
    """Write bytes to a new file beside the one that they are for; it is gone at the end, unless it was renamed."""
    if file.data is not None and not os.access(file.target, os.W_OK):
        raise PermissionError(errno.EACCES, "permission denied")  # a renaming would not ask
    folder, name = os.path.split(file.target)
    descriptor, part = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    try:
        _fill(descriptor, data)
        _copy_mode(file, part)
        yield part
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def _fill(descriptor: int, data: bytes) -> None:
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _copy_mode(file: SettingsFile, path: str) -> None:
    """Give a new file the mode and the owner of the settings, if there are any."""
    if file.data is None:
        return
    there = os.stat(file.target)
    if sys.platform != "win32":
        new = os.stat(path)
        if (new.st_uid, new.st_gid) != (there.st_uid, there.st_gid):
            os.chown(path, there.st_uid, there.st_gid)
    os.chmod(path, stat.S_IMODE(there.st_mode))
