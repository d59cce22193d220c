"""What a turn cost, in US dollars: from the user's price file, OpenClaw's model prices, or `genai-prices`.

Rule zero here too: what is not known has no cost. An unknown model costs nothing that could be told, never 0.
"""

from __future__ import annotations

from usagebar.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.pricing.configured import configured_prices
    from usagebar.pricing.cost import Cost, turn_cost
    from usagebar.pricing.errors import PriceError
    from usagebar.pricing.prices import Prices, load_prices

__all__ = ["Cost", "PriceError", "Prices", "configured_prices", "load_prices", "turn_cost"]

# Public name → its module, imported when first asked for.
_HOMES = {
    "Cost": "cost",
    "PriceError": "errors",
    "Prices": "prices",
    "configured_prices": "configured",
    "load_prices": "prices",
    "turn_cost": "cost",
}

__getattr__, __dir__ = lazily(globals(), _HOMES)
