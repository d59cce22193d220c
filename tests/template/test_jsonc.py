from __future__ import annotations

import importlib.util
import json
import math
import os
import pickle
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from usagebar.template import jsonc
from usagebar.template.refusals import explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
RANDOM = st.randoms(use_true_random=False)
BETWEEN = (
    "",
    "",
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "/**/",
    '/* ", ] */',
    "/*\r\n**/",
    '// "\n',
    "// ],}\\\r",
    "//\n",
)


def sprinkled(value: object, random: Random) -> str:
    """Write a value as JSONC, comments and white space between all tokens, trailing commas at will."""
    text = _written(value, random)
    return _between(random) + text + _between(random) + random.choice(("", "// the end"))


def _between(random: Random) -> str:
    return random.choice(BETWEEN) + random.choice(BETWEEN)


def _written(value: object, random: Random) -> str:
    if isinstance(value, dict):
        pairs = [
            json.dumps(key) + _between(random) + ":" + _between(random) + _written(inner, random)
            for key, inner in value.items()
        ]
        return _enclosed("{}", pairs, random)
    if isinstance(value, list):
        return _enclosed("[]", [_written(inner, random) for inner in value], random)
    return json.dumps(value, ensure_ascii=random.choice((True, False)))


def _enclosed(brackets: str, parts: list[str], random: Random) -> str:
    text = brackets[0] + _between(random)
    for number, part in enumerate(parts, 1):
        text += part + _between(random)
        if number < len(parts) or random.choice((True, False)):
            text += "," + _between(random)
    return text + brackets[1]


def refusal(read: Callable[[str], object], text: str) -> Any:
    """Return the error; None if there is none."""
    try:
        read(text)
    except ValueError as error:
        return error
    return None


@pytest.fixture(params=["C scanner", "Python scanner"])
def decode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    if request.param == "C scanner":
        return jsonc.decode
    for name in [name for name in sys.modules if name.split(".")[0] == "json"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "_json", None)
    assert jsonc.__file__
    spec = importlib.util.spec_from_file_location(jsonc.__name__, jsonc.__file__)
    assert spec
    assert spec.loader
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    monkeypatch.delitem(sys.modules, "usagebar.template.refusals", raising=False)
    monkeypatch.setitem(sys.modules, jsonc.__name__, plain)
    result: Callable[[str], object] = plain.decode
    return result


# ---------------------------------------------------------------- blank


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("", ""),
        ("1", "1"),
        ("1// one", "1      "),
        ("//a\n1//b\r2", "   \n1   \r2"),
        ("/* a\n\r\nb */1", "    \n\r\n    1"),
        ("/**/1/*/*/", "    1     "),
        ("1 / 2", "1 / 2"),
        ('"// no", "/* no */"', '"// no", "/* no */"'),
        (r'"\"//", "\\"//', r'"\"//", "\\"  '),
        ('"unclosed // no', '"unclosed // no'),
        ("[1,]", "[1 ]"),
        ("[1 , \n]", "[1   \n]"),
        ("{,}", "{,}"),
        ("[,]", "[,]"),
        ("[1,,]", "[1,,]"),
        ('{"a":,}', '{"a":,}'),
        (",]", ",]"),
        ("[[],{},]", "[[],{} ]"),
        ("[[] ,{} , ]", "[[] ,{}   ]"),
        ('["a, ]",",}"]', '["a, ]",",}"]'),
        ('[",",]', '["," ]'),
        ('["\\",]",]', '["\\",]" ]'),
        ("[1,/*]*/]", "[1      ]"),
        ("[1/*,*/,//,\n]", "[1         \n]"),
    ],
)
def test_blank(text: str, blanked: str) -> None:
    assert jsonc.blank(text) == blanked


def test_blank_refuses_a_comment_without_end() -> None:
    error = refusal(jsonc.blank, '"/*" /**/ /* x')
    assert (error.message, error.offset, error.end, error.recoverable) == (
        "expected `*/` to end this comment, found the end of the text",
        10,
        12,
        True,
    )


@settings(deadline=None)
@given(st.text(alphabet='ab"\\/*,]}[{\n\r\t '))
def test_blank_keeps_length_and_line_breaks(text: str) -> None:
    error = refusal(jsonc.blank, text)
    if error:
        assert text[error.offset : error.end] == "/*"
    else:
        blanked = jsonc.blank(text)
        assert len(blanked) == len(text)
        assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))
        assert [c for c in blanked if c in "\n\r"] == [c for c in text if c in "\n\r"]


# ---------------------------------------------------------------- decode


@settings(deadline=None)
@given(VALUES, RANDOM)
def test_decode_reads_what_was_written(value: object, random: Random) -> None:
    assert jsonc.decode(sprinkled(value, random)) == value


@settings(deadline=None)
@given(VALUES)
def test_plain_json_is_left_alone(value: object) -> None:
    text = json.dumps(value, indent=1)
    assert jsonc.blank(text) == text


