"""Discord's Markdown, against Discord's own patterns."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.surfaces.reading.discord import DEEPEST, discord

if TYPE_CHECKING:
    from usagebar.surfaces.reading.events import Event

ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
CODE = re.compile(r"(`+)(?!`)([\s\S]*?[^`])\1(?!`)")
UNDERSCORE = re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")
MARKS = [  # of two matches of one length the earlier is taken
    ("italic", re.compile(r"\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)")),
    ("italic", UNDERSCORE),
    ("bold", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("strike", re.compile(r"~~([\s\S]+?)~~")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
]


def as_discord_reads(text: str) -> list[Event]:
    """Run the patterns on the rest of the text from each place, as Discord does: slow, and easy to believe."""
    events: list[Event] = []
    before = ""
    while text:
        in_word = before.isascii() and before.isalnum()
        marks = [mark for mark in MARKS if not (in_word and mark[1] is UNDERSCORE)]
        found = [(style, each) for style, pattern in marks if (each := pattern.match(text))]
        if escape := ESCAPE.match(text):
            taken = escape[0]
            events.append((escape[1], 0))
        elif code := CODE.match(text):
            taken = code[0]
            events += [("code", 1), (code[2], 0), ("code", -1)]
        elif found:
            style, longest = max(found, key=lambda each: len(each[1][0]))
            taken = longest[0]
            events += [(style, 1), *as_discord_reads(longest[1]), (style, -1)]
        else:
            taken = re.match("`+|[^`]", text, re.DOTALL)[0]  # type: ignore[index]
            events.append((taken, 0))
        before, text = taken[-1], text[len(taken) :]
    return events


def joined(events: list[Event]) -> list[Event]:
    """Join the texts that follow each other."""
    whole: list[Event] = []
    for value, change in events:
        if not change and whole and not whole[-1][1]:
            whole[-1] = (whole[-1][0] + value, 0)
        else:
            whole.append((value, change))
    return whole


marked = st.lists(st.sampled_from(["*", "**", "_", "__", "~~", "||", "~", "|", "\\", "a", " ", "é", "\n", "`a`"]))


@settings(max_examples=1000, deadline=None)
@given(marked.map("".join))
def test_marks_end_where_the_patterns_of_discord_say(text: str) -> None:
    assert joined(discord(text)) == joined(as_discord_reads(text))


def test_what_is_too_deep_stays_as_it_is() -> None:
    for marks in (4 * DEEPEST, 20_000):
        events = discord("*" * marks + "a" + "*" * marks)
        depths = list(accumulate(change for _, change in events))
        assert (max(depths), depths[-1]) == (DEEPEST + 1, 0)
        assert "".join([value for value, change in events if not change]).strip("*") == "a"
