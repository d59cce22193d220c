"""Scans of Telegram's two markups, against TDLib, which reads them for Telegram's own clients."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tdlib import EMOJI, html_documents, markdown_documents, parsed, styled

from usagebar.surfaces.composing import markdownv2, tags
from usagebar.surfaces.composing.scan import Scan


def scan(reply: str, kind: str) -> Scan:
    return tags.scan(reply, "telegram-html") if kind == "html" else markdownv2.scan(reply)


def parts(reply: str, found: Scan, at: int) -> tuple[str, str]:
    """Cut a reply in two, as the splitter does."""
    opens, place = found.opens(at), found.source(at)
    closing = "".join(each.closing for each in reversed(opens))
    return reply[:place] + closing, "".join(each.opening for each in opens) + reply[place:]


def cuts(found: Scan) -> list[int]:
    inside = {at for start, end in found.whole for at in range(start + 1, end)}
    return [at for at in range(1, len(found.text)) if at not in inside]


def check_cuts(reply: str, kind: str) -> None:
    """Check that all cuts of what TDLib accepts give two parts that it accepts and shows as it shows the whole."""
    answer = parsed(reply, kind)
    found = scan(reply, kind)
    assert found.text == answer["text"]
    assert not found.is_counted
    shown = styled(answer)
    for at in cuts(found):
        first, second = (parsed(part, kind) for part in parts(reply, found, at))
        units = len(found.text[:at].encode("utf-16-le")) // 2
        assert styled(first)[:units] == shown[:units], (at, parts(reply, found, at))
        # What ends a quote so that the marks around it can be closed is a line feed, which Telegram trims.
        assert {unit for unit, _ in styled(first)[units:]} <= {b"\n\0"}
        assert styled(second) == shown[units:], (at, parts(reply, found, at))
        assert len(first["entities"]) <= found.begun(0, at)
        assert len(second["entities"]) <= found.begun(at, len(found.text))


# ---------------------------------------------------------------- HTML

HTML = [
    "<b>bold <i>both</i></b> &lt;&amp;&gt;&quot;&#65;&#x41; plain",
    "<B>a</B ><strong>b</strong><s>c</>",
    '<a href="http://x.y/?a=1&amp;b=>">a link</a>',
    '<pre><code class="language-py">a\nb</code></pre>c',
    "<blockquote expandable>a\nb</blockquote>\n<blockquote>c</blockquote>",
    f"x<tg-emoji emoji-id='{EMOJI[-19:]}'>👍🏽</tg-emoji>y",
    '<tg-time unix="1647531900" format="wDT">22:45</tg-time>',
    '<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>',
    "<b></b><i><b></b>a</i><u></u>b",
    "&ltx; &#99999999; &#0; &#1114111; &nbsp; & &am",
    "",
    "no markup at all",
]


@pytest.mark.parametrize("reply", HTML)
def test_html_is_cut_anywhere(reply: str) -> None:
    check_cuts(reply, "html")


@given(html_documents())
@settings(deadline=None)
def test_any_html_is_cut_anywhere(reply: str) -> None:
    check_cuts(reply, "html")


# ---------------------------------------------------------------- MarkdownV2

MARKDOWN = [
    "*bold _both_* plain\\. __under _it_ line__",
    "__a_b_**__ _a__b__c_ _**__a__b_",
    "||spoiler|| ~strike~ `co\\`de` ||a||||b||",
    "```py\na\n\\`b```",
    "```a```x```\n\nb\n```",
    "```sh\necho `date` now```",
    "[a *b*](http://x.y/\\)_) [c [d](http://e.f) g](http://h.i)",
    f"a![👍🏽]({EMOJI})b",
    ">a\n>b\nc",
    ">a *b\n>c* d\ne",
    "**>a\n>b||",
    ">a||\nb",
    ">||a\n>b||||\nc",
    "*x\n>b\n>c\ny* z",
    "_>b\\\nc||\n_d",
    "\\\n>a\n**>b||",
    ">`a\nb`\n>```\n>c```\nd",
    "\\é \\😀 *a\\é*",
    "**",
    "",
    "plain",
]


@pytest.mark.parametrize("reply", MARKDOWN)
def test_markdown_is_cut_anywhere(reply: str) -> None:
    check_cuts(reply, "markdown")


@given(markdown_documents())
@settings(deadline=None)
def test_any_markdown_is_cut_anywhere(reply: str) -> None:
    # Some of what is built is not well-formed, as two underscores beside one: TDLib says which.
    assume(parsed(reply, "markdown")["@type"] == "formattedText")
    check_cuts(reply, "markdown")


def test_a_quote_ends_with_a_line_feed_of_its_own() -> None:
    # The line feed before the cut is the quote's, so the one that is added must not be taken for the same.
    reply = "*x\n>b\\\nc\nd*"
    found = markdownv2.scan(reply)
    assert [(each.opening, each.closing) for each in found.opens(4)] == [("*", "*"), (">", "**\n")]


WHOLE = [
    ("html", "a<tg-emoji emoji-id='5'>👍🏽</tg-emoji><b>b</b>", [(1, 3)]),
    ("html", "<tg-time unix='5'>22<b>:45</b></tg-time>", [(0, 5)]),
    ("html", "&ltx; &lt;", [(0, 4)]),
    ("markdown", f"a![👍🏽]({EMOJI})*b*", [(1, 3)]),
    ("markdown", "a\\é", [(1, 3)]),
]


@pytest.mark.parametrize(("kind", "reply", "expected"), WHOLE)
def test_what_is_whole(kind: str, reply: str, expected: list[tuple[int, int]]) -> None:
    assert scan(reply, kind).whole == expected


# ---------------------------------------------------------------- entities

BEGUN = [
    ("html", "a<b>bc</b>d<i>e</i>", (0, 1), 0),
    ("html", "a<b>bc</b>d<i>e</i>", (0, 2), 1),
    ("html", "a<b>bc</b>d<i>e</i>", (2, 3), 1),
    ("html", "a<b>bc</b>d<i>e</i>", (3, 4), 0),
    ("html", "a<b>bc</b>d<i>e</i>", (2, 5), 2),
    ("html", "<b>never closed", (5, 9), 1),
    ("markdown", "*a _b_* `c`", (0, 5), 4),
    ("markdown", "*a _b_* `c`", (2, 3), 2),
]


@pytest.mark.parametrize(("kind", "reply", "span", "expected"), BEGUN)
def test_entities_of_a_range(kind: str, reply: str, span: tuple[int, int], expected: int) -> None:
    assert scan(reply, kind).begun(*span) == expected


# ---------------------------------------------------------------- what is not well-formed

ODD = [
    ("html", "a</b>b", "ab", []),
    ("html", "<b>a</i>b", "ab", ["<b>"]),
    ("html", "<b>a<i>b</b>c", "abc", ["<b>", "<i>"]),
    ("html", "1 < 2 & 3 > 2", "1 < 2 & 3 > 2", []),
    ("html", "a<b", "a<b", []),
    ("html", "a<b x='>c", "a<b x='>c", []),
    ("html", "a<br>b<p>c", "a<br>b<p>c", []),
    ("html", "<!-- a -->", "<!-- a -->", []),
    ("html", "&#xD800;\ud800", "&#xD800;\ud800", []),
    ("markdown", "*a", "a", ["*"]),
    ("markdown", "a. b! #c |d", "a. b! #c |d", []),
    ("markdown", "[a", "a", ["["]),
    ("markdown", "[a](b", "a(b", []),
    ("markdown", "a]b > c", "a]b > c", []),
    ("markdown", "`a*", "a*", ["`"]),
    ("markdown", "```py\na`b", "ab", ["```py\n", "`"]),
    ("markdown", ">*a\nb", "a\nb", [">", "*"]),
    ("markdown", "a\\", "a\\", []),
]


@pytest.mark.parametrize(("kind", "reply", "text", "openings"), ODD)
def test_what_is_not_well_formed(kind: str, reply: str, text: str, openings: list[str]) -> None:
    found = scan(reply, kind)
    assert found.text == text
    assert [each.opening for each in found.opens(len(text))] == openings
    assert found.source(0) == 0
    assert found.source(len(text)) == len(reply)


PIECES = ["<", ">", "&", "<b>", "</b>", "</", "&lt", "'", '"', "<a ", "<tg-emoji>", "</tg-emoji>", "\n", "a", "\ud800"]
SIGNS = ["*", "_", "`", "|", "[", "]", "(", ")", "!", ">", "\\", "\n", "~", "a", "🌑", "```py\n", "\r", "\0", "\ud800"]


def soup(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=40).map("".join)


@given(st.tuples(st.just("html"), soup(PIECES)) | st.tuples(st.just("markdown"), soup(SIGNS)))
@settings(deadline=None)
def test_anything_is_scanned(given: tuple[str, str]) -> None:
    kind, reply = given
    found = scan(reply, kind)
    places = [found.source(at) for at in range(len(found.text) + 1)]
    assert places == sorted(places)
    assert places[-1] in (0, len(reply))
    assert all(0 <= start < end <= len(found.text) for start, end in found.whole)
    assert list(found.whole) == sorted(found.whole)
    assert all(before[1] <= after[0] for before, after in zip(found.whole, found.whole[1:], strict=False))
    for at in range(len(found.text) + 1):
        assert all(each.opening for each in found.opens(at))
        assert found.begun(at, at + 1) >= 0


@pytest.mark.parametrize(("kind", "unit"), [("html", "<b>x"), ("markdown", "*x_y")])
def test_no_more_is_open_than_a_message_may_have(kind: str, unit: str) -> None:
    found = scan(unit * 5000, kind)
    assert len(found.opens(len(found.text) - 1)) == 100


OUTSIDE = [
    ("html", "a<b>b<i>cd</i>e</b>f<s>gh</s>", [(0, 0), (1, 1), (2, 1), (4, 1), (5, 5), (6, 6), (7, 6), (8, 8)]),
    ("html", "<b>a</b><i>b</i>c", [(1, 1), (2, 2), (3, 3)]),
    ("html", "<b>ab", [(1, 0), (2, 0)]),
    ("markdown", "a*b_cd_e*f~gh~", [(0, 0), (1, 1), (2, 1), (4, 1), (5, 5), (6, 6), (7, 6), (8, 8)]),
]


@pytest.mark.parametrize(("kind", "reply", "expected"), OUTSIDE)
def test_where_nothing_is_open(kind: str, reply: str, expected: list[tuple[int, int]]) -> None:
    found = scan(reply, kind)
    assert [(at, found.outside(at)) for at, _ in expected] == expected


@pytest.mark.parametrize(
    "reply",
    ["<a " * 50_000, "<a '" * 50_000, "<a \"'" * 50_000, "&" * 90_000, "<b>" * 40_000, "<b></b>" * 20_000],
)
def test_long_html_takes_no_square_of_its_length(reply: str) -> None:
    assert scan(reply, "html").source(0) == 0


@pytest.mark.parametrize("reply", ["[a](" * 40_000, "\\" * 90_001, "```py" * 30_000, "![" * 40_000, "\n>" * 40_000])
def test_long_markdown_takes_no_square_of_its_length(reply: str) -> None:
    assert scan(reply, "markdown").source(0) == 0
