"""Claude Code's transcripts: the corpus written by hand, and each rule of what counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from claude_transcripts import CORPUS, answer, once, parts_of, source_of, turns_of, written
from transcripts import COUNTS, generate

from usagebar.ledger.reading.claude import decoding as claude_lines
from usagebar.ledger.reading.claude import transcripts as claude
from usagebar.ledger.reading.claude.transcripts import read_claude
from usagebar.ledger.reading.claude.turns import milliseconds
from usagebar.ledger.reading.parts import State
from usagebar.ledger.turns import TurnRecord, turn_key

EXPECTED = json.loads((CORPUS / "totals.json").read_text("utf-8"))
FILES = sorted((CORPUS / "projects").rglob("*.jsonl"))


@pytest.fixture(params=["typed", "tolerant"], autouse=True)
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with each of the decoders."""
    if request.param == "tolerant":
        monkeypatch.setattr(claude, "typed", lambda: claude_lines.tolerant)
    else:
        pytest.importorskip("msgspec")


def sums(turns: list[TurnRecord]) -> dict[str, int]:
    return {"turns": len(turns), **{name: sum(getattr(turn, name) or 0 for turn in turns) for name in COUNTS}}


def day(turn: TurnRecord) -> str:
    return "" if turn.timestamp is None else datetime.fromtimestamp(turn.timestamp / 1000, UTC).date().isoformat()


def grouped(turns: list[TurnRecord], group: Callable[[TurnRecord], str | None]) -> dict[str | None, dict[str, int]]:
    return {value: sums([turn for turn in turns if group(turn) == value]) for value in map(group, turns)}


def only(path: Path) -> TurnRecord:
    (turn,) = turns_of(path)
    return turn


def test_the_corpus_has_the_totals_worked_out_on_paper() -> None:
    turns = turns_of(*FILES)
    assert len(FILES) == 4
    assert sums(turns) == EXPECTED["total"]
    assert grouped(turns, lambda turn: turn.model) == EXPECTED["model"]
    assert grouped(turns, day) == EXPECTED["day"]
    assert Counter(name for turn in turns for _, name in turn.tools) == EXPECTED["tools"]
    assert [turn.cost_usd for turn in turns if turn.cost_usd is not None] == [EXPECTED["reported_usd"]]


def test_the_corpus_has_no_problems() -> None:
    parts = [part for path in FILES for part in parts_of(path)]
    assert [(part.problems, part.unread, part.sessions) for part in parts] == [({}, (), [])] * 4


def test_a_turn_of_the_corpus_in_full() -> None:
    turns = {turn.key: turn for turn in turns_of(*FILES)}
    assert turns[turn_key("claude", "msg_C", "req_C")] == TurnRecord(
        key=turn_key("claude", "msg_C", "req_C"),
        runtime="claude",
        session_id="11111111-aaaa-4aaa-8aaa-111111111111",
        project="/home/ada/shop",
        model="claude-sonnet-4-5-20250929",
        provider="anthropic",
        timestamp=1_789_430_398_500,
        input=7,
        cache_read=0,
        cache_write_5m=50,
        cache_write_1h=0,
        output=60,
        fast=True,
        batch=False,
        sidechain=False,
    )
    advisor = turns[turn_key("claude", "msg_C", "req_C", "advisor", "0")]
    assert (advisor.model, advisor.input, advisor.output, advisor.cache_write_1h) == (
        "claude-opus-4-5-20251101",
        400,
        90,
        None,
    )
    old = turns[turn_key("claude", "msg_F", "session", "33333333-cccc-4ccc-8ccc-333333333333")]
    assert (old.cost_usd, old.cost_source, old.cache_read, old.fast) == (0.0123, "reported", None, None)


