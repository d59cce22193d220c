"""The terminal cells of what footers are mostly made of; `cells` knows the others, and is slow to import.

Claimed is only what is certain: characters that do not join with their neighbours, and that each version of the Unicode
tables since 14 has the same width for. A test holds every claim against wcwidth.
"""

from __future__ import annotations

SELECTOR = "\ufe0f"  # asks for the emoji of a character that has a plain form too

NARROW = (
    (0x20, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x17F),  # Latin
    (0x391, 0x3A1),
    (0x3A3, 0x3FF),  # Greek
    (0x400, 0x481),  # Cyrillic
    (0x2010, 0x2027),
    (0x2030, 0x205E),  # dashes, quotes, dots
    (0x2074, 0x208E),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x218B),  # letterlike symbols, numbers
    (0x2190, 0x23FF),  # arrows, operators, technical symbols
    (0x2460, 0x262F),  # numbers in circles, box drawing, blocks, shapes, symbols
    (0x2638, 0x2689),
    (0x2690, 0x2B73),  # symbols, dingbats, arrows, braille
    (0x2B76, 0x2B95),
    (0xE000, 0xF8FF),  # private use: the icons of terminal fonts
)
WIDE = (
    (0x3041, 0x3096),
    (0x30A0, 0x30FF),  # kana
    (0x4E00, 0x9FFF),  # Chinese characters
    (0x1F300, 0x1F320),
    (0x1F32D, 0x1F335),
    (0x1F337, 0x1F37C),
    (0x1F37E, 0x1F393),
    (0x1F3A0, 0x1F3CA),
    (0x1F3CF, 0x1F3D3),
    (0x1F3E0, 0x1F3F0),
    (0x1F3F8, 0x1F3FA),
    (0x1F400, 0x1F43E),
    (0x1F440, 0x1F440),
    (0x1F442, 0x1F4FC),
    (0x1F4FF, 0x1F53D),
    (0x1F54B, 0x1F54E),
    (0x1F550, 0x1F567),
    (0x1F57A, 0x1F57A),
    (0x1F595, 0x1F596),
    (0x1F5A4, 0x1F5A4),
    (0x1F5FB, 0x1F64F),
    (0x1F680, 0x1F6C5),
    (0x1F6CC, 0x1F6CC),
    (0x1F6D0, 0x1F6D2),
    (0x1F6D5, 0x1F6D7),
    (0x1F6DD, 0x1F6DF),
    (0x1F6EB, 0x1F6EC),
    (0x1F6F4, 0x1F6FC),
    (0x1F7E0, 0x1F7EB),
    (0x1F90C, 0x1F93A),
    (0x1F93C, 0x1F945),
    (0x1F947, 0x1F9FF),
    (0x1FA70, 0x1FA74),
    (0x1FA78, 0x1FA7C),
    (0x1FA80, 0x1FA86),
    (0x1FA90, 0x1FAAC),
    (0x1FAB0, 0x1FABA),
    (0x1FAC0, 0x1FAC5),
    (0x1FAD0, 0x1FAD9),
    (0x1FAE0, 0x1FAE7),
    (0x1FAF0, 0x1FAF6),
)
# Wide among the narrow.
WIDE_SYMBOLS = (
    "⌚⌛\u2329\u232a⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎"
    "⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
# Narrow, and wide before the selector.
WIDENED = (
    "#*0123456789©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌨⏏⏭⏮⏯⏱⏲⏸⏹⏺Ⓜ▪▫▶◀◻◼☀☁☂☃☄☎☑☘☝☠☢☣☦☪☮☯☸☹☺♀♂♟♠♣♥♦♨♻♾⚒⚔⚕⚖⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷⛸⛹✂✈✉✌✍✏✒✔✖✝"
    "✡✳✴❄❇❣❤➡⤴⤵⬅⬆⬇🌡🌤🌥🌦🌧🌨🌩🌪🌫🌬🌶🍽🎖🎗🎙🎚🎛🎞🎟🏋🏌🏍🏎🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳🕴🕵🕶🕷🕸🕹🖇🖊🖋🖌🖍🖐🖥🖨🖱🖲🖼🗂🗃🗄🗑🗒🗓🗜🗝🗞🗡🗣"
    "🗨🗯🗳🗺🛋🛍🛎🛏🛠🛡🛢🛣🛤🛥🛩🛰🛳"
)


def clusters(text: str) -> list[tuple[str, int]] | None:
    """Return the grapheme clusters of a text, each with its cells; None if one of its characters is not claimed."""
    cells = {char: _cells(char) for char in set(text)}
    found: list[tuple[str, int]] = []
    for char in text:
        if char == SELECTOR and found and not found[-1][0].endswith(SELECTOR):
            base = found[-1][0]
            found[-1] = base + char, 2 if base in WIDENED else cells[base]
        elif cells[char]:
            found.append((char, cells[char]))
        else:
            return None
    return found


def _cells(char: str) -> int:
    """Return the cells of a character, 0 if it is not claimed."""
    code = ord(char)
    if " " <= char <= "~":
        return 1
    if char in WIDE_SYMBOLS or _is_within(code, WIDE):
        return 2
    return int(_is_within(code, NARROW) or char in WIDENED)


def _is_within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    for first, last in ranges:  # in ascending order
        if code <= last:
            return code >= first
    return False
