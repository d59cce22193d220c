r"""Where a value stands in JSONC or JSON5 text, and where each character of a string literal came from.

Asked only to report something about a text that was read already, so each function starts from the text
alone. They are as lenient as the most lenient reader and never raise: what is not found is None.

Offsets are 0-based code points. A JSON path is a tuple of keys and indices: `("output", "default", 0)`.
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
_BETWEEN = r"//[^\n\r]*+|/\*.*?(?:\*/|\Z)|[\s\ufeff]++"
_TOKEN = rf"""{_BETWEEN}|("{_DOUBLE}"?|'{_SINGLE}'?|{_WORD}++|.)"""
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


def find(text: str, path: Path) -> Span | None:
    """Return the start and end of the value at a JSON path; of several equal keys the last one counts."""
    place = _locate(text, path)
    return None if place is None else (place[1], _value_end(text, place[1]))


def find_key(text: str, path: Path) -> Span | None:
    """Return the start and end, quotes included, of the key of the member at a JSON path."""
    place = _locate(text, path)
    return None if place is None else place[0]


def string_offsets(text: str, start: int) -> list[int]:
    r"""Return the offset of each decoded code point of the string literal that opens at `start`.

    An escape counts with its first character, and a surrogate pair of escapes as the one code point it means.
    One more entry, at the end, is the closing quote. A key without quotes is read like a string.
    """
    offsets: list[int] = []
    for offset, piece in _pieces(text, start):
        if not piece.startswith("\\"):
            offsets.extend(range(offset, offset + len(piece)))
        elif _decoded(piece):
            offsets.append(offset)
    offsets.append(_body(text, start)[1])
    return offsets


def decode_string(text: str, start: int) -> str:
    """Return the value of the string literal, or of the key without quotes, that opens at `start`."""
    return "".join([_decoded(piece) for _, piece in _pieces(text, start)])


# ---------------------------------------------------------------- documents


def _locate(text: str, path: Path) -> tuple[Span | None, int] | None:
    """Return the key, if the last step is one, and the start of the value."""
    first = next(tokens(text, 0), None)
    if first is None or text[first[0]] in "]},:":
        return None
    place: tuple[Span | None, int] | None = (None, first[0])
    for step in path:
        if place is None:
            break
        place = _member(text, place[1], step) if isinstance(step, str) else _element(text, place[1], step)
    return place


def _member(text: str, start: int, name: str) -> tuple[Span, int] | None:
    last = None
    if text[start] == "{":
        for key, value in _members(text, start):
            if decode_string(text, key[0]) == name:
                last = key, value
    return last


def _members(text: str, start: int) -> Iterator[tuple[Span, int]]:
    key: Span | None = None
    colon = False
    for begin, end in _children(text, start):
        char = text[begin]
        if char == ",":
            key, colon = None, False
        elif char == ":":
            colon = True
        elif key is None:
            key = begin, end
        elif colon:
            yield key, begin
            colon = False


def _element(text: str, start: int, index: int) -> tuple[None, int] | None:
    if text[start] != "[":
        return None
    commas, fresh = 0, True
    for begin, _ in _children(text, start):
        if text[begin] == ",":
            commas, fresh = commas + 1, True
        elif fresh and commas == index:
            return None, begin
        else:
            fresh = False
    return None


def _children(text: str, start: int) -> Iterator[Span]:
    """Yield the tokens right inside the bracket at `start`; of a bracket in there only the opening one."""
    depth = 0
    for begin, end in tokens(text, start):
        char = text[begin]
        if char in "]}":
            depth -= 1
        elif depth == 1:
            yield begin, end
        depth += char in "[{"
        if depth <= 0:
            return


def _value_end(text: str, start: int) -> int:
    depth = 0
    for begin, end in tokens(text, start):
        depth += (text[begin] in "[{") - (text[begin] in "]}")
        if depth <= 0:
            return end
    return len(text)


def tokens(text: str, start: int) -> Iterator[Span]:
    """Walk the brackets, commas, colons, strings and words from an offset on, without what stands between them."""
    import re  # noqa: PLC0415 - importing this module must cost nothing on the cold command line

    for found in re.compile(_TOKEN, re.DOTALL).finditer(text, start):
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
