"""Footers in so many columns: which pieces go, where they are cut, and how wide things are without wcwidth."""

from __future__ import annotations

import re
from itertools import chain, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from wcwidth import wcswidth

from usagebar.surfaces import cells, common_cells
from usagebar.surfaces.escaping import is_seen
from usagebar.surfaces.fitting import fitted
from usagebar.surfaces.sequences import LINK_END, RESET, parts, shown

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)")
DIM, RED = "\x1b[2m", "\x1b[31m"
LINK = "\x1b]8;;https://example.org/a\x1b\\"


def measured(line: str) -> int:
    """Return the cells of a line by wcwidth, tabs up to the next multiple of eight."""
    first, *others = SEQUENCE.sub("", line).split("\t")
    taken = cells.width(first)
    for other in others:
        taken += 8 - taken % 8 + cells.width(other)
    return taken


CASES = [
    # pieces, separator, columns, expected
    (["abc", "def"], " ", 7, "abc def"),
    (["abc", "def"], " ", 6, "abc"),
    (["abc", "def", "g"], " ", 7, "abc def"),
    (["abc", "def", "g"], "", 6, "abcdef"),
    (["abcdef", "g"], " ", 5, "abcd…"),
    (["abcdef"], " ", 1, "…"),
    (["abcdef"], " ", 6, "abcdef"),
    (["🌑🌕🌑"], "", 5, "🌑🌕…"),
    (["🌑🌕🌑"], "", 4, "🌑…"),
    (["🌑"], "", 1, "…"),
    (["↕️↕️x"], "", 4, "↕️…"),
    (["🗄🗄🗄"], "", 3, "🗄🗄🗄"),
    (["🗄️x"], "", 2, "…"),
    (["👩‍💻👩‍💻"], "", 3, "👩‍💻…"),
    (["e\u0301e\u0301e\u0301"], "", 2, "e\u0301…"),
    (["a", "漢字"], " ", 5, "a"),
    # lines: each fits, and none loses what stands in another
    (["ab\ncdefgh"], "", 4, "ab\ncde…"),
    (["-# -\n", "ab", " cd", " ef"], "", 6, "-# -\nab cd"),
    (["ab", "cd\n", "ef", "gh"], " ", 4, "ab\n ef"),
    (["ab", "cd\nef", "gh"], " ", 5, "ab cd\nef gh"),
    (["ab", "cd\nef", "gh"], " ", 4, "ab\nef"),
    (["abcd", "efgh"], "\n", 3, "ab…\nef…"),
    (["ab", "cd"], " |\n", 4, "ab |\ncd"),
    (["ab", "cd"], " |\n", 3, "ab\ncd"),
    (["a", "bc\n", "\n", "d"], "-", 2, "a\n-\n-d"),
    # colours and links: no cells, never cut, ended where what would have ended them is lost
    ([f"{RED}abc{RESET}"], "", 3, f"{RED}abc{RESET}"),
    ([f"{RED}abc{RESET}"], "", 2, f"{RED}a…{RESET}"),
    ([f"{RED}abc", f"d{RESET}"], "", 3, f"{RED}abc{RESET}"),
    (["abc", f"{RED}d{RESET}"], "", 3, "abc"),
    ([RED, "abc", "de", RESET], "", 4, f"{RED}abc{RESET}"),
    ([f"{RED}abc\x1b[39m"], "", 2, f"{RED}a…\x1b[39m"),
    ([f"a{RED}bc"], "", 2, f"a…{RED}"),
    ([f"{LINK}abc{LINK_END}"], "", 2, f"{LINK}a…{LINK_END}"),
    ([f"{DIM}{LINK}a", f"b{LINK_END}{RESET}"], "", 1, f"{DIM}{LINK}a{RESET}{LINK_END}"),
    (["abc", f" {LINK}d{LINK_END}"], "", 3, "abc"),
    ([f"{RED}a\nbcd{RESET}"], "", 2, f"{RED}a\nb…{RESET}"),
    ([f"{RED}abc\nd{RESET}"], "", 2, f"{RED}a…\nd{RESET}"),
    ([f"{RED}abc{RESET}\nabc{RESET}"], "", 2, f"{RED}a…{RESET}\na…"),
    (["ab", f"\nwxyz{RESET}"], f"{RED}-", 3, f"ab{RED}-\nwx…{RESET}"),
    ([f"{RED}abc\x1b[0;0m"], "", 2, f"{RED}a…{RESET}"),
    # what shows nothing is no piece that a line could keep
    (["\x1b[2m", "abcd"], "", 3, "\x1b[2mab…"),
    ([" ", "abcd"], "", 3, " a…"),
    (["a\tb"], "", 9, "a\tb"),
    (["a\tb"], "", 8, "a…"),
]


