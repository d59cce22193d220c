"""What goes to a surface and where in the template it is written: piece by piece, for a turn or for any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar.checks.definitions import scales_of, uses_of
from usagebar.engine.expression import Fallback
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.shape import is_array
from usagebar.engine.values import readable, text_of
from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from usagebar.engine.explain import PieceTrace, Shown
    from usagebar.engine.expression import Expression, Text
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Verbs
    from usagebar.engine.verbs import Scope

ANY_VALUE = "x"  # stands for what an expression comes to


class Part(Record):
    """A text that goes to a surface, and the place and offsets of what it comes from.

    `is_written`: it is written there as it is; else it is what the expression there, which has another length, shows.
    """

    text: str
    place: Place
    begin: int
    end: int
    is_written: bool = True


def whole(text: str, place: Place) -> Part:
    """Return a string of the template as a part."""
    return Part(text, place, 0, len(text))


# ---------------------------------------------------------------- for any turn


def units(pieces: Iterable[Piece]) -> Iterator[list[Part]]:
    """Walk the texts that pieces may show, each as its parts; an expression is `ANY_VALUE`, its fallback a text too."""
    for piece in pieces:
        if isinstance(piece, TextPiece):
            yield from _texts(piece.text, (*piece.place, "text"))
        elif isinstance(piece, MapPiece):
            yield from ([whole(text or "", (*piece.place, "cases", case))] for case, text in piece.cases)
        elif isinstance(piece, EachPiece):
            yield [whole(piece.prefix, (*piece.place, "text"))]
            yield from _texts(piece.item, (*piece.place, "item"))
            yield [whole(piece.join, (*piece.place, "join"))]


def _texts(text: Text, place: Place) -> Iterator[list[Part]]:
    yield [part if node is None else _of(ANY_VALUE, node, place) for part, node in _placed(text, place)]
    yield from ([fallback] for _, node in _placed(text, place) if node and (fallback := _fallback(node, place)))


def _placed(text: Text, place: Place) -> Iterator[tuple[Part, Expression | None]]:
    """Walk the parts of a text with their offsets, an expression as its own source."""
    at = 0
    for part in text:
        source, node = (part, None) if isinstance(part, str) else ("", part)
        end = at + len(source) if node is None else node.span[1]
        yield Part(source, place, at, end, node is None), node
        at = end


def _of(text: str, node: Expression, place: Place) -> Part:
    return Part(text, place, *node.span, is_written=False)


def _fallback(node: Expression, place: Place) -> Part | None:
    found = [segment for segment in node.segments if isinstance(segment, Fallback)]
    return Part(found[-1].text, place, *found[-1].span) if found else None


def labels(pieces: Iterable[Piece], verbs: Verbs, scope: Scope) -> Iterator[Part]:
    """Walk the labels that pieces may show."""
    _, tables = uses_of(pieces, verbs)
    for table in sorted(tables & scope.aliases.keys()):
        yield from (whole(label, ("aliases", table, key)) for key, label in scope.aliases[table].items())


def glyphs(pieces: Iterable[Piece], verbs: Verbs, document: Mapping[str, Any]) -> Iterator[Part]:
    """Walk the glyphs of the scales that pieces draw with: the code points of a string, the strings of an array."""
    scales, _ = uses_of(pieces, verbs)
    for name, (place, value) in scales_of(document).items():
        if name in scales and isinstance(value, str):
            yield from (Part(glyph, place, at, at + 1) for at, glyph in enumerate(value))
        elif name in scales and is_array(value):
            yield from (whole(glyph, (*place, at)) for at, glyph in enumerate(value) if isinstance(glyph, str))


# ---------------------------------------------------------------- for a turn


class Turn(Record):
    """What shows a turn: the alias tables of the template, and what makes a value safe for the surface."""

    scope: Scope
    escape: Callable[[str], str]

    def parts(self, traces: Iterable[PieceTrace], pieces: Iterable[Piece], sep: Part) -> list[Part]:
        """Return the parts of a footer, from the traces of its pieces."""
        found: list[Part] = []
        for trace, piece in zip(traces, pieces, strict=True):
            parts = list(self._of_piece(trace, piece)) if trace.text else []
            if any(part.text for part in parts):
                found += [sep, *parts] if found else parts
        return found

    def _of_piece(self, trace: PieceTrace, piece: Piece) -> Iterator[Part]:
        if isinstance(piece, TextPiece):
            return self._of_text(piece.text, trace.parts, (*piece.place, "text"))
        if isinstance(piece, MapPiece):
            return iter((whole(trace.text, (*piece.place, "cases", trace.case or "")),))
        return self._of_items(piece, trace) if isinstance(piece, EachPiece) else iter(())

    def _of_items(self, piece: EachPiece, trace: PieceTrace) -> Iterator[Part]:
        prefix, join = whole(piece.prefix, (*piece.place, "text")), whole(piece.join, (*piece.place, "join"))
        if piece.prefix:
            yield from (prefix, whole(" ", ()))
        for number, item in enumerate(item for item in trace.items if item.text):
            if number:
                yield join
            yield from self._of_text(piece.item, item.parts, (*piece.place, "item"))

    def _of_text(self, text: Text, shown: tuple[str | Shown, ...], place: Place) -> Iterator[Part]:
        for (part, node), found in zip(_placed(text, place), shown, strict=True):
            yield part if node is None or isinstance(found, str) else self._of_expression(node, found, place)

    def _of_expression(self, node: Expression, shown: Shown, place: Place) -> Part:
        if shown.is_fallback:
            return _fallback(node, place) or _of("", node, place)
        call = node.calls[-1] if node.calls else None
        if call is not None and call.verb == "alias" and (label := self._label(call.arguments, shown)) is not None:
            return label
        if call is not None and call.verb == "meter":  # its glyphs are looked at where they are defined
            return _of(ANY_VALUE, node, place)
        return _of(self.escape(shown.text), node, place)

    def _label(self, arguments: tuple[Any, ...], shown: Shown) -> Part | None:
        """Return the label that an alias found, None if it found none."""
        name = arguments[0].text if arguments else ""
        table = self.scope.aliases.get(name, {})
        before = shown.steps[-2].result if len(shown.steps) > 1 else readable(shown.value)
        text = "" if before is None else text_of(before)
        key = next((key for key in (text, text.lower()) if key in table), None)
        return None if key is None else whole(table[key], ("aliases", name, key))
