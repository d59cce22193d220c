"""Single events of OpenClaw: what each field may be, both ways to decode them, and what no event may do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.reading.openclaw import decoding as openclaw_decoding
from usagebar.ledger.reading.openclaw.decoding import EventError, decode_event, decode_object, event_of, moment
from usagebar.ledger.reading.openclaw.events import Transcript
from usagebar.ledger.reading.openclaw.keys import UNKNOWN
from usagebar.ledger.reading.openclaw.references import Fork, Parent
from usagebar.ledger.turns import TurnRecord

USAGE = {"input": 1, "output": 2, "cacheRead": 3, "cacheWrite": 4}


@pytest.fixture(params=["msgspec", "json"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Decode with the extra package, and without it."""
    if request.param == "json":
        monkeypatch.setitem(sys.modules, "msgspec", None)
    openclaw_decoding._fast.cache_clear()
    yield request.param
    openclaw_decoding._fast.cache_clear()


def take(event: object, transcript: Transcript | None = None) -> TurnRecord | None:
    transcript = transcript or Transcript("s", None, lambda _: UNKNOWN)
    return transcript.take(event if isinstance(event, bytes) else json.dumps(event).encode())


def answer(usage: object = USAGE, /, **message: object) -> dict[str, Any]:
    return {"type": "message", "id": "a", "message": {"role": "assistant", "usage": usage, **message}}


def fields(turn: TurnRecord | None) -> tuple[object, ...]:
    assert turn is not None
    return (turn.input, turn.cache_read, turn.cache_write_5m, turn.cache_write_1h, turn.output)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (USAGE, (1, 3, 4, None, 2)),
        (USAGE | {"cacheWrite1h": 3}, (1, 3, 1, 3, 2)),
        (USAGE | {"cacheWrite1h": 9}, (1, 3, 0, 9, 2)),
        ({"input": 1, "cacheWrite1h": 3}, (1, None, None, 3, None)),
        ({"input": 5.0}, (5, None, None, None, None)),
        ({"input": 5.5, "output": 1}, (None, None, None, None, 1)),
        ({"input": "5", "output": True}, (None,) * 5),
        ({"input": -5, "output": 1}, (None, None, None, None, 1)),
        ({"input": 10**12}, (10**12, None, None, None, None)),
        ({"input": 10**12 + 1}, (None,) * 5),
        ({"input": 10**30, "output": 1}, (None, None, None, None, 1)),
        ({"input": None, "output": 1}, (None, None, None, None, 1)),
        ({"totalTokens": 9}, (None,) * 5),
        ({"cost": {"total": 0.5}}, (None,) * 5),
    ],
)
def test_counts(way: str, usage: object, counts: tuple[object, ...]) -> None:
    assert fields(take(answer(usage))) == counts


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        "much",
        7,
        {"input": 0, "output": 0},
        {"input": 0, "output": 0, "cost": {"total": 0}},
        {"input": 0, "cost": {"total": -1}},
        {"cost": -5},
        {"cost": {"total": "0.5"}},
    ],
)
def test_nothing_was_used(way: str, usage: object) -> None:
    assert take(answer(usage)) is None


@pytest.mark.parametrize(
    ("cost", "usd"),
    [
        ({"total": 0.5}, 0.5),
        ({"total": 2, "input": 9}, 2.0),
        ({"input": 0.25, "output": 0.25, "cacheRead": 0.25, "cacheWrite": 0.25}, 1.0),
        ({"input": 0.25, "output": 0.25, "cacheRead": 0.25}, None),
        ({"input": 0.25, "output": 0.25, "cacheRead": 0.25, "cacheWrite": "0.25"}, None),
        ({"total": -1, "input": 0.25, "output": 0.25, "cacheRead": 0.25, "cacheWrite": 0.25}, None),
        ({"total": 100_000.5}, None),
        ({"total": True}, None),
        ({"total": None}, None),
        (0.5, 0.5),
        (True, None),
        (-0.5, None),
        (float("nan"), None),
        (100_001, None),
        ([], None),
    ],
)
def test_costs(way: str, cost: object, usd: float | None) -> None:
    turn = take(answer(USAGE | {"cost": cost}))
    assert turn is not None
    assert (turn.cost_usd, turn.cost_source) == (usd, None if usd is None else "reported")


ZEROS = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": 0}


