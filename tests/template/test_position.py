from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import json5
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spans import find_all, find_keys

from usagebar.template.jsonc import decode
from usagebar.template.position import comments, decode_string, line_column, string_spans

if TYPE_CHECKING:
    from random import Random

KEYS = st.text(max_size=4) | st.sampled_from(["a", "b", "when", "$x", "ключ", "a.b", "'", '"', "//", "😀"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-99999, 99999) | st.sampled_from([0.5, -1.25]) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
RANDOM = st.randoms(use_true_random=False)
BETWEEN = ("", "", " ", "\n", "\r\n", "/**/", '/* "[{ */', "// it's\n", "//]}\r", "/*\n*/")
SHORT = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "/": r"\/"}
SHORT_5 = {"\v": r"\v", "\0": r"\0", "'": r"\'", "é": "\\é"}


def find(text: str, path: tuple[str | int, ...]) -> tuple[int, int] | None:
    return find_all(text, [path]).get(path)


def find_key(text: str, path: tuple[str | int, ...]) -> tuple[int, int] | None:
    return find_keys(text, [path]).get(path)


class Writer:
    """Write a value in a random style, and note where each part of it went."""

    def __init__(self, random: Random, lenient: bool) -> None:
        self.random, self.lenient = random, lenient
        self.text = ""
        self.values: dict[tuple[str | int, ...], tuple[int, int]] = {}
        self.keys: dict[tuple[str | int, ...], tuple[int, int]] = {}

    def document(self, value: object) -> Writer:
        self.between()
        self.value(value, ())
        self.between()
        return self

    def between(self) -> None:
        self.text += self.random.choice(BETWEEN) + self.random.choice(BETWEEN)

    def value(self, value: object, path: tuple[str | int, ...]) -> None:
        start = len(self.text)
        if isinstance(value, dict):
            self.members(value, path)
        elif isinstance(value, list):
            self.elements(value, path)
        else:
            self.text += self.scalar(value)
        self.values[path] = start, len(self.text)

    def members(self, value: dict[str, object], path: tuple[str | int, ...]) -> None:
        self.text += "{"
        for number, (key, inner) in enumerate(value.items(), 1):
            if self.flip():
                self.member(key, {key: [inner]}, path)  # overridden by the next one
                self.text += ","
                for noted in [noted for noted in self.values if noted[: len(path) + 1] == (*path, key)]:
                    del self.values[noted]
            self.member(key, inner, path)
            self.comma(number == len(value))
        self.between()
        self.text += "}"

    def member(self, key: str, value: object, path: tuple[str | int, ...]) -> None:
        self.between()
        start = len(self.text)
        bare = self.lenient and re.fullmatch(r"[$A-Za-z]+", key) and self.flip()
        self.text += self.bare(key) if bare else self.scalar(key)
        self.keys[*path, key] = start, len(self.text)
        self.between()
        self.text += ":"
        self.between()
        self.value(value, (*path, key))

    def elements(self, value: list[object], path: tuple[str | int, ...]) -> None:
        self.text += "["
        for index, inner in enumerate(value):
            self.between()
            self.value(inner, (*path, index))
            self.comma(index + 1 == len(value))
        self.between()
        self.text += "]"

    def comma(self, last: bool) -> None:
        self.between()
        if not last or self.flip():
            self.text += ","

    def scalar(self, value: object) -> str:
        if isinstance(value, str):
            return literal(value, self.random, self.lenient)[0]
        text = json.dumps(value)
        if self.lenient and isinstance(value, float | int) and not isinstance(value, bool) and self.flip():
            return text.replace("0.", ".") if value == 0.5 else "+" * (value >= 0) + text
        return text

    def bare(self, key: str) -> str:
        return key.replace("a", r"\u0061") if self.flip() else key

    def flip(self) -> bool:
        return self.random.choice((True, False))


def literal(value: str, random: Random, lenient: bool) -> tuple[str, list[int]]:
    """Write a string in a random style; return the offsets that its characters come from, too."""
    quote = random.choice("'\"") if lenient else '"'
    text, offsets = quote, []
    for char in value:
        if lenient and random.random() < 0.1:
            text += random.choice(("\\\n", "\\\r\n", "\\\u2028"))
        offsets.append(len(text))
        text += random.choice(spellings(char, quote, lenient))
    return text + quote, [*offsets, len(text)]


def spellings(char: str, quote: str, lenient: bool) -> list[str]:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    pair = len(units) == 8
    found = [] if pair and lenient else [rf"\u{units[:4]}" + (rf"\u{units[4:].upper()}" if pair else "")]
    if char not in (quote, "\\") and char >= " ":
        found.append(char)
    if char in (quote, "\\"):
        found.append("\\" + char)
    if lenient and char < "\x80":
        found.append(f"\\x{ord(char):02x}")
    return found + [short[char] for short in (SHORT, SHORT_5 if lenient else {}) if char in short]


