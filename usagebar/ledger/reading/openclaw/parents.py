"""Find the sessions that others were forked from in OpenClaw's database, else among the files beside it."""

from __future__ import annotations

import os
from typing import Any

from usagebar.ledger.reading.openclaw.blobs import Archives
from usagebar.ledger.reading.openclaw.cells import EventTable
from usagebar.ledger.reading.openclaw.decoding import EventError, decode_event
from usagebar.ledger.reading.openclaw.forks import FileForks
from usagebar.ledger.reading.openclaw.references import Fork, Parent, fork_of
from usagebar.ledger.reading.openclaw.tables import session_of
from usagebar.ledger.reading.parts import Source

_PARENT = b'"parentSession"'
_OTHER = b"{}"  # stands for an event that tells of no parent
_MOST_DIGITS = 18  # of a session's number


class StoredForks:
    """Find the parent that a fork names: among the events of a database, its archives, and the files of its agent."""

    def __init__(self, source: Source, events: EventTable, archives: Archives) -> None:
        self._agent_id = source.agent_id
        self._events, self._archives = events, archives
        agent = os.path.dirname(os.path.dirname(source.path))
        self._files = FileForks(os.path.join(agent, "sessions"), source.agent_id)
        self._found: dict[str, Parent | None] = {}
        self._heads: dict[str, Any] | None = None

    def __call__(self, fork: Fork) -> Parent | None:
        """Return what is found of the parent of a fork, None if it is nowhere."""
        session_id = fork.parent
        if session_id not in self._found:
            is_there, event = self._event(session_id)
            if not is_there:
                event = self._archives.header(session_id)
            is_there = is_there or event is not None
            found = Parent(self._agent_id, None if event is None else fork_of(event)) if is_there else None
            self._found[session_id] = found
        return self._found[session_id] or self._files(fork)

    def _event(self, session_id: str) -> tuple[bool, Any | None]:
        """Return whether the table of events has a session, and the `session` event at its start, if there is one."""
        if not self._events.is_there:
            return False, None
        head = self._head(session_id)
        if head is None:
            return False, None
        try:
            event = decode_event(head)
        except EventError:
            return True, None
        return True, event if event.type == "session" else None

    def _head(self, session_id: str) -> bytes | None:
        if not self._events.is_indexed:
            return self._all_heads().get(session_id)
        head = self._events.first(session_id.encode("utf-8", "replace"))
        if head is None and session_id.isdecimal() and len(session_id) <= _MOST_DIGITS:
            head = self._events.first(int(session_id))
        return head

    def _all_heads(self) -> dict[str, bytes]:
        """Return the first events of all sessions, in full if they may tell of a parent, by one look at the table."""
        if self._heads is None:
            self._heads = {}
            for row in self._events.all_events():
                session_id, line = session_of(row.session), row.line or b""
                if session_id is not None and self._heads.get(session_id, _OTHER) == _OTHER:
                    self._heads[session_id] = line if _PARENT in line else _OTHER
        return self._heads