@pytest.mark.parametrize(
    ("cost", "source"),
    [
        ({"total": 0}, "reported"),
        (0, "reported"),
        (ZEROS, None),
        (ZEROS | {"totalOrigin": "provider-billed"}, "reported"),
        (ZEROS | {"input": 0.25, "total": 0.25}, "reported"),
        (0.5, "reported"),
    ],
)
def test_whose_word_a_cost_is(way: str, cost: object, source: str | None) -> None:
    turn = take(answer(USAGE | {"cost": cost}))
    assert turn is not None
    assert (turn.cost_usd is None, turn.cost_source) == (source is None, source)


def test_a_cost_beyond_all_numbers(way: str) -> None:
    for written in ("NaN", "Infinity", "1e999", "-0.5"):
        line = json.dumps(answer(USAGE | {"cost": {"total": 7777}})).replace("7777", written)
        turn = take(line.encode())
        assert turn is not None
        assert turn.cost_usd is None


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1772355605000, 1772355605000),
        (1772355605000.75, 1772355605000),
        ("2026-03-01T09:00:05.250Z", 1772355605250),
        ("2026-03-01T10:00:05.250+01:00", 1772355605250),
        ("2026-03-01T09:00:05", 1772355605000),
        (0, 0),
        (-1, None),
        (True, None),
        ("1772355605000", None),
        ("soon", None),
        ("", None),
        ("1969-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        (10**16, None),
        (float("nan"), None),
        (None, None),
        ([1], None),
    ],
)
def test_moments(value: object, at: int | None) -> None:
    assert moment(value) == at


def test_the_time_of_the_message_comes_first(way: str) -> None:
    both = answer(timestamp=5000) | {"timestamp": "1970-01-01T00:00:09Z"}
    bad = answer(timestamp="?") | {"timestamp": "1970-01-01T00:00:09Z"}
    times = [turn.timestamp for event in (both, bad, answer() | {"timestamp": 9000}, answer()) if (turn := take(event))]
    assert times == [5000, 9000, 9000, None]


def test_the_model_that_answered(way: str) -> None:
    transcript = Transcript("s", None, lambda _: UNKNOWN)
    events = [
        answer(),
        {"type": "model_change", "provider": "p", "modelId": "m"},
        answer(),
        answer(model="other"),
        answer(model="m"),
        answer(provider="q", model="m", responseModel="m-2"),
        answer(responseModel="m-3"),
        {"type": "model_change", "provider": 7, "modelId": {}},
        {"type": "custom", "customType": "else", "data": {"provider": "x", "modelId": "x"}},
        {"type": "custom", "customType": "model-snapshot", "data": "text"},
        answer(),
        {"type": "custom", "customType": "model-snapshot", "data": {"modelId": "n"}},
        answer(provider=5, model=[]),
    ]
    answered = [(turn.provider, turn.model) for event in events if (turn := take(event, transcript))]
    assert answered == [
        (None, None),
        ("p", "m"),
        (None, "other"),
        ("p", "m"),
        ("q", "m-2"),
        ("p", "m-3"),
        ("p", "m"),
        (None, "n"),
    ]


def test_tools(way: str) -> None:
    content = [
        {"type": "text", "text": "x"},
        {"type": "toolCall", "id": "2", "name": "b"},
        {"type": "toolCall", "id": "1", "name": "a"},
        {"type": "toolCall", "name": "a"},
        {"type": "toolCall", "id": 5, "name": "a"},
        {"type": "toolCall", "id": "3"},
        {"type": ["toolCall"], "id": "4", "name": "c"},
        "text",
        None,
    ]
    turn = take(answer(content=content))
    assert turn is not None
    assert turn.tools == (("#3", "a"), ("#4", "a"), ("1", "a"), ("2", "b"))
    others: list[object] = ["text", None, 5, {}]
    for other in others:
        turn = take(answer(content=other))
        assert turn is not None
        assert turn.tools == ()


@pytest.mark.parametrize(
    ("inner", "outer", "latency"),
    [(1200, None, 1200), (None, 5.5, 6), ("1", 7, 7), (-1, None, None), (10**12, None, None), (None, None, None)],
)
def test_latencies(way: str, inner: object, outer: object, latency: int | None) -> None:
    turn = take(answer(durationMs=inner) | {"durationMs": outer})
    assert turn is not None
    assert turn.latency_ms == latency


