"""Find the sessions that others were forked from, among the files of OpenClaw's agents.

A reference to a parent is a log's own text: it is compared with the names that folders list, and never becomes a path.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from stat import S_ISREG
from typing import Any, BinaryIO

from usagebar.ledger.reading.finding import LIST, kind_of
from usagebar.ledger.reading.lines import opened
from usagebar.ledger.reading.openclaw.archives import Decompressed, buffered
from usagebar.ledger.reading.openclaw.decoding import EventError, decode_event
from usagebar.ledger.reading.openclaw.keys import name
from usagebar.ledger.reading.openclaw.references import Fork, Parent, fork_of

_SESSIONS, _COLD = "sessions", "cold"
# The first line of a transcript is short, and in an archive of cold storage one more is before it.
_MOST_HEADER = 1 << 16
_MOST_LINES = 3
# So many files of names that begin alike are looked at.
_MOST_FILES = 64


class FileForks:
    """Find the parent that a fork names, in the folder of an agent's transcripts, or in that of the agent it names."""

    def __init__(self, folder: str, agent_id: str | None) -> None:
        self._folder, self._agent_id = folder, agent_id
        self._found: dict[Fork, Parent | None] = {}

    def __call__(self, fork: Fork) -> Parent | None:
        """Return what is found of the parent of a fork, None if it is nowhere."""
        if fork not in self._found:
            parents = (self._in(folder, agent_id, fork.parent) for folder, agent_id in self._folders(fork))
            self._found[fork] = next((parent for parent in parents if parent is not None), None)
        return self._found[fork]

    def _folders(self, fork: Fork) -> Iterator[tuple[str, str | None]]:
        agents = os.path.dirname(os.path.dirname(self._folder))
        named = [agent for agent in (fork.agent_id, fork.near) if agent not in (None, self._agent_id)]
        if named and os.path.basename(self._folder) == _SESSIONS:
            for agent in sorted(set(named).intersection(_names(agents)), key=named.index):
                yield os.path.join(agents, agent, _SESSIONS), agent
        yield self._folder, self._agent_id

    def _in(self, folder: str, agent_id: str | None, session_id: str) -> Parent | None:
        for place in (folder, os.path.join(folder, _COLD)):
            for file in _files(place, session_id):
                event = _header(os.path.join(place, file))
                if event is not None and (name(event.id) or file.partition(".jsonl")[0]) == session_id:
                    fork = fork_of(event)
                    return Parent(agent_id, fork if fork is None else fork._replace(near=agent_id))
        return None


def _files(folder: str, session_id: str) -> list[str]:
    """Return the transcripts in a folder whose names begin with a session's id, the one named by it alone first."""
    names = _names(folder)
    start = bisect_left(names, session_id)
    begun = (file for file in names[start : start + _MOST_FILES] if file.startswith(session_id))
    found = [file for file in begun if kind_of(file) not in (None, LIST)]
    return sorted(found, key=lambda file: (not file.startswith(session_id + ".jsonl"), file))


def _names(folder: str) -> tuple[str, ...]:
    try:
        found = os.stat(folder)
    except (OSError, ValueError):
        return ()
    return _listed(folder, found.st_mtime_ns)


@lru_cache(maxsize=8)
def _listed(folder: str, _mtime_ns: int) -> tuple[str, ...]:
    # Thousands of forks lie in one folder.
    try:
        return tuple(sorted(os.listdir(folder)))
    except OSError:
        return ()


def _header(path: str) -> Any | None:
    """Return the `session` event at the start of a transcript; None if there is none, or it cannot be read."""
    try:
        found = os.stat(path)
        if not S_ISREG(found.st_mode):
            return None
        with opened(path) as file:
            is_packed = path.endswith(".zst")
            return header_in(buffered(Decompressed(file, found.st_size)) if is_packed else file)
    except (OSError, ImportError):
        return None


def header_in(file: BinaryIO) -> Any | None:
    """Return the `session` event at the start of the lines of a transcript, None if there is none. Raises OSError."""
    for _ in range(_MOST_LINES):
        try:
            event = _unwrapped(decode_event(file.readline(_MOST_HEADER)))
        except EventError:
            return None
        if event.type == "session":
            return event
        if event.kind != "header":
            return None
    return None


def _unwrapped(event: Any) -> Any:
    is_wrapped = event.type is None and event.kind == "event" and event.row is not None
    if is_wrapped and isinstance(event.row.event_json, str):
        return decode_event(event.row.event_json.encode("utf-8", "replace"))
    return event
