"""Read the events of a session of OpenClaw into turns; they are the same in files, in archives and in its database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

from usagebar import figures
from usagebar.ledger.reading.claude.decoding import blank, shallow
from usagebar.ledger.reading.openclaw.decoding import EventError, decode_event, decode_object, moment
from usagebar.ledger.reading.openclaw.keys import UNKNOWN, Attribution, name
from usagebar.ledger.reading.openclaw.references import Fork, Forks, fork_of
from usagebar.ledger.turns import MOST_TOKENS, MOST_USD, OPENCLAW, REPORTED, SessionRecord, TurnRecord, turn_key

_MOST_MS = 86_400_000  # no call takes more than a day
_TOOL_CALLS = frozenset(("toolCall", "toolUse", "tool_call", "tool_use"))
_COSTS = ("input", "output", "cacheRead", "cacheWrite")
_USED = (*_COSTS, "totalTokens")
_BILLED = "provider-billed"  # the origin of a total that may be 0
_LOCAL = frozenset(  # programs on the user's own machine
    ("ollama", "lmstudio", "lm-studio", "llama-cpp", "llamacpp", "localai", "mlx", "vllm", "sglang", "local")
)
# An event of somebody who is no model, as OpenClaw writes it. Within a string the quotes would be escaped.
_MESSAGE, _MODELS = b'{"type":"message"', b'"message":{"role":"'
_OTHERS = (b'user"', b'toolResult"')
_HEAD = 512
# A fork of a fork of a fork: a longer chain is a loop.
_MOST_FORKS = 32

# A record of all its fields in their order: what `_make` does, without its call.
_turn: Callable[[tuple[Any, ...]], TurnRecord] = partial(tuple.__new__, TurnRecord)

Ask = Callable[[str], Attribution]


class Transcript:
    """Read the events of a transcript one by one, and know what those before said.

    `session_id` is whose they are until a `session` event names another one; where `is_fixed`, none does. `ask` tells
    whose a session is. `forks` tells of the parent of a fork. `agent_id` is the agent whose folder the
    transcript lies in. `sessions` are those that had a turn, or an event of their own.
    """

    def __init__(
        self, session_id: str, agent_id: str | None, ask: Ask, forks: Forks | None = None, *, is_fixed: bool = False
    ) -> None:
        self.session_id, self.is_fixed = session_id, is_fixed
        self.provider: str | None = None
        self.model: str | None = None
        self.project: str | None = None
        self.fork: Fork | None = None
        self.sessions: dict[str, SessionRecord] = {}
        self._agent_id, self._ask, self._forks = agent_id, ask, forks
        self._whose = UNKNOWN
        self._asked: str | None = None

    def context(self) -> dict[str, Any]:
        """Return what the events so far said, as plain data."""
        known = {"session": self.session_id, "provider": self.provider, "model": self.model, "project": self.project}
        if self.fork is not None:
            known |= {"parent": self.fork.parent, "forked": str(self.fork.at), "parent_agent": self.fork.agent_id}
        return {field: value for field, value in known.items() if value is not None}

    def go_on(self, context: Mapping[str, Any]) -> None:
        """Take what the events said that were read before, as `context` returned it."""
        self.session_id = name(context.get("session")) or self.session_id
        self.provider, self.model, self.project = (name(context.get(key)) for key in ("provider", "model", "project"))
        parent, forked = context.get("parent"), context.get("forked")
        if isinstance(parent, str) and isinstance(forked, str) and forked.isdecimal():
            self.fork = Fork(parent, int(forked), name(context.get("parent_agent")))

    def take(self, line: bytes) -> TurnRecord | None:
        """Read an event; return the turn if it is an answer that used something. Raises `EventError` if it is none."""
        return None if is_of_others(line) else self.read(line)

    def read(self, line: bytes) -> TurnRecord | None:
        """Read an event as `take` does, if it is known not to be of others."""
        if not line or line.isspace():
            return None
        try:
            event = decode_event(line)
        except EventError:
            if blank(line):
                return None
            raise
        if event.type == "message":
            return self._turn(event, line)
        if event.type is None and event.kind is not None:
            return self._of_cold_storage(event)
        self._note(event)
        return None

    def _note(self, event: Any) -> None:
        if event.type == "session":
            self._start(event)
        elif event.type == "model_change":
            self._chosen(event)
        elif event.type == "custom" and event.custom_type == "model-snapshot" and event.data is not None:
            self._chosen(event.data)

    def _start(self, event: Any) -> None:
        named = name(event.id)
        if named is not None and not self.is_fixed:
            self.session_id = named
        self.project = name(event.cwd)
        self.fork = fork_of(event)
        self._record()

    def _chosen(self, said: Any) -> None:
        model = name(said.model_id)
        if model is not None:
            self.provider, self.model = name(said.provider), model

    def _of_cold_storage(self, event: Any) -> TurnRecord | None:
        """Read a line of an archive of cold storage, whose events are JSON within JSON."""
        if event.kind == "header":
            self.session_id = name(event.session_id) or self.session_id
        if event.kind != "event" or event.row is None or not isinstance(event.row.event_json, str):
            return None
        return self.take(event.row.event_json.encode("utf-8", "replace"))

    def _turn(self, event: Any, line: bytes) -> TurnRecord | None:
        message = event.message
        if message is None or message.role != "assistant" or type(message.usage) is not dict:
            return None
        usage = message.usage
        cost = _cost(usage.get("cost"))
        if not cost and not any(map(usage.get, _USED)):
            return None
        return self._record_of(event, usage, cost, line)

    def _record_of(self, event: Any, usage: Mapping[str, Any], cost: float | None, line: bytes) -> TurnRecord:
        message = event.message
        at = moment(message.timestamp)
        if at is None:
            at = moment(event.timestamp)
        session_id, agent_id = self._owner(moment(event.timestamp) or at)
        whose = self._record() if session_id == self.session_id else UNKNOWN
        provider, model = self._answered(message)
        if cost is not None and not _is_said(usage.get("cost"), cost, provider):
            cost = None
        written_5m, written_1h = _cache_writes(usage)
        # Not by the fields' names, which takes twice as long.
        return _turn(
            (
                *(turn_key(OPENCLAW, session_id, *_identity(event, line)), OPENCLAW, None, session_id),
                *(agent_id or whose.agent_id, whose.origin, self.project, model, provider, at),
                *(tokens(usage.get("input")), tokens(usage.get("cacheRead")), written_5m, written_1h),
                *(tokens(usage.get("output")), tokens(usage.get("reasoning")), _latency(event)),
                *(cost, None if cost is None else REPORTED, None, None, None, None, None, _tools(message.content)),
            )
        )

    def _answered(self, message: Any) -> tuple[str | None, str | None]:
        """Return provider and model of an answer, by what it says itself, else by what was chosen last."""
        provider, asked = name(message.provider), name(message.model)
        if asked is None or (provider is None and asked == self.model):
            provider = provider or self.provider
        return provider, name(message.response_model) or asked or self.model

    def _owner(self, at: int | None) -> tuple[str, str | None]:
        """Return the session that an event of this time is of, and its agent: a fork starts with copies of others'."""
        session_id, agent_id, fork, seen = self.session_id, self._agent_id, self.fork, 0
        while at is not None and fork is not None and at <= fork.at and seen < _MOST_FORKS:
            found = self._forks(fork) if self._forks is not None else None
            session_id, seen = fork.parent, seen + 1
            agent_id, fork = (fork.agent_id, None) if found is None else found
        return session_id, self._agent_id if session_id == self.session_id else agent_id

    def _record(self) -> Attribution:
        """Return whose the session is, and note it among the sessions."""
        if self._asked != self.session_id:
            self._asked, self._whose = self.session_id, self._ask(self.session_id)
        whose = self._whose
        if self.session_id not in self.sessions:
            agent = self._agent_id or whose.agent_id
            record = SessionRecord(OPENCLAW, self.session_id, whose.key, agent, whose.origin, whose.title, self.project)
            self.sessions[self.session_id] = record
        return whose


