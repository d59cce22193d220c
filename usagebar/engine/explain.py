"""How a footer comes about, piece by piece: the path, its value, the verbs one by one, and why a piece was dropped.

Slower than rendering, and always of one mind with it: a property test holds the texts of the traces to what the
compiled function gives.
"""

from __future__ import annotations

from usagebar.engine.expression import Fallback
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.running import joiner, lookup, starred, steps_of, uses_star, walker
from usagebar.engine.shape import is_array, kind_of
from usagebar.engine.values import as_object, is_kept, map_key, readable, text_of
from usagebar.engine.verbs import VerbFailed
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from usagebar.engine.expression import Expression, Text
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Language, Star
    from usagebar.engine.values import Value

    Guards: TypeAlias = tuple["Guard", ...]

_FORMS: dict[type, str] = {TextPiece: "text", MapPiece: "map", EachPiece: "each"}


class VerbStep(Record):
    """A verb that ran: the call as written (`meter:5:braille`) and the value it gave."""

    call: str
    result: Value


class Shown(Record):
    """An expression: its source, its path, the contract's value there, what became of it.

    `is_fallback`: the text is the fallback's (or nothing), as there was no value; then no verb ran. `has_fallback`: one
    is written, be it empty. `reason` says in words why there was no value, or which verb left nothing of it; None if
    the text is the value's. `is_present` tells a value that is null from an absent one.
    """

    source: str
    path: str
    value: Any
    steps: tuple[VerbStep, ...]
    is_fallback: bool
    text: str
    reason: str | None = None
    is_present: bool = True
    has_fallback: bool = False


class Guard(Record):
    """A `when` or `unless` (`key`), its path, the contract's value there, and whether it let the piece through.

    `is_present` as in `Shown`.
    """

    key: str
    path: str
    value: Any
    passed: bool
    is_present: bool = True


class Item(Record):
    """The text that an `each` made of one element of its array, `""` if it dropped it."""

    index: int
    parts: tuple[str | Shown, ...]
    text: str


class PieceTrace(Record):
    """What became of a piece.

    `form` is `text`, `map`, `each` or `""`; `text` what the piece shows; `reason` says in words why nothing, None if it
    shows something. `parts` are a text's literals and expressions; `path`, `value` and `case` (the key that hit) a
    map's; `path`, `value` and `items` an each's; `is_present` as in `Shown`. They are empty where a guard stopped the
    piece or a verb failed.
    """

    place: Place
    form: str
    text: str
    reason: str | None
    guards: tuple[Guard, ...] = ()
    path: str | None = None
    value: Any = None
    case: str | None = None
    parts: tuple[str | Shown, ...] = ()
    items: tuple[Item, ...] = ()
    is_present: bool = False


class Scene(Record):
    """Where paths start: the contract and its surface, or the element of an array at an index (None: the contract).

    `star` names scale `*` at each index.
    """

    language: Language
    root: Any
    surface: Any = None
    star: Star = None
    index: int | None = None

    def at(self, steps: tuple[str, ...]) -> Any:
        """Return what a path leads to, None where it leads nowhere."""
        return walker(steps, is_root=self.index is None)(self.root, self.surface)

    def holds(self, steps: tuple[str, ...], value: Any) -> bool:
        """Tell whether a path leads to its value: None is null there, or nowhere."""
        return value is not None or steps[-1] in as_object(self.at(steps[:-1]))

    def language_of(self, node: Expression) -> Language:
        """Return the language in which an expression's verbs are bound."""
        if not self.star or self.index is None or not uses_star(node):
            return self.language
        return starred(node, self.language, self.star[min(self.index, len(self.star) - 1)])


def traces(pieces: tuple[Piece, ...], language: Language, contract: Any, surface: Any) -> list[PieceTrace]:
    """Return what becomes of each piece in a turn: the contract is any mapping, `{surface}` the second argument."""
    # From here on records are made by position: a preview makes thousands, and that is the fast way.
    scene = Scene(language, contract, surface, None, None)
    return [_piece(piece, scene) for piece in pieces]


def _piece(piece: Piece, scene: Scene) -> PieceTrace:
    guards = tuple(_guards(piece, scene))
    stopped = next((_stop(guard) for guard in guards if not guard.passed), None)
    if stopped is not None:
        return _dropped(piece, guards, stopped)
    try:
        return _of_form(piece, guards, scene)
    except VerbFailed as failure:
        return _dropped(piece, guards, str(failure))


def _dropped(piece: Piece, guards: Guards, reason: str) -> PieceTrace:
    return PieceTrace(piece.place, _FORMS.get(type(piece), ""), "", reason, guards, None, None, None, (), (), False)


def _of_form(piece: Piece, guards: Guards, scene: Scene) -> PieceTrace:
    """Return the trace of a piece that its guards let through."""
    if isinstance(piece, TextPiece):
        return _text_piece(piece, guards, scene)
    if isinstance(piece, MapPiece):
        return _map_piece(piece, guards, scene)
    if isinstance(piece, EachPiece):
        return _each_piece(piece, guards, scene)
    return _dropped(piece, guards, "no form: a piece needs map, each or text")


# ---------------------------------------------------------------- guards


