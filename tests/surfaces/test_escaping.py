"""What values must not bring along to a terminal."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.escaping import MODES, escaped, is_seen, terminal

TEXTS = [
    ("", ""),
    ("Opus 4.5", "Opus 4.5"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b[38;2;1;2;3mred\x1b[m", "red"),
    ("\x1b[2J\x1b[Hx", "x"),
    ("\x9b31mred", "red"),
    ("\x1b[?25lx\x1b[ qx", "xx"),
    ("\x1b]0;title\x07x", "x"),
    ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x9d0;title\x9cx", "x"),
    ("\x1bPq#0\x1b\\x", "x"),
    ("\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\x", "x"),
    ("\x90q\x9cx\x9fa\x9cx", "xx"),
    ("\x1b(B\x1b7\x1bcx", "x"),
    ("\x1b]0;no end", "0;no end"),
    ("\x1b]0;a\x1b[31mb", "0;ab"),
    ("\x1b[31", ""),
    ("a\x1b", "a"),
    ("a\x1b\nb", "a b"),
    ("\x1b[\x1b[31mx", "x"),
    ("\x1b\x1b[31mx", "x"),
    ("a\x00\x07\x08\x1c\x7f\x84b", "ab"),
    ("a\nb\r\nc\rd\te\vf\fg\x85h\u2028i\u2029j", "a b c d e f g h i j"),
    ("a\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069b", "ab"),
    ("a\u200b\u2060\ufeff\u00ad\u2064\u206f\U000e0001\U000e0061\ufff9b", "ab"),
    ("\ud800\udfff", "\ufffd\ufffd"),
    ("👩\u200d💻", "👩\u200d💻"),
    ("☁\ufe0f", "☁\ufe0f"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("\u0600١", "\u0600١"),
    ("a\u00a0b\ue0b0", "a\u00a0b\ue0b0"),
    ("🏴\U000e0067\U000e0062\U000e007f!", "🏴\U000e0067\U000e0062\U000e007f!"),
    ("🏴\U000e0067\U000e0062!", "🏴!"),
    ("🏴\U000e007f🏴\U000e0067\U000e007f\U000e0067", "🏴🏴\U000e0067\U000e007f"),
    ("a🏴\n", "a🏴 "),
    ("\x1b[0m \n", ""),
    ("  ", ""),
    ("\u200d", ""),
    ("\ufe0f\ufe0e", ""),
    ("\u034f \u3164", ""),
    ("\u115f\u1160\uffa0", ""),
    ("\u2800\u2800", ""),
    ("\x1b[1m\u3164\x1b[0m", ""),
    ("\u2800⣿", "\u2800⣿"),
    ("a\u3164", "a\u3164"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_terminal(text: str, expected: str) -> None:
    assert terminal(text) == expected


BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

anything = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x1b[]m;0\x07\\\x9b🏴\U000e0067\U000e007f"))


@given(anything)
def test_nothing_is_left_to_obey(text: str) -> None:
    found = terminal(text)
    kept = "".join(char for char in found if not "\U000e0020" <= char <= "\U000e007f")
    assert not {unicodedata.category(char) for char in kept} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in kept} & BIDIRECTIONAL
    assert terminal(found) == found


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"])))
def test_what_is_seen_stays(text: str) -> None:
    assert terminal(text) == (text if is_seen(text) else "")


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_what_is_not_seen(text: str) -> None:
    assert is_seen(text) or not text.strip("\u115f\u1160\u3164\uffa0\u2800")
    assert not is_seen("\u200b\x07\u2060\ufeff\u00ad\t\u3000\U000e0100")


@pytest.mark.parametrize(
    "text", ["\x1b]" * 20_000, "\x1b]x" * 20_000 + "\x07", "\x1b[" + "0" * 50_000, "\x9f" * 50_000]
)
def test_long_texts_of_introducers(text: str) -> None:
    assert "\x1b" not in terminal(text)


def test_the_whole_contract() -> None:
    contract: dict[str, Any] = {"a\x07": {"b": ["\x1b[1mx", 5, None, {"c": "\n.", "d": True}]}, "e": ("\u202ef",)}
    expected = {"a": {"b": ["x", 5, None, {"c": " .", "d": True}]}, "e": ["f"]}
    assert escaped(contract, "terminal") == expected
    assert "terminal" in MODES
    assert "a\x07" in contract
