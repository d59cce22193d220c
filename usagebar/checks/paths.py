"""Findings about paths: `unknown-path`, and where an array or object has no text (`differs-upstream`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.checks.near import Names, listed, shown
from usagebar.template.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from usagebar.contract.paths import Field
    from usagebar.engine.expression import Span
    from usagebar.engine.pieces import Place

MOST_LISTED = 12
DEEPEST = 4  # no path of the contract has more steps
_ARTICLES = {"integer": "an integer", "object": "an object", "array": "an array"}


class Paths:
    """The paths that a piece, or the `item` of an `each`, may name; `whose` they are, in words."""

    def __init__(self, fields: tuple[Field, ...], whose: str) -> None:
        self._fields = {field.path: field for field in fields}
        self._whose = whose
        self._names = {
            "a path": Names(self._fields),
            "the path of a single value": self._named(lambda field: field.is_single),
            "the path of an array": self._named(lambda field: field.kind == "array"),
        }

    def _named(self, serves: Callable[[Field], bool]) -> Names:
        return Names(path for path, field in self._fields.items() if serves(field))

    def field(self, path: str) -> Field | None:
        """Return the field at a path, None if it is not known."""
        return self._fields.get(path)

    def any(self, path: str, place: Place, part: Span) -> Iterator[Finding]:
        """Say what is wrong with a path whose value is only looked at (`when`, `unless`)."""
        if path not in self._fields:
            yield self._unknown("a path", path, place, part)

    def single(self, path: str, place: Place, part: Span) -> Iterator[Finding]:
        """Say what is wrong with a path whose value is shown or looked up."""
        field = self.field(path)
        if field is None:
            yield self._unknown("the path of a single value", path, place, part)
        elif not field.is_single:
            yield _without_text(field, place, part)

    def array(self, path: str, place: Place, part: Span) -> Iterator[Finding]:
        """Say what is wrong with the path of an `each`."""
        field = self.field(path)
        if field is None or field.kind != "array":
            found = "" if field is None else f", which is {_article(field)}"
            yield self._unknown("the path of an array", path, place, part, found)

    def _unknown(self, expected: str, path: str, place: Place, part: Span, found: str = "") -> Finding:
        names = self._names[expected]
        suggestion = f"the arrays are: {listed(names)}" if found else self._suggestion(path, names)
        message = f"expected {expected} of {self._whose}, found {shown(path)}{found}"
        return Finding("unknown-path", message, place, part, suggestion=suggestion)

    def _suggestion(self, path: str, names: Names) -> str | None:
        if "{" in path:
            return "is there a `}` missing, or a `{` too many?"
        within = next((field for field in self._around(path) if field.kind != "object"), None)
        if within is not None:
            way = ": show its elements with `each`" if within.kind == "array" else ", there is nothing inside"
            return f"`{within.path}` is {_article(within)}{way}"
        return names.question(path) or self._elsewhere(path, names)

    def _around(self, path: str) -> Iterator[Field]:
        """Walk the known fields that a path leads through."""
        steps = path.split(".")
        fields = (self._fields.get(".".join(steps[:length])) for length in range(1, min(len(steps), DEEPEST + 1)))
        return (field for field in fields if field is not None)

    def _elsewhere(self, path: str, names: Names) -> str | None:
        """Return what else helps where no name is near."""
        if len(self._fields) <= MOST_LISTED:
            return f"they are: {listed(names)}"
        arrays = [field for field in self._fields.values() if path in {inner.path for inner in field.elements}]
        return f"it is a path of the elements of `{arrays[0].path}`: show them with `each`" if arrays else None


def _without_text(field: Field, place: Place, part: Span) -> Finding:
    message = f"`{field.path}` is {_article(field)} and has no text: it counts as absent (OpenClaw 2026.9 prints it)"
    suggestion = "show its elements with `each`" if field.kind == "array" else "name one of its members"
    return Finding("differs-upstream", message, place, part, suggestion=suggestion)


def _article(field: Field) -> str:
    return _ARTICLES.get(field.kind, f"a {field.kind}")
