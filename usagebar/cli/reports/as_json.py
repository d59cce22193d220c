"""Findings for programs: one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from usagebar.cli.reports.checked import counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.cli.reports.checked import Checked


def report(templates: Iterable[Checked]) -> Iterator[str]:
    """Write `{"findings": […], "templates": [names], "counts": {severity: n}}`; a finding is its fields and `file`."""
    seen = list(templates)
    findings = [{"file": each.name, **finding.as_dict()} for each in seen for finding in each.findings]
    found = {"findings": findings, "templates": [each.name for each in seen], "counts": counts(seen)}
    yield json.dumps(found, ensure_ascii=False, indent=2) + "\n"
