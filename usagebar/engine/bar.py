"""`UsageBar`: a template ready to render, compiled surface by surface when it is first asked for one."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.engine.compiler import compile_pieces
from usagebar.engine.running import Language
from usagebar.engine.values import exact
from usagebar.engine.verbs import VERBS, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from usagebar.engine.compiler import Function
    from usagebar.engine.explain import PieceTrace
    from usagebar.engine.pieces import Piece
    from usagebar.engine.running import Verbs
    from usagebar.engine.shape import Template

    Program: TypeAlias = tuple[Function, Callable[[tuple[str, ...]], str]]


class UsageBar:
    """A usage-bar template: `render` turns one turn's figures into the footer's text.

    Bars come from `usagebar.load`, `usagebar.parse` and `usagebar.TemplateStore`, never change, and may be shared
    between threads.

    Attributes:
        name: where the template came from: a path, `<text abc123…>`, `<mapping …>` or `<built-in>`.
        is_builtin: whether this is the built-in template, also as the replacement of one that could not be used.
        diagnostics: what loading found, a tuple of `usagebar.diagnostics.Diagnostic`.
    """

    def __init__(
        self,
        template: Template,
        *,
        name: str,
        verbs: Verbs | None = None,
        is_builtin: bool = False,
        diagnostics: tuple[Any, ...] = (),
        fallback: UsageBar | None = None,
    ) -> None:
        self.name = name
        self.is_builtin = is_builtin
        self.diagnostics = diagnostics
        self._template = template
        self._verbs: Verbs = VERBS if verbs is None else verbs
        self._fallback = fallback
        self._failed = False
        self._programs: dict[str, Program] = {}
        self._default: Program | None = None
        self._nodes: dict[str | None, tuple[Piece, ...]] = {}

    def __repr__(self) -> str:
        return f"<UsageBar {self.name} surfaces={list(self.surfaces)}>"

    def __deepcopy__(self, _memo: object) -> UsageBar:
        return self  # it never changes

    def __getstate__(self) -> dict[str, Any]:
        # Compiled functions do not travel between processes, they are made again; nor do the language's own verbs.
        custom = {name: verb for name, verb in self._verbs.items() if verb.is_custom}
        return self.__dict__ | {"_programs": {}, "_default": None, "_nodes": {}, "_verbs": custom}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._verbs = {**VERBS, **state["_verbs"]}

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The surfaces that have an entry of their own, in the template's order."""
        return tuple(self._template.surfaces)

    @property
    def sep(self) -> str:
        """What joins the pieces of the default (the legacy shape may have another one for a surface)."""
        return self._template.default.sep

    def with_diagnostics(self, diagnostics: tuple[Any, ...]) -> UsageBar:
        """Return the same bar, what is compiled already included, with other findings."""
        if diagnostics == self.diagnostics:
            return self
        twin = object.__new__(UsageBar)
        twin.__dict__.update(self.__dict__)
        twin.diagnostics = diagnostics
        return twin

    def render(self, contract: Any, surface: str | None = None) -> str:
        """Return the footer for a turn, `""` if nothing is left of it. Never raises.

        `contract` is any mapping of the shape `openclaw.usageLine.v1`, or a `UsageContract`; anything else counts as
        empty. `surface` replaces the contract's own, also for `{surface}`. A failure is logged once, and gives the text
        of the built-in template, or `""`.
        """
        try:
            if type(contract) is not dict:
                contract = _as_mapping(contract)
            if surface is None:
                surface = contract.get("surface")
            program = self._programs.get(surface) if type(surface) is str else None
            function, join = program or self._program(surface)
            return join(function(contract, surface))
        except Exception as error:  # noqa: BLE001 - a footer must never cost the reply
            return self._failing(error, contract, surface)

    def pieces(self, contract: Any, surface: str | None = None) -> list[str]:
        """Return the texts of the pieces that survive, unjoined. Never raises; arguments as in `render`."""
        try:
            contract = _as_mapping(contract)
            surface = contract.get("surface") if surface is None else surface
            function, _ = self._program(surface)
            return [text for text in function(contract, surface) if text]
        except Exception as error:  # noqa: BLE001 - as in render
            text = self._failing(error, contract, surface)
            return [text] if text else []

    def explain(self, contract: Any, surface: str | None = None) -> list[PieceTrace]:
        """Return how the footer comes about, piece by piece; arguments as in `render`.

        One trace for each piece, also for those that are dropped; a piece broken at load has none. What a custom verb
        raises drops its piece here too; a failure of another kind is not caught.
        """
        from usagebar.engine.explain import traces  # noqa: PLC0415 - only the preview explains

        contract = _as_mapping(contract)
        surface = contract.get("surface") if surface is None else surface
        return traces(self._pieces_of(self._entry(surface)), self._language(), contract, surface)

    def variables(self, surface: str | None = None) -> frozenset[str]:
        """Return the contract paths that a surface's pieces read (None: the default's).

        Of an `each` that is the path of the array, not the paths inside its elements.
        """
        return frozenset(path.text for piece in self._pieces_of(self._entry(surface)) for path in piece.paths())

    def _entry(self, surface: Any) -> str | None:
        """Return the name of a surface's own entry, None if the default serves it."""
        # The exact text: a member of a str enum hashes as its name.
        name = exact(surface) if isinstance(surface, str) else None
        return name if name in self._template.surfaces else None

    def _pieces_of(self, entry: str | None) -> tuple[Piece, ...]:
        """Return the nodes of an entry. Rendering does not keep them: what it needs is compiled."""
        if entry not in self._nodes:
            self._nodes[entry] = self._template.pieces(entry, self._verbs)
        return self._nodes[entry]

    def _program(self, surface: Any) -> Program:
        entry = self._entry(surface)
        if entry is None:
            if self._default is None:
                self._default = self._compile(None)
            return self._default
        if entry not in self._programs:
            self._programs[entry] = self._compile(entry)
        return self._programs[entry]

    def _compile(self, entry: str | None) -> Program:
        template = self._template
        layout = template.default if entry is None else template.surfaces[entry]
        function = compile_pieces(template.pieces(entry, self._verbs), self._language())
        return function, _joiner(layout.sep)

    def _language(self) -> Language:
        return Language(self._verbs, Scope(self._template.scales, self._template.aliases))

    def _failing(self, error: Exception, contract: Any, surface: Any) -> str:
        """Log a failure of this template once and hand the turn to the built-in."""
        if not self._failed:
            self._failed = True
            import logging  # noqa: PLC0415 - rendering itself must not pay for its import

            logging.getLogger("usagebar").error("%s: rendering failed", self.name, exc_info=error)
        return "" if self._fallback is None else self._fallback.render(contract, surface)


def _joiner(sep: str) -> Callable[[tuple[str, ...]], str]:
    if not sep:
        return "".join

    def join(texts: tuple[str, ...]) -> str:
        return sep.join([text for text in texts if text])

    return join


def _as_mapping(contract: Any) -> Mapping[str, Any]:
    if isinstance(contract, Mapping):
        return contract
    if hasattr(contract, "to_mapping") and not isinstance(contract, type):  # a UsageContract; no pydantic here
        found = contract.to_mapping()
        return found if isinstance(found, Mapping) else {}
    return {}
