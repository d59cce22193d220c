"""Whose a session of OpenClaw is, by its key; and what becomes of lists of sessions that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.reading.openclaw.keys import (
    MOST_NAME,
    Row,
    agent_of,
    attributions,
    listed_sessions,
    name,
    origin_of,
)

KEYS = [
    ("agent:main:main", "main", "user"),
    ("agent:ops:home", "ops", "user"),
    ("agent:main:main:heartbeat", "main", "user"),
    ("main", None, "user"),
    ("agent:main:discord:group:42", "main", "discord"),
    ("agent:main:discord:channel:42:thread:7", "main", "discord"),
    ("agent:main:slack:channel:c1", "main", "slack"),
    ("agent:main:telegram:direct:9", "main", "telegram"),
    ("agent:main:telegram:dm:9", "main", "telegram"),
    ("agent:main:whatsapp:work:direct:9", "main", "whatsapp"),
    ("agent:main:discord:slash:9", "main", "discord"),
    ("discord:group:42", None, "discord"),
    ("cron:nightly", None, "cron:nightly"),
    ("agent:main:cron:nightly", "main", "cron:nightly"),
    ("agent:main:cron:nightly:run:0b2", "main", "cron:nightly"),
    ("hook:5f0c", None, "hook:5f0c"),
    ("agent:main:hook:5f0c", "main", "hook:5f0c"),
    ("agent:main:direct:9", "main", None),
    ("agent:main:subagent:77", "main", None),
    ("agent:main:acp:77", "main", None),
    ("agent:main:openai:77", "main", None),
    ("agent:main:global", "main", None),
    ("global", None, None),
    ("unknown", None, None),
    ("cron:", None, None),
    ("cron", None, None),
    ("agent:main", "main", None),
    ("agent:", None, None),
    ("agent::main", None, "user"),
    ("", None, None),
    (":", None, None),
]


@pytest.mark.parametrize(("key", "agent", "origin"), KEYS)
def test_what_a_key_says(key: str, agent: str | None, origin: str | None) -> None:
    assert (agent_of(key), origin_of(key)) == (agent, origin)


@given(st.lists(st.sampled_from(["agent", "main", "cron", "hook", "group", "direct", "x", "", " "])).map(":".join))
def test_no_key_is_too_strange(key: str) -> None:
    origin = origin_of(key)
    assert origin is None or origin.strip()
    assert agent_of(key) is None or key.startswith("agent:")


def origins(*rows: Row) -> dict[str, str | None]:
    return {session: whose.origin for session, whose in attributions(rows).items()}


def test_a_subagent_works_for_whom_its_parent_does() -> None:
    cron = Row("c", "agent:main:cron:job")
    child = Row("s", "agent:main:subagent:1", channel="webchat", parent="agent:main:cron:job")
    grandchild = Row("t", "agent:main:subagent:2", parent="agent:main:subagent:1")
    orphan = Row("o", "agent:main:subagent:3", parent="agent:main:discord:group:1")
    assert origins(grandchild, child, cron, orphan) == {
        "c": "cron:job",
        "s": "cron:job",
        "t": "cron:job",
        "o": "discord",
    }


def test_subagents_in_a_circle() -> None:
    first, second = Row("a", "x:subagent:1", parent="x:subagent:2"), Row("b", "x:subagent:2", parent="x:subagent:1")
    assert origins(first, second) == {"a": None, "b": None}


def test_what_the_key_does_not_say() -> None:
    direct = Row("d", "agent:main:direct:9", channel="signal")
    operated = Row("o", "agent:main:dashboard:1", created_via="operator")
    plain = Row("p", "agent:main:dashboard:2", created_via="internal")
    assert origins(direct, operated, plain) == {"d": "signal", "o": "user", "p": None}


def test_of_two_keys_the_one_that_tells_more() -> None:
    vague, clear = Row("s", "agent:main:openai:1"), Row("s", "agent:main:zalo:group:1", title="Team")
    for rows in ((vague, clear), (clear, vague)):
        (whose,) = attributions(rows).values()
        assert whose == ("agent:main:zalo:group:1", "main", "zalo", "Team")


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("claude", "claude"),
        ("größer", "größer"),
        ("", None),
        (" \t", None),
        ("\u2003", None),
        (None, None),
        (5, None),
        (["x"], None),
        ("x" * 9999, "x" * MOST_NAME),
        ("é" * 9999, "é" * MOST_NAME),
        ("half \ud800", "half ?"),
    ],
)
def test_names_that_can_be_stored(value: object, known: str | None) -> None:
    assert name(value) == known


def test_sessions_that_are_listed(tmp_path: Path) -> None:
    entry = {"sessionId": "s", "displayName": "Shown", "origin": {"provider": "matrix"}, "totalTokens": 5}
    listed = {"agent:main:direct:1": entry, "agent:main:main": {"sessionId": 7}, "x": None, "y": "text", "z": {}}
    (tmp_path / "sessions.json").write_text(json.dumps(listed))
    assert listed_sessions(str(tmp_path)) == ({"s": ("agent:main:direct:1", "main", "matrix", "Shown")}, None)


def test_a_list_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"
    path.write_text(json.dumps({"agent:main:main": {"sessionId": "one"}}))
    assert set(listed_sessions(str(tmp_path))[0]) == {"one"}
    path.write_text(json.dumps({"agent:main:main": {"sessionId": "another"}}))
    assert set(listed_sessions(str(tmp_path))[0]) == {"another"}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_list_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sessions.json").write_bytes(content)
    listed, complaint = listed_sessions(str(tmp_path))
    assert listed == {}
    assert complaint is not None
    assert complaint.startswith(f"{tmp_path}/sessions.json: expected a JSON object, found ")


def test_no_list(tmp_path: Path) -> None:
    assert listed_sessions(str(tmp_path)) == ({}, None)
    assert listed_sessions(str(tmp_path / "nowhere")) == ({}, None)
