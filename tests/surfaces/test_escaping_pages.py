"""HTML's modes, against html5lib."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest
from hostile import LONG, VALUES, in_a_line, values
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.escaping import escaper

MODES = ["html", "matrix-html"]
WORD_JOINER = "\u2060"
NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
# A client's push rule: `@room` with no letter or digit before or behind.
PING = re.compile(r"@room\b", re.IGNORECASE)


def parsed(text: str) -> Any:
    """Return the elements of a fragment, which has no error."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    fragment = parser.parseFragment(text)
    assert parser.errors == []
    return fragment


def seen(value: str) -> str:
    return NONCHARACTER.sub("\ufffd", in_a_line(value)).replace(WORD_JOINER, "")


def text_of(element: Any) -> str:
    return "".join(element.itertext()).replace(WORD_JOINER, "")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", [*VALUES, *LONG], ids=ascii)
def test_hostile_values(mode: str, value: str) -> None:
    fragment = parsed(escaper(mode)(value))
    assert (list(fragment), text_of(fragment)) == ([], seen(value))


@pytest.mark.parametrize("mode", MODES)
@given(each=st.lists(values, min_size=3, max_size=3))
def test_in_elements_and_attributes(mode: str, each: list[str]) -> None:
    first, second, third = map(escaper(mode), each)
    fragment = parsed(f"<p title=\"{first}\" lang='{second}'>{third}<b>{first}{second}</b></p>")
    (paragraph,) = fragment
    (bold,) = paragraph
    assert (paragraph.tag, bold.tag, bold.attrib, list(bold)) == ("p", "b", {}, [])
    assert {name: value.replace(WORD_JOINER, "") for name, value in paragraph.attrib.items()} == {
        "title": seen(each[0]),
        "lang": seen(each[1]),
    }
    assert (paragraph.text or "").replace(WORD_JOINER, "") == seen(each[2])
    assert text_of(bold) == seen(each[0]) + seen(each[1])


@given(each=st.lists(values | st.sampled_from(["@", "@r", "oom", "ROOM", "@room!", "o"]), max_size=4))
@pytest.mark.parametrize("literal", ["", "@", " @"])
def test_no_ping_in_matrix(literal: str, each: list[str]) -> None:
    text = literal + "".join(map(escaper("matrix-html"), each))
    assert not PING.search("".join(parsed(text).itertext()))
