"""Piece nodes of one surface → one Python function.

    def render(c, s):                  # the contract (any mapping) and the surface → the texts of the pieces
        o0 = c.get('usage')            # each path is resolved once, whatever reads it
        if type(o0) is not dict: o0 = as_object(o0)
        v1 = o0.get('input_tokens')
        if is_kept(v1):
            t2 = k3(v1) if type(v1) is int … else k4(v1)    # a verb's quick form, else the whole rule
            p5 = ' ↕️ ' f'{t2}'
        else:
            p5 = ''
        return (p5,)

The quick form serves the type of value that is met most; `k4`, the pipeline of the expression, knows every case.
Nothing of a template is pasted into the source: literals and keys enter as the repr of an exact `str`, all else is
bound to a name of the function's globals.
"""

from __future__ import annotations

from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.running import (
    SURFACE,
    joiner,
    long_text,
    lookup,
    per_index,
    pipeline,
    steps_of,
    uses_star,
    walker,
)
from usagebar.engine.steps import Quick
from usagebar.engine.values import as_object, exact, is_kept
from usagebar.engine.verbs import VerbFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from usagebar.engine.expression import Expression, Path, Text
    from usagebar.engine.pieces import Piece
    from usagebar.engine.running import Language, Star
    from usagebar.engine.steps import Step

    Function: TypeAlias = Callable[[Any, Any], tuple[str, ...]]

# Deeper paths and longer texts than people write are not unrolled: the compiler's time stays linear in the template.
UNROLLED_STEPS = 16
UNROLLED_PARTS = 200

_TEXT = Quick("type(@) is str", "@")
_TEXT_OR_FALLBACK = Quick("type(@) is str and @", "@")


def compile_pieces(pieces: tuple[Piece, ...], language: Language) -> Function:
    """Return the function from a contract and its surface to the pieces' texts, dropped ones as `""`.

    The contract is any mapping; `{surface}` reads the second argument.
    """
    writer = Writer(language, is_root=True)
    texts = [writer.piece(piece) for piece in pieces]
    function: Function = writer.function(f"({''.join(text + ', ' for text in texts)})")
    return function


