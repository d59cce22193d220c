"""Days of a time zone: the local day of a moment, and the moments of some days.

A local day is mostly the 24 hours between two midnights. Where the clocks change it is 23 or 25 hours, may start at
1:00, may be missing, or, where they are set back just after midnight, come in two parts. So the day is computed with
the offset from UTC at the moment itself, which is looked up once for each day of UTC on which it does not change.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise

from usagebar.ledger.storing.schema import UTC_NAME

DAY = 86_400_000
# Times outside are of a clock that is wrong, and no day could be told everywhere: none. The last is 9999-12-30.
LAST_TIME = 253_402_128_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)
# Changes of the clocks are looked for in steps of this; none are nearer to each other.
_STEP = DAY // 8
# No offset is a whole day or more.
_FARTHEST = DAY * 3 // 2
_MARKED_YEARS = range(2000, 2041)


class Calendar:
    """Tell the local days of one zone; moments are milliseconds since 1970, UTC, from 0 to `LAST_TIME`.

    Attributes:
        zone: the zone.
        name: its IANA name, by which sums of its days can be kept; None without one.
    """

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.name = name_of(zone)
        self._names = _Names()
        self._offsets = _Offsets(zone)
        self._rules: str | None = "" if self.name == UTC_NAME else None

    @property
    def rules(self) -> str:
        """A mark of the zone's offsets: it changes if a newer tzdata tells other changes of the clocks."""
        if self._rules is None:
            from hashlib import blake2b  # noqa: PLC0415 - where all is UTC it is not needed

            weeks = range(_ordinal(date(_MARKED_YEARS[0], 1, 1)), _ordinal(date(_MARKED_YEARS[-1], 1, 1)), 7)
            offsets = (str(self._offsets.exact(day * DAY)) for day in weeks)
            self._rules = blake2b(" ".join(offsets).encode(), digest_size=16).hexdigest()
        return self._rules

    def day(self, moment: int) -> str:
        """Return the local day of a moment, as YYYY-MM-DD."""
        offset = self._offsets[moment // DAY]
        if offset is None:
            offset = self._offsets.exact(moment)
        return self._names[(moment + offset) // DAY]

    def days(self, moments: Iterable[int | None]) -> list[str]:
        """Return the local days of moments, '' for an unknown one."""
        if self.name == UTC_NAME:
            names = self._names
            return ["" if moment is None else names[moment // DAY] for moment in moments]
        day = self.day
        return ["" if moment is None else day(moment) for moment in moments]

    def spans(self, since: date | None, until: date | None) -> list[tuple[int, int]]:
        """Return the moments of some days, both included, as half-open spans that ascend: one, or rarely more."""
        first, last = date.isoformat(since or date.min), date.isoformat(until or date.max)  # of a datetime too
        edges = {0, LAST_TIME + 1}
        for day, further in ((since, 0), (until, 1)):
            if day is not None:
                edges.update(self._edges((_ordinal(day) + further) * DAY))
        chosen = [(start, end) for start, end in pairwise(sorted(edges)) if first <= self.day(start) <= last]
        return list(_joined(chosen))

    def _edges(self, midnight: int) -> Iterator[int]:
        """Walk the moments around a local midnight between which the offset, and the side of it, stay the same."""
        start, end = (min(max(midnight + far, 0), LAST_TIME) for far in (-_FARTHEST, _FARTHEST))
        changes = [
            self._change(left, left + _STEP)
            for left in range(start, end, _STEP)
            if self._offsets.exact(left) != self._offsets.exact(left + _STEP)
        ]
        yield from changes
        for moment in (start, *changes):
            crossing = midnight - self._offsets.exact(moment)
            if start <= crossing <= end:
                yield crossing

    def _change(self, left: int, right: int) -> int:
        before = self._offsets.exact(left)
        return bisect_left(range(right), True, lo=left + 1, key=lambda moment: self._offsets.exact(moment) != before)


class _Names(dict[int, str]):
    """Names days by their number since 1970."""

    def __missing__(self, number: int) -> str:
        name = self[number] = date.fromordinal(_EPOCH_ORDINAL + number).isoformat()
        return name


class _Offsets(dict[int, "int | None"]):
    """Tell the offset from UTC in milliseconds throughout a day of UTC, None if it changes on that day."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, number: int) -> int | None:
        start = self.exact(number * DAY)
        offset = self[number] = start if start == self.exact((number + 1) * DAY - 1) else None
        return offset

    def exact(self, moment: int) -> int:
        """Return the offset at a moment."""
        offset = (_EPOCH + moment * _MILLISECOND).astimezone(self._zone).utcoffset()
        return 0 if offset is None else offset // _MILLISECOND


def name_of(zone: tzinfo) -> str | None:
    """Return the IANA name of a zone, None without one; all that are UTC and nothing else are `UTC`."""
    if isinstance(zone, timezone):
        return UTC_NAME if not zone.utcoffset(None) else None
    # No zone of that kind was made where its module was never imported.
    zoneinfo = sys.modules.get("zoneinfo")
    return zone.key if zoneinfo is not None and isinstance(zone, zoneinfo.ZoneInfo) else None


def named(name: str) -> Calendar | None:
    """Return the calendar of an IANA name, None if no such zone is installed."""
    if name == UTC_NAME:
        return Calendar(UTC)
    import zoneinfo  # noqa: PLC0415 - where all is UTC it is not needed

    try:
        return Calendar(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _ordinal(day: date) -> int:
    return day.toordinal() - _EPOCH_ORDINAL


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    before: tuple[int, int] | None = None
    for span in spans:
        if before is not None and before[1] == span[0]:
            before = (before[0], span[1])
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before