@pytest.mark.parametrize(("pieces", "sep", "columns", "expected"), CASES)
def test_cases(pieces: list[str], sep: str, columns: int, expected: str) -> None:
    assert fitted(sep.join(pieces), pieces, columns) == expected
    assert all(measured(line) <= columns for line in expected.split("\n"))


columns = st.integers(1, 40)
# By themselves they take less than side by side.
SIGNS = ["\u17d2", "\u17d2\u1780", "\u0d4d", "\u0d4d\u0d15", "\u1039", "\u094d", "\u0e33", "\U0001f1e9", "\u1160"]


@given(st.lists(st.lists(st.sampled_from([*SIGNS, *"ab漢"]), min_size=1).map("".join), min_size=1), columns)
def test_the_whole_line_fits_by_wcwidth(pieces: list[str], columns: int) -> None:
    for sep in ("", " "):
        found = fitted(sep.join(pieces), pieces, columns)
        assert wcswidth(found) <= columns
        assert found


@pytest.mark.no_cover
@pytest.mark.parametrize("piece", ["a", "漢", "", RED, "\u0301", "👩\u200d", "🇩"], ids=ascii)
@pytest.mark.parametrize("columns", [1, 80, 2_000])
def test_many_pieces(piece: str, columns: int) -> None:
    """What takes the square of them takes longer than a test may."""
    pieces = ["first", *[piece] * 20_000]
    found = fitted(" ".join(filter(None, pieces)), list(filter(None, pieces)), columns)
    assert measured(found) <= columns


@given(st.lists(st.text("ab", max_size=9), min_size=1), columns)
def test_no_more_goes_than_has_to(pieces: list[str], columns: int) -> None:
    left = list(filter(None, pieces)) or ["a"]
    found = fitted(" ".join(left), left, columns)
    while len(left) > 1 and len(" ".join(left)) > columns:
        left.pop()
    line = " ".join(left)
    assert found == (line if len(line) <= columns else line[: columns - 1] + "…")


visible = st.sampled_from(
    [*"ab 1│⏱⚡⣿é漢", "\U0001f311", "🗄", "↕️", "👩‍💻", "🇩🇪", "e\u0301", "👍🏽", "\u0600", "\U0001fabe", "\t", "각"]
)
sequences = st.sampled_from([DIM, RED, RESET, "\x1b[m", "\x1b[1;32m", "\x1b[39m", LINK, LINK_END, "\x1b]8;;x\x07"])
piece = st.lists(visible | visible | visible | sequences | st.just("\n"), min_size=1, max_size=8).map("".join)
separators = st.sampled_from(["", " ", " · ", f" {DIM}│{RESET} ", "\n", " |\n", "\t"])


@given(st.lists(piece, min_size=1, max_size=6), separators, columns)
def test_every_line_fits(pieces: list[str], sep: str, columns: int) -> None:
    text = sep.join(pieces)
    found = fitted(text, pieces, columns)
    assert [line for line in found.split("\n") if measured(line) > columns] == []
    assert found.count("\n") == text.count("\n")
    if all(measured(line) <= columns for line in text.split("\n")):
        assert found == text
    assert shown(found) == SEQUENCE.sub("", found)  # none was cut


