"""A sparse snapshot, filled from the end of a transcript."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.contract import ContractError, build_contract
from usagebar.ledger import LedgerError, filled
from usagebar.ledger.latest_usage import latest_usage, lines_backwards


def openclaw(usage: Any, **message: Any) -> dict[str, Any]:
    body = {"role": "assistant", "provider": "anthropic", "model": "claude-opus-4-5", "usage": usage, **message}
    return {"type": "message", "id": "e1", "timestamp": "2026-02-05T12:00:00.000Z", "message": body}


def claude(usage: Any, **line: Any) -> dict[str, Any]:
    message = {"id": "m1", "model": "claude-opus-4-5", "role": "assistant", "content": [], "usage": usage}
    return {"type": "assistant", "sessionId": "s", "requestId": "r", "message": message, **line}


OPENCLAW = openclaw({"input": 10, "output": 3, "cacheRead": 400, "cacheWrite": 20, "totalTokens": 433})
CLAUDE = claude(
    {"input_tokens": 10, "output_tokens": 3, "cache_read_input_tokens": 400, "cache_creation_input_tokens": 20}
)
USER = {"type": "message", "id": "u", "message": {"role": "user", "content": 'what of "usage"?'}}
COUNTERS = {"input": 10, "output": 3, "cacheRead": 400, "cacheWrite": 20}
ENTRY = {"inputTokens": 10, "outputTokens": 3, "cacheRead": 400, "cacheWrite": 20, "totalTokens": 430}
MODEL = {"model": "claude-opus-4-5", "provider": "anthropic"}


def transcript(folder: Path, *events: Any, end: str = "\n") -> Path:
    path = folder / "t.jsonl"
    lines = [each if isinstance(each, str) else json.dumps(each) for each in events]
    path.write_bytes(("\n".join(lines) + end).encode("utf-8", "surrogatepass"))
    return path


@pytest.mark.parametrize("event", [OPENCLAW, CLAUDE])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, {**MODEL, "usage": {**COUNTERS, "total": 433}, "contextUsedTokens": 430}),
        ({"usage": None}, {**MODEL, "usage": {**COUNTERS, "total": 433}, "contextUsedTokens": 430}),
        # What is live and not zero stays.
        (
            {"model": "m", "usage": {"input": 5, "output": 0}, "contextUsedTokens": 500},
            {"model": "m", "usage": {**COUNTERS, "input": 5}, "contextUsedTokens": 500},
        ),
        # Under its own name too.
        (
            {"model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 0}},
            {
                "model": "m",
                "usage": {"prompt_tokens": 5, "completion_tokens": 0, "output": 3, "cacheRead": 400, "cacheWrite": 20},
                "contextUsedTokens": 430,
            },
        ),
        ({"model": "", "contextUsedTokens": 429, "x": 1}, {**MODEL, "x": 1, "contextUsedTokens": 430}),
        ({"model": "m", "usage": {"total": 9}}, {"model": "m", "usage": {**COUNTERS, "total": 9}}),
        ({"provider": "p"}, {"model": "claude-opus-4-5", "provider": "p"}),
        # An entry of the sessions.
        ({"inputTokens": 0, "totalTokens": 0}, {"model": "claude-opus-4-5", "modelProvider": "anthropic", **ENTRY}),
        (
            {"inputTokens": 7, "totalTokens": 1000, "model": "m", "cacheRead": 1},
            {**ENTRY, "inputTokens": 7, "totalTokens": 1000, "model": "m", "cacheRead": 1},
        ),
        ({"totalTokens": 429, "model": "m"}, {**ENTRY, "model": "m"}),
        # One that has no token field yet.
        ({"sessionId": "s", "model": "m"}, {**ENTRY, "sessionId": "s", "model": "m"}),
        (
            {"sessionId": "s", "chatType": "group", "compactionCount": 1},
            {**ENTRY, "model": "claude-opus-4-5", "modelProvider": "anthropic"},
        ),
        ({"updatedAt": 5, "provider": "discord", "model": "m"}, {**ENTRY, "updatedAt": 5}),
        ({"sessionFile": "t.jsonl", "model": "m"}, ENTRY),
        # A reply state has a session too.
        ({"sessionId": "s", "usage": {}}, {**MODEL, "usage": {**COUNTERS, "total": 433}}),
        (
            {"sessionId": "s", "provider": "p", "turnUsd": 0.5},
            {"model": "claude-opus-4-5", "usage": {**COUNTERS, "total": 433}},
        ),
        ({"sessionId": "s", "agentId": "main"}, {**MODEL, "contextUsedTokens": 430}),
        ({"sessionId": "s", "lastUsage": {"input": 5}}, {**MODEL, "contextUsedTokens": 430}),
    ],
)
def test_a_snapshot_is_filled(tmp_path: Path, event: Any, state: dict[str, Any], expected: dict[str, Any]) -> None:
    before = json.dumps(state)
    found = filled(state, transcript(tmp_path, USER, event, USER))
    for key, value in expected.items():
        assert found[key] == value, key
    assert json.dumps(state) == before
    assert found.keys() - {"usage", "contextUsedTokens"} <= {*expected, *state}


@pytest.mark.parametrize(
    "contract",
    [
        {"schema": "openclaw.usageLine.v1"},
        build_contract({"model": "m", "usage": {"input": 5}}),
        {"usage": {"input_tokens": 5, "cache_read_tokens": 7}},
        {"usage": {"has_tokens": False}},
    ],
)
def test_a_contract_is_no_snapshot(tmp_path: Path, contract: dict[str, Any]) -> None:
    for path in (transcript(tmp_path, OPENCLAW), tmp_path / "none.jsonl"):
        with pytest.raises(
            ContractError, match=r"expected a reply state or an entry of the sessions, found a contract"
        ):
            filled(contract, path)


@pytest.mark.parametrize("path", ["a\0b", "/a\0b", "a\ud800b"])
def test_a_path_that_is_none(path: str) -> None:
    if path == "a\ud800b" and os.fsencode("ä") != "ä".encode():
        pytest.skip("paths are not UTF-8 here")
    with pytest.raises(LedgerError, match="expected the path of a transcript, found"):
        filled({}, path)


def test_a_filled_state_makes_a_whole_contract(tmp_path: Path) -> None:
    contract = build_contract(filled({"contextTokenBudget": 1000}, transcript(tmp_path, OPENCLAW)))
    assert contract["usage"]["cache_read_tokens"] == 400
    assert contract["context"] == {"max_tokens": 1000, "used_tokens": 430, "pct_used": 43}


@pytest.mark.parametrize(
    "later",
    [
        openclaw({"input": 0, "output": 0, "cacheRead": 0}),
        openclaw(None),
        openclaw({}),
        openclaw({"input": "5"}),
        claude({"input_tokens": 99, "output_tokens": 99}, isSidechain=True),
        {**claude({"input_tokens": 99, "output_tokens": 99}), "isApiErrorMessage": True},
        claude({"input_tokens": 0, "output_tokens": 0}),
        {"type": "message", "message": {"role": "toolResult", "usage": {"input": 99}}},
        '{"type":"message","message":{"role":"assistant","usage":{"input":99',
        '{"usage": [[[[',
        'not JSON with "usage"',
        "\ud800",
        "",
        "7",
        "[]",
        "null",
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_what_is_no_call_is_passed_over(tmp_path: Path, later: Any, end: str) -> None:
    for event in (OPENCLAW, CLAUDE):
        call = latest_usage(transcript(tmp_path, event, later, end=end))
        assert call is not None
        assert (call.input, call.cache_read) == (10, 400)


def test_the_latest_call_counts(tmp_path: Path) -> None:
    later = openclaw({"input": 11, "output": 4}, model="other")
    assert filled({}, transcript(tmp_path, OPENCLAW, later, USER))["model"] == "other"
    call = latest_usage(transcript(tmp_path, later, OPENCLAW))
    assert call is not None
    assert call.input == 10


def test_without_a_transcript_it_stays(tmp_path: Path) -> None:
    state = {"model": "m", "usage": {"input": 0}}
    assert filled(state, tmp_path / "none.jsonl") == state
    assert filled(state, transcript(tmp_path, end="")) == state
    assert filled(state, str(transcript(tmp_path, USER))) == state


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="expected a regular file"):
        filled({}, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LedgerError, match="expected a regular file"):
        filled({}, tmp_path / "pipe")
    with pytest.raises(TypeError, match=r"expected a snapshot \(a mapping\), found list"):
        filled([], tmp_path / "none")  # type: ignore[arg-type]


def test_a_long_line_is_read_in_little_memory(tmp_path: Path) -> None:
    text = "x" * 12_000_000
    event = openclaw({"input": 10, "output": 3, "cacheRead": 400}, content=[{"type": "text", "text": text}])
    event["message"] = {"content": event["message"].pop("content"), **event["message"]}
    for events in ((OPENCLAW, event), (event, USER), (event,)):
        call = latest_usage(transcript(tmp_path, *events))
        assert call is not None
        assert (call.input, call.output) == (10, 3)


@given(
    lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=12),
    chunk=st.integers(1, 40),
)
def test_lines_from_the_end(lines: list[bytes], chunk: int) -> None:
    assert list(lines_backwards(io.BytesIO(b"\n".join(lines)), chunk)) == lines[::-1]


@given(
    texts=st.lists(st.integers(0, 3000), min_size=1, max_size=6),
    chunk=st.integers(50, 500),
)
def test_long_lines_from_the_end(tmp_path_factory: pytest.TempPathFactory, texts: list[int], chunk: int) -> None:
    path = tmp_path_factory.mktemp("long") / "t.jsonl"
    events = [openclaw({"input": index}, text="x" * size) for index, size in enumerate(texts)]
    path.write_text("\n".join(map(json.dumps, events)))
    with open(path, "rb", buffering=0) as file:
        found = [json.loads(line) for line in lines_backwards(file, chunk, 1000)]
    assert [each["message"]["usage"] for each in found] == [each["message"]["usage"] for each in events[::-1]]


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
