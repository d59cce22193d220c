"""From logs to the ledger: what is read when, by how many processes, and what stays when it is stopped."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transcripts

from usagebar.ledger import Ledger, workers
from usagebar.ledger.costs import Pricer
from usagebar.ledger.errors import LedgerError
from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.importing import Imported, import_all
from usagebar.ledger.reading.finding import find_sources
from usagebar.ledger.reading.parts import Part, State
from usagebar.ledger.storing.database import Database
from usagebar.ledger.workers import Job, read_with_workers
from usagebar.pricing import configured_prices

ALL = Filter()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, transcripts.Written]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, transcripts.generate(folder, 3, seed=7)


def environment(folder: Path, home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "CLAUDE_CONFIG_DIR": str(folder), "USAGEBAR_MACHINE": "here", **more}


def imported(database: Database, folder: Path, home: Path, **more: Any) -> Imported:
    return import_all(database, environment=environment(folder, home), pricer=Pricer(False), **more)


def whole(database: Database) -> Totals:
    groups = database.totals((), ALL)
    return groups[0].totals if groups else Totals()


def expected(written: transcripts.Written) -> dict[str, int]:
    return written.tokens()


def counts(totals: Totals) -> dict[str, int]:
    return {name: getattr(totals, name) for name in transcripts.COUNTS}


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_any_number_of_processes_gives_the_same_totals(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, processes: int
) -> None:
    folder, written = corpus
    with Database.open(tmp_path / "ledger.sqlite") as database:
        done = imported(database, folder, tmp_path, processes=processes)
        assert counts(whole(database)) == {name: expected(written)[name] for name in transcripts.COUNTS}
        assert whole(database).turns == written.messages
        assert done.files == written.files
        assert done.read_bytes == written.size
        assert done.unread == []
        assert database.check() == []


def test_nothing_new_is_not_read_again(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    folder, _ = corpus
    with Database.open(tmp_path / "ledger.sqlite") as database:
        imported(database, folder, tmp_path)
        before = whole(database)
        again = imported(database, folder, tmp_path)
        assert again[:4] == (0, 0, 0, 0)
        assert whole(database) == before


def test_any_split_into_runs_gives_the_same_totals(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    folder, written = corpus
    copy = tmp_path / "growing"
    chance = random.Random(3)
    files = sorted(folder.rglob("*.jsonl"))
    with Database.open(tmp_path / "ledger.sqlite") as database:
        for share in (0.2, 0.5, 0.9, 1.0):
            for path in chance.sample(files, len(files)):
                target = copy / path.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                data = path.read_bytes()
                have = target.stat().st_size if target.exists() else 0
                cut = len(data) if share == 1.0 else max(have, int(len(data) * share * chance.random()))
                with target.open("ab") as file:
                    file.write(data[have:cut])
            imported(database, copy, tmp_path)
        assert counts(whole(database)) == {name: expected(written)[name] for name in transcripts.COUNTS}
        assert database.check() == []


def test_progress_grows_to_all_there_is(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    folder, written = corpus
    seen: list[tuple[int, int]] = []
    with Database.open(":memory:") as database:
        imported(database, folder, tmp_path, on_progress=lambda done, all_: seen.append((done, all_)))
    assert seen[-1] == (written.size, written.size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_the_machine_is_told(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    folder, _ = corpus
    with Database.open(":memory:") as database:
        imported(database, folder, tmp_path)
        assert [group.values for group in database.totals(("machine",), ALL)] == [("here",)]


def test_logs_that_are_gone_stay_in_the_ledger(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    folder, written = corpus
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Database.open(tmp_path / "ledger.sqlite") as database:
        imported(database, copy, tmp_path)
        shutil.rmtree(copy)
        assert imported(database, copy, tmp_path).files == 0
        assert whole(database).turns == written.messages


# ---------------------------------------------------------------- workers


def jobs_of(folder: Path, home: Path) -> list[Job]:
    found = find_sources(("claude",), environment(folder, home), str(home))
    return [(source, None) for source in found.sources]


def sums(parts: Iterator[Part]) -> dict[str, int]:
    """Return the number of distinct turns of each file, read to its end."""
    found: dict[str, set[bytes]] = {}
    for part in parts:
        found.setdefault(part.state.path, set()).update(turn.key for turn in part.turns)
    return {path: len(keys) for path, keys in found.items()}


def test_workers_that_cannot_be_started_are_done_without(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(corpus[0], tmp_path)
    plain = sums(read_with_workers(list(jobs), 0))
    assert len(plain) == len(jobs)
    monkeypatch.setattr(sys, "executable", "")
    assert sums(read_with_workers(list(jobs), 2)) == plain
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-such-python"))
    assert sums(read_with_workers(list(jobs), 2)) == plain


@pytest.mark.parametrize(
    "program", ["raise SystemExit(3)", "import sys; sys.stdin.buffer.read(9)", "print('junk' * 99, flush=True)"]
)
def test_files_of_a_worker_that_dies_are_read_here(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    jobs = jobs_of(corpus[0], tmp_path)
    plain = sums(read_with_workers(list(jobs), 0))
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{program}"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    assert sums(read_with_workers(list(jobs), 2)) == plain


def test_a_worker_that_is_killed_while_it_reads_loses_nothing(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(corpus[0], tmp_path)
    plain = sums(read_with_workers(list(jobs), 0))
    started: list[Any] = []
    make = workers._started

    def remembered(inbox: Any) -> Any:
        worker = make(inbox)
        started.append(worker)
        return worker

    monkeypatch.setattr(workers, "_started", remembered)
    found: dict[str, set[bytes]] = {}
    for number, part in enumerate(read_with_workers(list(jobs), 2)):
        found.setdefault(part.state.path, set()).update(turn.key for turn in part.turns)
        if number == 2:
            os.kill(started[0]._process.pid, signal.SIGKILL)
    assert {path: len(keys) for path, keys in found.items()} == plain


def test_no_worker_is_left_behind(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    parts = read_with_workers(jobs_of(corpus[0], tmp_path), 2)
    next(parts)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not children.exists():
        pytest.skip("only Linux tells the children of a process")
    before = set(children.read_text().split())
    parts.close()
    assert len(before - set(children.read_text().split())) == 2


# ---------------------------------------------------------------- stopped at any point

PROGRAM = """
import os, sys
from usagebar.ledger import importing
from usagebar.ledger.costs import Pricer
from usagebar.ledger.storing.database import Database
importing.BATCH_TURNS = 50
with Database.open(sys.argv[1]) as database:
    print("ready", flush=True)
    importing.import_all(database, pricer=Pricer(False), processes=int(sys.argv[2]))
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_is_killed_goes_on_from_there(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, processes: int
) -> None:
    folder, written = corpus
    ledger = tmp_path / "ledger.sqlite"
    chance = random.Random(processes)
    environ = {**os.environ, **environment(folder, tmp_path)}
    stored = [0]
    for _ in range(12):
        command = [sys.executable, "-c", PROGRAM, str(ledger), str(processes)]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.random() * 0.25)
            process.kill()
        with Database.open(ledger) as database:
            assert database.check() == []
            stored.append(whole(database).turns)
    assert stored == sorted(stored)
    with Database.open(ledger) as database:
        imported(database, folder, tmp_path)
        assert whole(database).turns == written.messages
        assert counts(whole(database)) == {name: expected(written)[name] for name in transcripts.COUNTS}


