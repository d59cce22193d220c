"""Previews as text for a terminal: by surface, then by turn, each footer behind a gutter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.previews.explaining import explain_pieces
from usagebar.cli.previews.sheet import Sheet
from usagebar.cli.terminal import Painter, columns, shows_colours
from usagebar.diagnostics import draw
from usagebar.surfaces.reading.appearance import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from usagebar.cli.previews.data import Place, Preview, Shown
    from usagebar.diagnostics import Diagnostic
    from usagebar.engine.explain import PieceTrace
    from usagebar.surfaces.reading.appearance import Line

_LINE, _SMALL, _WRAPPED = "│", "┊", "›"
_EXCERPT, _LEAST_EXCERPT = 120, 12  # cells
_COLOURS = {"error": "red", "warning": "yellow"}


def page(shown: Shown, stream: TextIO, *, explain: bool) -> str:
    """Return all there is to show as a stream takes it: in its colours and its width."""
    sheet = Sheet(Painter(colours=shows_colours(stream)), columns(stream))
    draw_findings(sheet, shown.findings, shown.name, shown.text)
    draw_previews(sheet, shown, explain=explain)
    return "".join([f"{line}\n" for line in sheet.lines])


def draw_findings(sheet: Sheet, findings: Iterable[Diagnostic], name: str, text: str | None) -> list[int]:
    """Draw the errors and warnings among findings, and count the hints.

    Returns the number of lines of the sheet up to the end of each error and warning.
    """
    hints, ends = 0, []
    for finding in findings:
        if finding.severity in _COLOURS:
            width = _excerpt_width(sheet.room, finding.line)
            _finding(sheet, finding, draw(finding, name=name, text=text, width=width).split("\n"))
            ends.append(len(sheet.lines))
        else:
            hints += 1
    if hints:
        sheet.say(f"{hints} hint{'s' * (hints > 1)}; usagebar check shows more", "dim")
        sheet.blank()
    return ends


def _excerpt_width(room: int | None, line: int | None) -> int:
    """Return the cells left beside a line's number, its bar, two marks of cutting and a caret behind the end."""
    return _EXCERPT if room is None else min(_EXCERPT, max(_LEAST_EXCERPT, room - len(str(line)) - 7))


def _finding(sheet: Sheet, finding: Diagnostic, drawn: list[str]) -> None:
    head, _, rest = drawn[0].partition(":")
    sheet.add([Run(head, ("bold", _COLOURS[finding.severity])), Run(f":{rest}", ("bold",))], words=True)
    for line in drawn[1:]:
        sheet.add([Run(line, ())], words=line.startswith("help:"))
    sheet.blank()


def draw_previews(sheet: Sheet, shown: Shown, *, explain: bool) -> None:
    """Draw the previews of each surface below its heading."""
    for number, place in enumerate(shown.places):
        if number:
            sheet.blank()
        previews = [preview for preview in shown.previews if preview.surface == place.name]
        sheet.say(" · ".join(_heading(place, previews)), "bold")
        for preview in previews:
            _draw_preview(sheet, preview, explain=explain)


def _heading(place: Place, previews: list[Preview]) -> Iterator[str]:
    profile = place.profile
    yield place.name
    if profile.limit is not None:
        yield f"at most {profile.limit} {profile.unit}{' a line' * profile.each_line}"
    elif not place.is_known and previews:
        yield "no known limit"
    if any(line.is_small for preview in previews for line in preview.appearance.lines):
        yield f"{_SMALL} is small print"
    if profile.note:
        yield profile.note


def _draw_preview(sheet: Sheet, preview: Preview, *, explain: bool) -> None:
    sheet.add([Run(preview.turn, ("cyan",)), Run(" · ", ("dim",)), _length(preview)], "  ", "    ", words=True)
    refused = preview.appearance.refused
    if refused is not None:
        sheet.say(f"! {refused}", "red", indent=2)
    if preview.footer:
        for line in preview.appearance.lines:
            _draw_line(sheet, line)
    else:
        why = "every piece was dropped" if preview.pieces else "there are no pieces"
        sheet.add([Run(f"(nothing: {why})", ("dim",))], f"  {_LINE} ", words=True)
    if explain:
        explain_pieces(sheet, preview.pieces)
    elif dropped := _dropped(preview.pieces):
        sheet.say(f"dropped: {dropped}", "dim", indent=2)


def _length(preview: Preview) -> Run:
    if preview.limit is None:
        return Run(f"{preview.length} {preview.unit}", ("dim",))
    text = f"{preview.length}/{preview.limit} {preview.unit}"
    return Run(f"{text}, over the limit", ("bold", "red")) if preview.is_over else Run(text, ("dim",))


def _draw_line(sheet: Sheet, line: Line) -> None:
    mark = _SMALL if line.is_small else _LINE
    runs = [Run(run.text, ("dim", *run.styles)) for run in line.runs] if line.is_small else line.runs
    sheet.add(runs, f"  {mark} ", f"  {mark}{_WRAPPED}")


def _dropped(pieces: Iterable[PieceTrace]) -> str:
    """Name the dropped pieces by their index, those of one reason together."""
    reasons: dict[str, list[str]] = {}
    for trace in pieces:
        if trace.reason is not None:
            reasons.setdefault(trace.reason, []).append(str(trace.place[-1]))
    return " · ".join([f"[{', '.join(indices)}] {reason}" for reason, indices in reasons.items()])
