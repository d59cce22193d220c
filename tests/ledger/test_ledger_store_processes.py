"""Several processes at one ledger, children of a fork, and processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import TurnRecord, turn_key

BATCH = 20
KILLS = 45
ON_WINDOWS = sys.platform == "win32"


def turn(number: int, output: int = 1) -> TurnRecord:
    return TurnRecord(
        turn_key("openclaw", str(number)),
        "openclaw",
        session_id=f"s{number % 7}",
        model=f"m{number % 3}",
        timestamp=number * 10**6,
        output=output,
        latency_ms=number,
        tools=((str(number), "Read"),),
    )


def started(body: str, *arguments: str) -> subprocess.Popen[str]:
    """Run lines of Python in a process of its own; `turn` and `database`, of the first argument, are theirs."""
    script = "import sys\nsys.path[:0] = sys.argv.pop().split('|')\n" + textwrap.dedent(
        """
        from test_ledger_store_processes import *
        database = Database.open(sys.argv[1])
        """
    )
    return subprocess.Popen(
        [sys.executable, "-c", script + textwrap.dedent(body), *arguments, "|".join(sys.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    return out


def test_processes_that_write_the_same_turns_come_to_the_same_sums(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "l.sqlite")
    body = """
    # Each has its own order, and other copies of the same turns.
    start, step, more = map(int, sys.argv[2:5])
    numbers = list(range(start, start + 300))[::step]
    for place in range(0, 300, 10):
        database.write([turn(number, output=number % 50 + more) for number in numbers[place:place + 10]])
        database.totals(("day",), Filter())
    """
    # They make the file together, too.
    each = [("0", "1", "1"), ("100", "-1", "2"), ("200", "1", "0")]
    for process in [started(body, path, *arguments) for arguments in each]:
        finished(process)
    with Database.open(path) as database:
        assert database.check() == []
        # Of copies the one with the larger output is kept.
        more = [1] * 100 + [2] * 300 + [0] * 100
        assert database.totals((), Filter())[0].totals == Totals(
            500, output=sum(number % 50 + more[number] for number in range(500)), unpriced=500, incomplete=500
        )


@pytest.mark.skipif(ON_WINDOWS, reason="there is no such signal")
def test_a_writer_that_is_killed_leaves_whole_batches(tmp_path: Path) -> None:
    path = str(tmp_path / "l.sqlite")
    body = """
    # A new batch of turns, and better copies of the batch before.
    number = int(sys.argv[2])
    while True:
        database.write([turn(n, output=n % 5 + (n < number)) for n in range(max(number - BATCH, 0), number + BATCH)])
        number += BATCH
        print(number, flush=True)
    """
    shuffler, reported = random.Random(7), 0
    for _ in range(KILLS):
        process = started(body, path, str(reported))
        assert process.stdout is not None
        lines = [process.stdout.readline()] if shuffler.random() < 0.8 else []
        time.sleep(shuffler.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        lines += process.communicate()[0].splitlines()
        said = [int(line) for line in lines if line.strip()]
        reported = max([reported, *said])
        stored = check_whole(path)
        # What it has told is stored; of what it has not, all of a batch or nothing.
        assert stored in (reported, reported + BATCH)
        reported = stored
    assert reported > KILLS * BATCH


def check_whole(path: str) -> int:
    with Database.open(path) as database:
        assert database.check() == []
        stored = database.totals((), Filter())[0].totals
        last = stored.turns - BATCH
        expected = sum(number % 5 + (number < last) for number in range(stored.turns))
        assert (stored.turns % BATCH, stored.output) == (0, expected)
        return stored.turns


@pytest.mark.skipif(ON_WINDOWS, reason="there is no such signal")
def test_a_first_import_that_is_killed_leaves_a_ledger_or_none(tmp_path: Path) -> None:
    body = """
    print("open", flush=True)
    database.write([turn(number) for number in range(6000)])
    print("stored", flush=True)
    """
    outcomes = set()
    for number in range(12):
        path = str(tmp_path / f"{number}.sqlite")
        process = started(body, path)
        assert process.stdout is not None
        if number % 4:
            process.stdout.readline()
        time.sleep(number * 0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with Database.open(path) as database:
            assert database.check() == []
            outcomes.add(database.totals((), Filter())[0].totals.turns)
            database.write([turn(number) for number in range(6000)])
            assert database.totals((), Filter())[0].totals.turns == 6000
    assert outcomes <= {0, 6000}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("place", ["file", ":memory:"])
def test_a_child_of_a_fork_opens_the_ledger_again(tmp_path: Path, place: str) -> None:
    with Database.open(tmp_path / "l.sqlite" if place == "file" else place) as database:
        database.write([turn(1)])
        locked, free = threading.Event(), threading.Event()

        def hold() -> None:
            with database._lock:
                locked.set()
                free.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        locked.wait(10)
        # Another thread holds the lock, which the child has no thread to give back.
        child = os.fork()
        if child == 0:
            is_right = False
            try:
                database.write([turn(2)])
                is_right = database.totals((), Filter())[0].totals.turns == 2 and database.check() == []
                database.close()
            finally:
                os._exit(0 if is_right else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        free.set()
        thread.join()
        database.write([turn(3)])
        assert database.totals((), Filter())[0].totals.turns == (3 if place == "file" else 2)
        assert database.check() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_closes_does_not_close_for_its_parent(tmp_path: Path) -> None:
    with Database.open(tmp_path / "l.sqlite") as database:
        database.write([turn(1)])
        child = os.fork()
        if child == 0:
            database.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert database.write([turn(2)]) == 1
    with Database.open(tmp_path / "l.sqlite") as database:
        assert database.totals((), Filter())[0].totals.turns == 2


def test_a_report_with_nothing_new_imports_nothing_that_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "l.sqlite")
    with Database.open(path) as database:
        database.write([turn(1)])
    code = textwrap.dedent(
        """
        import sys
        from datetime import date
        from usagebar.ledger.figures import Filter
        from usagebar.ledger.storing.database import Database
        database = Database.open(sys.argv[1])
        database.states()
        assert database.totals(("day",), Filter(since=date(1970, 1, 1)))
        print([name for name in sorted(sys.modules) if name in ("json", "asyncio", "pydantic") or "writing" in name])
        """
    )
    found = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
