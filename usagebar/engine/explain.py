"""How a footer comes about, piece by piece: the path, its value, the verbs one by one, and why a piece was dropped.

Slower than rendering, and always of one mind with it: a property test holds the texts of the traces to what the
compiled function gives.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.engine.pieces import Place
    from usagebar.engine.values import Value


class VerbStep(Record):
    """A verb that ran: the call as written (`meter:5:braille`) and the value it gave."""

    call: str
    result: Value


class Shown(Record):
    """An expression: its source, its path, the contract's value there (None: absent or null), what became of it.

    `is_fallback`: the text is the fallback's (or nothing), as there was no value; then no verb ran.
    """

    source: str
    path: str
    value: Any
    steps: tuple[VerbStep, ...]
    is_fallback: bool
    text: str


class Guard(Record):
    """A `when` or `unless` (`key`), its path, the contract's value there, and whether it let the piece through."""

    key: str
    path: str
    value: Any
    passed: bool


class Item(Record):
    """The text that an `each` made of one element of its array, `""` if it dropped it."""

    index: int
    parts: tuple[str | Shown, ...]
    text: str


class PieceTrace(Record):
    """What became of a piece.

    `form` is `text`, `map`, `each` or `""`; `text` what the piece shows; `reason` says in words why nothing, None if it
    shows something. `parts` are a text's literals and expressions; `path`, `value` and `case` (the key that hit) a
    map's; `path`, `value` and `items` an each's. They are empty where a guard stopped the piece.
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
