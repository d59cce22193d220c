"""A path's bytes, and what tells template text from a path."""

from __future__ import annotations

import errno
import os
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.engine.values import WHITE_SPACE
from usagebar.template.source import (
    MAX_BYTES,
    SETTLED_AFTER_NS,
    Missing,
    Unreadable,
    decoded,
    is_template_text,
    significant,
    snapshot,
)

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000


# ---------------------------------------------------------------- template text, or a path?


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("{", 0),
        ("a{", 0),
        ("  {", 2),
        (WHITE_SPACE, len(WHITE_SPACE)),
        (WHITE_SPACE + "{", len(WHITE_SPACE)),
        ("\x85{", 0),
        ("\x1c{", 0),
        ("\u200b{", 0),
        ("//", 2),
        ("//{", 3),
        ("//\n{", 3),
        ("//\r{", 3),
        ("//\u2028{", 4),
        ("// x\r\n//y\n {", 11),
        ("/**/{", 4),
        ("/* { */ {", 8),
        ("/***/{", 5),
        ("/* // */{", 8),
        ("// /*\n{", 6),
        ("/*/{", 0),
        ("/* {", 0),
        ("/**/ /* {", 5),
        ("/", 0),
        ("/{", 0),
        ("\ufeff\ufeff/**/\n{", 7),
        ("#{", 0),
    ],
)
def test_the_first_significant_character(text: str, offset: int) -> None:
    assert significant(text) == offset
    assert is_template_text(text) == (text[offset : offset + 1] == "{")


@settings(deadline=None)
@given(st.lists(st.sampled_from([*WHITE_SPACE, "/**/", "/* { */", "/*\n*/", "//\n", "// {\r", "//x\r\n"])))
def test_white_space_and_comments_are_not_significant(parts: list[str]) -> None:
    before = "".join(parts)
    assert significant(before) == len(before)
    assert is_template_text(before + "{")
    assert not is_template_text(before + "[{")


@settings(deadline=None)
@given(st.text(alphabet=" \n/*{x\ufeff"))
def test_what_is_significant_is_no_blank(text: str) -> None:
    at = significant(text)
    rest = text[at:]
    assert 0 <= at <= len(text)
    assert not rest.startswith(tuple(WHITE_SPACE))
    assert not rest.startswith("//")
    assert not (rest.startswith("/*") and "*/" in rest[2:])


# ---------------------------------------------------------------- bytes


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbf", ""),
        (b"\xef\xbb\xbf\xef\xbb\xbf{", "\ufeff{"),
        ("ü😀".encode(), "ü😀"),
        (b" " * MAX_BYTES, " " * MAX_BYTES),
        (b"\xef\xbb\xbf" + b" " * (MAX_BYTES - 3), " " * (MAX_BYTES - 3)),
    ],
    ids=lambda value: repr(value[:9]),
)
def test_decoded(data: bytes, text: str) -> None:
    assert decoded(data) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "expected UTF-8, found byte 0xff at offset 0"),
        (b"{}\xc3", "expected UTF-8, found byte 0xc3 at offset 2"),
        (b"\xef\xbb\xbf\x80", "expected UTF-8, found byte 0x80 at offset 3"),
        (b" " * (MAX_BYTES + 1), f"expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 1}"),
        (b"\xff" * (MAX_BYTES + 9), f"expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 9}"),
    ],
    ids=lambda value: repr(value[:9]),
)
def test_not_decoded(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=f"^{message}$"):
        decoded(data)


# ---------------------------------------------------------------- files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "footer.jsonc"
    path.write_bytes(b"{}")
    return path


