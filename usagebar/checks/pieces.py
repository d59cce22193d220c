"""Findings about a piece: its form, its keys, its paths, its cases, and what its texts say."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any

from usagebar.checks.expressions import Spot, Vocabulary, in_text
from usagebar.checks.keys import unknown_keys
from usagebar.checks.near import Names, either, shown
from usagebar.checks.paths import Paths
from usagebar.engine.forms import FORMS, GUARDS, PIECE_KEYS
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.record import Record
from usagebar.template.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from usagebar.engine.expression import Path
    from usagebar.engine.forms import Form
    from usagebar.engine.pieces import Piece, Place

_BOOLEAN_CASES = ("true", "false", "undefined", "_default")
_SYNONYMS = {
    "true": ("yes", "on", "1", "y"),
    "false": ("no", "off", "0", "n"),
    "undefined": ("null", "none", "absent", "missing", "unknown", ""),
    "_default": ("default", "*", "else", "other"),
}


class Setting(Record):
    """What the pieces of a template are checked against."""

    known: Vocabulary
    paths: Paths


def keys_of_piece(raw: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    """Walk the keys that a piece of its form does not read, and say if it cannot show anything."""
    form = next((FORMS[key] for key in FORMS if key in raw), None)
    if form is None:
        yield from unknown_keys(raw, PIECE_KEYS, place, "a piece")
        message = f"expected {either(FORMS)} in a piece, found none: it shows nothing"
        yield Finding("empty-piece", message, place, suggestion='add "text": "…"')
        return
    other = dict.fromkeys(PIECE_KEYS, f"it is not read beside `{form.name}`")
    article = "an" if form.name == "each" else "a"
    yield from unknown_keys(raw, (*form.keys, *GUARDS), place, f"{article} `{form.name}` piece", other)
    for key in form.required:
        if not raw.get(key) and key != form.name:
            found = "an empty one" if key in raw else "none"
            message = f"expected `{key}` beside `{form.name}`, found {found}: it shows nothing"
            yield Finding("empty-piece", message, place, suggestion=f"write as in {_example(form)}")


def _example(form: Form) -> str:
    return dumps({key: form.example[key] for key in form.required}, ensure_ascii=False)


def in_piece(piece: Piece, raw: Mapping[str, Any], setting: Setting) -> Iterator[Finding]:
    """Walk what is wrong in what a piece says."""
    for key, path in (("when", piece.when), ("unless", piece.unless)):
        if path is not None:
            yield from setting.paths.any(path.text, (*piece.place, key), _whole(path))
    if piece.unless is not None:
        message = "OpenClaw 2026.9 does not know `unless` and always shows the piece"
        yield Finding("differs-upstream", message, (*piece.place, "unless"), is_key=True)
    if isinstance(piece, TextPiece):
        yield from in_text(raw["text"], piece.text, Spot((*piece.place, "text"), setting.paths), setting.known)
    elif isinstance(piece, MapPiece):
        yield from _in_map(piece, setting)
    elif isinstance(piece, EachPiece):
        yield from _in_each(piece, raw, setting)


def _whole(path: Path) -> tuple[int, int]:
    return 0, len(path.text)


def _in_map(piece: MapPiece, setting: Setting) -> Iterator[Finding]:
    yield from setting.paths.single(piece.map.text, (*piece.place, "map"), _whole(piece.map))
    field = setting.paths.field(piece.map.text)
    if field is None or field.kind != "boolean":
        return
    for case, _ in piece.cases:
        if case not in _BOOLEAN_CASES:
            message = f"expected {either(_BOOLEAN_CASES)}, found {shown(case)}: `{field.path}` is a boolean"
            place = (*piece.place, "cases", case)
            yield Finding("case-never-matches", message, place, is_key=True, suggestion=_case_question(case))


def _case_question(case: str) -> str | None:
    meant = next((name for name, words in _SYNONYMS.items() if case.lower() in words), None)
    return f"did you mean `{meant}`?" if meant else Names(_BOOLEAN_CASES).question(case)


def _in_each(piece: EachPiece, raw: Mapping[str, Any], setting: Setting) -> Iterator[Finding]:
    path = piece.each.text
    yield from setting.paths.array(path, (*piece.place, "each"), _whole(piece.each))
    yield from _in_item_scales(piece, setting.known)
    field = setting.paths.field(path)
    elements = None if field is None or not field.elements else Paths(field.elements, f"an element of `{path}`")
    spot = Spot((*piece.place, "item"), elements, _star(piece, setting.known))
    yield from in_text(raw.get("item", ""), piece.item, spot, setting.known)


def _in_item_scales(piece: EachPiece, known: Vocabulary) -> Iterator[Finding]:
    for index, name in enumerate(piece.item_scales):
        if name is not None and name not in known.scope.scales:
            message = f"expected the name of a scale, found {shown(name)}"
            place = (*piece.place, "item_scales", index)
            suggestion = known.suggestion("unknown-scale", name)
            yield Finding("unknown-scale", message, place, (0, len(name)), suggestion=suggestion)


def _star(piece: EachPiece, known: Vocabulary) -> str | None:
    """Return what stands for scale `*`, as `Spot` has it."""
    scales = known.scope.scales
    names = [name for name in piece.item_scales if name is not None and name in scales]
    return min(names, key=lambda name: len(scales[name]), default="") if piece.item_scales else None
