"""The status line's own pieces, those that matter most first: drawn without a template, which would take as long again.

Read is what `from_claude_code` knows, with texts that are made safe for a terminal.
"""

from __future__ import annotations

from usagebar.engine.steps import count_text, duration_text, meter, percent_text
from usagebar.engine.values import fixed_text
from usagebar.figures import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NAME = "Claude"  # where the model has no name
DIM, GREEN, YELLOW, RED, RESET = "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
BRAILLE = ("⠐", "⡀", "⡄", "⡆", "⡇", "⣇", "⣧", "⣷", "⣿")
_BETWEEN = f" {DIM}│{RESET} "


def status_pieces(contract: Mapping[str, Any]) -> list[str]:
    """Return the texts of the pieces, which follow each other as they are; each quota window is a piece."""
    model = mapping(contract.get("model"))
    windows = mapping(contract.get("limits")).get("windows", ())
    pieces = [
        model.get("display_name") or NAME,
        _dim(" ", model.get("reasoning")),
        *_context(mapping(contract.get("context"))),
        _cost(mapping(contract.get("cost")).get("session_usd")),
        *[_window(window) for window in windows],
        " ⚡" if mapping(contract.get("state")).get("fast_mode") else "",
        _dim(" ", contract.get("agentId"), "@"),
    ]
    return [piece for piece in pieces if piece]


def _dim(before: str, text: str | None, sign: str = "") -> str:
    return f"{before}{DIM}{sign}{text}{RESET}" if text else ""


def _context(context: Mapping[str, Any]) -> list[str]:
    size, used = context.get("max_tokens"), context.get("pct_used")
    of = "" if size is None else count_text(size)
    if used is None:  # the size stands alone
        return [f" {of}"] if of else []
    colour = GREEN if used < 50 else YELLOW if used < 90 else RED
    return [f" [{colour}{meter(5, BRAILLE).run(used)}{RESET}]", of, f" {percent_text(used)}"]


def _cost(usd: float | None) -> str:
    if usd is None:
        return ""
    if 0 < usd < 0.0001:
        return " $<0.0001"
    return f" ${fixed_text(usd, 4 if 0 < usd < 0.01 else 2)}"


def _window(window: Mapping[str, Any]) -> str:
    """Return a window's piece; none if all that is known is that it was reset."""
    label, scope = window.get("label"), window.get("scope")
    left, seconds = window.get("pct_left"), window.get("resets_in_s")
    if not label or (left is None and not seconds):
        return ""
    name = f"{label}/{scope}" if scope else label
    clock = "" if seconds is None else f"⏱{duration_text(seconds)}"
    return f"{_BETWEEN}{DIM}{name}{RESET}{_left(left)}{_dim(' ', clock)}"


def _left(percent: float | None) -> str:
    if percent is None:
        return ""
    text = f"{percent_text(percent)} left"
    colour = RED if percent < 10 else YELLOW if percent < 30 else ""
    return f" {colour}{text}{RESET}" if colour else f" {text}"
