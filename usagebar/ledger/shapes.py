"""The shapes in which OpenClaw's gateway tells usage and cost, from the ledger: plain dicts, fit for JSON.

Costs are in US dollars: the sum over the turns that have one, None if none of them has, with the count of the others in
`missingCostEntries`. Tokens are sums over the turns that tell them; `missingTokenEntries` counts the turns of which the
input or the output is not known, and a sum over such turns alone that comes to nothing is None. Times are in
milliseconds since 1970, days are `YYYY-MM-DD` in the ledger's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from usagebar.figures import count
from usagebar.ledger.figures import Filter, Totals

if TYPE_CHECKING:
    from usagebar.ledger.storing.database import Database

_MOST_DAYS = 366_000
_TOKENS = ("input", "output", "cacheRead", "cacheWrite", "totalTokens")


def day_of(moment: int, zone: tzinfo) -> date:
    """Return the day in a zone of a time in milliseconds since 1970."""
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone).date()


def last_days(days: int, zone: tzinfo, now: int) -> Filter:
    """Return the filter for so many days up to today; `ValueError` if they are no whole number of at least 1."""
    if isinstance(days, bool) or not count(days) or days > _MOST_DAYS:
        raise ValueError(f"expected a number of days (an integer from 1 to {_MOST_DAYS}), found {days!r}")
    today = day_of(now, zone)
    return Filter(since=_before(today, days - 1), until=today, zone=zone)


def _before(today: date, days: int) -> date:
    try:
        return today - timedelta(days=days)
    except OverflowError:  # before the year 1
        return date.min


def sum_of(database: Database, chosen: Filter) -> Totals:
    """Return the sums over the turns that are chosen."""
    whole = Totals()
    for group in database.totals((), chosen):
        whole = whole.plus(group.totals)
    return whole


def counts_of(totals: Totals) -> dict[str, Any]:
    """Return the sums of some turns under the names of OpenClaw's daily entries."""
    return {
        "input": totals.input,
        "output": totals.output,
        "cacheRead": totals.cache_read,
        "cacheWrite": totals.cache_write,
        "totalTokens": totals.tokens,
        "totalCost": totals.usd,
        "missingCostEntries": totals.unpriced,
    }


def _known_counts(totals: Totals) -> dict[str, Any]:
    """Return what `counts_of` does, None where no turn tells, and how many turns do not tell all."""
    counts = {name: _known(totals, value) for name, value in counts_of(totals).items() if name in _TOKENS}
    return {**counts_of(totals), **counts, "missingTokenEntries": totals.incomplete}


def _known(totals: Totals, tokens: int) -> int | None:
    """Return a sum of tokens, None if it is 0 and there is no turn of which input and output are known."""
    return None if totals.turns and totals.incomplete == totals.turns and not tokens else tokens


def usage_cost(database: Database, days: int, zone: tzinfo, now: int) -> dict[str, Any]:
    """Return the usage of the last so many days: each day that has turns, the oldest first, and the totals.

    The totals have each count under both of its names, `input` and `totalInput`.
    """
    chosen = last_days(days, zone, now)
    by_day = sorted((str(group.values[0]), group.totals) for group in database.totals(("day",), chosen))
    whole = Totals()
    for _, totals in by_day:
        whole = whole.plus(totals)
    counts = _known_counts(whole)
    return {
        "updatedAt": now,
        "days": days,
        "daily": [{"date": day, **_known_counts(totals)} for day, totals in by_day],
        "totals": {
            "totalInput": counts["input"],
            "totalOutput": counts["output"],
            "totalCacheRead": counts["cacheRead"],
            "totalCacheWrite": counts["cacheWrite"],
            **counts,
        },
    }


def sessions_usage(database: Database, days: int, zone: tzinfo, now: int) -> dict[str, Any]:
    """Return the usage of the sessions of the last so many days, the most recently used first."""
    chosen = last_days(days, zone, now)
    sessions = sorted(database.sessions(chosen), key=lambda each: each.last or 0, reverse=True)
    return {
        "updatedAt": now,
        "startDate": str(chosen.since),
        "endDate": str(chosen.until),
        "sessions": [
            {
                "key": each.key,
                "sessionId": each.session_id,
                "agentId": each.agent_id,
                "runtime": each.runtime,
                "origin": each.origin,
                "title": each.title,
                "project": each.project,
                "models": list(each.models),
                "firstActivity": each.first,
                "updatedAt": each.last,
                "usage": _session_counts(each.totals),
            }
            for each in sessions
        ],
    }


def _session_counts(totals: Totals) -> dict[str, Any]:
    counts = _known_counts(totals)
    return {
        "inputTokens": counts["input"],
        "outputTokens": counts["output"],
        "cacheReadTokens": counts["cacheRead"],
        "cacheWriteTokens": counts["cacheWrite"],
        "totalTokens": counts["totalTokens"],
        "totalCost": totals.usd,
        "missingCostEntries": totals.unpriced,
        "missingTokenEntries": totals.incomplete,
        "turns": totals.turns,
    }