def test_the_last_of_equal_keys_wins(decode: Callable[[str], object]) -> None:
    assert decode('{"a": 1, "b": 2, "a": 3,}') == {"a": 3, "b": 2}


def test_numbers(decode: Callable[[str], object]) -> None:
    assert decode("[-0, 1.5, 2E3, 1e999]") == [0, 1.5, 2000.0, float("inf")]


REFUSALS = [
    # text, message, what the error spans (None: the end of the text)
    ("", "expected a value, found the end of the text", None),
    (" \n// only this", "expected a value, found the end of the text", None),
    ("\n [,]", "expected a value, found `,`", ","),
    ("[1,,]", "expected a value, found `,`", ","),
    ("}", "expected a value, found `}`", "}"),
    ("[1, /* two */", "expected a value, found the end of the text", None),
    ("undefined", "expected a value, found `undefined`", "undefined"),
    ("[+.5]", "expected a value, found `+.5`", "+.5"),
    ("w" * 40, "expected a value, found `" + "w" * 30 + "…`", "w" * 40),
    ("`1`", "expected a value, found a backtick", "`"),
    ("\ufeff1", "expected a value, found U+FEFF", "\ufeff"),
    ("NaN", "expected a value, found `NaN`", "NaN"),
    ('["NaN", Infinity]', "expected a value, found `Infinity`", "Infinity"),
    ('{"a": -Infinity}', "expected a value, found `-Infinity`", "-Infinity"),
    ("{'a': 1}", "expected a key in double quotes, found `'`", "'"),
    ("{key: 1}", "expected a key in double quotes, found `key`", "key"),
    ("{,}", "expected a key in double quotes, found `,`", ","),
    ("{", "expected a key in double quotes, found the end of the text", None),
    ('{"a" 1}', "expected ':' after the key, found `1`", "1"),
    ('{"a"', "expected ':' after the key, found the end of the text", None),
    ('{"a": [1] "b"', "expected ',' or '}' after a member, found `\"`", '"'),
    ('["]", {"a": 1}; 2]', "expected ',' or ']' after an element, found `;`", ";"),
    ("[1 // one\n 2]", "expected ',' or ']' after an element, found `2`", "2"),
    ('"a\tb"', "expected `\\t`, found a raw tab inside a string", "\t"),
    ('"a\n\nb"', "expected the closing quote or `\\n`, found a line break inside a string", "\n"),
    ('"\x01"', "expected `\\u0001`, found a raw U+0001 inside a string", "\x01"),
    (r'"\x41"', r"expected a JSON escape such as `\n` or `\u2026`, found `\x`", r"\x"),
    (r'["\u12x4"]', r"expected a JSON escape such as `\n` or `\u2026`, found `\u12`", r"\u12"),
    (r'"\u"', r"expected a JSON escape such as `\n` or `\u2026`, found `\u`", r"\u"),
    (
        '"a\\\nb"',
        r"expected a JSON escape such as `\n` or `\u2026`, found a backslash before a line break",
        "\\\n",
    ),
    ("1 2", "expected the end of the text, found `2`", "2"),
    ("[1]}", "expected the end of the text, found `}`", "}"),
    ('{"a: 1,\n "b": "src/*"}', "expected the closing quote or `\\n`, found a line break inside a string", "\n"),
    ('{"a": 1} /* open', "expected `*/` to end this comment, found the end of the text", "/*"),
    ('{"a": /* open', "expected `*/` to end this comment, found the end of the text", "/*"),
]


@pytest.mark.parametrize(("text", "message", "spanned"), REFUSALS)
def test_refusals(decode: Callable[[str], object], text: str, message: str, spanned: str | None) -> None:
    error = refusal(decode, text)
    assert str(error) == error.message == message
    assert error.recoverable
    start = len(text) if spanned is None else text.index(spanned, error.offset)
    assert (error.offset, error.end) == (start, start + len(spanned or "."))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ('[1, "abc', 4),
        ('[1, "abc\\', 4),
        ('[1, "abc\\"', 4),
        ('["\\"", "abc\\u12aF', 7),
        ('{"a": 1, "b: 2}', 9),
    ],
)
def test_an_unclosed_string_is_reported_at_its_quote(decode: Callable[[str], object], text: str, offset: int) -> None:
    error = refusal(decode, text)
    assert "expected the closing quote of this string" in error.message
    assert (error.offset, error.end) == (offset, offset + 1)


def test_too_many_digits(decode: Callable[[str], object]) -> None:
    limit = sys.get_int_max_str_digits()
    one, fine = "1" * (limit + 1), "2" * limit
    text = f'["{one}", 0.{one}, 3.{one}E2, {fine}, -{one}]'
    error = refusal(decode, text)
    assert error.message == f"expected a number of at most {limit} digits, found one of {limit + 1} digits"
    assert text[error.offset : error.end] == f"-{one}"
    assert not error.recoverable


def test_too_deep(decode: Callable[[str], object]) -> None:
    error = refusal(decode, '["[[[", [], ' + "[" * 100_000 + "]" * 100_000 + "]")
    assert (error.message, error.offset, error.recoverable) == ("nested too deeply", 100_011, False)


