"""Where the ledger is: what its address says, else the user's folder of data."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from usagebar.ledger.errors import LedgerError

VARIABLE = "USAGEBAR_LEDGER"
MEMORY = ":memory:"
FILE_NAME = "ledger.sqlite"
_SCHEME = "sqlite://"


def place_of(url: str | os.PathLike[str] | None, environment: Mapping[str, str]) -> str:
    """Return the absolute path of the ledger's file, or `:memory:`.

    `url` is a path, `:memory:`, or `sqlite:///` with a path behind it (`sqlite:////` with an absolute one; nothing is
    memory); without it `USAGEBAR_LEDGER` says the same, else it is `ledger.sqlite` in the user's folder of data.

    Raises:
        LedgerError: the address is of another kind of database.
    """
    given: object = environment.get(VARIABLE, "").strip() if url is None else url
    if isinstance(given, os.PathLike):
        given = os.fspath(given)
    if not isinstance(given, str) or "\0" in given:
        raise LedgerError(f"expected a path or a URL as text, found {given!r:.80}")
    if not given:
        return os.path.join(data_folder(environment), FILE_NAME)
    path = given if isinstance(url, os.PathLike) else _path_of(given)
    return path if path == MEMORY else os.path.abspath(_expanded(path, environment))


def _path_of(address: str) -> str:
    scheme, separator, _ = address.partition("://")
    if not separator:
        return address
    path = address.removeprefix(_SCHEME)
    if path == address or path[:1] not in ("", "/"):
        # Not the whole address: it may hold a password.
        raise LedgerError(f"expected a file, {MEMORY} or sqlite:///path, found a URL of {scheme[:20]!r}")
    return path[1:] or MEMORY


def _expanded(path: str, environment: Mapping[str, str]) -> str:
    if path != "~" and not path.startswith("~/"):
        return os.path.expanduser(path)
    return _home(environment) + path[1:]


def data_folder(environment: Mapping[str, str]) -> str:
    """Return the folder of the user's data for this package, as the system has it."""
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA") or os.path.join(_home(environment), "AppData", "Local")
    elif sys.platform == "darwin" and not environment.get("XDG_DATA_HOME"):
        base = os.path.join(_home(environment), "Library", "Application Support")
    else:
        base = environment.get("XDG_DATA_HOME", "")
        # A relative one is to be ignored, says its specification.
        base = base if os.path.isabs(base) else os.path.join(_home(environment), ".local", "share")
    return os.path.join(base, "usagebar")


def _home(environment: Mapping[str, str]) -> str:
    return environment.get("HOME") or os.path.expanduser("~")
