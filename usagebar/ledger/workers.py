"""Reading with more processes than one: whole files go to workers, and their parts come back.

A worker is a fresh interpreter that runs this module: no fork, which is not safe in a program with threads. It gets one
file at a time on its standard input, and answers with frames on its standard output, in `marshal`'s form: what is read
is plain data, and both ends are of one installation. Files of a worker that dies are read here.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from usagebar.ledger.reading.kinds import read_source
from usagebar.ledger.reading.parts import Part, Source, State
from usagebar.ledger.turns import SessionRecord, TurnRecord

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# A file, and how far it was read.
Job = tuple[Source, State | None]

_LENGTH = 8  # bytes that tell how long a frame is
_LONGEST = 1 << 30  # bytes of a frame: what tells of more is none of ours
_WAITING = 64  # parts of a worker that may wait to be stored: they are memory
_MOST_AHEAD = 8  # files
_SHORT = 1 << 10  # bytes: as many such frames as files fit into a pipe
_AHEAD = 64 << 20  # bytes of files that a worker is given ahead: who gives them may be storing when it needs more
_DONE = None  # the frame behind the last part of a file


def read_with_workers(jobs: list[Job], count: int) -> Generator[Part]:
    """Walk the parts of files, read by so many workers and by this process, in no certain order.

    The workers take the largest files first, this process the smallest, between what it does with the parts.
    """
    waiting = sorted(jobs, key=lambda job: job[0].size)
    count = min(count, len(waiting) - 1)  # one file is for this process
    workers: list[_Worker] = []
    inbox: SimpleQueue[tuple[_Worker, Any]] = SimpleQueue()
    try:
        workers += (worker for _ in range(count) if (worker := _started(inbox)) is not None)
        for worker in workers:
            worker.take(waiting)
        while waiting or any(worker.jobs for worker in workers):
            yield from _received(inbox, waiting, is_patient=not waiting)
            if waiting:
                yield from _read_between(waiting.pop(0), inbox, waiting)
    finally:
        for worker in workers:
            worker.stop()


def _read_between(job: Job, inbox: SimpleQueue[tuple[_Worker, Any]], waiting: list[Job]) -> Iterator[Part]:
    for part in read_source(*job):
        yield part
        yield from _received(inbox, waiting, is_patient=False)


def _received(inbox: SimpleQueue[tuple[_Worker, Any]], waiting: list[Job], *, is_patient: bool) -> Iterator[Part]:
    """Walk the parts that have come in, and hand out new files; wait for the first of them if there is nothing else."""
    while True:
        try:
            worker, frame = inbox.get(block=is_patient)
        except Empty:
            return
        is_patient = False
        if isinstance(frame, bytes):
            yield _part(frame)
            worker.stored()
        elif frame is _DONE:
            worker.jobs.popleft()
            worker.take(waiting)
        else:  # it died: its files are read again here, parts of them twice, which harms nothing
            waiting.extend(worker.jobs)
            worker.jobs.clear()


class _Worker:
    """A process that reads, and the thread that takes what it has read."""

    def __init__(self, process: subprocess.Popen[bytes], inbox: SimpleQueue[tuple[_Worker, Any]]) -> None:
        self.jobs: deque[Job] = deque()  # what it reads, and what it will
        self._process = process
        self._room = Semaphore(_WAITING)
        self._is_stopped = False
        self._thread = Thread(target=self._receive, args=(inbox,), daemon=True)
        self._thread.start()

    def take(self, waiting: list[Job]) -> None:
        """Give it the last of the files that wait, which are the largest, as many as it may have ahead."""
        while waiting and len(self.jobs) < _MOST_AHEAD and sum(source.size for source, _ in self.jobs) < _AHEAD:
            source, state = waiting[-1]
            frame = marshal.dumps((tuple(source), None if state is None else tuple(state)))
            # While it reads a file it takes nothing in, and waits for this process if that does not take what it has.
            if self.jobs and len(frame) > _SHORT:
                return
            self.jobs.append(waiting.pop())
            # One that has died tells so through its thread.
            with suppress(OSError, ValueError):
                _write(self._process.stdin, frame)

    def stored(self) -> None:
        """Let it send one part more."""
        self._room.release()

    def stop(self) -> None:
        """End it, whatever it does."""
        self._is_stopped = True
        self._room.release()
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _receive(self, inbox: SimpleQueue[tuple[_Worker, Any]]) -> None:
        stream = self._process.stdout
        while stream is not None and not self._is_stopped and (frame := _frame(stream)) is not None:
            self._room.acquire()
            if frame:
                inbox.put((self, frame))
            else:
                self._room.release()
                inbox.put((self, _DONE))
        inbox.put((self, EOFError))


def _started(inbox: SimpleQueue[tuple[_Worker, Any]]) -> _Worker | None:
    """Return a new worker; None where none can be started: all is read here then."""
    if not sys.executable:
        return None
    path = os.pathsep.join(each for each in sys.path if each)
    # -P: not from the folder that the user happens to be in.
    command = [sys.executable, "-P", "-m", __name__]
    try:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with a module of this package
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
    except OSError:
        return None
    return _Worker(process, inbox)


def _part(frame: bytes) -> Part:
    turns, sessions, state, problems, unread = marshal.loads(frame)  # noqa: S302 - from a process of this program
    return Part(
        [TurnRecord._make(each) for each in turns],
        [SessionRecord._make(each) for each in sessions],
        State._make(state),
        problems,
        unread,
    )


def _plain(part: Part) -> tuple[Any, ...]:
    return (
        [tuple(turn) for turn in part.turns],
        [tuple(session) for session in part.sessions],
        tuple(part.state),
        part.problems,
        part.unread,
    )


def _send(stream: BinaryIO | Any, value: Any) -> None:
    _write(stream, b"" if value is _DONE else marshal.dumps(value))


def _write(stream: BinaryIO | Any, data: bytes) -> None:
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    stream.flush()


def _frame(stream: BinaryIO | Any) -> bytes | None:
    """Return the next frame, `b""` for the one behind a file, None at the end."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if length > _LONGEST:
        return None
    data: bytes = stream.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Read files for the process that started this one, until it has no more."""
    import gc  # noqa: PLC0415 - of the worker alone
    import signal  # noqa: PLC0415 - as above

    gc.disable()  # there are no cycles among what it reads
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it decides
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    while frame := _frame(stdin):
        source, state = marshal.loads(frame)  # noqa: S302 - from the process that started this one
        for part in read_source(Source._make(source), None if state is None else State._make(state)):
            _send(stdout, _plain(part))
        _send(stdout, _DONE)


if __name__ == "__main__":
    main()