@settings(deadline=None)
@given(st.text(alphabet="ab1-.e\"\\/*,:]}[{\n\r\t 'u0"))
@example('{"\\')
@example('"\\u')
@example('"\\ud83')
def test_any_text_decodes_or_is_refused_at_a_place_in_it(text: str) -> None:
    error = refusal(jsonc.decode, text)
    if error:
        assert isinstance(error, jsonc.JsoncError)
        assert 0 <= error.offset <= len(text)
        assert error.offset < error.end <= len(text) + 1
        assert error.message


def test_a_scanner_that_loses_its_error_is_asked_again() -> None:
    answers = iter([SystemError("returned NULL without setting an exception"), StopIteration(1)])

    def scan(_source: str, _start: int) -> object:
        raise next(answers)

    error = refusal(lambda text: jsonc._read(text, scan), "[")
    assert error.message == "expected a value, found the end of the text"


def test_errors_survive_pickling() -> None:
    error = refusal(jsonc.decode, "[" * 100_000)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.offset, copy.end, copy.recoverable) == (
        error.message,
        error.offset,
        error.end,
        error.recoverable,
    )


def test_data_may_hold_odd_numbers(decode: Callable[[str], object]) -> None:
    read_json = sys.modules[decode.__module__].read_json
    long = "1" * (sys.get_int_max_str_digits() + 1)
    assert read_json(f' {{"a": [1, -{long}, {long}, Infinity, -Infinity]}}\n') == {
        "a": [1, -math.inf, math.inf, math.inf, -math.inf]
    }
    assert math.isnan(read_json("NaN"))
    assert refusal(read_json, "[1,]").offset in (2, 3)  # some Pythons report the comma itself
    assert refusal(read_json, "[1 // one\n]").message == "expected ',' or ']' after an element, found `/`"


def test_good_text_costs_no_imports_and_bad_text_is_explained_in_a_fresh_process() -> None:
    script = """
import sys
from usagebar.template import jsonc
jsonc.decode('{"a": [1, "x",], /* b */ } // c')
heavy = {"re", "json", "typing", "enum", "functools", "collections", "usagebar.template.refusals"}
print(sorted(heavy & (set(sys.modules) - before)))
try:
    jsonc.decode("{,}")
except jsonc.JsoncError as error:
    print(error)
"""
    script = "import sys; before = set(sys.modules)" + script
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.splitlines() == ["[]", "expected a key in double quotes, found `,`"], done.stderr


# ---------------------------------------------------------------- linear time

MEBI = 1 << 20
HOSTILE = {
    "comments before the first string": "/**/" * 300_000 + '""',
    "line comments": "//\n" * 300_000 + "1",
    "line comments, carriage returns": "//\r" * 300_000 + "1",
    "comment of line breaks": "/*" + "\r" * MEBI + "*/1",
    "commas": "," * MEBI,
    "commas and brackets": ",]" * (MEBI // 2),
    "trailing commas": "[" + "[1,]," * (MEBI // 5) + "]",
    "slashes": "/" * MEBI,
    "slashes apart": "/ " * (MEBI // 2),
    "slashes in strings": '["/' + '","/' * (MEBI // 4) + '"]',
    "slashes and quotes": '"/' * (MEBI // 2),
    "backslashes": '"' + "\\" * MEBI,
    "escaped quotes": '\\"/' * (MEBI // 3),
    "escapes": '"' + "\\u1234" * (MEBI // 6),
    "opening brackets": "[" * MEBI,
    "opening members": '{"a":' * (MEBI // 5),
    "closing brackets": "}" * MEBI,
    "comma and blanks": "[1," + " " * MEBI + "]",
    "comma and blanks, no bracket": "[1," + " " * MEBI,
    "blanks": " " * MEBI,
    "open string": '"' + "a" * MEBI,
    "quotes": '"' * MEBI,
    "a word": "a" * MEBI,
    "a number": "1" * MEBI,
    "numbers and an error": "[1" + ",1" * (MEBI // 2) + " 1",
    "objects and an error": "[" + '{"a":1,},' * (MEBI // 9) + "x",
    "open comment after all": "[" + "1," * (MEBI // 2) + "/*",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(name: str) -> None:
    # Quadratic scanning takes minutes here, linear at most a second or two of this process's own time.
    started = time.process_time()
    refusal(jsonc.decode, HOSTILE[name])
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "comma", "message", "offset"),
    [
        ('{"a": 1, \n}', 7, "expected a key in double quotes, found `}`", 10),
        ("[1 ,]", 3, "expected a value, found `]`", 4),
    ],
)
def test_a_trailing_comma_is_worded_alike_by_every_python(text: str, comma: int, message: str, offset: int) -> None:
    with pytest.raises(jsonc.JsoncError) as own:
        jsonc.read_json(text)
    since_3_13 = explain(json.JSONDecodeError("Illegal trailing comma before end of object", text, comma), text)
    for error in (own.value, since_3_13):
        assert (error.message, error.offset) == (message, offset)
