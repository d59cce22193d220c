"""What the caller knows of a turn and no answer says: the keyword arguments of `from_response` and its like."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar import figures
from usagebar.contract.errors import ContractError
from usagebar.contract.fields import fields_of
from usagebar.figures import count, dollars, flag, number, rounded, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from os import PathLike
    from typing import Any, Literal, TypedDict

    from usagebar.pricing import Prices

    class Known(TypedDict, total=False):
        """What the caller knows; None is unknown.

        Token counts are in tokens, costs in US dollars, durations in milliseconds. `identity` is a mapping with
        `name`, `emoji`, `avatar`, `limits` a list of windows (`label`, `pct_used`, `pct_left`, `resets_in_s`, `scope`).
        `prices`, `at` and `price_context` go to `usagebar.pricing.turn_cost`; `prices=False` estimates no cost.
        """

        provider: str | None
        model: str | None
        display_name: str | None
        reasoning: str | None
        requested: str | None
        actual: str | None
        resolved_ref: str | None
        auth_mode: str | None
        override_source: str | None
        is_fallback: bool | None
        fast_mode: bool | None
        compactions: int | None
        agent_id: str | None
        chat_type: str | None
        session_id: str | None
        turns: int | None
        identity: Mapping[str, Any] | None
        max_tokens: int | None
        used_tokens: int | None
        turn_usd: float | None
        session_usd: float | None
        today_usd: float | None
        budget_usd: float | None
        budget_pct: float | None
        duration_ms: float | None
        limits: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None
        prices: Prices | Mapping[str, Any] | str | PathLike[str] | Literal[False] | None
        at: datetime | None
        price_context: Mapping[str, str] | None


TEXT, FLAG, COUNT, NUMBER = "a text", "a bool", "a whole number >= 0", "a number >= 0"

# Argument → section of the contract ("" is the contract itself), field, door, what is expected.
_ARGUMENTS: dict[str, tuple[str, str, Callable[[object], object], str]] = {
    "provider": ("model", "provider", text, TEXT),
    "model": ("model", "id", text, TEXT),
    "display_name": ("model", "display_name", text, TEXT),
    "reasoning": ("model", "reasoning", text, TEXT),
    "requested": ("model", "requested", text, TEXT),
    "actual": ("model", "actual", text, TEXT),
    "resolved_ref": ("model", "resolved_ref", text, TEXT),
    "auth_mode": ("model", "auth_mode", text, TEXT),
    "override_source": ("model", "override_source", text, TEXT),
    "is_fallback": ("model", "is_fallback", flag, FLAG),
    "fast_mode": ("state", "fast_mode", flag, FLAG),
    "compactions": ("state", "compactions", count, COUNT),
    "agent_id": ("", "agentId", text, TEXT),
    "chat_type": ("", "chat_type", text, TEXT),
    "session_id": ("session", "id", text, TEXT),
    "turns": ("session", "turns", count, COUNT),
    "max_tokens": ("context", "max_tokens", lambda value: count(value) or None, "a whole number > 0"),
    "used_tokens": ("context", "used_tokens", count, COUNT),
    "turn_usd": ("cost", "turn_usd", dollars, NUMBER),
    "session_usd": ("cost", "session_usd", dollars, NUMBER),
    "today_usd": ("cost", "today_usd", dollars, NUMBER),
    "budget_usd": ("cost", "budget_usd", dollars, NUMBER),
    "budget_pct": ("cost", "budget_pct", number, NUMBER),
    "duration_ms": ("timing", "duration_ms", rounded, NUMBER),
}
# What prices the turn, and is no part of the contract.
PRICING = ("prices", "at", "price_context")
NAMES = frozenset((*_ARGUMENTS, "identity", "limits", *PRICING))

_WINDOW: tuple[tuple[str, Callable[[object], object]], ...] = (
    ("label", text),
    ("pct_used", number),
    ("pct_left", number),
    ("resets_in_s", number),
    ("scope", text),
)
_IDENTITY = ("name", "emoji", "avatar")
_MOST_CHARS = 60
_MOST_BITS = 256


def checked(known: Mapping[str, Any], names: frozenset[str] = NAMES) -> dict[str, Any]:
    """Return what is known, without what is not: None, and blank texts.

    Raises `TypeError`, as a call with a wrong keyword argument does, for a name that is not among these.
    """
    if not known.keys() <= names:
        from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong name

        name = next(name for name in known if name not in names)
        near = "".join(f"; did you mean {match}?" for match in get_close_matches(name, names, n=1))
        raise TypeError(f"expected a keyword argument among {', '.join(sorted(names))}, found {name!r}{near}")
    return {
        name: value
        for name, value in known.items()
        if value is not None and (type(value) is not str or not _is_blank(name, value))
    }


def _is_blank(name: str, value: str) -> bool:
    return (not value or value.isspace()) and name in _ARGUMENTS and _ARGUMENTS[name][2] is text


def with_known(contract: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Change a contract to what the caller knows in place of what was reported, and return it.

    Raises `ContractError` for a value of another type or below 0.
    """
    before = contract["context"].get("max_tokens") if "context" in contract else None
    for name, value in known.items():
        if name in _ARGUMENTS:
            section, field, door, expected = _ARGUMENTS[name]
            exact = door(value)
            if exact is None:
                raise ContractError(f"expected {name} to be {expected}, found {_shown(value)}")
            (contract.setdefault(section, {}) if section else contract)[field] = exact
        elif name == "identity":
            identity = _identity(value)
            contract["identity"] = {**contract["identity"], **identity} if "identity" in contract else identity
        elif name == "limits":
            contract["limits"] = {"windows": _windows(value)}
    _derive(contract, known, before)
    return contract


