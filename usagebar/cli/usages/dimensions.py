"""By what usage is split: the reports, their dimensions, and what each is called."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from usagebar.ledger.turns import TurnRecord


class Dimension(NamedTuple):
    """Hold what turns are told apart by: the report that it alone makes, its name in JSON and above a column."""

    report: str
    member: str
    title: str
    word: str  # as in `Usage by day`


DIMENSIONS = {
    "day": Dimension("daily", "date", "Date", "day"),
    "week": Dimension("weekly", "week", "Week", "week"),
    "month": Dimension("monthly", "month", "Month", "month"),
    "session": Dimension("sessions", "session", "Session", "session"),
    "model": Dimension("models", "model", "Model", "model"),
    "agent": Dimension("agents", "agentId", "Agent", "agent"),
    "origin": Dimension("origins", "origin", "Origin", "origin"),
    "tool": Dimension("tools", "tool", "Tool", "tool"),
    "project": Dimension("projects", "project", "Project", "project"),
    "provider": Dimension("providers", "provider", "Provider", "provider"),
    "runtime": Dimension("runtimes", "runtime", "Runtime", "runtime"),
    "machine": Dimension("machines", "machine", "Machine", "machine"),
}
# What a report's rows are told apart by; a model is one of its provider.
BY_REPORT = {each.report: (name,) for name, each in DIMENSIONS.items()} | {"models": ("model", "provider")}
BLOCKS, COST = "blocks", "cost"
REPORTS = (
    "daily", "weekly", "monthly", "sessions", "models", "agents", "origins", "tools", "projects", "providers",
    "runtimes", "machines", BLOCKS, COST,
)  # fmt: skip
TIMES = ("day", "week", "month")  # ordered by themselves, not by cost


def stored(dimension: str) -> str:
    """Return the dimension of the ledger that one is made of: weeks of days."""
    return "day" if dimension == "week" else dimension


def shown(dimension: str, value: str | None) -> str | None:
    """Return the value of a dimension for one of its `stored` dimension: the week of a day."""
    if dimension != "week" or value is None:
        return value
    year, week, _ = date.fromisoformat(value).isocalendar()
    return f"{year:04}-W{week:02}"


def monday(week: str) -> str:
    """Return the first day of an ISO week: `2026-02-09` of `2026-W07`."""
    return date.fromisocalendar(int(week[:-4]), int(week[-2:]), 1).isoformat()


def value_of(dimension: str, zone: tzinfo) -> Callable[[TurnRecord], str | None]:
    """Return the function that tells a turn's value of a dimension; days are those of `zone`. Tools have none."""
    if dimension not in TIMES:
        name = {"session": "session_id", "agent": "agent_id"}.get(dimension, dimension)
        return lambda turn: getattr(turn, name)

    def time_of(turn: TurnRecord) -> str | None:
        if turn.timestamp is None:
            return None
        day = local(turn.timestamp, zone).date().isoformat()
        return day[:7] if dimension == "month" else shown(dimension, day)

    return time_of


def zone_name(zone: tzinfo) -> str:
    """Return what a zone is called: its name in the database of zones, or its offset from UTC if it has but one.

    The system's own may be neither: then it is called what `TZ` says, the rule of its clocks, else `local`.
    """
    key: str | None = getattr(zone, "key", None)
    if key:
        return key
    if isinstance(zone, timezone):
        return "UTC" if zone is UTC else datetime.now(zone).strftime("UTC%z")
    return os.environ.get("TZ", "").removeprefix(":") or "local"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local(milliseconds: int, zone: tzinfo) -> datetime:
    """Return the time of a zone's clocks."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone)
