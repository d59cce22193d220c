"""One turn, one record: what the ledger keeps of a model call, wherever it was read.

A record is a plain tuple, so that hundreds of thousands of them are cheap to make, to send between processes and to
store; its fields are in the order of the table `turns`. Copies of one turn are found again by their `key` and merged:
`merged` is commutative, associative and idempotent, so that any order of files and any split into runs end the same.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

CLAUDE, OPENCLAW, API = "claude", "openclaw", "api"
RUNTIMES = (CLAUDE, OPENCLAW, API)  # the last is what programs record themselves

REPORTED, ESTIMATED = "reported", "estimated"

# No request has more tokens, or costs more US dollars: a larger figure is none, and sums stay exact integers.
MOST_TOKENS = 10**12
MOST_USD = 100_000.0
_NEVER = -(10**18)  # below any time, in milliseconds, with its sign turned


class TurnRecord(NamedTuple):
    """Hold what one model call used; None is unknown, never 0.

    Token counts are disjoint: `input` is outside the cache. `reasoning` is a memo, part of `output`. `timestamp` is in
    milliseconds since 1970, UTC. `cost_usd` is in US dollars, its `cost_source` is "reported" or "estimated"; `prices`
    names whose prices an estimate is by, `long_context` is the threshold in prompt tokens of the tier they were of.
    `origin` is a channel's id, `cron:<job>`, `hook:<id>` or `user`. `tools` are the tool calls as (id, name), sorted.
    """

    key: bytes
    runtime: str
    machine: str | None = None
    session_id: str | None = None
    agent_id: str | None = None
    origin: str | None = None
    project: str | None = None
    model: str | None = None
    provider: str | None = None
    timestamp: int | None = None
    input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    latency_ms: int | None = None
    cost_usd: float | None = None
    cost_source: str | None = None
    prices: str | None = None
    long_context: int | None = None
    fast: bool | None = None
    batch: bool | None = None
    sidechain: bool | None = None
    tools: tuple[tuple[str, str], ...] = ()


class SessionRecord(NamedTuple):
    """Hold what is known of a session beside its turns: its key at the runtime, whose it is, and where it came from."""

    runtime: str
    session_id: str
    key: str | None = None
    agent_id: str | None = None
    origin: str | None = None
    title: str | None = None
    project: str | None = None


def turn_key(*parts: str) -> bytes:
    """Return the 16 bytes that tell a turn from all others, by the parts of its identity, the runtime first."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def merged(kept: TurnRecord, found: TurnRecord) -> TurnRecord:
    """Return the one record of two copies of a turn.

    The better line is kept whole, never the maximum of each count. What sessions tell of agent and origin, and the tool
    calls, of which each line of a transcript has its own, are put together.
    """
    better, worse = rank(found), rank(kept)
    # The same line again may come with an estimate that was not to be had before.
    is_priced_now = better == worse and kept.cost_usd is None and found.cost_usd is not None
    best, other = (found, kept) if better > worse or is_priced_now else (kept, found)
    if (other.tools, other.agent_id, other.origin) == (best.tools, best.agent_id, best.origin):
        return best
    return best._replace(
        tools=tuple(sorted({*best.tools, *other.tools})),
        agent_id=max(best.agent_id or "", other.agent_id or "") or None,
        origin=max(best.origin or "", other.origin or "") or None,
    )


def rank(turn: TurnRecord) -> tuple[object, ...]:
    """Return what tells the better of two copies: not of a side chain, more output, more tokens, a reported cost.

    Among those that are as good the earlier one is kept; what else follows makes the choice the same in every order.
    """
    reported = turn.cost_usd if turn.cost_source == REPORTED else None
    counts = (turn.input, turn.cache_read, turn.cache_write_5m, turn.cache_write_1h, turn.output)
    return (
        not turn.sidechain,
        -1 if turn.output is None else turn.output,
        sum(tokens or 0 for tokens in counts),
        -1.0 if reported is None else reported,
        *(-1 if tokens is None else tokens for tokens in (*counts, turn.reasoning)),
        _NEVER if turn.timestamp is None else -turn.timestamp,
        -1 if turn.latency_ms is None else turn.latency_ms,
        *(flag is not None and 1 + flag for flag in (turn.fast, turn.batch, turn.sidechain)),
        *(name or "" for name in (turn.session_id, turn.project, turn.model, turn.provider, turn.machine)),
    )