def test_an_interrupt_keeps_what_was_stored(
    corpus: tuple[Path, transcripts.Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, written = corpus
    monkeypatch.setattr("usagebar.ledger.importing.BATCH_TURNS", 50)
    calls: list[int] = []

    def interrupt(done: int, _: int) -> None:
        calls.append(done)
        if len(calls) == 5:
            raise KeyboardInterrupt

    with Database.open(tmp_path / "ledger.sqlite") as database:
        with pytest.raises(KeyboardInterrupt):
            imported(database, folder, tmp_path, on_progress=interrupt)
        part = whole(database).turns
        assert 0 < part < written.messages
        again = imported(database, folder, tmp_path)
        assert again.files < written.files
        assert whole(database).turns == written.messages


def test_the_prices_of_a_run_are_remembered_for_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "claude"
    program = (
        "import sys\nfrom usagebar.ledger.importing import import_all\n"
        "from usagebar.ledger.storing.database import Database\n"
        "with Database.open(sys.argv[1]) as database:\n"
        "    print(import_all(database).changed, 'genai_prices' in sys.modules)\n"
    )
    environ = {**os.environ, **environment(folder, tmp_path)}
    outputs = []
    for seed in (1, 2, 3):
        transcripts.generate(tmp_path / "new", 2, seed=seed)  # all models are among the first two
        shutil.copytree(tmp_path / "new", folder, dirs_exist_ok=True)
        command = [sys.executable, "-c", program, str(tmp_path / "ledger.sqlite")]
        outputs.append(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.split())
    assert outputs[0][1] == "True"
    assert int(outputs[2][0]) > 0
    assert outputs[2][1] == "False"


ZERO = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": 0}
COSTS = [
    ("claude-haiku-4-5", "anthropic", ZERO, ("estimated", 0.0075)),  # written for want of a price
    ("my-own-model", "lab", ZERO, (None, None)),  # unknown is never 0
    ("my-own-model", "ollama", ZERO, ("reported", 0.0)),  # it runs here
    ("my-own-model", "lab", {"total": 0}, ("reported", 0.0)),
    ("claude-haiku-4-5", "anthropic", ZERO | {"totalOrigin": "provider-billed"}, ("reported", 0.0)),
    ("claude-haiku-4-5", "anthropic", {"total": 0.25}, ("reported", 0.25)),
    ("claude-haiku-4-5", "anthropic", None, ("estimated", 0.0075)),
    ("my-own-model", "ollama", None, (None, None)),
]


@pytest.mark.parametrize(("model", "provider", "cost", "expected"), COSTS)
def test_a_zero_that_stands_for_no_price(
    tmp_path: Path, model: str, provider: str, cost: object, expected: tuple[str | None, float | None]
) -> None:
    usage = {"input": 5000, "output": 500, "cacheRead": 0, "cacheWrite": 0, "cost": cost}
    message = {
        "role": "assistant",
        "provider": provider,
        "model": model,
        "usage": usage,
        "timestamp": 1_770_000_000_000,
    }
    log = tmp_path / "oc/agents/main/sessions/s.jsonl"
    log.parent.mkdir(parents=True)
    lines = [{"type": "session", "id": "s"}, {"type": "message", "id": "1", "message": message}]
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with Database.open(tmp_path / "ledger.sqlite") as database:
        import_all(database, runtimes=("openclaw",), environment={"HOME": "/", "OPENCLAW_DIR": str(tmp_path / "oc")})
        (turn,) = database.turns(ALL)
        assert (turn.cost_source, turn.cost_usd) == expected


def session(folder: Path, *models: str, cost: object = None) -> None:
    """Write a session of OpenClaw with a turn of a million input tokens of each model."""
    log = folder / "agents/main/sessions/s.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, Any]] = [{"type": "session", "id": "s"}]
    for number, model in enumerate(models):
        usage = {"input": 1_000_000, "output": 0, "cacheRead": 0, "cacheWrite": 0, "cost": cost}
        message = {"role": "assistant", "model": model, "usage": usage, "timestamp": 1_770_000_000_000}
        lines.append({"type": "message", "id": str(number), "message": message})
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def costs(database: Database) -> dict[str | None, float | None]:
    return {turn.model: turn.cost_usd for turn in database.turns(ALL)}


@pytest.fixture
def price_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USAGEBAR_PRICES", str(tmp_path / "prices.json"))
    monkeypatch.setenv("OPENCLAW_DIR", str(tmp_path / "oc"))
    (tmp_path / "prices.json").write_text("{}")
    configured_prices.cache_clear()
    yield tmp_path / "prices.json"
    configured_prices.cache_clear()


def test_what_had_no_price_is_priced_when_the_prices_have_changed(tmp_path: Path, price_file: Path) -> None:
    session(tmp_path / "oc", "mystery", "other")
    with Database.open(tmp_path / "ledger.sqlite") as database:
        import_all(database)
        assert costs(database) == {"mystery": None, "other": None}
        price_file.write_text('{"mystery": {"input": 2, "output": 3}}')
        configured_prices.cache_clear()
        assert import_all(database).files == 0
        assert costs(database) == {"mystery": 2.0, "other": None}
        assert whole(database).unpriced == 1
        assert database.check() == []
        price_file.write_text('{"mystery": {"input": 9, "output": 9}}')  # what has a price keeps it
        configured_prices.cache_clear()
        import_all(database)
        assert costs(database) == {"mystery": 2.0, "other": None}


def test_prices_that_cannot_be_read_lose_no_turns(tmp_path: Path, price_file: Path) -> None:
    session(tmp_path / "oc", "mystery")
    price_file.write_text('{"mystery": {"input": "much"}}')
    with Database.open(tmp_path / "ledger.sqlite") as database:
        for _ in range(2):
            (complaint,) = import_all(database).unread
            assert complaint.startswith("new turns have no price: ")
            assert "prices.json" in complaint
            assert costs(database) == {"mystery": None}
        price_file.write_text('{"mystery": {"input": 2, "output": 3}}')
        configured_prices.cache_clear()
        assert import_all(database).unread == []
        assert costs(database) == {"mystery": 2.0}


@pytest.mark.parametrize("word", ["0", "-1", "many", "1.5", "²"])
def test_a_number_of_processes_that_is_none(tmp_path: Path, word: str) -> None:
    with Database.open(":memory:") as database, pytest.raises(LedgerError, match="expected a number of processes"):
        import_all(database, environment={"HOME": str(tmp_path), "USAGEBAR_PROCESSES": word})


@pytest.mark.parametrize(("word", "size", "expected"), [("999999", 1, 0), ("1", 1 << 30, 0), ("", 1 << 30, 1)])
def test_the_number_of_processes_is_a_limit(
    corpus: tuple[Path, transcripts.Written],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    size: int,
    expected: int,
) -> None:
    monkeypatch.setattr("usagebar.ledger.importing.WORTH_A_PROCESS", (1 << 30) - size)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    started: list[object] = []
    make = workers._started

    def counted(inbox: Any) -> Any:
        started.append(make(inbox))
        return started[-1]

    monkeypatch.setattr(workers, "_started", counted)
    with Database.open(":memory:") as database:
        environ = environment(corpus[0], tmp_path, USAGEBAR_PROCESSES=word)
        import_all(database, environment=environ, pricer=Pricer(False))
    assert len(started) == expected


def test_there_are_no_more_workers_than_files(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    jobs = jobs_of(corpus[0], tmp_path)[:2]
    parts = read_with_workers(jobs, 50)
    next(parts)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    count = len(children.read_text().split()) if children.exists() else 1
    parts.close()
    assert count <= 1


def test_what_could_not_be_read_is_told_by_every_run(tmp_path: Path) -> None:
    log = tmp_path / "claude/projects/p/s.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text("{broken\n")
    with Database.open(tmp_path / "ledger.sqlite") as database:
        for _ in range(2):
            assert imported(database, tmp_path / "claude", tmp_path).problems == {"bad line": 1}
        with log.open("a") as file:
            file.write("{broken too\n")
        assert imported(database, tmp_path / "claude", tmp_path).problems == {"bad line": 2}


def test_what_programs_recorded_is_not_priced_again(tmp_path: Path, price_file: Path) -> None:
    session(tmp_path / "oc", "mystery")
    subscription = {"model": {"id": "mystery", "auth_mode": "oauth"}, "usage": {"input_tokens": 1, "output_tokens": 1}}
    with Ledger(tmp_path / "ledger.sqlite", timezone="UTC") as ledger:
        ledger.record(subscription)
        ledger.import_transcripts()
        price_file.write_text('{"mystery": {"input": 2, "output": 3}}')
        configured_prices.cache_clear()
        ledger.import_transcripts()
        found = {turn.runtime: turn.cost_usd for turn in ledger.database.turns(ALL)}
    assert found == {"api": None, "openclaw": 2.0}


def test_a_copy_that_is_read_without_its_price_changes_nothing(tmp_path: Path, price_file: Path) -> None:
    price_file.write_text('{"mystery": {"input": 2, "output": 3}}')
    session(tmp_path / "oc", "mystery", cost=ZERO)
    log = tmp_path / "oc/agents/main/sessions/s.jsonl"
    with Database.open(tmp_path / "ledger.sqlite") as database:
        import_all(database)
        log.rename(log.with_name("s.jsonl.reset.2026-11-22T11-00-00.000Z"))
        price_file.write_text("{}")
        configured_prices.cache_clear()
        import_all(database)
        assert costs(database) == {"mystery": 2.0}


def test_long_states_do_not_block_a_worker(corpus: tuple[Path, transcripts.Written], tmp_path: Path) -> None:
    # What a worker is told of a file may be longer than a pipe holds, as the sessions of a database are.
    context = {"sessions": ["x" * 50] * 10_000}
    jobs: list[Job] = []
    for source, _ in jobs_of(corpus[0], tmp_path):
        jobs.append((source, State(source.path, 0, 0, source.inode, 0, "", context)))
    plain = sums(read_with_workers([(source, None) for source, _ in jobs], 0))
    assert sums(read_with_workers(jobs, 2)) == plain
