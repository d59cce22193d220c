"""Texts as they are stored: in what SQLite can hold, and tool calls as JSON."""

from __future__ import annotations


def tools_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """Return the tool calls of a row."""
    if text is None:
        return ()
    import json  # noqa: PLC0415 - reports read the names alone

    return tuple((call, name) for call, name in json.loads(text))


def tool_names(text: str) -> list[str]:
    """Return the names of the tool calls of a row, as they can be stored."""
    if "\\" in text:
        return [storable(name) for _, name in tools_of(text)]
    # `[["id","name"],["id","name"]]` without escapes: every fourth part from the first name on, which is far faster.
    return text.split('"')[3::4]


def storable(text: str) -> str:
    """Return a text as SQLite can hold it: with U+FFFD in place of half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text
