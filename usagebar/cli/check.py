"""`usagebar check`: what is wrong with templates, and where."""

from __future__ import annotations

import sys

from usagebar.cli.operands import NoMatch, configured, outcomes, sources
from usagebar.cli.options import Command, Option, Options, UsageError, nearest
from usagebar.cli.reports.checked import LEVELS, Checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from usagebar.template.reading import Outcome

FORMATS = ("text", "json", "github", "sarif")

COMMAND = Command(
    "check",
    "Say what is wrong with a template, and where: mistakes, and what is probably not meant.",
    operands="[TEMPLATE…|-]",
    options=(
        Option("--format", "how findings are written: text, json, github or sarif (default: text)", "F"),
        Option("--fail-on", "the least that counts as failed: error, warning or hint (default: error)", "S"),
    ),
    details=(
        "A TEMPLATE is a path, a glob (in quotes; ** is any folders) or the template's own text; - is standard input.\n"
        "With none it is the template that `usagebar render` uses: the one of USAGEBAR_TEMPLATE, else of\n"
        "messages.usageTemplate in ~/.openclaw/openclaw.json, else the built-in.\n"
        "github is for the log of a GitHub workflow, sarif (2.1.0) for code scanning and editors.\n"
        "Surfaces of your own are read from the file of USAGEBAR_SURFACES, else from\n"
        "~/.config/usagebar/surfaces.json.\n"
        "Exit code 1 if there is an error (or what --fail-on says), 2 if the arguments cannot be used, else 0."
    ),
    examples=(
        ("usagebar check footer.jsonc", "draws each finding, with the line it stands in"),
        ("usagebar check --fail-on warning 'templates/**/*.jsonc'", "for a build that takes no warning"),
        ("usagebar check --format sarif footer.jsonc > footer.sarif", "for code scanning"),
        ("usagebar check - < footer.jsonc", "what comes in on standard input"),
    ),
)


def run(options: Options) -> int:
    """Run the command."""
    try:
        form = _choice(options, "--format", FORMATS, "text")
        fail_on = _choice(options, "--fail-on", LEVELS, "error")
        found = sources(options.operands)
    except (UsageError, NoMatch) as error:
        print(f"usagebar check: {error}\nhelp: usagebar check --help", file=sys.stderr)
        return 2
    from usagebar.cli.surfaces_file import with_surfaces  # noqa: PLC0415 - help needs none of it

    failing = LEVELS[: LEVELS.index(fail_on) + 1]
    return with_surfaces(lambda: _report_on(outcomes(found) if options.operands else [configured()], form, failing))


def _report_on(templates: Iterable[Outcome], form: str, failing: Sequence[str]) -> int:
    seen: set[str] = set()
    _write(form, _checked(templates, seen))
    return int(not seen.isdisjoint(failing))


def _choice(options: Options, name: str, choices: Sequence[str], default: str) -> str:
    value = options.value(name)
    if value is None or value in choices:
        return value or default
    expected = f"{', '.join(choices[:-1])} or {choices[-1]}"
    raise UsageError(f"expected {expected} behind {name}, found {value!r}{nearest(value, choices)}")


def _checked(templates: Iterable[Outcome], seen: set[str]) -> Iterator[Checked]:
    """Check templates one at a time; add the severities of what is found to `seen`."""
    from usagebar.checks import check_outcome  # noqa: PLC0415 - pydantic is slow to import, and help needs none
    from usagebar.engine.verbs import VERBS  # noqa: PLC0415 - as above

    for outcome in templates:
        findings = tuple(check_outcome(outcome, VERBS))
        seen.update(finding.severity for finding in findings)
        yield Checked(outcome.name, outcome.text, findings)


def _write(form: str, templates: Iterable[Checked]) -> None:
    for part in _report(form, templates):
        # What is replaced here are lone surrogates, which JSON and the names of files can bring along.
        sys.stdout.buffer.write(part.encode("utf-8", "backslashreplace"))


def _report(form: str, templates: Iterable[Checked]) -> Iterator[str]:
    from importlib import import_module  # noqa: PLC0415 - only the format that is asked for

    parts: Iterator[str] = import_module(f"usagebar.cli.reports.as_{form}").report(templates)
    return parts
