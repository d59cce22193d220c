"""The usage footer under every AI reply.

    import usagebar

    bar = usagebar.load("footer.jsonc")                    # or nothing: the built-in template
    contract = usagebar.contract.from_response(answer)     # what the turn used, by the provider's answer
    print(bar.render(contract, "discord"))

Importing this package is cheap: each public name loads its module when it is first used.
"""

from __future__ import annotations

__version__ = "0.5.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar import contract as contract
    from usagebar import ledger as ledger
    from usagebar import pricing as pricing
    from usagebar import surfaces as surfaces
    from usagebar.checks import check as check
    from usagebar.contract.errors import ContractError as ContractError
    from usagebar.contract.model import UsageContract as UsageContract
    from usagebar.contract.openclaw import build_contract as build_contract
    from usagebar.diagnostics import Diagnostic as Diagnostic
    from usagebar.diagnostics import TemplateError as TemplateError
    from usagebar.engine.bar import UsageBar as UsageBar
    from usagebar.ledger.tracking.tracker import CostTracker as CostTracker
    from usagebar.template.builtin import BUILTIN as BUILTIN
    from usagebar.template.loader import load as load
    from usagebar.template.loader import parse as parse
    from usagebar.template.store import TemplateStore as TemplateStore

# Where each public name lives; None: it is a module of this package.
_HOMES: dict[str, str | None] = {
    "BUILTIN": "usagebar.template.builtin",
    "ContractError": "usagebar.contract.errors",
    "CostTracker": "usagebar.ledger.tracking.tracker",
    "Diagnostic": "usagebar.diagnostics",
    "TemplateError": "usagebar.diagnostics",
    "TemplateStore": "usagebar.template.store",
    "UsageBar": "usagebar.engine.bar",
    "UsageContract": "usagebar.contract.model",
    "build_contract": "usagebar.contract.openclaw",
    "check": "usagebar.checks",
    "contract": None,
    "ledger": None,
    "load": "usagebar.template.loader",
    "parse": "usagebar.template.loader",
    "pricing": None,
    "surfaces": None,
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the module is kept lazy

    home = _HOMES[name]
    value = import_module(f"{__name__}.{name}") if home is None else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
