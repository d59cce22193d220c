"""Discord's mode, against the patterns that Discord and its libraries have."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from itertools import pairwise

import pytest
from discord_markdown_ast_parser.lexer import TokenType, lex
from hostile import LONG, VALUES, in_a_line, lines, values
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.escaping import escaper
from usagebar.surfaces.reading.discord import discord as events

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports audioop
    from discord.utils import escape_markdown, escape_mentions

escape = escaper("discord")
ZERO_WIDTH_SPACE = "\u200b"

# What is looked for in the text as it is sent: no backslash is read.
IN_THE_TEXT = {
    "ping": re.compile("@(?:everyone|here)"),
    "user": re.compile("<@!?[0-9]+>"),
    "role": re.compile("<@&[0-9]+>"),
    "channel": re.compile("<#[0-9]+>"),
    "time": re.compile("<t:-?[0-9]+(?::[tTdDfFRsS])?>"),
    "command": re.compile("</[^:<>]+:[0-9]+>"),
    "guide": re.compile("<id:[a-z]+>"),
    "emoji": re.compile("<a?:[0-9A-Za-z_]+:[0-9]+>"),
    "emoji code": re.compile(":[0-9A-Za-z_+-]+:"),
    "address": re.compile("(?:https?|discord|steam|mailto)://", re.IGNORECASE),
    "invite": re.compile(r"discord(?:\.gg|(?:app)?\.com/invite)/[^/]+", re.IGNORECASE),
}
# As JavaScript has it, a blank is none of the zero width ones but U+FEFF.
LINE_MARKS = {
    "heading": re.compile(r"^[\s\ufeff]*(?:-#|#{1,6})(?=[\s\ufeff])", re.MULTILINE),
    "list": re.compile(r"^[\s\ufeff]*(?:[-*+]|[0-9]+[.)])(?=[\s\ufeff])", re.MULTILINE),
    "quote": re.compile(r"^[\s\ufeff]*(?:>>>|>)(?=[\s\ufeff])", re.MULTILINE),
}
# Of this lexer the tokens that stand for themselves are right; its marks of styles and lines know no backslash.
WHOLE_TOKENS = {
    TokenType.USER_MENTION,
    TokenType.ROLE_MENTION,
    TokenType.CHANNEL_MENTION,
    TokenType.EMOJI_CUSTOM,
    TokenType.EMOJI_UNICODE_ENCODED,
    TokenType.URL_WITH_PREVIEW,
    TokenType.URL_WITHOUT_PREVIEW,
}
# A lone `*` is not among them: Discord closes it at an escaped one as well.
LITERALS = [
    "",
    " ",
    "-",
    "-#",
    "-# ",
    "- ",
    "#",
    "# ",
    "## ",
    "1",
    "1.",
    "1. ",
    "> ",
    ">",
    "@",
    "<",
    ":",
    "/",
    "|",
    "~",
]
LITERALS += [
    "\\",
    "a ",
    "·",
    "**a** ",
    "__a__",
    "[a]",
    "(",
    "\n",
    "discord",
    " _a_ ",
    "||a|| ",
    "`a` ",
    "\n- ",
    "http",
    "*a* ",
]


def marked(text: str) -> list[str]:
    """Return the names of what Discord would find in a text, other than styles."""
    found = [name for name, pattern in (IN_THE_TEXT | LINE_MARKS).items() for _ in pattern.findall(text)]
    return found + [token.token_type.name for token in lex(text) if token.token_type in WHOLE_TOKENS]


def styles(text: str) -> list[tuple[str, int]]:
    return [(style, change) for style, change in events(text) if change]


def seen(text: str) -> str:
    return "".join(text for text, change in events(text) if not change).replace(ZERO_WIDTH_SPACE, "")


def bare(value: str) -> str:
    """Return what is to be seen of a value: a backtick is a look-alike, as it would end the template's own code."""
    return in_a_line(value).replace(ZERO_WIDTH_SPACE, "").replace("`", "ˋ")


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_hostile_values(value: str) -> None:
    assert (marked(escape(value)), styles(escape(value))) == ([], [])
    assert seen(escape(value)) == bare(value)


@pytest.mark.parametrize("value", LONG, ids=[value[:3] for value in LONG])
def test_long_values(value: str) -> None:
    assert styles(escape(value)) == []
    assert seen(escape(value)) == bare(value)


@given(each=st.lists(values, max_size=4))
def test_values_side_by_side(each: list[str]) -> None:
    text = "".join(map(escape, each))
    assert (marked(text), styles(text)) == ([], [])
    assert seen(text) == "".join(map(bare, each))


