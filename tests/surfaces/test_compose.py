"""A reply with its footer, for each surface: what is sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import usagebar
from usagebar.surfaces import MODES, PROFILES, Message, Profile, compose, length_of, register, strip_footer, unregister

CONTRACT: dict[str, Any] = {"model": {"id": "claude_opus-4.8"}, "agent": {"name": "@everyone <b>*x*"}, "cost": 0.5}
PIECES = ["🤖 {model.id}", "{agent.name}", "${cost|fixed:4}"]


def bar_of(*texts: str, sep: str = " · ") -> usagebar.UsageBar:
    return usagebar.parse({"output": {"sep": sep, "default": [{"text": text} for text in texts]}})


BAR = bar_of(*PIECES)
SHOWN = {mode: BAR.render(CONTRACT, "x", escape=mode) for mode in MODES}


def only(messages: list[Message]) -> dict[str, Any]:
    (message,) = messages
    return message.payload()


# ---------------------------------------------------------------- payloads


def test_discord() -> None:
    assert only(compose("Hi *there*", BAR, CONTRACT, "discord")) == {
        "content": f"Hi *there*\n-# {SHOWN['discord']}",
        "allowed_mentions": {"parse": []},
    }


def test_telegram_html() -> None:
    assert only(compose("Hi <b>there</b>", BAR, CONTRACT, "telegram")) == {
        "text": f"Hi <b>there</b>\n<i>{SHOWN['telegram-html']}</i>",
        "parse_mode": "HTML",
    }


def test_telegram_markdown() -> None:
    assert only(compose("Hi *there*", BAR, CONTRACT, "telegram", mode="telegram-markdownv2")) == {
        "text": f"Hi *there*\n_{SHOWN['telegram-markdownv2']}_",
        "parse_mode": "MarkdownV2",
    }


def test_telegram_plain_text_has_entities() -> None:
    payload = only(compose("Hi 🌑 there", BAR, CONTRACT, "telegram", mode="plain"))
    footer = SHOWN["plain"]
    assert footer == "🤖 claude_opus-4.8 · @everyone <b>*x* · $0.5000"
    length = length_of(footer, "utf-16 units")
    assert payload == {
        "text": f"Hi 🌑 there\n{footer}",
        "entities": [{"type": "italic", "offset": 12, "length": length}],
    }


def test_captions_of_telegram() -> None:
    messages = compose("a" * 1500, BAR, CONTRACT, "telegram", caption=True, mode="plain")
    first, second = (message.payload() for message in messages)
    assert first == {"caption": "a" * 1024}
    assert second["text"].startswith("a" * 476 + "\n🤖")
    assert [message.is_caption for message in messages] == [True, False]
    short = only(compose("Hi", BAR, CONTRACT, "telegram", caption=True, mode="plain"))
    assert set(short) == {"caption", "caption_entities"}
    assert only(compose("Hi", BAR, CONTRACT, "telegram", caption=True))["parse_mode"] == "HTML"


def test_slack() -> None:
    footer = SHOWN["slack"]
    assert only(compose("Hi *there*", BAR, CONTRACT, "slack")) == {
        "text": f"Hi *there*\n{footer}",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "Hi *there*"}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": footer, "verbatim": True}]},
        ],
    }


def test_plain_text_of_slack() -> None:
    footer = SHOWN["plain"]
    assert only(compose("1 < 2 <!channel>", BAR, CONTRACT, "slack", mode="plain")) == {
        "text": f"1 &lt; 2 &lt;!channel&gt;\n{footer.replace('<b>', '&lt;b&gt;')}",
        "mrkdwn": False,
        "blocks": [
            {"type": "section", "text": {"type": "plain_text", "text": "1 < 2 <!channel>"}},
            {"type": "context", "elements": [{"type": "plain_text", "text": footer, "emoji": False}]},
        ],
    }


def test_whatsapp() -> None:
    assert only(compose("Hi", BAR, CONTRACT, "whatsapp")) == {
        "type": "text",
        "text": {"body": f"Hi\n_{SHOWN['whatsapp']}_"},
    }
    assert only(compose("Hi", BAR, CONTRACT, "whatsapp", caption=True)) == {"caption": f"Hi\n_{SHOWN['whatsapp']}_"}


def test_matrix() -> None:
    payload = only(compose("<p>Hi <b>there</b> &amp; you</p>", BAR, CONTRACT, "matrix"))
    assert payload == {
        "msgtype": "m.text",
        "body": "Hi there & you\n🤖 claude_opus-4.8 · @\u2060everyone <b>*x* · $0.5000",
        "format": "org.matrix.custom.html",
        "formatted_body": f"<p>Hi <b>there</b> &amp; you</p>\n<sub>{SHOWN['matrix-html']}</sub>",
        "m.mentions": {},
    }


def test_a_line_of_html_is_broken_before_the_footer() -> None:
    payload = only(compose("Hi <b>there</b>", BAR, CONTRACT, "matrix"))
    assert payload["formatted_body"] == f"Hi <b>there</b>\n<br><sub>{SHOWN['matrix-html']}</sub>"
    assert payload["body"].startswith("Hi there\n🤖 ")


def test_mentions_of_matrix_are_those_of_the_reply() -> None:
    pill = '<a href="https://matrix.to/#/@ann:example.org">Ann</a>'
    contract = CONTRACT | {"agent": {"name": '@room <a href="https://matrix.to/#/@bob:example.org">B</a>'}}
    payload = only(compose(f"{pill}: hello", BAR, contract, "matrix"))
    assert payload["m.mentions"] == {"user_ids": ["@ann:example.org"]}
    assert "@room" not in payload["body"]


def test_plain_text_of_matrix() -> None:
    assert only(compose("1 < 2", BAR, CONTRACT, "matrix", mode="plain")) == {
        "msgtype": "m.text",
        "body": f"1 < 2\n{SHOWN['plain']}",
        "m.mentions": {},
    }


def test_irc() -> None:
    payloads = [message.payload() for message in compose("one\r\n\r\ntwo\rthree\nfour", BAR, CONTRACT, "irc")]
    assert payloads == [
        {"text": "one"},
        {"text": "two"},
        {"text": "three"},
        {"text": "four"},
        {"text": f"\x1d{SHOWN['irc']}\x0f"},
    ]


def test_a_footer_of_several_lines_on_irc() -> None:
    messages = compose("hi", bar_of("one\ntwo", "{x}", sep="\r\n"), {"x": "a\r\nQUIT :b"}, "irc")
    assert [message.text for message in messages] == ["hi", "\x1done\x0f", "\x1dtwo\x0f", "\x1da QUIT :b\x0f"]


def test_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert only(compose("Hi", BAR, CONTRACT, "terminal")) == {"text": f"Hi\n\x1b[2m{SHOWN['terminal']}\x1b[0m"}
    assert only(compose("Hi", BAR, CONTRACT, "terminal", mode="plain")) == {"text": f"Hi\n{SHOWN['terminal']}"}
    monkeypatch.setenv("COLUMNS", "24")
    assert only(compose("Hi" * 40, BAR, CONTRACT, "terminal")) == {
        "text": "Hi" * 40 + "\n\x1b[2m🤖 claude_opus-4.8\x1b[0m"
    }
    assert only(compose("", BAR, CONTRACT, "terminal", limit=16)) == {"text": "\x1b[2m🤖 claude_opus-…\x1b[0m"}


def test_a_web_chat() -> None:
    assert only(compose("Hi <b>there</b>", BAR, CONTRACT, "webchat")) == {
        "html": f"Hi <b>there</b>\n<br><small>{SHOWN['html']}</small>"
    }
    assert only(compose("Hi", BAR, CONTRACT, "webchat", mode="plain")) == {"text": f"Hi\n{SHOWN['plain']}"}


def test_a_surface_never_heard_of() -> None:
    reply = "x" * 100_000
    assert only(compose(reply, BAR, CONTRACT, "nosuch")) == {"text": f"{reply}\n{SHOWN['plain']}"}
    assert only(compose("Hi", BAR, CONTRACT, "nosuch", mode="html")) == {
        "text": f"Hi\n<br><small>{SHOWN['html']}</small>"
    }


def test_a_callers_surface() -> None:
    register(Profile("my-app", 40, modes=("discord",), shape="discord"))
    try:
        messages = compose("word " * 20, bar_of("{x}"), {"x": "*"}, "my-app")
        assert all(len(message.payload()["content"]) <= 40 for message in messages)
        assert messages[-1].footer == "-# \u200b\\*"
    finally:
        unregister("my-app")


# ---------------------------------------------------------------- the footer


@pytest.mark.parametrize("surface", [*PROFILES, "nosuch"])
def test_an_empty_footer_adds_nothing(surface: str) -> None:
    for bar, contract in ((bar_of("{nosuch}"), CONTRACT), (bar_of("  "), CONTRACT), (BAR, None)):
        (message,) = compose("Hi", bar, contract, surface)
        assert (message.text, message.footer) == ("Hi", "")
        assert not {"allowed_mentions", "entities"} & message.payload().keys()
        assert compose("", bar, contract, surface) == []


@pytest.mark.parametrize("surface", [*PROFILES, "nosuch"])
def test_a_footer_alone(surface: str) -> None:
    (message,) = compose("", BAR, CONTRACT, surface)
    assert message.text == message.footer
    assert "\n" not in message.text


def test_each_line_is_in_small_print() -> None:
    bar = bar_of("-# one\ntwo\n\nthree _x_", sep="")
    assert compose("", bar, {}, "discord")[0].text == "-# one\n-# two\n\n-# three _x_"
    assert compose("", bar, {}, "whatsapp")[0].text == "_-# one_\n_two_\n\nthree _x_"
    assert compose("", bar, {}, "webchat")[0].text == "<small>-# one<br>two<br><br>three _x_</small>"
    assert compose("", bar, {}, "telegram")[0].text == "<i>-# one\ntwo\n\nthree _x_</i>"


@pytest.mark.parametrize("footer", ["<i>a</i>", "<blockquote>a</blockquote>", "<blockquote expandable>a</blockquote>"])
def test_small_print_of_the_templates_own_is_enough(footer: str) -> None:
    assert compose("", bar_of(footer), {}, "telegram")[0].text == footer
    assert compose("", bar_of("<sub>a</sub>"), {}, "matrix")[0].text == "<sub>a</sub>"


@pytest.mark.parametrize("footer", ["a < b", "<b>a", "a</b>", "<p>a</p>", "<b><i>a</b></i>", "a <"])
def test_html_that_telegram_refuses_is_shown_as_written(footer: str) -> None:
    escaped = footer.replace("<", "&lt;").replace(">", "&gt;")
    assert compose("", bar_of(footer), {}, "telegram")[0].text == f"<i>{escaped}</i>"


def test_a_footer_that_is_too_long_loses_its_last_pieces() -> None:
    bar = bar_of(*["{x}" + str(number) for number in range(9)])
    contract = {"x": "x" * 300}
    (*_, last) = messages = compose("Hi", bar, contract, "discord")
    assert len(messages) == 1
    assert last.footer == "-# " + " · ".join("x" * 300 + str(number) for number in range(6))
    assert len(last.text) <= 2000


def test_a_piece_that_is_too_long_is_cut() -> None:
    (message,) = compose("", bar_of("👩‍👩‍👧" * 900, "b"), {}, "discord")
    families = (2000 - len("-# …")) // 5
    assert message.text == "-# " + "👩‍👩‍👧" * families + "…"


def test_tags_are_closed_where_the_footer_is_cut() -> None:
    bar = bar_of("<b>one", "two", "{x}</b>")
    assert compose("", bar, {"x": "x" * 5000}, "telegram")[0].text == "<i><b>one · two</b></i>"
    cut = compose("", bar_of("<b>{x}</b>"), {"x": "<" * 5000}, "telegram")[0].text
    assert cut == "<i><b>" + "&lt;" * 4095 + "…</b></i>"


def test_the_last_part_leaves_room_for_the_footer() -> None:
    bar = bar_of("f" * 100)
    reply = "word " * 399  # 1995 characters
    messages = compose(reply, bar, {}, "discord")
    assert "".join(message.reply for message in messages) == reply
    assert [bool(message.footer) for message in messages] == [False, True]
    assert messages[0].reply == "word " * 20
    assert messages[-1].reply == "word " * 379


def test_a_footer_that_fills_a_message_has_its_own() -> None:
    bar = bar_of("f" * 1997)
    messages = compose("Hi", bar, {}, "discord")
    assert [message.text for message in messages] == ["Hi", "-# " + "f" * 1997]


# ---------------------------------------------------------------- pings


@pytest.mark.parametrize(
    ("reply", "allowed"),
    [
        ("<@18446744073709551616> <@18446744073709551615>", {"parse": [], "users": ["18446744073709551615"]}),
        ("Hi", {"parse": []}),
        ("<@12> and <@!12>, <@34>", {"parse": [], "users": ["12", "34"]}),
        ("<@&56>", {"parse": [], "roles": ["56"]}),
        ("<@042> <@42>", {"parse": [], "users": ["42"]}),
        ("@here", {"parse": ["everyone"]}),
        ("@everyone <@1>", {"parse": ["everyone"], "users": ["1"]}),
        ("a@b.example <@> <@x>", {"parse": []}),
        ("".join(f"<@{number}>" for number in range(101)), {"parse": ["users"]}),
    ],
)
def test_the_reply_keeps_its_own_mentions(reply: str, allowed: dict[str, Any]) -> None:
    assert compose(reply, BAR, CONTRACT, "discord")[-1].payload()["allowed_mentions"] == allowed


def test_mentions_of_parts_without_the_footer_are_not_touched() -> None:
    first, last = compose("<@1> " + "x " * 1250, BAR, CONTRACT, "discord")
    assert set(first.payload()) == {"content"}
    assert last.payload()["allowed_mentions"] == {"parse": []}


# ---------------------------------------------------------------- taking it off


@pytest.mark.parametrize("surface", [*PROFILES, "nosuch"])
@pytest.mark.parametrize("reply", ["Hi", "Hi\n", "Hi  \n\n", "<p>Hi</p>", "line\nline", ""])
def test_a_footer_comes_off(surface: str, reply: str) -> None:
    if surface == "irc" and reply:
        return  # its lines are messages of their own
    (message,) = compose(reply, BAR, CONTRACT, surface)
    assert strip_footer(message.text, message.footer) == reply
    assert strip_footer(message.text + " \n", message.footer) == reply
    raw = BAR.render(CONTRACT, surface, escape=message.mode)
    assert strip_footer(message.text, raw) == reply


def test_it_comes_off_what_telegram_gives_back() -> None:
    footer = compose("", BAR, CONTRACT, "telegram")[0].footer
    shown = "Hi there\n🤖 claude_opus-4.8 · @everyone <b>*x* · $0.5000"
    assert strip_footer(shown, footer) == "Hi there"


@pytest.mark.parametrize("text", ["Hi", "", "🤖 other", "-# 🤖 a footer of the model's own", "see: 🤖 gpt", "x🤖 gpt"])
def test_another_text_is_left_alone(text: str) -> None:
    assert strip_footer(text, "🤖 gpt") == text
    assert strip_footer(text, "") == text
    assert strip_footer(text + "\n", " \n") == text + "\n"


def test_no_more_than_the_footer_comes_off() -> None:
    assert strip_footer("a\n-# x\n-# x", "x") == "a\n-# x"
    assert strip_footer("-# x", "x") == ""
    assert strip_footer("a\n-# x b", "x") == "a\n-# x b"


@pytest.mark.parametrize("surface", [name for name in [*PROFILES, "nosuch"] if name not in ("slack", "irc")])
def test_composing_twice_shows_one_footer(surface: str) -> None:
    for reply in ("Hi", "", "<p>Hi</p>", "Hi\n"):
        (once,) = compose(reply, BAR, CONTRACT, surface)
        assert compose(once.text, BAR, CONTRACT, surface) == [once]


def test_a_footer_of_the_models_own_is_the_hosts_business() -> None:
    reply = "Hi\n-# 🤖 gpt-4 · $1"
    assert compose(reply, BAR, CONTRACT, "discord")[0].text == f"{reply}\n-# {SHOWN['discord']}"


@pytest.mark.parametrize(("text", "footer"), [(None, "x"), ("x", None), (b"x", "x"), ("x", 5)])
def test_what_cannot_be_stripped(text: Any, footer: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a text as the (message's text|footer), found "):
        strip_footer(text, footer)


# ---------------------------------------------------------------- wrong arguments


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((None, BAR, {}, "discord"), {}, TypeError, "expected a text as reply, found NoneType"),
        ((b"x", BAR, {}, "discord"), {}, TypeError, "expected a text as reply, found bytes"),
        (("x", None, {}, "discord"), {}, TypeError, "expected a UsageBar as bar, found NoneType"),
        (("x", "bar", {}, "discord"), {}, TypeError, "expected a UsageBar as bar, found str"),
        (("x", BAR, {}, None), {}, TypeError, "expected a surface's name, found NoneType"),
        (("x", BAR, {}, "discord"), {"mode": 5}, TypeError, "expected a mode's name, found int"),
        (
            ("x", BAR, {}, "discord"),
            {"mode": "x"},
            ValueError,
            f"expected one of the modes {', '.join(MODES)}, found 'x'",
        ),
        (
            ("x", BAR, {}, "discord"),
            {"mode": "html"},
            ValueError,
            "expected a mode that discord takes (discord), found 'html'",
        ),
        (("x", BAR, {}, "discord"), {"limit": 5}, ValueError, "discord: expected a limit of at least 16, found 5"),
        (
            ("x", BAR, {}, "discord"),
            {"limit": True},
            TypeError,
            "discord: expected a limit that is a whole number, found True",
        ),
        (
            ("x", BAR, {}, "discord"),
            {"limit": "9"},
            TypeError,
            "discord: expected a limit that is a whole number, found '9'",
        ),
        (
            ("x", BAR, {}, "discord"),
            {"caption": True},
            ValueError,
            "caption: expected a surface that has captions (telegram, whatsapp), found 'discord'",
        ),
    ],
)
def test_wrong_arguments(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        compose(*arguments, **options)


def test_plain_where_the_client_reads_markup_all_the_same() -> None:
    (message,) = compose("Hi", BAR, CONTRACT, "discord", mode="plain")
    assert message.text == f"Hi\n{SHOWN['discord']}"


def test_payloads_can_be_sent() -> None:
    for surface in [*PROFILES, "nosuch"]:
        for message in compose("a\ud83d\ude00b\ud800c", bar_of("{x}\ud800"), {"x": "\udfff\ud83d"}, surface):
            assert json.loads(json.dumps(message.payload(), ensure_ascii=False).encode()) == message.payload()
            assert "\ud800" not in message.text
    assert compose("a\ud83d\ude00b\ud800c", BAR, None, "nosuch")[0].text == "a😀b\ufffdc"


def test_a_caption_is_the_first_that_is_sent() -> None:
    (message,) = compose("\n" * 1100 + "hello", BAR, CONTRACT, "telegram", mode="plain", caption=True)
    assert message.is_caption
    assert set(message.payload()) == {"caption", "caption_entities"}