def with_status(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the module see another status of every path than the true one."""
    true_stat = os.stat

    def fake(path: Any, **options: Any) -> Any:
        fields = {name: getattr(true_stat(path, **options), name) for name in FIELDS}
        return type("Status", (), fields | changes)()

    monkeypatch.setattr(os, "stat", fake)


FIELDS = ("st_mode", "st_ino", "st_dev", "st_size", "st_mtime_ns", "st_ctime_ns")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (stat.S_IFDIR, "a folder"),
        (stat.S_IFIFO, "a named pipe"),
        (stat.S_IFSOCK, "a socket"),
        (stat.S_IFCHR, "a device"),
        (stat.S_IFBLK, "a device"),
        (0, "something else"),
    ],
)
def test_kinds_of_files(kind: int, name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_status(monkeypatch, st_mode=kind | 0o644)
    with pytest.raises(Unreadable, match=f"^expected a regular file, found {name}$"):
        snapshot(str(path))


ERRORS = [
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.EIO,
    errno.ESTALE,
    errno.EMFILE,
]


@pytest.mark.parametrize("function", ["stat", "open"])
@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
def test_errors_of_the_system(number: int, function: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(Unreadable) as caught:
        snapshot(str(path))
    assert str(caught.value) == f"expected a readable file, found: {os.strerror(number).lower()}"


@pytest.mark.parametrize("function", ["stat", "open"])
def test_a_file_that_is_gone(function: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError(errno.ENOENT, "No such file")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(Missing, match="there is no file"):
        snapshot(str(path))


def test_an_error_without_a_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError("Strange")

    monkeypatch.setattr(os, "stat", fail)
    with pytest.raises(Unreadable, match="found: strange"):
        snapshot(str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with_status(monkeypatch, st_mode=stat.S_IFREG | 0o644)
    with pytest.raises(Unreadable, match="found a named pipe"):
        snapshot(str(tmp_path / "pipe"))


@pytest.mark.parametrize(("size", "fits"), [(0, True), (MAX_BYTES, True), (MAX_BYTES + 1, False), (1 << 40, False)])
def test_sizes(size: int, fits: bool, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(size)
    if fits:
        assert snapshot(str(path)).data == b"\0" * size
        return
    with pytest.raises(Unreadable, match=f"expected at most {MAX_BYTES} bytes"):
        snapshot(str(path))


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux's /proc")
def test_a_file_whose_size_is_not_known_before() -> None:
    assert os.stat("/proc/self/status").st_size == 0
    assert snapshot("/proc/self/status").data.startswith(b"Name:")


def test_no_file_is_left_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    true_open = os.open

    def remembering(*given: Any) -> int:
        opened.append(true_open(*given))
        return opened[-1]

    monkeypatch.setattr(os, "open", remembering)
    snapshot(str(path))
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(Unreadable):
        snapshot(str(path))
    assert len(opened) == 2
    for number in opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)


# ---------------------------------------------------------------- looking again


def aged(path: Path, monkeypatch: pytest.MonkeyPatch, age: int) -> None:
    """Let the file be that old, in nanoseconds."""
    newest = max(path.stat().st_mtime_ns, path.stat().st_ctime_ns)
    monkeypatch.setattr(time, "time_ns", lambda: newest + age)


@pytest.mark.parametrize(
    ("age", "settled"),
    [(-SECOND, False), (0, False), (SETTLED_AFTER_NS, False), (SETTLED_AFTER_NS + 1, True), (SECOND, True)],
)
def test_a_file_settles(age: int, settled: bool, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(path, monkeypatch, age)
    assert snapshot(str(path)).settled == settled


def test_a_settled_file_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(path, monkeypatch, SECOND)
    first = snapshot(str(path))
    monkeypatch.setattr(os, "open", None)
    assert snapshot(str(path), first) is first


def test_a_fresh_file_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(path, monkeypatch, 0)
    first = snapshot(str(path))
    aged(path, monkeypatch, SECOND)
    second = snapshot(str(path), first)
    assert second is not first
    assert second.settled
    assert second.data is first.data


@pytest.mark.parametrize("field", FIELDS[1:])
def test_every_part_of_the_status_counts(field: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(path, monkeypatch, SECOND)
    first = snapshot(str(path))
    path.write_bytes(b"[]")
    os.utime(path, ns=(first.stamp[0], first.stamp[0]))
    unchanged = dict(zip(("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino", "st_dev"), first.stamp, strict=True))
    with_status(monkeypatch, **unchanged)
    assert snapshot(str(path), first) is first
    with_status(monkeypatch, **unchanged | {field: unchanged[field] + 1})
    assert snapshot(str(path), first).data == b"[]"


def test_the_modification_time_may_be_put_back(path: Path) -> None:
    old = time.time_ns() - 3600 * SECOND
    os.utime(path, ns=(old, old))
    first = snapshot(str(path))
    path.write_bytes(b"[]")
    os.utime(path, ns=(old, old))
    assert snapshot(str(path), first).data == b"[]"
