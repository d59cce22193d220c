"""What each surface takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.profiles import PROFILES, Profile, length_of, profile_of

UNITS = ("characters", "utf-16 units", "bytes", "cells")

LENGTHS = [
    ("", (0, 0, 0, 0)),
    ("abc", (3, 3, 3, 3)),
    ("🌑", (1, 2, 4, 2)),
    ("☁️", (2, 2, 6, 2)),
    ("🗄", (1, 2, 4, 1)),
    ("⣿▓", (2, 2, 6, 2)),
    ("é", (1, 1, 2, 1)),
    ("e\u0301", (2, 2, 3, 1)),
    ("漢字", (2, 2, 6, 4)),
    ("👩‍👩‍👧", (5, 8, 18, 2)),
    ("a\0\x1b", (3, 3, 3, 1)),
    ("\ud800", (1, 1, 3, 1)),
]


@pytest.mark.parametrize(("text", "lengths"), LENGTHS)
def test_a_length_counts_in_its_unit(text: str, lengths: tuple[int, ...]) -> None:
    assert tuple(length_of(text, unit) for unit in UNITS) == lengths


@given(st.text())
def test_lengths_are_those_of_the_encodings(text: str) -> None:
    assert length_of(text, "characters") == len(text)
    assert length_of(text, "utf-16 units") == len(text.encode("utf-16-le")) // 2
    assert length_of(text, "bytes") == len(text.encode())


LIMITS = {
    "discord": (2000, "characters", False, "discord"),
    "telegram": (4096, "utf-16 units", False, "telegram-html"),
    "slack": (40_000, "characters", False, "slack"),
    "whatsapp": (4096, "characters", False, "whatsapp"),
    "matrix": (65_536, "bytes", False, "html"),
    "irc": (400, "bytes", True, "irc"),
    "terminal": (None, "cells", True, "terminal"),
    "webchat": (None, "characters", False, "html"),
}


def test_the_limits() -> None:
    assert {p.name: (p.limit, p.unit, p.each_line, p.markup) for p in PROFILES.values()} == LIMITS
    assert all(name == profile.name for name, profile in PROFILES.items())
    assert all(profile.small_print for profile in PROFILES.values())


def test_a_surface_that_is_not_in_the_table() -> None:
    assert profile_of("discord") is PROFILES["discord"]
    assert profile_of("nosuch") == Profile("nosuch", None, "characters", markup="plain")
    assert profile_of(None) == profile_of("") == Profile("default")