def test_generated_transcripts_have_the_totals_that_were_written(tmp_path: Path) -> None:
    corpus = generate(tmp_path, 3, seed=5)
    turns = turns_of(*sorted(tmp_path.rglob("*.jsonl")))
    found = grouped(turns, lambda turn: f"{day(turn)} {turn.model}")
    assert {key: tuple(counts.values()) for key, counts in found.items()} == {
        " ".join(key): counts for key, counts in corpus.totals.items()
    }
    assert sums(turns) == corpus.tokens()
    assert corpus.messages == len(turns)


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert generate(first, 1, seed=3) == generate(second, 1, seed=3)
    for path in first.rglob("*.jsonl"):
        assert (second / path.relative_to(first)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        {"type": "summary", "summary": "text"},
        {"message": None},
        {"message": "text"},
        answer(message={"usage": None}),
        answer(message={"model": "<synthetic>"}),
        answer(message={"role": "user"}),
        answer(isApiErrorMessage=True),
        {"message": {"role": "user", "content": "text"}, "toolUseResult": {"usage": {"input_tokens": 5}}},
        {"type": "progress", "data": {"message": {"message": answer()["message"]}}},
    ],
)
def test_lines_that_are_no_turns(tmp_path: Path, line: dict[str, Any]) -> None:
    (part,) = parts_of(written(tmp_path / "a.jsonl", line))
    assert (part.turns, part.problems) == ([], {})


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_users_line_is_told_by_its_start_and_any_other_is_decoded(
    tmp_path: Path, separators: tuple[str, str]
) -> None:
    content = "\n".join(
        json.dumps(line, separators=separators)
        for line in (
            {"message": {"role": "user", "content": "text"}},
            {"message": {"content": '"message":{"role":"user"', **answer("msg_1")["message"]}, "requestId": "r"},
            {"requestId": "r", "note": '"message":{"role":"user"', "message": answer("msg_2")["message"]},
            {"padding": "x" * 4000, "requestId": "r", "message": answer("msg_3")["message"]},
        )
    )
    (tmp_path / "a.jsonl").write_text(content + "\n", "utf-8")
    assert [turn.key for turn in turns_of(tmp_path / "a.jsonl")] == [
        turn_key("claude", f"msg_{number}", "r") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (answer(), ("msg_1", "req_1")),
        (answer(requestId=...), ("msg_1", "session", "session")),
        (answer(requestId=""), ("msg_1", "session", "session")),
        (answer(requestId=..., sessionId=...), ("msg_1", "session", "")),
        (answer(None), ("", "line", "session", "line")),
    ],
)
def test_what_tells_a_message_from_others(tmp_path: Path, line: dict[str, Any], parts: tuple[str, ...]) -> None:
    assert only(written(tmp_path / "a.jsonl", line)).key == turn_key("claude", *parts)


