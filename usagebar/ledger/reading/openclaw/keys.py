"""Whose a session of OpenClaw is, and where it came from, by the key it has at the runtime."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from stat import S_ISREG
from typing import Any, NamedTuple

from usagebar.figures import mapping, text
from usagebar.ledger.reading.lines import opened
from usagebar.ledger.reading.openclaw.decoding import EventError, decode_object
from usagebar.ledger.turns import OPENCLAW, SessionRecord

# A longer name is cut: none that is meant has so many characters.
MOST_NAME = 512
# The list of sessions beside the transcripts.
SESSIONS = "sessions.json"
# A larger file is no list of sessions.
_MOST_BYTES = 256 << 20
# What follows the channel in the key of a conversation.
_PEERS = frozenset(("group", "channel", "room", "direct", "dm", "slash", "thread", "topic"))
_JOBS = ("cron", "hook")
# Keys of one word that are no person's conversation with the agent.
_SHARED = ("global", "unknown")
# A subagent's subagents work for whom the first one does; a longer chain is a loop.
_MOST_PARENTS = 16
_OPERATED = ("operator", "talk")


class Row(NamedTuple):
    """Hold what a list of sessions says of one: ids and keys as they are, None for what it does not say."""

    session_id: str
    key: str | None = None
    channel: str | None = None
    parent: str | None = None
    title: str | None = None
    created_via: str | None = None


class Attribution(NamedTuple):
    """Hold whose a session is: its key, the agent that the key names, where it came from, and its title."""

    key: str | None = None
    agent_id: str | None = None
    origin: str | None = None
    title: str | None = None


UNKNOWN = Attribution()


def name(value: object) -> str | None:
    """Return a text that can be stored: not blank, of bounded length, without halves of characters."""
    if type(value) is str and value.isascii() and len(value) <= MOST_NAME:
        return value if value and not value.isspace() else None
    known = text(value)
    if known is None:
        return None
    return known[:MOST_NAME].encode("utf-8", "replace").decode()


def agent_of(key: str) -> str | None:
    """Return the agent that a key names: `agent:<id>:…`."""
    first, _, rest = key.partition(":")
    return name(rest.partition(":")[0]) if first == "agent" else None


def origin_of(key: str) -> str | None:
    """Return where a session came from: a channel's id, `cron:<job>`, `hook:<id>` or `user`; None if its key is silent.

    `agent:<id>:discord:group:1` → `discord`; `agent:<id>:main` → `user`; `cron:<job>` and `agent:<id>:cron:<job>:run:…`
    → `cron:<job>`.
    """
    words = key.split(":")
    if words[0] == "agent":
        words = words[2:]
    if not words or not words[0].strip():
        return None
    if words[0] in _JOBS:
        return ":".join(words[:2]) if len(words) > 1 and words[1].strip() else None
    if words[0] == "main" or len(words) == 1:
        return None if words[0] in _SHARED else "user"
    is_channel = words[0] not in _PEERS and not _PEERS.isdisjoint(words[1:3])
    return words[0] if is_channel else None


def attributions(rows: Iterable[Row]) -> dict[str, Attribution]:
    """Return session → whose it is. Of two keys of a session the one that tells more counts."""
    listed = sorted(rows, key=lambda row: (row.session_id, row.key or ""))
    by_key = {row.key: row for row in listed if row.key is not None}
    found: dict[str, Attribution] = {}
    for row in listed:
        own = _attribution(row, by_key)
        if _told(own) > _told(found.get(row.session_id, UNKNOWN)) or row.session_id not in found:
            found[row.session_id] = own
    return found


def _told(attribution: Attribution) -> tuple[bool, bool]:
    return attribution.origin is not None, attribution.title is not None


def _attribution(row: Row, by_key: Mapping[str, Row]) -> Attribution:
    key = name(row.key)
    agent = agent_of(row.key) if row.key is not None else None
    return Attribution(key, agent, name(_origin(row, by_key)), name(row.title))


def _origin(row: Row, by_key: Mapping[str, Row]) -> str | None:
    origin, above = _origin_by_key(row), row
    for _ in range(_MOST_PARENTS):
        if origin is not None or above.parent is None:
            break
        above = by_key.get(above.parent) or Row("", above.parent)
        origin = _origin_by_key(above)
    if origin is None:
        origin = text(row.channel) or ("user" if row.created_via in _OPERATED else None)
    return origin


def _origin_by_key(row: Row) -> str | None:
    return None if row.key is None else origin_of(row.key)


def listed_sessions(folder: str) -> tuple[Mapping[str, Attribution], str | None]:
    """Return session → whose it is, by `sessions.json` in a folder, and a sentence if that file cannot be read.

    A file that is not there lists none. It is read again when it has changed.
    """
    path = os.path.join(folder, SESSIONS)
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}, None
    except OSError as error:
        return {}, f"{path}: {error.strerror}"
    if not S_ISREG(found.st_mode):
        return {}, f"{path}: not a regular file"
    return _listed(path, found.st_size, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=16)
def _listed(path: str, size: int, _mtime_ns: int, _inode: int) -> tuple[Mapping[str, Attribution], str | None]:
    # Thousands of transcripts lie beside one such file.
    if size > _MOST_BYTES:
        return {}, f"{path}: {size} bytes are too many for a list of sessions"
    try:
        with opened(path) as file:
            listed = decode_object(file.read(_MOST_BYTES))
    except (OSError, EventError) as error:
        return {}, f"{path}: {getattr(error, 'strerror', None) or error}"
    return attributions(row for key, entry in listed.items() if (row := _row(key, mapping(entry))) is not None), None


def _row(key: str, entry: Mapping[Any, Any]) -> Row | None:
    session_id = name(entry.get("sessionId"))
    if session_id is None:
        return None
    origin = mapping(entry.get("origin"))
    channels = (entry.get("channel"), origin.get("provider"), entry.get("lastChannel"))
    titles = (entry.get("label"), entry.get("displayName"), entry.get("subject"))
    parents = (entry.get("spawnedBy"), entry.get("parentSessionKey"))
    return Row(session_id, text(key), first(channels), first(parents), first(titles), text(entry.get("createdVia")))


def told_records(told: Mapping[str, Attribution], agent_id: str | None) -> list[SessionRecord]:
    """Return what is told of sessions as records; `agent_id` is the agent whose list it is."""
    return [
        SessionRecord(OPENCLAW, session_id, each.key, agent_id or each.agent_id, each.origin, each.title)
        for session_id, each in told.items()
    ]


def first(values: Iterable[object]) -> str | None:
    """Return the first of some values that is a text."""
    return next((known for value in values if (known := text(value)) is not None), None)
