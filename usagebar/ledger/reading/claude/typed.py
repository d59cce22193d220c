"""The lines of Claude Code's transcripts as msgspec decodes them: the same fields as in `decoding`.

Numbers of another range than they should be pass here as they do there; their doors come later.
"""

from __future__ import annotations

import msgspec

from usagebar.ledger.reading.claude.decoding import RENAMED


class Block(msgspec.Struct, gc=False):
    """Hold what is used of a block of an answer."""

    type: str | None = None
    id: str | None = None
    name: str | None = None


class Creation(msgspec.Struct, gc=False):
    """Hold the cache writes of a usage by the time they are kept, in tokens."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Iteration(msgspec.Struct, gc=False):
    """Hold the usage of one of the calls that an answer took, in tokens."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: Creation | None = None
    service_tier: str | None = None
    speed: str | None = None
    type: str | None = None
    model: str | None = None


class Usage(msgspec.Struct, gc=False):
    """Hold a usage, in tokens, as Anthropic's API reports it."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: Creation | None = None
    service_tier: str | None = None
    speed: str | None = None
    iterations: list[Iteration] | None = None


class Message(msgspec.Struct, gc=False):
    """Hold what is used of a line's message."""

    id: str | None = None
    model: str | None = None
    role: str | None = None
    content: list[Block] | str | None = None
    usage: Usage | None = None


class Line(msgspec.Struct, gc=False, rename=RENAMED):
    """Hold what is used of a line."""

    message: Message | None = None
    request_id: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    is_sidechain: bool | None = None
    is_api_error: bool | None = None
    cost_usd: float | None = None


decode = msgspec.json.Decoder(Line).decode
