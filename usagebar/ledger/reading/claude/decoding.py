"""Decode the lines of Claude Code's transcripts: only the fields used, each by its own door.

A line is decoded by msgspec if it is installed; what msgspec refuses, and everything without it, is read by `tolerant`:
a field of another type is unknown there, and the others of its line stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple, cast

from usagebar.figures import count, dollars, flag, mapping

DEEPEST = 64  # levels of nesting; what is used of a line is within the first seven

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
AROUND = "\ufeff\0 \t\r\n"  # a byte order mark, and the zeros that a crash of the machine leaves in a file
# Longer integers are refused by Python, for the time they take; no count has so many digits.
_MOST_DIGITS = 400


class Block(NamedTuple):
    """Hold what is used of a block of an answer."""

    type: str | None = None
    id: str | None = None
    name: str | None = None


class Creation(NamedTuple):
    """Hold the cache writes of a usage by the time they are kept, in tokens."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Usage(NamedTuple):
    """Hold a usage, in tokens, as Anthropic's API reports it; `type` and `model` are those of an iteration."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: Creation | None = None
    service_tier: str | None = None
    speed: str | None = None
    iterations: list[Usage] | None = None
    type: str | None = None
    model: str | None = None


class Message(NamedTuple):
    """Hold what is used of a line's message."""

    id: str | None = None
    model: str | None = None
    role: str | None = None
    content: list[Block] | str | None = None
    usage: Usage | None = None


class Line(NamedTuple):
    """Hold what is used of a line; `cost_usd` is what old versions reported, in US dollars."""

    message: Message | None = None
    request_id: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    is_sidechain: bool | None = None
    is_api_error: bool | None = None
    cost_usd: float | None = None


RENAMED = {
    "request_id": "requestId",
    "session_id": "sessionId",
    "is_sidechain": "isSidechain",
    "is_api_error": "isApiErrorMessage",
    "cost_usd": "costUSD",
}


def typed() -> Callable[[bytes], Line | None]:
    """Return the fastest decoder there is; it raises ValueError or RecursionError where `tolerant` has to read."""
    try:
        from usagebar.ledger.reading.claude.typed import decode  # noqa: PLC0415 (not everybody has msgspec)
    except ImportError:
        return tolerant
    return cast("Callable[[bytes], Line | None]", decode)


def tolerant(raw: bytes) -> Line | None:
    """Return what is usable of a line, None if it is no JSON object."""
    found = _parsed(raw.decode("utf-8", "replace").strip(AROUND))
    return _line(found) if isinstance(found, dict) else None


def uuid_of(raw: bytes) -> str | None:
    """Return the id of a line itself, which is seldom asked for."""
    found = _parsed(raw.decode("utf-8", "replace").strip(AROUND))
    return _string(found.get("uuid")) if isinstance(found, dict) else None


def blank(raw: bytes) -> bool:
    """Tell whether a line holds nothing at all."""
    return not raw.decode("utf-8", "replace").strip(AROUND)


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float("nan")


# Control characters within strings are taken as they are.
_decode = JSONDecoder(strict=False).decode
_decode_digits = JSONDecoder(strict=False, parse_int=_whole).decode


def _parsed(text: str) -> object:
    try:
        return _decode(text)
    except JSONDecodeError:
        return None
    except ValueError:  # an integer of too many digits
        return _retried(text)
    except RecursionError:
        return _retried(shallow(text))


def _retried(text: str) -> object:
    try:
        return _decode_digits(text)
    except JSONDecodeError:
        return None
    except RecursionError:
        return _retried(shallow(text))


def shallow(text: str) -> str:
    """Return JSON text with `null` in place of what is nested deeper than `DEEPEST`."""
    depth, start, kept = 0, 0, []
    for match in _TOKEN.finditer(text):
        bracket = match[0]
        if bracket in "[{":
            depth += 1
            if depth == DEEPEST:
                kept.append(text[start : match.start()])
                start = len(text)
        elif bracket in "]}":
            if depth == DEEPEST:
                kept.append("null")
                start = match.end()
            depth -= 1
    return "".join((*kept, text[start:]))


def _line(found: dict[str, Any]) -> Line:
    message = found.get("message")
    return Line(
        _message(message) if isinstance(message, dict) else None,
        _string(found.get("requestId")),
        _string(found.get("sessionId")),
        _string(found.get("timestamp")),
        _string(found.get("cwd")),
        flag(found.get("isSidechain")),
        flag(found.get("isApiErrorMessage")),
        dollars(found.get("costUSD")),
    )


def _message(found: dict[str, Any]) -> Message:
    content, usage = found.get("content"), found.get("usage")
    return Message(
        _string(found.get("id")),
        _string(found.get("model")),
        _string(found.get("role")),
        [_block(mapping(block)) for block in content] if isinstance(content, list) else None,
        _with_iterations(usage) if isinstance(usage, dict) else None,
    )


def _with_iterations(found: dict[str, Any]) -> Usage:
    iterations = found.get("iterations")
    if not isinstance(iterations, list):
        return _usage(found)
    return _usage(found)._replace(iterations=[_usage(mapping(one)) for one in iterations])


def _block(found: Any) -> Block:
    return Block(_string(found.get("type")), _string(found.get("id")), _string(found.get("name")))


def _usage(found: Any) -> Usage:
    creation = found.get("cache_creation")
    return Usage(
        count(found.get("input_tokens")),
        count(found.get("output_tokens")),
        count(found.get("cache_creation_input_tokens")),
        count(found.get("cache_read_input_tokens")),
        _creation(creation) if isinstance(creation, dict) else None,
        _string(found.get("service_tier")),
        _string(found.get("speed")),
        None,
        _string(found.get("type")),
        _string(found.get("model")),
    )


def _creation(found: dict[str, Any]) -> Creation:
    return Creation(
        count(found.get("ephemeral_5m_input_tokens")),
        count(found.get("ephemeral_1h_input_tokens")),
    )


def _string(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    # Half of a surrogate pair cannot be stored.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
