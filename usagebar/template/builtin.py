"""The built-in template, shown where nothing else is configured or what is configured cannot be used.

`builtin.jsonc` beside this file is the same template with comments, for `usagebar init`; a test holds both equal.
"""

from __future__ import annotations

from usagebar.engine.bar import UsageBar
from usagebar.engine.shape import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SCHEMA = "openclaw.usageBar.v1"

_SHARED_END = (
    {
        "when": "context.max_tokens",
        "text": " | 📚 [{context.pct_used|meter:5:braille}]{context.max_tokens|num}",
    },
    {"when": "usage.has_split_tokens", "text": " ↕️ {usage.input_tokens|num|?}/{usage.output_tokens|num|?}"},
    {"when": "usage.has_total_only_tokens", "text": " ↕️ {usage.total_tokens|num}"},
    {"when": "usage.cache_hit_pct", "text": " 🗄 {usage.cache_hit_pct|pct}"},
    {"when": "cost.turn_usd", "text": " 💰{cost.turn_usd|fixed:4}"},
)

_DOCUMENT: dict[str, Any] = {
    "schema": SCHEMA,
    "scales": {
        "braille": "⠐⡀⡄⡆⡇⣇⣧⣷⣿",
        "block": "░▏▎▍▌▋▊▉█",
        "shade": "░▒▓█",
        "moon": "🌑🌘🌗🌖🌕",
        "level": "▁▂▃▄▅▆▇█",
        "weather": ["🥶", "☁️", "🌥", "⛅️", "🌤", "☀️"],
        "plants": ["🪾", "🍂", "🌱", "☘️", "🍀", "🌿"],
        "moons6": ["🌑", "🌚", "🌘", "🌗", "🌖", "🌝"],
    },
    "aliases": {
        "models": {
            "claude-opus-4-6": "opus46",
            "claude-opus-4-8": "opus48",
            "claude-sonnet-4-6": "sonnet46",
            "claude-haiku-4-5": "haiku45",
            "gpt-5.5": "gpt5.5",
        },
        "reasoning": {"off": "🌑", "minimal": "🌚", "low": "🌘", "medium": "🌗", "high": "🌕", "xhigh": "🌝"},
    },
    "output": {
        "sep": "",
        "default": [
            {"text": "{model.provider}{identity.emoji|🤖} {model.display_name|alias:models}"},
            {"map": "model.is_fallback", "cases": {"true": " 🔄"}},
            {"map": "model.is_override", "cases": {"true": " 📌"}},
            {"when": "model.reasoning", "text": " {model.reasoning|alias:reasoning}"},
            {"map": "state.fast_mode", "cases": {"true": " ⚡", "false": " 🐌"}},
            *_SHARED_END,
        ],
        "surfaces": {
            "discord": [
                {"text": "-# -\n"},
                {"text": "-# {model.provider}{identity.emoji|🤖} {model.display_name|alias:models}"},
                {"map": "model.is_fallback", "cases": {"true": "🔄"}},
                {"map": "model.is_override", "cases": {"true": "📌"}},
                {"when": "model.reasoning", "text": " {model.reasoning|alias:reasoning}"},
                {"map": "state.fast_mode", "cases": {"true": " ⚡️", "false": " 🐌"}},
                *_SHARED_END,
            ],
        },
    },
}


def _refuse(self: object, *_: object, **__: object) -> Any:
    raise TypeError("the built-in template is read-only; copy.deepcopy() gives one that can be changed")


class _ReadOnlyDict(dict[str, object]):
    """A dict, so that `json.dumps` takes it, which does not change."""

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, _memo: object) -> dict[str, Any]:
        return {key: _plain(value) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_only, (_plain(self),)


class _ReadOnlyList(list[object]):
    """A list which does not change."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __deepcopy__(self, _memo: object) -> list[Any]:
        return [_plain(value) for value in self]

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_only, (_plain(self),)


def _plain(value: Any) -> Any:
    return value.__deepcopy__(None) if isinstance(value, (_ReadOnlyDict, _ReadOnlyList)) else value


def _read_only(value: Any) -> Any:
    if isinstance(value, dict):
        return _ReadOnlyDict((key, _read_only(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return _ReadOnlyList(map(_read_only, value))
    return value


BUILTIN: Mapping[str, Any] = _read_only(_DOCUMENT)
BUILTIN_NAME = "<built-in>"

_bars: list[UsageBar] = []


def builtin_bar() -> UsageBar:
    """Return the built-in template, compiled once in a process."""
    if not _bars:
        _bars.append(UsageBar(read(BUILTIN), name=BUILTIN_NAME, is_builtin=True))
    return _bars[0]
