"""Time zones: the system's own, and those that are asked for by name.

Days are days of a zone. The system's zone is found with its name where that is possible, so that days before and after
a change of the clocks are right: a bare offset from UTC is only what is left if nothing else tells.
"""

from __future__ import annotations

import io
import os
import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from usagebar.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALTIME = "/etc/localtime"
# Behind one of these in the path of a zone's file stands its name; the variants below it are of the same names.
_FOLDER = "zoneinfo"
_VARIANTS = ("posix", "right", "uclibc")
_UTC_NAMES = frozenset({"utc", "z", "zulu", "etc/utc", "etc/zulu", "etc/uct", "uct", "gmt", "etc/gmt", "universal"})
# An empty zone file, second version: one type of time, UTC, and no change; the rule stands behind it.
_HEADER = b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, 4))
_NO_CHANGES = _HEADER + bytes(6) + b"UTC\0"


def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name such as `Europe/Berlin`; `UTC` needs no zones to be installed.

    Raises `LedgerError` if there is none of that name, with the nearest one that there is.
    """
    if not isinstance(name, str):
        raise LedgerError(f"expected the name of a time zone, found {type(name).__name__}")
    if name.strip().lower() in _UTC_NAMES:
        return UTC
    found = _named(name.strip())
    if found is None:
        raise _unknown(name)
    return found


def zone_of(timezone: str | tzinfo | None) -> tzinfo:
    """Return the zone that is meant: a name, a `tzinfo` of any library, or the system's for None.

    Raises `LedgerError` for a name of no zone.
    """
    if timezone is None:
        return local_zone()
    if not isinstance(timezone, tzinfo):
        return zone(timezone)
    try:
        hash(timezone)
    except TypeError:
        return _Hashable(timezone)
    return timezone


class _Hashable(tzinfo):
    """Stand for a zone that has no hash, as those of dateutil: days are kept by their zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __reduce__(self) -> tuple[type[_Hashable], tuple[tzinfo]]:
        return _Hashable, (self._zone,)

    def __repr__(self) -> str:
        return repr(self._zone)

    def __str__(self) -> str:
        return str(self._zone)

    def _own(self, at: datetime | None) -> datetime | None:
        # Some ask whether a time is of themselves.
        return None if at is None else at.replace(tzinfo=self._zone)

    def utcoffset(self, at: datetime | None, /) -> timedelta | None:
        return self._zone.utcoffset(self._own(at))

    def dst(self, at: datetime | None, /) -> timedelta | None:
        return self._zone.dst(self._own(at))

    def tzname(self, at: datetime | None, /) -> str | None:
        return self._zone.tzname(self._own(at))

    def fromutc(self, at: datetime, /) -> datetime:
        return self._zone.fromutc(at.replace(tzinfo=self._zone)).replace(tzinfo=self)


def local_zone(environment: Mapping[str, str] = os.environ, localtime: str = LOCALTIME) -> tzinfo:
    """Return the system's zone: what `TZ` says, else what /etc/localtime is, else its offset from UTC as of now."""
    configured = environment.get("TZ")
    if configured is not None:
        return _of_variable(configured) or _offset()
    return _of_link(localtime) or _of_file(localtime) or _offset()


def _of_variable(value: str) -> tzinfo | None:
    """Return the zone that `TZ` means: a name, a path, or a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`."""
    name = value.removeprefix(":")
    if not name or name.lower() in _UTC_NAMES:
        return UTC
    if os.path.isabs(name):
        return _of_link(name) or _of_file(name)
    return _named(name) or _of_rule(name)


def _named(name: str) -> tzinfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    # An absolute path, a NUL; a folder such as `Europe`, or a file that is no zone or cannot be read.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _of_link(path: str) -> tzinfo | None:
    parts = os.path.realpath(path).split(os.sep)
    at = max((index for index, part in enumerate(parts) if part.startswith(_FOLDER)), default=None)
    if at is None:
        return None
    names = parts[at + 2 :] if parts[at + 1 : at + 2] and parts[at + 1] in _VARIANTS else parts[at + 1 :]
    name = "/".join(names)
    return UTC if name.lower() in _UTC_NAMES else _named(name) if name else None


def _of_file(path: str) -> tzinfo | None:
    """Return the zone of a file that is a copy: its rules are known, its name is not."""
    try:
        with open(path, "rb") as file:
            return zoneinfo.ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return None


def _of_rule(rule: str) -> tzinfo | None:
    try:
        return zoneinfo.ZoneInfo.from_file(io.BytesIO(_NO_CHANGES * 2 + f"\n{rule}\n".encode()))
    except (ValueError, KeyError):
        return None


def _offset() -> tzinfo:
    try:
        found = datetime.now().astimezone().tzinfo
    except ValueError:  # TZ names an offset of more than a day
        return UTC
    return UTC if found is None else found


def _unknown(name: str) -> LedgerError:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong name

    known = zoneinfo.available_timezones()
    folded = {each.lower(): each for each in sorted(known)}
    by_city = {each.rpartition("/")[2]: each for each in folded}
    word = name.strip().lower().replace(" ", "_")[:100]
    near = get_close_matches(word, [*folded, *by_city], n=1)
    shown = repr(name[:60])
    if not known:
        return LedgerError(f"expected a time zone, found {shown}; no zones but UTC are installed (package tzdata)")
    hint = f"; did you mean {folded[by_city.get(near[0], near[0])]}?" if near else ""
    return LedgerError(f"expected a time zone such as Europe/Berlin or UTC, found {shown}{hint}")
