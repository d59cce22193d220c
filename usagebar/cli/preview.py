"""`usagebar preview`: a template's footers on every surface, over sample turns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from usagebar.cli.options import Command, Option, Options, UsageError, nearest
from usagebar.diagnostics import visible
from usagebar.record import Record

if TYPE_CHECKING:
    from typing import Any

    from usagebar.cli.previews.data import Shown
    from usagebar.cli.previews.turns import Turn, TurnFile
    from usagebar.template.reading import Outcome

FORMATS = ("text", "json", "svg")

COMMAND = Command(
    "preview",
    "Show a template's footers on every surface that it names, over sample turns.",
    operands="[TEMPLATE|-]",
    most_operands=1,
    options=(
        Option(
            "--turn", "a sample turn by its name, or a contract's file (- is standard input); repeatable", "NAME|FILE"
        ),
        Option("--surface", "only this surface, also one that the template does not name; repeatable", "S"),
        Option("--explain", "piece by piece: what it read, what each verb made of it, why it was dropped"),
        Option("--watch", "show it again at each save, and keep the last good one while an edit is broken"),
        Option("--format", "text (default), json or svg", "F"),
    ),
    details=(
        "TEMPLATE is a path, or the template's text; - is standard input. With none it is the template that render\n"
        "would use. Without --turn all sample turns are shown, by --explain and as svg the typical one alone.\n"
        "Footers are shown as they are sent: with values escaped for the surface, in its small print. --explain shows\n"
        "values as they are. Surfaces of your own are read from the file of USAGEBAR_SURFACES, else from\n"
        "~/.config/usagebar/surfaces.json.\n"
        "A footer stands behind a gutter: │ at each line, ┊ where the surface shows it as small print, › where the\n"
        "window is too narrow and the line goes on. Below it stand the pieces that were dropped, and why.\n"
        "Exit code 2 if the template or a turn cannot be used."
    ),
    examples=(
        ("usagebar preview footer.jsonc", "everywhere, over all sample turns"),
        ("usagebar preview footer.jsonc --turn typical --explain", "how a footer comes about"),
        ("usagebar preview footer.jsonc --watch --surface discord", "beside an editor"),
        ("usagebar preview --format svg > footers.svg", "a picture of the template that is configured"),
    ),
)


class Request(Record):
    """What to show, and how."""

    turns: list[Turn | TurnFile]
    surfaces: list[str]
    format: str
    explain: bool


def run(options: Options) -> int:
    """Run the command."""
    from usagebar.cli.surfaces_file import with_surfaces  # noqa: PLC0415 - help needs none of it

    return with_surfaces(lambda: _run(options))


def _run(options: Options) -> int:
    from usagebar.cli.records import BadRecord  # noqa: PLC0415 - as above

    try:
        request = _request(options)
        if options.has("--watch"):
            return _watch(options, request)
        subject, outcome = _template(options.operands)
    except UsageError as error:
        message = "\n".join(map(visible, str(error).split("\n")))
        return _failed(message, "" if "\nhelp: " in message else "\nhelp: usagebar preview --help")
    except BadRecord as error:
        return _failed(visible(str(error)))
    if outcome.template is None:
        from usagebar.cli.named import report  # noqa: PLC0415 - as above

        report(subject, outcome)
        return 2
    return _show(request, outcome)


def _request(options: Options) -> Request:
    """Return what the options ask for.

    Raises:
        UsageError: they do not go together, or one has a value that it cannot have.
        BadRecord: standard input holds no turn.
    """
    from usagebar.cli.previews.turns import chosen  # noqa: PLC0415 - as above

    form = options.value("--format") or FORMATS[0]
    if form not in FORMATS:
        near = nearest(form, FORMATS)
        raise UsageError(f"expected text, json or svg behind --format, found {form!r}{near}")
    names = options.values("--turn")
    if "-" in names and ("-" in options.operands):
        raise UsageError("expected - once, found it for the template and for a turn")
    explain = options.has("--explain")
    default = ["typical"] if explain or form == "svg" else []
    return Request(chosen(names, default), options.values("--surface"), form, explain)


def _template(operands: list[str]) -> tuple[str, Outcome]:
    """Return how to call the template, and what it comes to."""
    from usagebar.cli.operands import configured, outcomes  # noqa: PLC0415 - as above

    if not operands:
        return "the template that is configured", configured()
    [outcome] = outcomes(operands)
    return "the template", outcome


def _show(request: Request, outcome: Outcome) -> int:
    from usagebar.cli.previews.data import shown  # noqa: PLC0415 - as above
    from usagebar.cli.previews.turns import turns_of  # noqa: PLC0415 - as above
    from usagebar.cli.terminal import columns  # noqa: PLC0415 - as above

    turns, wrong = turns_of(request.turns)
    for message in wrong:
        _failed(visible(message))
    if not turns:
        return 2
    room = columns(sys.stdout) if request.format == FORMATS[0] else None  # a record does not depend on a window
    _write(request, shown(outcome, turns, request.surfaces, room))
    return 2 if wrong else 0


def _write(request: Request, found: Shown) -> None:
    if request.format == "json":
        from usagebar.cli.previews.as_json import as_json  # noqa: PLC0415 - as above

        sys.stdout.buffer.write(as_json(found, explain=request.explain))
    elif request.format == "svg":
        from usagebar.cli.previews.svg import as_svg  # noqa: PLC0415 - as above

        sys.stdout.buffer.write(as_svg(found).encode("utf-8"))
    else:
        from usagebar.cli.previews.text import page  # noqa: PLC0415 - as above

        sys.stdout.buffer.write(page(found, sys.stdout, explain=request.explain).encode("utf-8"))


def _watch(options: Options, request: Request) -> int:
    from usagebar.cli.previews.watching import watch  # noqa: PLC0415 - as above
    from usagebar.template.reading import is_path, path_of  # noqa: PLC0415 - as above

    if request.format != FORMATS[0]:
        raise UsageError(f"expected --watch with --format text, found {request.format}")
    source = options.operands[0] if options.operands else _configured_path()
    if source == "-" or not is_path(source):
        found = "standard input" if source == "-" else "a template's text"
        raise UsageError(f"expected the path of a template to watch, found {found}")
    return watch(path_of(source), request)


def _configured_path() -> Any:
    """Return what the template that is configured was named by.

    Raises:
        UsageError: nothing is configured.
    """
    from usagebar.cli.configured import OPENCLAW_CONFIG, VARIABLE  # noqa: PLC0415 - as above
    from usagebar.cli.named import what_is_named  # noqa: PLC0415 - as above
    from usagebar.template.reading import Outcome  # noqa: PLC0415 - as above

    source = what_is_named(None, VARIABLE, OPENCLAW_CONFIG).source
    if source is None:
        raise UsageError("expected the path of a template to watch, found none given and none configured")
    if isinstance(source, Outcome):
        raise UsageError(source.diagnostics[0].message)
    return source


def _failed(message: str, help_line: str = "") -> int:
    print(f"usagebar preview: {message}{help_line}", file=sys.stderr)
    return 2
