"""Know the session that another one was forked from, by what the log of the fork says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from usagebar.figures import text
from usagebar.ledger.reading.openclaw.decoding import moment
from usagebar.ledger.reading.openclaw.keys import name

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Fork(NamedTuple):
    """Tell of a forked session which one it was forked from, and when (milliseconds since 1970, UTC).

    `agent_id` is the parent's agent, as far as the reference to it says; `near` the agent in whose folder that is, if
    it is another one than that of the transcript which is read.
    """

    parent: str
    at: int
    agent_id: str | None = None
    near: str | None = None


class Parent(NamedTuple):
    """Hold what was found of a session that another one was forked from: whose it is, and its own fork if it is one."""

    agent_id: str | None = None
    fork: Fork | None = None


# Finds the parent that a fork names; None if it is nowhere.
Forks = Callable[[Fork], Parent | None]


def fork_of(event: Any) -> Fork | None:
    """Return what a `session` event says of the session that it was forked from; None if it was not."""
    parent, at = text(event.parent_session), moment(event.timestamp)
    session_id, agent_id = (None, None) if parent is None else _session_named(parent)
    return None if session_id is None or at is None else Fork(session_id, at, agent_id)


def _session_named(parent: str) -> tuple[str | None, str | None]:
    """Return the session and the agent that a reference names.

    It is a transcript's path, `…/agents/<agent>/sessions/<session>.jsonl`, or `sqlite:<agent>:<session>:<path>`, or an
    id, which names no agent.
    """
    if parent.startswith("sqlite:"):
        words = parent.split(":", 3)
        return (name(words[2]), name(words[1])) if len(words) == 4 else (None, None)
    *folders, file = re.split(r"[/\\]", parent)
    stem = file.partition(".jsonl")[0]
    found = _UUID.search(stem)
    is_agents = folders[-3::2] == ["agents", "sessions"]
    return name(found[0] if found else stem), name(folders[-2]) if is_agents else None
