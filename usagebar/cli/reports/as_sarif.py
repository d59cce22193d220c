"""Findings as SARIF 2.1.0, the OASIS format that code scanning and editors read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from usagebar import __version__
from usagebar.checks.meanings import MEANINGS
from usagebar.cli.reports.checked import advice, repository_path
from usagebar.diagnostics import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.cli.reports.checked import Checked
    from usagebar.diagnostics import Diagnostic

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "hint": "note"}
CODES = tuple(SEVERITIES)


def report(templates: Iterable[Checked]) -> Iterator[str]:
    """Write one SARIF log of one run, whose rules are all codes."""
    results = [_result(template.name, finding) for template in templates for finding in template.findings]
    run = {
        "tool": {"driver": {"name": "usagebar", "version": __version__, "rules": [_rule(code) for code in CODES]}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    yield json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": MEANINGS[code]},
        "defaultConfiguration": {"level": LEVELS[SEVERITIES[code]]},
    }


def _result(name: str, finding: Diagnostic) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(name)}}
    if finding.line is not None:
        place["region"] = _region(finding)
    location = {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": finding.path}]}
    return {
        "ruleId": finding.code,
        "ruleIndex": CODES.index(finding.code),
        "level": LEVELS[finding.severity],
        "message": {"text": advice(finding)},
        "locations": [location],
    }


def _region(finding: Diagnostic) -> dict[str, int | None]:
    return {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }


def uri(name: str) -> str:
    """Return a name as a URI, relative if the name is a relative path."""
    return Path(name).as_uri() if os.path.isabs(name) else quote(os.fsencode(repository_path(name)))
