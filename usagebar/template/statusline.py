"""The template of Claude Code's status line, where no other is named: one line, the pieces that matter most first."""

from __future__ import annotations

from usagebar.engine.bar import UsageBar
from usagebar.engine.shape import read
from usagebar.template.builtin import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_DIM, _GREEN, _YELLOW, _RED, _END = "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"

_BETWEEN_WINDOWS = f" {_DIM}│{_END} "

STATUSLINE: Mapping[str, Any] = {
    "schema": SCHEMA,
    "scales": {
        "braille": "⠐⡀⡄⡆⡇⣇⣧⣷⣿",
        # `meter:1` of six takes green below 50 %, yellow from 50 % and red from 90 %.
        "heat": (_GREEN, _GREEN, _GREEN, _YELLOW, _YELLOW, _RED),
        # And of what is left: red below 10 %, yellow below 30 %.
        "scarce": (f" {_RED}", f" {_YELLOW}", " ", " ", " ", " "),
        # Where all glyphs are one text, it is written wherever there is a value, and nowhere else.
        "slash": ("/", "/"),
        "left": (" left", " left"),
        "clock": (f"{_END} {_DIM}⏱", f"{_END} {_DIM}⏱"),
    },
    "output": {
        "sep": "",
        "default": (
            {"text": "{model.display_name|Claude}"},
            {"when": "model.reasoning", "text": f" {_DIM}{{model.reasoning}}{_END}"},
            {
                "when": "context.pct_used",
                "text": f" [{{context.pct_used|meter:1:heat}}{{context.pct_used|meter:5:braille}}{_END}]",
            },
            # Without a percentage the size of the window stands alone.
            {"when": "context.max_tokens", "map": "context.pct_used", "cases": {"undefined": " "}},
            {"when": "context.max_tokens", "text": "{context.max_tokens|num}"},
            {"when": "context.pct_used", "text": " {context.pct_used|pct}"},
            {"when": "cost.session_usd", "text": " ${cost.session_usd|fixed:2}"},
            {
                "each": "limits.windows",
                "text": f" {_DIM}│{_END}",
                "item": f"{_DIM}{{label}}{{scope|meter:1:slash}}{{scope}}{_END}"
                "{pct_left|meter:1:scarce}{pct_left|pct}{pct_left|meter:1:left}"
                f"{{resets_in_s|meter:1:clock}}{{resets_in_s|dur}}{_END}",
                "join": _BETWEEN_WINDOWS,
            },
            {"map": "state.fast_mode", "cases": {"true": " ⚡"}},
            {"when": "agentId", "text": f" {_DIM}@{{agentId}}{_END}"},
        ),
    },
}
NAME = "<status line>"


def statusline_bar() -> UsageBar:
    """Return the bar of `STATUSLINE`."""
    return UsageBar(read(STATUSLINE), name=NAME, is_builtin=True)


def by_window(pieces: Iterable[str]) -> list[str]:
    """Return the pieces of `STATUSLINE` with a piece for each window of the limits, so that they go one by one."""
    found: list[str] = []
    for piece in pieces:
        first, *others = piece.split(_BETWEEN_WINDOWS)
        found += [first, *[_BETWEEN_WINDOWS + other for other in others]]
    return found