def _guards(piece: Piece, scene: Scene) -> Iterator[Guard]:
    for key, path, keeps in (("when", piece.when, True), ("unless", piece.unless, False)):
        if path is not None:
            value = scene.at(path.steps)
            yield Guard(key, path.text, value, is_kept(value) is keeps, scene.holds(path.steps, value))


def _stop(guard: Guard) -> str:
    """Say why a guard stopped its piece."""
    if guard.key == "when":
        return _lack(guard.path, guard.value, is_present=guard.is_present)
    state = "is true" if guard.value is True else "has a value"
    return f"`{guard.path}` {state}, so `unless` drops the piece"


def _lack(path: str, value: Any, *, is_present: bool) -> str:
    """Say what is wrong with a value that keeps no piece or has no text."""
    if value is None:
        return f"`{path}` is {'null' if is_present else 'absent'}"
    if value is False:
        return f"`{path}` is false"
    if isinstance(value, str):
        return f"`{path}` is empty"
    kind = kind_of(value)
    return f"`{path}` is " + ("no finite number" if kind == "a number" else f"{kind}, and {kind} has no text")


# ---------------------------------------------------------------- forms


def _text_piece(piece: TextPiece, guards: Guards, scene: Scene) -> PieceTrace:
    parts = _parts(piece.text, scene)
    text = _joined(parts)
    reason = None if text else _why_empty(parts)
    return PieceTrace(piece.place, "text", text, reason, guards, None, None, None, parts, (), False)


def _why_empty(parts: tuple[str | Shown, ...]) -> str:
    reasons = dict.fromkeys(part.reason for part in parts if isinstance(part, Shown) and part.reason)
    return ": ".join(filter(None, ("its text is empty", ", ".join(reasons))))


def _map_piece(piece: MapPiece, guards: Guards, scene: Scene) -> PieceTrace:
    cases, path, value = dict(piece.cases), piece.map.text, scene.at(piece.map.steps)
    is_present = scene.holds(piece.map.steps, value)
    key = map_key(value)
    case = next((name for name in (key, "_default") if name in cases), None)
    text = lookup(cases)(value)
    if text:
        reason = None
    elif case is not None:
        reason = f"the case for `{case}` is " + ("no text" if cases[case] is None else "empty")
    else:
        lack = f": {_lack(path, value, is_present=is_present)}" if readable(value) is None else ""
        reason = f"no case for `{key}`{lack}"
    return PieceTrace(piece.place, "map", text, reason, guards, path, value, case, (), (), is_present)


def _each_piece(piece: EachPiece, guards: Guards, scene: Scene) -> PieceTrace:
    path, array = piece.each.text, scene.at(piece.each.steps)
    is_present = scene.holds(piece.each.steps, array)
    items = tuple(_items(piece, array, scene)) if is_array(array) else ()
    # The texts of the items are made: what is left to its own function is to join them.
    text = joiner(lambda _element, index: items[index].text, piece.join, piece.prefix)(array)
    reason = None if text else _why_none(path, array, is_present=is_present)
    return PieceTrace(piece.place, "each", text, reason, guards, path, array, None, (), items, is_present)


def _items(piece: EachPiece, array: Any, scene: Scene) -> Iterator[Item]:
    for index, element in enumerate(array):
        parts = _parts(piece.item, Scene(scene.language, element, None, piece.item_scales, index))
        yield Item(index, parts, _joined(parts))


def _why_none(path: str, array: Any, *, is_present: bool) -> str:
    if array is None:
        return _lack(path, array, is_present=is_present)
    if not is_array(array):
        return f"`{path}` is no array"
    return "each element came to nothing" if array else f"`{path}` has no elements"


# ---------------------------------------------------------------- texts


def _parts(text: Text, scene: Scene) -> tuple[str | Shown, ...]:
    return tuple(part if isinstance(part, str) else _shown(part, scene) for part in text)


def _joined(parts: tuple[str | Shown, ...]) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def _shown(node: Expression, scene: Scene) -> Shown:
    keys, path = node.path.steps, node.path.text
    found = scene.at(keys)
    value = readable(found)
    has_fallback = any(isinstance(segment, Fallback) for segment in node.segments)
    if value is None or value == "":
        is_present = scene.holds(keys, found)
        lack = _lack(path, found, is_present=is_present)
        return Shown(str(node), path, found, (), True, node.fallback, lack, is_present, has_fallback)
    steps = tuple(_steps(node, value, scene.language_of(node)))
    text = text_of(steps[-1].result if steps else value)
    reason = None if text else f"`{_emptied(steps)}` left nothing of `{path}`"
    return Shown(str(node), path, found, steps, False, text, reason, True, has_fallback)


def _emptied(steps: tuple[VerbStep, ...]) -> str:
    """Return the first call that gave an empty text."""
    return next(step.call for step in steps if step.result == "")


def _steps(node: Expression, value: Value, language: Language) -> Iterator[VerbStep]:
    """Run the verbs of an expression one by one; a VerbFailed says in words which one failed and how."""
    for call, step in zip(node.calls, steps_of(node, language), strict=True):
        try:
            value = step.run(value)
        except VerbFailed as failure:
            raise VerbFailed(f"verb `{call.verb}` of `{node}` raised {_named(failure.__cause__)}") from failure
        yield VerbStep(str(call), value)


def _named(error: BaseException | None) -> str:
    return ": ".join(filter(None, (type(error).__name__, str(error))))
