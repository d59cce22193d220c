"""A warm `render` of the built-in template beside its peers: a hand-written f-string, Jinja2, MiniJinja."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import jinja2
import minijinja

import usagebar

ROUNDS, CALLS = 15, 2000

CONTRACT: dict[str, Any] = {
    "schema": "openclaw.usageLine.v1",
    "surface": "discord",
    "model": {
        "provider": "anthropic",
        "display_name": "claude-opus-4-8",
        "reasoning": "medium",
        "is_fallback": False,
        "is_override": True,
    },
    "state": {"fast_mode": False},
    "context": {"max_tokens": 272000, "pct_used": 75, "used_tokens": 204000},
    "usage": {
        "input_tokens": 204000,
        "output_tokens": 1510,
        "total_tokens": 205510,
        "has_split_tokens": True,
        "has_total_only_tokens": False,
        "cache_hit_pct": 91,
        "last": {"input_tokens": 2000, "output_tokens": 310, "cache_hit_pct": 96},
    },
    "cost": {"turn_usd": 0.03771985},
    "identity": {"name": "claw", "emoji": "🦞"},
}

MODELS = {"claude-opus-4-6": "opus46", "claude-opus-4-8": "opus48"}
REASONING = {"medium": "🌗", "high": "🌕"}
BRAILLE = "⠐⡀⡄⡆⡇⣇⣧⣷⣿"


def num(value: float) -> str:
    if abs(value) >= 1000:
        thousands = value / 1000
        return f"{thousands:.1f}k" if abs(thousands) < 10 else f"{math.floor(thousands + 0.5)}k"
    return str(int(value))


def meter(value: float, width: int = 5, glyphs: str = BRAILLE) -> str:
    total = min(100, max(0, value)) / 100 * width
    whole = int(total)
    if whole >= width:
        return glyphs[-1] * width
    partial = glyphs[math.floor((total - whole) * (len(glyphs) - 1) + 0.5)]
    return glyphs[-1] * whole + partial + glyphs[0] * (width - whole - 1)


def pct(value: float) -> str:
    return f"{math.floor(value + 0.5)}%"


def fixed4(value: float) -> str:
    return f"{value:.4f}"


def by_hand(contract: dict[str, Any]) -> str:
    """What a bot's author writes: right for this turn, with no guard for a missing figure."""
    model, usage, context = contract["model"], contract["usage"], contract["context"]
    return (
        f"-# -\n-# {model['provider']}{contract['identity']['emoji']} {MODELS[model['display_name']]}"
        f"{'🔄' if model['is_fallback'] else ''}{'📌' if model['is_override'] else ''} {REASONING[model['reasoning']]}"
        f"{' ⚡️' if contract['state']['fast_mode'] else ' 🐌'}"
        f" | 📚 [{meter(context['pct_used'])}]{num(context['max_tokens'])}"
        f" ↕️ {num(usage['input_tokens'])}/{num(usage['output_tokens'])}"
        f" 🗄 {pct(usage['cache_hit_pct'])} 💰{fixed4(contract['cost']['turn_usd'])}"
    )


TEMPLATE = (
    "-# -\n-# {{model.provider}}{{identity.emoji or '🤖'}} {{model.display_name|models}}"
    "{% if model.is_fallback %}🔄{% endif %}{% if model.is_override %}📌{% endif %}"
    "{% if model.reasoning %} {{model.reasoning|reasoning}}{% endif %}"
    "{% if state.fast_mode is true %} ⚡️{% elif state.fast_mode is false %} 🐌{% endif %}"
    "{% if context.max_tokens %} | 📚 [{{context.pct_used|meter}}]{{context.max_tokens|num}}{% endif %}"
    "{% if usage.has_split_tokens %} ↕️ {{usage.input_tokens|num}}/{{usage.output_tokens|num}}{% endif %}"
    "{% if usage.has_total_only_tokens %} ↕️ {{usage.total_tokens|num}}{% endif %}"
    "{% if usage.cache_hit_pct %} 🗄 {{usage.cache_hit_pct|pct}}{% endif %}"
    "{% if cost.turn_usd %} 💰{{cost.turn_usd|fixed4}}{% endif %}"
)


def models(value: str) -> str:
    return MODELS.get(value, value)


def reasoning(value: str) -> str:
    return REASONING.get(value, value)


FILTERS: dict[str, Callable[..., str]] = {
    "models": models,
    "reasoning": reasoning,
    "meter": meter,
    "num": num,
    "pct": pct,
    "fixed4": fixed4,
}


def sides() -> dict[str, Callable[[], str]]:
    """Return what is measured, each giving the same text."""
    jinja = jinja2.Environment(autoescape=False)  # chat text is no HTML
    jinja.filters.update(FILTERS)
    jinja_template = jinja.from_string(TEMPLATE)
    mini = minijinja.Environment()
    for name, function in FILTERS.items():
        mini.add_filter(name, function)
    mini.add_template("footer", TEMPLATE)
    bar = usagebar.load()
    return {
        "usagebar": lambda: bar.render(CONTRACT),
        "f-string by hand": lambda: by_hand(CONTRACT),
        "Jinja2": lambda: jinja_template.render(CONTRACT),
        "MiniJinja": lambda: mini.render_template("footer", **CONTRACT),
    }


def seconds_a_call(function: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def measure() -> dict[str, float]:
    """Return the median seconds of one call of each side, taken in turns."""
    measured = sides()
    texts = {name: function() for name, function in measured.items()}
    if len(set(texts.values())) != 1:
        raise SystemExit(f"expected the same text of every side, found {texts}")
    for function in measured.values():
        seconds_a_call(function, CALLS)
    runs: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(ROUNDS):
        for name, function in measured.items():
            runs[name].append(seconds_a_call(function, CALLS))
    return {name: statistics.median(found) for name, found in runs.items()}
