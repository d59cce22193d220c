"""The public names of a room, each imported from its module when it is first asked for (PEP 562).

Importing a room costs almost nothing then, and a command that needs one name of it brings no other module along.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazily(names: dict[str, Any], homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package, by its `globals()` and the module of each public name."""
    package = names["__name__"]

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = __import__(f"{package}.{homes[name]}", fromlist=(name,))
        value = names[name] = getattr(module, name)
        return value

    def known() -> list[str]:
        return sorted({*names, *homes})

    return get, known
