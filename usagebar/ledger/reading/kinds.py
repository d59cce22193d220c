"""Which reader reads which kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from usagebar.ledger.reading.parts import Part, Source, State

    Reader = Callable[[Source, State | None], Iterator[Part]]

# Kind → module and function, imported when there is such a file.
_READERS = {
    "claude": ("claude.transcripts", "read_claude"),
    "openclaw-jsonl": ("openclaw.files", "read_openclaw_file"),
    "openclaw-zst": ("openclaw.files", "read_openclaw_archive"),
    "openclaw-sessions": ("openclaw.files", "read_openclaw_sessions"),
    "openclaw-sqlite": ("openclaw.store", "read_openclaw_store"),
}


def read_source(source: Source, state: State | None) -> Iterator[Part]:
    """Walk the parts of a file behind what was read of it before; what cannot be read is told in them, never raised."""
    module, name = _READERS[source.kind]
    reader: Reader = getattr(__import__(f"usagebar.ledger.reading.{module}", fromlist=(name,)), name)
    return reader(source, state)
