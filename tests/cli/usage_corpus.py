"""Turns written by hand for the reports of `usagebar usage`, with the sums that they come to.

Europe/Berlin is at +01:00 until 2026-03-29 01:00 UTC and at +02:00 from then on: that day has 23 hours there.

    key  UTC                      day in Berlin  input  read  write  output  cost       what
    a    2026-03-28 22:59:59.999  2026-03-28       100   1000     10       1  0.01       Claude Code, session one
    b    2026-03-28 23:00:00.000  2026-03-29       200   2000     20       2  0.02       the same
    c    2026-03-29 21:59:59.999  2026-03-29       300   3000     30       3  0.03       the same; long context
    d    2026-03-29 22:00:00.000  2026-03-30       400   4000     40       4  unknown    Claude Code, session two
    e    2026-03-29 23:30:00.000  2026-03-30      5000      0      0     500  0.5        OpenClaw, main, discord
    f    2026-03-30 00:30:00.000  2026-03-30       600    60      6      60  0.0042     OpenClaw, main, a cron job
    g    2026-03-30 00:45:00.000  2026-03-30       700  none   none    none  unknown    OpenClaw, ops, a hook
    h    none                     none              10      0      0       5  0.001      OpenClaw, ops
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import CLAUDE, OPENCLAW, SessionRecord, TurnRecord, turn_key

LIST = "prices.json (2026-03-01)"
SONNET = {"model": "claude-sonnet-4-5-20250929", "provider": "anthropic", "cost_source": "estimated", "prices": LIST}
ONE = {"session_id": "0001", "project": "/srv/one"}
MAIN = {"agent_id": "main", "model": "gpt-5.5", "provider": "openai", "cost_source": "reported"}


def at(text: str) -> int:
    """Return milliseconds since 1970 of `2026-03-28 22:59:59.999`, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000 + 0.5)


def turn(key: str, runtime: str, time: str | None, counts: tuple[int | None, ...], **more: object) -> TurnRecord:
    """Return a turn; `counts` are input, cache reads, cache writes for 5 minutes, output."""
    named = dict(zip(("input", "cache_read", "cache_write_5m", "output"), counts, strict=True))
    moment = None if time is None else at(time)
    return TurnRecord(turn_key(runtime, key), runtime, "box", timestamp=moment, **named, **more)  # type: ignore[arg-type]


READ, BASH = ("1", "Read"), ("2", "Bash")
TURNS = [
    turn(
        "a", CLAUDE, "2026-03-28 22:59:59.999", (100, 1000, 10, 1), **SONNET, **ONE, cost_usd=0.01, tools=(READ, BASH)
    ),
    turn(
        "b",
        CLAUDE,
        "2026-03-28 23:00:00",
        (200, 2000, 20, 2),
        **SONNET,
        **ONE,
        cost_usd=0.02,
        tools=(READ, ("3", "Read")),
    ),
    turn(
        "c", CLAUDE, "2026-03-29 21:59:59.999", (300, 3000, 30, 3), **SONNET, **ONE, cost_usd=0.03, long_context=200_000
    ),
    turn("d", CLAUDE, "2026-03-29 22:00:00", (400, 4000, 40, 4), session_id="0002", model="mystery-1", reasoning=2),
    turn(
        "e",
        OPENCLAW,
        "2026-03-29 23:30:00",
        (5000, 0, 0, 500),
        **MAIN,
        session_id="0003",
        origin="discord",
        cost_usd=0.5,
    ),
    turn(
        "f",
        OPENCLAW,
        "2026-03-30 00:30:00",
        (600, 60, 6, 60),
        **MAIN,
        session_id="0005",
        origin="cron:backup",
        cost_usd=0.0042,
    ),
    turn(
        "g",
        OPENCLAW,
        "2026-03-30 00:45:00",
        (700, None, None, None),
        agent_id="ops",
        session_id="0004",
        origin="hook:7",
        model="mystery-2",
    ),
    turn(
        "h",
        OPENCLAW,
        None,
        (10, 0, 0, 5),
        agent_id="ops",
        session_id="0004",
        model="gpt-5.5",
        provider="openai",
        cost_usd=0.001,
        cost_source="reported",
    ),
]
SESSIONS = [
    SessionRecord(CLAUDE, "0001", title="Mend the gate", project="/srv/one"),
    SessionRecord(OPENCLAW, "0003", "agent:main:discord:group:1", "main", "discord"),
    SessionRecord(OPENCLAW, "0005", "agent:main:cron:backup", "main", "cron:backup"),
]
NOW = at("2026-03-30 01:00:00")

# Of all turns.
COUNTS = {
    "input": 7310,
    "output": 575,
    "cacheRead": 10060,
    "cacheWrite": 106,
    "totalTokens": 18051,
    "totalCost": 0.5652,
    "missingCostEntries": 2,
    "turns": 8,
    "reasoning": 2,
    "missingTokenEntries": 1,
}

HOSTILE = "[bold red]\x1b[31m\x07名前\u202e=cmd()|'\"`\n\r\t," + "x" * 300
HOSTILE_TURNS = [
    turn(
        "z",
        OPENCLAW,
        "2026-03-29 23:30:00",
        (1, 2, 3, 4),
        model=HOSTILE,
        provider=HOSTILE,
        agent_id=HOSTILE,
        origin=HOSTILE,
        project=HOSTILE,
        session_id="=1+1",
        tools=(("1", HOSTILE),),
    ),
]
HOSTILE_SESSIONS = [SessionRecord(OPENCLAW, "=1+1", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)]


def store(path: Path, turns: list[TurnRecord] = TURNS, sessions: list[SessionRecord] = SESSIONS) -> None:
    """Write turns into the ledger of a path."""
    with Database.open(path) as database:
        database.write(turns, sessions)
