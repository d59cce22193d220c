"""Slack's and WhatsApp's modes, against the preview's readers and the documented syntax."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hostile import LONG, VALUES, in_a_line, lines, values
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.escaping import escaper
from usagebar.surfaces.reading import marks

MODES = ["slack", "whatsapp"]
WORD_JOINER = "\u2060"
LOOK_ALIKES = str.maketrans("∗ˍ∼ˋ", "*_~`")
READERS = {"slack": marks.slack, "whatsapp": marks.whatsapp}

BLANK = r"[\s\ufeff]"
# A style begins behind no letter or digit and ends before none; what is not seen is neither, nor a blank.
STYLES = {
    "style": re.compile(rf"(?<![0-9A-Za-z])([*_~])(?!{BLANK})[^\n]*?(?<!{BLANK})\1(?![0-9A-Za-z])"),
    "code": re.compile("`[^`]+`"),
}
LINE_MARKS = {
    "list": re.compile(rf"^{BLANK}*(?:[-*+•◦▪‣]|[0-9]+[.)])(?={BLANK})", re.MULTILINE),
    "quote": re.compile(rf"^{BLANK}*(?:>|&gt;)", re.MULTILINE),
}
SLACK = {
    "control": re.compile("[<>]"),
    "entity": re.compile("&(?!(?:amp|lt|gt);)"),
    "ping": re.compile("@(?:here|channel|everyone|[a-z0-9])"),
    "channel": re.compile("#[a-z0-9]"),
    "emoji": re.compile(r":[\w+'-]+:"),
    "address": re.compile("[a-z]+://|mailto:", re.IGNORECASE),
    "host": re.compile(r"[^\W_]\.[^\W0-9_]"),
    "mail": re.compile(r"[^\W_]@[^\W_]"),
}
SYNTAX = {"slack": STYLES | LINE_MARKS | SLACK, "whatsapp": STYLES | LINE_MARKS}
LITERALS = [
    "",
    " ",
    "-",
    "- ",
    "1",
    "1.",
    "1. ",
    "•",
    "• ",
    "@",
    ":",
    " *a* ",
    " _a_ ",
    " ~a~ ",
    "`a` ",
    "\n",
    "\n- ",
    "a",
    "a ",
    "·",
    "#",
]


def marked(text: str, mode: str) -> list[str]:
    """Return the names of what the surface would find in a text, styles of its reader among them."""
    found = [name for name, pattern in SYNTAX[mode].items() for _ in pattern.finditer(text)]
    return found + [style for style, change in READERS[mode](text) if change > 0]


def seen(text: str, mode: str) -> str:
    shown = "".join(text for text, change in READERS[mode](text) if not change)
    return alike(shown)


def alike(text: str) -> str:
    return text.replace(WORD_JOINER, "").translate(LOOK_ALIKES)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", [*VALUES, *LONG], ids=ascii)
def test_hostile_values(mode: str, value: str) -> None:
    text = escaper(mode)(value)
    assert marked(text, mode) == []
    assert seen(text, mode) == alike(in_a_line(value))


@pytest.mark.parametrize("mode", MODES)
@given(each=st.lists(values, max_size=4))
def test_values_side_by_side(mode: str, each: list[str]) -> None:
    text = "".join(map(escaper(mode), each))
    assert marked(text, mode) == []
    assert seen(text, mode) == alike("".join(map(in_a_line, each)))


@pytest.mark.parametrize("mode", MODES)
@given(line=lines(LITERALS))
def test_between_a_template_s_texts(mode: str, line: list[tuple[str, str]]) -> None:
    """What is marked is what the template marks around values that are words."""
    text = "".join(literal + escaper(mode)(value) for literal, value in line)
    template = "".join(literal + ("v" if escaper(mode)(value) else "") for literal, value in line)
    found, own = Counter(marked(text, mode)), Counter(marked(template, mode))
    if "mail" in own:  # of the template's `@`; two that share a word are found as one
        own["mail"] = found["mail"]
    assert found <= own


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["claude_3_5_sonnet", "a_b", "4.5", "x_1 y_2"])
def test_names_stay_as_they_are(mode: str, name: str) -> None:
    assert escaper(mode)(name) == name


@pytest.mark.parametrize("mark", "*_~`")
@pytest.mark.parametrize("mode", MODES)
def test_a_word_joiner_would_break_no_mark(mode: str, mark: str) -> None:
    text = f"{mark}a{mark}".replace(mark, WORD_JOINER + mark + WORD_JOINER)
    assert marked(text, mode)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U1>", {"control", "link"}),
        ("<https://a|b>", {"control", "link", "address"}),
        ("a & b", {"entity"}),
        ("@here", {"ping"}),
        ("#general", {"channel"}),
        (":smile:", {"emoji"}),
        ("http://a", {"address"}),
        ("a.org", {"host"}),
        ("1@a", {"ping", "mail"}),
        ("&gt; a", {"quote"}),
        ("1. a", {"list"}),
        ("- a", {"list"}),
        ("*a*", {"style", "bold"}),
        ("_a_", {"style", "italic"}),
        ("~a~", {"style", "strike"}),
        ("`a`", {"code"}),
        ("5 * 3 * 2", set()),
        ("a_b_c", set()),
    ],
)
def test_the_judge(text: str, expected: set[str]) -> None:
    assert set(marked(text, "slack")) == expected
