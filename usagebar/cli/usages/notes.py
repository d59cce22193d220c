"""What a reader must know beside any report: what could not be stored or read, and names that no turn has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.usages.amounts import of
from usagebar.diagnostics import visible
from usagebar.ledger.figures import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.cli.usages.request import Request
    from usagebar.ledger.importing import Imported
    from usagebar.ledger.storing.database import Database

NAMED = ("model", "agent", "session")  # what options choose by name
_MOST_NAMES = 3  # in a suggestion
_MOST_SESSIONS = 2000  # that are looked through for one
_SHORTEST = 4  # letters of a name that is found within another


def notes(database: Database, imported: Imported | None) -> list[str]:
    """Return sentences on what could not be stored or read, now or in earlier runs; `imported` is None without one."""
    found = [] if database.note is None else [database.note]
    found += [] if imported is None else imported.unread
    counts = sorted(_problems(database, imported).items())
    if counts:
        found.append(f"could not be read: {', '.join(of(count, kind) for kind, count in counts)}")
    return found


def _problems(database: Database, imported: Imported | None) -> dict[str, int]:
    """Return by kind what could not be read, in all files of which the ledger has turns."""
    if imported is not None:
        return imported.problems
    from usagebar.ledger.importing import problems_of  # noqa: PLC0415 - only where nothing is imported

    return problems_of(database.states().values())


def unmatched(database: Database, request: Request) -> Iterator[str]:
    """Tell which names that are asked for no turn has, with the nearest that there are; nothing of an empty ledger."""
    everything = Filter(zone=request.chosen.zone)
    if not _turns(database, everything):
        return
    for what in NAMED:
        name = getattr(request.chosen, what)
        if name is not None and not _turns(database, everything._replace(**{what: name})):
            near = " or ".join(map(visible, _near(name, _stored(database, what, everything))))
            yield f"no turn of {what} {visible(name)} is stored" + (f"; did you mean {near}?" if near else "")


def _turns(database: Database, chosen: Filter) -> int:
    return sum(group.totals.turns for group in database.totals((), chosen))


def _stored(database: Database, what: str, everything: Filter) -> list[str]:
    if what == "session":
        sessions = database.sessions(everything)[-_MOST_SESSIONS:]
        names: list[object] = [name for session in reversed(sessions) for name in (session.session_id, session.key)]
    else:
        names = [group.values[0] for group in database.totals((what,), everything)]
    return [name for name in names if isinstance(name, str)]


def _near(word: str, names: list[str]) -> list[str]:
    """Return the names that have a word in them, or are in it, else the one that is written most like it."""
    folded = word.lower()
    longer = [name for name in names if folded in name.lower()] if len(folded) >= _SHORTEST else []
    found = longer or [name for name in names if len(name) >= _SHORTEST and name.lower() in folded]
    if found:
        return sorted(dict.fromkeys(found), key=lambda name: (len(name), name))[:_MOST_NAMES]
    from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong name

    return get_close_matches(word, names, n=1)
