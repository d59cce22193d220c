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
_SIGNS = ("+", "-", "*", "/", "?", "||", "&&", "==", "and", "or")
DEEPEST = 4  # no path of the contract has more steps
_ARTICLES = {"integer": "an integer", "object": "an object", "array": "an array"}


class Paths:
    """The paths that a piece, or the `item` of an `each`, may name; `whose` they are, in words."""

    def __init__(self, fields: tuple[Field, ...], whose: str) -> None:
        self._fields = {field.path: field for field in fields}
        self._whose = whose
        self._elements = {inner.path: field.path for field in fields for inner in field.elements}
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
            yield self._unknown("the path of a single value", path, place, part, f", which is {_article(field)}")
            message = f"OpenClaw 2026.9 prints {_article(field)}, here it has no text"
            yield Finding("differs-upstream", message, place, part)

    def array(self, path: str, place: Place, part: Span) -> Iterator[Finding]:
        """Say what is wrong with the path of an `each`."""
        field = self.field(path)
        if field is None or field.kind != "array":
            found = "" if field is None else f", which is {_article(field)}"
            yield self._unknown("the path of an array", path, place, part, found)

    def _unknown(self, expected: str, path: str, place: Place, part: Span, found: str = "") -> Finding:
        message = f"expected {expected} of {self._whose}, found {shown(path)}{found}"
        return Finding("unknown-path", message, place, part, suggestion=self._suggestion(path, self._names[expected]))

    def _suggestion(self, path: str, names: Names) -> str | None:
        field = self.field(path)
        if field is not None:
            return self._of_another_kind(field, names)
        if (advice := _advice_on_syntax(path)) is not None:
            return advice
        within = next((field for field in self._around(path) if field.kind != "object"), None)
        if within is not None:
            way = ": show its elements with `each`" if within.kind == "array" else ", there is nothing inside"
            return f"`{within.path}` is {_article(within)}{way}"
        return names.question(path) or self._elsewhere(path, names)

    def _of_another_kind(self, field: Field, names: Names) -> str:
        """Return what helps where a known path leads to something of the wrong kind."""
        if names is self._names["the path of an array"]:
            return f"the arrays are: {listed(names)}"
        if field.kind == "array":
            return "show its elements with `each`"
        return f"it holds {listed(path for path in self._fields if path.startswith(f'{field.path}.'))}"

    def _around(self, path: str) -> Iterator[Field]:
        """Walk the known fields that a path leads through."""
        steps = path.replace("[", ".").split(".")[: DEEPEST + 1]
        fields = (self._fields.get(".".join(steps[:length])) for length in range(1, len(steps)))
        return (field for field in fields if field is not None)

    def _elsewhere(self, path: str, names: Names) -> str | None:
        """Return what else helps where no name is near."""
        if len(self._fields) <= MOST_LISTED:
            return f"they are: {listed(names)}"
        array = self._elements.get(path)
        return None if array is None else f"it is a path of the elements of `{array}`: show them with `each`"


def _advice_on_syntax(path: str) -> str | None:
    """Return what helps where a path has what no path has."""
    if path.startswith(("!", "not ")):
        return "`unless` is the opposite of `when`"
    if path.startswith("{") and path.endswith("}"):
        return "a path stands here without its braces"
    if "{" in path:
        return "is there a `}` missing, or a `{` too many?"
    if any(f" {sign} " in path for sign in _SIGNS):
        return "an expression shows one value: there are no operators"
    return None


def _article(field: Field) -> str:
    return _ARTICLES.get(field.kind, f"a {field.kind}")
