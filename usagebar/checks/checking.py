"""`check`: everything that can be said of a template, in the order of its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.checks.definitions import beyond_json, in_definitions, in_shape, in_surfaces
from usagebar.checks.expressions import Vocabulary
from usagebar.checks.ignoring import unsilenced
from usagebar.checks.keys import in_document, repeated_keys
from usagebar.checks.limits import over_limits
from usagebar.checks.paths import Paths
from usagebar.checks.pieces import Setting, in_piece, keys_of_piece
from usagebar.contract.paths import contract_fields
from usagebar.engine.custom import verbs_with
from usagebar.engine.verbs import Scope
from usagebar.template.findings import located, place_in_text
from usagebar.template.reading import bar_of, examine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.diagnostics import Diagnostic
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Verbs
    from usagebar.engine.shape import Template
    from usagebar.template.findings import Finding
    from usagebar.template.loader import CustomVerbs
    from usagebar.template.reading import Outcome


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
    document, text, template = outcome.document, outcome.text, outcome.template
    findings: list[Finding] = []
    if isinstance(document, Mapping) and not _is_foreign(outcome):
        findings += in_document(document)
        findings += () if text is None else repeated_keys(text)
    if template is not None:
        findings += in_shape(document, text)
        findings += _in_template(template, document, verbs)
        findings += over_limits(bar_of(outcome, verbs), _surfaces_place(document))
        findings += () if text is None else beyond_json(text)
    said = located(findings, text)
    if template is None:
        return sorted([*outcome.diagnostics, *unsilenced(said, text)], key=place_in_text)
    return sorted(unsilenced([*outcome.diagnostics, *said], text), key=place_in_text)


def _is_foreign(outcome: Outcome) -> bool:
    return any(finding.code == "unsupported-schema" for finding in outcome.diagnostics)


def _surfaces_place(document: Mapping[str, Any]) -> Place:
    return ("output", "surfaces") if isinstance(document.get("output"), Mapping) else ("surfaces",)


def _in_template(template: Template, document: Mapping[str, Any], verbs: Verbs) -> Iterator[Finding]:
    yield from in_surfaces(template.surfaces, _surfaces_place(document))
    vocabulary = Vocabulary(verbs, Scope(template.scales, template.aliases))
    setting = Setting(vocabulary, Paths(contract_fields(), "the contract"))
    pieces = {piece.place: piece for piece in _pieces(template, verbs)}
    for place, raw in _raw_pieces(template):
        yield from keys_of_piece(raw, place)
        if place in pieces:
            yield from in_piece(pieces[place], raw, setting)
    yield from in_definitions(document, pieces.values(), verbs)


def _pieces(template: Template, verbs: Verbs) -> Iterator[Piece]:
    """Walk the piece nodes, those that surfaces share once."""
    yield from template.pieces(None, verbs)
    for surface, layout in template.surfaces.items():
        if layout.place != template.default.place:
            yield from template.pieces(surface, verbs)


def _raw_pieces(template: Template) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Walk the objects among the pieces, those that surfaces share once."""
    layouts = {layout.place: layout for layout in (template.default, *template.surfaces.values())}
    for place, layout in layouts.items():
        for index, raw in enumerate(layout.pieces):
            if isinstance(raw, Mapping):
                yield (*place, index), raw
