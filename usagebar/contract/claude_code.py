"""Claude Code's status JSON → the contract. Standard library only: the status line is drawn by a cold process."""

from __future__ import annotations

import time
from _collections_abc import Mapping

from usagebar import figures
from usagebar.contract.errors import ContractError
from usagebar.contract.openclaw import SCHEMA
from usagebar.engine import values
from usagebar.figures import mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Count of the contract → key of `context_window.current_usage`, which is Anthropic's: the input excludes the cache.
_COUNTS = (
    ("input_tokens", "input_tokens"),
    ("cache_read_tokens", "cache_read_input_tokens"),
    ("cache_write_tokens", "cache_creation_input_tokens"),
    ("output_tokens", "output_tokens"),
)
# Key of a window in `rate_limits` → its label, in the order to show them.
_WINDOWS = {"five_hour": "5h", "seven_day": "7d", "spend_limit": "spend"}

# Before it, `total_input_tokens` was a sum over the session.
_TOTAL_IS_OF_THE_WINDOW = (2, 1, 132)
_MOST_VERSION_DIGITS = 9


def from_claude_code(
    status: Mapping[str, Any], surface: str | None = None, *, now: float | None = None, **known: Any
) -> dict[str, Any]:
    """Build the contract `openclaw.usageLine.v1` from what Claude Code writes to its status line's command.

    `status` is the decoded JSON of any version: what is null, of another type or not there is absent, never 0. Numbers
    may be strings. `cost.session_usd` is the session's cost in US dollars; the turn's is not known. `now` is the time
    that `resets_in_s` counts from, in epoch seconds (default: the clock's); of a window that was reset since, how much
    is used is not known. `known` is what the caller knows beside.
    Raises `ContractError` if `status` is no mapping.
    """
    if not isinstance(status, Mapping):
        raise ContractError(f"expected Claude Code's status JSON (an object), found {type(status).__name__}")
    last = _last_call(status)
    sections: dict[str, Any] = {
        "session": _present(id=text(status.get("session_id"))),
        "model": _model(status),
        "state": _present(fast_mode=figures.flag(status.get("fast_mode"))),
        "usage": figures.turn_usage({}) | ({"last": figures.call_usage(last)} if last else {}),
        "context": _context(status, last),
        "cost": _present(session_usd=_dollars(mapping(status.get("cost")).get("total_cost_usd")))
        | {"available": False},
        "limits": _limits(mapping(status.get("rate_limits")), time.time() if now is None else now),
    }
    who = _present(surface=text(surface), agentId=_word(status.get("agent"), "name"))
    contract = {"schema": SCHEMA} | who | {name: section for name, section in sections.items() if section}
    if known:
        from usagebar.contract.known import checked, with_known  # noqa: PLC0415 - the status line knows nothing beside

        return with_known(contract, checked(known))
    return contract


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _word(value: object, key: str) -> str | None:
    """Return a text that is given as it is, or as a member of an object."""
    return text(mapping(value).get(key)) or text(value)


def _model(status: Mapping[str, Any]) -> dict[str, Any]:
    model = status.get("model")
    name = _word(model, "id")
    return _present(
        id=name,
        display_name=text(mapping(model).get("display_name")) or name,
        reasoning=_word(status.get("effort"), "level"),
    )


def _last_call(status: Mapping[str, Any]) -> dict[str, int]:
    usage = mapping(mapping(status.get("context_window")).get("current_usage"))
    return _present(**{field: _count(usage.get(key)) for field, key in _COUNTS})


def _context(status: Mapping[str, Any], last: Mapping[str, int]) -> dict[str, Any]:
    window = mapping(status.get("context_window"))
    size = _count(window.get("context_window_size")) or None
    percentage = figures.rounded(_number(window.get("used_percentage")))
    used = figures.prompt_total(last)
    if used is None and percentage is not None and _version(status.get("version")) >= _TOTAL_IS_OF_THE_WINDOW:
        used = _count(window.get("total_input_tokens"))
    if percentage is None and size and used is not None:
        percentage = figures.percent(used, size)
    return _present(max_tokens=size, used_tokens=used, pct_used=percentage)


def _version(value: object) -> tuple[int, ...]:
    """Return the numbers of a version, those behind the first part that begins with none left out."""
    numbers: list[int] = []
    for part in (text(value) or "").split(".")[: len(_TOTAL_IS_OF_THE_WINDOW)]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not 0 < len(digits) <= _MOST_VERSION_DIGITS:
            break
        numbers.append(int(digits))
    return tuple(numbers)


# ---------------------------------------------------------------- limits


def _limits(reported: Mapping[Any, Any], now: float) -> dict[str, Any]:
    # A window that this package does not know counts as one if it tells how much of it is used; one that is a part of
    # a known one, as `seven_day_opus`, comes behind it.
    others = [key for key in reported if key not in _WINDOWS and _used(mapping(reported[key])) is not None]
    parts = {known: [key for key in others if str(key).startswith(f"{known}_")] for known in _WINDOWS}
    ordered = dict.fromkeys([key for known in _WINDOWS for key in (known, *parts[known])] + others)
    found = [_window(key, mapping(reported.get(key)), now) for key in ordered if text(key)]
    windows = [window for window in found if "pct_used" in window or "resets_in_s" in window]
    return {"windows": windows} if windows else {}


def _window(key: object, reported: Mapping[Any, Any], now: float) -> dict[str, Any]:
    used, resets_at = _used(reported), _number(reported.get("resets_at"))
    if used is None and key == "spend_limit":
        used = _share(_dollars(reported.get("used_usd")), _dollars(reported.get("limit_usd")))
    if resets_at is not None and resets_at <= now:  # what was reported is about the time before
        used = None
    label, scope = _named(key)
    return _present(
        label=label,
        pct_used=used,
        pct_left=None if used is None else max(0, 100 - used),
        resets_in_s=None if resets_at is None else _plain(max(0, resets_at - now)),
        scope=text(reported.get("period")) if key == "spend_limit" else scope,
    )


def _named(key: object) -> tuple[str | None, str | None]:
    """Return the label and the scope of a window: `seven_day_opus` is `7d` of `opus`."""
    name = text(key) or ""
    if name in _WINDOWS:
        return _WINDOWS[name], None
    for known, label in _WINDOWS.items():
        if name.startswith(f"{known}_"):
            return label, text(name.removeprefix(f"{known}_"))
    return text(name), None


def _used(reported: Mapping[Any, Any]) -> int | float | None:
    return _plain(_number(reported.get("used_percentage")))


def _share(part: float | None, whole: float | None) -> int | None:
    return figures.rounded(part / whole * 100) if part is not None and whole else None


# ---------------------------------------------------------------- numbers


def _number(value: object) -> int | float | None:
    """Return a finite number ≥ 0, also from a string that is a decimal literal; a blank one is none."""
    literal = text(value)
    return figures.number(value if literal is None else values.number(values.trim(literal)))


def _count(value: object) -> int | None:
    return figures.count(_number(value))


def _dollars(value: object) -> float | None:
    return figures.dollars(_number(value))


def _plain(number: int | float | None) -> int | float | None:
    return int(number) if isinstance(number, float) and number.is_integer() else number
