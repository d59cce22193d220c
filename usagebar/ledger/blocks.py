"""Five-hour windows, as the limits of Claude's plans count them.

A window starts with a turn, at the full hour (UTC) before it, and lasts five hours; the first turn behind its end
starts the next. Times are in milliseconds since 1970, UTC; a window holds its start and not its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from usagebar.ledger.figures import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from usagebar.ledger.storing.sessions import Minute

MINUTE = 60_000
HOUR = 60 * MINUTE
LENGTH = 5 * HOUR


class Window(NamedTuple):
    """Hold a window, its turns' sums and the times of the first and the last one; `models` are sorted by name."""

    start: int
    end: int
    first: int
    last: int
    totals: Totals
    models: tuple[str, ...] = ()

    def holds(self, now: int) -> bool:
        """Tell whether a time is inside: the window of now is the active one."""
        return self.start <= now < self.end


class Gap(NamedTuple):
    """Hold the time between two windows with more than five hours of silence between their turns."""

    start: int
    end: int


class Rate(NamedTuple):
    """Hold how fast a window is used up; `cost_per_hour` is in picodollars, None if no turn of it has a price."""

    tokens_per_minute: float
    cost_per_hour: int | None


class Projection(NamedTuple):
    """Hold what a window comes to at its end at the rate so far; `cost` is in picodollars, None if it is unknown."""

    minutes_left: int
    tokens: int
    cost: int | None


def starts(times: Iterable[int]) -> list[int]:
    """Return the starts of the windows of some turns, whose times ascend."""
    found: list[int] = []
    end = None
    for time in times:
        if end is None or time >= end:
            found.append(time - time % HOUR)
            end = found[-1] + LENGTH
    return found


def windows(minutes: Sequence[Minute], begun: Sequence[int] | None = None) -> list[Window]:
    """Return the windows of turns in minutes, in the order of time, that hold any of them.

    `begun` are the windows' starts, if more turns than these count for where they are.
    """
    begun = starts(each.first for each in minutes) if begun is None else begun
    inside: dict[int, list[Minute]] = {}
    at = -1
    for each in minutes:
        while at + 1 < len(begun) and begun[at + 1] <= each.first:
            at += 1
        inside.setdefault(begun[at], []).append(each)
    return [_window(start, found) for start, found in inside.items()]


def _window(start: int, minutes: Sequence[Minute]) -> Window:
    """Return the window of turns, one at least, in the order of time."""
    totals = Totals(*map(sum, zip(*[each.totals for each in minutes], strict=True)))
    last = max(each.last for each in minutes)
    models = tuple(sorted({each.model for each in minutes if each.model is not None}))
    return Window(start, start + LENGTH, minutes[0].first, last, totals, models)


def with_gaps(found: Iterable[Window]) -> Iterator[Window | Gap]:
    """Walk windows with the gaps between them."""
    before: Window | None = None
    for window in found:
        if before is not None and window.first - before.last > LENGTH and window.start > before.end:
            yield Gap(before.end, window.start)
        yield window
        before = window


def rate(window: Window) -> Rate | None:
    """Return how fast a window was used up between its first and its last turn; None within one minute.

    What a few seconds were used for tells nothing of an hour.
    """
    active = window.last - window.first
    if active < MINUTE:
        return None
    totals = window.totals
    return Rate(totals.tokens * MINUTE / active, None if totals.usd is None else totals.cost * HOUR // active)


def projection(window: Window, now: int) -> Projection | None:
    """Return what a window comes to at its end if it goes on as before; None if it has no rate."""
    active = window.last - window.first
    if active < MINUTE:
        return None
    # Whole numbers throughout: what is projected of nothing is nothing, and of the exact sums exact.
    left = max(0, window.end - now)
    totals = window.totals
    tokens = totals.tokens + totals.tokens * left // active
    cost = None if totals.usd is None else totals.cost + totals.cost * left // active
    return Projection(left // MINUTE, tokens, cost)
