"""`Prices`: lists of prices, one behind the other, and the search for a model in them."""

from __future__ import annotations

import os
from _collections_abc import Mapping

from usagebar.pricing.names import LONGEST_NAME, biller, family, forms, prefix, spellings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias

    from usagebar.pricing.rates import Entry

    Source: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | Prices"
    Table: TypeAlias = "Mapping[str, Entry]"
    # When a file was last changed, in ns, its size in bytes, its number and that of its device.
    Stamp: TypeAlias = tuple[int, int, int, int]

MAX_CACHED_NAMES: Final = 1024
MAX_CACHED_FILES: Final = 16
_UNSEEN: Final = object()
# Path as given → the file's stamp before it was read, and its prices.
_read: Final[dict[str, tuple[Stamp, Prices]]] = {}


class Prices:
    """Hold lists of prices; what an earlier one has wins over the later ones. Made by `load_prices`; immutable."""

    def __init__(self, tables: tuple[Table, ...] = ()) -> None:
        self._tables = tables
        self._found: dict[tuple[str, str | None], Entry | None] = {}

    def __len__(self) -> int:
        return sum(map(len, self._tables))

    def __repr__(self) -> str:
        return f"<Prices of {len(self)} models>"

    @property
    def tables(self) -> tuple[Table, ...]:
        """The lists: key in lower case, `model` or `provider/model`, → entry."""
        return self._tables

    def find(self, model: str, provider: str | None = None) -> Entry | None:
        """Return the entry of a model as reported, None if no list has one.

        In each list `provider/model` is looked for, then `model`, then both again with ever more stripped from the
        name: labels, `provider/`, regions, versions. Case never matters.
        """
        if not self._tables:
            return None
        key = model, provider
        entry = self._found.get(key, _UNSEEN)
        if entry is _UNSEEN:
            entry = self._search(model, provider) if len(model) <= LONGEST_NAME else None
            if len(self._found) >= MAX_CACHED_NAMES:  # names are input, and memory is not theirs
                self._found.clear()
            self._found[key] = entry
        return entry  # type: ignore[return-value] # the marker is gone

    def _search(self, model: str, provider: str | None) -> Entry | None:
        provider = biller(provider)
        names = [] if provider is None else spellings(provider)
        owner = prefix(model) if provider is None else provider
        keys = [key for form in forms(model, without_prefix=True) for key in (*(f"{n}/{form}" for n in names), form)]
        hits = (table[key] for table in self._tables for key in keys if key in table)
        return next((entry for entry in hits if _bills(entry, owner)), None)


def _bills(entry: Entry, provider: str | None) -> bool:
    """Tell whether an entry holds for a provider: nobody's model is billed at another one's rates."""
    if entry.provider is None:
        return True
    return provider is not None and family(provider) == family(entry.provider)


def load_prices(*sources: Source) -> Prices:
    """Return the prices of files (paths), mappings or other `Prices`, the first one's before the others'.

    A source is recognised by its shape:

    - `{"gpt-x": {"input": 3.0, "output": 15.0, "cache_read": 0.3, "cache_write": 3.75, "cache_write_1h": 6.0}}`, in US
      dollars per million tokens, also as `cacheRead` or `input_cost_per_million`; the key is `model` or
      `provider/model`. `"above": {"200000": {"input": 6.0}}` are the prices of a whole request of more prompt tokens
      than that, cached ones included; prices that are not there stay as they are. Keys that start with `$` are ignored.
    - LiteLLM's `model_prices_and_context_window.json`, in US dollars per token, with its tiers
      (`input_cost_per_token_above_200k_tokens`). Entries without one price for tokens are skipped: images, audio,
      prices that differ by the time of day.
    - OpenClaw's configuration: `models.providers.<p>.models[].cost`, in US dollars per million tokens.

    Cache reads and writes without a price are billed as input, 1-hour writes as writes. What an entry has no price for
    must not be used: such a turn has no cost.

    Raises:
        PriceError: a file that cannot be read, or anything in it that is no price, with its place.
        TypeError: a source of another type.
    """
    tables: list[Table] = []
    for source in sources:
        tables += as_prices(source).tables
    return Prices(tuple(tables))


def current_prices(source: Source) -> Prices:
    """Return one source of prices as `Prices`; a file is read again only if it has changed. Raises as `load_prices`."""
    if isinstance(source, Prices):
        return source
    if not isinstance(source, (str, os.PathLike)):
        return as_prices(source)
    stamp, path = _stamp(source), os.fsdecode(source)
    if stamp is None:
        return as_prices(source)
    known = _read.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    prices = as_prices(source)
    if len(_read) >= MAX_CACHED_FILES:
        _read.clear()
    _read[path] = stamp, prices
    return prices


def _stamp(path: str | os.PathLike[str]) -> Stamp | None:
    """Return what tells a state of a file from an earlier one; None without such a file, of which its reader tells."""
    try:
        state = os.stat(os.path.expanduser(os.fsdecode(path)))
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino, state.st_dev


def as_prices(source: Source) -> Prices:
    """Return one source of prices as `Prices`; raises as `load_prices` does."""
    if isinstance(source, Prices):
        return source
    from usagebar.pricing.document import Document, read_document  # noqa: PLC0415 - mostly there is nothing to read
    from usagebar.pricing.shapes import read_prices  # noqa: PLC0415 - as above

    if isinstance(source, Mapping):
        return Prices((read_prices(Document("<mapping>", source)),))
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"expected a path, a mapping or Prices, found {type(source).__name__}")
    document = read_document(source)
    return Prices(() if document is None else (read_prices(document),))