def test_a_message_without_any_id_is_told_by_its_line(tmp_path: Path) -> None:
    lines = [answer(None, uuid=..., timestamp=time) for time in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
    assert len(turns_of(written(tmp_path / "a.jsonl", *lines, lines[0]), written(tmp_path / "b.jsonl", *lines))) == 2


def test_the_line_with_the_largest_output_is_kept_whole(tmp_path: Path) -> None:
    usages = [
        {"input_tokens": 9, "output_tokens": 1},
        {"input_tokens": 3, "output_tokens": 80},
        {"input_tokens": 7, "output_tokens": 2, "cache_read_input_tokens": 999},
    ]
    turn = only(written(tmp_path / "a.jsonl", *(answer(usage=usage) for usage in usages)))
    assert (turn.input, turn.output, turn.cache_read) == (3, 80, None)


def test_the_main_chain_comes_before_a_side_chain(tmp_path: Path) -> None:
    main, side = answer(), answer(usage={"input_tokens": 3, "output_tokens": 900}, isSidechain=True)
    for lines in ((main, side), (side, main)):
        turn = only(written(tmp_path / "a.jsonl", *lines))
        assert (turn.output, turn.sidechain) == (5, False)
    turn = only(written(tmp_path / "a.jsonl", side))
    assert (turn.output, turn.sidechain) == (900, True)


@pytest.mark.parametrize(
    ("usage", "writes"),
    [
        ({}, (None, None)),
        ({"cache_creation_input_tokens": 90}, (90, None)),
        ({"cache_creation_input_tokens": 0}, (0, None)),
        ({"cache_creation_input_tokens": 90, "cache_creation": {}}, (90, None)),
        ({"cache_creation_input_tokens": 90, "cache_creation": None}, (90, None)),
        ({"cache_creation_input_tokens": 90, "cache_creation": [5]}, (90, None)),
        (
            {
                "cache_creation_input_tokens": 90,
                "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 30},
            },
            (60, 30),
        ),
        (
            {
                "cache_creation_input_tokens": 90,
                "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 30},
            },
            (60, 30),
        ),
        (
            {
                "cache_creation_input_tokens": 70,
                "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 30},
            },
            (60, 30),
        ),
        ({"cache_creation_input_tokens": 90, "cache_creation": {"ephemeral_1h_input_tokens": 30}}, (60, 30)),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 30}}, (None, 30)),
        ({"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}}, (0, 0)),
    ],
)
def test_cache_writes_by_their_time(
    tmp_path: Path, usage: dict[str, Any], writes: tuple[int | None, int | None]
) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(usage={"output_tokens": 1, **usage})))
    assert (turn.cache_write_5m, turn.cache_write_1h) == writes


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (0, 0),
        (7, 7),
        (1200.0, 1200),
        (10**12, 10**12),
        (10**12 + 1, None),
        (10**400, None),
        (-1, None),
        (1.5, None),
        ("7", None),
        (True, None),
        (None, None),
        ([7], None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_a_count_of_another_kind_is_unknown_and_the_others_stay(
    tmp_path: Path, value: object, tokens: int | None
) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(usage={"input_tokens": value, "output_tokens": 5})))
    assert (turn.input, turn.output, turn.model) == (tokens, 5, "claude-sonnet-4-5")


@pytest.mark.parametrize(
    ("value", "cost"),
    [(0, 0.0), (0.25, 0.25), (100_000, 100_000.0), (100_000.5, None), (-0.1, None), ("1", None), (True, None)],
)
def test_a_reported_cost(tmp_path: Path, value: object, cost: float | None) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(costUSD=value)))
    assert (turn.cost_usd, turn.cost_source) == (cost, None if cost is None else "reported")


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({}, (None, None)),
        ({"speed": "fast"}, (True, None)),
        ({"speed": "standard", "service_tier": "standard"}, (False, False)),
        ({"service_tier": "batch"}, (None, True)),
        ({"speed": 1, "service_tier": True}, (None, None)),
    ],
)
def test_flags(tmp_path: Path, fields: dict[str, Any], flags: tuple[bool | None, bool | None]) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(usage={"output_tokens": 5, **fields})))
    assert (turn.fast, turn.batch) == flags


@pytest.mark.parametrize(
    "fields",
    [
        {"cwd": 5, "sessionId": ["x"], "message": {"model": {}}},
        {"cwd": "", "sessionId": " ", "message": {"model": ""}},
        {"cwd": None, "sessionId": ..., "message": {"model": None}},
    ],
)
def test_texts_that_are_none(tmp_path: Path, fields: dict[str, Any]) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(**fields)))
    assert (turn.project, turn.session_id, turn.model, turn.output) == (None, None, None, 5)


def test_tool_calls_are_those_of_all_lines(tmp_path: Path) -> None:
    blocks: list[list[object]] = [
        [{"type": "tool_use", "id": "t2", "name": "Read"}],
        [{"type": "text", "name": "no tool"}, {"type": "tool_use", "name": "Bash"}, {"type": "tool_use", "id": "t9"}],
        [
            {"type": "server_tool_use", "id": "t1", "name": "web_search"},
            {"type": "mcp_tool_use", "id": "t3", "name": "ask"},
        ],
        [
            {"type": "tool_use", "id": "t2", "name": "Read"},
            "text",
            None,
            5,
            {"type": "tool_use", "id": 5, "name": "Edit"},
        ],
    ]
    lines = [answer(uuid=f"line{index}", message={"content": content}) for index, content in enumerate(blocks)]
    assert only(written(tmp_path / "a.jsonl", *lines)).tools == (
        ("line1#1", "Bash"),
        ("line3#4", "Edit"),
        ("t1", "web_search"),
        ("t2", "Read"),
        ("t3", "ask"),
    )


