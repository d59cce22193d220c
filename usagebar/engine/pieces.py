"""Piece nodes: what a template's pieces are once they are understood.

The form of a piece is decided by the keys present, in this order: `map`, `each`, `text`, none. `when` and `unless`
guard any of them. `shape` reads them from a decoded document. `str(piece)` gives JSON that reads back as an equal node.
"""

from __future__ import annotations

from usagebar.engine.expression import Expression, Path
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from usagebar.engine.expression import Text

    Place: TypeAlias = tuple[str | int, ...]


class Piece(Record):
    """A piece of no form, and what all forms share: the guards. `place` is where it stands in its document."""

    when: Path | None = None
    unless: Path | None = None
    place: Place = ()
    _unseen = ("place",)

    def own_paths(self) -> Iterator[Path]:
        """Walk the contract paths that the form itself reads."""
        yield from ()

    def expressions(self) -> Iterator[Expression]:
        """Walk the expressions of the piece."""
        yield from ()

    def paths(self) -> Iterator[Path]:
        """Walk the contract paths that the piece reads, guards first."""
        yield from (guard for guard in (self.when, self.unless) if guard is not None)
        yield from self.own_paths()

    def members(self) -> dict[str, Any]:
        """Return the piece as a plain object, as a document would hold it."""
        guards = {"when": self.when, "unless": self.unless}
        return {key: path.text for key, path in guards.items() if path is not None}

    def __str__(self) -> str:
        import json  # noqa: PLC0415 - rendering never prints a piece, and must not pay for this

        return json.dumps(self.members(), ensure_ascii=False)


class TextPiece(Piece):
    """`text`: literal text with expressions."""

    text: Text = ()

    def own_paths(self) -> Iterator[Path]:
        """Walk the paths of its expressions."""
        return (node.path for node in self.expressions())

    def expressions(self) -> Iterator[Expression]:
        """Walk the expressions of the text."""
        return expressions_in(self.text)

    def members(self) -> dict[str, Any]:
        """Return the guards and the text."""
        return super().members() | {"text": source_of(self.text)}


class MapPiece(Piece):
    """`map` + `cases`: a literal text for a value. A case that is no string is None: its hit drops the piece."""

    map: Path = Path("")
    cases: tuple[tuple[str, str | None], ...] = ()

    def own_paths(self) -> Iterator[Path]:
        """Walk the path that is looked up."""
        yield self.map

    def members(self) -> dict[str, Any]:
        """Return the guards, the path and the cases."""
        return super().members() | {"map": self.map.text, "cases": dict(self.cases)}


class EachPiece(Piece):
    """`each` + `item`: a text for each element of an array. The paths in `item` are the element's own.

    `prefix` is literal and stands before a space. `item_scales` names what scale `*` is at each index; a name that is
    no string is None.
    """

    each: Path = Path("")
    item: Text = ()
    join: str = " "
    prefix: str = ""
    item_scales: tuple[str | None, ...] = ()

    def own_paths(self) -> Iterator[Path]:
        """Walk the path of the array."""
        yield self.each

    def expressions(self) -> Iterator[Expression]:
        """Walk the expressions of the item."""
        return expressions_in(self.item)

    def members(self) -> dict[str, Any]:
        """Return the guards, the array's path and what is made of its elements."""
        optional = {"text": self.prefix, "item_scales": list(self.item_scales)}
        form = {"each": self.each.text, "item": source_of(self.item), "join": self.join}
        return super().members() | form | {key: value for key, value in optional.items() if value}


def source_of(text: Text) -> str:
    """Return source that parses to this text."""
    return "".join(map(str, text))


def expressions_in(text: Text) -> Iterator[Expression]:
    """Walk the expressions of a text."""
    return (part for part in text if isinstance(part, Expression))