@given(line=lines(LITERALS))
def test_between_a_template_s_texts(line: list[tuple[str, str]]) -> None:
    """What is marked is what the template marks around values that are words."""
    text = "".join(literal + escape(value) for literal, value in line)
    template = "".join(literal + ("v" if escape(value) else "") for literal, value in line)
    assert Counter(marked(text)) <= Counter(marked(template))
    assert styles(text) == styles(template)


@pytest.mark.parametrize(
    ("first", "second"), [*pairwise(VALUES), ("@every", "one"), ("discord.", "gg/a"), ("1", ". a")]
)
def test_pairs_of_values(first: str, second: str) -> None:
    assert marked(escape(first) + escape(second)) == []


@pytest.mark.parametrize(
    "value", ["1. item", "<t:1700000000>", "<#123456789012345678>", "</a:1>", "<id:guide>", ":smile:"]
)
def test_what_discord_py_misses(value: str) -> None:
    assert marked(escape_mentions(escape_markdown(value)))
    assert not marked(escape(value))


@pytest.mark.parametrize("value", ["@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>"])
def test_pings_as_discord_py_stops_them(value: str) -> None:
    assert escape_mentions(value) == value.replace("@", "@" + ZERO_WIDTH_SPACE)
    assert "@" + ZERO_WIDTH_SPACE in escape(value)


@pytest.mark.parametrize(
    "value", ["**a**", "*a*", "_a_", "__a__", "~~a~~", "||a||", "> a", "# a", "- a", "a_b", "*", "\\"]
)
def test_styles_as_discord_py_escapes_them(value: str) -> None:
    """It leaves a heading's blank and a list's own place alone; what it puts a backslash before has one here."""
    theirs = {place for place, char in escapes(escape_markdown(value))}
    assert theirs <= {place for place, char in escapes(escape(value).replace(ZERO_WIDTH_SPACE, ""))} | {0}


def escapes(text: str) -> list[tuple[int, str]]:
    """Return where in the bare text something stands behind a backslash."""
    found = re.finditer(r"\\(.)", text, re.DOTALL)
    return [(each.start() - number, each[1]) for number, each in enumerate(found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a", {"heading"}),
        ("-# a", {"heading"}),
        ("1. a", {"list"}),
        ("- a", {"list"}),
        ("> a", {"quote"}),
        ("@here", {"ping"}),
        ("<@1>", {"user", "USER_MENTION"}),
        ("<@&1>", {"role", "ROLE_MENTION"}),
        ("<#1>", {"channel", "CHANNEL_MENTION"}),
        ("<t:1>", {"time"}),
        ("<t:1:R>", {"time", "emoji code", "EMOJI_UNICODE_ENCODED"}),
        ("</a b:1>", {"command"}),
        ("<id:guide>", {"guide"}),
        ("<:ab:1>", {"emoji", "emoji code", "EMOJI_CUSTOM"}),
        (":ab:", {"emoji code", "EMOJI_UNICODE_ENCODED"}),
        ("https://a", {"address", "URL_WITH_PREVIEW"}),
        ("discord.gg/a", {"invite"}),
    ],
)
def test_the_judge(text: str, expected: set[str]) -> None:
    assert set(marked(text)) == expected


@pytest.mark.parametrize(
    "parts",
    [
        ["[74%]", escape("(https://evil.example/x)")],
        ["[74%] ", escape("](https://evil.example/x)")],
        ["[", escape("q"), "] ", escape("]"), "(", escape("http://a.co/x"), ")"],
        ["arr[0] and [1\n-# ", escape("](https://evil.example/x)")],
        ["[1", escape("]"), escape("(https://evil.example/x)")],
    ],
)
def test_a_value_ends_no_label_and_begins_no_address(parts: list[str]) -> None:
    """The end of a label counts behind a backslash as well, and inside an address backslashes are taken away."""
    assert not re.search(r"\]\([^\u200b]*/", "".join(parts))


@pytest.mark.parametrize("values", [("https", "//1.1.1.1/x"), ("http", "//a"), ("https:", "/"), ("https:/", "/a.b")])
def test_values_around_a_colon_are_no_address(values: tuple[str, str]) -> None:
    for separator in (":", ""):
        assert not re.search(r"https?\\?:\\?//", separator.join(map(escape, values)))


def test_a_value_does_not_end_the_templates_code() -> None:
    assert "`" not in escape("a` b```")
