"""The modes without markup: IRC and any other, and the terminal against pyte."""

from __future__ import annotations

import unicodedata

import pyte
import pytest
from hostile import LONG, VALUES, in_a_line, values
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.escaping import escaper

BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def assert_bare(text: str) -> None:
    assert not {unicodedata.category(char) for char in text} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in text} & BIDIRECTIONAL


@pytest.mark.parametrize("mode", ["irc", "plain"])
@given(each=st.lists(values, max_size=3))
def test_of_one_line_and_bare(mode: str, each: list[str]) -> None:
    text = "".join(map(escaper(mode), each))
    assert_bare(text)
    assert text == "".join(map(in_a_line, each))


@pytest.mark.parametrize("mode", ["irc", "plain"])
@pytest.mark.parametrize("value", [*VALUES, *LONG], ids=ascii)
def test_hostile_values(mode: str, value: str) -> None:
    assert_bare(escaper(mode)(value))


class Watched(pyte.Screen):
    """A screen that counts what is more than text."""

    def __init__(self, columns: int) -> None:
        super().__init__(columns, 2)
        self.answers: list[str] = []

    def write_process_input(self, data: str) -> None:
        self.answers.append(data)


@given(each=st.lists(values, min_size=1, max_size=3))
def test_a_terminal_shows_text_alone(each: list[str]) -> None:
    text = "".join(map(escaper("terminal"), each))
    assert_bare("".join(char for char in text if not "\U000e0020" <= char <= "\U000e007f"))
    screen = Watched(2 * len(text) + 10)
    fresh = Watched(screen.columns)
    pyte.Stream(screen).feed(text)
    assert (screen.mode, screen.title, screen.icon_name) == (fresh.mode, "", "")
    assert (screen.charset, screen.g0_charset, screen.g1_charset) == (fresh.charset, fresh.g0_charset, fresh.g1_charset)
    assert (screen.cursor.y, screen.cursor.attrs, screen.cursor.hidden) == (0, fresh.cursor.attrs, False)
    assert (screen.savepoints, screen.margins, screen.tabstops, screen.answers) == ([], None, fresh.tabstops, [])
    assert {cell._replace(data=" ") for cell in screen.buffer[0].values()} <= {fresh.default_char}
    if text.isascii():  # pyte stops at what has no width
        assert screen.display[0].rstrip() == text.rstrip()


def test_the_judge_sees_what_a_terminal_obeys() -> None:
    screen = Watched(80)
    pyte.Stream(screen).feed("\x1b[31mx\x1b]0;title\x07\n\x1b[6n\x1b[?25l")
    assert (screen.title, screen.cursor.y, screen.cursor.hidden) == ("title", 1, True)
    assert screen.cursor.attrs.fg == "red"
    assert screen.answers
