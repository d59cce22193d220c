"""Text with `{…}` expressions → nodes.

    text       = { literal | "{" body "}" }      body: one or more characters other than "}"
    body       = path { "|" segment }            path and segments are trimmed
    segment    = verb { ":" arg } | fallback     args are not trimmed

`{}` and an unclosed `{` are literal text; there is no escape. A segment whose text before the first `:` is a known verb
is a call of that verb, every other segment is a fallback, and the last fallback wins.

Literal text is a plain `str` in the list of parts. Spans are half-open offsets of code points into the text that was
parsed. `str(node)` gives back source that parses to an equal node (spans aside).
"""

from __future__ import annotations

from usagebar.engine.values import WHITE_SPACE
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import TypeAlias

    Span: TypeAlias = tuple[int, int]
    Part: TypeAlias = "str | Expression"
    Text: TypeAlias = tuple[Part, ...]


class Path(Record):
    """A dot-separated path of own keys: `usage.input_tokens`."""

    text: str
    span: Span = (0, 0)

    @property
    def steps(self) -> tuple[str, ...]:
        """The keys in their order; an empty step is the key `""`."""
        return tuple(self.text.split("."))

    def __str__(self) -> str:
        return self.text


class Argument(Record):
    """One argument of a verb, as written, blanks included."""

    text: str
    span: Span = (0, 0)

    def __str__(self) -> str:
        return self.text


class Call(Record):
    """A verb with its arguments: `meter:5:braille`."""

    verb: str
    arguments: tuple[Argument, ...]
    span: Span = (0, 0)

    def __str__(self) -> str:
        return ":".join((self.verb, *map(str, self.arguments)))


class Fallback(Record):
    """What is shown where the path has no value: `?`."""

    text: str
    span: Span = (0, 0)

    def __str__(self) -> str:
        return self.text


class Expression(Record):
    """A path and the segments behind it: `{usage.input_tokens|num|?}`."""

    path: Path
    segments: tuple[Call | Fallback, ...]
    span: Span = (0, 0)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The verbs, in the order in which they run."""
        return tuple(segment for segment in self.segments if isinstance(segment, Call))

    @property
    def fallback(self) -> str:
        """The last fallback's text, `""` without one."""
        texts = [segment.text for segment in self.segments if isinstance(segment, Fallback)]
        return texts[-1] if texts else ""

    def __str__(self) -> str:
        body = "|".join((str(self.path), *map(str, self.segments)))
        return "{" + (body or " ") + "}"  # "{}" would be literal text


def parse_text(source: str, verbs: Container[str]) -> Text:
    """Return the parts of a text: literals as `str`, expressions as nodes. Every text parses.

    `verbs` are the names that make a segment a call.
    """
    return tuple(_parts(source, verbs))


def _parts(source: str, verbs: Container[str]) -> Iterator[Part]:
    literal_from = at = 0
    # Jumping from brace to brace keeps this linear also in a text of nothing but "{".
    while (opened := source.find("{", at)) >= 0 and (closed := source.find("}", opened)) >= 0:
        at = closed + 1
        if closed == opened + 1:
            continue
        if opened > literal_from:
            yield source[literal_from:opened]
        yield _expression(source[opened + 1 : closed], opened + 1, verbs)
        literal_from = at
    if literal_from < len(source):
        yield source[literal_from:]


def _expression(body: str, offset: int, verbs: Container[str]) -> Expression:
    path, *rest = _split(body, "|", offset)
    segments = tuple(_segment(*_trimmed(text, at), verbs) for text, at in rest)
    text, at = _trimmed(*path)
    return Expression(Path(text, (at, at + len(text))), segments, (offset - 1, offset + len(body) + 1))


def _segment(text: str, offset: int, verbs: Container[str]) -> Call | Fallback:
    span = (offset, offset + len(text))
    name, *arguments = _split(text, ":", offset)
    if name[0] not in verbs:
        return Fallback(text, span)
    return Call(name[0], tuple(Argument(each, (at, at + len(each))) for each, at in arguments), span)


def _split(text: str, separator: str, offset: int) -> list[tuple[str, int]]:
    """Split like `str.split`, each part with its offset."""
    parts = []
    for part in text.split(separator):
        parts.append((part, offset))
        offset += len(part) + 1
    return parts


def _trimmed(text: str, offset: int) -> tuple[str, int]:
    stripped = text.lstrip(WHITE_SPACE)
    return stripped.rstrip(WHITE_SPACE), offset + len(text) - len(stripped)
