"""`Database`: the ledger's file, or what stands in for it, to write turns to and to ask for sums."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Self

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.storing import reports
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.failures import failing, is_transient
from usagebar.ledger.storing.opening import open_place
from usagebar.ledger.storing.places import MEMORY, place_of
from usagebar.ledger.storing.states import read_states

if TYPE_CHECKING:
    from usagebar.ledger.figures import Filter, Group
    from usagebar.ledger.reading.parts import State
    from usagebar.ledger.storing.latency import LatencyGroup
    from usagebar.ledger.storing.reports import Sources
    from usagebar.ledger.storing.sessions import Minute, SessionTotals
    from usagebar.ledger.storing.writing import Known
    from usagebar.ledger.turns import SessionRecord, TurnRecord

_READING, _WRITING = "the ledger cannot be read", "nothing of this was stored"
# Connections of a parent process: to close them in a child would take locks from the parent.
_INHERITED: list[sqlite3.Connection] = []


class Database:
    """Store turns in SQLite, and tell their sums; made by `Database.open`.

    It may be used by several threads, which wait for each other, and by several processes, which each open the file; a
    child of a fork opens it again by itself.

    Attributes:
        path: the absolute path of the file, None in memory.
        note: None, or the sentence why nothing is stored; then it is a temporary database, with what the file held.
    """

    path: str | None
    note: str | None

    def __init__(self, place: str) -> None:
        self.path = None if place == MEMORY else place
        self._place = place
        self._is_closed = False
        self._calendars: dict[tzinfo, Calendar] = {}
        self._home: Calendar | None = None
        self._open()

    @classmethod
    def open(
        cls,
        url: str | os.PathLike[str] | None = None,
        *,
        environment: Mapping[str, str] = os.environ,
        zone: tzinfo | None = None,
    ) -> Self:
        """Open the ledger, and make it if it is not there.

        `url` is a path, `:memory:` or `sqlite:///path`; without it the environment's `USAGEBAR_LEDGER` says the same,
        else it is `ledger.sqlite` in the user's folder of data. `zone` is the one whose days will be asked for again
        and again: a ledger that is new keeps their sums from the start. Sums of other zones are not kept then, but made
        when they are asked for; without a `zone` those of any are kept.

        Raises:
            LedgerError: the file is no ledger, or of a newer version, is damaged, cannot be read, or is locked.
        """
        database = cls(place_of(url, environment))
        if zone is not None:
            database._home = database._calendar(zone)
            if not database._has_turns():
                database._keep(database._home)
        return database

    def _open(self) -> None:
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._connect()

    def _connect(self) -> None:
        self._memory: Known | None = None
        self._connection, self.note = open_place(self._place)
        self._file = self._number() if self.note is None else None

    def _number(self) -> tuple[int, int] | None:
        """Return what tells the file from another one of its name; None if there is none."""
        try:
            state = os.stat(self._place)
        except OSError:
            return None
        return state.st_dev, state.st_ino

    def close(self) -> None:
        """Close the database; again does nothing."""
        with self._lock:
            if not self._is_closed and self._pid == os.getpid():
                self._connection.close()
            self._is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def write(
        self, turns: Iterable[TurnRecord], sessions: Iterable[SessionRecord] = (), states: Iterable[State] = ()
    ) -> int:
        """Store turns, merged with their copies, sessions and states, all or nothing.

        Returns how many turns were new or changed.

        Raises:
            LedgerError: a turn has a wrong value, the disk is full, or another process keeps the file locked.
        """
        # A report that finds nothing new does without what writes, and starts the sooner.
        from usagebar.ledger.storing.writing import batch_of, write_batch  # noqa: PLC0415

        batch = batch_of(turns, sessions, states)
        with self._writing() as connection:
            return write_batch(connection, batch, self._known)

    def states(self) -> dict[str, State]:
        """Return by path how far the runtimes' files were read."""
        with self._reading() as connection:
            return read_states(connection)

    def totals(self, by: tuple[str, ...], chosen: Filter) -> list[Group]:
        """Return the sums of the chosen turns that have the same values of `by`, ordered by them.

        `by` is of day (YYYY-MM-DD) month (YYYY-MM) model provider agent origin runtime machine session project prices
        tier tool. By `tool`, the `turns` of a group are its calls, and there is nothing else. By nothing there is one
        group, also of no turns. Unknown values are None.
        """
        with self._sources(chosen) as sources:
            return reports.totals(sources, by, chosen)

    def latencies(self, by: tuple[str, ...], chosen: Filter) -> list[LatencyGroup]:
        """Return how long the chosen turns took that have the same values of `by`, ordered by them."""
        with self._sources(chosen) as sources:
            return reports.latencies(sources, by, chosen)

    def sessions(self, chosen: Filter) -> list[SessionTotals]:
        """Return the sessions of the chosen turns, the last active one last."""
        from usagebar.ledger.storing.sessions import sessions  # noqa: PLC0415 - as above

        with self._sources(chosen) as sources:
            return sessions(sources, chosen)

    def minutes(self, chosen: Filter) -> list[Minute]:
        """Return the sums of the chosen turns by minute and model, in the order of time."""
        from usagebar.ledger.storing.sessions import minutes  # noqa: PLC0415 - as above

        with self._sources(chosen) as sources:
            return minutes(sources, chosen)

    def turns(self, chosen: Filter, *, unpriced: bool = False) -> Iterator[TurnRecord]:
        """Walk the chosen turns in the order of time, those without a time first; of the `unpriced` alone if asked."""
        from usagebar.ledger.storing.walking import Walk  # noqa: PLC0415 - as above

        return iter(Walk(self._reading, self._known.streams, chosen, self._calendar(chosen.zone), unpriced=unpriced))

    def fired(self, period_key: str, threshold: int) -> bool:
        """Note that a threshold was reached in a period; True the first time."""
        with self._writing() as connection:
            done = connection.execute("INSERT OR IGNORE INTO fired VALUES (?, ?)", (period_key, threshold))
            return done.rowcount == 1

    def meta(self, name: str) -> str | None:
        """Return the note of a name, None if there is none."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str | None) -> None:
        """Keep a note under a name; None deletes it."""
        with self._writing() as connection:
            if value is None:
                connection.execute("DELETE FROM meta WHERE name = ?", (name,))
            else:
                connection.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))

    def check(self) -> list[str]:
        """Return what is wrong with the file, or with the sums that it keeps, in sentences; nothing if all is well."""
        from usagebar.ledger.storing.checking import check  # noqa: PLC0415 - seldom asked for

        with self._reading() as connection:
            return check(connection)

    def _has_turns(self) -> bool:
        with self._reading() as connection:
            return connection.execute("SELECT 1 FROM turns LIMIT 1").fetchone() is not None

    def _calendar(self, zone: tzinfo) -> Calendar:
        try:
            calendar = self._calendars.get(zone)
        except TypeError:  # some packages' zones cannot be hashed
            return Calendar(zone)
        if calendar is None:
            calendar = self._calendars[zone] = Calendar(zone)
        return calendar

    @contextmanager
    def _sources(self, chosen: Filter) -> Iterator[Sources]:
        calendar = self._calendar(chosen.zone)
        if self._home is None or calendar.name == self._home.name:
            self._keep(calendar)
        with self._reading() as connection:
            zone, utc = reports.kept_number(connection, calendar), reports.kept_number(connection, self._calendar(UTC))
            yield reports.Sources(connection, calendar, zone, utc)

    def _keep(self, calendar: Calendar) -> None:
        """Keep the sums of a zone's days from now on, if there is room."""
        with self._reading() as connection:
            if calendar.name is None or reports.kept_number(connection, calendar) is not None:
                return
        from usagebar.ledger.storing.sums import keep  # noqa: PLC0415 - as above

        try:
            with self._writing() as connection:
                keep(connection, calendar)
        except LedgerError as error:
            # They only save time.
            if not isinstance(error.__cause__, sqlite3.Error) or not is_transient(error.__cause__):
                raise

    @property
    def _known(self) -> Known:
        from usagebar.ledger.storing.writing import Known  # noqa: PLC0415 - as above

        if self._memory is None:
            self._memory = Known()
        return self._memory

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock_of_process(), failing(self._place, _READING):
            yield self._usable()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection within a transaction, which is undone if the body fails."""
        with self._lock_of_process(), failing(self._place, _WRITING):
            if not self._is_closed and self._file is not None and self._number() != self._file:
                # It was deleted or replaced meanwhile: what was written to it would be gone with this process.
                self._connection.close()
                self._connect()
            connection = self._usable()
            # A signal that came while it waited is raised behind the statement: the transaction has begun then.
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._memory = None
                # A full disk may have ended it already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _lock_of_process(self) -> threading.RLock:
        if self._pid != os.getpid():
            self._open_in_child()
        return self._lock

    def _usable(self) -> sqlite3.Connection:
        if self._is_closed:
            raise LedgerError(f"{self._place}: the ledger is closed")
        return self._connection

    def _open_in_child(self) -> None:
        # What is in memory is this process's own already; its lock may be held by a thread that is not here.
        if self._place == MEMORY:
            self._lock, self._pid = threading.RLock(), os.getpid()
            return
        _INHERITED.append(self._connection)
        self._open()
