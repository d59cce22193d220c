"""One walk finds many values; `test_position` asks it for one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spans import find_all

from usagebar.template import places
from usagebar.template.jsonc import decode
from usagebar.template.places import Lines
from usagebar.template.position import line_column

Path = tuple[str | int, ...]

KEYS = st.sampled_from(["a", "b", 'q"\\', "😀"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["a\n{", "//", "]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
BETWEEN = st.sampled_from(["", " ", "\r\n", "\t", "/* , ] */", "// : {\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw JSONC text; members of one object may share a key."""
    return written(draw, draw(VALUES))


def written(draw: st.DrawFn, value: Any) -> str:
    between = draw(BETWEEN)
    if isinstance(value, list):
        return f"{between}[{','.join(written(draw, each) for each in value)}{between}]"
    if isinstance(value, dict):
        members = [(key, each) for key, each in value.items() for _ in range(draw(st.integers(1, 2)))]
        return (
            between + "{" + ",".join(f"{json.dumps(key)}{between}:{written(draw, each)}" for key, each in members) + "}"
        )
    return between + json.dumps(value) + between


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for step, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths_of(each, (*path, step))


MISSING = object()


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        inner = value if isinstance(value, dict if isinstance(step, str) else list) else {}
        if isinstance(inner, list):
            inner = dict(enumerate(inner))
        value = inner.get(step, MISSING)
    return value


@given(texts(), st.data())
def test_all_are_found_where_each_is(text: str, data: st.DataObject) -> None:
    known = list(paths_of(decode(text)))
    paths = [*data.draw(st.lists(st.sampled_from(known), unique=True)), ("a", "zz"), (9,), ("a", 0, "b")]
    found = find_all(text, paths)
    assert found == {path: span for path in paths for span in find_all(text, [path]).values()}
    assert {path: decode(text[slice(*span)]) for path, span in found.items()} == {
        path: value for path in paths if (value := value_at(decode(text), path)) is not MISSING
    }


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a": {"b": 1}, "a": {"c": 2}}', ("a", "b")),
        ('{"a": [5], "a": []}', ("a", 0)),
        ('{"a": {"b": {"x": 1}}, "a": {"b": 2}}', ("a", "b", "x")),
        ('{"a": 1}', ("a", "b")),
        ("", ()),
        ("]", ("a",)),
    ],
)
def test_what_a_later_member_replaced_is_not_there(text: str, path: Path) -> None:
    assert find_all(text, [path]) == {}


def test_an_unclosed_container_goes_on_to_the_end() -> None:
    assert find_all('{"a": [1, {"b": 2', [("a", 1), ("a",), ()]) == {("a", 1): (10, 17), ("a",): (6, 17), (): (0, 17)}


@given(st.text(alphabet="a😀\r\n\u2028", max_size=12), st.integers(0, 14))
def test_lines(text: str, offset: int) -> None:
    assert Lines(text).position(offset) == line_column(text, offset)


REPEATS = [
    ("{}", []),
    ('{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]}', []),
    ('{"a": 1, "a": 2, "a": 3}', [(("a",), 9, 1), (("a",), 17, 9)]),
    ('{"x": [0, {"q": 1, "\\u0071": 2}]}', [(("x", 1, "q"), 19, 11)]),
    ("{a: 1, 'a': 2, /* \"a\" */ b: 3}", [(("a",), 7, 1)]),
    ('{"a": "a", "b": "a"}', []),
    ('{"a" "a": 1}', []),  # no JSON: what stands there is no key
    ('{"a": {"b": 1', []),
]


@pytest.mark.parametrize(("text", "expected"), REPEATS)
def test_repeats(text: str, expected: list[tuple[tuple[str | int, ...], int, int]]) -> None:
    found = places.find_repeats(text)
    assert [(each.place, each.span[0], each.before[0]) for each in found] == expected
