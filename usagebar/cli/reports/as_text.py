"""Findings for people: drawn one below the other, and how many there are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from usagebar.cli.reports.checked import counts
from usagebar.cli.terminal import Painter, shows_colours
from usagebar.diagnostics import draw, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.cli.reports.checked import Checked
    from usagebar.diagnostics import Diagnostic

STYLES = {"error": ("bold", "red"), "warning": ("bold", "yellow"), "hint": ("bold", "cyan")}
_CARETS = 4  # the line they stand in: behind what, where, a gutter and the excerpt
MOST_DRAWN = 100  # of one template: nobody reads more, and each is looked up in the whole text


def report(templates: Iterable[Checked]) -> Iterator[str]:
    """Write the findings as `diagnostics.draw` draws them, a blank line behind each, then a summary."""
    painter, seen = Painter(colours=shows_colours(sys.stdout)), []
    for template in templates:
        seen.append(template)
        for finding in template.findings[:MOST_DRAWN]:
            yield painted(draw(finding, name=template.name, text=template.text), finding, painter) + "\n\n"
        if (rest := len(template.findings) - MOST_DRAWN) > 0:
            yield f"… and {rest} more in {visible(template.name)}; --format json has them all\n\n"
    yield summary(seen) + "\n"


def painted(drawn: str, finding: Diagnostic, painter: Painter) -> str:
    """Return a drawn finding with its severity and its carets in a colour."""
    style = STYLES[finding.severity]
    lines = drawn.split("\n")
    lines[0] = painter(finding.severity, style) + lines[0].removeprefix(finding.severity)
    if len(lines) > _CARETS:
        before, _, _ = lines[_CARETS].partition("^")
        lines[_CARETS] = before + painter(lines[_CARETS][len(before) :], style)
    return "\n".join(lines)


def summary(templates: list[Checked]) -> str:
    """Return how many findings there are and where: `2 errors, 1 hint in footer.jsonc`."""
    where = visible(templates[0].name) if len(templates) == 1 else f"{len(templates)} templates"
    found = [_counted(count, level) for level, count in counts(templates).items() if count]
    return f"{', '.join(found)} in {where}" if found else f"{where}: nothing found"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
