"""Records as they come: files, standard input, JSON Lines, and all that can be wrong with them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from command_line import PLAIN, CommandLine, Ran, environment, program

from usagebar.cli.records import Absent, BadRecord, Entry, entries

DIGITS = "9" * 5000
DEEP = 100_000


def rendered(cli: CommandLine, *words: str, stdin: bytes | str = b"") -> Ran:
    return cli("render", "--template", PLAIN, *words, stdin=stdin)


# ---------------------------------------------------------------- what is read

READ: dict[str, tuple[bytes, str]] = {
    "an object": (b'{"v": 1}', "1\n"),
    "blanks around it": (b' \n\t{"v": 1}\r\n \n', "1\n"),
    "several lines": (b'{\n"v":\n1\n}\n', "1\n"),
    "byte order mark": (b'\xef\xbb\xbf{"v": 1}', "1\n"),
    "carriage returns": (b'{\r\n"v": 1\r\n}\r\n', "1\n"),
    "no figure": (b"{}", "\n"),
    "null": (b'{"v": null}', "\n"),
    "emoji": ('{"v": "🤖é"}'.encode(), "🤖é\n"),
    "escapes": (rb'{"v": "\ud83e\udd16\u00e9\n\t"}', "🤖é\n\t\n"),
    "the last of two members": (b'{"v": 1, "v": 2}', "2\n"),
    "NaN": (b'{"v": NaN, "w": 1}', "\n"),
    "infinity": (b'{"v": -Infinity}', "\n"),
    "5000 digits": (f'{{"v": {DIGITS}}}'.encode(), "\n"),
    "5000 digits below zero": (f'{{"v": -{DIGITS}}}'.encode(), "\n"),
    "5000 digits and an exponent": (f'{{"v": {DIGITS}e-4999}}'.encode(), "10\n"),
    "U+2028 as it is": ('{"v": "a\u2028b"}'.encode(), "a\u2028b\n"),
}


@pytest.mark.parametrize(("data", "out"), READ.values(), ids=READ.keys())
def test_a_record(cli: CommandLine, data: bytes, out: str) -> None:
    Path("turn.json").write_bytes(data)
    assert rendered(cli, "turn.json") == (0, out, "")
    assert rendered(cli, stdin=data) == (0, out, "")


LINES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", ""),
    "blank lines alone": (b"\n \n\r\n\t\n", ""),
    "one": (b'{"v": 1}', "1\n"),
    "two": (b'{"v": 1}\n{"v": 2}\n', "1\n2\n"),
    "carriage returns": (b'{"v": 1}\r\n{"v": 2}\r\n', "1\n2\n"),
    "blank lines between": (b'\n\n{"v": 1}\n \t\r\n{"v": 2}\n\n', "1\n2\n"),
    "byte order mark": (b'\xef\xbb\xbf{"v": 1}\n{"v": 2}', "1\n2\n"),
    "blanks before": (b'  {"v": 1}\n\t{"v": 2}', "1\n2\n"),
    "U+2028 and U+0085 end no line": ('{"v": "a\u2028b\u0085c"}\n{"v": 2}'.encode(), "a\u2028b\u0085c\n2\n"),
    "no figures": (b"{}\n{}\n", "\n\n"),
}


@pytest.mark.parametrize(("data", "out"), LINES.values(), ids=LINES.keys())
def test_json_lines(cli: CommandLine, data: bytes, out: str) -> None:
    for name in ("turns.jsonl", "turns.ndjson", "turns.log"):
        Path(name).write_bytes(data)
    assert rendered(cli, "turns.jsonl") == (0, out, "")
    assert rendered(cli, "turns.ndjson") == (0, out, "")
    assert rendered(cli, "--jsonl", "turns.log") == (0, out, "")
    assert rendered(cli, "--jsonl", stdin=data) == (0, out, "")


# ---------------------------------------------------------------- what is wrong

WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "1:1: expected a value, found the end of the text"),
    "blanks alone": (b" \n\n", "3:1: expected a value, found the end of the text"),
    "not closed": (b'{"v": 1', "1:8: expected ',' or '}' after a member, found the end of the text"),
    "a later line": (b'{\n  "v": 1,\n  "w" 2\n}', "3:7: expected ':' after the key, found `2`"),
    "after carriage returns": (b'{\r\n\r\n"v"\r\n1}', "4:1: expected ':' after the key, found `1`"),
    "after an emoji": ('{"🤖é": 1 x}'.encode(), "1:10: expected ',' or '}' after a member, found `x`"),
    "after a byte order mark": (b"\xef\xbb\xbf{x}", "1:2: expected a key in double quotes, found `x`"),
    "a trailing comma": (b'{"v": 1,}', "1:9: expected a key in double quotes, found `}`"),
    "a comment": (b'{"v": 1} // one', "1:10: expected the end of the text, found `/`; --jsonl reads a record a line"),
    "two records": (
        b'{"v": 1}\n{"v": 2}',
        "2:1: expected the end of the text, found `{`; --jsonl reads a record a line",
    ),
    "a line break in a string": (
        b'{"v": "a\nb"}',
        r"1:9: expected the closing quote or `\n`, found a line break inside a string",
    ),
    "too deep": (b"[" * DEEP, f"1:{DEEP}: nested too deeply"),
    "an array": (b'[{"v": 1}]', "1:1: expected a contract (an object), found an array"),
    "a string": (b'"v"', "1:1: expected a contract (an object), found a string"),
    "a number": (b"1.5", "1:1: expected a contract (an object), found a number"),
    "a boolean": (b"true", "1:1: expected a contract (an object), found a boolean"),
    "null": (b"null", "1:1: expected a contract (an object), found null"),
    "NaN": (b"NaN", "1:1: expected a contract (an object), found a number"),
    "Latin-1": (b'{"v": "\xe9"}', "1:8: expected UTF-8, found byte 0xe9"),
    "Latin-1 in a later line": ('{"🤖":\n "é'.encode() + b'\xff"}', "2:4: expected UTF-8, found byte 0xff"),
    "half a character": ('{"v": "🤖'.encode()[:-1], "1:8: expected UTF-8, found byte 0xf0"),
    "UTF-16": ("{}".encode("utf-16"), "1:1: expected UTF-8, found byte 0xff"),
}


@pytest.mark.parametrize(("data", "error"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_record(cli: CommandLine, data: bytes, error: str) -> None:
    Path("good.json").write_bytes(b'{"v": "good"}')
    Path("bad.json").write_bytes(data)
    expected = 2, "good\ngood\n"
    assert rendered(cli, "good.json", "bad.json", "good.json") == (*expected, f"bad.json:{error}\n")
    assert rendered(cli, "good.json", "-", "good.json", stdin=data) == (*expected, f"<stdin>:{error}\n")


# In JSON Lines the others of the same file go on.
WRONG_LINES: dict[str, tuple[bytes, str]] = {
    "in the first line": (b'{"v" 1}\n{"v": 2}', "1:6: expected ':' after the key, found `1`"),
    "after blank lines": (b'\n\r\n{"v": 2}\n \n{x}\n', "5:2: expected a key in double quotes, found `x`"),
    "after blanks": (b'{"v": 2}\n  {x}\n', "2:4: expected a key in double quotes, found `x`"),
    "not closed": (b'{"v": 1\n{"v": 2}\n', "1:8: expected ',' or '}' after a member, found the end of the text"),
    "two in a line": (b'{"v": 2}\n{} {}\n', "2:4: expected the end of the text, found `{`"),
    "no object": (b'{"v": 2}\n\n[]\n', "3:1: expected a contract (an object), found an array"),
    "not UTF-8": (b'{"v": 2}\n{"v": "\xc3\xa9\xe9"}\n', "2:9: expected UTF-8, found byte 0xe9"),
    "a form feed is no blank": (b'{"v": 2}\n\f\n', "2:1: expected a value, found U+000C"),
    "U+2028 counts as a column": ('{"v": 2}\n{"\u2028" 1}\n'.encode(), "2:6: expected ':' after the key, found `1`"),
    "a second byte order mark": (b'{"v": 2}\n\xef\xbb\xbf{}\n', "2:1: expected a value, found U+FEFF"),
}


@pytest.mark.parametrize(("data", "error"), WRONG_LINES.values(), ids=WRONG_LINES.keys())
def test_a_wrong_line(cli: CommandLine, data: bytes, error: str) -> None:
    Path("turns.jsonl").write_bytes(data)
    assert rendered(cli, "turns.jsonl") == (2, "2\n", f"turns.jsonl:{error}\n")
    assert rendered(cli, "--jsonl", stdin=data) == (2, "2\n", f"<stdin>:{error}\n")


def test_each_wrong_line_is_named(cli: CommandLine) -> None:
    ran = rendered(cli, "--jsonl", stdin=b'{"v": 1}\n{\n{"v": 2}\n5\n\xff\n{"v": 3}')
    assert (ran.code, ran.out) == (2, "1\n2\n3\n")
    assert [line.split(" ")[0] for line in ran.err.splitlines()] == ["<stdin>:2:2:", "<stdin>:4:1:", "<stdin>:5:1:"]


def test_an_error_of_the_parser_in_a_fresh_process() -> None:
    # Where nothing has imported `json` yet, Python 3.11's scanner cannot raise its own error.
    ran = program("render", "--template", PLAIN, "--jsonl", stdin=b'{"v": 1 x}\n{"v": 2}\n{"v": 3 y}\n')
    assert (ran.code, ran.out) == (2, "2\n")
    assert ran.err == (
        "<stdin>:1:9: expected ',' or '}' after a member, found `x`\n"
        "<stdin>:3:9: expected ',' or '}' after a member, found `y`\n"
    )


# ---------------------------------------------------------------- files


def test_files_and_standard_input_in_their_order(cli: CommandLine) -> None:
    Path("a.json").write_bytes(b'{"v": "a"}')
    Path("b.jsonl").write_bytes(b'{"v": "b"}\n{"v": "c"}')
    assert rendered(cli, "b.jsonl", "-", "a.json", "b.jsonl", stdin=b'{"v": "-"}').out == "b\nc\n-\na\nb\nc\n"


def test_standard_input_is_empty_the_second_time(cli: CommandLine) -> None:
    ran = rendered(cli, "-", "-", stdin=b'{"v": 1}')
    assert ran == (2, "1\n", "<stdin>:1:1: expected a value, found the end of the text\n")


def test_a_file_named_as_standard_input(cli: CommandLine) -> None:
    Path("-").write_bytes(b'{"v": "file"}')
    assert rendered(cli, "./-", "--", "-", stdin=b'{"v": "stdin"}').out == "file\nstdin\n"


def test_operands_behind_two_dashes(cli: CommandLine) -> None:
    Path("--json").write_bytes(b'{"v": 1}')
    assert rendered(cli, "--", "--json") == (0, "1\n", "")


@pytest.mark.parametrize("name", ["missing.json", "folder", "loop", "no\0file", "file/below"])
def test_what_cannot_be_read_costs_no_other(cli: CommandLine, name: str) -> None:
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    Path("file").write_bytes(b'{"v": 1}')
    ran = rendered(cli, "file", name, "file")
    assert (ran.code, ran.out) == (2, "1\n1\n")
    reason = {
        "missing.json": "missing.json: expected a readable file, found: no such file or directory\n",
        "folder": "folder: expected a readable file, found: is a directory\n",
        "loop": "loop: expected a readable file, found: too many levels of symbolic links\n",
        "no\0file": "'no\\x00file': expected a path, found one that no file can have\n",
        "file/below": "file/below: expected a readable file, found: not a directory\n",
    }[name]
    assert ran.err == reason


def test_an_error_without_a_word_for_it(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("No Idea")

    monkeypatch.setattr("usagebar.cli.records.open", fail, raising=False)
    assert rendered(cli, "x").err == "x: expected a readable file, found: no idea\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_named_pipe_is_read(cli: CommandLine) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(b'{"v": 1}\n{"v": 2}\n',))
    writer.start()
    ran = rendered(cli, "--jsonl", "pipe")
    writer.join()
    assert ran == (0, "1\n2\n", "")


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_no_text() -> None:
    name = os.fsencode(os.getcwd()) + b"/\xff.json"
    try:
        with open(name, "wb") as file:
            file.write(b'{"v": 1}')
    except OSError:
        pytest.skip("this file system takes text alone")
    assert program("render", "--template", PLAIN, name) == (0, "1\n", "")
    ran = program("render", "--template", PLAIN, b"missing\xff.json", env=environment(LC_ALL="C.UTF-8"))
    assert ran.err == "missing\\udcff.json: expected a readable file, found: no such file or directory\n"


# ---------------------------------------------------------------- entries


def test_an_entry_says_whether_it_is_live(cli: CommandLine) -> None:
    Path("turns.jsonl").write_bytes(b"{}\n{}")
    Path("turn.json").write_bytes(b"{}")
    assert [entry.is_live for entry in entries(["turns.jsonl", "turn.json"], lines=False)] == [False] * 3


def test_an_entry_is_decoded_when_it_is_asked() -> None:
    entry = Entry("turn", b"{", 7)
    with pytest.raises(BadRecord, match=r"^turn:7:2: expected a key"):
        entry.value()
    assert str(entry.bad("off", "ab\ncd", 4)) == "turn:8:2: off"
    with pytest.raises(BadRecord, match=r"^turn: gone$"):
        Absent("turn", "gone").value()
