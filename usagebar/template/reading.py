"""What was configured → a template as understood, or the reason why there is none: the loading table, row by row.

`examine` is a function of its source alone: it warns nobody, keeps nothing and falls back to nothing. `loader`, `store`
and the command line decide what to make of its `Outcome`.
"""

from __future__ import annotations

import os
from _collections_abc import Mapping

from usagebar.engine.bar import UsageBar
from usagebar.engine.shape import is_array, kind_of, read
from usagebar.engine.values import exact, trim
from usagebar.record import Record
from usagebar.template.builtin import SCHEMA, builtin_bar
from usagebar.template.findings import Finding, located, place_in_text
from usagebar.template.jsonc import JsoncError, decode
from usagebar.template.source import (
    Missing,
    Unreadable,
    check_size,
    decoded,
    is_template_text,
    significant,
    snapshot,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.diagnostics import Diagnostic
    from usagebar.engine.running import Verbs
    from usagebar.engine.shape import Template


class Outcome(Record):
    """What became of a source: a template, perhaps without the parts it had to drop, or none.

    `quiet`: having none is what the operator asked for, or a file that is not there yet; it is no reason for a warning.
    `document` is what was decoded, None if nothing could be.
    """

    name: str
    template: Template | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    quiet: bool = False
    text: str | None = None
    document: Any = None


class Refused(Exception):  # noqa: N818 - a row of the table, not always an error
    """A source that gives no template, and why; `quiet` as in `Outcome`."""

    def __init__(self, finding: Finding, *, quiet: bool = False) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.quiet = quiet


def examine(source: Any) -> Outcome:
    """Return what a configured template comes to; `source` may be anything."""
    if source is None or (isinstance(source, str) and not trim(source)):
        finding = Finding("unsupported-shape", "expected a template, found nothing")
        return refusal(Refused(finding, quiet=True), "<nothing>", None)
    if isinstance(source, Mapping):
        return examine_document(source, "<mapping>", None)
    if isinstance(source, bytes):
        return examine_bytes(source, "<text>")
    if is_path(source):
        return _examine_path(source)
    if isinstance(source, str):
        return _examine_inline(exact(source))
    found = kind_of(source)
    finding = Finding("unsupported-shape", f"expected a mapping, a path or template text, found {found}")
    return refusal(Refused(finding), f"<{found}>", None)


def is_path(source: Any) -> bool:
    """Tell whether what is configured is the path of a template."""
    if isinstance(source, str):
        return bool(trim(source)) and not is_template_text(source)
    return isinstance(source, os.PathLike)


def bar_of(outcome: Outcome, verbs: Verbs) -> UsageBar:
    """Return the bar of an outcome, the built-in one if it has no template."""
    if outcome.template is None:
        return builtin_bar() if outcome.quiet else builtin_bar().with_diagnostics(outcome.diagnostics)
    return UsageBar(
        outcome.template,
        name=outcome.name,
        verbs=verbs,
        diagnostics=outcome.diagnostics,
        fallback=builtin_bar(),
    )


def path_of(source: str | os.PathLike[Any]) -> str:
    """Return the path that a source names, `~` expanded.

    Raises:
        Unreadable: a `PathLike` that does not give one.
    """
    try:
        path = exact(os.fsdecode(source))
    except Exception as error:
        raise Unreadable(f"expected a path, found {type(source).__name__}, which raised {error!r}") from error
    try:
        return os.path.expanduser(path)
    except ValueError:  # a user's name with a NUL or a lone surrogate: no file has this path either
        return path


def absolute(path: str) -> str:
    """Return a path that stays the same when the working directory changes."""
    try:
        return os.path.abspath(path)
    except OSError:  # that directory was deleted: nothing is found in it
        return path


def _examine_path(source: str | os.PathLike[Any]) -> Outcome:
    path = "<path>"
    try:
        path = path_of(source)
        data = snapshot(path).data
    except (Missing, Unreadable) as error:
        return unreadable(path, error)
    return examine_bytes(data, path)


def unreadable(name: str, error: Missing | Unreadable) -> Outcome:
    """Return the outcome of a source whose bytes are not to be had."""
    return refusal(Refused(Finding("unreadable", str(error)), quiet=isinstance(error, Missing)), name, None)


def _examine_inline(text: str) -> Outcome:
    try:
        check_size(len(text.encode("utf-8", "surrogatepass")))
    except Unreadable as error:
        return unreadable("<text>", error)
    return _examine_text(text.removeprefix("\ufeff"), "<text>")


def examine_bytes(data: bytes, name: str) -> Outcome:
    """Return what the bytes of a template's text come to."""
    try:
        text = decoded(data)
    except Unreadable as error:
        return unreadable(name, error)
    return _examine_text(text, name)


def _examine_text(text: str, name: str) -> Outcome:
    if significant(text) == len(text):
        finding = Finding("unsupported-shape", "expected a template, found blank text")
        return refusal(Refused(finding, quiet=True), name, text)
    try:
        document = decode_text(text)
    except Refused as refused:
        return refusal(refused, name, text)
    return examine_document(document, name, text)


def decode_text(text: str) -> Any:
    """Return the document of JSON, JSONC or JSON5 text.

    Raises:
        Refused: `invalid-json`, with the place as the JSONC reader sees it.
    """
    try:
        return decode(text)
    except JsoncError as error:
        refused = Refused(Finding("invalid-json", error.message, span=(error.offset, error.end)))
        if not error.recoverable:
            raise refused from None
    from usagebar.template.lenient import NotJson5, decode_json5  # noqa: PLC0415 - JSONC is the normal case

    try:
        return decode_json5(text)
    except NotJson5:
        raise refused from None


def examine_document(document: Any, name: str, text: str | None) -> Outcome:
    """Return what a decoded document comes to; `text` is what it was decoded from, if it was."""
    try:
        template = _template(document)
    except Refused as refused:
        return refusal(refused, name, text, document)
    findings = tuple(sorted(located(dropped_findings(template), text), key=place_in_text))
    return Outcome(_named(name, findings, text, document), template, findings, text=text, document=document)


def dropped_findings(template: Template) -> list[Finding]:
    """Return a finding for each part that a template had to drop."""
    parts = template.dropped_parts()
    return [Finding("wrong-type", f"expected {part.expected}, found {part.found}", part.place) for part in parts]


def _template(document: Any) -> Template:
    if not isinstance(document, Mapping):
        message = f"expected an object at the top level, found {kind_of(document)}"
        raise Refused(Finding("unsupported-shape", message))
    if "schema" in document and document["schema"] != SCHEMA:
        raise Refused(_foreign_schema(document["schema"]))
    template = read(document)
    layouts = (template.default, *template.surfaces.values())
    if not any(isinstance(piece, Mapping) for layout in layouts for piece in layout.pieces):
        where = "in output.default, in an entry of output.surfaces or in segments"
        finding = Finding(
            "unsupported-shape", f"expected a piece (an object) {where}, found none", suggestion=_SKELETON
        )
        raise Refused(finding, quiet=_is_empty(document))
    return template


_SKELETON = 'write {"output": {"default": [{"text": "{model.display_name}"}]}}'


def _foreign_schema(schema: Any) -> Finding:
    found = f'"{shortened(schema)}"' if isinstance(schema, str) else kind_of(schema)
    message = f'expected the schema "{SCHEMA}", found {found}'
    return Finding("unsupported-schema", message, ("schema",), suggestion=f'write "schema": "{SCHEMA}"')


def shortened(text: str, most: int = 60) -> str:
    """Return the start of a text that is too long for a message."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _is_empty(document: Mapping[str, Any]) -> bool:
    """Tell whether a document without a usable piece is one that asks for nothing, not one of another kind."""
    if isinstance(document.get("output"), Mapping) or not set(document) - {"schema", "$schema"}:
        return True
    segments = document.get("segments")
    return is_array(segments) and not segments


def refusal(refused: Refused, name: str, text: str | None, document: Any = None) -> Outcome:
    """Return the outcome of a source that was refused; `document` is what was decoded, if that went well."""
    findings = located([refused.finding], text)
    return Outcome(_named(name, findings, text, document), None, findings, refused.quiet, text, document)


def _named(name: str, findings: tuple[Diagnostic, ...], text: str | None, document: Any) -> str:
    """Tell inline templates that have findings apart by the hash of their content."""
    if not findings or name not in ("<text>", "<mapping>"):
        return name
    import hashlib  # noqa: PLC0415 - only findings need it

    content = text if text is not None else _printed(document)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[:-1]} {digest[:12]}>"


def _printed(document: Any) -> str:
    try:
        return repr(document)
    except Exception:  # noqa: BLE001 - too deep, an integer beyond the digit limit, an object's own failure
        return str(id(document))  # still tells it from others
