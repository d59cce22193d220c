"""The surfaces of a user's own, for the command line: a JSON or JSONC file that adds to the table of surfaces.

    {
      "my-app": { "like": "discord", "limit": 500, "note": "the small window" },
      "pager": { "limit": 80, "unit": "bytes", "each_line": true }
    }

A member is a surface by its name, with what `usagebar.surfaces.Profile` says of it; what is left out is as on the
surface that it is `like`, else as on the one of its own name that it replaces, else as on a surface never heard of.
"""

from __future__ import annotations

import os
from _collections_abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.cli.named import report
from usagebar.cli.options import nearest_of
from usagebar.engine.forms import REMARKS
from usagebar.engine.shape import is_array
from usagebar.engine.values import trim
from usagebar.pricing.configured import config_home
from usagebar.pricing.document import named
from usagebar.record import replaced
from usagebar.surfaces.escaping import MODES
from usagebar.surfaces.profiles import LEAST_LIMIT, PROFILES, SHAPES, UNITS, Profile, register, unregister
from usagebar.template.findings import Finding, located, place_in_text
from usagebar.template.reading import Outcome, Refused, decode_text, refusal, unreadable
from usagebar.template.source import Missing, Unreadable, decoded, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from usagebar.engine.pieces import Place

VARIABLE = "USAGEBAR_SURFACES"
FAILED = 2
_PASSED_OVER = (*REMARKS, "$schema")


def with_surfaces(run: Callable[[], int]) -> int:
    """Run a command with the user's surfaces in the table and return its exit code; 2 if they cannot be used.

    What is wrong with them is said on standard error.
    """
    path, subject = _path()
    reader = Reader()
    if path is not None:
        outcome = _read(path, reader)
        if outcome.diagnostics:
            report(subject, outcome)
            return FAILED
    for profile in reader.profiles.values():
        register(profile)
    try:
        return run()
    finally:
        for name in reader.profiles:
            unregister(name)


def _path() -> tuple[str | None, str]:
    """Return the path of the file, None if there is none, and in words what names it."""
    value = os.environ.get(VARIABLE, "")
    if trim(value):
        return os.path.expanduser(value), f"the surfaces named by {VARIABLE}"
    path = os.path.join(config_home(), "usagebar", "surfaces.json")
    return path if os.path.lexists(path) else None, "the file of surfaces"


def _read(path: str, reader: Reader) -> Outcome:
    """Read a file of surfaces; what is wrong with it are the diagnostics of the outcome."""
    try:
        text = decoded(snapshot(path).data)
    except (Missing, Unreadable) as error:
        return unreadable(path, error)
    try:
        document = decode_text(text)
    except Refused as refused:
        return refusal(refused, path, text)
    reader.document(document)
    return Outcome(path, None, tuple(sorted(located(reader.findings, text), key=place_in_text)), text=text)


def _is_limit(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= LEAST_LIMIT)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _one_of(names: tuple[str, ...]) -> tuple[str, Callable[[object], bool]]:
    return f"one of {', '.join(names)}", names.__contains__


_LIMIT = (f"a whole number of at least {LEAST_LIMIT}, or null for none", _is_limit)
# What each member is, in words, and whether a value is that; `like` and `modes` are told apart below.
MEMBERS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "like": ("the name of a known surface", _is_text),
    "limit": _LIMIT,
    "unit": _one_of(UNITS),
    "each_line": ("true or false", lambda value: isinstance(value, bool)),
    "modes": (f"an array of {', '.join(MODES)}", lambda value: is_array(value) and value != []),
    "shape": _one_of(SHAPES),
    "caption_limit": _LIMIT,
    "small_print": ("a string", _is_text),
    "note": ("a string", _is_text),
}


class Reader:
    """Reads surfaces from a document: the `profiles` by name, and the `findings` about what is none."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.findings: list[Finding] = []

    def document(self, document: Any) -> None:
        """Read all surfaces; one may be like another that stands before it."""
        if not isinstance(document, Mapping):
            self._wrong((), "an object of surfaces", document)
            return
        for name, members in document.items():
            if name not in _PASSED_OVER:
                self._surface(name, members)

    def _surface(self, name: str, members: Any) -> None:
        if not isinstance(members, Mapping):
            self._wrong((name,), "a surface (an object)", members)
            return
        if not name:
            self.findings.append(Finding("wrong-type", "expected the name of a surface, found an empty one", (name,)))
        known = {**PROFILES, **self.profiles}
        fields = {key: value for key, value in members.items() if self._is_right((name, key), value, known)}
        base = known.get(str(fields.pop("like", name))) or Profile(name)
        if "modes" in fields:
            fields["modes"] = tuple(fields["modes"])
        self.profiles[name] = replaced(base, name=name, **fields)

    def _is_right(self, place: Place, value: Any, known: Mapping[str, Profile]) -> bool:
        """Tell whether a member says something, and note what is wrong with it."""
        key = str(place[-1])
        if key in _PASSED_OVER:
            return False
        if key not in MEMBERS:
            message = f"expected a member of {', '.join(MEMBERS)}, found `{key}`"
            self._note(place, message, nearest_of(key, list(MEMBERS)), is_key=True)
            return False
        expected, is_right = MEMBERS[key]
        if not is_right(value):
            self._wrong(place, expected, value)
            return False
        if key == "modes":
            return self._are_modes(place, value)
        if key == "like" and value not in known:
            self._note(place, f"expected {expected}, found {named(value)}", nearest_of(value, list(known)))
            return False
        return True

    def _are_modes(self, place: Place, modes: list[Any]) -> bool:
        for index, mode in enumerate(modes):
            if mode not in MODES:
                near = nearest_of(mode, MODES) if isinstance(mode, str) else []
                self._note((*place, index), f"expected one of {', '.join(MODES)}, found {named(mode)}", near)
        return all(mode in MODES for mode in modes)

    def _wrong(self, place: Place, expected: str, found: object) -> None:
        self._note(place, f"expected {expected}, found {named(found)}", [])

    def _note(self, place: Place, message: str, near: list[str], *, is_key: bool = False) -> None:
        suggestion = "".join(f"did you mean `{name}`?" for name in near) or None
        self.findings.append(Finding("wrong-type", message, place, is_key=is_key, suggestion=suggestion))
