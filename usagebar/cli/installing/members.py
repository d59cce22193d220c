"""Members of the top-level object of JSON text, put in and taken out without touching any other byte.

Text in, text out. The text is JSON, perhaps with comments and trailing commas, that was decoded already and has an
object at the top level; nothing here raises for such a text. Of several members with one key the last one counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.template.jsonc import LINE_BREAKS
from usagebar.template.position import comments, decode_string, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usagebar.template.position import Span

_BLANK = " \t\r\n"


class _Member(Record):
    """A member: where the bracket or comma before it ends, the spans of its key, its value and the comma behind it."""

    before: int
    key: Span
    value: Span
    comma: Span | None

    @property
    def end(self) -> int:
        """Where the member ends, with its comma."""
        return self.value[1] if self.comma is None else self.comma[1]


class _Manner(Record):
    """How a member is written: the line break and indentation before it (`""`: on the same line), and its colon."""

    line: str
    colon: str

    @property
    def space(self) -> str:
        """What stands behind a comma on the same line."""
        return " " if self.colon != ":" else ""


# How a file that says nothing about it is written.
_INDENTATION = "  "
_COLON = ": "


def value_text(text: str, key: str) -> str | None:
    """Return the text of a member's value as written; None if there is no such member."""
    member = _find(text, key)
    return None if member is None else text[slice(*member.value)]


def member_lines(text: str, key: str) -> list[str]:
    """Return the lines of a member as written, without what stands around it; none if there is no such member."""
    member = _find(text, key)
    if member is None:
        return []
    indentation = _manner(text, member).line.strip(LINE_BREAKS)
    return _lines(indentation + text[member.key[0] : member.value[1]])


def with_member(text: str, key: str, value: str) -> str:
    """Return the text with a value, given as JSON text, in the place of a member's, or as a new member at the end."""
    members, close = _members(text)
    member = _last_of(text, members, key)
    if member is not None:
        start, end = member.value
        return text[:start] + value + text[end:]
    if not members:
        return _with_first(text, close, key, value)
    return _with_one_more(text, members[-1], close, _pair(key, _manner(text, members[-1]).colon, value))


def without_member(text: str, key: str) -> str:
    """Return the text without a member, its comma and the blanks before or behind it; comments stay."""
    members, close = _members(text)
    member = _last_of(text, members, key)
    if member is None:
        return text
    if member is members[0] and len(members) > 1:  # the next one takes its place
        return text[: member.key[0]] + text[member.end :].lstrip(_BLANK)
    start = _cut(text, member)
    if len(members) == 1 and not text[member.before : start].strip(_BLANK) + text[member.end : close].strip(_BLANK):
        return text[: member.before] + text[close:]
    if member.comma is None and member is not members[0]:  # it goes with the comma before it
        return text[: member.before - 1] + text[member.before : start] + text[member.end :]
    return text[:start] + text[member.end :]


def object_text(text: str, key: str, value: Mapping[str, object]) -> str:
    """Return a flat object as JSON text, written as the text writes a member, or would write a new one at its end."""
    members, _ = _members(text)
    member = _last_of(text, members, key)
    beside = member or (members[-1] if members else None)
    manner = _manner(text, beside) if beside else _Manner(_line_break(text) + _INDENTATION, _COLON)
    pairs = [_pair(name, manner.colon, json.dumps(each, ensure_ascii=False)) for name, each in value.items()]
    on_one_line = member and text[member.value[0]] == "{" and not _has_line_break(text[slice(*member.value)])
    if on_one_line or not manner.line:
        return "{" + f",{manner.space}".join(pairs) + "}"
    inner = manner.line + manner.line.strip(LINE_BREAKS)
    return "{" + inner + f",{inner}".join(pairs) + manner.line + "}"


# ---------------------------------------------------------------- where members stand


def _find(text: str, key: str) -> _Member | None:
    return _last_of(text, _members(text)[0], key)


