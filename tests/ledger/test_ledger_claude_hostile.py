"""Claude Code's transcripts that are broken, hostile, or change while they are read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from claude_transcripts import answer, once, parts_of, raw, source_of, turns_of, written

from usagebar.ledger.reading import lines
from usagebar.ledger.reading.claude import decoding as claude_lines
from usagebar.ledger.reading.claude import transcripts as claude
from usagebar.ledger.reading.claude.transcripts import read_claude
from usagebar.ledger.turns import TurnRecord


@pytest.fixture(params=["typed", "tolerant"], autouse=True)
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with each of the decoders."""
    if request.param == "tolerant":
        monkeypatch.setattr(claude, "typed", lambda: claude_lines.tolerant)
    else:
        pytest.importorskip("msgspec")


def changed(old: bytes, new: bytes, **fields: Any) -> bytes:
    line = raw(answer(**fields))
    assert line.count(old) == 1
    return line.replace(old, new)


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    return changed(b'"content":[]', b'"content":[{"input":' + opening * depth + b"1" + closing * depth + b"}]")


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"5",
        b"null",
        b'"text"',
        b"no json",
        b'{"a":1,}',
        b"{'a':1}",
        b"\xff\xfe",
        b"{}{}",
        b"NaN",
        b"]" * 99,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":"' + b'\\"' * 100_000,
        b"[" * 2000 + b'"' + b'\\"' * 100_000,
    ],
)
def test_a_bad_line_is_counted_and_its_neighbours_are_read(tmp_path: Path, line: bytes) -> None:
    (part,) = parts_of(written(tmp_path / "a.jsonl", answer("msg_1"), line, answer("msg_2")))
    assert (len(part.turns), part.problems, part.unread) == (2, {"bad line": 1}, ())


@pytest.mark.parametrize("line", [b"", b"  ", b"\r", b"\t", b"\0" * 4096, b"\xef\xbb\xbf"])
def test_a_blank_line_is_no_problem(tmp_path: Path, line: bytes) -> None:
    (part,) = parts_of(written(tmp_path / "a.jsonl", answer("msg_1"), line, answer("msg_2")))
    assert (len(part.turns), part.problems) == (2, {})


@pytest.mark.parametrize(
    "line",
    [
        b"\xef\xbb\xbf" + raw(answer()),
        raw(answer()) + b"\r",
        b" \t" + raw(answer()) + b"  ",
        b"\0\0\0" + raw(answer()),
        changed(b'"content":[]', b'"content":[{"text":"\xff\xc3\x28\xed\xa0\x80"}]'),
        changed(b'"content":[]', b'"content":[{"text":"\\ud800 \\udc00"}]'),
        changed(b'"content":[]', b'"content":[{"text":"a\x00\x01\x1f\tb"}]'),
        changed(b'"content":[]', b'"content":[{"n":NaN,"m":[-Infinity,Infinity,1e999,-0]}]'),
        changed(b'"content":[]', b'"content":[{"n":' + b"9" * 5000 + b"}]"),
        changed(b'"content":[]', b'"content":[{"n":-' + b"9" * 5000 + b',"type":5}]'),
        changed(b'"content":[]', b'"content":5,"content":[]'),
        changed(b'"output_tokens":5', b'"output_tokens":"x","output_tokens":5'),
        changed(b'"output_tokens":5', b'"output_tokens":4,"output_tokens":5'),
        changed(b'"content":[]', b'"content":[],"' + b"k" * 10_000 + b'":1'),
        nested(b"[", b"]", 500),
        nested(b"[", b"]", 1000),
        nested(b"[", b"]", 100_000),
        nested(b'{"a":', b"}", 100_000),
        nested(b'["]}",{"a\\"":', b"}]", 100_000),
        nested(b"[", b"]", 100_000).replace(b'"requestId"', b'"n":' + b"9" * 5000 + b',"requestId"'),
    ],
)
def test_what_else_is_in_a_line_costs_it_nothing(tmp_path: Path, line: bytes) -> None:
    (part,) = parts_of(written(tmp_path / "a.jsonl", line))
    (expected,) = parts_of(written(tmp_path / "b.jsonl", answer()))
    assert (part.turns, part.problems) == (expected.turns, {})


@pytest.mark.parametrize(
    ("cwd", "project"),
    [
        (b'"/home/\xff"', "/home/�"),
        (b'"/home/\\ud800"', "/home/?"),
        (b'"/home/\\ud83d\\ude00"', "/home/😀"),
        (b'"/home/\\u0000"', "/home/\0"),
    ],
)
def test_every_text_can_be_stored(tmp_path: Path, cwd: bytes, project: str) -> None:
    (turn,) = turns_of(written(tmp_path / "a.jsonl", changed(b'"/home/ada"', cwd)))
    assert turn.project == project
    turn.project.encode()


@pytest.mark.parametrize("depth", range(1, 130, 3))
def test_nesting_of_any_depth_leaves_the_rest(depth: int) -> None:
    text = '{"a":' + '[{"b":' * depth + "1" + "}]" * depth + ',"c":[2],"d":"]}"}'
    found = json.loads(claude_lines.shallow(text))
    assert (found["c"], found["d"]) == ([2], "]}")
    assert (found == json.loads(text)) is (2 * depth + 1 < claude_lines.DEEPEST)


