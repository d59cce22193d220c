"""`check`: everything that can be said of a template, in the order of its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.checks.definitions import beyond_json, in_definitions, in_shape, in_surfaces
from usagebar.checks.expressions import Vocabulary
from usagebar.checks.ignoring import unsilenced
from usagebar.checks.keys import in_document, repeated_keys
from usagebar.checks.limits import Limits
from usagebar.checks.markup import Markup, entry_of
from usagebar.checks.paths import Paths
from usagebar.checks.pieces import Setting, in_piece, keys_of_piece
from usagebar.contract.paths import contract_fields
from usagebar.engine.custom import verbs_with
from usagebar.engine.expression import parse_text
from usagebar.engine.pieces import EachPiece, TextPiece
from usagebar.engine.running import Language
from usagebar.engine.shape import read
from usagebar.engine.verbs import Scope
from usagebar.template.findings import located, place_in_text
from usagebar.template.reading import bar_of, dropped_findings, examine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.diagnostics import Diagnostic
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Verbs
    from usagebar.engine.shape import Template
    from usagebar.template.findings import Finding
    from usagebar.template.loader import CustomVerbs
    from usagebar.template.reading import Outcome

    # The piece nodes of each entry: None is the default.
    Nodes = Mapping[str | None, tuple[Piece, ...]]


def check(source: Any, *, verbs: CustomVerbs | None = None) -> list[Diagnostic]:
    """Return everything that is wrong with a template, or could be better, in the order of its text.

    Args:
        source: as in `usagebar.load`. A file that is not there, and nothing or blank text, is an error here.
        verbs: the caller's own verbs, as in `usagebar.load`.

    Each `Diagnostic` has a code, a severity and a JSON path, and line and column where there is text. A comment
    `// usagebar: ignore CODE` silences a code, for its own line and the next, or above the template for all of it; what
    keeps a template from being used at all cannot be silenced.

    Raises:
        TypeError, ValueError: only for `verbs` that cannot be verbs, or that replace a built-in one.
    """
    known = verbs_with(verbs)
    return check_outcome(examine(source), known)


def check_outcome(outcome: Outcome, verbs: Verbs) -> list[Diagnostic]:
    """Return the findings about a source that was examined already; `verbs` are all that its expressions may name."""
    text = outcome.text
    findings = located(list(_findings(outcome, verbs)), text)
    if outcome.template is None:  # why there is none cannot be silenced
        return sorted([*outcome.diagnostics, *unsilenced(findings, text)], key=place_in_text)
    return sorted(unsilenced([*outcome.diagnostics, *findings], text), key=place_in_text)


def _findings(outcome: Outcome, verbs: Verbs) -> Iterator[Finding]:
    """Walk what loading does not say."""
    document, text, template = outcome.document, outcome.text, outcome.template
    if not isinstance(document, Mapping) or _is_foreign(outcome):
        return
    yield from in_document(document)
    if text is not None:
        yield from repeated_keys(text)
    if template is None:
        yield from dropped_findings(read(document))
        return
    yield from in_shape(document, text)
    nodes = {entry: template.pieces(entry, verbs) for entry in (None, *template.surfaces)}
    yield from _in_template(template, nodes, document, verbs)
    bar, language = bar_of(outcome, verbs), Language(verbs, Scope(template.scales, template.aliases))
    limits = Limits(bar, language)
    yield from _over_limits(limits, template, nodes, document)
    yield from _broken_markup(Markup(bar, language, document, limits), template, nodes, document)
    if text is not None:
        yield from beyond_json(text)


def _is_foreign(outcome: Outcome) -> bool:
    return any(finding.code == "unsupported-schema" for finding in outcome.diagnostics)


def _surfaces_place(document: Mapping[str, Any]) -> Place:
    return ("output", "surfaces") if isinstance(document.get("output"), Mapping) else ("surfaces",)


def _in_template(template: Template, nodes: Nodes, document: Mapping[str, Any], verbs: Verbs) -> Iterator[Finding]:
    yield from in_surfaces(template.surfaces, _surfaces_place(document))
    vocabulary = Vocabulary(verbs, Scope(template.scales, template.aliases))
    setting = Setting(vocabulary, Paths(contract_fields(), "the contract"))
    # Surfaces may share the default's pieces; by their places they are there once.
    pieces = {piece.place: piece for entry in nodes.values() for piece in entry}
    dropped: list[Piece] = []
    for place, raw in _raw_pieces(template):
        yield from keys_of_piece(raw, place)
        if place in pieces:
            yield from in_piece(pieces[place], raw, setting)
        else:
            dropped += _said_by(raw, verbs)
    yield from in_definitions(document, [*pieces.values(), *dropped], verbs)


def _said_by(raw: Mapping[str, Any], verbs: Verbs) -> Iterator[Piece]:
    """Walk what a dropped piece says all the same: what it names is not unused, it has to be mended."""
    for key in ("text", "item"):
        if isinstance(raw.get(key), str):
            yield TextPiece(text=parse_text(raw[key], verbs))
    names = raw.get("item_scales")
    if isinstance(names, tuple):  # as `shape` keeps arrays
        yield EachPiece(item_scales=tuple(name for name in names if isinstance(name, str)))


def _over_limits(limits: Limits, template: Template, nodes: Nodes, document: Mapping[str, Any]) -> Iterator[Finding]:
    yield from limits.of_default(nodes[None], template.default.place)
    for surface in template.surfaces:
        yield from limits.of_surface(surface, nodes[surface], (*_surfaces_place(document), surface))


def _broken_markup(markup: Markup, template: Template, nodes: Nodes, document: Mapping[str, Any]) -> Iterator[Finding]:
    for surface, layout in template.surfaces.items():
        place = _separator_place(document, surface)
        yield from markup.of_surface(surface, entry_of(nodes[surface], layout.sep, place))
    yield from markup.of_default(entry_of(nodes[None], template.default.sep, _separator_place(document, None)))


def _separator_place(document: Mapping[str, Any], surface: str | None) -> Place:
    """Return where what joins the pieces of a surface is written: in the older shape a surface may have its own."""
    if isinstance(document.get("output"), Mapping):
        return "output", "sep"
    own = document["surfaces"][surface] if surface is not None else None
    return ("surfaces", surface, "sep") if surface and isinstance(own, Mapping) and "sep" in own else ("sep",)


def _raw_pieces(template: Template) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Walk the objects among the pieces, those that surfaces share once."""
    layouts = {layout.place: layout for layout in (template.default, *template.surfaces.values())}
    for place, layout in layouts.items():
        for index, raw in enumerate(layout.pieces):
            if isinstance(raw, Mapping):
                yield (*place, index), raw
