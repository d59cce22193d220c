"""What a program knows of a turn beside its contract, by the fields of its record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from usagebar.contract.errors import ContractError
from usagebar.contract.fields import described
from usagebar.figures import rounded, text
from usagebar.ledger.turns import API, turn_key

MOST_MS = 86_400_000  # a day
MOST_TOOLS = 10_000  # of one turn
_MOST_DIGITS = 10**40  # no chat's numbers are longer


def known_facts(
    *, tools: Iterable[str | tuple[str, str]] | None, latency_ms: float | None, **names: object
) -> dict[str, Any]:
    """Return the facts that are known, by field; raises `ContractError` or `TypeError` for what is none."""
    facts: dict[str, Any] = {}
    for field, value in names.items():
        if value is not None and (name := named(field, value)):
            facts[field] = name
    if latency_ms is not None:
        facts["latency_ms"] = latency(latency_ms)
        if facts["latency_ms"] is None:
            raise ContractError(f"expected latency_ms to be a number >= 0, of a day at most, found {latency_ms!r}")
    if tools is not None and tools != ():
        facts["tools"] = _calls(tools)
    return facts


def latency(value: object) -> int | None:
    """Return a duration in whole milliseconds; None for what is none, or longer than a call can take."""
    found = rounded(value)
    return found if found is not None and found <= MOST_MS else None


def key_of(key: str | int) -> bytes:
    """Return the key of a turn that its program names itself; raises `ContractError` or `TypeError`."""
    name = named("key", key)
    if not name:
        raise ContractError("expected a key that is not blank, found a blank one")
    return turn_key(API, name)


def moment_of(at: datetime) -> int:
    """Return a time in milliseconds since 1970, one without a zone as UTC; raises `TypeError` for anything else."""
    if not isinstance(at, datetime):
        raise TypeError(f"expected at to be a datetime, found {type(at).__name__}")
    zoned = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)


def known_id(value: object) -> str | None:
    """Return what a payload has for an id as text; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value)) if abs(value) < _MOST_DIGITS else None
    return text(value)


def named(field: str, value: object) -> str:
    """Return an id as text, an empty one if it is blank; chats number their messages and channels.

    Raises `TypeError` for anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, str):
        raise TypeError(f"expected {field} to be a text, found {described(value)}")
    return str.__str__(value) if value.strip() else ""


def _calls(tools: Iterable[str | tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return tool calls as (id, name), sorted; those without an id are numbered."""
    if isinstance(tools, (str, bytes)):
        raise TypeError(f"expected tools to be a list of names, found {described(tools)}")
    calls: set[tuple[str, str]] = set()
    for number, tool in enumerate(tools):
        call = (str(number), tool) if isinstance(tool, str) else tool
        if not isinstance(call, (tuple, list)) or len(call) != 2 or not all(isinstance(part, str) for part in call):
            raise TypeError(f"expected a tool's name, or the id of a call and a name, found {described(tool)}")
        if number >= MOST_TOOLS:
            raise ContractError(f"expected at most {MOST_TOOLS} tools, found more")
        calls.add((call[0], call[1]))
    return tuple(sorted(calls))
