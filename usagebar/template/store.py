"""`TemplateStore`: the current template of one path, read again when its file changed."""

from __future__ import annotations

import os
import threading
import time

from usagebar.engine.custom import verbs_with
from usagebar.template.builtin import builtin_bar
from usagebar.template.loader import announce
from usagebar.template.reading import Outcome, absolute, bar_of, examine_bytes, path_of, unreadable
from usagebar.template.source import Missing, Snapshot, Unreadable, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.engine.bar import UsageBar
    from usagebar.template.loader import CustomVerbs, OnWarning

LOOKS_UNTIL_GONE = 2  # a file saved by delete and create is missing for a moment


class TemplateStore:
    """Serves the current template of one path; reading `bar` is cheap enough for every message.

    At most once an interval `bar` looks at the file with one `stat`, and reads it if that shows a change: of its
    content, by renaming another file over it, or by deleting and creating it. An edit that breaks or blanks the file
    keeps the last good template and warns once. A file that is gone for two looks in a row gives the built-in template.

    Safe to share between threads; while one of them reads the file, the others get the template there was.

    Args:
        path: the template's path, `str` or `PathLike`; `~` expands. It need not exist yet.
        interval: seconds between two looks; 0 looks each time.
        on_warning, verbs: as in `usagebar.load`.

    Raises:
        TypeError, ValueError: a path or an interval that can be none, or `verbs` as in `usagebar.load`.
    """

    def __init__(
        self,
        path: str | os.PathLike[Any],
        *,
        interval: float = 1.0,
        on_warning: OnWarning | None = None,
        verbs: CustomVerbs | None = None,
    ) -> None:
        if not interval >= 0:  # NaN included
            raise ValueError(f"expected an interval of at least 0 seconds, found {interval!r}")
        if not isinstance(path, (str, bytes, os.PathLike)):
            raise TypeError(f"expected a path, found {type(path).__name__}")
        try:
            self.path = absolute(path_of(path))
        except Unreadable as error:
            raise ValueError(str(error)) from error
        self.interval = interval
        self._on_warning = on_warning
        self._verbs = verbs_with(verbs)
        self._bar = builtin_bar()
        self._snapshot: Snapshot | None = None
        self._missed = 0
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._next_look = 0.0
        self._look()

    def __repr__(self) -> str:
        return f"<TemplateStore {self.path!r} {self._bar!r}>"

    @property
    def bar(self) -> UsageBar:
        """The bar of the file as it is now, or was when it was last good."""
        now = time.monotonic()
        if self._process != os.getpid():  # forked: whoever held the lock is not here to release it
            self._process, self._lock = os.getpid(), threading.Lock()
        if now >= self._next_look and self._lock.acquire(blocking=False):
            try:
                if now >= self._next_look:  # no other thread looked while this one came here
                    self._look()
            finally:
                self._lock.release()
        return self._bar

    def _look(self) -> None:
        self._next_look = time.monotonic() + self.interval
        try:
            found = snapshot(self.path, self._snapshot)
        except Missing:
            self._miss()
            return
        except Unreadable as error:
            self._missed = 0
            self._snapshot = None
            self._keep(unreadable(self.path, error))
            return
        self._missed = 0
        last, self._snapshot = self._snapshot, found
        if last is None or found.data is not last.data:
            self._take(examine_bytes(found.data, self.path))

    def _miss(self) -> None:
        self._missed += 1
        if self._missed >= LOOKS_UNTIL_GONE:
            self._snapshot = None
            self._bar = builtin_bar()

    def _take(self, outcome: Outcome) -> None:
        """Serve what the file holds now, unless it holds no template."""
        if outcome.template is None:
            self._keep(outcome)
            return
        self._bar = bar_of(outcome, self._verbs)
        announce(outcome, self._on_warning)

    def _keep(self, outcome: Outcome) -> None:
        """Serve what was served so far and warn, also of a blank file if it had a template before."""
        announce(outcome, self._on_warning, even_quiet=not self._bar.is_builtin)