@pytest.mark.parametrize("content", ["text", None, 5, {"type": "tool_use"}])
def test_an_answer_without_blocks(tmp_path: Path, content: object) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(message={"content": content})))
    assert (turn.tools, turn.output) == ((), 5)


def test_an_advisors_calls_are_turns_of_its_model(tmp_path: Path) -> None:
    def line(*outputs: int, side: bool = False) -> dict[str, Any]:
        calls = [{"type": "advisor_message", "model": "claude-opus-4-5", "output_tokens": one} for one in outputs]
        usage = {
            "input_tokens": 3,
            "output_tokens": 5,
            "iterations": [{"type": "message", "output_tokens": 99}, *calls],
        }
        return answer(usage=usage, isSidechain=side, costUSD=0.5)

    turns = turns_of(written(tmp_path / "a.jsonl", line(1), line(7, 8), line(2)))
    assert [(turn.model, turn.output, turn.cost_usd) for turn in turns] == [
        ("claude-sonnet-4-5", 5, 0.5),
        ("claude-opus-4-5", 7, None),
        ("claude-opus-4-5", 8, None),
    ]
    assert [turn.key for turn in turns[1:]] == [
        turn_key("claude", "msg_1", "req_1", "advisor", number) for number in ("0", "1")
    ]
    assert {turn.sidechain for turn in turns_of(written(tmp_path / "a.jsonl", line(1, side=True)))} == {True}


def test_advisors_are_numbered_among_themselves(tmp_path: Path) -> None:
    advisor = {"type": "advisor_message", "model": "claude-opus-4-5", "output_tokens": 7}
    call = {"type": "message", "output_tokens": 5}
    lines = [answer(usage={"output_tokens": 1, "iterations": [advisor]})]
    lines.append(answer(usage={"output_tokens": 5, "iterations": [call, advisor, None, call]}))
    for order in (lines, lines[::-1]):
        turns = turns_of(written(tmp_path / "a.jsonl", *order))
        assert [(turn.model, turn.output) for turn in turns] == [("claude-sonnet-4-5", 5), ("claude-opus-4-5", 7)]


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("claude-opus-4-6", "anthropic"),
        ("us.anthropic.Claude-Sonnet-4-5-v1:0", "anthropic"),
        ("glm-4.6", None),
        ("", None),
        (None, None),
    ],
)
def test_the_provider_is_told_by_the_model(tmp_path: Path, model: str | None, provider: str | None) -> None:
    assert only(written(tmp_path / "a.jsonl", answer(message={"model": model}))).provider == provider


