"""A report as JSON: `usagebar.usage.v1`, whose schema is `schemas/usagebar.usage.v1.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from usagebar.cli.usages.dimensions import zone_name
from usagebar.cli.usages.members import compared_counts, counts, row_members

if TYPE_CHECKING:
    from usagebar.cli.usages.report import Report
    from usagebar.ledger.budgets import BudgetState

SCHEMA = "usagebar.usage.v1"


def as_json(report: Report) -> bytes:
    """Write a report as one JSON object, UTF-8."""
    text = json.dumps(document(report), ensure_ascii=False, indent=2) + "\n"
    # What is replaced here are lone surrogates, within strings: `\\udc80` is their escape in JSON, too.
    return text.encode("utf-8", "backslashreplace")


def document(report: Report) -> dict[str, Any]:
    """Return a report as plain dicts and lists: the rows under the report's name, their totals, and the remarks."""
    request, found, remarks = report.request, report.found, report.remarks
    told: dict[str, Any] = {
        "schema": SCHEMA,
        request.report: [row_members(row, request, report.now) for row in found.rows],
        "totals": counts(found.totals),
    }
    if found.compared is not None:
        told["asModel"] = {"model": request.as_model} | compared_counts(found.compared)
    told |= {
        "prices": [{"source": used.source, "date": used.date, "turns": used.turns} for used in remarks.prices],
        "longContext": [{"threshold": threshold, "turns": turns} for threshold, turns in remarks.long_context],
        "unpriced": [{"model": model, "turns": turns} for model, turns in remarks.unpriced],
        "timezone": zone_name(request.chosen.zone),
        "since": None if request.chosen.since is None else request.chosen.since.isoformat(),
        "until": None if request.chosen.until is None else request.chosen.until.isoformat(),
        "notes": remarks.notes,
    }
    if report.budgets is not None:
        told["budgets"] = [_budget(state) for state in report.budgets]
    return told


def _budget(state: BudgetState) -> dict[str, Any]:
    budget = state.budget
    return {
        "name": budget.label,
        "period": budget.period,
        "agentId": budget.agent,
        "model": budget.model,
        "limitUsd": budget.limit_usd,
        "spentUsd": state.spent_usd,
        "pct": state.pct,
        "isSpent": state.is_spent,
        "isPartial": state.partial,
        "note": state.note,
    }
