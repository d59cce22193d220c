"""What the operands of a command mean: templates by path, by glob, as text, or from standard input."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from usagebar.cli.records import STDIN
from usagebar.template.reading import Outcome, examine, examine_bytes, is_path, unreadable
from usagebar.template.source import MAX_BYTES, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class NoMatch(Exception):  # noqa: N818 - of an operand, which the message names
    """A glob that no file matches."""


def sources(operands: Sequence[str]) -> list[str]:
    """Return the template that each operand means, globs replaced by the files they match, each file once.

    Raises:
        NoMatch: no file matches a glob.
    """
    found: dict[str, str] = {}
    for operand in operands:
        for source in _files(operand) if _is_glob(operand) else [operand]:
            found.setdefault(_identity(source), source)
    return list(found.values())


def outcomes(found: Sequence[str]) -> Iterator[Outcome]:
    """Walk what sources come to, one at a time; what cannot be read is an outcome with that finding."""
    for source in found:
        yield _from_stdin() if source == STDIN else examine(source)


def configured() -> Outcome:
    """Return what the template comes to that `render` would use, the built-in one if none is configured."""
    from usagebar.cli.configured import OPENCLAW_CONFIG, VARIABLE  # noqa: PLC0415 - only if no template is named
    from usagebar.cli.init import starting_template  # noqa: PLC0415 - as above
    from usagebar.cli.named import what_is_named  # noqa: PLC0415 - as above
    from usagebar.template.builtin import BUILTIN_NAME  # noqa: PLC0415 - as above

    named = what_is_named(None, VARIABLE, OPENCLAW_CONFIG)
    return named.outcome() or examine_bytes(starting_template(), BUILTIN_NAME)


def _from_stdin() -> Outcome:
    name, data = "<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return unreadable(name, Unreadable(f"expected at most {MAX_BYTES} bytes, found more"))
    return examine_bytes(data, name)


def _is_glob(operand: str) -> bool:
    """Tell whether an operand is a glob: a path with `*`, `?` or `[`, unless there is a file of this very name."""
    is_pattern = any(char in operand for char in "*?[") and "\0" not in operand
    return is_pattern and is_path(operand) and not os.path.lexists(os.path.expanduser(operand))


def _files(pattern: str) -> list[str]:
    """Return the files that a glob matches, by name; of several names of one file the shortest."""
    from glob import iglob  # noqa: PLC0415 - shells resolve most globs themselves

    found = iglob(os.path.expanduser(pattern), recursive=True)
    # lexists: up to Python 3.12 `nodir/**` gives `nodir/`, which is not there.
    matches = [path for path in found if os.path.lexists(path) and not os.path.isdir(path)]
    if not matches:
        raise NoMatch(f"expected a file that matches {pattern!r}, found none")
    return sorted({_identity(path): path for path in sorted(matches, key=len, reverse=True)}.values())


def _identity(source: str) -> str:
    """Return what is the same for all names of one file."""
    if source == STDIN or not is_path(source):
        return source
    try:
        return os.path.realpath(os.path.expanduser(source))
    except (OSError, ValueError):  # no file can have this name, or the working directory was deleted
        return source