def test_keys(way: str) -> None:
    def key(event: dict[str, Any], session: str = "s") -> bytes:
        turn = take(event, Transcript(session, None, lambda _: UNKNOWN))
        assert turn is not None
        return turn.key

    assert key(answer()) == key(answer({"input": 9}))
    assert key(answer()) != key(answer() | {"id": "b"})
    assert key(answer()) != key(answer(), "t")
    nameless = answer()
    del nameless["id"]
    backwards = dict(reversed(nameless.items()))
    assert key(nameless) == key(backwards) == key(nameless)
    assert key(nameless) != key(nameless, "t")
    assert key(nameless) != key(nameless | {"timestamp": 5})
    assert key(answer() | {"id": 5}) == key(answer() | {"id": 5})


def test_events_of_another_session_in_the_same_file(way: str) -> None:
    transcript = Transcript("stem", "main", lambda _: UNKNOWN)
    sessions = [
        turn.session_id
        for event in (answer(), {"type": "session", "id": "one", "cwd": 5}, answer(), {"type": "session"}, answer())
        if (turn := take(event, transcript))
    ]
    assert sessions == ["stem", "one", "one"]
    assert list(transcript.sessions) == ["stem", "one"]


def test_a_fork_of_a_fork(way: str) -> None:
    parents = {"parent": Parent("main", Fork("root", 1000)), "root": Parent("ops", Fork("parent", 10**12))}
    transcript = Transcript("child", "work", lambda _: UNKNOWN, lambda fork: parents.get(fork.parent))
    parent = "sqlite:main:parent:/home/ada/agent.sqlite"
    take({"type": "session", "id": "child", "timestamp": 2000, "parentSession": parent}, transcript)
    owners = [
        (turn.session_id, turn.agent_id)
        for at in (2001, 2000, 1001, 1000, None)
        if (turn := take(answer(timestamp=at), transcript)) is not None
    ]
    # The parent of the root makes a circle.
    child, near, far = ("child", "work"), ("parent", "main"), ("root", "ops")
    assert owners == [child, near, near, far, child]
    parents.pop("root")
    turn = take(answer(timestamp=1000), transcript)
    assert turn is not None
    assert (turn.session_id, turn.agent_id) == ("root", None)


@pytest.mark.parametrize(
    ("parent", "session"),
    [
        ("/home/ada/sessions/abc.jsonl", "abc"),
        ("C:\\ada\\sessions\\abc.jsonl.reset.1", "abc"),
        ("/x/2026-01-01_6b1d6ad8-5a0c-4f6d-9a53-0d6a5b1c2e3f.jsonl", "6b1d6ad8-5a0c-4f6d-9a53-0d6a5b1c2e3f"),
        ("sqlite:main:abc:/x/y.sqlite", "abc"),
        ("sqlite:main", "child"),
        ("abc", "abc"),
        ("/", "child"),
        (" ", "child"),
        (5, "child"),
        (None, "child"),
    ],
)
def test_whom_a_fork_comes_from(way: str, parent: object, session: str) -> None:
    transcript = Transcript("child", None, lambda _: UNKNOWN)
    take({"type": "session", "id": "child", "timestamp": 2000, "parentSession": parent}, transcript)
    turn = take(answer(timestamp=1000), transcript)
    assert turn is not None
    assert turn.session_id == session


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"{}{}",
        b"\x00{",
        b"[" * 100_000,
        b'{"type":"message","message":' + b'{"a":' * 100_000,
        b'{"type":"message","id":"a","message":{"role":"assistant","usage":{"input":1}}',
    ],
)
def test_lines_that_are_no_events(way: str, line: bytes) -> None:
    with pytest.raises(EventError, match="expected a JSON object, found "):
        take(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b" \r\n",
        b"\0\0\n",
        b"\xef\xbb\xbf\n",
        b"{}",
        b'{"type":5}',
        b'{"type":"message"}',
        b'{"type":"message","message":[]}',
    ],
)
def test_events_without_a_turn(way: str, line: bytes) -> None:
    assert take(line) is None


def test_bytes_that_are_no_utf8(way: str) -> None:
    line = json.dumps(answer(model="M", content=[{"type": "text", "text": "T"}])).encode()
    turn = take(line.replace(b'"M"', b'"\xff"').replace(b'"T"', b'"\xfe"'))
    assert turn is not None
    assert (turn.model, turn.input) == ("\ufffd", 1)
    half = take(line.replace(b'"M"', b'"\\ud800"'))
    assert half is not None
    assert half.model == "?"
    assert take(b"\xef\xbb\xbf" + line) == take(line)


