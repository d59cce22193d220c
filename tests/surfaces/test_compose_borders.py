"""Replies, footers and surfaces at the borders of what `compose` takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import usagebar
from usagebar.surfaces import PROFILES, Profile, compose, length_of, register, strip_footer, unregister


def bar_of(*texts: str, sep: str = "") -> usagebar.UsageBar:
    return usagebar.parse({"output": {"sep": sep, "default": [{"text": text} for text in texts]}})


BAR = bar_of("foot")


@pytest.fixture
def surface() -> Iterator[Callable[..., str]]:
    names = []

    def add(*members: Any, **named: Any) -> str:
        profile = Profile(*members, **named)
        register(profile)
        names.append(profile.name)
        return profile.name

    yield add
    for name in names:
        unregister(name)


# ---------------------------------------------------------------- marks without end


@pytest.mark.parametrize(
    ("reply", "mode"),
    [
        ("<b>x" * 101, "telegram-html"),
        ("<b>x" * 300, "telegram-html"),
        ("[x" * 101, "telegram-markdownv2"),
        ("*_~||x" * 99, "telegram-markdownv2"),
        ("[1, 2] [" * 105, "telegram-markdownv2"),
    ],
)
def test_more_marks_are_open_than_telegram_takes(reply: str, mode: str) -> None:
    messages = compose(reply, BAR, {}, "telegram", mode=mode)
    assert messages[-1].footer
    assert len(messages) < 10


def grows(make: Callable[[int], object], small: int) -> float:
    """Return how many times as long as a small one four times as much takes; the best of three, less what is noise."""

    def least(size: int) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()
            make(size)
            times.append(time.process_time() - start)
        return min(times)

    return least(4 * small) / max(least(small), 0.005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unit", "surface_name", "limit"),
    [
        ("`", "discord", None),
        ("`", "slack", None),
        ("</script ", "webchat", 2000),
        ("</script ", "matrix", None),
        ("<b>x</b>", "telegram", None),
        ("\ud800", "discord", None),
    ],
)
def test_time_is_linear(unit: str, surface_name: str, limit: int | None) -> None:
    def make(size: int) -> None:
        reply = "<script>" * (unit[0] == "<") + unit * (size // len(unit))
        [message.payload() for message in compose(reply, BAR, {}, surface_name, limit=limit)]

    assert grows(make, 50_000) < 10


def test_a_surface_in_cells_is_linear(surface: Callable[..., str]) -> None:
    messages = compose("word " * 20_000, BAR, {}, surface("led", 80, "cells"))
    assert all(length_of(message.text, "cells") <= 80 for message in messages)


# ---------------------------------------------------------------- surfaces of a caller's own


def test_a_limit_that_is_the_captions() -> None:
    (message,) = compose("hi", BAR, {}, "telegram", caption=True, limit=1024)
    assert message.payload() == {"caption": "hi\n<i>foot</i>", "parse_mode": "HTML"}


def test_a_limit_below_the_captions() -> None:
    messages = compose("x " * 800, BAR, {}, "telegram", caption=True, limit=500)
    assert max(len(message.reply) for message in messages) <= 500


def test_a_caption_where_texts_have_no_limit(surface: Callable[..., str]) -> None:
    name = surface("nolim", None, shape="telegram", modes=("plain",), caption_limit=100)
    first, second = compose("x " * 800, BAR, {}, name, caption=True)
    assert len(first.payload()["caption"]) <= 100
    assert second.payload()["text"].endswith("\nfoot")


def test_shapes_without_a_limit(surface: Callable[..., str]) -> None:
    irc = compose("hello world\nyou", BAR, {}, surface("irc2", None, shape="irc", modes=("irc",)))
    assert [message.text for message in irc] == ["hello world", "you", "\x1dfoot\x0f"]
    (slack,) = compose("hello world", BAR, {}, surface("slack2", None, shape="slack", modes=("slack",)))
    assert slack.text == "hello world\nfoot"


def test_slack_in_another_unit(surface: Callable[..., str]) -> None:
    name = surface("slackb", 100, "bytes", shape="slack", modes=("slack",))
    for message in compose("é" * 95, BAR, {}, name):
        assert length_of(message.text, "bytes") <= 100


@pytest.mark.parametrize("unit", ["&", "<", "a&"])
def test_entities_count_in_plain_text_of_slack(unit: str) -> None:
    messages = compose(unit * 40_000, BAR, {}, "slack", mode="plain")
    assert max(len(message.payload()["text"]) for message in messages) <= 40_000
    assert "".join(message.reply for message in messages) == unit * 40_000


# ---------------------------------------------------------------- Matrix events

PILLS = "".join(f'<a href="https://matrix.to/#/@user{n}:example.org/"></a>' for n in range(2000))


@pytest.mark.parametrize(
    "reply",
    [
        f'<a href="https://matrix.to/#/@{"a" * 29_000}:b/"></a>',
        f'<a href="https://matrix.to/#/@{"%01" * 9_500}:b/"></a>',
        PILLS,
        '"' * 70_000,
        "<hr>" * 10_000,
    ],
    ids=["long id", "escaped id", "pills", "quotes", "rules"],
)
def test_an_event_has_room_for_all_that_is_in_it(reply: str) -> None:
    for message in compose(reply, BAR, {}, "matrix"):
        content = json.dumps(message.payload(), ensure_ascii=False, separators=(",", ":")).encode()
        assert len(content) <= 65_536 - 2_048


def test_mentions_that_fit_are_there() -> None:
    mentions = compose(PILLS, BAR, {}, "matrix")[0].payload()["m.mentions"]
    assert mentions["user_ids"][:2] == ["@user0:example.org", "@user1:example.org"]
    assert len(json.dumps(mentions)) <= 2_300


# ---------------------------------------------------------------- footers


@pytest.mark.parametrize("blank", ["\n", " ", "\u2800"])
@pytest.mark.parametrize("name", [*PROFILES, "nosuch"])
def test_a_first_piece_that_is_not_seen_is_not_what_is_left(blank: str, name: str) -> None:
    bar = bar_of(blank, "{v}")
    for reply in ("hi", ""):
        messages = compose(reply, bar, {"v": "z" * 70_000}, name)
        assert "zzz" in messages[-1].footer


@pytest.mark.parametrize("text", ["foot ", "foot\n", "foot\u2003", "\tfoot\t", "\nfoot", " foot"])
@pytest.mark.parametrize("name", [name for name in [*PROFILES, "nosuch"] if name not in ("irc", "slack")])
def test_what_a_platform_trims_is_found_again(text: str, name: str) -> None:
    bar = bar_of(text)
    for reply in ("hi", ""):
        shown = compose(reply, bar, {}, name)[-1].text.strip()
        again = compose(shown, bar, {}, name)[-1].text
        assert again.count("foot") == 1, again


@pytest.mark.parametrize("footer", ["a.b-c", "(a) `b`", "<b>a</b> & c"])
def test_a_footer_comes_off_what_clients_give_back(footer: str) -> None:
    bar = bar_of("{x}")
    (message,) = compose("hi", bar, {"x": footer}, "telegram", mode="telegram-markdownv2")
    assert strip_footer(f"hi\n{footer}", message.footer) == "hi"
    (message,) = compose("hi", bar, {"x": footer}, "matrix")
    assert strip_footer(message.payload()["body"], message.footer) == "hi"


def test_the_small_print_of_another_surface_is_the_replys_own() -> None:
    assert compose("x\n-# cost $1", bar_of("cost $1"), {}, "nosuch")[0].text == "x\n-# cost $1\ncost $1"
    assert compose("-# cost $1", bar_of("cost $1"), {}, "nosuch")[0].text == "-# cost $1\ncost $1"


def test_a_fence_is_opened_again_where_there_is_little_room() -> None:
    reply = "```c++\n" + "line of code\n" * 8 + "```"
    for limit in range(30, 60):
        for message in compose(reply, BAR, {}, "discord", limit=limit):
            assert message.reply.count("```") % 2 == 0
            assert len(message.text) <= limit


def test_a_break_in_html_is_counted() -> None:
    for limit in range(26, 40):
        for message in compose("<p>wwww<br>wwwwwwww<br>\n", BAR, {}, "webchat", limit=limit):
            assert len(message.text) <= limit


@pytest.mark.parametrize("value", ["abc", "0", ""])
def test_an_emoji_that_telegram_does_not_know_is_shown_as_written(value: str) -> None:
    bar = bar_of('<tg-emoji emoji-id="{v}">x</tg-emoji>')
    assert compose("", bar, {"v": value}, "telegram")[0].text.startswith("<i>&lt;tg-emoji")


def test_a_bar_that_gives_no_text() -> None:
    class Odd:
        def render(self, *_: object, **__: object) -> Any:
            return None

        pieces = render

    with pytest.raises(TypeError, match="expected a text as the bar's footer, found NoneType"):
        compose("hi", Odd(), {}, "discord")


@pytest.mark.parametrize("blank", ["\n" * 1024, "<b>" + " " * 1024 + "</b>", "\u3164" * 1024, "\u200b" * 1100])
def test_what_is_not_seen_before_a_caption(blank: str) -> None:
    messages = compose(blank + "x " * 1500, BAR, {}, "telegram", caption=True)
    assert messages[0].is_caption
    assert len(messages[0].text.strip()) <= 1024 + len("<b></b><i></i>")
    assert "".join(message.reply for message in messages).count("x") == 1500


def test_a_footer_in_entities_is_shortened() -> None:
    bar = bar_of("{v}")
    for reply in ("hi", ""):
        for message in compose(reply, bar, {"v": "&" * 1000}, "slack", mode="plain", limit=4000):
            assert len(message.payload()["text"]) <= 4000
    (message,) = compose("", bar_of("_a_ <b>z</b>"), {}, "slack", mode="plain", limit=20)
    assert len(message.payload()["text"]) <= 20


@pytest.mark.parametrize("surface_name", [*PROFILES, "nosuch"])
def test_a_footer_of_which_nothing_is_seen_is_none(surface_name: str) -> None:
    assert compose("", bar_of("\u200b \u2800"), {}, surface_name) == []
