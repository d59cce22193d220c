"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.reports.checked import advice, is_file, repository_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.cli.reports.checked import Checked
    from usagebar.diagnostics import Diagnostic

COMMANDS = {"error": "error", "warning": "warning", "hint": "notice"}


def report(templates: Iterable[Checked]) -> Iterator[str]:
    """Write a command a finding: `::error file=footer.jsonc,line=5,col=15,…,title=usagebar wrong-type::expected …`."""
    for template in templates:
        for finding in template.findings:
            yield _command(template.name, finding)


def _command(name: str, finding: Diagnostic) -> str:
    place = {"file": repository_path(name), **_place(finding)} if is_file(name) else {}
    properties = {**place, "title": f"usagebar {finding.code}"}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {written}::{_data(advice(finding))}\n"


def _place(finding: Diagnostic) -> dict[str, int | None]:
    if finding.line is None:
        return {}
    if finding.end_line != finding.line:  # GitHub takes columns within one line alone
        return {"line": finding.line, "endLine": finding.end_line}
    column, end = finding.column or 1, finding.end_column or 1
    # GitHub's end is the last column itself: it defaults to the first.
    return {"line": finding.line, "col": column, "endLine": finding.line, "endColumn": max(column, end - 1)}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