def test_what_is_not_deep_stays_as_it_is() -> None:
    for text in ('{"a":[1,{"b":"[[{"}]}', "[" * 10, "]" * 10, '"\\"[', '{"a":"\\'):
        assert claude_lines.shallow(text) == text


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make long what is longer than 4000 bytes."""
    monkeypatch.setattr(lines, "LONGEST", 4000)


@pytest.mark.usefixtures("short")
def test_long_lines(tmp_path: Path) -> None:
    long_text = answer("msg_1", message={"content": [{"type": "text", "text": "a" * 9000}]})
    long_list = answer("msg_2", message={"content": [{"n": list(range(9000))}]})
    by_user = {"message": {"role": "user", "content": [{"n": list(range(9000))}]}}
    (part,) = parts_of(written(tmp_path / "a.jsonl", long_text, long_list, by_user, answer("msg_3")))
    assert [turn.output for turn in part.turns] == [5, 5]
    assert part.problems == {"long line": 1}
    assert part.state.offset == source_of(tmp_path / "a.jsonl").size


@pytest.mark.usefixtures("short")
def test_a_long_line_is_counted_with_the_part_it_is_in(tmp_path: Path) -> None:
    long_list = answer(message={"content": [{"n": list(range(9000))}]})
    path = written(tmp_path / "a.jsonl", answer(), long_list, answer(), long_list, long_list, answer())
    problems = [part.problems for part in parts_of(path, part_bytes=100)]
    assert problems == [{}, {"long line": 1}, {"long line": 2}, {}]


_MEASURED = """
import resource, sys
from pathlib import Path
from claude_transcripts import parts_of
from usagebar.ledger.reading.claude import transcripts as claude
from usagebar.ledger.reading.claude import decoding as claude_lines
if sys.argv[2] == "tolerant":
    claude.typed = lambda: claude_lines.tolerant
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
turns = [turn for part in parts_of(Path(sys.argv[1])) for turn in part.turns]
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(len(turns), sum(turn.output for turn in turns), grown // (1024 if sys.platform == "darwin" else 1))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no module resource")
def test_memory_is_bounded_whatever_the_length_of_a_line(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "a.jsonl"
    start, end = raw(answer("msg_1", message={"content": [{"type": "text", "text": "|"}]})).split(b"|")
    with open(path, "wb") as file:
        file.write(raw(answer("msg_0")) + b"\n" + start)
        for _ in range(100):
            file.write(b'some \\"text\\"\\n'.ljust(16) * 65536)
        file.write(end + b"\n" + start.replace(b'"model"', b'"role":"user","model"'))
        for _ in range(100):
            file.write(b"a" * (1 << 20))
        file.write(end + b"\n" + raw(answer("msg_2")) + b"\n")
    command = [sys.executable, "-c", _MEASURED, str(path), request.node.callspec.params["decoder"]]
    path_to_tests = str(Path(__file__).parent)
    run = subprocess.run(command, env={"PYTHONPATH": path_to_tests}, capture_output=True, text=True, check=True)
    turns, output, grown = map(int, run.stdout.split())
    assert (turns, output) == (3, 15)
    assert grown < 40_000  # kilobytes


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(answer(f"msg_{index}") for index in range(50)))
    source = source_of(path)
    reading = read_claude(source, None, part_bytes=5000)
    parts = [next(reading)]
    with open(path, "ab") as file:
        file.write(raw(answer("msg_50")) + b"\n" + raw(answer("msg_51")))
    parts += reading
    assert len(once(turn for part in parts for turn in part.turns)) == 52
    # It is not the file that was found: it is read on.
    assert parts[-1].state.size == source.size != path.stat().st_size
    assert [len(part.turns) for part in parts_of(path, parts[-1].state)] == [1]


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(answer(f"msg_{index}") for index in range(3000)))
    reading = read_claude(source_of(path), None, part_bytes=5000)
    first = next(reading)
    written(path, answer("msg_new"))
    parts = [first, *reading]
    assert all(not part.unread for part in parts)
    assert keys(turns_of(path)) <= keys(once(turn for part in parts_of(path, parts[-1].state) for turn in part.turns))


def test_a_file_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(answer(f"msg_{index}") for index in range(50)))
    reading = read_claude(source_of(path), None, part_bytes=5000)
    parts = [next(reading)]
    written(tmp_path / "b.jsonl", *(answer(f"other_{index}") for index in range(50))).replace(path)
    parts += reading
    assert len(once(turn for part in parts for turn in part.turns)) == 50
    again = parts_of(path, parts[-1].state)
    assert keys(turns_of(path)) == {turn.key for part in again for turn in part.turns}


def test_an_error_while_reading_leaves_what_was_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.jsonl", *(answer(f"msg_{index}") for index in range(50)))
    expected = parts_of(path, part_bytes=5000)
    states = iter([expected[0].state])

    def failing(*_: object, **__: object) -> object:
        try:
            return next(states)
        except StopIteration:
            raise OSError(5, "Input/output error") from None

    monkeypatch.setattr(claude, "state_of", failing)
    first, last = parts_of(path, part_bytes=5000)
    assert first == expected[0]
    assert (last.turns, last.state) == ([], first.state)
    assert last.unread == (f"cannot read {path}: input/output error",)


def keys(turns: list[TurnRecord]) -> set[bytes]:
    return {turn.key for turn in turns}
