"""`UsageBar`: a template ready to render, compiled surface by surface when it is first asked for one."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.engine.compiler import compile_pieces
from usagebar.engine.running import Language, remembered
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
        self._escaped: dict[tuple[str, str | None], Program] = {}  # by mode and entry
        self._nodes: dict[str | None, tuple[Piece, ...]] = {}

    def __repr__(self) -> str:
        return f"<UsageBar {self.name} surfaces={list(self.surfaces)}>"

    def __deepcopy__(self, _memo: object) -> UsageBar:
        return self  # it never changes

    def __getstate__(self) -> dict[str, Any]:
        # Compiled functions do not travel between processes, they are made again; nor do the language's own verbs.
        custom = {name: verb for name, verb in self._verbs.items() if verb.is_custom}
        return self.__dict__ | {"_programs": {}, "_default": None, "_escaped": {}, "_nodes": {}, "_verbs": custom}

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

    def render(self, contract: Any, surface: str | None = None, *, escape: str | bool | None = None) -> str:
        """Return the footer for a turn, `""` if nothing is left of it. Never raises on data.

        `contract` is any mapping of the shape `openclaw.usageLine.v1`, or a `UsageContract`; anything else counts as
        empty. `surface` replaces the contract's own, also for `{surface}`. A failure is logged once, and gives the text
        of the built-in template, or `""`.

        `escape` names a mode (`discord`, `telegram-html`, …, see `usagebar.surfaces.MODES`) in which the text will be
        read, True the surface's own: text from the contract is then escaped for it, the template's own is left as it
        is (in `telegram-markdownv2` both are). Without it nothing is escaped.

        Raises:
            ValueError: `escape` is no mode's name.
            TypeError: `escape` is neither a text nor a boolean nor None.
        """
        if escape is not None and escape is not False:
            return self._rendered(contract, surface, escape)
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

    def _rendered(self, contract: Any, surface: str | None, escape: str | bool) -> str:
        _check_escape(escape)
        try:
            contract = _as_mapping(contract)
            surface = contract.get("surface") if surface is None else surface
            function, join = self._escaping_program(surface, escape)
            return join(function(contract, surface))
        except Exception as error:  # noqa: BLE001 - as in render
            return self._failing(error, contract, surface, escape)

    def pieces(self, contract: Any, surface: str | None = None, *, escape: str | bool | None = None) -> list[str]:
        """Return the texts of the pieces that survive, unjoined; arguments and errors as in `render`."""
        _check_escape(escape)
        try:
            contract = _as_mapping(contract)
            surface = contract.get("surface") if surface is None else surface
            function, _ = self._program(surface) if not escape else self._escaping_program(surface, escape)
            texts = [text for text in function(contract, surface) if text]
            whole = _whole_text_escaper(escape, surface) if escape else None
            return texts if whole is None else list(map(whole, texts))
        except Exception as error:  # noqa: BLE001 - as in render
            text = self._failing(error, contract, surface, escape)
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

    def _escaping_program(self, surface: Any, escape: str | bool) -> Program:
        mode, entry = _mode(escape, surface), self._entry(surface)
        program = self._escaped.get((mode, entry))
        if program is None:
            program = self._escaped[mode, entry] = self._compile_escaping(entry, mode)
        return program

    def _compile(self, entry: str | None, escape: Callable[[str], str] | None = None) -> Program:
        template = self._template
        layout = template.default if entry is None else template.surfaces[entry]
        function = compile_pieces(template.pieces(entry, self._verbs), self._language(escape))
        return function, _joiner(layout.sep)

    def _compile_escaping(self, entry: str | None, mode: str) -> Program:
        from usagebar.surfaces.escaping import WHOLE, escaper  # noqa: PLC0415 - as in _mode

        escape = escaper(mode)
        if mode not in WHOLE:
            return self._compile(entry, remembered(escape))
        function, join = self._compile(entry)
        return function, lambda texts: escape(join(texts))

    def _language(self, escape: Callable[[str], str] | None = None) -> Language:
        return Language(self._verbs, Scope(self._template.scales, self._template.aliases), escape)

    def _failing(self, error: Exception, contract: Any, surface: Any, escape: str | bool | None = None) -> str:
        """Log a failure of this template once and hand the turn to the built-in."""
        if not self._failed:
            self._failed = True
            import logging  # noqa: PLC0415 - rendering itself must not pay for its import

            logging.getLogger("usagebar").error("%s: rendering failed", self.name, exc_info=error)
        return "" if self._fallback is None else self._fallback.render(contract, surface, escape=escape)


_checked: set[str] = set()  # names of modes that were asked for


def _check_escape(escape: object) -> None:
    if escape is None or isinstance(escape, bool):
        return
    if not isinstance(escape, str):
        raise TypeError(f"expected a mode's name, True or None as escape, found {type(escape).__name__}")
    if escape in _checked:
        return
    from usagebar.surfaces.escaping import MODES  # noqa: PLC0415 - rendering as such knows no surfaces

    if escape not in MODES:
        raise ValueError(f"expected one of the modes {', '.join(MODES)} as escape, found {exact(escape)!r}")
    _checked.add(exact(escape))


def _mode(escape: str | bool, surface: Any) -> str:
    """Return the mode that is asked for: the one named, or a surface's own."""
    if isinstance(escape, str):
        return exact(escape)
    from usagebar.surfaces.profiles import PROFILES  # noqa: PLC0415 - rendering as such knows no surfaces

    profile = PROFILES.get(exact(surface)) if isinstance(surface, str) else None
    return "plain" if profile is None else profile.mode


def _whole_text_escaper(escape: str | bool, surface: Any) -> Callable[[str], str] | None:
    """Return what escapes the template's text as well, None in the modes in which it is trusted."""
    from usagebar.surfaces.escaping import WHOLE, escaper  # noqa: PLC0415 - as in _mode

    mode = _mode(escape, surface)
    return escaper(mode) if mode in WHOLE else None


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
