"""Lines of Claude Code's transcripts for tests, and the turns that a reader makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from usagebar.ledger.reading.claude.transcripts import PART_BYTES, read_claude
from usagebar.ledger.reading.parts import Part, Source, State
from usagebar.ledger.turns import TurnRecord, merged

CORPUS = Path(__file__).parent / "transcripts" / "claude"


def source_of(path: Path) -> Source:
    """Return a file as it is found now."""
    found = path.stat()
    return Source("claude", str(path), found.st_size, found.st_mtime_ns, found.st_ino, str(path.parent))


def parts_of(path: Path, state: State | None = None, part_bytes: int = PART_BYTES) -> list[Part]:
    """Return all parts of a transcript."""
    return list(read_claude(source_of(path), state, part_bytes=part_bytes))


def turns_of(*paths: Path) -> list[TurnRecord]:
    """Return the turns of transcripts, each once, in the order of their first lines."""
    return once(turn for path in paths for part in parts_of(path) for turn in part.turns)


def once(turns: Iterable[TurnRecord]) -> list[TurnRecord]:
    """Return each turn once, merged of its copies."""
    kept: dict[bytes, TurnRecord] = {}
    for turn in turns:
        kept[turn.key] = merged(kept[turn.key], turn) if turn.key in kept else turn
    return list(kept.values())


def written(path: Path, *lines: bytes | dict[str, Any]) -> Path:
    """Write lines, each with its newline, and return the path."""
    path.write_bytes(b"".join(raw(line) + b"\n" for line in lines))
    return path


def raw(line: bytes | dict[str, Any]) -> bytes:
    """Return a line as Claude Code writes it."""
    return line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode("utf-8", "surrogatepass")


def answer(name: str | None = "msg_1", usage: object = None, message: object = None, **fields: Any) -> dict[str, Any]:
    """Return an assistant's line; fields are those of the line, `message` more of the message's."""
    about = {
        "model": "claude-sonnet-4-5",
        "id": name,
        "role": "assistant",
        "content": [],
        "usage": {"input_tokens": 3, "output_tokens": 5} if usage is None else usage,
    }
    line = {
        "isSidechain": False,
        "cwd": "/home/ada",
        "sessionId": "session",
        "message": about | (message if isinstance(message, dict) else {}),
        "requestId": "req_1",
        "uuid": "line",
        "timestamp": "2026-09-14T10:00:00.000Z",
    }
    return {field: value for field, value in (line | fields).items() if value is not ...}
