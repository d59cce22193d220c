"""What the JSON parser refused, worded for the author of a template.

Imported only once something is wrong: this module may use `re`, which `jsonc` must not.
Every text here is blanked already, and valid JSON up to the place where the parser stopped.
"""

from __future__ import annotations

import re
import sys

from usagebar.template.jsonc import LINE_BREAKS, JsoncError, RefusedConstant, mask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = r"-?([0-9]++)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"
_HEX_DIGITS = "0123456789abcdefABCDEF"
_SHOWN = 30  # characters of a wrong word that a message repeats

# The parser's own words, by how they start, and ours.
_EXPECTED = (
    ("Expecting property name", "a key in double quotes"),
    ("Expecting ':'", "':' after the key"),
    ("Illegal trailing comma", "no comma before the closing bracket"),
)


def explain(error: Exception, source: str) -> JsoncError:
    """Say where and why the parser refused `source`, from what it raised."""
    if isinstance(error, StopIteration):
        return expected("a value", source, error.value)
    if isinstance(error, RecursionError):
        return JsoncError("nested too deeply", _deepest(source), recoverable=False)
    if isinstance(error, RefusedConstant):
        constant = next(_outside_strings(source, "NaN|-?Infinity"))
        return expected("a value", source, constant.start())
    position = getattr(error, "pos", None)
    if position is None:
        return _too_many_digits(source)
    return _syntax_error(str(error), source, position)


def expected(what: str, source: str, offset: int) -> JsoncError:
    """Say that `what` was expected where there is another word, sign or the end of the text."""
    end = _word_end(source, offset)
    return JsoncError(f"expected {what}, found {_name(source[offset:end])}", offset, max(end, offset + 1))


def _syntax_error(reason: str, source: str, position: int) -> JsoncError:
    if reason.startswith("Unterminated string"):
        return _unclosed_string(position)
    if reason.startswith("Invalid control"):
        return _control_character(source, position)
    if reason.startswith("Invalid \\"):
        return _bad_escape(source, position)
    if reason.startswith("Illegal trailing comma"):  # since Python 3.13; it stops at the comma, the others behind it
        position += len(source[position:]) - len(source[position + 1 :].lstrip(" \t\r\n"))
        what = "a key in double quotes" if source[position] == "}" else "a value"
        return expected(what, source, position)
    if reason.startswith("Expecting ','"):
        return expected(_separator(source, position), source, position)
    what = next((ours for theirs, ours in _EXPECTED if reason.startswith(theirs)), "a value")
    return expected(what, source, position)


def _separator(source: str, position: int) -> str:
    opened = []
    for _, bracket in _brackets(source[:position]):
        if bracket in "[{":
            opened.append(bracket)
        else:
            opened.pop()
    return "',' or '}' after a member" if opened[-1] == "{" else "',' or ']' after an element"


def _unclosed_string(quote: int) -> JsoncError:
    return JsoncError("expected the closing quote of this string, found the end of the text", quote)


def _control_character(source: str, position: int) -> JsoncError:
    # The C scanner stops at the character, the Python one behind it.
    while source[position - 1] < " ":
        position -= 1
    char = source[position]
    short = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
    escape = short.get(char, f"\\u{ord(char):04x}")
    wanted = f"the closing quote or `{escape}`" if char in LINE_BREAKS else f"`{escape}`"
    return JsoncError(f"expected {wanted}, found {_raw_name(char)} inside a string", position)


def _raw_name(char: str) -> str:
    if char in LINE_BREAKS:
        return "a line break"
    return "a raw tab" if char == "\t" else f"a raw U+{ord(char):04X}"


def _bad_escape(source: str, position: int) -> JsoncError:
    # The C scanner stops at the backslash, except for \u: there, as the Python one always does, behind it.
    start = position if source[position] == "\\" else position - 1
    escape = source[start : start + 6]
    if escape[1] != "u":
        return _wrong_escape(escape[:2], start)
    digits = escape[2:]
    length = len(digits) - len(digits.lstrip(_HEX_DIGITS))
    if length == 4:  # the C scanner wants more text behind \uXXXX before it looks at the digits
        return _unclosed_string(mask(source).rfind('"', 0, start))
    return _wrong_escape(escape[: 2 + length], start)


def _wrong_escape(escape: str, start: int) -> JsoncError:
    shown = f"`{escape}`" if escape.isprintable() else f"a backslash before {_name(escape[1])}"
    message = f"expected a JSON escape such as `\\n` or `\\u2026`, found {shown}"
    return JsoncError(message, start, start + len(escape))


def _too_many_digits(source: str) -> JsoncError:
    limit = sys.get_int_max_str_digits()
    numbers = _outside_strings(source, _NUMBER)
    # A number that ends with its whole part is an integer; only those are limited.
    number = next(n for n in numbers if n.end() == n.end(1) and len(n[1]) > limit)
    message = f"expected a number of at most {limit} digits, found one of {len(number[1])} digits"
    return JsoncError(message, number.start(), number.end(), recoverable=False)


def _deepest(source: str) -> int:
    depth = deepest = deepest_at = 0
    for offset, bracket in _brackets(source):
        depth += 1 if bracket in "[{" else -1
        if depth > deepest:
            deepest, deepest_at = depth, offset
    return deepest_at


def _brackets(source: str) -> Iterator[tuple[int, str]]:
    start = 0
    for number, run in enumerate(mask(source).split('"')):
        if number % 2 == 0:
            yield from [(offset, char) for offset, char in enumerate(run, start) if char in "[]{}"]
        start += len(run) + 1


def _outside_strings(source: str, pattern: str) -> Iterator[re.Match[str]]:
    either = re.compile(f'"[^"]*+"?|{pattern}')
    return (found for found in either.finditer(mask(source)) if not found[0].startswith('"'))


def _word_end(source: str, offset: int) -> int:
    for end in range(offset, len(source)):
        if not (source[end].isalnum() or source[end] in "_$+-."):
            return max(end, offset + 1)
    return len(source)


def _name(found: str) -> str:
    if not found:
        return "the end of the text"
    if found in LINE_BREAKS:
        return "a line break"
    if found == "`":
        return "a backtick"
    if not found.isprintable():
        return f"U+{ord(found):04X}"
    return f"`{found}`" if len(found) <= _SHOWN else f"`{found[:_SHOWN]}…`"
