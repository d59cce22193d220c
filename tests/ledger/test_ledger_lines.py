"""Reading lines in bounded memory, and going on where a run ended."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from claude_transcripts import source_of
from hypothesis import given
from hypothesis import strategies as st

from usagebar.ledger.reading import lines
from usagebar.ledger.reading.lines import LineReader, Squeeze, opened, resume, state_of


def reader_of(content: bytes, **options: object) -> LineReader:
    return LineReader(cast("BinaryIO", io.BufferedReader(io.BytesIO(content))), **options)  # type: ignore[arg-type]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make long what is longer than 64 bytes."""
    monkeypatch.setattr(lines, "LONGEST", 64)


@pytest.mark.parametrize(
    ("content", "found", "offset", "unfinished"),
    [
        (b"", [], 0, False),
        (b"\n", [b""], 1, False),
        (b"a\nb\n", [b"a", b"b"], 4, False),
        (b"a\nb", [b"a", b"b"], 2, True),
        (b"a\r\n\nb", [b"a\r", b"", b"b"], 4, True),
        (b"a\x0b\x0c\xe2\x80\xa8b\n", [b"a\x0b\x0c\xe2\x80\xa8b"], 8, False),
    ],
)
def test_lines_end_at_newlines_only(content: bytes, found: list[bytes], offset: int, unfinished: bool) -> None:
    reader = reader_of(content)
    assert list(reader) == found
    assert (reader.offset, reader.unfinished, reader.too_long) == (offset, unfinished, 0)


def test_the_offset_is_behind_the_line_just_given() -> None:
    reader = reader_of(b"a\nbc\nd", offset=100)
    assert [(line, reader.offset, reader.unfinished) for line in reader] == [
        (b"a", 102, False),
        (b"bc", 105, False),
        (b"d", 105, True),
    ]


@given(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"")), min_size=1))
def test_lines_are_those_between_newlines(expected: list[bytes]) -> None:
    reader = reader_of(b"\n".join(expected))
    last = [expected[-1]] if expected[-1] else []
    assert list(reader) == [*expected[:-1], *last]
    assert reader.offset == sum(len(line) + 1 for line in expected[:-1])


def test_a_long_line_is_squeezed_and_its_neighbours_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 2000)
    long = {"text": 'a"\\\n' * 2000, "usage": {"output_tokens": 7}}
    content = b'{"a":1}\n' + json.dumps(long).encode() + b'\n{"b":2}\n'
    reader = reader_of(content)
    before, squeezed, after = map(json.loads, reader)
    assert (before, after) == ({"a": 1}, {"b": 2})
    assert squeezed["usage"] == {"output_tokens": 7}
    assert len(squeezed["text"]) == 32
    assert (reader.offset, reader.too_long) == (len(content), 0)


def test_a_squeezed_line_has_no_newline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 2000)
    reader = reader_of(b'["' + b"a" * 3000 + b'"]\n')
    assert [line[-1:] for line in reader] == [b"]"]


@pytest.mark.usefixtures("short")
def test_what_stays_too_long_is_left_out_and_counted() -> None:
    content = b"[" + b"1," * 100 + b"1]\n[2]\n"
    reader = reader_of(content)
    assert list(reader) == [b"[2]"]
    assert (reader.offset, reader.too_long, reader.unfinished) == (len(content), 1, False)


@pytest.mark.usefixtures("short")
def test_an_unwanted_long_line_is_left_out_and_not_counted() -> None:
    heads: list[bytes] = []

    def unwanted(head: bytes) -> bool:
        heads.append(head)
        return head.startswith(b"[0")

    content = b"[0" + b",1" * 100 + b"]\n[2" + b",2" * 100 + b"]\n[3]\n"
    reader = reader_of(content, unwanted=unwanted)
    assert list(reader) == [b"[3]"]
    assert (reader.offset, reader.too_long) == (len(content), 1)
    assert [len(head) for head in heads] == [64, 64]


@pytest.mark.usefixtures("short")
def test_a_long_line_without_its_end_is_unfinished() -> None:
    reader = reader_of(b"[1]\n[" + b"1" * 40 + b'"' + b"1" * 2000)
    assert len(list(reader)) == 2
    assert (reader.offset, reader.unfinished) == (4, True)
    # It is counted once it has its end.
    hopeless = reader_of(b"[1]\n[" + b"1," * 100)
    assert list(hopeless) == [b"[1]"]
    assert (hopeless.offset, hopeless.unfinished, hopeless.too_long) == (4, True, 0)


