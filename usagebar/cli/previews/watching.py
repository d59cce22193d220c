"""`usagebar preview --watch`: drawn again at each save, at each change of a turn's file and of the window.

One `stat` of each file every 30 ms, so that a save shows within 200 ms on any file system. An edit that breaks the
template or a turn keeps the footers of the last good one below what is wrong.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from usagebar.cli.named import report
from usagebar.cli.previews.frames import View, frame
from usagebar.cli.previews.turns import turns_of
from usagebar.cli.terminal import Painter, columns, shows_colours
from usagebar.template.reading import Outcome, examine_bytes, unreadable
from usagebar.template.source import Missing, Snapshot, Unreadable, snapshot

if TYPE_CHECKING:
    from typing import TextIO

    from usagebar.cli.preview import Request
    from usagebar.cli.previews.turns import Turn, TurnFile

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


class WatchedTurn:
    """A turn that may change: as it was when it was last `good` (None: never), and what is `wrong` with it now."""

    def __init__(self, source: Turn | TurnFile) -> None:
        self._source = source
        self._doubted = ""
        self.good: Turn | None = None
        self.wrong = ""
        self.look()

    def look(self) -> None:
        """Take what the file holds now; that it is broken only at the second look, it may be being written."""
        turns, wrong = turns_of([self._source])
        if turns:
            [self.good] = turns
            self.wrong = self._doubted = ""
            return
        [message] = wrong
        if self.good is None:
            self.wrong = message
        elif message == self._doubted:
            self.wrong = f"{message}; below: what it was before"
        self._doubted = message


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

    def show(self, lines: list[str]) -> None:
        """Show a frame."""
        start = _CLEAR if self._is_terminal else "\n" * (not self._is_first)
        self._is_first = False
        self._stream.buffer.write((start + "".join([f"{line}\n" for line in lines])).encode("utf-8"))
        self._stream.flush()

    def end(self) -> None:
        """Leave the cursor on a line of its own, behind the `^C` of the terminal."""
        if self._is_terminal:
            self._stream.write("\n")

    def check(self) -> None:
        """Raise BrokenPipeError if nobody reads any more: without a save nothing is written that would tell."""
        import select  # noqa: PLC0415 - only watching needs it

        if (
            getattr(self._stream, "name", None) == os.devnull
        ):  # in the place of a standard output that was closed at the start
            raise BrokenPipeError
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
    turns = list(map(WatchedTurn, request.turns))
    last = None
    while True:
        good = tuple(turn.good for turn in turns if turn.good is not None)
        wrong = tuple(turn.wrong for turn in turns if turn.wrong)
        view = View(template.outcome, template.good, good, wrong, screen.window())
        if view != last:
            screen.show(frame(view, request, screen.painter))
            last = view
        time.sleep(LOOK_EVERY)
        screen.check()
        template.look()
        for turn in turns:
            turn.look()
