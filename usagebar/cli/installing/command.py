"""The command that Claude Code is to run for its status line."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig

from usagebar.cli.installing.status_line import PROGRAM

# Where a shell looks for programs that knows nothing of anybody's profile: which one Claude Code starts is not known.
FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin")


def status_line_command(template: str | None, options: str = "") -> str:
    """Return the command line, quoted for a shell; `template` is the absolute path of the template to use, if any.

    It names `usagebar` if any shell finds this installation by that name, else this installation's script by its path,
    else Python and the module. `options` are written behind it as they are.
    """
    words = [] if template is None else ["--template", template]
    return shlex.join([_with_slashes(word) for word in (*_program(), "statusline", *words)]) + options


def _program() -> list[str]:
    script = _script()
    if script is None:
        # -P: else Python would look for modules in whatever project Claude Code runs in.
        return [os.path.abspath(sys.executable), "-P", "-m", PROGRAM]
    found = [shutil.which(PROGRAM, path=path) for path in (os.pathsep.join(FOLDERS), None)]
    is_found = all(each is not None and os.path.realpath(each) == os.path.realpath(script) for each in found)
    return [PROGRAM] if is_found and os.name != "nt" else [script]


def _script() -> str | None:
    """Return the path of this installation's script: the one that runs, else the one beside this Python."""
    name = f"{PROGRAM}.exe" if os.name == "nt" else PROGRAM
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    # Windows leaves the ending out.
    running = sys.argv[0] if os.path.basename(sys.argv[0]).removesuffix(".exe") == PROGRAM else beside
    return next((os.path.abspath(path) for path in (running, beside) if os.path.isfile(path)), None)


def _with_slashes(word: str) -> str:
    # Backslashes are escapes to the shell that Claude Code uses, also on Windows.
    return word.replace("\\", "/") if os.name == "nt" else word
