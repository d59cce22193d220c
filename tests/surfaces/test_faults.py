"""What is wrong with markup, and where; for Telegram with its own parser as the judge."""

from __future__ import annotations

import json
import re
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.surfaces.reading.faults import Fault
from usagebar.surfaces.reading.pages import html_faults
from usagebar.surfaces.reading.tags import Refused, telegram, telegram_faults

# The wrong places are marked; the texts behind are how each message begins.
BARE_LESS, BARE_AND = "expected a tag or `&lt;`", "expected an entity or `&amp;`"
PAGES = [
    ("a > b &amp; &copy; &copy &lt &#65; &#x41; &AMP;", ()),
    ("<b>a</b><BR><br/><img src=x><p>a<p>b<ul><li>c<li>d</ul>", ()),
    ("<table><tr><td>a<td>b<tr><td>c</table>", ()),
    ("<svg><path d='x'/></svg><circle></circle><math/>", ()),
    ("<!-- a < b & c --><style>a < b & c</style><script>1 < 2</script>", ()),
    ("<a href='?a=1&b=2&nosuch;'>x</a>", ()),
    ("a ⟦<⟧ b ⟦<⟧3 ⟦<⟧", (BARE_LESS,) * 3),
    ("R⟦&⟧D ⟦&⟧ x⟦&⟧", (BARE_AND,) * 3),
    (
        "⟦&nosuch;⟧⟦&notit;⟧ ⟦&#0;⟧",
        tuple(f"expected an entity of HTML, found `&{name};`" for name in ("nosuch", "notit", "#0")),
    ),
    ("⟦<b>⟧x", ("expected `</b>` behind `<b>`, found none",)),
    ("⟦<b/>⟧x", ("expected `</b>` behind `<b>`",)),
    ("⟦<B a=1>⟧x", ("expected `</b>` behind `<b>`",)),
    ("a⟦</b>⟧", ("expected a tag `<b>` to end, found `</b>` without one",)),
    ("⟦</br>⟧", ("expected a tag `<br>` to end",)),
    ("<b><i>x⟦</b>⟧</i>", ("expected `</i>`, found `</b>`",)),
    ("<b><u><i>x⟦</b>⟧</i></u>⟦</i>⟧", ("expected `</i>`, found `</b>`", "expected a tag `<i>` to end")),
    ("<p><b>x⟦</p>⟧</b>", ("expected `</b>`, found `</p>`",)),
    ("a⟦<!--⟧ b", ("expected `-->` behind `<!--`",)),
    ("⟦<style>⟧a", ("expected `</style>`",)),
    ("a⟦<b c='x⟧", ("expected `>` to end the tag, found none",)),
    ("⟦<b>⟧⟦<b c='x⟧", ("expected `</b>`", "expected `>`")),
]
TELEGRAM = [
    ("<b>a</b> &amp; &lt &#65; <tg-emoji emoji-id='-5'>x</tg-emoji><a href=x>y</a>", ()),
    ("<a href='?a=1&b=2&nosuch;'>x</a>", ()),
    ("⟦<⟧ ⟦<⟧3 ⟦<⟧>", (BARE_LESS,) * 3),
    ("R⟦&⟧D ⟦&⟧", (BARE_AND,) * 2),
    ("⟦&copy;⟧ ⟦&#0;⟧", ("expected an entity of Telegram's HTML, found `&copy;`", "expected")),
    ("⟦<br>⟧⟦<sub>⟧x</sub>", tuple(f"expected a tag of Telegram's HTML, found `{name}`" for name in ("<br>", "<sub>"))),
    ("⟦<a⟧ b='x>y</a>", ("expected `<a>`",)),
    ("<b><i>x⟦</b>⟧</i>", ("expected `</i>`, found `</b>`",)),
    ("⟦<i>⟧⟦<b>⟧", ("expected `</b>` behind `<b>`", "expected `</i>` behind `<i>`")),
    ("⟦<span>⟧a</span>", ("expected `<span",)),
    ("⟦</⟧ b>", ("expected `</` with a name",)),
]


def assert_faults(marked: str, messages: tuple[str, ...], found: list[Fault]) -> None:
    spans = [
        (mark.start() - 2 * number, mark.end() - 2 * number - 2)
        for number, mark in enumerate(re.finditer("⟦.*?⟧", marked))
    ]
    assert sorted((fault.begin, fault.end) for fault in found) == spans
    by_message = sorted(fault.what for fault in found)
    assert len(by_message) == len(messages)
    assert all(what.startswith(message) for what, message in zip(by_message, sorted(messages), strict=True))


@pytest.mark.parametrize(("marked", "messages"), PAGES)
def test_pages(marked: str, messages: tuple[str, ...]) -> None:
    found = list(html_faults(re.sub("[⟦⟧]", "", marked)))
    assert_faults(marked, messages, found)
    assert not any(fault.is_refused for fault in found)


@pytest.mark.parametrize(("marked", "messages"), TELEGRAM)
def test_telegram(marked: str, messages: tuple[str, ...]) -> None:
    found = list(telegram_faults(re.sub("[⟦⟧]", "", marked)))
    assert_faults(marked, messages, found)
    assert all(fault.is_refused for fault in found if "entity" not in fault.what)


