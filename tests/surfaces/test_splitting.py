"""Where a reply is cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from usagebar.surfaces import compose, length_of
from usagebar.surfaces.composing.rulers import JSON_BYTES, Ruler, grapheme_after, grapheme_before, well_formed
from usagebar.surfaces.composing.scan import Open, Scan
from usagebar.surfaces.composing.splitting import Room, split

UNITS = ("characters", "utf-16 units", "bytes", "cells", JSON_BYTES)

FRAGMENTS = [
    *("a", "bc", " ", "\n", "\n\n", "é", "🌑", "漢", "e\u0301", "👩‍👩‍👧", "🇩🇪", "\r\n", '"', "\\", "אב"),
    "x" * 30,
]
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)


def parts_of(text: str, limit: int, footer: int = 0, unit: str = "characters") -> list[str]:
    return split(text, Scan(text), Room(unit, limit, limit, footer))


@settings(max_examples=400)
@given(texts, st.integers(16, 60), st.integers(0, 20), st.sampled_from(UNITS))
def test_parts_fit_and_joined_are_the_reply(text: str, limit: int, footer: int, unit: str) -> None:
    parts = parts_of(text, limit, footer, unit)
    ruler = Ruler(unit)
    assert "".join(parts) == text
    assert all(ruler.length(part) <= limit for part in parts)
    if footer <= limit:
        assert ruler.length(parts[-1]) + footer <= limit or parts[-1] == ""
    assert all(parts[:-1]) or not text


@settings(max_examples=200)
@given(st.text(max_size=300), st.integers(16, 40))
def test_any_text_is_parted(text: str, limit: int) -> None:
    for unit in UNITS:
        parts = parts_of(text, limit, 3, unit)
        assert "".join(parts) == text


@settings(max_examples=300)
@given(texts, st.integers(20, 60))
def test_grapheme_clusters_stay_whole(text: str, limit: int) -> None:
    ends = set()
    at = 0
    for cluster in iter_graphemes(text):
        at += len(cluster)
        ends.add(at)
    at = 0
    for part in parts_of(text, limit)[:-1]:
        at += len(part)
        assert at in ends


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("a" * 20, ["a" * 20]),
        ("a" * 21, ["a" * 20, "a"]),
        ("aaaa bbbb cccc dddd eeee", ["aaaa bbbb cccc dddd ", "eeee"]),
        ("aaaa bbbb cccc\ndddd eeee", ["aaaa bbbb cccc\n", "dddd eeee"]),
        ("aaaa bbbb\n\ncccc\ndddd eeee", ["aaaa bbbb\n\n", "cccc\ndddd eeee"]),
        ("aa\n\nbbbb bbbb bbbb bbbb bbbb", ["aa\n\nbbbb bbbb bbbb ", "bbbb bbbb"]),
        ("aa\n\n" + "b" * 30, ["aa\n\n", "b" * 20, "b" * 10]),
        ("a" * 19 + "\r\n" + "b" * 5, ["a" * 19, "\r\nbbbbb"]),
        ("a" * 19 + "e\u0301" + "b" * 5, ["a" * 19, "e\u0301bbbbb"]),
        ("e" + "\u0301" * 45, ["e" + "\u0301" * 19, "\u0301" * 20, "\u0301" * 6]),
    ],
)
def test_cuts(text: str, parts: list[str]) -> None:
    assert parts_of(text, 20) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaaa bbbb", ["aaaa bbbb"]),
        ("aaaa bbbb cccc", ["aaaa ", "bbbb cccc"]),
        ("aaaa bbbb\n\ncccc", ["aaaa bbbb\n\n", "cccc"]),
        ("aaaa\nbbbb cccc", ["aaaa\n", "bbbb cccc"]),
        ("a" * 20, ["a" * 10, "a" * 10]),
        ("e\u0301" * 10, ["e\u0301" * 5, "e\u0301" * 5]),
        ("aaaa bbbb cccc      ", ["aaaa bbbb ", "cccc      "]),
        ("a" + " " * 15, ["a" + " " * 15, ""]),
    ],
)
def test_the_footers_room(text: str, parts: list[str]) -> None:
    assert parts_of(text, 20, footer=10) == parts


@pytest.mark.parametrize("footer", [19, 20, 25])
def test_a_footer_that_leaves_no_room(footer: int) -> None:
    assert parts_of("hello you", 20, footer) == (["hello yo", "u"] if footer == 19 else ["hello you", ""])
    assert parts_of("", 20, footer) == [""] if footer <= 20 else ["", ""]


class Marked(Scan):
    """A text in which `[` … `]` marks, and costs a character at each end of a part."""

    def opens(self, at: int) -> tuple[Open, ...]:
        depth = self.text[:at].count("[") - self.text[:at].count("]")
        return (Open("[", "]"),) * depth

    def outside(self, at: int) -> int:
        while self.opens(at):
            at -= 1
        return at


def marked(text: str, limit: int, **members: Any) -> list[str]:
    return split(text, Marked(text, **members), Room("characters", limit, limit))


def test_what_is_open_is_closed_and_opened_again() -> None:
    assert marked("aaaa [bbbb bbbb bbbb bbbb] cccc", 20) == ["aaaa [bbbb bbbb ]", "[bbbb bbbb] cccc"]
    assert marked("[" + "a" * 40 + "]", 20) == ["[" + "a" * 18 + "]", "[" + "a" * 18 + "]", "[aaaa]"]


def test_a_cut_is_rather_made_outside() -> None:
    assert marked("aaaaaaaaaa\n[bbb\nbbb\nbb]\nccc", 20) == ["aaaaaaaaaa\n", "[bbb\nbbb\nbb]\nccc"]


def test_what_would_take_most_of_a_part_is_not_opened_again() -> None:
    text = "[" * 6 + "a" * 40
    assert "".join(marked(text, 20)) == text


def test_what_stays_whole_is_not_cut() -> None:
    text = "aaaa bb bb bb bb bb cccc"
    assert marked(text, 20, whole=[(5, 19)]) == ["aaaa bb bb bb bb bb ", "cccc"]
    assert marked(text, 18, whole=[(5, 19)]) == ["aaaa ", "bb bb bb bb bb ", "cccc"]
    assert marked("a" * 30, 20, whole=[(4, 24)]) == ["aaaa", "a" * 20, "a" * 6]
    assert "".join(marked("a" * 60, 20, whole=[(4, 56)])) == "a" * 60


class Shown(Scan):
    """A text of which only every third character counts, every fourth of these with an entity of its own."""

    def source(self, at: int) -> int:
        return 3 * at

    def begun(self, start: int, end: int) -> int:
        return (end + 3) // 4 - (start + 3) // 4


def test_a_limit_may_count_less_than_there_is() -> None:
    reply = "<a>" * 50
    assert split(reply, Shown("a" * 50), Room("characters", 20, 30)) == ["<a>" * 20, "<a>" * 30]


def test_entities_are_limited() -> None:
    reply = "<a>" * 250
    room = Room("characters", 400, 400, 5, entities=25, footer_entities=2)
    assert [len(part) // 3 for part in split(reply, Shown("a" * 250), room)] == [100, 100, 50]
    assert [len(part) // 3 for part in split(reply[:300], Shown("a" * 100), room)] == [5, 95]


def test_what_is_marked_too_densely_is_not_cut_to_pieces() -> None:
    class Dense(Shown):
        def begun(self, start: int, end: int) -> int:
            return 5 * (end - start)

    room = Room("characters", 400, 400, 5, entities=25)
    parts = split("<a>" * 200, Dense("a" * 200), room)
    assert [len(part) // 3 for part in parts] == [64, 64, 64, 8]


# ---------------------------------------------------------------- rulers


@given(texts, st.integers(0, 80), st.sampled_from(UNITS))
def test_a_ruler_reaches_as_far_as_there_is_room(text: str, room: int, unit: str) -> None:
    ruler = Ruler(unit)
    end = ruler.reach(text, 0, room)
    assert ruler.length(text[:end]) <= room or end <= 1
    start = ruler.tail(text, room)
    assert ruler.length(text[start:]) <= room
    if unit in ("characters", "utf-16 units", "bytes") and end < len(text):
        assert ruler.length(text[: end + 1]) > room
    assert ruler.fits(text, 0, room) == (ruler.length(text) <= room)


@given(texts, st.integers(0, 80))
def test_boundaries_are_those_of_the_clusters(text: str, place: int) -> None:
    place = min(place, len(text))
    ends, at = [0], 0
    for cluster in iter_graphemes(text):
        at += len(cluster)
        ends.append(at)
    before = max(end for end in ends if end <= place)
    assert grapheme_before(text, 0, place) == (before or place)
    assert grapheme_after(text, 0, place) == min(end for end in ends if end >= place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abc", "abc"), ("é🌑", "é🌑"), ("\ud83c\udf11", "🌑"), ("a\ud800", "a\ufffd"), ("\udf11\ud83c", "\ufffd\ufffd")],
)
def test_texts_that_can_be_sent(text: str, expected: str) -> None:
    assert well_formed(text) == expected


# ---------------------------------------------------------------- at length


@pytest.mark.parametrize("surface", ["discord", "telegram", "slack", "whatsapp", "matrix", "irc", "webchat", "nosuch"])
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a ",
        "\n",
        "a\n",
        "🌑",
        "👩‍👩‍👧",
        "e\u0301",
        "```",
        "`",
        "*",
        "<",
        "<b>",
        "</b>",
        "&",
        "[",
        "](",
        "\\",
        "_",
        "> ",
        "||",
        "<@1>",
        "אב ",
    ],
)
def test_a_long_repetition(surface: str, unit: str) -> None:
    reply = unit * (30_000 // len(unit))
    messages = compose(reply, _NoBar(), {}, surface)
    assert messages[-1].footer
    assert all(length_of(message.text, "characters") for message in messages)


class _NoBar:
    def render(self, *_: object, **__: object) -> str:
        return "footer"

    def pieces(self, *_: object, **__: object) -> list[str]:
        return ["footer"]
