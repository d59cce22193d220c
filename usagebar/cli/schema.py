"""`usagebar schema`: the JSON Schema of a template, a contract or a report of usage."""

from __future__ import annotations

import os
import sys

from usagebar.cli.options import Command, Option, Options, nearest

COMMAND = Command(
    "schema",
    "Print the JSON Schema (draft 2020-12) of a template, a contract or a report of usage.",
    operands="[template|contract|usage]",
    most_operands=1,
    options=(
        Option("--check", "compare schemas/*.json of a checkout with what would be printed; 1 if they differ"),
        Option("--write", "write schemas/*.json of a checkout"),
    ),
    details=(
        "If nothing is named it is a template's. --check and --write are for those who change this package: they work\n"
        "on the folder schemas of the checkout they are run in, and on all files if nothing is named.\n"
        "Exit code 1 if --check finds a file that is not current, 2 if something cannot be used."
    ),
    examples=(
        (
            "usagebar schema > usagebar.schema.json",
            'a template beside it that has "$schema": "./usagebar.schema.json" is checked and completed by editors',
        ),
        ("usagebar schema contract", "the figures of a turn that a template may show"),
        ("usagebar schema usage", "what `usagebar usage --json` writes"),
        ("usagebar schema --check", "in a checkout: whether its schemas are current"),
    ),
)

FOLDER = "schemas"


def run(options: Options) -> int:
    """Run the command."""
    from usagebar.schemas import KINDS, schema_text  # noqa: PLC0415 - pydantic is slow to import, and help needs none

    for kind in options.operands:
        if kind not in KINDS:
            *names, last = KINDS
            expected = f"{', '.join(names)} or {last}"
            near = nearest(kind, list(KINDS))
            return _failed(f"expected {expected}, found {kind!r}{near}\nhelp: usagebar schema --help")
    if options.has("--check") and options.has("--write"):
        return _failed("expected one of --check and --write, found both\nhelp: usagebar schema --help")
    if options.has("--check") or options.has("--write"):
        return _maintain(options.operands or list(KINDS), write=options.has("--write"))
    kind = options.operands[0] if options.operands else "template"
    sys.stdout.buffer.write(schema_text(kind).encode("utf-8"))
    return 0


def _maintain(kinds: list[str], *, write: bool) -> int:
    """Write the files of these kinds, or compare them."""
    if not os.path.isdir(FOLDER):
        return _failed(f"expected the folder {FOLDER}, found none here\nhelp: run it at the top of a checkout")
    try:
        return _write(kinds) if write else _compare(kinds)
    except OSError as error:
        return _failed(f"cannot use {error.filename}: {(error.strerror or str(error)).lower()}")


def _write(kinds: list[str]) -> int:
    from usagebar.schemas import schema_text  # noqa: PLC0415 - as in run

    for kind in kinds:
        path = _path(kind)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(schema_text(kind))
        print(f"wrote {path}")
    return 0


def _compare(kinds: list[str]) -> int:
    from usagebar.schemas import schema_text  # noqa: PLC0415 - as in run

    stale = [_path(kind) for kind in kinds if _found(_path(kind)) != schema_text(kind)]
    for path in stale:
        print(f"usagebar schema: {path} is not current", file=sys.stderr)
    if stale:
        print("help: usagebar schema --write", file=sys.stderr)
    return 1 if stale else 0


def _found(path: str) -> str | None:
    """Return the text of a file, its line ends as line feeds; None if there is no such file, or no text in it."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _path(kind: str) -> str:
    from usagebar.schemas import file_name  # noqa: PLC0415 - as in run

    return f"{FOLDER}/{file_name(kind)}"


def _failed(message: str) -> int:
    print(f"usagebar schema: {message}", file=sys.stderr)
    return 2