@pytest.mark.parametrize(
    ("text", "help_text"),
    [
        ("<br>", r"write a line feed, `\n`"),
        ("<br/>", r"write a line feed, `\n`"),
        ("<small>x</small>", "write `<i>` or `<blockquote>`: Telegram has no small print"),
        ("a & b", "write `&amp;`"),
        ("a < b", "write `&lt;`"),
        ("&nbsp;", "write the character itself, or `&amp;nbsp;` to show it as it stands here"),
        ("<b>", "begin and end a tag in the same piece: others may be dropped"),
    ],
)
def test_how_to_mend_it(text: str, help_text: str) -> None:
    assert [fault.help for fault in telegram_faults(text)] == [help_text]


@pytest.mark.parametrize("text", ["a < b", "&x;", "a & b", "<br>"])
def test_what_is_wrong_wherever_it_stands(text: str) -> None:
    assert [fault.is_alone for fault in telegram_faults(text)] == [True]


@pytest.mark.parametrize("text", ["<b>", "</b>", "<a href='", "<x", "<b", "</"])
def test_what_may_be_right_in_company(text: str) -> None:
    assert not any(fault.is_alone for fault in telegram_faults(text))
    assert not any(fault.is_alone for fault in html_faults(text) if fault.what[:14] != BARE_LESS[:14])


# ---------------------------------------------------------------- any text

FRAGMENTS = (
    *("<b>", "</b>", "<i>", "</i>", "<x>", "</x>", "<a href='", "'>", "</a>", "<a href=x>", "<", "</", ">", "/"),
    *("&lt;", "&lt", "&amp", "&#65;", "&#x41;", "&#X41;", "&#", "&", "&#xD800;", "&#1114111;", "&#1114110;"),
    *("&#00000065;", "&#0000065;", "&#x0000041;", "&nbsp;", "</>", "<B>", "</B>", '<span class="tg-spoiler">'),
    *("<span class=tg-spoiler>", "<span class=x>", "<span class='&#116;g-spoiler'>", "</span>"),
    *("<span class='tg-spoiler' class='tg-x'>", "<tg-emoji emoji-id='5'>a", "<tg-emoji emoji-id=05>a"),
    *("<tg-emoji>a", "</tg-emoji>", "<blockquote expandable>", "</blockquote>", "<b a>", "<b a='x'c>", "<b a=>"),
    *('<b a = "y">', " ", "\n", "\v", "\0", "\f", "=", "'", '"', "a", "🌑", "é", "<pre>", "</pre>", "</code>"),
    *("<code class='language-x'>", "<tg-time unix='5'>", "</tg-time>", "<br>", "<br/>", "<!-- -->", "3", "?"),
    *("<stri\u212ae>", "\x85", "\xa0", "<b\0>", "<svg>", "</svg>", "<style>", "</style>", "<!--", "-->", "&copy;"),
)
markup = st.lists(st.sampled_from(FRAGMENTS) | st.text("ab<>&;'=/ ", max_size=3), max_size=8).map("".join)


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Draw markup that is mostly accepted: whole tags around a little of anything."""
    text = draw(st.lists(st.sampled_from(FRAGMENTS), max_size=2).map("".join))
    for name in draw(st.lists(st.sampled_from(("b", "i", "a", "pre", "code", "blockquote", "u")), max_size=3)):
        text = f"<{name}>{text}</{name}>" + draw(st.sampled_from(FRAGMENTS))
    return text


def as_telegram(text: str) -> str | None:
    """Return what Telegram's own library makes of a text, None if it refuses it."""
    tdjson = pytest.importorskip("tdjson")
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
    asked = {"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": "textParseModeHTML"}}
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(asked).encode()))
    return None if answer["@type"] == "error" else str(answer["text"])


@pytest.mark.no_cover
@settings(max_examples=1000)
@given(markup | nested())
def test_telegram_is_read_as_telegram_reads_it(text: str) -> None:
    try:
        seen: str | None = "".join(part for part, change in telegram(text) if not change)
    except Refused:
        seen = None
    assert seen == as_telegram(text)
    assert (seen is None) == any(fault.is_refused for fault in telegram_faults(text))


@settings(max_examples=300)
@given(markup)
def test_a_fault_points_into_the_text(text: str) -> None:
    for fault in (*telegram_faults(text), *html_faults(text)):
        assert 0 <= fault.begin < fault.end <= len(text)


@settings(max_examples=200)
@given(st.text("<>&;'\"/ab", max_size=20))
def test_text_with_entities_for_its_specials_has_no_fault(text: str) -> None:
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    assert [*telegram_faults(safe), *html_faults(safe)] == []


# About a second at most on a machine that is not busy; steps that grow with the square take minutes.
A_WHILE = 20


@pytest.mark.no_cover
@pytest.mark.parametrize("part", [*FRAGMENTS, "<b><i>", "<i></b>", "<li>", "<b></i>", "</b><i>"])
def test_no_text_takes_long(part: str) -> None:
    start = process_time()
    for text in (part * (50_000 // len(part)), "<b>" * 8_000 + "<i>" * 8_000 + part * 2_000 + "</b>" * 8_000):
        for faults in (telegram_faults, html_faults):
            assert sum(1 for _ in faults(text)) <= len(text)
    assert process_time() - start < A_WHILE
