"""The command that Claude Code is to run for its status line."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig

from usagebar.cli.installing.status_line import PROGRAM


def status_line_command(template: str | None) -> str:
    """Return the command line, quoted for a shell; `template` is the absolute path of the template to use, if any.

    It names `usagebar` if a shell finds this installation by that name, else this installation's script by its path,
    else Python and the module.
    """
    options = [] if template is None else ["--template", template]
    return shlex.join([_with_slashes(word) for word in (*_program(), "statusline", *options)])


def _program() -> list[str]:
    script = _script()
    if script is None:
        # -P: else Python would look for modules in whatever project Claude Code runs in.
        return [os.path.abspath(sys.executable), "-P", "-m", PROGRAM]
    found = shutil.which(PROGRAM)
    if found and os.path.realpath(found) == os.path.realpath(script) and not _is_of_active_environment(found):
        return [PROGRAM]
    return [script]


def _script() -> str | None:
    """Return the path of this installation's script: the one that runs, else the one beside this Python."""
    name = f"{PROGRAM}.exe" if os.name == "nt" else PROGRAM
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    # Windows leaves the ending out.
    running = sys.argv[0] if os.path.basename(sys.argv[0]).removesuffix(".exe") == PROGRAM else beside
    return next((os.path.abspath(path) for path in (running, beside) if os.path.isfile(path)), None)


def _is_of_active_environment(found: str) -> bool:
    """Tell whether a program is found only because a virtual environment is active in this shell."""
    environment = os.environ.get("VIRTUAL_ENV")
    return bool(environment) and os.path.realpath(os.path.dirname(os.path.dirname(found))) == os.path.realpath(
        environment or ""
    )


def _with_slashes(word: str) -> str:
    # Backslashes are escapes to the shell that Claude Code uses, also on Windows.
    return word.replace("\\", "/") if os.name == "nt" else word