# ---------------------------------------------------------------- lines and columns


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("", 0, (1, 1)),
        ("abc", 0, (1, 1)),
        ("abc", 3, (1, 4)),
        ("abc", 99, (1, 4)),
        ("abc", -1, (1, 1)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\rb", 1, (1, 2)),
        ("a\rb", 2, (2, 1)),
        ("a\r\nb", 1, (1, 2)),
        ("a\r\nb", 2, (1, 3)),
        ("a\r\nb", 3, (2, 1)),
        ("\r\n", 0, (1, 1)),
        ("\n\r\r\n\n", 1, (2, 1)),
        ("\n\r\r\n\n", 2, (3, 1)),
        ("\n\r\r\n\n", 4, (4, 1)),
        ("\n\r\r\n\n", 5, (5, 1)),
        ("😀\u2028é\n\v😀x", 3, (1, 4)),
        ("😀\u2028é\n\v😀x", 6, (2, 3)),
    ],
)
def test_line_column(text: str, offset: int, place: tuple[int, int]) -> None:
    assert line_column(text, offset) == place


# ---------------------------------------------------------------- values and keys


def written_parts_are_found(value: object, random: Random, lenient: bool) -> str:
    writer = Writer(random, lenient).document(value)
    for path, span in writer.values.items():
        assert find(writer.text, path) == span
        assert find_key(writer.text, path) == writer.keys.get(path)
    return writer.text


@settings(deadline=None)
@given(VALUES, RANDOM)
def test_every_part_is_found_in_jsonc(value: object, random: Random) -> None:
    text = written_parts_are_found(value, random, lenient=False)
    assert decode(text) == value
    assert find_key(text, ()) is None


@settings(deadline=None, max_examples=25)  # json5 is slow, and only proves that the text means the value
@given(VALUES, RANDOM)
def test_every_part_is_found_in_json5(value: object, random: Random) -> None:
    assert json5.loads(written_parts_are_found(value, random, lenient=True)) == value


@settings(deadline=None)
@given(VALUES, RANDOM)
def test_a_span_decodes_to_its_value(value: Any, random: Random) -> None:
    writer = Writer(random, lenient=False).document(value)
    for path in writer.values:
        part, span = value, find(writer.text, path)
        for step in path:
            part = part[step]
        assert span
        assert decode(writer.text[slice(*span)]) == part


