"""A finding before it has a line and a column, and how it gets them."""

from __future__ import annotations

from usagebar.diagnostics import SEVERITIES, Diagnostic, json_path
from usagebar.record import Record, replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.engine.expression import Span
    from usagebar.engine.pieces import Place
    from usagebar.template.places import Lines


class Finding(Record):
    """What is wrong, and where: the value at a place of the document, or a part of it.

    `part` are the offsets, in the decoded string at the place, of what is wrong there; `is_key` points at the key of
    the member instead; `span` are offsets in the text itself, for what is no value: text that is not decoded, a
    comment, a key that is lost.
    """

    code: str
    message: str
    place: Place = ()
    part: Span | None = None
    is_key: bool = False
    span: Span | None = None
    suggestion: str | None = None
    _unseen = ()


def located(findings: Sequence[Finding], text: str | None) -> tuple[Diagnostic, ...]:
    """Return the findings as diagnostics, with lines and columns if there is a text."""
    if text is None or not findings:
        return tuple(_diagnostic(finding) for finding in findings)
    from usagebar.template.places import Lines  # noqa: PLC0415 - only to report

    lines = Lines(text)
    spans = _Spans(text, findings)
    return tuple(_placed(_diagnostic(finding), spans.of(finding), lines) for finding in findings)


def place_in_text(finding: Diagnostic) -> tuple[int, int]:
    """Return the line and column of a finding, to sort by; 0 where it has none."""
    return finding.line or 0, finding.column or 0


class _Spans:
    """Where in a text the values and keys of findings stand."""

    def __init__(self, text: str, findings: Sequence[Finding]) -> None:
        from usagebar.template.places import find_members  # noqa: PLC0415 - only to report

        places = {each.place for each in findings if each.span is None}
        self._text = text
        self._members = find_members(text, places) if places else {}
        self._written: dict[int, list[Span]] = {}

    def of(self, finding: Finding) -> Span | None:
        """Return the offsets of what a finding points at, None if its place is not in the text."""
        if finding.span is not None or finding.place not in self._members:
            return finding.span
        value, key = self._members[finding.place]
        if finding.is_key:
            return None if key is None else self._inside(key[0], None)
        return value if finding.part is None else self._inside(value[0], finding.part)

    def _inside(self, start: int, part: Span | None) -> Span:
        """Return where a part of the string literal at `start` stands in the text, None being all of it."""
        from usagebar.template.position import string_spans  # noqa: PLC0415 - only to report

        if start not in self._written:
            self._written[start] = string_spans(self._text, start)
        spans = self._written[start]
        low, high = part or (0, len(spans) - 1)
        begin = spans[low][0]
        # Not where the next one begins: the end of a line that goes on may stand between.
        return begin, spans[high - 1][1] if high > low else begin


def _diagnostic(finding: Finding) -> Diagnostic:
    path = json_path(finding.place)
    return Diagnostic(finding.code, SEVERITIES[finding.code], finding.message, path, suggestion=finding.suggestion)


def _placed(diagnostic: Diagnostic, span: Span | None, lines: Lines) -> Diagnostic:
    if span is None:
        return diagnostic
    (line, column), (end_line, end_column) = map(lines.position, span)
    return replaced(diagnostic, line=line, column=column, end_line=end_line, end_column=end_column)
