"""Where the choices of sessions are kept, for `usagebar.contract.modes`: any store of one method, and two of them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from usagebar.contract.errors import ContractError
from usagebar.engine.shape import kind_of
from usagebar.template.jsonc import JsoncError, read_json
from usagebar.template.position import line_column

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

Change = Callable[[str | None], str | None]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ModeStore(Protocol):
    """Keep the choices of sessions: whatever has this one method is a store."""

    def update(self, session: str, change: Change) -> str | None:
        """Hand a session's choice to `change`, keep what that returns, and return it; None is no choice.

        No other update of this session may come in between. `change` depends on nothing but the choice, and does not
        use the store, so a store may call it again if another writer was faster.
        """


def _exact(session: str) -> str:
    if not isinstance(session, str):
        raise TypeError(f"expected a session id (a string), found {type(session).__name__}")
    return str.__str__(session)  # an enum's member would hash as its name


class MemoryModeStore:
    """Keep choices as long as the process lives; it may be shared between threads."""

    def __init__(self) -> None:
        self._choices: dict[str, str] = {}
        self._lock = threading.Lock()

    def update(self, session: str, change: Change) -> str | None:
        """Change a session's choice, as `ModeStore` says; raises `TypeError` if the session is no string."""
        key = _exact(session)
        with self._lock:
            choice = change(self._choices.get(key))
            _put(self._choices, key, choice)
        return choice


# Where the system has no locks for files, the threads of this process exclude each other at least.
_THREADS = threading.Lock()


class FileModeStore:
    """Keep choices in a JSON file, an object of words by session id; it may be shared between threads and processes.

    `~` expands. The file and its folders are made when they are first needed, and `<file>.lock` beside it guards it,
    where the system has `fcntl`, against other processes. An update that changes something writes a whole new file,
    which takes the old one's place and its permissions. Entries that are no choices stay as they are.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.path.abspath(os.path.expanduser(os.fsdecode(path)))

    def __repr__(self) -> str:
        return f"<FileModeStore {self.path!r}>"

    def update(self, session: str, change: Change) -> str | None:
        """Change a session's choice, as `ModeStore` says; an entry that is no string counts as no choice.

        Raises:
            ContractError: the file holds no JSON object; the message has its place, and the file stays as it is.
            TypeError: the session is no string.
            OSError: the file cannot be read or written.
        """
        key, target = _exact(session), os.path.realpath(self.path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with _locked(target):
            entries = _read(target)
            found = entries.get(key)
            stored = found if isinstance(found, str) else None
            choice = change(stored)
            if choice != stored:
                _put(entries, key, choice)
                _replace(target, _encoded(entries, target))
        return choice


def _put(choices: dict[str, Any], session: str, choice: str | None) -> None:
    if choice is None:
        choices.pop(session, None)
    else:
        choices[session] = choice


@contextmanager
def _locked(target: str) -> Iterator[None]:
    if fcntl is None:
        with _THREADS:
            yield
        return
    # Not the file itself: whoever waited for it would hold the lock of the file that was replaced meanwhile.
    with open(f"{target}.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Closing is not enough: a process that was forked in between has it open too.
            fcntl.flock(lock, fcntl.LOCK_UN)


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read().removeprefix(_BYTE_ORDER_MARK)
    except FileNotFoundError:
        return {}
    try:
        text = data.decode("utf-8")
        entries = read_json(text)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise _broken(path, before, len(before), f"expected UTF-8, found byte 0x{data[error.start]:02x}") from None
    except JsoncError as error:
        raise _broken(path, text, error.offset, error.message) from None
    if not isinstance(entries, dict):
        start = len(text) - len(text.lstrip())
        raise _broken(path, text, start, f"expected an object of modes by session, found {kind_of(entries)}")
    return entries


def _broken(path: str, text: str, offset: int, message: str) -> ContractError:
    line, column = line_column(text, offset)
    return ContractError(f"{path}:{line}:{column}: {message}")


def _encoded(entries: dict[str, Any], path: str) -> bytes:
    try:
        return json.dumps(entries, indent=2, allow_nan=False).encode() + b"\n"
    except ValueError:  # in an entry of someone else: written back, it would be another value
        raise ContractError(f"{path}: expected numbers that a double can hold, found NaN or a larger one") from None


def _replace(target: str, data: bytes) -> None:
    part = f"{target}.{os.getpid()}.part"
    _remove(part)  # left behind by a process of this number that was killed
    try:
        with open(part, "xb") as file:
            if os.path.exists(target):
                os.chmod(part, os.stat(target).st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        _remove(part)
        raise


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
