"""`usagebar render`: turns as JSON in, a footer a turn out."""

from __future__ import annotations

import sys
from _collections_abc import Mapping

from usagebar.cli.configured import configured_bar
from usagebar.cli.options import Command, Option, Options, nearest
from usagebar.cli.records import STDIN, BadRecord, Entry, entries
from usagebar.engine.shape import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMMAND = Command(
    "render",
    "Show the footer of each turn, and a line feed behind it.",
    operands="[FILE…|-]",
    options=(
        Option("--template", "the template, by its path or as text", "T"),
        Option(
            "--surface",
            "where it is shown: discord, telegram, terminal, … (default: the contract's own)",
            "S",
        ),
        Option(
            "--escape",
            "make values safe where they are shown: for the surface, or for discord, html, … (default: nothing is)",
            "[=MODE]",
        ),
        Option("--state", "the input is OpenClaw's reply state, not a contract"),
        Option("--jsonl", "the input has a record a line (a file *.jsonl or *.ndjson always has)"),
        Option("--json", "write each footer as a JSON string, one a line"),
    ),
    details=(
        "A FILE holds the contract of a turn as JSON; - or no FILE is standard input.\n"
        "The template is the one of --template, else of USAGEBAR_TEMPLATE, else of messages.usageTemplate in\n"
        "~/.openclaw/openclaw.json, else the built-in.\n"
        "With --escape no value brings markup, mentions or controls along; what the template says stays as it is.\n"
        "Then surfaces of your own are read too, from the file of USAGEBAR_SURFACES, else from\n"
        "~/.config/usagebar/surfaces.json.\n"
        "Exit code 2 if the template or a record cannot be used; the other records are still shown."
    ),
    examples=(
        (
            "usagebar render turn.json",
            "by the template that is configured, for the surface that the turn names",
        ),
        (
            "usagebar render --template footer.jsonc --surface telegram turn.json",
            "by this template, as on Telegram",
        ),
        ("usagebar render --surface telegram --escape turn.json", "as it can be sent to Telegram, whatever the names"),
        ("tail -f turns.jsonl | usagebar render --jsonl -", "as turns come in"),
        ("usagebar render --state --json state.json", "from a reply state, as a JSON string"),
    ),
)


def run(options: Options) -> int:
    """Run the command."""
    if not options.has("--escape"):
        return _run(options, None)
    mode = options.value("--escape") or None
    if mode is not None and (wrong := _wrong_mode(mode)):
        print(f"usagebar render: {wrong}\nhelp: usagebar render --help", file=sys.stderr)
        return 2
    from usagebar.cli.surfaces_file import with_surfaces  # noqa: PLC0415 - rendering as such knows no surfaces

    return with_surfaces(lambda: _run(options, mode or True))


def _wrong_mode(mode: str) -> str:
    """Say what is wrong with the name of a mode, "" if nothing is."""
    from usagebar.surfaces.escaping import MODES  # noqa: PLC0415 - as in run

    if mode in MODES:
        return ""
    return f"expected one of {', '.join(MODES)} behind --escape=, found {mode!r}{nearest(mode, MODES)}"


def _run(options: Options, escape: str | bool | None) -> int:
    bar = configured_bar(options.value("--template"))
    if bar is None:
        return 2
    surface = options.value("--surface")
    as_contract = _from_state if options.has("--state") else _contract
    encoded = _as_json if options.has("--json") else _as_text
    code = 0
    for entry in entries(options.operands or [STDIN], lines=options.has("--jsonl")):
        try:
            contract = as_contract(entry, surface)
        except BadRecord as error:
            print(error, file=sys.stderr)
            code = 2
            continue
        sys.stdout.buffer.write(encoded(bar.render(contract, surface, escape=escape)) + b"\n")
        if entry.is_live:
            sys.stdout.buffer.flush()
    return code


def _contract(entry: Entry, _surface: str | None) -> Any:
    return _object(entry, "a contract")


def _from_state(entry: Entry, surface: str | None) -> Any:
    from usagebar.contract.openclaw import build_contract  # noqa: PLC0415 - only for --state

    return build_contract(_object(entry, "a reply state"), surface)


def _object(entry: Entry, what: str) -> Mapping[str, Any]:
    value = entry.value()
    if not isinstance(value, Mapping):
        raise entry.bad(f"expected {what} (an object), found {kind_of(value)}")
    return value


def _as_text(footer: str) -> bytes:
    try:
        return footer.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates, which JSON can bring along
        return footer.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def _as_json(footer: str) -> bytes:
    try:
        from _json import encode_basestring  # noqa: PLC0415 - only for --json
    except ImportError:  # what `json.encoder` has brings `re` along
        from json.encoder import encode_basestring  # noqa: PLC0415

    # What is replaced here are lone surrogates, by their JSON escapes.
    return encode_basestring(footer).encode("utf-8", "backslashreplace")