def _last_of(text: str, members: list[_Member], key: str) -> _Member | None:
    return next((each for each in reversed(members) if decode_string(text, each.key[0]) == key), None)


def _members(text: str) -> tuple[list[_Member], int]:
    """Return the members of the top-level object, and where its closing bracket stands."""
    opened, *inner, closed = _outer(text)
    before = opened[1]
    members = []
    for at in range(0, len(inner), 4):  # key, colon, value, comma
        comma = inner[at + 3] if at + 3 < len(inner) else None
        members.append(_Member(before, inner[at], inner[at + 2], comma))
        before = members[-1].end
    return members, closed[0]


def _outer(text: str) -> list[Span]:
    """Return the spans of the top-level object's brackets, and of the keys, colons, values and commas between them."""
    spans: list[Span] = []
    depth = 0
    for begin, end in tokens(text, 0):
        closes = text[begin] in "]}"
        depth -= closes
        if closes and depth == 1:
            spans[-1] = spans[-1][0], end
        elif depth <= 1:
            spans.append((begin, end))
        depth += text[begin] in "[{"
    return spans


def _last_comment(text: str, start: int, end: int) -> Span:
    """Return the span of the last comment between two tokens; an empty one at the first token's end if none is."""
    spans = [(start + begin, start + stop) for begin, stop in comments(text[start:end])]
    return spans[-1] if spans else (start, start)


# ---------------------------------------------------------------- how they are written


def _manner(text: str, member: _Member) -> _Manner:
    before = text[member.before : member.key[0]]
    line = ""
    if _has_line_break(before):
        last = _lines(before)[-1]
        line = _line_break(before) + last[: len(last) - len(last.lstrip(" \t"))]
    colon = text[member.key[1] : member.value[0]]
    is_usual = colon.strip(" \t") == ":"
    return _Manner(line, colon if is_usual else _COLON)


def _has_line_break(text: str) -> bool:
    return any(char in text for char in LINE_BREAKS)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _line_break(text: str) -> str:
    r"""Return the first line break of a text, `\n` if it has none."""
    at = min((found for char in LINE_BREAKS if (found := text.find(char)) >= 0), default=-1)
    if at < 0:
        return "\n"
    return "\r\n" if text.startswith("\r\n", at) else text[at]


def _pair(key: str, colon: str, value: str) -> str:
    return json.dumps(key, ensure_ascii=False) + colon + value


# ---------------------------------------------------------------- in and out


def _with_first(text: str, close: int, key: str, value: str) -> str:
    opened = _outer(text)[0][1]
    line_break = _line_break(text)
    pair = line_break + _INDENTATION + _pair(key, _COLON, value)
    _, at = _last_comment(text, opened, close)
    if at > opened:
        return text[:at] + pair + text[at:]
    inner = text[opened:close]
    indentation = inner[max(inner.rfind(char) for char in LINE_BREAKS) + 1 :] if _has_line_break(inner) else ""
    return text[:opened] + pair + line_break + indentation + text[close:]


def _with_one_more(text: str, last: _Member, close: int, pair: str) -> str:
    manner = _manner(text, last)
    at = last.end
    if manner.line:  # what is said about the last member stays beside it
        _, at = _last_comment(text, at, close)
    spaced = " " if manner.space or last.before < last.key[0] else ""
    comma_before, comma_behind = (",", "") if last.comma is None else ("", ",")
    new = (manner.line or spaced) + pair + comma_behind
    return text[: last.end] + comma_before + text[last.end : at] + new + text[at:]


def _cut(text: str, member: _Member) -> int:
    """Return from where on to cut a member: its blanks go with it, unless they keep what follows out of a comment."""
    begin, end = _last_comment(text, member.before, member.key[0])
    in_comment = text.startswith("//", begin) and begin < end
    behind = text[member.end :].lstrip(" \t")
    return member.key[0] if in_comment and behind[:1] not in LINE_BREAKS else end