@pytest.mark.parametrize("levels", [60, 500, 1_500, 5_000, 100_000])
def test_what_is_nested_deeply(way: str, levels: int) -> None:
    line = json.dumps(answer(content="DEEP") | {"more": "DEEP"}).encode()
    for deep in (b"[" * levels + b"]" * levels, b'{"a":' * levels + b"1" + b"}" * levels):
        turn = take(line.replace(b'"DEEP"', deep))
        assert fields(turn) == (1, 3, 4, None, 2)
        assert turn is not None
        assert turn.key == take(answer()).key  # type: ignore[union-attr]
        assert take(line.replace(b'"DEEP"', deep).replace(b'"id": "a"', b'"id": null')) is not None


def test_a_number_with_more_digits_than_are_converted(way: str) -> None:
    line = json.dumps(answer({"input": 7777, "output": 2})).replace("7777", "9" * 10_000)
    assert fields(take(line.encode())) == (None, None, None, None, 2)


@pytest.mark.parametrize("role", ["user", "toolResult"])
def test_events_of_others_are_not_decoded(role: str) -> None:
    event = {"type": "message", "id": "u", "message": {"role": role, "content": "x", "usage": USAGE}}
    line = json.dumps(event, separators=(",", ":")).encode()
    assert take(line) is None
    assert take(line[:-5]) is None
    assert take(event) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NUMBERS = st.sampled_from([0, 1, 7, 2.0, 0.5, -1, True, None, "5", 10**20]) | JSON
NAMES = st.sampled_from(["m", "p", "", None, 5]) | JSON


def objects(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=known)


COSTS = objects(total=NUMBERS, input=NUMBERS, output=NUMBERS, cacheRead=NUMBERS, cacheWrite=NUMBERS)
USAGES = objects(
    input=NUMBERS, output=NUMBERS, cacheRead=NUMBERS, cacheWrite=NUMBERS, cacheWrite1h=NUMBERS, cost=COSTS | JSON
)
BLOCKS = objects(type=st.sampled_from(["toolCall", "text"]) | JSON, id=NAMES, name=NAMES)
MESSAGES = objects(
    role=st.just("assistant") | JSON,
    provider=NAMES,
    model=NAMES,
    responseModel=NAMES,
    timestamp=NUMBERS,
    durationMs=NUMBERS,
    usage=USAGES | JSON,
    content=st.lists(BLOCKS | JSON, max_size=3) | JSON,
)
EVENTS = objects(
    type=st.sampled_from(["message", "session", "model_change", "custom", None]) | JSON,
    id=NAMES,
    timestamp=NUMBERS,
    message=MESSAGES | JSON,
    cwd=NAMES,
    parentSession=NAMES,
    provider=NAMES,
    modelId=NAMES,
    customType=st.just("model-snapshot") | JSON,
    data=objects(provider=NAMES, modelId=NAMES) | JSON,
    kind=st.sampled_from(["header", "event"]) | JSON,
    row=objects(event_json=st.just(json.dumps(answer())) | JSON) | JSON,
)


@given(st.lists(EVENTS, max_size=6))
def test_both_ways_to_decode_end_the_same_and_nothing_is_raised(events: list[dict[str, Any]]) -> None:
    fast, slow = (Transcript("s", "main", lambda _: UNKNOWN) for _ in range(2))
    openclaw_decoding._fast.cache_clear()
    quick = [take(event, fast) for event in events]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openclaw_decoding, "_fast", lambda: lambda line: event_of(decode_object(line)))
        plain = [take(event, slow) for event in events]
    assert quick == plain
    assert fast.context() == slow.context()
    assert fast.sessions == slow.sessions
    for turn in quick:
        if turn is not None:
            texts = [value for value in (*turn, *chain(*turn.tools)) if isinstance(value, str)]
            "".join(texts).encode()  # what is stored has no half of a character
            assert all(count is None or 0 <= count <= 10**12 for count in turn[10:16])


@given(st.binary(max_size=200))
def test_bytes_of_all_kinds(line: bytes) -> None:
    with suppress(EventError):
        decode_event(line)
