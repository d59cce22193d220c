"""What is sent to Telegram in tests: replies in each of its modes, and values that try to be more than text."""

from __future__ import annotations

from typing import Any, TypeAlias

from telegram_server import Shown
from telegram_texts import read_whole

import usagebar

Styled: TypeAlias = list[tuple[str, frozenset[str]]]

BAR = usagebar.parse(
    {
        "output": {
            "default": [{"text": "🤖 {identity.name} {model.id} (100%)"}, {"text": " · ${cost.turn_usd|fixed:4}!"}]
        }
    }
)
PARSE_MODES = {"telegram-html": "HTML", "telegram-markdownv2": "MarkdownV2", "plain": None}
MODES = tuple(PARSE_MODES)


def contract(name: str = "claw", model: str = "gpt-5.5") -> dict[str, Any]:
    return {"identity": {"name": name}, "model": {"id": model}, "cost": {"turn_usd": 0.0123, "available": True}}


FOOTER = BAR.render(contract(), "telegram")

HOSTILE = (
    "<b>x</b>",
    "&amp; & &#60; <",
    '<a href="tg://user?id=1">x</a>',
    "</i></code></blockquote>",
    "<",
    r"_*[a](http://evil.example)~`>#+-=|{}.!" + "\\",
    "```py\nx\n```",
    "||spoiler||",
    "**>quote||",
    "![x](tg://emoji?id=5368324170671202286)",
    "\\",
    "__a__ _b_ *c*",
    "a\r\nb\nc",
    "\n> q",
    "\u202egpj.exe\u202c",
    "\x1b[31mred\x1b[0m",
    "\x00\x07",
    "\ud800",
    "🏳️‍🌈🌑",
    "שלום",
    "claude_3_5_sonnet",
)

CODE = "for each in range(3):\n    print(each < 2 and each > 0)\n" * 110
LINES = "A line of the answer, of which there are many. "

REPLIES: dict[str, tuple[str, str]] = {
    "short html": ("telegram-html", "Two <b>tests</b> pass &amp; <code>one</code> fails."),
    "html paragraphs": ("telegram-html", f"<b>Title</b>\n\n{LINES * 40}\n\n<i>{LINES * 90}</i>\n\n" * 3),
    "html code": (
        "telegram-html",
        'Look:\n<pre><code class="language-py">'
        + CODE.replace("<", "&lt;").replace(">", "&gt;")
        + "</code></pre>\nDone.",
    ),
    "html nested": ("telegram-html", "<blockquote><b>" + f"{LINES}<u>{LINES}</u> " * 80 + "</b></blockquote>"),
    "html links": ("telegram-html", f'<a href="https://example.org/?a=1&amp;b=2">{LINES}</a> ' * 150),
    "html entities": ("telegram-html", "&lt;&amp;&gt;" * 3000),
    "html many entities": ("telegram-html", "<b>a</b> " * 150),
    "html many nested entities": ("telegram-html", "<b>" + "b <i>i</i> " * 150 + "</b>"),
    "markdown paragraphs": ("telegram-markdownv2", r"*Title* and more\." + "\n\n" + r"_A line_ of __it__\. " * 400),
    "markdown code": ("telegram-markdownv2", "Look:\n```py\n" + CODE + "```\nDone\\."),
    "markdown bold": ("telegram-markdownv2", "*" + "A line of it and more " * 400 + "*"),
    "markdown many entities": ("telegram-markdownv2", "*a* " * 150),
    "markdown escapes": ("telegram-markdownv2", r"\.\!\-" * 3000),
    "plain that looks like markup": ("plain", "<b>*_`[x](y)`_*</b> & . " * 400),
    "plain code": ("plain", "Look:\n```py\n" + CODE + "```\nDone."),
    **{
        f"{name} {mode}": (mode, reply)
        for mode in MODES
        for name, reply in {
            "emoji": "🌑" * 5000,
            "joined emoji": "👩‍👩‍👧‍👦" * 900,
            "right to left": "שלום עולם " * 1000,
            "a word": "a" * 10_000,
            "two lines at the limit": "a" * 4096 + "\n\n",
            "blank lines between": ("a" * 4090 + "\n" * 200) * 2,
            "carriage returns": "one line\r\n" * 900,
            "no letters": "",
        }.items()
    },
}


def whole(mode: str, reply: str) -> Styled:
    """Return a reply as Telegram would show it if it had no limits."""
    return styled(*read_whole(reply, PARSE_MODES[mode]))


def joined(messages: list[Shown], footer: str) -> Styled:
    """Return what messages show, but for the footer, which has to be the end of the last one."""
    found: Styled = []
    for message in messages:
        found += styled(message.text, message.entities)
    end = styled(footer, [{"type": "italic", "offset": 0, "length": len(footer.encode("utf-16-le")) // 2}])
    assert found[len(found) - len(end) :] == end
    return found[: len(found) - len(end)]


def styled(text: str, entities: list[dict[str, Any]]) -> Styled:
    """Return the characters that are no white space, each with the types of its entities."""
    units = text.encode("utf-16-le")
    types: list[frozenset[str]] = [frozenset()] * (len(units) // 2)
    for entity in entities:
        for at in range(entity["offset"], entity["offset"] + entity["length"]):
            types[at] |= {entity["type"]}
    found: Styled = []
    at = 0
    for char in text:
        if not char.isspace():
            found.append((char, types[at]))
        at += 2 if char > "\uffff" else 1
    return found
