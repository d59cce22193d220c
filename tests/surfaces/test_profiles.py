"""What each surface takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces import MODES
from usagebar.surfaces.profiles import PROFILES, Profile, length_of, profile_of, register, unregister

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
    assert profile_of("nosuch") == Profile("nosuch", None, "characters", modes=("plain",))
    assert profile_of(None) == profile_of("") == Profile("default")


MODES_OF = {
    "discord": ("discord",),
    "telegram": ("telegram-html", "telegram-markdownv2", "plain"),
    "slack": ("slack", "plain"),
    "whatsapp": ("whatsapp",),
    "matrix": ("matrix-html", "plain"),
    "irc": ("irc", "plain"),
    "terminal": ("terminal", "plain"),
    "webchat": ("html", "plain"),
}


def test_the_modes() -> None:
    assert {name: profile.modes for name, profile in PROFILES.items()} == MODES_OF
    assert set(MODES) == {mode for modes in MODES_OF.values() for mode in modes}
    assert profile_of("nosuch").mode == "plain"


# ---------------------------------------------------------------- surfaces of a caller's own


@pytest.fixture
def table() -> Iterator[dict[str, Profile]]:
    before = dict(PROFILES)
    yield before
    for name in set(PROFILES) | set(before):
        unregister(name)
    assert dict(PROFILES) == before
    assert list(PROFILES) == list(before)


def test_a_surface_is_added_and_taken_out(table: dict[str, Profile]) -> None:
    profile = Profile("my-app", 500, "bytes", modes=("html", "plain"), shape="webchat", note="ours")
    register(profile)
    assert PROFILES["my-app"] is profile_of("my-app") is profile
    assert dict(PROFILES) == table | {"my-app": profile}
    unregister("my-app")
    unregister("my-app")
    assert dict(PROFILES) == table


def test_a_surface_is_replaced_and_put_back(table: dict[str, Profile]) -> None:
    register(Profile("discord", 4000, modes=("discord",), shape="discord"))
    assert profile_of("discord").limit == 4000
    assert list(PROFILES) == list(table)
    unregister("discord")
    assert dict(PROFILES) == table


def test_the_table_is_read_only() -> None:
    with pytest.raises(TypeError):
        PROFILES["x"] = Profile("x")  # type: ignore[index]


UNKNOWN_MODE = f"surface 'x': expected a mode of {', '.join(MODES)}, found 'bbcode'"
WRONG: list[tuple[Any, type[Exception], str]] = [
    ("x", TypeError, "expected a Profile, found str"),
    (Profile(""), ValueError, "surface: expected a name, found ''"),
    (Profile(5), ValueError, "surface: expected a name, found 5"),  # type: ignore[arg-type]
    (Profile("x", modes=()), TypeError, "surface 'x': expected a tuple of modes, found ()"),
    (Profile("x", modes="html"), TypeError, "surface 'x': expected a tuple of modes, found 'html'"),  # type: ignore[arg-type]
    (Profile("x", modes=("bbcode",)), ValueError, UNKNOWN_MODE),
    (
        Profile("x", unit="words"),
        ValueError,
        "surface 'x': expected a unit of characters, utf-16 units, bytes, cells, found 'words'",
    ),
    (
        Profile("x", shape="sms"),
        ValueError,
        "surface 'x': expected a shape of discord, telegram, slack, whatsapp, matrix, irc, webchat, text, found 'sms'",
    ),
    (Profile("x", 15), ValueError, "surface 'x': expected a limit of at least 16, found 15"),
    (Profile("x", 1.5), TypeError, "surface 'x': expected a limit that is a whole number, found 1.5"),  # type: ignore[arg-type]
    (Profile("x", True), TypeError, "surface 'x': expected a limit that is a whole number, found True"),
    (Profile("x", caption_limit=0), ValueError, "surface 'x': expected a caption's limit of at least 16, found 0"),
]


@pytest.mark.parametrize(("profile", "error", "message"), WRONG)
def test_what_is_no_surface(profile: Any, error: type[Exception], message: str, table: dict[str, Profile]) -> None:
    with pytest.raises(error) as caught:
        register(profile)
    assert str(caught.value) == message
    assert dict(PROFILES) == table