@given(st.lists(piece, min_size=1, max_size=6), st.sampled_from(["", " ", "\n", f"{DIM} {RESET}"]), columns)
def test_a_line_that_showed_something_does(pieces: list[str], sep: str, columns: int) -> None:
    text = sep.join(pieces)
    lines = zip(text.split("\n"), fitted(text, pieces, columns).split("\n"), strict=True)
    for before, after in lines:
        assert is_seen(shown(before)) <= is_seen(shown(after))


def state(text: str) -> tuple[str, str]:
    """Return the colours that hold at the end, as the codes since the last reset, and the link."""
    colours, link = "", ""
    for sequence in SEQUENCE.findall(text):
        if sequence in (RESET, "\x1b[m"):
            colours = ""
        elif sequence.endswith("m") and sequence.startswith("\x1b["):
            colours += sequence
        else:
            link = sequence.removeprefix("\x1b]8;;").rstrip("\x07\x1b\\")
    return colours, link


@given(st.lists(piece, min_size=1, max_size=6), separators, columns)
def test_colours_and_links_end_as_they_would_have(pieces: list[str], sep: str, columns: int) -> None:
    text = sep.join(pieces)
    found = fitted(text, pieces, columns)
    (colours, link), (expected_colours, expected_link) = state(found), state(text)
    assert bool(colours) == bool(expected_colours)
    assert link == expected_link


@given(st.text(st.sampled_from("ab漢\x1b[]m;08\x07\\\n\x9b31 "), max_size=30), columns)
def test_broken_sequences(text: str, columns: int) -> None:
    found = fitted(text, [text], columns) if text else ""
    assert "".join(part for part, _ in parts(text)) == text
    assert [line for line in found.split("\n") if cells.width(shown(line)) > columns] == []


# ---------------------------------------------------------------- cells

CLAIMED = [chr(code) for first, last in (*common_cells.NARROW, *common_cells.WIDE) for code in range(first, last + 1)]
CLAIMED += [char for char in common_cells.WIDENED if char not in CLAIMED]


def test_every_claim_is_wcwidths() -> None:
    assert len(CLAIMED) > 30_000
    for char in CLAIMED:
        for text in (char, char + common_cells.SELECTOR):
            assert common_cells.clusters(text) == list(cells.clusters(text)), ascii(text)


def test_the_symbols_are_claimed_once() -> None:
    for symbols in (common_cells.WIDE_SYMBOLS, common_cells.WIDENED):
        assert len(set(symbols)) == len(symbols)
    ranges = sorted((*common_cells.NARROW, *common_cells.WIDE))
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))


NOT_CLAIMED = [
    "\u200d",
    "\U0001f3fb",
    "\U0001f1e6",
    "\u0301",
    "\u0600",
    "각",
    "\n",
    "\x1b",
    "\t",
    "\ud800",
    "\xad",
    "\ufe0f",
    "\U0001fabe",
    "☁\ufe0f\ufe0f",
]


@pytest.mark.parametrize("text", NOT_CLAIMED, ids=ascii)
def test_what_joins_with_its_neighbours_or_is_too_new_is_not_claimed(text: str) -> None:
    assert common_cells.clusters(text) is None
    assert common_cells.clusters("a" + text) is None or text == "\ufe0f"


@given(st.text(st.sampled_from(CLAIMED) | st.sampled_from(common_cells.WIDENED) | st.just("\ufe0f"), max_size=12))
def test_claims_hold_side_by_side(text: str) -> None:
    found = common_cells.clusters(text)
    assume(found is not None)
    assert found == list(cells.clusters(text))


def test_what_footers_hold_is_claimed() -> None:
    built_in = chain(
        "🤖🔄📌⚡🐌📚🗄💰⠐⡀⡄⡆⡇⣇⣧⣷⣿░▏▎▍▌▋▊▉█▒▓▁▂▃▄▅▆▇🌑🌘🌗🌖🌕🌚🌝🥶🌥🌤🍂🌱🍀🌿│↑↓⏱…·", ["↕️", "☁️", "⛅️", "☀️", "☘️"]
    )
    assert [text for text in built_in if common_cells.clusters(text) is None] == []
