"""What values must not bring along to the place they are shown at: each mode takes it from them.

Values alone are escaped: what an author writes into a template is markup, and means what it does. A value is escaped
without a look at its neighbours, and so that none of them, an escaped value or the template's text, gives it a meaning.
"""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.surfaces.escaping.screen import is_seen, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["MODES", "WHOLE", "escaped", "escaper", "is_seen", "terminal"]

MODES = (
    "discord",
    "telegram-html",
    "telegram-markdownv2",
    "slack",
    "whatsapp",
    "matrix-html",
    "irc",
    "terminal",
    "html",
    "plain",
)
WHOLE = frozenset({"telegram-markdownv2"})  # modes in which the template's own text is escaped as well


def escaper(mode: str) -> Callable[[str], str]:
    """Return what makes a text safe for a mode, one of `MODES`; another raises `ValueError`."""
    if mode == "terminal":
        return terminal
    # The others are built on regular expressions, which the status line does without.
    from usagebar.surfaces.escaping.table import ESCAPERS  # noqa: PLC0415

    if mode not in ESCAPERS:
        raise ValueError(f"expected one of the modes {', '.join(MODES)}, found {mode!r}")
    return ESCAPERS[mode]


def escaped(contract: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """Return a contract with each text in it, at any depth, made safe for a mode; keys as well.

    `mode` is one of `MODES`. Lists and tuples become lists, mappings dicts; whatever else stays as it is.
    """
    escape = escaper(mode)
    return {_each(key, escape): _each(value, escape) for key, value in contract.items()}


def _each(value: Any, escape: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return escape(str.__str__(value))
    if isinstance(value, Mapping):
        return {_each(key, escape): _each(inner, escape) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each(inner, escape) for inner in value]
    return value
