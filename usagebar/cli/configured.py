"""Which template the command line uses: `--template`, else `USAGEBAR_TEMPLATE`, else OpenClaw's configuration."""

from __future__ import annotations

import os

from usagebar.template.builtin import builtin_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.engine.bar import UsageBar

VARIABLE = "USAGEBAR_TEMPLATE"
OPENCLAW_CONFIG = "~/.openclaw/openclaw.json"


def configured_bar(option: str | None) -> UsageBar | None:
    """Return the bar to use, the built-in one if none is named; None if the one that is named cannot be used.

    Why it cannot be used, and what else a template loses by its own mistakes, is said on standard error.
    """
    if option is None and not os.environ.get(VARIABLE) and not os.path.lexists(os.path.expanduser(OPENCLAW_CONFIG)):
        return builtin_bar()
    from usagebar.cli.named import named_bar  # noqa: PLC0415 - reading templates is a third of the start-up time

    return named_bar(option, VARIABLE, OPENCLAW_CONFIG)
