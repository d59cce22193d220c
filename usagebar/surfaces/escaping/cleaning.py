"""What no surface shows: controls, breaks of the line, bidirectional overrides, lone surrogates."""

from __future__ import annotations

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"  # and tabs: what stood on both sides of them stays apart
# Not the marks U+061C, U+200E and U+200F: they turn no more around than a letter does.
_BIDIRECTIONAL = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]

# ASCII is there as a whole: `str.translate` is slow for characters it does not find.
CHARACTERS: dict[int, str] = {code: chr(code) for code in range(0x80)} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
LINE: dict[int, str] = (
    CHARACTERS
    | dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *_BIDIRECTIONAL], "")
    | dict.fromkeys(map(ord, _BREAKS), " ")
)


def translated(text: str, table: dict[int, str]) -> str:
    r"""Return a text with each character as a table made of `LINE` has it; `\r\n` is one break of the line."""
    return (text.replace("\r\n", "\n") if "\r" in text else text).translate(table)


def plain(text: str) -> str:
    r"""Return a text in one line, without controls (C0, DEL, C1) and bidirectional embeddings, overrides and isolates.

    A break of the line (`\r\n` is one) or a tab is a blank, a lone surrogate U+FFFD.
    """
    return text if text.isprintable() else translated(text, LINE)
