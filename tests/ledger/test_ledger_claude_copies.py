"""What holds for any lines of Claude Code: both decoders, any order of files, any split into runs end the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from claude_transcripts import once, parts_of, raw
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.reading.claude import decoding as claude_lines
from usagebar.ledger.reading.claude.decoding import Line, tolerant, typed
from usagebar.ledger.reading.claude.turns import Turns
from usagebar.ledger.turns import TurnRecord


def of(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from(values)


_odd = of(None, True, "7", "", " ", -1, 1.5, 2.0, 10**30, 10**400, [], {}, [1], float("nan"), 1e308, "\ud800", "é")
_count = of(0, 1, 5, 5, 10**12, 10**12 + 1)
_any_count = _count | _count | _count | _odd


def fields(
    counts: st.SearchStrategy[object], **more: st.SearchStrategy[object]
) -> st.SearchStrategy[dict[str, object]]:
    names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, counts) | more)


def usages(counts: st.SearchStrategy[object], odd: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    creation = st.fixed_dictionaries(
        {}, optional={"ephemeral_5m_input_tokens": counts, "ephemeral_1h_input_tokens": counts}
    )
    about = {
        "cache_creation": creation | odd,
        "service_tier": of("standard", "batch") | odd,
        "speed": of("standard", "fast") | odd,
    }
    call = fields(
        counts, type=of("message", "advisor_message", "advisor_message") | odd, model=of("opus") | odd, **about
    )
    return fields(counts, iterations=st.lists(call | odd, max_size=3) | odd, **about)


def answers(counts: st.SearchStrategy[object], odd: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Return lines of few messages, so that there are copies; `odd` values stand in for any field."""
    kinds = of("tool_use", "tool_use", "mcp_tool_use", "text") | odd
    block = st.fixed_dictionaries(
        {"type": kinds}, optional={"id": of("t1", "t2") | odd, "name": of("Read", "Bash") | odd}
    )
    message = st.fixed_dictionaries(
        {"id": of("msg_1", "msg_1", "msg_2") | odd, "usage": usages(counts, odd) | odd},
        optional={
            "model": of("sonnet", "opus", "<synthetic>") | odd,
            "role": of("assistant", "user") | odd,
            "content": st.lists(block | odd, max_size=3) | odd,
        },
    )
    return st.fixed_dictionaries(
        {"message": message},
        optional={
            "requestId": of("req_1", "req_1", "req_2") | odd,
            "sessionId": of("session", "other") | odd,
            "timestamp": of("2026-09-14T10:00:00.000Z", "2026-09-14T12:00:00.5+02:00", "soon", "") | odd,
            "cwd": of("/home/ada", "/home/bob") | odd,
            "uuid": of("line1", "line2") | odd,
            "isSidechain": of(True, False) | odd,
            "isApiErrorMessage": of(True, False) | odd,
            "costUSD": of(0, 0.5, 1, 99_999.5, 100_001) | odd,
        },
    )


plain = st.lists(answers(_count, st.nothing()), min_size=1, max_size=8)
hostile = st.lists(answers(_any_count, _odd) | _odd, min_size=1, max_size=8)


def turns_by_key(lines: list[bytes], decoded: list[Line | None]) -> dict[bytes, TurnRecord]:
    turns = Turns()
    for text, line in zip(lines, decoded, strict=True):
        if line is not None:
            turns.add(line, text)
    records = turns.records()
    assert len({turn.key for turn in records}) == len(records)
    return {turn.key: turn for turn in records}


def fastest(line: bytes) -> Line | None:
    try:
        return typed()(line)
    except (ValueError, RecursionError):
        return tolerant(line)


@given(hostile)
def test_both_decoders_give_the_same_turns(lines: list[object]) -> None:
    texts = [raw(line) if isinstance(line, dict) else json.dumps(line).encode() for line in lines]
    expected = turns_by_key(texts, [tolerant(text) for text in texts])
    assert turns_by_key(texts, [fastest(text) for text in texts]) == expected
    for turn in expected.values():
        "".join(value for value in turn if isinstance(value, str)).encode()
        assert all(type(value) in (int, type(None)) and (value or 0) >= 0 for value in turn[9:17])


_fragments = of(
    *'{}[]",:\\',
    "null",
    "1",
    "-",
    "1e5",
    "NaN",
    '"usage"',
    '"message":',
    '{"id":"m","usage":{"output_tokens":1}}',
    "\\u00",
    "\xff",
)


@given(st.lists(_fragments, max_size=12).map(lambda parts: "".join(map(str, parts))), st.integers(0, 200))
def test_both_decoders_read_the_same_broken_lines(text: str, at: int) -> None:
    whole = raw({"message": {"id": "m", "usage": {"output_tokens": 1}, "content": [{"type": "tool_use"}]}, "cwd": "c"})
    broken = whole[:at] + text.encode("latin-1") + whole[at:]
    assert turns_by_key([broken], [fastest(broken)]) == turns_by_key([broken], [tolerant(broken)])


@pytest.mark.parametrize("lines", [plain, hostile], ids=["plain", "hostile"])
@given(data=st.data())
def test_copies_within_a_file_end_as_merged_line_by_line(
    lines: st.SearchStrategy[list[dict[str, Any]]], data: st.DataObject
) -> None:
    texts = [raw(line) for line in data.draw(lines) if isinstance(line, dict)]
    decoded = [fastest(text) for text in texts]
    found = turns_by_key(texts, decoded)
    alone = [turns_by_key([text], [line]).values() for text, line in zip(texts, decoded, strict=True)]
    assert found == {turn.key: turn for turn in once(turn for turns in alone for turn in turns)}


@given(lines=plain, data=st.data())
def test_any_order_of_files_and_any_split_into_runs_end_the_same(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, Any]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("projects")
    names = [data.draw(st.integers(0, 2)) for _ in lines]
    contents = [
        b"".join(raw(line) + b"\n" for line, of_file in zip(lines, names, strict=True) if of_file == name)
        for name in range(3)
    ]
    expected = turns_by_key([raw(line) for line in lines], [fastest(raw(line)) for line in lines])
    found: list[TurnRecord] = []
    for name in data.draw(st.permutations(range(3))):
        found += in_runs(folder / f"{name}.jsonl", contents[name], data)
    assert {turn.key: turn for turn in once(found)} == expected


def in_runs(path: Path, content: bytes, data: st.DataObject) -> list[TurnRecord]:
    """Return the turns of a file that is read at some stages of its growth, in parts of any size."""
    stages = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=3)))
    turns, state = [], None
    for end in (*stages, len(content)):
        with open(path, "ab") as file:
            file.write(content[path.stat().st_size : end])
        parts = parts_of(path, state, part_bytes=data.draw(st.integers(1, 2000)))
        assert not any(part.problems or part.unread for part in parts)
        turns += [turn for part in parts for turn in part.turns]
        state = data.draw(st.sampled_from(parts)).state
    # The last run may have been stopped at any part.
    return turns


def test_without_msgspec_the_tolerant_decoder_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usagebar.ledger.reading.claude.typed", None)
    assert typed() is claude_lines.tolerant


def test_with_msgspec_it_does_not() -> None:
    pytest.importorskip("msgspec")
    assert typed() is not claude_lines.tolerant
