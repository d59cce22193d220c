"""What a reader gives: turns in parts, each with the state from which reading can go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from usagebar.ledger.turns import SessionRecord, TurnRecord


class Source(NamedTuple):
    """Hold one file to read: `kind` says by which reader, `size` in bytes is as found, `agent_id` what its folder says.

    Kinds are `claude`, `openclaw-jsonl`, `openclaw-zst` (a compressed transcript), `openclaw-sqlite` and
    `openclaw-sessions` (a list of sessions). `root` is the folder of the runtime that it was found below.
    """

    kind: str
    path: str
    size: int
    mtime_ns: int
    inode: int
    root: str
    agent_id: str | None = None


class State(NamedTuple):
    """Hold how far a file was read: all its lines before `offset`, whose last bytes have the hash `tail`.

    `context` is what the reader must know to go on there: for OpenClaw's transcripts the session and the model so far,
    for its database the last `seq` of each session. It is plain data, fit for JSON. `problems` are those of the file so
    far, as in `Part`.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    offset: int = 0
    tail: str = ""
    context: dict[str, Any] | None = None
    problems: dict[str, int] | None = None


class Part(NamedTuple):
    """Hold some turns and sessions of a file, and the state behind them.

    `problems` counts by kind what could not be read: `bad line`, `long line`, `bad record`, … `unread` are sentences
    for what was not read at all: a compressed archive without zstandard, a locked database.
    """

    turns: list[TurnRecord]
    sessions: list[SessionRecord]
    state: State
    problems: dict[str, int]
    unread: tuple[str, ...] = ()


def added(problems: Mapping[str, int] | None, more: Mapping[str, int]) -> dict[str, int] | None:
    """Return the problems of a file with those of its next part, None if there are none."""
    sums = dict(problems or {})
    for kind, count in more.items():
        sums[kind] = sums.get(kind, 0) + count
    return {kind: count for kind, count in sums.items() if count} or None
