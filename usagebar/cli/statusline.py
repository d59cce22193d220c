"""`usagebar statusline`: Claude Code's status JSON in, the line under its prompt out."""

from __future__ import annotations

import os
import sys

from usagebar.cli.options import HELP, Command, Option, Options
from usagebar.cli.records import BLANK, BYTE_ORDER_MARK, BadRecord, Entry
from usagebar.cli.status_pieces import NAME, status_pieces
from usagebar.contract.claude_code import from_claude_code
from usagebar.contract.errors import ContractError
from usagebar.surfaces.escaping import escaped, is_seen
from usagebar.surfaces.sequences import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    Result = TypeVar("Result")

VARIABLE = "USAGEBAR_TEMPLATE"
SURFACE = "terminal"
MAX_BYTES = 1024 * 1024
MOST_DIGITS = 6
FOR_SETTINGS = ("--install", "--uninstall")

COMMAND = Command(
    "statusline",
    "Show the status line of Claude Code: model, effort, context, the session's cost and quota windows.",
    most_operands=0,
    options=(
        Option("--template", "the template, by its path or as text; with --install by its path, which is kept", "T"),
        Option("--debug", "say on standard error what went wrong"),
        Option("--install", "make it the status line in Claude Code's settings"),
        Option("--uninstall", "take it out of them"),
        Option("--settings", "the settings to change (default: ~/.claude/settings.json)", "FILE"),
        Option("--yes", "change them without asking"),
    ),
    details=(
        "Standard input is the JSON that Claude Code gives to the command of its status line. The template is the one\n"
        "of --template, else of USAGEBAR_TEMPLATE; its surface is terminal. Without one the line is the command's,\n"
        "which has no colours if NO_COLOR is set. No line is longer than COLUMNS: the last pieces go first.\n"
        "Broken or missing input gives a line too, and the exit code is 0: Claude Code hides one that fails.\n\n"
        "--install and --uninstall change settings.json in CLAUDE_CONFIG_DIR, else in ~/.claude, or FILE. The change\n"
        "is shown, nothing else in the file changes, and as it was it is kept as settings.json.usagebar-backup beside\n"
        "it. The template given with --install goes into the command; without one a line of usagebar that is there\n"
        "keeps its template."
    ),
    examples=(
        ("usagebar statusline --install", "have it shown by Claude Code"),
        (
            """echo '{"model": {"display_name": "Opus"}}' | usagebar statusline --debug""",
            "see what it makes of an input",
        ),
        ("cat status.json | usagebar statusline --template footer.jsonc", "by a template of your own"),
    ),
)


def run(options: Options) -> int:
    """Run the command."""
    if options.has("--install") or options.has("--uninstall"):
        return _change_settings(options)
    _complain_of_what_has_no_use(options)
    template, is_debug = options.value("--template"), options.has("--debug")
    contract = _attempted(_contract, is_debug=is_debug) or {}
    line = (
        _attempted(lambda: _named_line(template, contract, is_debug=is_debug), is_debug=is_debug)
        or _attempted(lambda: _own_line(contract), is_debug=is_debug)
        or NAME[: _columns()]
    )
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    return 0


def run_misused(words: Sequence[str], code: int) -> int:
    """Return the exit code for wrong words, which were complained of; show the line all the same to a program.

    There is no line if the words, one of them misspelled perhaps, were to change the settings.
    """
    is_for_settings = any(_is_for_settings(word.partition("=")[0]) for word in words if word.startswith("-"))
    return code if is_for_settings or sys.stdin.isatty() else run(Options())


def _is_for_settings(name: str) -> bool:
    from usagebar.cli.options import nearest_of  # noqa: PLC0415 - only for wrong words

    return any(match in FOR_SETTINGS for match in nearest_of(name, [*[each.name for each in COMMAND.options], *HELP]))


def _complain_of_what_has_no_use(options: Options) -> None:
    for name in ("--settings", "--yes"):
        if options.has(name):
            print(f"usagebar statusline: expected {name} with --install or --uninstall alone", file=sys.stderr)


