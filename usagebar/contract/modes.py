"""Footer modes: what `/usage off|tokens|full|reset` switches, and the lines that need no template.

A bot keeps one store of its sessions' choices, hands the command to `switch`, and asks for each reply what to show:

    store = FileModeStore("usage-modes.json")
    mode = switch(store, session, "full", config="tokens")  # the user said: /usage full
    mode = current_mode(store, session, config="tokens")    # later, below a reply
    text = footer(bar, contract, mode=mode)

A session's choice goes before what is configured for its channel, that before the general default, and that before
`off`. What is configured is a mode's word, or an object `{"default": word, "<channel>": word}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from usagebar import figures
from usagebar.contract.errors import ContractError
from usagebar.contract.mode_stores import FileModeStore, MemoryModeStore, ModeStore
from usagebar.engine.shape import kind_of
from usagebar.engine.steps import count_text
from usagebar.engine.values import fixed_text

if TYPE_CHECKING:
    from usagebar.engine.bar import UsageBar

__all__ = [
    "MODES",
    "RESET_WORDS",
    "FileModeStore",
    "MemoryModeStore",
    "Mode",
    "ModeStore",
    "configured_mode",
    "current_mode",
    "effective_mode",
    "footer",
    "mode_of_word",
    "next_mode",
    "plain_line",
    "switch",
]

Mode = Literal["off", "tokens", "full"]

MODES: tuple[Mode, ...] = ("off", "tokens", "full")  # as the command cycles
RESET_WORDS = frozenset({"reset", "default", "inherit", "clear", "unpin"})

_DEFAULT = "default"
_WORDS: dict[Mode, str] = {
    "off": "off false no 0 disable disabled",
    "tokens": "tokens token tok minimal min on true yes 1 enable enabled",
    "full": "full session",
}
_MODE_OF_WORD = {word: mode for mode, words in _WORDS.items() for word in words.split()}
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens")
_UNKNOWN = "?"
_LONGEST_SHOWN = 60  # characters of a word in a message


# ---------------------------------------------------------------- which mode


def mode_of_word(word: object) -> Mode | None:
    """Return the mode that a word names; case and the blanks around it do not count.

    None for any other word, those of `RESET_WORDS` included, and for what is no string: `True` and 1 are no words.
    """
    return _MODE_OF_WORD.get(_folded(figures.text(word) or ""))


def configured_mode(config: object, channel: str | None = None) -> Mode | None:
    """Return the mode that is configured for a channel, None if none is.

    `config` is a word as in the command, or an object of words by channel id, exactly as written, with the general one
    under `default`. The channel's own entry goes first, also if it is invalid: an invalid value is `off`. None is no
    value, wherever it stands.
    """
    value = _entry(config, channel) if isinstance(config, Mapping) else config
    return None if value is None else mode_of_word(value) or "off"


def _entry(config: Mapping[Any, Any], channel: str | None) -> object:
    name = figures.text(channel)
    own = None if name is None else config.get(name)
    return config.get(_DEFAULT) if own is None else own


def effective_mode(session_choice: object, config: object = None, channel: str | None = None) -> Mode:
    """Return the mode that holds: the session's choice, else the configured mode, else `off`.

    A choice that names no mode is ignored; a choice of `off` is one. `config` is read as in `configured_mode`.
    """
    return mode_of_word(session_choice) or configured_mode(config, channel) or "off"


def next_mode(mode: Mode) -> Mode:
    """Return the mode behind this one: off → tokens → full → off. Raises `ContractError` if it is none."""
    return MODES[(MODES.index(_checked(mode)) + 1) % len(MODES)]


def _checked(mode: Mode) -> Mode:
    if mode not in MODES:
        raise ContractError(f"expected off, tokens or full, found {_shown(mode)}")
    return mode


def _folded(word: str) -> str:
    return word.strip().lower()


def _shown(word: object) -> str:
    if not isinstance(word, str):
        return kind_of(word)
    return repr(word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}…")


# ---------------------------------------------------------------- the command


def switch(
    store: ModeStore,
    session: str,
    argument: str | None = "",
    *,
    config: object = None,
    channel: str | None = None,
) -> Mode:
    """Do `/usage ARGUMENT` in a session and return the mode that holds from now on.

    A mode's word becomes the session's choice. One of `RESET_WORDS` removes the choice. No argument takes the mode
    behind the effective one. `config` and `channel` are read as in `configured_mode`.

    Raises:
        ContractError: another word; nothing changes. Also whatever the store raises.
    """
    word = "" if argument is None else argument
    wanted = mode_of_word(word)
    if not isinstance(word, str) or (wanted is None and _folded(word) not in {"", *RESET_WORDS}):
        shown = _shown(word.strip() if isinstance(word, str) else word)
        raise ContractError(f"expected off, tokens, full or reset, found {shown}")

    def change(choice: str | None) -> str | None:
        return wanted if _folded(word) else next_mode(effective_mode(choice, config, channel))

    return effective_mode(store.update(session, change), config, channel)


def current_mode(store: ModeStore, session: str, *, config: object = None, channel: str | None = None) -> Mode:
    """Return the mode that holds in a session, and change nothing; raises what the store raises."""
    return effective_mode(store.update(session, lambda choice: choice), config, channel)


# ---------------------------------------------------------------- what is shown


def footer(bar: UsageBar, contract: Any, surface: str | None = None, *, mode: Mode) -> str:
    """Return what to show below a reply in this mode, `""` for nothing.

    `tokens` is the plain line; `full` is what the template gives (see `UsageBar.render` for `contract` and `surface`),
    and the plain line with the cost if that is nothing. Raises `ContractError` only if `mode` is none.
    """
    rendered = bar.render(contract, surface) if _checked(mode) == "full" else ""
    return rendered or plain_line(contract, mode)


def plain_line(contract: Any, mode: Mode) -> str:
    """Return the line that needs no template: `Usage: 12k in / 340 out · cache 10k cached / ? new · est $0.0123`.

    Only `full` has the cost, in US dollars, and not under a subscription (`model.auth_mode` is `oauth`) unless it was
    reported. What is unknown, or of a wrong type, is `?`. `""` without a nonzero count, and for `off`. `contract` is
    any mapping, or a `UsageContract`. Raises `ContractError` only if `mode` is none.
    """
    known = _as_mapping(contract) if _checked(mode) != "off" else {}
    usage = figures.mapping(known.get("usage"))
    counts = {name: tokens for name in _COUNTS if (tokens := figures.count(usage.get(name))) is not None}
    if not any(counts.values()):
        return ""
    parts = [f"Usage: {_turn_text(counts)}", _cache_text(counts), _cost_text(known) if mode == "full" else ""]
    return " · ".join(part for part in parts if part)


def _as_mapping(contract: Any) -> Mapping[Any, Any]:
    is_model = hasattr(contract, "to_mapping") and not isinstance(contract, (Mapping, type))
    return figures.mapping(contract.to_mapping() if is_model else contract)


def _turn_text(counts: Mapping[str, int]) -> str:
    if "total_tokens" in counts and not {"input_tokens", "output_tokens"} & counts.keys():
        return f"{_tokens_text(counts['total_tokens'])} total"
    return f"{_tokens_text(counts.get('input_tokens'))} in / {_tokens_text(counts.get('output_tokens'))} out"


def _cache_text(counts: Mapping[str, int]) -> str:
    read, written = counts.get("cache_read_tokens"), counts.get("cache_write_tokens")
    return f"cache {_tokens_text(read)} cached / {_tokens_text(written)} new" if read or written else ""


def _tokens_text(tokens: int | None) -> str:
    if tokens is None:
        return _UNKNOWN
    return count_text(tokens) if tokens < 1_000_000 else f"{fixed_text(tokens / 1_000_000, 1)}m"


def _cost_text(contract: Mapping[Any, Any]) -> str:
    cost, model = figures.mapping(contract.get("cost")), figures.mapping(contract.get("model"))
    is_subscription = _folded(figures.text(model.get("auth_mode")) or "") == "oauth"
    usd = figures.dollars(cost.get("turn_usd"))
    if usd is None or cost.get("available") is False or (is_subscription and cost.get("source") != "reported"):
        return ""
    return f"est ${fixed_text(usd, 2 if usd >= 0.01 else 4)}"
