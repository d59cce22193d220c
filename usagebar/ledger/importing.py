"""From the runtimes' logs into the ledger: find what is new, read it, price it, store it.

What a run has stored stays if it is stopped at any point: turns and how far their files were read go into the ledger in
one transaction, so that the next run goes on from there.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import Filter
from usagebar.ledger.machine import machine_name
from usagebar.ledger.reading.finding import find_sources
from usagebar.ledger.reading.kinds import read_source
from usagebar.ledger.turns import CLAUDE, OPENCLAW, SessionRecord, TurnRecord
from usagebar.pricing.configured import prices_in_use
from usagebar.pricing.errors import PriceError

if TYPE_CHECKING:
    from usagebar.ledger.costs import Pricer
    from usagebar.ledger.reading.parts import Part, Source, State
    from usagebar.ledger.storing.database import Database

LOGGED = (CLAUDE, OPENCLAW)  # the runtimes that write logs
# Below this many bytes one process has read them before a second one has begun.
WORTH_A_PROCESS = 200 << 20
PROCESSES = "USAGEBAR_PROCESSES"
MOST_PROCESSES = 4
# So many turns, or so many seconds of reading, go into one transaction.
BATCH_TURNS = 16_384
BATCH_SECONDS = 2.0
# The database of OpenClaw may have grown in its write-ahead log alone: its reader looks itself.
_LOOKS_ITSELF = "openclaw-sqlite"
_PRICED_BY = "prices of the last run"

Progress = Callable[[int, int], None]
PricedTurn = Callable[[TurnRecord], TurnRecord]


class Imported(NamedTuple):
    """Tell what an import did.

    `files` were read, `read_bytes` of them; `turns` were found in them, of which `changed` were new or better than the
    copy that was stored. `problems` counts by kind what could not be read in files that were, also by earlier runs.
    `unread` are sentences for what was not read at all, `looked` the folders that were looked through, whether they
    exist or not.
    """

    files: int
    read_bytes: int
    turns: int
    changed: int
    problems: dict[str, int]
    unread: list[str]
    looked: list[str]


def import_all(
    database: Database,
    *,
    runtimes: Iterable[str] = LOGGED,
    environment: Mapping[str, str] = os.environ,
    pricer: Pricer | None = None,
    on_progress: Progress | None = None,
    processes: int | None = None,
) -> Imported:
    """Read what is new in the logs of the runtimes, and store its turns.

    `environment` tells where the logs are (`HOME`, `CLAUDE_CONFIG_DIR`, `OPENCLAW_DIR`), this machine's name
    (`USAGEBAR_MACHINE`), and how many processes may read (`USAGEBAR_PROCESSES`). Turns that report no cost are priced
    by `pricer`, by default with the prices that are configured. `on_progress(done, all)` is told the bytes read so
    far, and all there are. Long first scans are read by as many processes as there are processors, up to 4, if neither
    `processes` nor the environment says another number.

    Turns of logs that had no price are priced again once the configured prices have changed. While those cannot be
    read, new turns have none, and `unread` says why.

    Raises `LedgerError` if the turns cannot be stored; what was stored before stays.
    """
    found = find_sources(tuple(runtimes), environment, environment.get("HOME") or os.path.expanduser("~"))
    states = database.states()
    due = [(source, states.get(source.path)) for source in found.sources]
    due = [(source, state) for source, state in due if _is_due(source, state)]
    estimates = _Estimates(database, pricer)
    store = _Store(database, machine_name(environment), estimates.priced)
    count = processes or min(_processes(due), _most(environment))
    parts = _read_with(due, count) if count > 1 else _read_here(due)
    with _without_cycles(), closing(parts):
        _store_all(parts, store, due, on_progress)
        estimates.settle()
    return Imported(
        len(store.read),
        store.read_bytes,
        store.turns,
        store.changed,
        problems_of((states | store.reached).values()),
        [*found.unread, *store.unread, *estimates.complaints],
        found.looked,
    )


def problems_of(states: Iterable[State]) -> dict[str, int]:
    """Return what could not be read of files, in their states, by kind."""
    found: Counter[str] = Counter()
    for state in states:
        if state.problems:
            found.update(state.problems)
    return dict(found)


def _is_due(source: Source, state: State | None) -> bool:
    known = None if state is None else (state.size, state.mtime_ns, state.inode)
    return source.kind == _LOOKS_ITSELF or known != (source.size, source.mtime_ns, source.inode)


def _processes(due: list[tuple[Source, State | None]]) -> int:
    if sum(_left(source, state) for source, state in due) < WORTH_A_PROCESS:
        return 1
    # Not all processors are this process's, where the system can tell.
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_PROCESSES)


def _most(environment: Mapping[str, str]) -> int:
    word = environment.get(PROCESSES, "").strip()
    if not word:
        return MOST_PROCESSES
    if not (word.isascii() and word.isdigit() and word.strip("0")):
        raise LedgerError(f"expected a number of processes (an integer ≥ 1) in {PROCESSES}, found {word[:40]!r}")
    return int(word.lstrip("0")[:9])


def _left(source: Source, state: State | None) -> int:
    """Return the bytes of a file that are not read yet, as far as its size tells."""
    offset = 0 if state is None else state.offset
    return source.size - offset if offset <= source.size else source.size


def _read_here(due: list[tuple[Source, State | None]]) -> Generator[Part]:
    for source, state in due:
        yield from read_source(source, state)


def _read_with(due: list[tuple[Source, State | None]], count: int) -> Generator[Part]:
    from usagebar.ledger.workers import read_with_workers  # noqa: PLC0415 - it brings subprocess

    return read_with_workers(due, count - 1)


def _store_all(
    parts: Iterator[Part], store: _Store, due: list[tuple[Source, State | None]], on_progress: Progress | None
) -> None:
    whole = sum(_left(source, state) for source, state in due)
    started = {source.path: source.size - _left(source, state) for source, state in due}
    try:
        for part in parts:
            path, offset = part.state.path, part.state.offset
            store.note(path, offset - started.get(path, 0))
            store.add(part)
            if on_progress is not None:
                on_progress(min(store.read_bytes, whole), whole)
    except KeyboardInterrupt:
        store.flush()  # what was read is kept
        raise
    store.flush()


class _Estimates:
    """Estimates what turns cost; what that needs is imported for the first of them."""

    def __init__(self, database: Database, pricer: Pricer | None) -> None:
        self._database, self._pricer = database, pricer
        self._is_given = pricer is not None
        self.complaints: list[str] = []

    def priced(self, turn: TurnRecord) -> TurnRecord:
        """Return a turn with its cost, if that can be told."""
        if self.complaints:
            return turn
        if self._pricer is None:
            from usagebar.ledger.costs import Pricer  # noqa: PLC0415 - mostly there is nothing new

            self._pricer = Pricer.of(self._database)
        try:
            return self._pricer.priced(turn)
        except PriceError as error:
            # Logs are deleted some day: their turns are stored all the same, and priced once the prices can be read.
            self.complaints.append(f"new turns have no price: {error}")
            return turn

    def settle(self) -> None:
        """Price what had no price, if the prices have changed since; keep the rates for the next run."""
        if not self._is_given:
            self._price_again()
        if self._pricer is not None:
            self._pricer.remember(self._database)

    def _price_again(self) -> None:
        prices = prices_in_use()
        if self._database.meta(_PRICED_BY) == prices:
            return
        unpriced = self._database.turns(Filter(), unpriced=True)
        while turns := list(islice(unpriced, BATCH_TURNS)):
            # Those that a program recorded itself may be of a subscription, or of several calls: `record` knew.
            logged = (turn for turn in turns if turn.runtime in LOGGED)
            found = [priced for turn in logged if (priced := self.priced(turn)).cost_usd is not None]
            self._database.write(found)
        if not self.complaints:
            self._database.set_meta(_PRICED_BY, prices)


class _Store:
    """Gather parts until there are enough for a transaction."""

    def __init__(self, database: Database, machine: str | None, priced: PricedTurn) -> None:
        self.reached: dict[str, State] = {}
        self.unread: list[str] = []
        self.read: dict[str, int] = {}
        self.read_bytes = self.turns = self.changed = 0
        self._database, self._machine, self._priced = database, machine, priced
        self._batch: list[TurnRecord] = []
        self._sessions: list[SessionRecord] = []
        self._states: dict[str, State] = {}
        self._since = time.monotonic()

    def note(self, path: str, read: int) -> None:
        """Note how many bytes of a file were read by now."""
        before = self.read.get(path, 0)
        self.read[path] = max(before, read, 0)
        self.read_bytes += self.read[path] - before

    def add(self, part: Part) -> None:
        """Take a part, and store what was gathered if that is enough."""
        # Not when they are stored: workers read on meanwhile.
        self._batch += self._finished(part.turns)
        self._sessions += part.sessions
        self._states[part.state.path] = part.state
        self.reached[part.state.path] = part.state
        self.unread += part.unread
        if len(self._batch) >= BATCH_TURNS or time.monotonic() - self._since > BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Store what was gathered."""
        turns, self._batch = self._batch, []
        sessions, self._sessions = self._sessions, []
        states, self._states = self._states, {}
        if turns or sessions or states:
            self.turns += len(turns)
            self.changed += self._database.write(turns, sessions, states.values())
        self._since = time.monotonic()

    def _finished(self, turns: list[TurnRecord]) -> Iterator[TurnRecord]:
        """Walk turns with the machine they were found on, and their costs."""
        machine, priced = self._machine, self._priced
        for turn in turns:
            # Not `_replace`, which takes four times as long.
            here = TurnRecord._make((*turn[:2], turn.machine or machine, *turn[3:]))
            yield priced(here) if here.cost_usd is None else here


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Keep the collector of cycles from walking all the records again and again: there are no cycles among them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
