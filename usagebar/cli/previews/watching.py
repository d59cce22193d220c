"""`usagebar preview --watch`: drawn again at each save, at each change of a turn's file and of the window.

One `stat` of each file every 30 ms, so that a save shows within 200 ms on any file system. An edit that breaks the
template keeps the footers of the last good one below what is wrong.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from usagebar.cli.named import report
from usagebar.cli.previews.data import findings_of, shown
from usagebar.cli.previews.sheet import Sheet
from usagebar.cli.previews.text import draw_findings, draw_previews
from usagebar.cli.previews.turns import turns_of
from usagebar.cli.terminal import Painter, columns, shows_colours
from usagebar.record import Record
from usagebar.surfaces.appearance import Run
from usagebar.template.reading import Outcome, examine_bytes, unreadable
from usagebar.template.source import Missing, Snapshot, Unreadable, snapshot

if TYPE_CHECKING:
    from typing import TextIO

    from usagebar.cli.preview import Request
    from usagebar.cli.previews.turns import Turn

LOOK_EVERY = 0.03  # seconds
_CLEAR = "\x1b[H\x1b[2J"


class Template:
    """The template of a path: what its file comes to (`outcome`), and what it came to when it was last good."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._snapshot: Snapshot | None = None
        self._doubted: Outcome | None = None
        self.outcome = self._read(None)
        self.good = self.outcome

    def look(self) -> None:
        """Take what the file holds now; that it is gone or blank only at the second look, it may be being written."""
        found = self._read(self.outcome)
        if found.template is None and found.quiet and found not in (self.outcome, self._doubted):
            self._doubted = found
            return
        self._doubted = None
        self.outcome = found
        if found.template is not None:
            self.good = found

    def _read(self, last: Outcome | None) -> Outcome:
        before = self._snapshot
        try:
            found = self._snapshot = snapshot(self.path, before)
        except (Missing, Unreadable) as error:
            self._snapshot = None
            return unreadable(self.path, error)
        if last is not None and before is not None and found.data is before.data:
            return self._doubted or last
        return examine_bytes(found.data, self.path)


class View(Record):
    """What a frame shows: if two are equal the screen need not be drawn again."""

    outcome: Outcome
    good: Outcome
    turns: tuple[Turn, ...]
    wrong: tuple[str, ...]
    window: tuple[int | None, int | None]


class Screen:
    """Standard output: a terminal is cleared for each frame and gets what fits, anything else gets whole frames."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._is_first = True
        self.painter = Painter(colours=shows_colours(stream))

    def window(self) -> tuple[int | None, int | None]:
        """Return the columns and lines there are, None for any number."""
        return columns(self._stream), self._lines()

    def _lines(self) -> int | None:
        try:
            return os.get_terminal_size(self._stream.fileno()).lines or None if self._is_terminal else None
        except OSError:
            return None

    def show(self, sheet: Sheet, lines: int | None) -> None:
        """Show a frame."""
        start = _CLEAR if self._is_terminal else "\n" * (not self._is_first)
        self._is_first = False
        frame = start + "".join([f"{line}\n" for line in _cut(sheet, lines)])
        self._stream.buffer.write(frame.encode("utf-8"))
        self._stream.flush()

    def end(self) -> None:
        """Leave the cursor on a line of its own, behind the `^C` of the terminal."""
        if self._is_terminal:
            self._stream.write("\n")

    def check(self) -> None:
        """Raise BrokenPipeError if nobody reads any more: without a save nothing is written that would tell."""
        import select  # noqa: PLC0415 - only watching needs it

        if not hasattr(select, "poll"):  # on Windows the next frame tells
            return
        poll = select.poll()
        poll.register(self._stream.fileno(), 0)
        if poll.poll(0):
            raise BrokenPipeError


def watch(path: str, request: Request) -> int:
    """Show previews until Ctrl-C (0) or until nobody reads them; 2 if there is no text to start with."""
    template = Template(path)
    if template.outcome.text is None:
        report("the template", template.outcome)
        return 2
    screen = Screen(sys.stdout)
    try:
        _keep_showing(template, request, screen)
    except KeyboardInterrupt:
        screen.end()
    return 0


def _keep_showing(template: Template, request: Request, screen: Screen) -> None:
    last = None
    while True:
        turns, wrong = turns_of(request.turns)
        view = View(template.outcome, template.good, tuple(turns), tuple(wrong), screen.window())
        if view != last:
            screen.show(_frame(view, request, Sheet(screen.painter, view.window[0])), view.window[1])
            last = view
        time.sleep(LOOK_EVERY)
        screen.check()
        template.look()


def _frame(view: View, request: Request, sheet: Sheet) -> Sheet:
    sheet.say(f"{view.outcome.name} · watched, Ctrl-C ends", "dim")
    for message in view.wrong:
        sheet.say(f"! {message}", "red")
    _draw_trouble(sheet, view)
    if view.good.template is not None and view.turns:
        found = shown(view.good, view.turns, request.surfaces, view.window[0])
        if view.outcome is view.good:
            draw_findings(sheet, found.findings, found.name, found.text)
        draw_previews(sheet, found, explain=request.explain)
    return sheet


def _draw_trouble(sheet: Sheet, view: View) -> None:
    """Say why the template cannot be used, if so, and what stands below in its place."""
    outcome = view.outcome
    if outcome.template is not None:
        return
    if outcome.text is None:
        sheet.say(f"! {outcome.diagnostics[0].message}; it is read again as soon as it can be", "red")
    else:
        draw_findings(sheet, findings_of(outcome), outcome.name, outcome.text)
    if view.good.template is not None:
        sheet.add([Run("below: the last good template", ("dim",))], words=True)


def _cut(sheet: Sheet, lines: int | None) -> list[str]:
    """Return what fits the window, its last line being where the cursor stands."""
    room = len(sheet.lines) if lines is None else max(1, lines - 1)
    if len(sheet.lines) <= room:
        return sheet.lines
    kept, more = sheet.lines[: room - 1], len(sheet.lines) - room + 1
    sheet.lines = []
    sheet.say(f"… {more} more lines; --surface and --turn show fewer", "dim")
    return [*kept, sheet.lines[0]]
