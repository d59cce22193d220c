"""The name of this machine, which its turns carry."""

from __future__ import annotations

import os
from collections.abc import Mapping

VARIABLE = "USAGEBAR_MACHINE"


def machine_name(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what `USAGEBAR_MACHINE` says, else the host's name; None if it has none."""
    return environment.get(VARIABLE) or _node()


def _node() -> str | None:
    if hasattr(os, "uname"):
        return os.uname().nodename or None
    import platform  # noqa: PLC0415 - it asks there what others tell at once

    return platform.node() or None
