"""The turns that a template is tried on: samples by their name, contracts from files."""

from __future__ import annotations

import os
import sys
from _collections_abc import Mapping
from typing import TYPE_CHECKING

from usagebar.cli.options import UsageError, nearest
from usagebar.cli.records import STDIN, BadRecord, Entry
from usagebar.contract.samples import SAMPLES
from usagebar.engine.shape import kind_of
from usagebar.record import Record
from usagebar.template.source import MAX_BYTES, Missing, Snapshot, Unreadable, check_size, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Turn(Record):
    """A turn to show: what the user calls it, what it is a sample of, its contract."""

    name: str
    summary: str
    contract: Mapping[str, Any]


class TurnFile:
    """A contract in a file, read again when the file changed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._snapshot: Snapshot | None = None
        self._read: Turn | BadRecord | None = None

    def turn(self) -> Turn:
        """Return the turn that the file holds now.

        Raises:
            BadRecord: it cannot be read, or holds no contract; the message names the place.
        """
        try:
            found = snapshot(self.path, self._snapshot)
        except (Missing, Unreadable) as error:
            self._snapshot, self._read = None, None
            place = "" if isinstance(error, Missing) else f"{self.path}: "
            raise BadRecord(f"{place}{error}") from None
        if self._read is None or self._snapshot is None or found.data is not self._snapshot.data:
            self._read = _understood(self.path, found.data)
        self._snapshot = found
        if isinstance(self._read, BadRecord):
            raise self._read.with_traceback(None)
        return self._read


def _understood(name: str, data: bytes) -> Turn | BadRecord:
    try:
        return _from_text(name, data)
    except BadRecord as error:
        return error


def _from_text(name: str, data: bytes) -> Turn:
    # As a line of its own: the complaint about a second record must not name an option that is not there.
    entry = Entry(name, data.removeprefix(_BYTE_ORDER_MARK), line=1)
    contract = entry.value()
    if not isinstance(contract, Mapping):
        raise entry.bad(f"expected a contract (an object), found {kind_of(contract)}")
    return Turn(name, "", contract)


def chosen(names: Sequence[str], default: Sequence[str] = ()) -> list[Turn | TurnFile]:
    """Return the turns that are named, once each: samples, files, `-` for standard input; else the default's samples.

    Raises:
        UsageError: a name of neither a sample nor a file.
        BadRecord: standard input holds no contract.
    """
    return [_chosen(name) for name in dict.fromkeys(names or default or SAMPLES)]


def _chosen(name: str) -> Turn | TurnFile:
    if name in SAMPLES:
        sample = SAMPLES[name]
        return Turn(sample.name, sample.summary, sample.contract)
    if name == STDIN:
        return _from_standard_input()
    if not _may_be_file(name):
        raise UsageError(
            f"expected a file or a sample turn behind --turn, found {name!r}{nearest(name, list(SAMPLES))}\n"
            f"help: the sample turns are {', '.join(SAMPLES)}"
        )
    return TurnFile(name)


def _may_be_file(name: str) -> bool:
    """Tell a path from a mistyped name: by a dot or a slash in it, or by what is there."""
    return any(mark in name for mark in (".", "/", os.sep)) or ("\0" not in name and os.path.lexists(name))


def _from_standard_input() -> Turn:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        check_size(len(data))
    except Unreadable as error:
        raise BadRecord(f"<stdin>: {error}") from None
    return _from_text("<stdin>", data)


def turns_of(sources: Sequence[Turn | TurnFile]) -> tuple[list[Turn], list[str]]:
    """Return the turns as they are now, and what is wrong with the others."""
    turns, wrong = [], []
    for source in sources:
        try:
            turns.append(source if isinstance(source, Turn) else source.turn())
        except BadRecord as error:
            wrong.append(str(error))
    return turns, wrong
