"""A report as CSV (RFC 4180): a header, a line a row, what is unknown empty."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from usagebar.cli.usages.dimensions import BLOCKS, DIMENSIONS
from usagebar.cli.usages.members import row_members
from usagebar.diagnostics import visible

if TYPE_CHECKING:
    from usagebar.cli.usages.report import Report
    from usagebar.cli.usages.request import Request

_COUNTS = (
    "input", "output", "cacheRead", "cacheWrite", "totalTokens", "totalCost", "missingCostEntries", "turns",
    "reasoning", "missingTokenEntries",
)  # fmt: skip
_OWN = {
    "sessions": (
        "session", "key", "agentId", "origin", "title", "project", "runtime", "firstActivity", "lastActivity", "models",
    ),
    BLOCKS: ("runtime", "startTime", "endTime", "firstActivity", "lastActivity", "isActive", "isGap", "models"),
}  # fmt: skip
_RATES = ("tokensPerMinute", "costPerHour")
_ENDS = ("remainingMinutes", "totalTokens", "totalCost")
_OUTLOOK = (*(f"burnRate.{name}" for name in _RATES), *(f"projection.{name}" for name in _ENDS))
_COMPARED = ("asModel.totalCost", "asModel.missingCostEntries")
# What a spreadsheet takes for a formula, also behind what it skips.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(report: Report) -> bytes:
    """Write a report's rows, without its totals, UTF-8.

    In texts, what a terminal would obey is shown by name, and one that a spreadsheet would run has a `'` before it.
    """
    out = io.StringIO(newline="")
    header = columns(report.request)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in report.found.rows:
        members = _flat(row_members(row, report.request, report.now))
        writer.writerow([_cell(members.get(name)) for name in header])
    return out.getvalue().encode("utf-8", "backslashreplace")


def columns(request: Request) -> list[str]:
    """Return the header: the members that a row has in JSON, those of its objects behind a dot."""
    own = list(_OWN.get(request.report, ()))
    for name in request.dimensions:
        members = ("week", "startDate") if name == "week" else (DIMENSIONS[name].member,)
        own += [member for member in members if member not in own]
    own += ["calls"] if request.report == "tools" else []
    outlook = _OUTLOOK if request.report == BLOCKS else ()
    return [*own, *_COUNTS, *(_COMPARED if request.as_model else ()), *outlook]


def _flat(members: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Never with an exponent, which not every reader knows; picodollars are the finest.
        return f"{value:.12f}".rstrip("0").removesuffix(".")
    text = " ".join(value) if isinstance(value, list) else str(value)
    return f"'{visible(text)}" if text.startswith(_FORMULA) else visible(text)
