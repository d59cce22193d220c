"""The terminal's escaper, and what can be seen at all. On the status line's cold path."""

from __future__ import annotations

from usagebar.surfaces.sequences import shown

SOON = 64
_BLACK_FLAG = "\U0001f3f4"
_TAGS = "".join(map(chr, range(0xE0020, 0xE007F)))
_LAST_TAG = "\U000e007f"

# Breaks of a line, and tabs: what stood on both sides of them stays apart.
_AS_BLANKS = "\t\n\v\f\r\x85\u2028\u2029"
# Not here: U+200C, U+200D and the selectors, which scripts and emoji need, and format characters that are seen.
_DROPPED = (
    (0x00, 0x1F),  # C0
    (0x7F, 0x9F),  # DEL, C1
    (0xAD, 0xAD),  # soft hyphen
    (0x61C, 0x61C),  # Arabic letter mark
    (0x200B, 0x200B),  # zero width space
    (0x200E, 0x200F),  # direction marks
    (0x202A, 0x202E),  # bidirectional embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, bidirectional isolates, deprecated controls
    (0xFEFF, 0xFEFF),  # zero width no-break space
    (0xFFF0, 0xFFFB),  # annotation controls, and what is reserved for more of their kind
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE00FF),  # tags, but for those that say whose flag it is
    (0xE01F0, 0xE0FFF),  # reserved for more of their kind
)
_SURROGATES = range(0xD800, 0xE000)
# Kept for the sake of scripts and emoji, and nothing to see where they stand alone.
_UNSEEN = (
    (0x34F, 0x34F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors
    (0x200C, 0x200D),  # zero width non-joiner and joiner
    (0x2800, 0x2800),  # the empty braille cell
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # selectors
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xE0100, 0xE01EF),  # more selectors
    *_DROPPED,
)


class _TerminalTable:
    """What stands for each character in a terminal, for `str.translate`."""

    def __getitem__(self, code: int) -> str:
        char = chr(code)
        if char in _AS_BLANKS:
            return " "
        if code in _SURROGATES:
            return "\ufffd"
        return "" if any(first <= code <= last for first, last in _DROPPED) else char


_TERMINAL_TABLE = _TerminalTable()


def terminal(text: str) -> str:
    """Return a text without what a terminal would obey instead of showing it, or would not show at all.

    Whole escape sequences, controls, bidirectional controls and invisible characters that neither emoji nor scripts
    need are taken out. A break of the line or a tab is a blank, a lone surrogate U+FFFD. If nothing is left that can be
    seen, the text is empty.
    """
    if text.isprintable():  # as most texts
        return text if is_seen(text) else ""
    first, *behind_flags = shown(text.replace("\r\n", "\n")).split(_BLACK_FLAG)
    cleaned = _BLACK_FLAG.join([first.translate(_TERMINAL_TABLE), *map(_behind_flag, behind_flags)])
    return cleaned if is_seen(cleaned) else ""


def is_seen(text: str) -> bool:
    """Tell whether there is anything to see in a text without escape sequences: no more than blanks and fillers."""
    if text.isascii() and text.isprintable():
        return bool(text.strip())
    # Most texts show something soon; of a long one that does not, each kind of character is looked at once.
    return any(map(_is_shown, text[:SOON])) or any(map(_is_shown, set(text[SOON:])))


def _is_shown(char: str) -> bool:
    return not char.isspace() and not _is_unseen(ord(char))


def _is_unseen(code: int) -> bool:
    return not 0x20 < code < 0x7F and any(first <= code <= last for first, last in _UNSEEN)


def _behind_flag(text: str) -> str:
    rest = text.lstrip(_TAGS)
    length = len(text) - len(rest)
    kept = length + 1 if length and rest.startswith(_LAST_TAG) else 0
    return text[:kept] + text[kept:].translate(_TERMINAL_TABLE)