_texts = st.text(st.sampled_from('ab"\\{}[]:,\nä😀\ud800')) | st.integers(1020, 1030).map(lambda size: "\\" * size)
_values = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@given(_values, st.booleans(), st.lists(st.integers(1, 50), min_size=1))
def test_squeezing_in_any_pieces_keeps_all_but_long_strings(value: object, ascii_only: bool, sizes: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    whole = Squeeze()
    whole.add(text)
    pieces, at, turn = Squeeze(), 0, 0
    while at < len(text):
        pieces.add(text[at : at + sizes[turn % len(sizes)]])
        at += sizes[turn % len(sizes)]
        turn += 1
    assert pieces.kept == whole.kept
    kept = whole.kept.decode("utf-8", "surrogatepass")
    assert _shortened(json.loads(text.decode("utf-8", "surrogatepass"))) == _shortened(json.loads(kept))
    if len(text) < 1000:
        assert kept.encode("utf-8", "surrogatepass") == text


def _shortened(value: object) -> object:
    # What was replaced is as long as a digest; all that is as long as it could be stands for all such.
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    if isinstance(value, dict):
        return [(_shortened(name), _shortened(inner)) for name, inner in value.items()]
    if isinstance(value, str):
        written = len(json.dumps(value)) - 2
        return "long" if written > 1024 or (written == 32 and set(value) <= set("0123456789abcdef")) else value
    return value


def test_long_strings_that_differ_stay_different() -> None:
    squeezed = []
    for text in (b"a" * 5000, b"a" * 4999 + b"b"):
        squeeze = Squeeze()
        squeeze.add(b'"' + text + b'"')
        squeezed.append(bytes(squeeze.kept))
    assert squeezed[0] != squeezed[1]


def test_memory_is_bounded_whatever_the_length_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with open(path, "wb") as file:
        file.write(b'{"text":"')
        for _ in range(100):
            file.write(b"abc\\n" * 200_000)
        file.write(b'","usage":{"output_tokens":7}}\n[' + b"1," * 10_000_000 + b"1]\n{}\n")
    tracemalloc.start()
    with opened(str(path)) as file:
        reader = LineReader(file)
        found = list(reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert json.loads(found[0])["usage"] == {"output_tokens": 7}
    assert found[1:] == [b"{}"]
    assert (reader.too_long, reader.offset) == (1, path.stat().st_size)
    assert peak < 40e6


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    path = tmp_path / "transcript.jsonl"
    path.write_bytes(b"one\ntwo\nthree\n")
    return path


def test_a_file_is_gone_on_with_where_it_was_left(transcript: Path) -> None:
    source = source_of(transcript)
    with opened(source.path) as file:
        assert file.read(2) == b"on"
        state = state_of(source, file, 8, {"model": "m"})
        assert file.tell() == 2
    assert state.context == {"model": "m"}
    assert (state.size, state.mtime_ns, state.inode, state.offset) == (source.size, source.mtime_ns, source.inode, 8)
    with open(transcript, "ab") as end:
        end.write(b"four\n")
    grown = source_of(transcript)
    assert resume(grown, state) == 8
    with opened(grown.path, 8) as file:
        assert list(LineReader(file, 8)) == [b"three", b"four"]


def test_a_state_with_more_to_read_is_not_that_of_a_whole_file(transcript: Path) -> None:
    source = source_of(transcript)
    with opened(source.path) as file:
        state = state_of(source, file, 8, ended=False)
    assert (state.size, state.mtime_ns) == (8, 0)
    assert resume(source, state) == 8


@pytest.mark.parametrize("content", [b"on", b"", b"ONE\nTWO\nthree\n", b"one\ntwO\nthree\nfour\n"])
def test_a_shorter_or_other_file_is_read_from_its_start(transcript: Path, content: bytes) -> None:
    with opened(str(transcript)) as file:
        state = state_of(source_of(transcript), file, 8)
    with open(transcript, "r+b") as changed:
        changed.truncate(0)
        changed.write(content)
    assert resume(source_of(transcript), state) == 0


def test_a_file_in_the_place_of_another_is_read_from_its_start(transcript: Path, tmp_path: Path) -> None:
    with opened(str(transcript)) as file:
        state = state_of(source_of(transcript), file, 8)
    other = tmp_path / "other.jsonl"
    other.write_bytes(transcript.read_bytes())
    other.replace(transcript)
    assert resume(source_of(transcript), state) == 0


def test_what_was_never_read_is_read_from_its_start_without_a_look(tmp_path: Path) -> None:
    missing = source_of(tmp_path)._replace(path=str(tmp_path / "missing"))
    assert resume(missing, None) == 0


def test_a_file_that_vanished_is_an_error(transcript: Path) -> None:
    source = source_of(transcript)
    with opened(source.path) as file:
        state = state_of(source, file, 8)
    transcript.unlink()
    with pytest.raises(FileNotFoundError):
        resume(source, state)


def test_only_the_last_bytes_before_the_offset_are_compared(transcript: Path) -> None:
    transcript.write_bytes(b"x" * 5000 + b"\n")
    with opened(str(transcript)) as file:
        state = state_of(source_of(transcript), file, 5001)
    with open(transcript, "r+b") as changed:
        changed.seek(5001 - lines.TAIL)
        changed.write(b"y")
    assert resume(source_of(transcript), state) == 0


def test_what_would_be_waited_for_is_no_file(transcript: Path, tmp_path: Path) -> None:
    source = source_of(transcript)
    with opened(source.path) as file:
        state = state_of(source, file, 8)
    transcript.unlink()
    os.mkfifo(transcript)
    with pytest.raises(OSError, match="not a regular file"):
        resume(source, state)
    for path in (source.path, os.devnull):
        with pytest.raises(OSError, match="not a regular file"):
            opened(path)
    with pytest.raises(IsADirectoryError):
        opened(str(tmp_path))
