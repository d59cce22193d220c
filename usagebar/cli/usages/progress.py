"""How far the logs are read: a bar on a terminal, once that takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

    from rich.progress import Progress as Bar

SHOWN_AFTER = 0.5  # seconds: what is done by then needs no bar


class Progress:
    """Shows on a terminal how many bytes were read, nothing on anything else; `with Progress(sys.stderr) as progress:`.

    The bar is gone at the end, so that the report stands alone.
    """

    def __init__(self, stream: TextIO, after: float = SHOWN_AFTER) -> None:
        self._stream = stream
        self._begin = time.monotonic() + after if stream.isatty() else None
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def show(self, done: int, whole: int) -> None:
        """Show that so many bytes of all are read."""
        if self._begin is None or time.monotonic() < self._begin or not whole:
            return
        if self._bar is None:
            self._bar = _bar(self._stream)
            self._bar.add_task("reading logs", total=whole)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=whole)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar(stream: TextIO) -> Bar:
    from rich.console import Console  # noqa: PLC0415 - it takes longer to import than most reports
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    console = Console(file=stream)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    return Bar(*columns, console=console, transient=True)
