"""The three shapes of price lists, each read into a table of entries."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.figures import mapping, text
from usagebar.pricing.document import named
from usagebar.pricing.litellm import LITELLM_KEYS, is_litellm, litellm_card
from usagebar.pricing.rates import Entry, rate_card

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.engine.pieces import Place
    from usagebar.pricing.document import Document

# Key of an entry → the bucket it prices, in US dollars per million tokens.
_OWN = {
    name: bucket
    for bucket, names in {
        "input": ("input", "input_cost_per_million"),
        "output": ("output", "output_cost_per_million"),
        "cache_read": ("cache_read", "cacheRead", "cache_read_cost_per_million"),
        "cache_write": ("cache_write", "cacheWrite", "cache_write_cost_per_million"),
        "cache_write_1h": ("cache_write_1h", "cacheWrite1h", "cache_write_1h_cost_per_million"),
    }.items()
    for name in names
}
_TIERS = "above"
_OPENCLAW_TIERS = ("tieredPricing", "tiers")
_SIGNS = {*_OWN, *LITELLM_KEYS}


def read_prices(document: Document) -> dict[str, Entry]:
    """Return the table of a price list of any shape; raises `PriceError` for what is none."""
    models = document.members((), document.value, "prices by model")
    if "providers" in mapping(models.get("models")):
        return read_openclaw(document)
    table = {}
    has_sections = any("litellm_provider" in mapping(value) for value in models.values())
    for key, value in models.items():
        # LiteLLM's list has sections that are no models, and may get more of them.
        is_section = has_sections and isinstance(value, Mapping) and not value.keys() & _SIGNS
        entry = None if is_section or key.startswith("$") else _entry(document, key, value)
        if entry is not None:
            table[key.strip().lower()] = entry
    return table


def read_openclaw(document: Document) -> dict[str, Entry]:
    """Return the table of OpenClaw's configuration, an empty one if it has no models; raises `PriceError`."""
    table: dict[str, Entry] = {}
    config = _present(document, (), document.value, "OpenClaw's configuration")
    models = _present(document, ("models",), config.get("models"), "OpenClaw's models")
    place: Place = ("models", "providers")
    for name, value in _present(document, place, models.get("providers"), "providers by name").items():
        table |= _openclaw_provider(document, (*place, name), name, value)
    return table


def _present(document: Document, place: Place, value: object, what: str) -> dict[str, Any]:
    """Return the members that an object of OpenClaw's has: null is as good as absent, there and for a member."""
    members = {} if value is None else document.members(place, value, what)
    return {key: each for key, each in members.items() if each is not None}


def _openclaw_provider(document: Document, place: Place, name: str, value: object) -> dict[str, Entry]:
    models = _present(document, place, value, "a provider").get("models", [])
    if not isinstance(models, (list, tuple)):
        document.refuse((*place, "models"), f"expected a list of models, found {named(models)}")
    table = {}
    for index, each in enumerate(models):
        at = (*place, "models", index)
        model = _present(document, at, each, "a model")
        if "cost" not in model:
            continue
        if not isinstance(model.get("id"), str):
            document.refuse(at, f"expected the id of a model that has a cost, found {named(model.get('id'))}")
        cost = _present(document, (*at, "cost"), model["cost"], "the cost of a model")
        known = {key: value for key, value in cost.items() if key in _OWN}
        # Above the thresholds of its tiers the base price would be wrong.
        if not known or any(cost.get(key) for key in _OPENCLAW_TIERS):
            continue
        prices = _own_prices(document, (*at, "cost"), model["id"], known)
        table[f"{name}/{model['id']}".strip().lower()] = Entry(rate_card(prices, {}), document.label, name)
    return table


def _entry(document: Document, model: str, value: object) -> Entry | None:
    members = document.members((model,), value, f"the prices of {model!r}")
    if is_litellm(members):
        card = litellm_card(document, model, members)
        return None if card is None else Entry(card, document.label, text(members.get("litellm_provider")))
    members = {key: each for key, each in members.items() if not key.startswith("$")}
    above = members.pop(_TIERS, {})
    prices = _own_prices(document, (model,), model, members)
    if not prices:
        document.refuse((model,), f"{model!r}: expected a price such as `input`, found none")
    tiers = _own_tiers(document, (model, _TIERS), model, above)
    return Entry(rate_card(prices, tiers), document.label)


def _own_tiers(document: Document, place: Place, model: str, value: object) -> dict[int, dict[str, float]]:
    tiers: dict[int, dict[str, float]] = {}
    for key, each in _by_threshold(document, place, model, value):
        at = (*place, key)
        if not (key.isascii() and key.isdigit() and len(key) <= 18):
            document.refuse(at, f"{model!r}: expected a number of tokens such as `200000`, found `{key}`")
        if int(key) in tiers:
            document.refuse(at, f"{model!r}: expected each number of tokens once, found `{key}` again")
        tiers[int(key)] = _own_prices(document, at, model, document.members(at, each, "the prices of a tier"))
    return tiers


def _by_threshold(document: Document, place: Place, model: str, value: object) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):  # a mapping in Python may have integers for keys
        value = {str(key) if type(key) is int and 0 <= key < 10**18 else key: each for key, each in value.items()}
    return list(document.members(place, value, f"the tiers of {model!r}").items())


def _own_prices(document: Document, place: Place, model: str, members: Mapping[str, Any]) -> dict[str, float]:
    prices: dict[str, float] = {}
    for key, value in members.items():
        at = (*place, key)
        if key not in _OWN:
            document.refuse(at, f"{model!r}: expected one of {', '.join(_OWN)}, found `{key}`")
        if _OWN[key] in prices:
            document.refuse(at, f"{model!r}: expected one price for {_OWN[key]}, found `{key}` beside another")
        prices[_OWN[key]] = document.price(at, model, value)
    return prices
