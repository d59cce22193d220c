"""Findings about keys: unknown ones, and those that stand in their object twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.checks.near import Names, listed, shown
from usagebar.engine.forms import REMARKS
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.findings import Finding
from usagebar.template.places import Lines, find_repeats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.engine.expression import Span
    from usagebar.engine.pieces import Place

HEAD = ("$schema", "schema")
DEFINITIONS = ("scales", "aliases")
OLDER_DEFINITIONS = ("ramps", "series")
OUTPUT = ("sep", "default", "surfaces")
LEGACY = ("segments", "sep", "surfaces")
LEGACY_SURFACE = ("segments", "sep")

_MOVED = dict.fromkeys(("sep", "surfaces"), "it is not read beside `output`, write it inside")
_MOVED |= {"segments": "it is not read beside `output`, write its pieces in `output.default`"}
# What other languages call a key.
_OTHER_WORDS = {
    **dict.fromkeys(("if", "cond", "condition", "show", "visible"), ("when",)),
    **dict.fromkeys(("not", "if_not", "ifnot", "hide", "hidden"), ("unless",)),
    **dict.fromkeys(("sep", "separator", "delimiter", "glue"), ("join", "sep")),
    **dict.fromkeys(("format", "template", "label", "value", "content"), ("text", "item")),
    **dict.fromkeys(("switch", "match", "case"), ("map",)),
    **dict.fromkeys(("for", "foreach", "for_each", "loop", "list"), ("each",)),
}
_ELSEWHERE = {"default": "it stands in `output`"}
_ELSEWHERE |= dict.fromkeys(PROFILES, "the pieces of a surface stand in `output.surfaces`")


def unknown_keys(
    parent: Mapping[str, Any], known: Iterable[str], place: Place, where: str, reasons: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """Walk the keys of an object that nobody reads; `reasons` say why for some that are read elsewhere."""
    known = tuple(known)
    names = Names(known)
    for key in parent:
        if not isinstance(key, str) or key in known or key.startswith(REMARKS):
            continue
        reason = (reasons or {}).get(key)
        expected = f"expected a key of {where} ({listed(known)}), found {shown(key)}"
        message = f"{expected}: {reason}" if reason else expected
        suggestion = None if reason else names.question(key) or _other_word(key, known)
        yield Finding("unknown-key", message, (*place, key), is_key=True, suggestion=suggestion)


def _other_word(key: str, known: tuple[str, ...]) -> str | None:
    """Return the question whether a key is what other languages call one that is known."""
    meant = next((name for name in _OTHER_WORDS.get(key.lower(), ()) if name in known), None)
    return None if meant is None else f"did you mean `{meant}`?"


def in_document(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Walk the unknown keys of a document, those of its pieces aside."""
    output = document.get("output")
    top = (*HEAD, *DEFINITIONS, *OLDER_DEFINITIONS, "output")
    if isinstance(output, Mapping):
        yield from unknown_keys(document, top, (), "a template", _ELSEWHERE | _MOVED)
        yield from unknown_keys(output, OUTPUT, ("output",), "`output`", _ELSEWHERE)
        return
    yield from unknown_keys(document, (*top, *LEGACY), (), "a template")
    surfaces = document.get("surfaces")
    for name, entry in surfaces.items() if isinstance(surfaces, Mapping) else ():
        if isinstance(entry, Mapping):
            yield from unknown_keys(entry, LEGACY_SURFACE, ("surfaces", name), "a surface")


def repeated_keys(text: str) -> Iterator[Finding]:
    """Walk the keys that stand in their object once more: only the last one counts."""
    repeats = find_repeats(text)
    lines = Lines(text if repeats else "")
    for repeat in repeats:
        line, column = lines.position(_bare(text, repeat.before)[0])
        key = shown(str(repeat.place[-1]))
        message = f"expected each key once, found {key} again: the one at {line}:{column} is lost"
        yield Finding("duplicate-key", message, repeat.place, span=_bare(text, repeat.span))


def _bare(text: str, key: Span) -> Span:
    """Return the span of a key without its quotes, if it has any."""
    begin, end = key
    quoted = text[begin] in "\"'"
    return begin + quoted, end - quoted
