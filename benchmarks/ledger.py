"""Measure the ledger beside ccusage, in one run, on generated logs, and print a table.

    pip install '.[fast]' && npm install ccusage && python benchmarks/ledger.py

Logs are written to a temporary folder, or kept in the one of `--folder` for the next run. ccusage is looked for where
`npm root` says, or in the folder given by `--npm FOLDER`; it reads the same files offline, and its tokens must be ours
to the last one. Ours are whole processes with an empty ledger: reading, pricing, storing, reporting. The price list of
a first run is remembered in the ledger, so that of a first run is in "cold". No test asserts a time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import openclaw_store
import transcripts
from statusline import npm_root

from usagebar.ledger import Ledger
from usagebar.ledger.figures import Filter
from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import TurnRecord, turn_key

ROUNDS = 5
STORED = 1_000_000
RECORDED = 5_000
STORE_TURNS = 35_000
SIZES = (300, 1200)  # MB
_COUNTS = {"input": "inputTokens", "output": "outputTokens", "cacheRead": "cacheReadTokens"}
_COUNTS |= {"cacheWrite": "cacheCreationTokens"}


class Run(NamedTuple):
    """Hold what a process took: seconds, the largest memory of it and its children in MB, and what it printed."""

    seconds: float
    megabytes: float
    printed: bytes


def run(command: list[str], environment: dict[str, str]) -> Run:
    """Run a command and return what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    peaks: dict[int, int] = {}
    watcher = Thread(target=_watch, args=(process, peaks))
    watcher.start()
    printed, complaint = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{command[0]}: {complaint.decode(errors='replace')}")
    return Run(seconds, sum(peaks.values()) / 1024, printed)


