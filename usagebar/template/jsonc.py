"""JSON with comments and trailing commas: blanked in place, then read by the C JSON parser.

Blanking keeps every offset, so whatever is said about the blanked text is true of the text as written.
All scanning is done by `str` methods that start where the last one stopped: linear, whatever a hostile
file repeats.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LINE_BREAKS = "\n\r"
_BLANK = " \t\n\r"


class JsoncError(ValueError):
    """Say what is wrong with a text, and where.

    `offset` and `end` (exclusive) count code points of the text as written; at the end of the text they are
    its length and one more. `recoverable` is False where a more lenient reader must not be asked either.
    """

    def __init__(self, message: str, offset: int, end: int | None = None, recoverable: bool = True) -> None:
        self.message = message
        self.offset = offset
        self.end = offset + 1 if end is None else end
        self.recoverable = recoverable
        super().__init__(message, self.offset, self.end, recoverable)

    def __str__(self) -> str:
        return self.message


class RefusedConstant(ValueError):  # noqa: N818 - tells the parser to stop; no caller sees it
    """Stop the parser at NaN or an infinity, which are no JSON."""


class _Context:
    """The settings that a scanner reads, usually from a `json.JSONDecoder`."""

    strict = True
    array_hook = None
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int

    @staticmethod
    def parse_constant(name: str) -> object:
        raise RefusedConstant(name)


class _DataContext(_Context):
    """The settings for the figures of a turn, where an odd number must not cost the others."""

    parse_constant = float  # type: ignore[assignment]

    @staticmethod
    def parse_int(digits: str) -> int | float:  # type: ignore[override]
        try:
            return int(digits)
        except ValueError:  # more digits than Python converts
            return float(digits)


def _scanner(context: type[_Context]) -> Any:
    try:
        from _json import make_scanner  # noqa: PLC0415

        # The scanner alone is enough; `json` would bring `re` along, and its import time.
        return make_scanner(context)  # type: ignore[arg-type]
    except ImportError:
        from json import JSONDecoder  # noqa: PLC0415

        decoder = JSONDecoder(parse_int=context.parse_int, parse_constant=context.parse_constant)
        return decoder.scan_once  # type: ignore[attr-defined]


_scan = _scanner(_Context)
_scan_data = _scanner(_DataContext)


def blank(text: str) -> str:
    """Turn comments and trailing commas into spaces.

    The result has the length and the line breaks of `text`; strings are as they were.
    Raises `JsoncError` at a block comment without an end.
    """
    bare = _without_comments(text) if "/" in text else text
    return _without_trailing_commas(bare) if "," in bare else bare


def decode(text: str) -> object:
    """Read one JSON value from text with comments and trailing commas.

    Of several members with one key the last wins. Raises `JsoncError` at the first thing that is wrong.
    """
    try:
        source = blank(text)
    except JsoncError as unclosed:
        raise _earliest(text, unclosed) from None
    return _read(source)


def read_json(text: str) -> object:
    """Read one JSON value from plain JSON text, as data and not as a template.

    Integers of more digits than `int` takes become floats (mostly infinite), NaN and the infinities are read as such:
    the figure counts as unknown, and the rest of the turn is not lost with it. Raises `JsoncError`.
    """
    return _read(text, _scan_data)


def _read(source: str, scan: Any = _scan) -> object:
    start = len(source) - len(source.lstrip(_BLANK))
    try:
        value, end = scan(source, start)
    except SystemError:
        # Up to Python 3.11 the C scanner loses its error unless this module is loaded already.
        import json.decoder  # noqa: F401, PLC0415

        return _read(source, scan)
    except (StopIteration, ValueError, RecursionError) as error:
        from usagebar.template.refusals import explain  # noqa: PLC0415 - only to report

        raise explain(error, source) from None
    rest = source[end:].lstrip(_BLANK)
    if rest:
        from usagebar.template.refusals import expected  # noqa: PLC0415 - only to report

        raise expected("the end of the text", source, len(source) - len(rest))
    return value


def _earliest(text: str, unclosed: JsoncError) -> JsoncError:
    # What looks like an unclosed comment is often part of a string: a quote was forgotten lines before.
    try:
        _read(blank(text[: unclosed.offset]))
    except JsoncError as error:
        if error.offset < unclosed.offset:
            return error
    return unclosed


def mask(text: str) -> str:
    """Hide escaped quotes: an offset is inside a string if the quotes left of it are odd."""
    return text.replace("\\\\", "__").replace('\\"', "__") if "\\" in text else text


def _without_comments(text: str) -> str:
    lines = mask(text).replace("\r", "\n")
    parts: list[str] = []
    done = position = 0
    while (slash := lines.find("/", position)) >= 0:
        if lines.count('"', position, slash) % 2:
            position = lines.find('"', slash) + 1
            if not position:
                break
            continue
        position = _comment_end(lines, slash)
        if position > slash + 1:
            parts += text[done:slash], _spaces(text[slash:position])
            done = position
    return "".join([*parts, text[done:]])


def _comment_end(lines: str, slash: int) -> int:
    opening = lines[slash : slash + 2]
    if opening == "//":
        end = lines.find("\n", slash)
        return len(lines) if end < 0 else end
    if opening != "/*":
        return slash + 1
    end = lines.find("*/", slash + 2)
    if end < 0:
        raise JsoncError("expected `*/` to end this comment, found the end of the text", slash, slash + 2)
    return end + 2


def _spaces(comment: str) -> str:
    if "\n" not in comment and "\r" not in comment:
        return " " * len(comment)
    return "".join([char if char in LINE_BREAKS else " " for char in comment])


def _without_trailing_commas(text: str) -> str:
    parts: list[str] = []
    done = 0
    for comma in _trailing_commas(mask(text).replace("}", "]")):
        parts += text[done:comma], " "
        done = comma + 1
    return "".join([*parts, text[done:]])


def _trailing_commas(masked: str) -> Iterator[int]:
    start = seen = quotes = 0
    for run in masked.split("]")[:-1]:
        code = run.rstrip(_BLANK)
        if code.endswith(","):
            comma = start + len(code) - 1
            # With only blanks before the comma, the bracket that ended the last run stands before it.
            before = code[:-1].rstrip(_BLANK)[-1:] or masked[start - 1 : start]
            quotes += masked.count('"', seen, comma)
            seen = comma
            if before not in ",:[{" and quotes % 2 == 0:
                yield comma
        start += len(run) + 1
