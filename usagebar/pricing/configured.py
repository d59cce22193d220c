"""The prices that a user has configured: a file of his own, then OpenClaw's configuration."""

from __future__ import annotations

import os

from usagebar.pricing.prices import Prices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from usagebar.pricing.prices import Table

VARIABLE: Final = "USAGEBAR_PRICES"
OPENCLAW_FOLDER: Final = "OPENCLAW_DIR"
OPENCLAW_CONFIG: Final = "openclaw.json"


class ConfiguredPrices:
    """Return the prices that are configured, read once per process; called by `turn_cost` without prices of its own.

    They are the file named by `USAGEBAR_PRICES`, else `usagebar/prices.json` in `$XDG_CONFIG_HOME` or `~/.config` if it
    is there, and then the prices of `openclaw.json` in each folder of `OPENCLAW_DIR` (a comma list, by default
    `~/.openclaw`) that has one with some.
    After a change of any of them `cache_clear()` has them read again.
    Raises `PriceError` if one is there and cannot be used, or the one that is named is not there.
    """

    def __init__(self) -> None:
        self._prices: Prices | None = None

    def __call__(self) -> Prices:
        """Return the prices, as the class says."""
        prices = self._prices
        if prices is None:
            prices = self._prices = Prices((*_own(), *_openclaw()))
        return prices

    def cache_clear(self) -> None:
        """Forget what was read."""
        self._prices = None


configured_prices: Final = ConfiguredPrices()


def price_files() -> list[str]:
    """Return the paths at which prices are configured, whether there are files or not, the first that counts first."""
    return [_own_path(), *_openclaw_paths()]


def _own_path() -> str:
    named = os.environ.get(VARIABLE, "").strip()
    return os.path.expanduser(named or os.path.join(config_home(), "usagebar", "prices.json"))


def _openclaw_paths() -> list[str]:
    named = [each for word in os.environ.get(OPENCLAW_FOLDER, "").split(",") if (each := word.strip())]
    return [os.path.join(os.path.expanduser(folder), OPENCLAW_CONFIG) for folder in named or ["~/.openclaw"]]


def _own() -> tuple[Table, ...]:
    named = os.environ.get(VARIABLE, "").strip()
    path = named or _own_path()
    if not named and not os.path.lexists(path):
        return ()
    from usagebar.pricing.document import read_document  # noqa: PLC0415 - mostly there is nothing to read
    from usagebar.pricing.shapes import read_prices  # noqa: PLC0415 - as above

    document = read_document(path)
    return () if document is None else (read_prices(document),)


def _openclaw() -> tuple[Table, ...]:
    return tuple(table for path in _openclaw_paths() if os.path.lexists(path) for table in _prices_of(path))


def _prices_of(path: str) -> tuple[Table, ...]:
    from usagebar.pricing.document import read_document  # noqa: PLC0415 - as above
    from usagebar.pricing.shapes import read_openclaw  # noqa: PLC0415 - as above

    document = read_document(path, optional=True)
    return () if document is None else (read_openclaw(document),)


def prices_in_use() -> str:
    """Return what tells the prices that are configured now from those of another time, without reading them."""
    return repr([installation(), [[path, _state(path)] for path in price_files()]])


def installation() -> list[Any]:
    """Return what tells this installation of genai-prices from others: where it is, its data's size and time."""
    from importlib.machinery import PathFinder  # noqa: PLC0415 - a footer has no need of it

    found = PathFinder.find_spec("genai_prices")
    folder = os.path.dirname(found.origin) if found is not None and found.origin else ""
    return [folder, _state(os.path.join(folder, "data.py"))]


def _state(path: str) -> list[int]:
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return []
    return [state.st_size, state.st_mtime_ns]


def config_home() -> str:
    """Return the folder of the user's configuration."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # A relative one is to be ignored, says its specification.
    return configured if os.path.isabs(configured) else os.path.expanduser("~/.config")
