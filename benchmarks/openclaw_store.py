"""Write data of OpenClaw of a chosen size, as its database has it or as transcripts, and tell the exact totals.

    python benchmarks/openclaw_store.py FOLDER --turns 35000 --seed 1 [--files]

The same seed gives the same events in both forms, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

MODELS = (("anthropic", "claude-opus-4-6"), ("openai", "gpt-5.2"), ("google", "gemini-3-pro"))
KEYS = ("agent:main:main", "agent:main:discord:group:{}", "agent:main:cron:job-{}", "agent:main:telegram:direct:{}")
FIRST_MS = 1_767_225_600_000  # 2026-01-01
# Costs are whole multiples of this many US dollars: their sums are exact in any order.
DOLLAR_PART = 2**-20
TABLES = """
CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, current_session_id TEXT, created_via TEXT, label TEXT);
CREATE TABLE session_windows (
  session_id TEXT PRIMARY KEY, session_key TEXT, channel TEXT, model_provider TEXT, model TEXT
);
CREATE TABLE transcript_events (
  session_id TEXT NOT NULL, seq INTEGER NOT NULL, event_json TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (session_id, seq)
);
"""


class Written(NamedTuple):
    """Hold the sums of what was written: tokens, and US dollars."""

    turns: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    cost_usd: float

    def with_turn(self, usage: dict[str, Any]) -> Written:
        """Return the sums with one more turn."""
        more = Written(
            turns=1,
            input=usage["input"],
            cache_read=usage["cacheRead"],
            cache_write=usage["cacheWrite"],
            output=usage["output"],
            cost_usd=usage["cost"]["total"],
        )
        return self.plus(more)

    def plus(self, other: Written) -> Written:
        """Return the sums of both."""
        return Written._make(mine + more for mine, more in zip(self, other, strict=True))


NOTHING = Written(0, 0, 0, 0, 0, 0.0)


class Session(NamedTuple):
    """Hold a session: its id, its key at the runtime, and its events as JSON."""

    session_id: str
    key: str
    events: list[str]


def sessions(turns: int, seed: int, turns_each: int = 140) -> Iterator[tuple[Session, Written]]:
    """Walk generated sessions of so many turns in all, each with the sums of its own turns."""
    chance, left, number = random.Random(seed), turns, 0
    while left > 0:
        count = min(left, chance.randint(1, 2 * turns_each - 1))
        yield _session(chance, number, count)
        left, number = left - count, number + 1


def _session(chance: random.Random, number: int, turns: int) -> tuple[Session, Written]:
    session_id, at = f"session-{number:06}", FIRST_MS + number * 600_000
    provider, model = chance.choice(MODELS)
    events: list[dict[str, Any]] = [
        {"type": "session", "version": 4, "id": session_id, "timestamp": _iso(at), "cwd": "/home/u/work"},
        {"type": "model_change", "id": "m0", "parentId": None, "timestamp": _iso(at), "provider": provider}
        | {"modelId": model},
    ]
    written = NOTHING
    for turn in range(turns):
        at += chance.randint(1_000, 90_000)
        usage = _usage(chance)
        events += (_asked(chance, turn, at), _answered(chance, turn, at + 900, (provider, model), usage))
        written = written.with_turn(usage)
    key = KEYS[number % len(KEYS)].format(number % 17)
    return Session(session_id, key, [json.dumps(event, separators=(",", ":")) for event in events]), written


def _asked(chance: random.Random, turn: int, at: int) -> dict[str, Any]:
    message = {"role": "user", "content": "please " * chance.randint(1, 200), "timestamp": at}
    return {"type": "message", "id": f"u{turn}", "parentId": None, "timestamp": _iso(at), "message": message}


def _answered(chance: random.Random, turn: int, at: int, who: tuple[str, str], usage: dict[str, Any]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": "certainly " * chance.randint(1, 400)}]
    if chance.random() < 0.4:
        content.append({"type": "toolCall", "id": f"call-{turn}", "name": chance.choice(("read", "exec", "web"))})
    message = {"role": "assistant", "provider": who[0], "model": who[1], "stopReason": "stop", "timestamp": at}
    message |= {"content": content, "usage": usage}
    return {"type": "message", "id": f"a{turn}", "parentId": f"u{turn}", "timestamp": _iso(at), "message": message}


def _usage(chance: random.Random) -> dict[str, Any]:
    counts = {
        "input": chance.randint(1, 5_000),
        "output": chance.randint(1, 4_000),
        "cacheRead": chance.randint(0, 150_000),
        "cacheWrite": chance.randint(0, 20_000),
    }
    costs = {name: tokens * DOLLAR_PART for name, tokens in counts.items()}
    return counts | {"totalTokens": sum(counts.values()), "cost": costs | {"total": sum(costs.values())}}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_store(folder: Path, turns: int, seed: int = 1) -> Written:
    """Write `agents/main/agent/openclaw-agent.sqlite` below a folder; return the sums of its turns."""
    path = folder / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    path.parent.mkdir(parents=True)
    connection, total = sqlite3.connect(path), NOTHING
    connection.executescript(TABLES)
    for session, written in sessions(turns, seed):
        node = (session.key, session.session_id)
        connection.execute("INSERT OR REPLACE INTO session_nodes VALUES (?, ?, 'channel', NULL)", node)
        connection.execute("INSERT INTO session_windows VALUES (?, ?, NULL, NULL, NULL)", node[::-1])
        rows = ((session.session_id, seq, event, FIRST_MS) for seq, event in enumerate(session.events))
        connection.executemany("INSERT INTO transcript_events VALUES (?, ?, ?, ?)", rows)
        total = total.plus(written)
    connection.commit()
    connection.close()
    return total


def write_files(folder: Path, turns: int, seed: int = 1) -> Written:
    """Write `agents/main/sessions/*.jsonl` and `sessions.json` below a folder; return the sums of their turns."""
    place = folder / "agents" / "main" / "sessions"
    place.mkdir(parents=True)
    listed, total = {}, NOTHING
    for session, written in sessions(turns, seed):
        listed[session.key] = {"sessionId": session.session_id, "totalTokens": 1}
        (place / f"{session.session_id}.jsonl").write_text("\n".join(session.events) + "\n")
        total = total.plus(written)
    (place / "sessions.json").write_text(json.dumps(listed))
    return total


def main() -> None:
    """Write what the command line asks for, and print its totals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--turns", type=int, default=35_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", action="store_true", help="transcripts in place of a database")
    asked = parser.parse_args()
    write = write_files if asked.files else write_store
    print(json.dumps(write(asked.folder, asked.turns, asked.seed)._asdict()))


if __name__ == "__main__":
    main()
