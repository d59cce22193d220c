"""The file of budgets, read so that each wrong member is told with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usagebar.diagnostics import draw
from usagebar.engine.forms import REMARKS
from usagebar.engine.shape import is_array
from usagebar.engine.values import trim
from usagebar.ledger.budgets import Budget, expectation, is_threshold
from usagebar.ledger.errors import LedgerError
from usagebar.pricing.configured import config_home
from usagebar.pricing.document import named
from usagebar.template.findings import Finding, located, place_in_text
from usagebar.template.reading import Outcome, Refused, decode_text, refusal, unreadable
from usagebar.template.source import Missing, Unreadable, decoded, significant, snapshot

if TYPE_CHECKING:
    from usagebar.engine.pieces import Place

VARIABLE = "USAGEBAR_BUDGETS"
_PASSED_OVER = (*REMARKS, "$schema")
_REQUIRED = ("limit_usd", "period")
_MEMBERS = (*_REQUIRED, "agent", "model", "thresholds", "name")


def configured_budgets(environment: Mapping[str, str] = os.environ) -> tuple[Budget, ...]:
    """Return the budgets that are configured, none if there is no file and none is named.

    Raises `LedgerError` if the file that is named is not there, or for anything in it that is no budget.
    """
    value = environment.get(VARIABLE, "")
    if trim(value):
        return read_budgets(value)
    path = os.path.join(config_home(), "usagebar", "budgets.json")
    return read_budgets(path) if os.path.lexists(path) else ()


def read_budgets(path: str | os.PathLike[str]) -> tuple[Budget, ...]:
    """Return the budgets of a file, an array of them or an object with `budgets`; an empty file has none.

    Raises `LedgerError` with all that is wrong in it, each with its line.
    """
    name = os.path.expanduser(os.fspath(path))
    try:
        source = decoded(snapshot(name).data)
    except (Missing, Unreadable) as error:
        raise _refused(unreadable(name, error)) from None
    if significant(source) == len(source):
        return ()
    try:
        document = decode_text(source)
    except Refused as refused:
        raise _refused(refusal(refused, name, source)) from None
    reader = Reader()
    reader.document(document)
    if reader.findings:
        findings = tuple(sorted(located(reader.findings, source), key=place_in_text))
        raise _refused(Outcome(name, None, findings, text=source))
    return tuple(reader.budgets)


def _refused(outcome: Outcome) -> LedgerError:
    drawn = [draw(finding, name=outcome.name, text=outcome.text) for finding in outcome.diagnostics]
    return LedgerError("\n\n".join(["the file of budgets cannot be used", *drawn]))


class Reader:
    """Reads budgets from a document: the `budgets` in their order, and the `findings` about what is none."""

    def __init__(self) -> None:
        self.budgets: list[Budget] = []
        self.findings: list[Finding] = []

    def document(self, document: Any) -> None:
        """Read all budgets."""
        place: Place = ()
        if isinstance(document, Mapping):
            for key in document:
                if key != "budgets" and key not in _PASSED_OVER:
                    self._note((key,), f"expected `budgets`, found `{key}`", is_key=True)
            place, document = ("budgets",), document.get("budgets", [])
        if not is_array(document):
            self._note(place, f"expected an array of budgets, found {named(document)}")
            return
        for index, each in enumerate(document):
            self._budget((*place, index), each)

    def _budget(self, place: Place, value: Any) -> None:
        if not isinstance(value, Mapping):
            self._note(place, f"expected a budget (an object), found {named(value)}")
            return
        before = len(self.findings)
        members = {key: each for key, each in value.items() if key not in _PASSED_OVER}
        for key, each in members.items():
            self._member((*place, key), key, each)
        for key in _REQUIRED:
            if key not in members:
                self._note(place, f"expected a budget with `{key}`, found none")
        if len(self.findings) == before:
            self.budgets.append(Budget(**members))

    def _member(self, place: Place, key: str, value: Any) -> None:
        if key not in _MEMBERS:
            self._note(place, f"expected a member of {', '.join(_MEMBERS)}, found `{key}`", is_key=True, near=key)
        elif (expected := expectation(key, value)) is not None:
            inner = [] if key != "thresholds" or not is_array(value) else list(value)
            for index, each in enumerate(inner):
                if not is_threshold(each):
                    self._note((*place, index), f"expected {expected}, found {named(each)}")
            if not inner:
                self._note(place, f"expected {expected}, found {named(value)}")

    def _note(self, place: Place, message: str, *, is_key: bool = False, near: str = "") -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - only to complain

        found = get_close_matches(near, _MEMBERS, n=1) if near else []
        suggestion = "".join(f"did you mean `{name}`?" for name in found) or None
        self.findings.append(Finding("wrong-type", message, place, is_key=is_key, suggestion=suggestion))