def test_problems_so_far(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", b"{", answer(), b"{")
    for most in (10**6, 1):
        parts = parts_of(path, part_bytes=most)
        assert parts[-1].state.problems == {"bad line": 2}
    assert parts[0].state.problems == parts[0].problems == {"bad line": 1}
    with path.open("ab") as file:
        file.write(b"{\n{")
    (part,) = parts_of(path, parts[-1].state)
    assert (part.problems, part.state.problems) == ({"bad line": 1}, {"bad line": 3})
    written(path, answer("msg_2"), b"{")
    (part,) = parts_of(path, part.state)
    assert (part.problems, part.state.problems) == ({"bad line": 1}, {"bad line": 1})
    written(path, answer("msg_3"))
    (part,) = parts_of(path, part.state)
    assert (part.problems, part.state.problems) == ({}, None)


@pytest.mark.parametrize(
    ("iterations", "outputs"),
    [("text", [5]), ({}, [5]), ([None, 5, "x"], [5]), ([{"type": "advisor_message", "output_tokens": "x"}], [5, None])],
)
def test_iterations_of_another_kind(tmp_path: Path, iterations: object, outputs: list[int | None]) -> None:
    line = answer(usage={"output_tokens": 5, "iterations": iterations})
    assert [turn.output for turn in turns_of(written(tmp_path / "a.jsonl", line))] == outputs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1970-01-01T00:00:00.000Z", 0),
        ("2026-09-14T10:00:00.123Z", 1_789_380_000_123),
        ("2026-09-14T10:00:00.123999Z", 1_789_380_000_123),
        ("2026-09-14T12:00:00+02:00", 1_789_380_000_000),
        ("2026-09-14T10:00:00", 1_789_380_000_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("1969-12-31T23:59:59.999Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("2026-02-30T10:00:00Z", None),
        ("2026-09-14T10:00:60Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_times(text: str | None, found: int | None) -> None:
    assert milliseconds(text) == found


@pytest.mark.parametrize("timestamp", [1_789_380_000_123, None, ..., "soon"])
def test_a_turn_without_a_usable_time_counts(tmp_path: Path, timestamp: object) -> None:
    turn = only(written(tmp_path / "a.jsonl", answer(timestamp=timestamp)))
    assert (turn.timestamp, turn.output) == (None, 5)


def test_a_transcript_is_read_in_parts(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(answer(f"msg_{index // 3}") for index in range(300)))
    parts = parts_of(path, part_bytes=10_000)
    assert len(parts) > 5
    offsets = [part.state.offset for part in parts]
    assert offsets == sorted(offsets)
    assert offsets[-1] == path.stat().st_size
    source = source_of(path)
    for part in parts[:-1]:
        assert (part.state.size, part.state.mtime_ns) == (part.state.offset, 0)
    assert parts[-1].state[:4] == (source.path, source.size, source.mtime_ns, source.inode)
    assert once(turn for part in parts for turn in part.turns) == turns_of(path)
    for index, part in enumerate(parts[:-1]):
        rest = parts_of(path, part.state, part_bytes=10_000)
        assert rest == parts[index + 1 :]


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", answer("msg_1"))
    (first,) = parts_of(path)
    (again,) = parts_of(path, first.state)
    assert (again.turns, again.state) == ([], first.state)
    with open(path, "ab") as file:
        file.write(json.dumps(answer("msg_2")).encode() + b"\n")
    (more,) = parts_of(path, first.state)
    assert [turn.key for turn in more.turns] == [turn_key("claude", "msg_2", "req_1")]


def test_the_last_line_is_read_if_it_is_whole_and_again_when_it_is_finished(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", answer("msg_1"))
    whole = json.dumps(answer("msg_2")).encode()
    for end, turns in ((whole[:-1], 1), (whole, 2)):
        written(path, answer("msg_1"))
        finished = path.stat().st_size
        with open(path, "ab") as file:
            file.write(end)
        (part,) = parts_of(path)
        assert (len(part.turns), part.problems, part.state.offset) == (turns, {}, finished)
        assert part.state.size == path.stat().st_size
        with open(path, "ab") as file:
            file.write(whole[len(end) :] + b"\n")
        (part,) = parts_of(path, part.state)
        assert [turn.key for turn in part.turns] == [turn_key("claude", "msg_2", "req_1")]


def test_a_part_that_is_full_at_the_end_of_the_file_is_followed_by_the_last(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", answer("msg_1"))
    parts = parts_of(path, part_bytes=1)
    assert [len(part.turns) for part in parts] == [1, 0]
    assert parts[-1].state.size == path.stat().st_size


def test_an_empty_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    (part,) = parts_of(path)
    assert (part.turns, part.problems, part.unread) == ([], {}, ())


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "gone.jsonl", answer())
    source = source_of(path)
    (before,) = parts_of(path)
    path.unlink()
    (part,) = read_claude(source, None)
    assert (part.turns, part.problems, part.state) == ([], {}, State(source.path, 0, 0, source.inode))
    assert part.unread == (f"cannot read {path}: no such file or directory",)
    (part,) = read_claude(source, before.state)
    assert part.state == State(source.path, 0, 0, source.inode)
    assert part.unread == (f"cannot read {path}: no such file or directory",)
    (part,) = parts_of(tmp_path)
    assert part.unread == (f"cannot read {tmp_path}: is a directory",)