class Writer:
    """Writes one function: statements, and the objects that its global names are bound to."""

    def __init__(self, language: Language, *, is_root: bool) -> None:
        """Start a function of the contract `c` and the surface `s`; below the root, of an element `c` at index `i`."""
        self.language = language
        self.is_root = is_root
        self.lines: list[str] = []
        self.resolving: list[str] = []  # run before `lines`
        self.names: dict[str, Any] = {"as_object": as_object, "is_kept": is_kept, "VerbFailed": VerbFailed}
        self.objects: dict[tuple[str, ...], str] = {(): "c"}
        self.values: dict[tuple[str, ...], str] = {SURFACE: "s"} if is_root else {}
        self.count = 0

    def name(self, letter: str) -> str:
        """Return a name not used before."""
        self.count += 1
        return f"{letter}{self.count}"

    def bound(self, value: object) -> str:
        """Bind an object to a new global name."""
        name = self.name("k")
        self.names[name] = value
        return name

    def function(self, result: str) -> Any:
        """Compile what was written into a function that returns `result`."""
        body = [*self.resolving, *self.lines, f"return {result}"]
        source = f"def render({'c, s' if self.is_root else 'c, i'}):\n" + "".join(f"    {line}\n" for line in body)
        # The source holds no text of the template but reprs of exact strings: see `literal`.
        exec(compile(source, "<usagebar template>", "exec"), self.names)  # noqa: S102
        function: Any = self.names.pop("render")
        function.source = source
        return function

    def value(self, path: Path) -> str:
        """Return the variable that holds what a path leads to, None where it leads nowhere."""
        steps = path.steps
        if steps not in self.values:
            self.values[steps] = variable = self.name("v")
            if len(steps) > UNROLLED_STEPS:
                walk = self.bound(walker(steps, is_root=self.is_root))
                self.resolving.append(f"{variable} = {walk}(c, {'s' if self.is_root else 'None'})")
            else:
                self.resolving.append(f"{variable} = {self.object(steps[:-1])}.get({literal(steps[-1])})")
        return self.values[steps]

    def object(self, steps: tuple[str, ...]) -> str:
        """Return the variable that holds the object at these steps, an empty one where there is none."""
        if steps not in self.objects:
            if steps in self.values:
                source = self.values[steps]
            else:
                source = f"{self.object(steps[:-1])}.get({literal(steps[-1])})"
            self.objects[steps] = variable = self.name("o")
            self.resolving.append(f"{variable} = {source}")
            self.resolving.append(f"if type({variable}) is not dict: {variable} = as_object({variable})")
        return self.objects[steps]

    def piece(self, piece: Piece) -> str:
        """Write a piece and return the source of its text."""
        guards = [self.kept(piece.when)] if piece.when is not None else []
        guards += [f"not {self.kept(piece.unless)}"] if piece.unless is not None else []
        outer, self.lines = self.lines, []
        text = self.form(piece)
        may_fail = self.calls_custom_verb(piece)
        lines, self.lines = self.lines, outer
        if not (guards or lines or may_fail):
            return text
        variable = self.name("p")
        block = [*lines, f"{variable} = {text}"]
        if may_fail:  # a failing custom verb costs its piece only
            block = ["try:", *indented(block), "except VerbFailed:", f"    {variable} = ''"]
        if guards:
            block = [f"if {' and '.join(guards)}:", *indented(block), "else:", f"    {variable} = ''"]
        self.lines += block
        return variable

    def calls_custom_verb(self, piece: Piece) -> bool:
        """Tell whether a piece calls a verb that is not the language's own."""
        calls = (call for node in piece.expressions() for call in node.calls)
        return any(self.language.verbs[call.verb].is_custom for call in calls)

    def kept(self, path: Path) -> str:
        """Return the condition that a path's value keeps a piece."""
        v = self.value(path)
        # is_kept(v), with the call itself left to the types that are rare.
        text = f"{v} != '' if type({v}) is str else is_kept({v})"
        plain = f"type({v}) is int or type({v}) is float or ({text})"
        return f"({v} is True or {v} is not None and {v} is not False and ({plain}))"

    def form(self, piece: Piece) -> str:
        """Write what a piece shows when its guards let it."""
        if isinstance(piece, TextPiece):
            return self.text(piece.text)
        if isinstance(piece, MapPiece):
            return self.map_piece(piece)
        return self.each_piece(piece) if isinstance(piece, EachPiece) else "''"

    def map_piece(self, piece: MapPiece) -> str:
        """Write a `map` piece."""
        v = self.value(piece.map)
        find = lookup(dict(piece.cases))
        booleans = f"{literal(find(True))} if {v} is True else {literal(find(False))} if {v} is False"
        return f"{booleans} else {self.bound(find)}({v})"

    def each_piece(self, piece: EachPiece) -> str:
        """Write an `each` piece; its item becomes a function of its own."""
        inner = Writer(self.language, is_root=False)
        result = inner.text(piece.item, piece.item_scales)
        inner.resolving.insert(0, "if type(c) is not dict: c = as_object(c)")
        items = joiner(inner.function(result), piece.join, piece.prefix)
        return f"{self.bound(items)}({self.value(piece.each)})"

    def text(self, text: Text, star: Star = None) -> str:
        """Write a text and return the source of its value. `star` names scale `*` at each index of an `each`."""
        if len(text) > UNROLLED_PARTS:
            run = self.bound(long_text(text, self.language, star, is_root=self.is_root))
            return f"{run}(c, {'s, 0' if self.is_root else 'None, i'})"
        parts = [literal(part) if isinstance(part, str) else f"f'{{{self.expression(part, star)}}}'" for part in text]
        return " ".join(parts) or "''"

    def expression(self, node: Expression, star: Star) -> str:
        """Write an expression and return the variable that holds its text."""
        variable = self.name("t")
        v = self.value(node.path)
        if star and uses_star(node):
            run = per_index(node, self.language, star)
            self.lines.append(f"{variable} = {self.bound(run)}({v}, i)")
            return variable
        steps = steps_of(node, self.language)
        whole = f"{self.bound(pipeline(steps, node.fallback, self.language.escape))}({v})"
        quick = quick_form(steps, node.fallback, self.language.escape)
        if quick is not None:
            test, code = (self.quick_source(source, quick, v) for source in (quick.test, quick.code))
            whole = f"{code} if {test} else {whole}"
        self.lines.append(f"{variable} = {whole}")
        return variable

    def quick_source(self, source: str, quick: Quick, value: str) -> str:
        """Fill the value's variable and the bound object's name into a quick form."""
        if "#" in source:
            source = source.replace("#", self.bound(quick.bound))
        return source.replace("@", value)


def literal(text: str) -> str:
    """Return the source of a literal: the repr of an exact string, which a subclass cannot redefine."""
    return str.__repr__(exact(text))


def indented(lines: list[str]) -> list[str]:
    """Return source lines one level deeper."""
    return ["    " + line for line in lines]


def quick_form(steps: tuple[Step, ...], fallback: str, escape: Callable[[str], str] | None = None) -> Quick | None:
    """Return the quick form of an expression, if it has one. Those of the verbs give no text of the contract's."""
    if not steps:
        shown = _TEXT_OR_FALLBACK if fallback else _TEXT
        return shown if escape is None else Quick(shown.test, "#(@)", escape)
    return steps[0].quick if len(steps) == 1 else None
