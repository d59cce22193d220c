"""The bar of a template that is named by an option, by the environment or by OpenClaw's configuration."""

from __future__ import annotations

import os
import sys
from _collections_abc import Mapping

from usagebar.diagnostics import draw
from usagebar.engine.values import trim
from usagebar.engine.verbs import VERBS
from usagebar.template.builtin import builtin_bar
from usagebar.template.reading import Outcome, Refused, bar_of, decode_text, examine, refusal, unreadable
from usagebar.template.source import Missing, Unreadable, decoded, significant, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usagebar.engine.bar import UsageBar

KEY = "messages.usageTemplate"


def named_bar(option: str | None, variable: str, config: str) -> UsageBar | None:
    """Return the bar that an option's value, an environment variable or a key of OpenClaw's configuration names.

    The first of them that is there counts; with none of them it is the built-in. See `configured_bar`.
    """
    subject, outcome = _configured(option, variable, config)
    if outcome is None:
        return builtin_bar()
    if outcome.diagnostics:
        _report(subject, outcome)
    if outcome.template is None:
        return None
    return bar_of(outcome, VERBS)


def _configured(option: str | None, variable: str, config: str) -> tuple[str, Outcome | None]:
    """Return how to call what is configured, and what it comes to; None if nothing is."""
    if option is not None:
        return "the template named by --template", examine(option)  # also an empty one: it was meant to name some
    value = os.environ.get(variable, "")
    if trim(value):
        return f"the template named by {variable}", _examined(value)
    return _in_openclaw_config(config)


def _examined(source: Any) -> Outcome | None:
    """Return what a configured value comes to; None if it configures nothing."""
    if source is None or (isinstance(source, str) and not trim(source)):
        return None
    return examine(source)


def _in_openclaw_config(config: str) -> tuple[str, Outcome | None]:
    path, subject = os.path.expanduser(config), "OpenClaw's configuration"
    try:
        text = decoded(snapshot(path).data)
    except Missing:
        return subject, None
    except Unreadable as error:
        return subject, unreadable(path, error)
    if significant(text) == len(text):
        return subject, None
    try:
        found = decode_text(text)
    except Refused as refused:
        return subject, refusal(refused, path, text)
    messages = found.get("messages") if isinstance(found, Mapping) else None
    source = messages.get("usageTemplate") if isinstance(messages, Mapping) else None
    return f"the template named by {KEY} in {config}", _examined(source)


def _report(subject: str, outcome: Outcome) -> None:
    verdict = "cannot be used" if outcome.template is None else "loses some of its parts"
    print(f"usagebar: {subject} {verdict}", file=sys.stderr)
    for finding in outcome.diagnostics:
        print(draw(finding, name=outcome.name, text=outcome.text), file=sys.stderr)
