"""What `compose` makes of replies that Telegram takes: messages that it takes, shown as the reply is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tdlib import html_documents, markdown_documents, parsed, styled

import usagebar
from usagebar.surfaces import compose, length_of

PIECES = [{"text": "🤖 {a}"}, {"text": "<b>{b}</b>"}, {"text": "end."}]
BAR = usagebar.parse({"output": {"sep": " · ", "default": PIECES}})
HOSTILE = ["claude_3.5", "<b>", "*x*", "a\nb", "&amp;", "`", "[a](b)", "\\"]
values = st.text(min_size=1, max_size=8) | st.sampled_from(HOSTILE)
limits = st.integers(60, 200)
MODES = {"html": "telegram-html", "markdown": "telegram-markdownv2"}


def is_taken(reply: str, kind: str) -> bool:
    answer = parsed(reply, kind)
    return answer["@type"] == "formattedText" and bool(answer["text"].strip())


def check(reply: str, kind: str, contract: dict[str, Any], limit: int) -> None:
    """Check that Telegram takes all parts, and shows in them what it shows of the reply, in the same styles."""
    whole = parsed(reply, kind)
    messages = compose(reply, BAR, contract, "telegram", mode=MODES[kind], limit=limit)
    shown = []
    for message in messages:
        answer = parsed(message.text, kind)
        assert answer["@type"] == "formattedText", (answer, message.text)
        assert length_of(answer["text"], "utf-16 units") <= limit
        assert answer["text"].strip()
        assert len(answer["entities"]) <= 100
        if message.reply.strip():
            shown += styled(parsed(message.reply, kind))
    seen = [unit for unit in shown if unit[0] not in (b"\n\0", b" \0")]
    assert seen == [unit for unit in styled(whole) if unit[0] not in (b"\n\0", b" \0")]
    last = parsed(messages[-1].text, kind)
    footer = [entity for entity in last["entities"] if entity["type"]["@type"] == "textEntityTypeItalic"][-1]
    assert footer["offset"] + footer["length"] == length_of(last["text"], "utf-16 units")


@settings(max_examples=150, deadline=None)
@given(html_documents(), values, values, limits)
def test_html(reply: str, a: str, b: str, limit: int) -> None:
    assume(is_taken(reply, "html"))
    check(reply, "html", {"a": a, "b": b}, limit)


@settings(max_examples=150, deadline=None)
@given(markdown_documents(), values, values, limits)
def test_markdown(reply: str, a: str, b: str, limit: int) -> None:
    assume(is_taken(reply, "markdown"))
    check(reply, "markdown", {"a": a, "b": b}, limit)


@pytest.mark.parametrize("kind", ["html", "markdown"])
@pytest.mark.parametrize("count", [98, 99, 100, 101, 250])
def test_no_message_has_more_entities_than_telegram_keeps(kind: str, count: int) -> None:
    reply = "".join(f"<b>w{n}</b> " if kind == "html" else f"*w{n}* " for n in range(count))
    messages = compose(reply, BAR, {"a": "x", "b": "y"}, "telegram", mode=MODES[kind])
    entities = [len(parsed(message.text, kind)["entities"]) for message in messages]
    assert max(entities) <= 100
    assert sum(entities) >= count + 1
    check(reply, kind, {"a": "x", "b": "y"}, 4096)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=30).map("\n".join), values, limits)
def test_plain_text_and_its_entities(reply: str, value: str, limit: int) -> None:
    messages = compose(reply, BAR, {"a": value, "b": "y"}, "telegram", mode="plain", limit=limit)
    for message in messages:
        assert length_of(message.text, "utf-16 units") <= limit
    payload = messages[-1].payload()
    (entity,) = payload["entities"]
    units = payload["text"].encode("utf-16-le")
    footer = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
    assert footer == messages[-1].footer
    assert 2 * (entity["offset"] + entity["length"]) == len(units)


@pytest.mark.parametrize("start", [">a||\r\n", ">a\r\n>b||\r\n\r\nword\r\n", "**>||\r\nq83\n"])
def test_line_breaks_of_two_characters_behind_a_quote(start: str) -> None:
    reply = start + "w " * 300
    assert is_taken(reply, "markdown")
    for message in compose(reply, BAR, {"a": "x", "b": "y"}, "telegram", mode="telegram-markdownv2", limit=200):
        assert parsed(message.text, "markdown")["@type"] == "formattedText", message.text
