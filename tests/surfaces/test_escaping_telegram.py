"""Telegram's modes, against Telegram's own parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tdjson
from aiogram.utils.text_decorations import html_decoration
from hostile import LONG, VALUES, literally, values
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown

from usagebar.surfaces.escaping import escaper

MODES = {
    "telegram-html": {"@type": "textParseModeHTML"},
    "telegram-markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
html, markdown = map(escaper, MODES)


def asked(**request: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or "null")
    return answer


asked(**{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def parsed(text: str, mode: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return what is seen, and each entity's kind, start and length in UTF-16 units."""
    answer = asked(**{"@type": "parseTextEntities", "text": text, "parse_mode": MODES[mode]})
    assert answer["@type"] == "formattedText", answer
    found = [
        (each["type"]["@type"].removeprefix("textEntityType"), each["offset"], each["length"])
        for each in answer["entities"]
    ]
    return answer["text"], found


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", [*VALUES, *LONG], ids=ascii)
def test_hostile_values(mode: str, value: str) -> None:
    assert parsed(escaper(mode)(value), mode) == (literally(value), [])


@pytest.mark.parametrize("mode", MODES)
@given(each=st.lists(values, max_size=4))
def test_values_side_by_side(mode: str, each: list[str]) -> None:
    assert parsed("".join(map(escaper(mode), each)), mode) == (literally("").join(map(literally, each)), [])


@pytest.mark.parametrize("mode", MODES)
@given(value=st.text(st.characters(exclude_categories=())))
def test_any_text(mode: str, value: str) -> None:
    assert parsed(escaper(mode)(value), mode) == (literally(value), [])


@given(value=values)
def test_in_a_style(value: str) -> None:
    length = units(f"{literally(value)}.")
    expected = (f"- {literally(value)}.", [("Italic", 2, length)])
    assert parsed(f"- <i>{html(value)}.</i>", "telegram-html") == expected


@pytest.mark.parametrize("quote", ["'", '"'])
@given(value=values)
def test_in_an_attribute(quote: str, value: str) -> None:
    value = value.replace("\0", "")  # text may have it, no attribute: Telegram takes it for the end
    text = f"<a href={quote}https://example.org/?q={html(value)}{quote}>x</a>"
    answer = asked(**{"@type": "parseTextEntities", "text": text, "parse_mode": MODES["telegram-html"]})
    assert answer["@type"] == "formattedText", answer
    assert answer["text"] == "x"
    assert [each["type"]["@type"] for each in answer["entities"]] == ["textEntityTypeTextUrl"]


def test_an_attribute_has_the_value() -> None:
    text = f'<a href="https://example.org/?q={html(chr(34) + chr(39) + "&lt;")}">x</a>'
    answer = asked(**{"@type": "parseTextEntities", "text": text, "parse_mode": MODES["telegram-html"]})
    assert answer["entities"][0]["type"]["url"] == "https://example.org/?q=\"'&lt;"


@given(literal=values, value=values)
def test_the_whole_of_markdown(literal: str, value: str) -> None:
    """The template's own text is escaped as the values are, together or apart."""
    assert markdown(literal) + markdown(value) == markdown(literal + value)


@given(value=values)
def test_as_python_telegram_bot_escapes(value: str) -> None:
    assert markdown(value) == escape_markdown(literally(value), version=2)


@given(value=values)
def test_as_aiogram_escapes(value: str) -> None:
    """Its `quote` leaves the quotes, which an attribute could not have in it."""
    assert html(value).replace("&quot;", '"').replace("&#39;", "'") == html_decoration.quote(literally(value))
