"""Findings about what a template defines: its scales, alias tables and surfaces, and the shape it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import TYPE_CHECKING, Any

from usagebar.checks.near import distance, shown
from usagebar.engine.shape import SCALE_KEYS, is_array
from usagebar.engine.verbs import ScaleName, TableName
from usagebar.surfaces.cells import clusters
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.builtin import SCHEMA
from usagebar.template.findings import Finding
from usagebar.template.jsonc import JsoncError, blank, decode
from usagebar.template.reading import shortened
from usagebar.template.source import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.engine.expression import Span
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Verbs

MOST_GLYPHS_SHOWN = 20
LONGEST_ARRAY = 200  # characters


# ---------------------------------------------------------------- scales and tables


def uses_of(pieces: Iterable[Piece], verbs: Verbs) -> tuple[set[str], set[str]]:
    """Return the names of the scales and of the alias tables that pieces use."""
    scales: set[str] = set()
    tables: set[str] = set()
    for piece in pieces:
        scales.update(name for name in getattr(piece, "item_scales", ()) if name is not None)
        for call in (call for node in piece.expressions() for call in node.calls):
            for parameter, argument in zip(getattr(verbs[call.verb], "parameters", ()), call.arguments, strict=False):
                if isinstance(parameter, ScaleName):
                    scales.add(argument.text)
                elif isinstance(parameter, TableName):
                    tables.add(argument.text)
    return scales, tables


def in_definitions(document: Mapping[str, Any], pieces: Iterable[Piece], verbs: Verbs) -> Iterator[Finding]:
    """Walk what is wrong with the scales and alias tables, the unused ones included."""
    scales, tables = uses_of(pieces, verbs)
    for name, (place, value) in scales_of(document).items():
        if isinstance(value, str):
            yield from _split_clusters(value, place)
        if name not in scales and (isinstance(value, str) or is_array(value)):
            message = f"no `meter` draws with the scale `{shortened(name)}`"
            yield Finding("unused-scale", message, place, is_key=True)
    for table, labels in _members(document, "aliases").items():
        if table not in tables and isinstance(labels, Mapping):
            message = f"no `alias` looks into the table `{shortened(table)}`"
            yield Finding("unused-alias-table", message, ("aliases", table), is_key=True)


def scales_of(document: Mapping[str, Any]) -> dict[str, tuple[Place, Any]]:
    """Return the scales that count, with their places: of several of one name the newest key's."""
    return {name: ((key, name), value) for key in SCALE_KEYS for name, value in _members(document, key).items()}


def _members(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return {name: each for name, each in found.items() if isinstance(name, str)} if isinstance(found, Mapping) else {}


def _split_clusters(scale: str, place: Place) -> Iterator[Finding]:
    if scale.isascii():
        return
    glyphs = [cluster for cluster, _ in clusters(scale)]
    array = dumps(glyphs[:MOST_GLYPHS_SHOWN], ensure_ascii=False)
    suggestion = f"write the scale as an array: {shortened(array, LONGEST_ARRAY)}"
    at = 0
    for glyph in glyphs:
        if len(glyph) > 1:
            found = f"`{shortened(glyph)}`, which has {len(glyph)}"
            message = f"expected glyphs of one code point each, found {found}: each of them becomes a glyph"
            yield Finding("cluster-split", message, place, (at, at + len(glyph)), suggestion=suggestion)
        at += len(glyph)


# ---------------------------------------------------------------- surfaces


def in_surfaces(surfaces: Iterable[str], place: Place) -> Iterator[Finding]:
    """Walk the surfaces whose name is near to a known one."""
    for name in surfaces:
        meant = _known_surface(name)
        if meant is not None:
            message = f"expected the name of a known surface, found {shown(name)}"
            yield Finding(
                "unknown-surface", message, (*place, name), is_key=True, suggestion=f"did you mean `{meant}`?"
            )


def _known_surface(name: str) -> str | None:
    """Return the known surface that a name must mean, None if it is one, or may well be another."""
    if name in PROFILES:
        return None
    word = name.strip().lower()
    near = [(distance(word, known, 2), known) for known in PROFILES]
    edits, known = min(near)
    # Of short names each letter counts: `rc` is no `irc`.
    return known if edits <= min(2, len(known) // 4) else None


# ---------------------------------------------------------------- the shape


def in_shape(document: Mapping[str, Any], text: str | None) -> Iterator[Finding]:
    """Walk the hints about a template that works and is written in an older way."""
    if "schema" not in document:
        message = f'expected "schema": "{SCHEMA}", found none'
        yield Finding("missing-schema", message, span=_opening(text), suggestion=f'add "schema": "{SCHEMA}"')
    for key in SCALE_KEYS[:-1]:
        if key in document:
            yield Finding("legacy-shape", f"`{key}` is an older name of `scales`", (key,), is_key=True)
    if not isinstance(document.get("output"), Mapping):
        older = "segments" if "segments" in document else "surfaces"  # without either there is no template
        message = f"`{older}` without `output` is the older shape"
        suggestion = "write output.default and output.surfaces, with output.sep, which is nothing unless given"
        yield Finding("legacy-shape", message, (older,), is_key=True, suggestion=suggestion)


def _opening(text: str | None) -> Span | None:
    """Return where the `{` of the whole template stands."""
    if text is None:
        return None
    at = significant(text)
    return at, at + 1


def beyond_json(text: str) -> Iterator[Finding]:
    """Point at the first thing that strict JSON, as OpenClaw reads it, has not."""
    try:
        bare = blank(text)
        decode(text)
    except JsoncError as error:
        yield _not_json("what only JSON5 has", (error.offset, error.end))
        return
    at = next((at for at, (char, kept) in enumerate(zip(text, bare, strict=True)) if char != kept), None)
    if at is not None:
        is_comma = text[at] == ","
        yield _not_json("trailing commas" if is_comma else "comments", (at, at + (1 if is_comma else 2)))


def _not_json(without: str, span: Span) -> Finding:
    message = f"OpenClaw 2026.9 reads strict JSON, without {without}"
    return Finding("differs-upstream", message, span=span)