def _change_settings(options: Options) -> int:
    if options.has("--install") and options.has("--uninstall"):
        print("usagebar statusline: expected one of --install and --uninstall, found both", file=sys.stderr)
        return 2
    from usagebar.cli import settings  # noqa: PLC0415 - only where they are to be changed

    return settings.install(options) if options.has("--install") else settings.uninstall(options)


def _attempted(step: Callable[[], Result], *, is_debug: bool) -> Result | None:
    """Return what a step comes to, None if it fails."""
    # One of the few places that fail open: where this command fails Claude Code shows nothing at all, so the line is
    # made of what is left, and --debug tells the reason.
    try:
        return step()
    except Exception as error:  # noqa: BLE001
        if is_debug:
            _explain(error)
        return None


def _explain(error: Exception) -> None:
    if isinstance(error, (BadRecord, ContractError)):
        print(f"usagebar statusline: {error}", file=sys.stderr)
        return
    from traceback import print_exception  # noqa: PLC0415 - only for what nobody foresaw

    print_exception(error)


# ---------------------------------------------------------------- input


def _contract() -> dict[str, Any]:
    return escaped(from_claude_code(_status(), SURFACE), SURFACE)


def _status() -> Any:
    """Return what standard input holds."""
    if sys.stdin.isatty():
        print("usagebar statusline: reads Claude Code's status JSON from standard input", file=sys.stderr)
    data = sys.stdin.buffer.read(MAX_BYTES + 1).removeprefix(BYTE_ORDER_MARK)
    # As a line of its own: the complaint about a second value must not name an option that is not there.
    entry = Entry("<stdin>", data, line=1)
    if not data.strip(BLANK):
        raise entry.bad("expected Claude Code's status JSON (an object), found nothing")
    if len(data) > MAX_BYTES:
        raise entry.bad(f"expected at most {MAX_BYTES} bytes, found more")
    return entry.value()


# ---------------------------------------------------------------- line


def _named_line(option: str | None, contract: dict[str, Any], *, is_debug: bool) -> str | None:
    """Return the line by the template that is named; None if none is, it cannot be used or shows nothing."""
    source = os.environ.get(VARIABLE, "") if option is None else option
    if option is None and not source.strip():
        return None
    from usagebar.engine.bar import UsageBar  # noqa: PLC0415 - reading templates is a third of the start-up time
    from usagebar.template.reading import examine  # noqa: PLC0415 - as above

    outcome = examine(source)
    if outcome.diagnostics and is_debug:
        from usagebar.cli.named import report  # noqa: PLC0415 - only to complain

        report(f"the template named by {VARIABLE if option is None else '--template'}", outcome)
    if outcome.template is None:
        return None
    bar = UsageBar(outcome.template, name=outcome.name)
    return _in_columns(bar.render(contract, SURFACE), bar.pieces(contract, SURFACE))


def _own_line(contract: dict[str, Any]) -> str | None:
    pieces = status_pieces(contract)
    if os.environ.get("NO_COLOR"):
        pieces = [shown(piece) for piece in pieces]
    return _in_columns("".join(pieces), pieces)


def _in_columns(text: str, pieces: list[str]) -> str | None:
    """Return a line, or lines, that fit; None if there is nothing to see."""
    if not any(is_seen(shown(each)) for each in (*pieces, text)):
        return None
    columns = _columns()
    if columns is None:
        return text
    from usagebar.surfaces.fitting import fitted  # noqa: PLC0415 - only where there is an end to the line

    return fitted(text, pieces, columns)


def _columns() -> int | None:
    """Return how many cells a line has; None where there is no end to it."""
    given = os.environ.get("COLUMNS", "")
    # What has more digits is no width, and int() refuses thousands of them.
    if len(given) <= MOST_DIGITS and given.isascii() and given.isdigit():
        return int(given) or None
    return None
