"""What all of it cost: the turns of the runtimes' logs and of your own programs, kept and summed up.

    from usagebar.ledger import Ledger

    with Ledger() as ledger:
        ledger.record(contract, key=message_id)
        print(ledger.usage_cost(days=7)["totals"]["totalCost"])

Rule zero here too: what is not known is None, never 0, and a sum says how many turns it leaves out.
"""

from __future__ import annotations

from usagebar.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.ledger.budgets import Budget, BudgetState
    from usagebar.ledger.errors import LedgerError
    from usagebar.ledger.figures import Filter, Totals
    from usagebar.ledger.filling import filled
    from usagebar.ledger.ledger import Ledger
    from usagebar.ledger.tracking.tracker import CostTracker
    from usagebar.ledger.turns import TurnRecord

__all__ = [
    "Budget",
    "BudgetState",
    "CostTracker",
    "Filter",
    "Ledger",
    "LedgerError",
    "Totals",
    "TurnRecord",
    "filled",
]

# Public name → its module, imported when first asked for.
_HOMES = {
    "Budget": "budgets",
    "BudgetState": "budgets",
    "CostTracker": "tracking.tracker",
    "Filter": "figures",
    "Ledger": "ledger",
    "LedgerError": "errors",
    "Totals": "figures",
    "TurnRecord": "turns",
    "filled": "filling",
}

__getattr__, __dir__ = lazily(globals(), _HOMES)
