"""Lines of a window's width: they fit, and no grapheme cluster is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from usagebar.cli.wrapping import runs_width, styled_clusters, wrap
from usagebar.diagnostics import visible
from usagebar.surfaces.cells import clusters, width
from usagebar.surfaces.reading.appearance import Run

# Letters, wide ones, emoji of several code points, marks, joiners, flags, controls.
PARTS = [
    "a",
    " ",
    "模",
    "🦞",
    "☁️",
    "👩🏽‍💻",
    "e\u0301",
    "🇩🇪",
    "\u0301",
    "\u200d",
    "\ufe0f",
    "🇫",
    "ש",
    "नी",
    "각",
    "\x1b",
    "\ud800",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=3)), max_size=20).map("".join)
RUNS = st.lists(st.builds(Run, TEXTS, st.sampled_from([(), ("bold",), ("dim", "red")])), max_size=5).map(tuple)


def texts(lines: list[tuple[Run, ...]]) -> list[str]:
    return ["".join([run.text for run in line]) for line in lines]


@settings(deadline=None)
@given(RUNS, st.integers(1, 30))
@example((Run("👩", ()), Run("\u200d💻", ("bold",))), 1)
def test_lines_fit_and_clusters_are_whole(runs: tuple[Run, ...], room: int) -> None:
    whole = "".join([visible(run.text) for run in runs])
    lines = texts(wrap(runs, room))
    assert "".join(lines) == whole
    assert [each for line in lines for each in clusters(line)] == list(clusters(whole))
    for line in lines:
        assert width(line) <= room or len(list(clusters(line))) == 1
    for one, next_one in pairwise(lines):
        assert width(one) + next(clusters(next_one))[1] > room


@settings(deadline=None)
@example((Run("  a", ()),), 1)
@example((Run("\u0301 模00⺀a模", ()),), 8)
@given(RUNS, st.integers(1, 30))
def test_words_lose_blanks_alone(runs: tuple[Run, ...], room: int) -> None:
    whole = "".join([visible(run.text) for run in runs])
    lines = texts(wrap(runs, room, words=True))
    kept = [each for each in clusters(whole) if each[0] != " "]
    assert [each for line in lines for each in clusters(line) if each[0] != " "] == kept
    for line in lines:
        assert width(line) <= room or len(list(clusters(line))) == 1


@settings(deadline=None)
@given(RUNS)
@example((Run("\x80\x80\x80", ()),))
@example((Run("a\x1f\x1f\x80\x1f\x1f\x80", ()),))
def test_styles_stay_with_their_characters(runs: tuple[Run, ...]) -> None:
    whole = "".join([visible(run.text) for run in runs])
    assert wrap(runs, None) == wrap(runs, max(1, width(whole)))
    assert runs_width(wrap(runs, None)[0]) == width(whole)
    at = 0
    styles = [run.styles for run in runs for _ in visible(run.text)]
    for cluster, _, style in styled_clusters(runs):
        assert style == styles[at]
        at += len(cluster)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 5, [""]),
        ("ab cd ef", 5, ["ab cd", "ef"]),
        ("ab cd ef", 6, ["ab cd", "ef"]),
        ("ab cd ef", 4, ["ab", "cd", "ef"]),
        ("ab  cd", 3, ["ab", "cd"]),
        ("abcdef gh", 4, ["abcd", "ef", "gh"]),
        ("a abcdef", 4, ["a", "abcd", "ef"]),
        ("  ab cd", 4, ["  ab", "cd"]),
        ("模 型", 2, ["模", "型"]),
        ("模型", 1, ["模", "型"]),
        ("ab   ", 2, ["ab"]),
        ("  a", 1, ["a"]),
        ("  abc d", 2, ["ab", "c", "d"]),
        ("ab cd", None, ["ab cd"]),
    ],
)
def test_words(text: str, room: int | None, lines: list[str]) -> None:
    assert texts(wrap([Run(text)], room, words=True)) == lines


def test_a_long_line_takes_linear_time() -> None:
    lines = wrap([Run("🦞x " * 20_000)], 40)
    assert sum(map(len, texts(lines))) == 60_000
