"""`usagebar`: finds the command, reads its options, runs it."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from usagebar.cli.options import HELP, UsageError, help_text, nearest, read_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

COMMANDS = {
    "render": "show the footer of each turn",
    "check": "say what is wrong with a template, and where",
    "preview": "show a template's footers everywhere, over sample turns",
    "init": "write a template to start from",
    "statusline": "show the status line of Claude Code",
    "presets": "list the templates to start from",
    "describe": "tell the template language: verbs, forms, paths, surfaces",
    "usage": "show what was used and what it cost, from the logs of the runtimes",
    "schema": "print a JSON Schema: of a template, a contract or a report of usage",
}

FAILED = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 2 if something given could not be used, 1 as `check` says."""
    words = list(sys.argv[1:] if words is None else words)
    _prepare_streams()
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read this has seen enough
        _discard(sys.stdout, sys.stderr)
        return PIPE_CLOSED
    except OSError as error:  # of standard output: each command answers for the files it opens
        _discard(sys.stdout)
        print(f"usagebar: cannot write: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return FAILED
    return code


def _prepare_streams() -> None:
    """Write UTF-8 whatever the locale says; a standard stream that is closed is empty, or takes what it is given."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open until the end
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


def _discard(*streams: TextIO) -> None:
    """Keep the interpreter from complaining when it flushes at its end what could not be written."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(words: list[str]) -> int:
    if not words or words[0] in (*HELP, "help"):
        return _help(words[1:])
    if words[0] in ("-V", "--version"):
        from usagebar import __version__  # noqa: PLC0415 - only asked for here

        print(f"usagebar {__version__}")
        return 0
    if words[0] not in COMMANDS:
        return _unknown(words[0])
    module = _module(words[0])
    try:
        options = read_options(module.COMMAND, words[1:])
    except UsageError as error:
        code = _complain(str(error), f"usagebar {words[0]}")
        return int(module.run_misused(words[1:], code)) if hasattr(module, "run_misused") else code
    if options is None:
        return _help(words[:1])
    return int(module.run(options))


def _module(name: str) -> Any:
    return __import__(f"usagebar.cli.{name}", fromlist=["COMMAND"])


def _unknown(word: str) -> int:
    suggestion = nearest(word, [*COMMANDS, "--version", *HELP])
    return _complain(f"unknown command {word!r}{suggestion}", "usagebar")


def _complain(message: str, command: str) -> int:
    print(f"{command}: {message}\nhelp: {command} --help", file=sys.stderr)
    return FAILED


def _help(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        sys.stdout.write(help_text(_module(words[0]).COMMAND))
        return 0
    if words:
        return _unknown(words[0])
    width = max(map(len, COMMANDS)) + 2
    commands = "\n".join(f"  {name:<{width}}{what}" for name, what in COMMANDS.items())
    sys.stdout.write(
        "usage: usagebar COMMAND [options]\n\n"
        "The usage footer under every AI reply, laid out by your template.\n\n"
        f"commands:\n{commands}\n\n"
        "options:\n  -V, --version  show the version\n  -h, --help     show this help, or a command's\n\n"
        "examples:\n"
        "  usagebar render turn.json --surface discord\n"
        "      the footer of a turn, by the template that is configured\n"
        "  usagebar init footer.jsonc && usagebar render --template footer.jsonc turn.json\n"
        "      a template of your own\n"
    )
    return 0
