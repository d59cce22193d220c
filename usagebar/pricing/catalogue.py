"""The prices of `genai-prices`: which model a name means there, and its rate card at a moment.

Importing this module imports genai_prices, which takes a third of a second: `cost` does so when it needs one of its
prices. A name is looked up once, and a card probed once for each interval in which its prices do not change.
"""

from __future__ import annotations

from genai_prices import __version__
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

from usagebar.pricing.names import LONGEST_NAME, biller, family, forms, is_bedrock, is_local, prefix, routed
from usagebar.pricing.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final, TypeAlias

    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, Provider

    Key: TypeAlias = tuple[str, str | None, frozenset[tuple[str, str]] | None]

# Names are input: whoever sends ever new ones must not fill the memory.
MAX_CACHED_NAMES: Final = 1024


class Catalogue:
    """Hold one snapshot of genai-prices and the schedules of the models that were asked for."""

    def __init__(self, snapshot: DataSnapshot) -> None:
        self.snapshot = snapshot
        self.label = f"genai-prices {__version__}{_edition(snapshot)}"
        self._schedules: dict[Key, Schedule | None] = {}

    def schedule(self, model: str, provider: str | None, context: Mapping[str, str] | None) -> Schedule | None:
        """Return the price schedule of a model under a price context, None if genai-prices does not know it."""
        key = model, provider, frozenset(context.items()) if context else None
        try:
            return self._schedules[key]
        except KeyError:
            pass
        if len(model) > LONGEST_NAME or (provider is not None and len(provider) > LONGEST_NAME):
            return None
        found = self._find(model, provider)
        schedule = None if found is None else Schedule(*found, context)
        if len(self._schedules) >= MAX_CACHED_NAMES:
            self._schedules.clear()
        self._schedules[key] = schedule
        return schedule

    def _find(self, model: str, provider: str | None) -> tuple[Provider, ModelInfo] | None:
        # Not `snapshot.find_provider_model`: it keeps each name that it was ever asked for.
        for seller, name in self._candidates(model, biller(provider)):
            if found := seller.find_model(name, all_providers=self.snapshot.providers):
                return seller, found
        return None

    def _candidates(self, model: str, provider: str | None) -> Iterator[tuple[Provider, str]]:
        """Walk the providers that may have billed for a model, with the names it may have there, the likeliest first.

        A provider that genai-prices does not know bills at rates that it does not know. OpenRouter's variants have
        prices of their own, and local models none: without a provider neither is priced as the model that it is of.
        """
        if provider is None and ((names := routed(model)) or is_local(model)):
            router = self._provider("openrouter")
            yield from ((router, name) for name in names if router is not None)
            return
        said = prefix(model) if provider is None else provider
        seller = None if said is None else self._provider(said)
        if seller is not None:
            yield from ((seller, name) for name in forms(model, without_prefix=True))
        if provider is None:
            for name in forms(model, without_prefix=False):
                yield from ((each, name) for each in self._by_model(name))

    def _by_model(self, name: str) -> Iterator[Provider]:
        """Walk the providers of models with such names."""
        matching = (each for each in self.snapshot.providers if each.model_match and each.model_match.is_match(name))
        if (found := next(matching, None)) is not None:
            yield found
        if is_bedrock(name) and (bedrock := self._provider("aws")) is not None:
            yield bedrock

    def _provider(self, name: str) -> Provider | None:
        providers = self.snapshot.providers
        return find_provider_by_id(providers, name) or find_provider_by_id(providers, family(name))


def _edition(snapshot: DataSnapshot) -> str:
    if snapshot.from_auto_update:
        return f", updated {snapshot.timestamp.date().isoformat()}"
    from genai_prices.data import providers  # noqa: PLC0415 - its own prices, loaded as late as it does so itself

    return "" if snapshot.providers is providers else ", custom"


_current = Catalogue(get_snapshot())


def catalogue() -> Catalogue:
    """Return the catalogue of the snapshot that genai-prices uses now: it may have been updated or replaced."""
    global _current  # noqa: PLW0603 - one catalogue a process, exchanged as a whole
    snapshot, current = get_snapshot(), _current
    if current.snapshot is not snapshot:
        _current = current = Catalogue(snapshot)
    return current
