"""Findings about keys: unknown ones, and those that stand in their object twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.checks.near import Names, listed
from usagebar.template.findings import Finding
from usagebar.template.places import find_repeats
from usagebar.template.position import line_column
from usagebar.template.reading import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.engine.pieces import Place

HEAD = ("$schema", "schema")
DEFINITIONS = ("scales", "aliases")
OLDER_DEFINITIONS = ("ramps", "series")
OUTPUT = ("sep", "default", "surfaces")
LEGACY = ("segments", "sep", "surfaces")
LEGACY_SURFACE = ("segments", "sep")

# Keys that hold a remark: strict JSON has no comments.
_REMARKS = ("//", "$comment", "_comment")


def unknown_keys(
    parent: Mapping[str, Any], known: Iterable[str], place: Place, where: str, reasons: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """Walk the keys of an object that nobody reads; `reasons` say why for some that are read elsewhere."""
    known = tuple(known)
    names = Names(known)
    for key in parent:
        if not isinstance(key, str) or key in known or key.startswith(_REMARKS):
            continue
        reason = (reasons or {}).get(key)
        expected = f"expected a key of {where} ({listed(known)}), found `{shortened(key)}`"
        message = f"{expected}: {reason}" if reason else expected
        suggestion = None if reason else names.question(key)
        yield Finding("unknown-key", message, (*place, key), is_key=True, suggestion=suggestion)


def in_document(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Walk the unknown keys of a document, those of its pieces aside."""
    output = document.get("output")
    top = (*HEAD, *DEFINITIONS, *OLDER_DEFINITIONS, "output")
    if isinstance(output, Mapping):
        moved = dict.fromkeys(LEGACY, "it is not read beside `output`, write it inside")
        yield from unknown_keys(document, top, (), "a template", moved)
        yield from unknown_keys(output, OUTPUT, ("output",), "`output`")
        return
    yield from unknown_keys(document, (*top, *LEGACY), (), "a template")
    surfaces = document.get("surfaces")
    for name, entry in surfaces.items() if isinstance(surfaces, Mapping) else ():
        if isinstance(entry, Mapping):
            yield from unknown_keys(entry, LEGACY_SURFACE, ("surfaces", name), "a surface")


def repeated_keys(text: str) -> Iterator[Finding]:
    """Walk the keys that stand in their object once more: only the last one counts."""
    for repeat in find_repeats(text):
        line, column = line_column(text, repeat.first[0])
        key = shortened(str(repeat.place[-1]))
        message = f"expected each key once, found `{key}` again: the one at {line}:{column} is lost"
        begin, end = repeat.span
        quoted = text[begin] in "\"'"
        yield Finding("duplicate-key", message, repeat.place, span=(begin + quoted, end - quoted))
