"""What `usagebar preview --watch` shows at one time, cut to the window, so that footers stay in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.previews.data import findings_of, shown
from usagebar.cli.previews.sheet import Sheet
from usagebar.cli.previews.text import draw_findings, draw_previews
from usagebar.record import Record

if TYPE_CHECKING:
    from usagebar.cli.preview import Request
    from usagebar.cli.previews.data import Shown
    from usagebar.cli.previews.turns import Turn
    from usagebar.cli.terminal import Painter
    from usagebar.template.reading import Outcome

_MOST_MESSAGES = 3


class View(Record):
    """What a frame shows: if two are equal the screen need not be drawn again.

    `wrong` says what is wrong with the files of turns; `window` is its columns and lines, None for any number.
    """

    outcome: Outcome
    good: Outcome
    turns: tuple[Turn, ...]
    wrong: tuple[str, ...]
    window: tuple[int | None, int | None]


def frame(view: View, request: Request, painter: Painter) -> list[str]:
    """Return the lines of a frame, no more than the window has."""
    columns, lines = view.window
    head, findings, footers = [Sheet(painter, columns) for _ in range(3)]
    found = None
    if view.good.template is not None and view.turns:
        found = shown(view.good, view.turns, request.surfaces, columns)
    _draw_head(head, view)
    ends = _draw_findings(findings, view, found)
    if found is not None:
        if view.outcome is not view.good:
            footers.say("below: the last good template", "dim", hanging=0)
        draw_previews(footers, found, explain=request.explain)
    if lines is None:
        return [*head.lines, *findings.lines, *footers.lines]
    room = max(1, lines - 1)  # the cursor stands in the last line
    most = max(room // 2, room - len(head.lines) - len(footers.lines))
    whole = [*head.lines, *_cut_findings(findings, ends, most), *footers.lines]
    if len(whole) <= room:
        return whole
    return [*whole[: room - 1], _notice(head, f"{len(whole) - room + 1} more lines; {_way_out(found)}")]


def _draw_head(sheet: Sheet, view: View) -> None:
    sheet.say(f"{view.outcome.name} · watched, Ctrl-C ends", "dim")
    for message in view.wrong[:_MOST_MESSAGES]:
        sheet.say(f"! {message}", "red")
    more = len(view.wrong) - _MOST_MESSAGES
    if more > 0:
        sheet.say(f"! so it is with {more} more of the turns", "red")


def _draw_findings(sheet: Sheet, view: View, found: Shown | None) -> list[int]:
    """Say what is wrong with the template; return the number of lines up to the end of each finding."""
    outcome = view.outcome
    if outcome.template is not None:
        return [] if found is None else draw_findings(sheet, found.findings, found.name, found.text)
    if outcome.text is None:
        sheet.say(f"! {outcome.diagnostics[0].message}; it is read again as soon as it can be", "red")
        return []
    return draw_findings(sheet, findings_of(outcome), outcome.name, outcome.text)


def _cut_findings(sheet: Sheet, ends: list[int], most: int) -> list[str]:
    """Return findings in so many lines: the first of them whole, or the start of the first one."""
    if len(sheet.lines) <= most:
        return sheet.lines
    whole = [end for end in ends if end < most]
    kept = sheet.lines[: whole[-1] - 1 if whole else max(0, most - 2)]
    more = len(ends) - max(1, len(whole))
    count = f"{more} more finding{'s' * (more > 1)}; " if more > 0 else ""
    return [*kept, _notice(sheet, f"{count}usagebar check shows all"), ""]


def _notice(like: Sheet, text: str) -> str:
    """Return a line that says what was cut off."""
    sheet = like.empty()
    sheet.say(f"… {text}", "dim")
    return sheet.lines[0]


def _way_out(found: Shown | None) -> str:
    """Say what would show all: fewer surfaces or turns if there are several, else more room."""
    options = []
    if found is not None:
        options += ["--surface"] * (len(found.places) > 1) + ["--turn"] * (len(found.turns) > 1)
    if not options:
        return "a larger window shows them"
    return f"{' and '.join(options)} {'shows' if len(options) == 1 else 'show'} fewer"
