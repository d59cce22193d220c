r"""Lines and columns, the tokens of JSONC or JSON5 text, and where each character of a string literal came from.

Asked only to report something about a text that was read already. All are as lenient as the most lenient reader and
never raise. Offsets are 0-based code points. `places` finds the values of JSON paths.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int]
    Path = tuple[str | int, ...]

_DOUBLE = r'(?:[^"\\]++|\\.)*+'
_SINGLE = r"(?:[^'\\]++|\\.)*+"
_WORD = r"""[^\s\ufeff"'\[\]{},:/]"""
_COMMENT = r"//[^\n\r]*+|/\*.*?(?:\*/|\Z)"
_BETWEEN = rf"{_COMMENT}|[\s\ufeff]++"
_TOKEN = rf"""{_BETWEEN}|("{_DOUBLE}"?|'{_SINGLE}'?|{_WORD}++|.)"""
_COMMENTED = rf"""({_COMMENT})|"{_DOUBLE}"?|'{_SINGLE}'?|."""
_BODY = rf""""({_DOUBLE})|'({_SINGLE})|({_WORD}*+)"""
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_PIECE = rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\x[0-9a-fA-F]{{2}}|\\\r\n|\\.|\\|[^\\]++"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_CONTINUATIONS = ("\r\n", "\n", "\r", "\u2028", "\u2029")


def line_column(text: str, offset: int) -> tuple[int, int]:
    r"""Return the line and column of an offset, both 1-based, the column in code points.

    Lines end with `\n`, `\r\n` or `\r`; an offset beyond the text counts as its end.
    """
    offset = max(0, min(offset, len(text)))
    if offset and text[offset - 1 : offset + 1] == "\r\n":
        line, column = line_column(text, offset - 1)
        return line, column + 1
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return breaks + 1, offset - start + 1


def string_spans(text: str, start: int) -> list[Span]:
    r"""Return where each decoded code point of the string literal that opens at `start` is written.

    That is an escape as a whole, and a surrogate pair of escapes for the one code point it means. One more, empty span,
    at the end, is before the closing quote. A key without quotes is read like a string.
    """
    spans: list[Span] = []
    for offset, piece in _pieces(text, start):
        if not piece.startswith("\\"):
            spans.extend((at, at + 1) for at in range(offset, offset + len(piece)))
        elif _decoded(piece):
            spans.append((offset, offset + len(piece)))
    end = _body(text, start)[1]
    return [*spans, (end, end)]


def decode_string(text: str, start: int) -> str:
    """Return the value of the string literal, or of the key without quotes, that opens at `start`."""
    return "".join([_decoded(piece) for _, piece in _pieces(text, start)])


# ---------------------------------------------------------------- documents


def tokens(text: str, start: int) -> Iterator[Span]:
    """Walk the brackets, commas, colons, strings and words from an offset on, without what stands between them."""
    import re  # noqa: PLC0415 - importing this module must cost nothing on the cold command line

    for found in re.compile(_TOKEN, re.DOTALL).finditer(text, start):
        if found.lastindex:
            yield found.span()


def comments(text: str) -> Iterator[Span]:
    """Walk the comments of a text, each with what opens and closes it."""
    import re  # noqa: PLC0415 - as in tokens

    for found in re.compile(_COMMENTED, re.DOTALL).finditer(text):
        if found.lastindex:
            yield found.span()


# ---------------------------------------------------------------- string literals


def _body(text: str, start: int) -> Span:
    """Return the span between the quotes, or of the word without any."""
    import re  # noqa: PLC0415 - as in tokens

    found = next(re.compile(_BODY, re.DOTALL).finditer(text, start))
    return found.span(found.lastindex or 0)


def _pieces(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield each escape and each run of plain characters, with its offset."""
    import re  # noqa: PLC0415 - as in tokens

    for found in re.compile(_PIECE, re.DOTALL).finditer(text, *_body(text, start)):
        yield found.start(), found[0]


def _decoded(piece: str) -> str:
    if not piece.startswith("\\"):
        return piece
    if len(piece) == 12:
        high, low = int(piece[2:6], 16), int(piece[8:], 16)
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    if len(piece) > 3:
        return chr(int(piece[2:], 16))
    char = piece[1:]
    return "" if char in _CONTINUATIONS else _ESCAPES.get(char, char)