SOURCE = r"""// { "a": 0 }
{
  "a": 1, 'it\'s': [+.5, 0xFF, NaN, -Infinity, /* ] */ 'x"]',],
  "a": { b$: null, \u0063d: {}, "e\
f": [[], [1]] }, // the last one counts
  "": "",
}
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("a", "b$"), "null", "b$"),
        (("a", "cd"), "{}", r"\u0063d"),
        (("a", "ef"), "[[], [1]]", '"e\\\nf"'),
        (("a", "ef", 0), "[]", None),
        (("a", "ef", 1, 0), "1", None),
        (("it's",), """[+.5, 0xFF, NaN, -Infinity, /* ] */ 'x"]',]""", r"'it\'s'"),
        (("it's", 0), "+.5", None),
        (("it's", 3), "-Infinity", None),
        (("it's", 4), """'x"]'""", None),
        (("",), '""', '""'),
    ],
)
def test_find_in_json5(path: tuple[str | int, ...], value: str, key: str | None) -> None:
    span, key_span = find(SOURCE, path), find_key(SOURCE, path)
    assert span
    assert SOURCE[slice(*span)] == value
    assert (key_span and SOURCE[slice(*key_span)]) == key


@pytest.mark.parametrize(
    "path", [("b",), (0,), ("a", 0), ("it's", 5), ("it's", -1), ("it's", "0"), ("", "x"), ("a", "b$", "x")]
)
def test_what_is_not_there_is_none(path: tuple[str | int, ...]) -> None:
    assert find(SOURCE, path) is None
    assert find_key(SOURCE, path) is None


@pytest.mark.parametrize(
    ("text", "path", "span"),
    [
        ("", (), None),
        ("// nothing", (), None),
        ("/* open", (), None),
        ("}", (), None),
        ("\ufeff 1", (), (2, 3)),
        ("[1, [2", (1,), (4, 6)),
        ("[1 2, 3]", (1,), (6, 7)),
        ("[,, 1]", (2,), (4, 5)),
        ('{"a" 1, "a": }', ("a",), None),
        ('{: 1, "a" "b": 2}', ("a",), (15, 16)),
        ('{"a": 1 2}', ("a",), (6, 7)),
        ('{"a": "open', ("a",), (6, 11)),
        ('{"a": 1}]', ("a",), (6, 7)),
        ("{a: /}", ("a",), (4, 5)),
        ("[1}, 2]", (1,), None),
    ],
)
def test_find_in_broken_text(text: str, path: tuple[str | int, ...], span: tuple[int, int] | None) -> None:
    assert find(text, path) == span


@settings(deadline=None)
@given(st.text(alphabet="ab'\"\\/*,:]}[{\n0u "), st.lists(st.sampled_from(["a", "b", "", 0, 1]), max_size=3))
def test_finding_never_raises(text: str, path: list[str | int]) -> None:
    for found in (find(text, tuple(path)), find_key(text, tuple(path))):
        assert found is None or 0 <= found[0] < found[1] <= len(text)


# ---------------------------------------------------------------- string literals


@settings(deadline=None)
@given(st.text(), RANDOM, st.text(max_size=3))
def test_offsets_of_json_strings(value: str, random: Random, before: str) -> None:
    written, offsets = literal(value, random, lenient=False)
    assert json.loads(written) == value
    assert decode_string(before + written, len(before)) == value
    assert [begin for begin, _ in string_spans(before + written + "tail", len(before))] == [
        len(before) + at for at in offsets
    ]


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=8), RANDOM)
def test_offsets_of_json5_strings(value: str, random: Random) -> None:
    written, offsets = literal(value, random, lenient=True)
    assert json5.loads(written) == decode_string(written, 0) == value
    assert [begin for begin, _ in string_spans(written, 0)] == offsets


@pytest.mark.parametrize(
    ("text", "value", "offsets"),
    [
        ('""', "", [1]),
        (r'"a\n"', "a\n", [1, 2, 4]),
        (r'"\ud83d\ude00!"', "😀!", [1, 13, 14]),
        (r'"\ud83d\ud83d\ude00"', "\ud83d😀", [1, 7, 19]),
        (r'"\ude00\ud83d"', "\ude00\ud83d", [1, 7, 13]),
        (r"'\x41\v\0\'\"'", "A\v\0'\"", [1, 5, 7, 9, 11, 13]),
        ('"a\\\r\nb\\\u2029"', "ab", [1, 5, 8]),
        ('"open', "open", [1, 2, 3, 4, 5]),
        ('"open\\"', 'open"', [1, 2, 3, 4, 5, 7]),
        ('"open\\', "open", [1, 2, 3, 4, 5]),
        (r'"\u12\xg"', "u12xg", [1, 3, 4, 5, 7, 8]),
        ("key: 1", "key", [0, 1, 2, 3]),
        (r"k\u0065y: 1", "key", [0, 1, 7, 8]),
        ("k\\", "k", [0, 2]),
        ("{", "", [0]),
        ("", "", [0]),
    ],
)
def test_literals(text: str, value: str, offsets: list[int]) -> None:
    assert decode_string(text, 0) == value
    assert [begin for begin, _ in string_spans(text, 0)] == offsets


MEBI = 1 << 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "[" * MEBI,
        "[0," * (MEBI // 3),
        '{"a":' * (MEBI // 5),
        "/" * MEBI,
        "/*" * MEBI,
        "/ " * MEBI,
        '"' * MEBI,
        '["' + "\\" * MEBI,
        "'" + '"' * MEBI,
        "[" + "1," * (MEBI // 2) + "2]",
        "[" + '"a",' * (MEBI // 4),
    ],
    ids=lambda text: repr(text[:8]),
)
def test_time_is_linear(text: str) -> None:
    started = time.process_time()
    find(text, (MEBI,))
    find(text, ("a", "a"))
    string_spans(text, 1)
    line_column(text, MEBI)
    # Quadratic scanning takes minutes here.
    assert time.process_time() - started < 30


COMMENTS = [
    ("", []),
    ("// a\n1 // b", ["// a", "// b"]),
    ("/* a\n // b */ /**/", ["/* a\n // b */", "/**/"]),
    ('"// no" \'/* no */\' "\\"// no" // yes', ["// yes"]),
    ("/* unclosed", ["/* unclosed"]),
    ('a / b // c\r"', ["// c"]),
    ("// é🌑\r\n", ["// é🌑"]),
]


@pytest.mark.parametrize(("text", "expected"), COMMENTS)
def test_comments(text: str, expected: list[str]) -> None:
    assert [text[slice(*span)] for span in comments(text)] == expected


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"aé🌑"', ["a", "é", "🌑", ""]),
        (r'"\n\u00e9\ud83c\udf11x"', [r"\n", r"\u00e9", r"\ud83c\udf11", "x", ""]),
        ("'a\\\nb\\\n'", ["a", "b", ""]),
        ("bare: 1", ["b", "a", "r", "e", ""]),
    ],
)
def test_each_code_point_as_it_is_written(text: str, written: list[str]) -> None:
    assert [text[slice(*span)] for span in string_spans(text, 0)] == written