def is_of_others(line: bytes) -> bool:
    """Tell by the first bytes of an event whether it is a user's, or a tool's."""
    if not line.startswith(_MESSAGE):
        return False
    at = line.find(_MODELS, 0, _HEAD)
    return at >= 0 and line.startswith(_OTHERS, at + len(_MODELS))


def tokens(value: object) -> int | None:
    """Return a count of tokens, None if it is none or beyond all that can be."""
    if value is None or (type(value) is int and 0 <= value <= MOST_TOKENS):
        return value
    found = figures.count(value)
    return found if found is not None and found <= MOST_TOKENS else None


def _cache_writes(usage: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the tokens written to the cache for 5 minutes and for an hour: the total includes the latter."""
    total, hour = tokens(usage.get("cacheWrite")), tokens(usage.get("cacheWrite1h"))
    if hour is None:
        return total, None
    return None if total is None else max(0, total - hour), hour


def _cost(cost: object) -> float | None:
    if not isinstance(cost, dict):
        return _dollars(cost)
    total = _dollars(cost.get("total"))
    if total is None and cost.get("total") is None:
        parts = [_dollars(cost.get(part)) for part in _COSTS]
        total = None if None in parts else sum(part for part in parts if part is not None)
    return total


def _is_said(written: object, cost: float, provider: str | None) -> bool:
    """Tell whether a cost is one: OpenClaw writes all zeros for models of which it has no price.

    A 0 is one of a provider that billed it, of a model that runs on the user's own machine, and where no parts are.
    """
    if cost > 0 or not isinstance(written, dict) or written.get("totalOrigin") == _BILLED:
        return True
    return (provider or "").lower() in _LOCAL or not all(_dollars(written.get(part)) == 0 for part in _COSTS)


def _dollars(value: object) -> float | None:
    if type(value) is float and 0 < value <= MOST_USD:
        return value
    found = figures.dollars(value)
    return found if found is not None and found <= MOST_USD else None


def _latency(event: Any) -> int | None:
    if event.duration_ms is None and event.message.duration_ms is None:
        return None
    found = figures.rounded(event.message.duration_ms)
    if found is None:
        found = figures.rounded(event.duration_ms)
    return found if found is not None and found <= _MOST_MS else None


def _tools(content: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(content, list):
        return ()
    calls = [
        (name(block.id) or f"#{index}", called)
        for index, block in enumerate(content)
        if isinstance(block.type, str) and block.type in _TOOL_CALLS and (called := name(block.name)) is not None
    ]
    return tuple(sorted(calls)) if calls else ()


def _identity(event: Any, line: bytes) -> tuple[str, ...]:
    """Return what tells an event from the others of its session; without an id all that it says does."""
    event_id = figures.text(event.id)
    if event_id is not None:
        return (event_id,)
    try:
        said = _in_order(line)
    except RecursionError:
        said = _in_order(shallow(line.decode("utf-8", "replace")).encode())
    return "line", blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _in_order(line: bytes) -> str:
    return json.dumps(decode_object(line), sort_keys=True, separators=(",", ":"))
