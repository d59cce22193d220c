"""What holds for every reply and every footer: the parts fit, are the reply, and the footer stands at the end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usagebar
from usagebar.surfaces import Message, compose, length_of, strip_footer
from usagebar.surfaces.escaping import is_seen

WORDS = [
    *("word", "two words", "x" * 70, "🌑", "👩‍👩‍👧", "e\u0301", "漢字", "שלום", "🇩🇪"),
    *(
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "&amp;",
        "<b>",
        "</b>",
        "&lt;",
        "<",
        "&",
        "*",
        "**",
        "_",
        "~",
        "||",
        "`",
        "```",
        "\\",
    ),
    *(
        "```py\n",
        "```\n",
        "\n```\n",
        "[a](https://e.example/)",
        "<@123>",
        "<https://e.example|e>",
        "> ",
        "- ",
        "# ",
        "@everyone",
    ),
    *("<pre><code>", "</code></pre>", "<br>", "<p>", "</p>", "<i", "\x02", "\x1b[1m", "\u202e"),
]
replies = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=60).map("".join)
values = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), min_size=1, max_size=6).map("".join)
limits = st.integers(40, 300)

TEMPLATE = {"output": {"sep": " · ", "default": [{"text": f"🤖 {{v{number}}}"} for number in range(3)]}}
BAR = usagebar.parse(TEMPLATE)
# surface, mode, the unit of its limit; those whose limit counts the text as it is sent
COUNTED = [
    ("discord", None, "characters"),
    ("whatsapp", None, "characters"),
    ("telegram", "plain", "utf-16 units"),
    ("matrix", "plain", "json"),
]


def contract_of(texts: list[str]) -> dict[str, Any]:
    return {f"v{number}": text for number, text in enumerate(texts)}


def length(text: str, unit: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2 if unit == "json" else length_of(text, unit)


def closing_fence(text: str) -> str:
    """Return how a part ends that closes a fence which was cut."""
    return re.search(r"\n?`*\Z", text)[0]  # type: ignore[index]


def joined(messages: list[Message]) -> str:
    """Return the parts of a reply, without the fence lines that stand where it was cut."""
    text = messages[0].reply
    for message in messages[1:]:
        part = message.reply
        opened = re.match(r"(`{3,})[^\s`]*\n", part)
        end = opened and re.search(rf"\n?{opened[1]}\Z", text)
        if opened and end and text.count("```") % 2 == 0:
            text, part = (
                text[: end.start()] + ("\n" if text[: end.start()].endswith("\n") else ""),
                part[opened.end() :],
            )
        text += part
    return text


@settings(max_examples=300)
@given(replies, st.lists(values, max_size=3), limits, st.sampled_from(COUNTED))
def test_parts_fit_and_the_footer_rides_the_last(reply: str, texts: list[str], limit: int, where: Any) -> None:
    surface, mode, unit = where
    room = 2 * limit + 4096 if surface == "matrix" else limit
    messages = compose(reply, BAR, contract_of(texts), surface, mode=mode, limit=room)
    most = max(64, limit) if surface == "matrix" else limit
    assert all(length(message.text, unit) <= most for message in messages)
    assert [bool(message.footer) for message in messages][:-1] == [False] * (len(messages) - 1)
    assert bool(texts and "🤖" in messages[-1].footer) == bool(texts)
    for message in messages:
        assert message.text.encode()
        assert strip_footer(message.text, message.footer).rstrip() == message.reply.rstrip()


def seen(text: str) -> str:
    return "".join(filter(is_seen, text))


@settings(max_examples=300)
@given(replies.filter(lambda text: "`" not in text), limits, st.sampled_from(["discord", "whatsapp", "telegram"]))
def test_joined_they_are_the_reply(reply: str, limit: int, surface: str) -> None:
    messages = compose(reply, BAR, {"v0": "x"}, surface, mode="plain" if surface == "telegram" else None, limit=limit)
    shown = "".join(message.reply for message in messages)
    if shown != reply:  # parts of which nothing can be seen are not sent
        assert seen(shown) == seen(reply)
        assert len(shown) < len(reply)


FENCED = st.tuples(
    st.sampled_from(["", "intro\n\n", "intro "]),
    st.sampled_from(["```", "```py", "````md"]),
    st.lists(st.sampled_from(["line of code", "    x = 1", "", "y" * 90, "🌑 漢字"]), min_size=1, max_size=30),
    st.sampled_from(["", "\n", "\nafter that", "\n\nafter\n\n"]),
)


@settings(max_examples=300)
@given(
    st.lists(FENCED, min_size=1, max_size=3), st.integers(80, 300), st.sampled_from(["discord", "slack", "whatsapp"])
)
def test_a_fence_is_closed_and_opened_again(blocks: list[Any], limit: int, surface: str) -> None:
    reply = ""
    for before, fence, lines, behind in blocks:
        run = fence.rstrip("pymd")
        reply += f"{before}{fence}\n" + "\n".join(lines) + f"\n{run}{behind}\n"
    messages = compose(reply, BAR, {"v0": "x"}, surface, limit=limit)
    for message in messages:
        assert message.reply.count("```") % 2 == 0, message.reply
        assert len(message.text) <= limit
        if not message.footer:
            assert message.payload()
    lines = [line for line in reply.split("\n") if line.strip() and not line.startswith("```")]
    shown = "\n".join(message.reply for message in messages)
    kept = "".join(re.sub(r"`{3,}\w*$", "", shown, flags=re.MULTILINE).split())
    assert kept == "".join("".join(re.sub(r"`{3,}\w*$", "", line) for line in lines).split())


@settings(max_examples=200)
@given(replies, values, limits)
def test_lines_of_irc(reply: str, value: str, limit: int) -> None:
    messages = compose(reply, BAR, {"v0": value}, "irc", limit=limit)
    for message in messages:
        assert not re.search(r"[\r\n\0]", message.text)
        assert len(message.text.encode()) <= limit
    shown = "".join(message.reply for message in messages)
    assert re.sub(r"\s", "", shown) == re.sub(r"[\s\0]", "", reply)
    assert messages[-1].footer.startswith("\x1d🤖 ")


@settings(max_examples=200)
@given(replies, values, st.integers(16, 100))
def test_a_terminal_shows_the_reply_as_it_is(reply: str, value: str, columns: int) -> None:
    (message,) = compose(reply, BAR, {"v0": value}, "terminal", limit=columns)
    assert message.reply == reply
    assert "\x1b" not in re.sub(r"\x1b\[[02]m", "", message.footer)


@settings(max_examples=200)
@given(replies, st.lists(values, min_size=1, max_size=3))
def test_slack_takes_the_blocks(reply: str, texts: list[str]) -> None:
    for mode in ("slack", "plain"):
        messages = compose(reply * 20, BAR, contract_of(texts), "slack", mode=mode)
        for message in messages:
            payload = message.payload()
            assert 0 < len(payload["text"]) <= 40_000 if mode == "slack" else payload["text"]
            assert 0 < len(payload["blocks"]) <= 50
            for block in payload["blocks"]:
                element = block["text"] if block["type"] == "section" else block["elements"][0]
                assert 0 < len(element["text"]) <= 3000
                assert element["text"].strip()


@pytest.mark.parametrize("mode", [None, "telegram-markdownv2", "plain"])
@settings(max_examples=100)
@given(replies, values)
def test_composing_for_telegram_never_raises(mode: str | None, reply: str, value: str) -> None:
    messages = compose(reply, BAR, {"v0": value}, "telegram", mode=mode, limit=100)
    assert messages[-1].footer
