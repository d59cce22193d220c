"""A template that was checked, and what every format says of it alike."""

from __future__ import annotations

import os
from collections import Counter

from usagebar.diagnostics import visible
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from usagebar.diagnostics import Diagnostic

LEVELS = ("error", "warning", "hint")  # from the worst on


class Checked(Record):
    """A template by its name, its text if it has one, and its findings in their order."""

    name: str
    text: str | None
    findings: tuple[Diagnostic, ...]


def counts(templates: Iterable[Checked]) -> dict[str, int]:
    """Return how many findings of each severity there are."""
    found = Counter(finding.severity for template in templates for finding in template.findings)
    return {level: found[level] for level in LEVELS}


def advice(finding: Diagnostic) -> str:
    """Return the message of a finding, and its suggestion on a line of its own: two lines at most."""
    message = visible(finding.message)
    return message if finding.suggestion is None else f"{message}\nhelp: {visible(finding.suggestion)}"


def is_file(name: str) -> bool:
    """Tell the name of a file from that of another source, such as `<stdin>`."""
    return not (name.startswith("<") and name.endswith(">"))


def repository_path(name: str) -> str:
    """Return a name as those write it who look for the file in a repository: `/` between folders, no `./` before."""
    path = name.replace(os.sep, "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path
