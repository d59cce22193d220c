"""What an author waits for after all imports: the check of a template of 60 pieces, the preview of everything."""

from __future__ import annotations

import io
import json
import statistics
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import usagebar
from usagebar.checks import check
from usagebar.cli.previews.data import shown
from usagebar.cli.previews.text import page
from usagebar.cli.previews.turns import chosen, turns_of
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.reading import examine

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 20
PIECES_EACH = 10
SURFACES = ("discord", "telegram", "slack", "irc", "terminal")  # and the default


def sixty_pieces() -> dict[str, Any]:
    """Return the built-in's pieces, ten for each of six layouts."""
    document: dict[str, Any] = deepcopy(dict(usagebar.BUILTIN))
    pieces = document["output"]["default"][:PIECES_EACH]
    document["output"] = {"default": pieces, "surfaces": {name: deepcopy(pieces) for name in SURFACES}}
    return document


def with_mistakes(text: str) -> str:
    """Return a template's text with a mistyped path, verb and scale in most of its pieces."""
    return text.replace("usage.", "usag.").replace("|num", "|nums:").replace("braille}", "brailes}")


def preview(text: str, surfaces: list[str]) -> None:
    """Draw every sample turn on these surfaces (none: on all that the template names), the check included."""
    turns, _ = turns_of(chosen([]))
    page(shown(examine(text), turns, surfaces, 120), io.StringIO(), explain=False)


def measure() -> dict[str, tuple[float, float]]:
    """Return seconds of the first time and the median of the others."""
    text = json.dumps(sixty_pieces(), ensure_ascii=False, indent=2)
    builtin = json.dumps(deepcopy(dict(usagebar.BUILTIN)), ensure_ascii=False)
    return {
        "check, 60 pieces": _timed(lambda: check(text)),
        "check, 60 pieces with mistakes": _timed(lambda: check(with_mistakes(text))),
        "preview, built-in, its surfaces × 12 turns": _timed(lambda: preview(builtin, [])),
        f"preview, built-in, {len(PROFILES)} surfaces × 12 turns": _timed(lambda: preview(builtin, list(PROFILES))),
    }


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    runs = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        runs.append(time.perf_counter() - start)
    return runs[0], statistics.median(runs[1:])
