"""Decode the events of OpenClaw's transcripts: of each only what tells who was asked and what it used.

With `msgspec` (extra `fast`) whatever else is in an event is skipped, not built; what it does not take, and all without
it, goes through `json`. Both ways end in objects with the same attributes, of whatever type the event has there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from usagebar.figures import mapping, number
from usagebar.ledger.reading.claude.decoding import AROUND, shallow

_LATEST = 253_370_764_800_000  # the year 9999: what is after it is no time
# More digits than any figure that is kept; Python itself gives up at some thousand.
_MOST_DIGITS = 400
_NESTED = ("message", "data", "row", "content")

_Shape = TypeVar("_Shape")


class EventError(ValueError):
    """A line that is no event."""


class Event(NamedTuple):
    """Hold what is asked of an event; anything may be missing, or of any type. `message` is an object's, or None."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    message: Message | None = None
    cwd: Any = None
    parent_session: Any = None
    provider: Any = None
    model_id: Any = None
    custom_type: Any = None
    data: Snapshot | None = None
    duration_ms: Any = None
    kind: Any = None
    session_id: Any = None
    row: Row | None = None


class Message(NamedTuple):
    """Hold what is asked of a message."""

    role: Any = None
    provider: Any = None
    model: Any = None
    response_model: Any = None
    timestamp: Any = None
    duration_ms: Any = None
    usage: Any = None
    content: list[Block] | str | None = None


class Block(NamedTuple):
    """Hold what is asked of a block of content."""

    type: Any = None
    id: Any = None
    name: Any = None


class Snapshot(NamedTuple):
    """Hold what is asked of the data of a `model-snapshot`."""

    provider: Any = None
    model_id: Any = None


class Row(NamedTuple):
    """Hold an event as JSON within an archive of cold storage."""

    event_json: Any = None


def decode_event(line: bytes) -> Any:
    """Return what is asked of an event, with the attributes of `Event`. Raises `EventError` if it is none."""
    try:
        return _fast()(line)
    except (ValueError, RecursionError):
        return event_of(decode_object(line))


def decode_object(line: bytes) -> Mapping[str, Any]:
    """Return a JSON object; bytes that are no UTF-8 are replaced. Raises `EventError` if there is none."""
    written = line.decode("utf-8", "replace").strip(AROUND)
    try:
        found = _loads(written)
    except (ValueError, RecursionError) as error:
        raise EventError("expected a JSON object, found none") from error
    if not isinstance(found, dict):
        raise EventError(f"expected a JSON object, found {type(found).__name__}")
    return found


def _loads(written: str) -> Any:
    try:
        return json.loads(written, strict=False)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        return _loads(shallow(written))
    except ValueError:  # a number with more digits than Python converts
        return json.loads(written, strict=False, parse_int=_short_int)


def _short_int(digits: str) -> float | int:
    return int(digits) if len(digits) < _MOST_DIGITS else float("inf")


def event_of(found: Mapping[str, Any]) -> Event:
    """Return what is asked of an event that is decoded."""
    return Event(
        **_leaves(Event, found),
        message=_nested(found, "message", _message),
        data=_nested(found, "data", lambda data: Snapshot(**_leaves(Snapshot, data))),
        row=_nested(found, "row", lambda row: Row(**_leaves(Row, row))),
    )


def _message(found: Mapping[str, Any]) -> Message:
    content = found.get("content")
    blocks = [Block(**_leaves(Block, mapping(block))) for block in content] if isinstance(content, list) else None
    return Message(**_leaves(Message, found), content=blocks)


def _nested(found: Mapping[str, Any], field: str, shape: Callable[[Mapping[str, Any]], _Shape]) -> _Shape | None:
    value = found.get(field)
    return shape(value) if isinstance(value, dict) else None


def _leaves(shape: Any, found: Mapping[Any, Any]) -> dict[str, Any]:
    return {field: found.get(_written(field)) for field in shape._fields if field not in _NESTED}


@cache
def _fast() -> Callable[[bytes], Any]:
    try:
        import msgspec  # noqa: PLC0415 (an extra)
    except ImportError:
        return lambda line: event_of(decode_object(line))

    def struct(shape: Any, **nested: Any) -> Any:
        fields = [(field, nested.get(field, Any), None) for field in shape._fields]
        return msgspec.defstruct(shape.__name__, fields, rename=_written, gc=False)

    message = struct(Message, content=list[struct(Block)] | str | None)  # type: ignore[misc]
    event = struct(Event, message=message | None, data=struct(Snapshot) | None, row=struct(Row) | None)
    decode: Callable[[bytes], Any] = msgspec.json.Decoder(event).decode
    return decode


@cache
def _written(name: str) -> str:
    """Return the name that a field has in the log."""
    first, *others = name.split("_")
    return name if name == "event_json" else first + "".join(map(str.capitalize, others))


def moment(value: object) -> int | None:
    """Return a time in whole milliseconds since 1970, UTC, from such a number or an ISO text; None if it is none."""
    if type(value) is int and 0 <= value < _LATEST:
        return value
    if isinstance(value, str):
        return _moment_of_text(value)
    found = number(value)
    return int(found) if found is not None and found < _LATEST else None


def _moment_of_text(value: str) -> int | None:
    try:
        read = datetime.fromisoformat(value)
        seconds = (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    milliseconds = round(seconds * 1000)
    return milliseconds if 0 <= milliseconds < _LATEST else None