def _derive(contract: dict[str, Any], given: Mapping[str, Any], reported_size: int | None) -> None:
    """Work out anew what follows from fields that were given."""
    if "model" in given and "display_name" not in given:
        contract["model"]["display_name"] = contract["model"]["id"]
    if "override_source" in given:
        contract["model"]["is_override"] = contract["model"]["override_source"] != "auto"
    if "max_tokens" in given or "used_tokens" in given:
        context = contract["context"]
        size, used = context.get("max_tokens"), context.get("used_tokens")
        if size and used is not None and (pct := figures.percent(used, size)) is not None:
            context["pct_used"] = pct
        elif size != reported_size:  # the share that was reported is of another window
            context.pop("pct_used", None)
    if "turn_usd" in given:
        contract["cost"] |= {"available": True, "source": "reported"}


def _identity(value: object) -> dict[str, str]:
    fields = fields_of(value)
    if fields is None:
        raise ContractError(f"expected identity to be an object with name, emoji, avatar, found {_shown(value)}")
    identity = {}
    for name in _IDENTITY:
        if (found := text(fields.get(name))) is not None:
            identity[name] = found
    return identity


def _windows(value: object) -> list[dict[str, Any]]:
    listed = value.get("windows") if isinstance(value, Mapping) else value
    if not isinstance(listed, list | tuple):
        raise ContractError(f"expected limits to be a list of windows, found {_shown(listed)}")
    return [window for each in listed if (window := _window(each))]


def _window(value: object) -> dict[str, Any]:
    fields = fields_of(value)
    if fields is None:
        raise ContractError(f"expected each of limits to be an object, found {_shown(value)}")
    window: dict[str, Any] = {name: found for name, door in _WINDOW if (found := door(fields.get(name))) is not None}
    if window.get("pct_left", 0) > 100:
        del window["pct_left"]
    if "pct_used" in window and "pct_left" not in window:
        window["pct_left"] = max(0, 100 - window["pct_used"])
    return window


def _shown(value: object) -> str:
    # Not of a subclass, which may do anything, and not of numbers that have no end.
    is_plain = type(value) in (str, bool, float) or (type(value) is int and value.bit_length() < _MOST_BITS)
    shown = repr(value) if is_plain else type(value).__name__
    return shown if len(shown) <= _MOST_CHARS else f"{shown[:_MOST_CHARS]}…"
