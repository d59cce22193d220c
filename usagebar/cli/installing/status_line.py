"""The status line in the text of Claude Code's settings: put in, told apart from others, taken out again.

Text in, text out. The text has no byte order mark; it was decoded already by `settings_of`.
"""

from __future__ import annotations

import json
import shlex
from difflib import unified_diff
from typing import TYPE_CHECKING

from usagebar.cli.installing.members import member_lines, object_text, value_text, with_member, without_member
from usagebar.engine.shape import kind_of
from usagebar.template.jsonc import JsoncError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "statusLine"
PROGRAM = "usagebar"
COMMAND = "statusline"
NOTHING_YET = "{}\n"  # the text of a file that is to be created
_AS_INSTALLED = {"type": "command", "command": "", "padding": 0}


def settings_of(text: str) -> Mapping[str, object]:
    """Return the settings that a text holds, JSON with comments and trailing commas.

    Raises:
        JsoncError: it is none, or has no object at the top level.
    """
    found = decode(text)
    if not isinstance(found, dict):
        offset = len(text) - len(text.lstrip())
        raise JsoncError(f"expected an object at the top level, found {kind_of(found)}", offset)
    return found


def installed(text: str, command: str) -> str:
    """Return the settings with a status line that runs a command; one that is ours keeps what else is in it."""
    there = settings_of(text).get(KEY)
    ours = value_text(text, KEY) if is_ours(there) else None
    if ours is None or not isinstance(there, dict):
        return with_member(text, KEY, object_text(text, KEY, _AS_INSTALLED | {"command": command}))
    for key, value in (("command", command), ("type", "command")):
        if there.get(key) != value:
            ours = with_member(ours, key, json.dumps(value, ensure_ascii=False))
    return with_member(text, KEY, ours)


def uninstalled(text: str, before: str | None) -> str:
    """Return the settings, whose status line is ours, with the one that they had before, or with none.

    `before` is the text of the settings before ours was put in, None if there was none or if it is not known. What else
    was changed since stays as it is now.
    """
    ours = value_text(text, KEY)
    if before is not None and ours is not None:
        if with_member(before, KEY, ours) == text:  # nothing else was changed since
            return before
        if (old := value_text(before, KEY)) is not None:
            return with_member(text, KEY, old)
    while is_ours(settings_of(text).get(KEY)):  # of two with one key the first would count next
        text = without_member(text, KEY)
    return text


def change(old: str, new: str) -> list[str]:
    """Return the lines of the status line before and after, each behind `-`, `+` or a space as in a unified diff."""
    before, after = member_lines(old, KEY), member_lines(new, KEY)
    all_lines = len(before) + len(after)
    return list(unified_diff(before, after, n=all_lines, lineterm=""))[3:]  # behind the names and the place


def is_ours(value: object) -> bool:
    """Tell whether a status line runs `usagebar statusline` and nothing else."""
    options = _option_words(value)
    return options is not None and _are_options(options)


def is_as_installed(value: object) -> bool:
    """Tell whether a status line is, member by member, one that `installed` makes where there was none."""
    options = _option_words(value)
    is_usual = options == [] or (options is not None and len(options) == 2 and options[0] == "--template")
    return is_usual and isinstance(value, dict) and value | {"command": ""} == _AS_INSTALLED | {"command": ""}


def may_be_installed(value: object) -> bool:
    """Tell whether a status line that is ours may have come by `installed`, and have been edited since."""
    return isinstance(value, dict) and _AS_INSTALLED.keys() <= value.keys()


def options_of(value: object) -> str:
    """Return what stands behind `statusline` in the command of a status line that is ours, as it is written there."""
    command = value["command"] if isinstance(value, dict) else ""
    before, *others = str(command).split(COMMAND)
    while others:
        before, rest = before + COMMAND, COMMAND.join(others)
        if _option_words({"command": before}) == []:
            return rest
        before += others.pop(0)
    return "".join(f" {shlex.quote(word)}" for word in _option_words(value) or [])  # "statusline" was quoted


def _option_words(value: object) -> list[str] | None:
    """Return the words behind the `usagebar statusline` that a status line runs; None if it runs something else."""
    command = value.get("command") if isinstance(value, dict) else None
    if not isinstance(command, str):
        return None
    try:
        return _behind_program(_shell_words(command))
    except ValueError:  # a quotation without an end
        return None


def _shell_words(command: str) -> list[str]:
    """Return the words of a command line; `;`, `|`, `&&` and the like are words of their own."""
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    words.commenters = ""
    return list(words)


def _behind_program(words: list[str]) -> list[str] | None:
    """Return the words behind `usagebar statusline` or `PYTHON -P -m usagebar statusline`; None if it is neither."""
    if not words:
        return None
    program = words[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    for start in ([PROGRAM], [program, "-P", "-m", PROGRAM], [program, "-m", PROGRAM]):
        if [program, *words[1 : len(start) + 1]] == [*start, COMMAND]:
            return words[len(start) + 1 :]
    return None


def _are_options(words: list[str]) -> bool:
    """Tell whether words are what may stand behind `statusline`, and no other command begins in them."""
    rest = iter(words)
    for word in rest:
        if word == "--template":
            if next(rest, None) is None:
                return False
        elif word != "--debug" and not word.startswith("--template="):
            return False
    return True
