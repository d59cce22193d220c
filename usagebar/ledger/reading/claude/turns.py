"""Make turns of the lines of Claude Code's transcripts, each message once.

A message is written as one line per block of its answer, all with a usage, the first with placeholders. Its copies are
decided on the decoded fields, and a record is made of the line that stays; where the fields do not tell, the records
themselves are compared, so that the end is that of `merged` over all lines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b

from usagebar.figures import dollars, text
from usagebar.ledger.reading.claude.decoding import Block, Line, Message, Usage, uuid_of
from usagebar.ledger.turns import CLAUDE, MOST_TOKENS, MOST_USD, REPORTED, TurnRecord, rank, turn_key

SYNTHETIC = "<synthetic>"  # the model of lines that Claude Code wrote itself
PROVIDER, _ITS_MODELS = "anthropic", "claude"  # other providers' models run under Claude Code too
TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
ADVISOR = "advisor_message"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A record of all its fields in their order: what `_make` does, without its call.
_record: Callable[[tuple[object, ...]], TurnRecord] = partial(tuple.__new__, TurnRecord)

Identity = tuple[str, ...]
Tools = set[tuple[str, str]]


class Turns:
    """Take decoded lines, one by one, and give the turns in them."""

    def __init__(self) -> None:
        self._lines: dict[Identity, Line] = {}  # the best of each message so far
        self._tools: dict[Identity, Tools] = {}  # of all its lines
        self._texts = _Texts()

    def add(self, line: Line, raw: bytes) -> None:
        """Take a line, which may be of any kind; `raw` is its text."""
        message = line.message
        if message is None or (usage := message.usage) is None or _is_none(line, message):
            return
        identity: Identity = (message.id or "", line.request_id or "")
        if "" in identity:
            identity = _identity(line, raw)
        kept = self._lines.setdefault(identity, line)
        if kept is not line and self._is_better(line, kept):
            self._lines[identity] = line
        content = message.content
        if content.__class__ is list:
            for block in content:
                if block.type in TOOL_BLOCKS:
                    self._add_tools(identity, content, raw)
                    break
        if usage.iterations:
            self._add_advisors(line, usage.iterations, identity)

    def _add_tools(self, identity: Identity, content: list[Block], raw: bytes) -> None:
        tools = self._tools.setdefault(identity, set())
        for index, block in enumerate(content):
            if block.type in TOOL_BLOCKS and block.name:
                tools.add((block.id or f"{uuid_of(raw) or ''}#{index}", block.name))

    def _add_advisors(self, line: Line, iterations: list[Usage], identity: Identity) -> None:
        # Numbered among themselves: the other calls are listed later than the advisors', or not at all.
        for number, usage in enumerate(usage for usage in iterations if usage.type == ADVISOR):
            message = Message(model=usage.model, usage=usage)
            # The cost of the line is that of all it took: it is with the message.
            found = Line(message, None, line.session_id, line.timestamp, line.cwd, line.is_sidechain)
            own = (*identity, "advisor", str(number))
            if self._is_better(found, self._lines.setdefault(own, found)):
                self._lines[own] = found

    def _is_better(self, found: Line, kept: Line) -> bool:
        if found.is_sidechain is not kept.is_sidechain and bool(found.is_sidechain) is not bool(kept.is_sidechain):
            return not found.is_sidechain
        used, was = found.message.usage.output_tokens, kept.message.usage.output_tokens  # type: ignore[union-attr]
        if (
            used is not None
            and was is not None
            and used != was
            and 0 <= used <= MOST_TOKENS
            and 0 <= was <= MOST_TOKENS
        ):
            return used > was
        if _differ_in_time_only(found, kept):
            return _is_earlier(found.timestamp, kept.timestamp)
        return rank(self._turn((), found)) > rank(self._turn((), kept))

    def records(self) -> list[TurnRecord]:
        """Return the turns of all lines taken, in the order of their first lines."""
        return list(map(self._turn, self._lines.keys(), self._lines.values()))

    def _turn(self, identity: Identity, line: Line) -> TurnRecord:
        message: Message = line.message  # type: ignore[assignment]
        usage: Usage = message.usage  # type: ignore[assignment]
        sent, read, output = usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens
        short, long = _cache_writes(usage)
        cost = None if line.cost_usd is None else _cost(line.cost_usd)
        text_of = self._texts
        return _record(
            (
                turn_key(CLAUDE, *identity),
                CLAUDE,
                None,  # machine
                text_of[line.session_id],
                None,  # agent_id
                None,  # origin
                text_of[line.cwd],
                text_of[message.model],
                _provider(message.model),
                milliseconds(line.timestamp),
                sent if sent is not None and 0 <= sent <= MOST_TOKENS else None,
                read if read is not None and 0 <= read <= MOST_TOKENS else None,
                short,
                long,
                output if output is not None and 0 <= output <= MOST_TOKENS else None,
                None,  # reasoning
                None,  # latency_ms
                cost,
                None if cost is None else REPORTED,
                None,  # prices
                None,  # long_context
                None if usage.speed is None else usage.speed == "fast",
                None if usage.service_tier is None else usage.service_tier == "batch",
                line.is_sidechain,
                tuple(sorted(self._tools[identity])) if identity in self._tools else (),
            )
        )


def _provider(model: str | None) -> str | None:
    return PROVIDER if model is not None and _ITS_MODELS in model.lower() else None


class _Texts(dict[str | None, str | None]):
    """Look at each text once, and keep it once: the same few names are on every line."""

    def __missing__(self, value: str | None) -> str | None:
        return self.setdefault(value, text(value))


def milliseconds(timestamp: str | None) -> int | None:
    """Return the milliseconds since 1970 of an ISO time, UTC if it names no zone; None if it is none."""
    if not timestamp:
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return None if since.days < 0 else (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _identity(line: Line, raw: bytes) -> Identity:
    message: Message = line.message  # type: ignore[assignment]
    if message.id:
        return (message.id, line.request_id) if line.request_id else (message.id, "session", line.session_id or "")
    if uuid := uuid_of(raw):
        return ("", "line", line.session_id or "", uuid)
    return ("", "text", blake2b(raw.strip(), digest_size=16).hexdigest())


def _is_none(line: Line, message: Message) -> bool:
    # No call of a model, whatever usage it has.
    return bool(line.is_api_error) or message.model == SYNTHETIC or message.role == "user"


def _differ_in_time_only(one: Line, other: Line) -> bool:
    return (
        one.message.usage == other.message.usage  # type: ignore[union-attr]
        and one.is_sidechain == other.is_sidechain
        and one.session_id == other.session_id
        and one.cwd == other.cwd
        and one.message.model == other.message.model  # type: ignore[union-attr]
        and one.cost_usd == other.cost_usd
    )


def _is_earlier(one: str | None, other: str | None) -> bool:
    if one == other:
        return False
    found, kept = milliseconds(one), milliseconds(other)
    return found is not None and (kept is None or found < kept)


def _tokens(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= MOST_TOKENS else None


def _cost(value: float | None) -> float | None:
    amount = None if value is None else dollars(value)
    return None if amount is None or amount > MOST_USD else amount


def _cache_writes(usage: Usage) -> tuple[int | None, int | None]:
    # What the total has beyond its parts was written for 5 minutes; the parts are what is billed.
    total, parts = _tokens(usage.cache_creation_input_tokens), usage.cache_creation
    if parts is None:
        return total, None
    short, long = _tokens(parts.ephemeral_5m_input_tokens), _tokens(parts.ephemeral_1h_input_tokens)
    if total is not None and (rest := total - (short or 0) - (long or 0)) > 0:
        short = (short or 0) + rest
    return short, long