def _watch(process: subprocess.Popen[bytes], peaks: dict[int, int]) -> None:
    # Peaks of the process and of each of its children, in KiB, added up: they need not have been at one time.
    while process.poll() is None:
        for number in [process.pid, *_children(process.pid)]:
            try:
                status = Path(f"/proc/{number}/status").read_text()
            except OSError:
                continue
            peaks[number] = next((int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM")), 0)
        time.sleep(0.02)


def _children(number: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except OSError:
        return []


class Measured(NamedTuple):
    """Hold the medians of one corpus: seconds and MB by what was run, and seconds by pairs with ccusage."""

    runs: dict[str, tuple[float, float]]
    ratios: dict[str, float]


def measure_logs(corpus: Path, ccusage: Path | None, work: Path) -> Measured:
    """Return the medians over some rounds, each with everything in turns. Raises if the tokens differ."""
    script = str(Path(sysconfig.get_path("scripts")) / "usagebar")
    ledger = work / "ledger.sqlite"
    environment = {"PATH": os.environ["PATH"], "HOME": str(work), "TZ": "UTC", "CLAUDE_CONFIG_DIR": str(corpus)}
    environment["USAGEBAR_LEDGER"] = str(ledger)
    own = [script, "usage", "daily", "--json", "--runtime", "claude"]
    found: dict[str, list[Run]] = {}
    for _ in range(ROUNDS):
        if ccusage is not None:
            found.setdefault("ccusage", []).append(run([str(ccusage), "daily", "--offline", "--json"], environment))
        for count in (1, 2):
            for path in work.glob("ledger.sqlite*"):
                path.unlink()
            limited = environment | {"USAGEBAR_PROCESSES": str(count)}
            found.setdefault(f"cold, {count}", []).append(run(own, limited))
        found.setdefault("warm", []).append(run(own, environment))
    _check(found)
    medians = {
        name: (statistics.median(each.seconds for each in runs), max(each.megabytes for each in runs))
        for name, runs in found.items()
    }
    return Measured(medians, _ratios(found))


def _ratios(found: dict[str, list[Run]]) -> dict[str, float]:
    pairs = {"cold, 1": "ccusage", "cold, 2": "ccusage", "warm": "cold, 1"}
    return {
        name: statistics.median(
            theirs.seconds / ours.seconds for ours, theirs in zip(found[name], found[other], strict=True)
        )
        for name, other in pairs.items()
        if other in found
    }


def _check(found: dict[str, list[Run]]) -> None:
    totals = {name: json.loads(runs[-1].printed)["totals"] for name, runs in found.items()}
    theirs = totals.pop("ccusage", None)
    for name, ours in totals.items():
        for own_name, other in _COUNTS.items():
            if theirs is not None and ours[own_name] != theirs[other]:
                raise RuntimeError(f"{name}: {own_name} is {ours[own_name]}, ccusage has {theirs[other]}")


def measure_store(work: Path) -> tuple[float, int]:
    """Return the seconds of a cold run over OpenClaw's database, and its turns. Raises if the tokens differ."""
    root = work / "openclaw"
    written = openclaw_store.write_store(root, STORE_TURNS)
    script = str(Path(sysconfig.get_path("scripts")) / "usagebar")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "OPENCLAW_DIR": str(root),
        "USAGEBAR_LEDGER": ":memory:",
    }
    runs = [run([script, "usage", "daily", "--json", "--runtime", "openclaw"], environment) for _ in range(ROUNDS)]
    totals = json.loads(runs[-1].printed)["totals"]
    if (totals["input"], totals["output"]) != (written.input, written.output):
        raise RuntimeError(f"expected {written}, found {totals}")
    return statistics.median(each.seconds for each in runs), totals["turns"]


def measure_reports(work: Path) -> dict[str, float]:
    """Return the median seconds of 30-day reports over a million stored turns."""
    taken: dict[str, list[float]] = {}
    with Database.open(work / "million.sqlite") as database:
        for start in range(0, STORED, 50_000):
            database.write(_turns(start, start + 50_000))
        last = date(2026, 6, 30)
        chosen = Filter(last - timedelta(days=29), last)
        for _ in range(ROUNDS * 4):
            for by in ("day", "model", "agent", "origin"):
                begin = time.perf_counter()
                groups = database.totals((by,), chosen)
                taken.setdefault(by, []).append(time.perf_counter() - begin)
                if not groups:
                    raise RuntimeError("expected sums, found none")
    return {by: statistics.median(each) for by, each in taken.items()}


def _turns(start: int, stop: int) -> Iterator[TurnRecord]:
    """Walk turns of half a year, with agents, channels, cron jobs and models as a busy machine has them."""
    chance = random.Random(start)
    begin = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
    for number in range(start, stop):
        at = begin + int(number / STORED * 181 * 86_400_000)
        yield TurnRecord(
            turn_key("openclaw", str(number)),
            "openclaw",
            session_id=f"session-{number // 60}",
            agent_id=f"agent-{chance.randrange(4)}",
            origin=chance.choice(("discord", "telegram", "user", "cron:nightly", "cron:report")),
            model=chance.choice(transcripts.MODELS),
            provider="anthropic",
            timestamp=at,
            input=chance.randrange(2000),
            cache_read=chance.randrange(100_000),
            output=chance.randrange(2000),
            cost_usd=chance.random() / 10,
            cost_source="reported",
        )


def measure_record(work: Path) -> tuple[float, float]:
    """Return the median seconds of `Ledger.record` and of `Ledger.enrich` with a typical contract."""
    contract: dict[str, Any] = {
        "model": {"id": "claude-opus-4-5", "provider": "anthropic"},
        "session": {"id": "s"},
        "agentId": "main",
        "surface": "discord",
        "usage": {"input_tokens": 1200, "cache_read_tokens": 40000, "cache_write_tokens": 800, "output_tokens": 340},
        "cost": {"turn_usd": 0.0123, "source": "estimated"},
        "timing": {"duration_ms": 8400},
    }
    records, enriched = [], []
    with Ledger(work / "bot.sqlite", timezone="UTC") as ledger:
        for _ in range(RECORDED):
            begin = time.perf_counter()
            ledger.record(contract)
            middle = time.perf_counter()
            ledger.enrich(contract)
            records.append(middle - begin)
            enriched.append(time.perf_counter() - middle)
    return statistics.median(records), statistics.median(enriched)


def row(what: str, figure: str, ratio: str = "", bar: str = "") -> None:
    print(f"| {what} | {figure} | {ratio} | {bar} |", flush=True)


def print_logs(size: int, measured: Measured) -> None:
    """Print the rows of a corpus."""
    runs, ratios = measured
    for name, (seconds, megabytes) in runs.items():
        figure = f"{seconds:.2f} s, {megabytes:.0f} MB"
        if name == "ccusage":
            row(f"{size} MB of Claude Code's logs, ccusage", figure)
        elif name == "warm":
            row(
                f"{size} MB again, nothing new",
                f"{seconds * 1e3:.0f} ms",
                f"{ratios[name]:.0f} × cold",
                "≥ 20 ×, ≤ 150 ms",
            )
        else:
            count = int(name[-1])
            what = f"{size} MB, empty ledger, {count} process{'es' * (count > 1)}"
            ratio = f"ccusage {ratios[name]:.2f} × ours" if name in ratios else ""
            memory = ", < 100 MB" if size > SIZES[0] and count == 1 else ""
            row(what, figure, ratio, f"≥ {'1.5' if count == 1 else '2'} ×{memory}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the ledger beside ccusage.")
    parser.add_argument("--npm", type=Path, metavar="FOLDER", help="node_modules with ccusage")
    parser.add_argument("--folder", type=Path, help="keep the generated logs here")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="MB", help="of the generated logs")
    options = parser.parse_args()
    modules = options.npm or npm_root()
    ccusage = None if modules is None else modules / ".bin" / "ccusage"
    ccusage = ccusage if ccusage is not None and ccusage.exists() else None
    print(f"CPython {platform.python_version()}, {os.cpu_count()} processors, {ROUNDS} rounds\n")
    print("| What | Median | Ratio | Bar |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for size in options.sizes:
            corpus = (options.folder or work) / f"claude-{size}"
            if not corpus.exists():
                transcripts.generate(corpus, size)
            print_logs(size, measure_logs(corpus, ccusage, work))
        seconds, turns = measure_store(work)
        row(f"OpenClaw's database, {turns:,} turns, empty ledger", f"{seconds:.2f} s", "", "< 1 s")
        for by, taken in measure_reports(work).items():
            row(f"30 days by {by} of {STORED:,} stored turns", f"{taken * 1e3:.1f} ms", "", "≤ 50 ms")
        recorded, enriched = measure_record(work)
        row("`Ledger.record`", f"{recorded * 1e6:.0f} µs", "", "≤ 200 µs")
        row("`Ledger.enrich`", f"{enriched * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
