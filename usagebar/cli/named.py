"""The bar of a template that is named by an option, by the environment or by OpenClaw's configuration."""

from __future__ import annotations

import os
import sys
from _collections_abc import Mapping

from usagebar.diagnostics import draw
from usagebar.engine.values import trim
from usagebar.engine.verbs import VERBS
from usagebar.record import Record
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
    subject, outcome = configured_outcome(option, variable, config)
    if outcome is None:
        return builtin_bar()
    if outcome.diagnostics:
        report(subject, outcome)
    if outcome.template is None:
        return None
    return bar_of(outcome, VERBS)


def configured_outcome(option: str | None, variable: str, config: str) -> tuple[str, Outcome | None]:
    """Return what names the template, in words, and what it comes to; None if nothing is named."""
    named = what_is_named(option, variable, config)
    return named.subject, named.outcome()


class Named(Record):
    """What names the template, in words, and what it names: None if nothing, an `Outcome` if it cannot be asked."""

    subject: str
    source: Any = None

    def outcome(self) -> Outcome | None:
        """Return what the named template comes to; None if none is named."""
        return self.source if isinstance(self.source, Outcome | None) else examine(self.source)


def what_is_named(option: str | None, variable: str, config: str) -> Named:
    """Return what the first of these names: an option's value, an environment variable, OpenClaw's configuration."""
    if option is not None:
        return Named("the template named by --template", option)  # also an empty one: it was meant to name some
    value = os.environ.get(variable, "")
    if trim(value):
        return Named(f"the template named by {variable}", value)
    return _in_openclaw_config(config)


def _in_openclaw_config(config: str) -> Named:
    path, subject = os.path.expanduser(config), "OpenClaw's configuration"
    try:
        text = decoded(snapshot(path).data)
    except Missing:
        return Named(subject)
    except Unreadable as error:
        return Named(subject, unreadable(path, error))
    if significant(text) == len(text):
        return Named(subject)
    try:
        found = decode_text(text)
    except Refused as refused:
        return Named(subject, refusal(refused, path, text))
    messages = found.get("messages") if isinstance(found, Mapping) else None
    source = messages.get("usageTemplate") if isinstance(messages, Mapping) else None
    is_blank = isinstance(source, str) and not trim(source)
    return Named(f"the template named by {KEY} in {config}", None if is_blank else source)


def report(subject: str, outcome: Outcome) -> None:
    """Draw the findings of a template on standard error, below a line that says what they cost."""
    verdict = "cannot be used" if outcome.template is None else "loses some of its parts"
    print(f"usagebar: {subject} {verdict}", file=sys.stderr)
    for finding in outcome.diagnostics:
        print(draw(finding, name=outcome.name, text=outcome.text), file=sys.stderr)
