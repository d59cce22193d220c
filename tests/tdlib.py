"""Telegram's own parser, TDLib, and replies in Telegram's two markups for it to read."""

from __future__ import annotations

import json
from typing import Any

import tdjson
from hypothesis import strategies as st

Style = tuple[str, str]
Answer = dict[str, Any]

PARSE_MODES = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 2},
}
EMOJI = "tg://emoji?id=5368324170671202286"

tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())


def parsed(reply: str, kind: str) -> Answer:
    request = {"@type": "parseTextEntities", "text": reply, "parse_mode": PARSE_MODES[kind]}
    answer: Answer = json.loads(tdjson.td_execute(json.dumps(request).encode()) or "null")
    return answer


def styled(answer: Answer) -> list[tuple[bytes, frozenset[Style]]]:
    """Return each UTF-16 unit that is shown with its styles."""
    assert answer["@type"] == "formattedText", answer
    units = answer["text"].encode("utf-16-le")
    styles: list[set[Style]] = [set() for _ in range(len(units) // 2)]
    for entity in answer["entities"]:
        style = json.dumps(entity["type"], sort_keys=True)
        for at in range(entity["offset"], entity["offset"] + entity["length"]):
            styles[at].add((entity["type"]["@type"], style))
    return [(units[2 * at : 2 * at + 2], frozenset(each)) for at, each in enumerate(styles)]


# ---------------------------------------------------------------- HTML

TAGS = [
    ("<b>", "</b>"),
    ("<i >", "</i>"),
    ("<U>", "</u >"),
    ("<del>", "</>"),
    ("<tg-spoiler>", "</tg-spoiler>"),
    ('<span class="tg-spoiler">', "</span>"),
    ('<a href="http://x.y/?a=1&amp;b=&quot;>">', "</a>"),
    ("<code>", "</code>"),
    ("<pre>", "</pre>"),
    ('<pre><code class="language-py">', "</code></pre>"),
    ("<blockquote>", "</blockquote>"),
    ("<blockquote expandable>", "</blockquote>"),
    (f"<tg-emoji emoji-id='{EMOJI[-19:]}'>", "</tg-emoji>"),
    ('<tg-time unix="1647531900" format="wDT">', "</tg-time>"),
]
HTML_TEXTS = st.sampled_from(
    ["a", "b c", "é", "🌑", "&lt;", "&amp;", "&#65;", "&quot", "\n", "*_>", "&ltx", "&#99999999;", "&", "&am"]
)


def in_tag(tag: tuple[str, str], inside: list[str]) -> str:
    return tag[0] + "".join(inside) + tag[1]


def html_documents() -> st.SearchStrategy[str]:
    def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(in_tag, st.sampled_from(TAGS), st.lists(inner, max_size=4))

    return st.lists(st.recursive(HTML_TEXTS, nested, max_leaves=12), max_size=5).map("".join)


# ---------------------------------------------------------------- MarkdownV2

MARKS = [("*", "*"), ("_", "_"), ("__", "__"), ("~", "~"), ("||", "||"), ("[", "](http://a.b/\\)_x)")]
MARKDOWN_TEXTS = st.sampled_from(
    [
        *("a", "b c", "é", "🌑", "\\.", "\\_", "\\*", "x\\>", "\\\\", "\\`", "\\\n", "&", "<", "\\é", "**", "____"),
        *("`a*b_`", "`\\`x`", "`a\nb`", "```py\na\nb```", "```\n\n```", "```py```", "```c\r\nx \\` y\n```"),
        *(f"![👍]({EMOJI})", "![🌑](tg://time?unix=1647531900&format=wDT)"),
    ]
)


def quoted(separator: str, inside: list[str], end: str) -> str:
    return separator + ">" + "".join(inside).replace("\n", "\n>") + end


def in_quote_or_mark(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lines = st.lists(inner | st.just("\n"), max_size=5)
    quotes = st.builds(
        quoted,
        st.sampled_from(["\n", "\n**", "\\\n", ""]),
        lines,
        st.sampled_from(["\n", "||\n", "||\nx", "\nx"]),
    )
    return st.builds(in_tag, st.sampled_from(MARKS), lines) | quotes


def markdown_documents() -> st.SearchStrategy[str]:
    return st.lists(st.recursive(MARKDOWN_TEXTS, in_quote_or_mark, max_leaves=10), max_size=4).map("".join)
