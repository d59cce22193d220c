"""`usagebar statusline --install` and `--uninstall`: the status line in Claude Code's settings.

Nothing is written before the change was shown, and nothing else in the file changes. The backup that `--install` keeps
stays after `--uninstall` too.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from usagebar.cli.installing.command import status_line_command
from usagebar.cli.installing.files import LeftAlone, SettingsFile, backups, read_file, replace_file
from usagebar.cli.installing.status_line import (
    KEY,
    NOTHING_YET,
    change,
    installed,
    is_as_installed,
    is_ours,
    may_be_installed,
    options_of,
    settings_of,
    uninstalled,
)
from usagebar.cli.named import report
from usagebar.cli.options import Options, UsageError
from usagebar.cli.terminal import Painter, shows_colours
from usagebar.diagnostics import visible
from usagebar.template.jsonc import JsoncError
from usagebar.template.position import line_column
from usagebar.template.reading import absolute, examine, is_path, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FAILED = 2
FOLDER_VARIABLE = "CLAUDE_CONFIG_DIR"
DEFAULT_FOLDER = "~/.claude"
FILE_NAME = "settings.json"

_STYLES = {"+": ("green",), "-": ("red",)}


def install(options: Options) -> int:
    """Put the status line into the settings and return the exit code: 0 if it is there, 2 if the file was left alone.

    Reads `--template`, `--settings`, `--yes`. Before another status line is replaced, the terminal is asked.
    """
    return _answered(_install, options)


def uninstall(options: Options) -> int:
    """Put back what was there before `install`, and return the exit code: 0 if the status line is not ours now, else 2.

    Reads `--settings`.
    """
    return _answered(_uninstall, options)


def _answered(act: Callable[[Options], int], options: Options) -> int:
    try:
        return act(options)
    except (UsageError, LeftAlone) as error:
        message = "\n".join(map(visible, str(error).split("\n")))
        print(f"usagebar statusline: {message}", file=sys.stderr)
        return FAILED


def _path(options: Options) -> str:
    """Return the path of the settings: that of `--settings`, else where Claude Code keeps the user's own."""
    given = options.value("--settings")
    if given is not None:
        if not given:
            raise UsageError("expected a path behind --settings, found an empty one")
        return path_of(given)
    return os.path.join(os.environ.get(FOLDER_VARIABLE) or os.path.expanduser(DEFAULT_FOLDER), FILE_NAME)


# ---------------------------------------------------------------- install


def _install(options: Options) -> int:
    template = _template(options.value("--template"))
    file = read_file(_path(options))
    text = NOTHING_YET if file.data is None else file.text
    there = _settings(file, text).get(KEY)
    options_there = options_of(there) if template is None and is_ours(there) else ""
    new = installed(text, _command(template, options_there))
    if new == text:
        _say(f"{file.path} has this status line already")
        return 0
    data = file.bytes_of(new)
    _show(file, text, new)
    if options_there.strip():
        _say(f"the command keeps what it had:{options_there}")
    if there is not None and not is_ours(there) and not _may_replace(options):
        return FAILED
    backup = replace_file(file, data, keep=not is_as_installed(there))
    _say(f"wrote {file.path}" + (f"; as it was: {backup}" if backup else ""))
    _say(f"undo it with: {_undoing(options)}")
    return 0


def _template(source: str | None) -> str | None:
    """Return the absolute path of the template to use, None if none is named; say what is wrong with it.

    Raises:
        UsageError: what is named is no path of a template that can be used.
    """
    if source is None:
        return None
    if not is_path(source):
        raise UsageError(
            f"expected the path of a template behind --template, found {'its text' if source.strip() else 'none'}"
        )
    outcome = examine(source)
    if outcome.diagnostics:
        report("the template named by --template", outcome)
    if outcome.template is None:
        raise UsageError("nothing was changed: the status line would have no template")
    return absolute(path_of(source))


def _command(template: str | None, options: str) -> str:
    command = status_line_command(template, options)
    try:
        command.encode()
    except UnicodeEncodeError:
        raise UsageError(f"expected a path in UTF-8, which the settings can hold, found {command!a}") from None
    return command


def _may_replace(options: Options) -> bool:
    """Tell whether another status line may be replaced: by `--yes`, or by whoever sits at the terminal."""
    if options.has("--yes"):
        return True
    if not sys.stdin.isatty():
        raise UsageError("expected --yes to replace another status line, found no terminal to ask at; nothing changed")
    sys.stdout.flush()
    print("replace it? [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.buffer.readline()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise
    if answer.strip().lower() in (b"y", b"yes"):
        return True
    print("nothing changed", file=sys.stderr)
    return False


def _undoing(options: Options) -> str:
    given = options.value("--settings")
    return "usagebar statusline --uninstall" + (f" --settings {shlex.quote(given)}" if given else "")


# ---------------------------------------------------------------- uninstall


def _uninstall(options: Options) -> int:
    if options.has("--template"):
        raise UsageError("expected no --template with --uninstall, found one")
    file = read_file(_path(options))
    if file.data is None:
        _say(f"there is no {file.path}, and so no status line in it")
        return 0
    text = file.text
    there = _settings(file, text).get(KEY)
    if not is_ours(there):
        found = "no status line" if there is None else "another status line"
        _say(f"{file.path} has {found}; nothing changed")
        return 0
    is_from_install = may_be_installed(there)
    backup = _backup_of_replaced(file.path) if is_from_install else None
    before = None if backup is None else _text_or_none(backup)
    new = uninstalled(text, before)
    _show(file, text, new)
    replace_file(file, file.bytes_of(new), keep=False)
    removed = _settings(file, new).get(KEY) is None
    _say(f"wrote {file.path}; {'removed the status line' if removed else 'put the old status line back'}")
    if backup is not None:
        _say(f"the backup stays: {backup.path}")
    elif is_from_install:
        _say("found no backup to put an older one back")
    else:
        _say("--install did not put it there, and so no older one back")
    return 0


def _backup_of_replaced(path: str) -> SettingsFile | None:
    """Return the backup that holds what our status line replaced, None if there is none: the newest without ours.

    Older ones than one that holds a line of ours which nobody installed are about other installations.

    Raises:
        LeftAlone: a backup that may be the one cannot be read.
    """
    for each in backups(path):
        try:
            backup = read_file(each)
            text = _text_or_none(backup)
            there = None if text is None else _settings(backup, text).get(KEY)
            if not is_ours(there):
                return backup
            if not may_be_installed(there):
                return None
        except LeftAlone as error:
            help_line = "help: move the backup away to remove the status line without it"
            raise LeftAlone(f"{error}; nothing changed\n{help_line}") from None
    return None


def _text_or_none(backup: SettingsFile) -> str | None:
    """Return the text of a backup; None for an empty one, which says that there was no file."""
    return backup.text if backup.data else None


# ---------------------------------------------------------------- both


def _settings(file: SettingsFile, text: str) -> Mapping[str, object]:
    try:
        return settings_of(text)
    except JsoncError as error:
        line, column = line_column(text, error.offset)
        raise LeftAlone(f"{file.path}:{line}:{column}: {error}; the file was left alone") from None


def _say(line: str) -> None:
    print(visible(line))


def _show(file: SettingsFile, old: str, new: str) -> None:
    """Print what changes in the status line, and of no other member: settings can hold keys."""
    paint = Painter(colours=shows_colours(sys.stdout))
    _say(f"{file.path}:")
    for line in change(old, new):
        print(paint(visible(line), _STYLES.get(line[0], ())))
