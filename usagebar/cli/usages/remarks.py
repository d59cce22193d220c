"""What a reader of a report must know beside its sums: what has no price, which prices, what was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from usagebar.cli.usages.amounts import of
from usagebar.cli.usages.cells import shortened, visible_lines
from usagebar.cli.usages.dimensions import BLOCKS
from usagebar.cli.usages.rows import sums_by
from usagebar.diagnostics import visible
from usagebar.ledger.turns import REPORTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.cli.usages.request import Request
    from usagebar.cli.usages.rows import Rows, Values
    from usagebar.ledger.figures import Totals
    from usagebar.ledger.storing.database import Database

_MOST_NAMES = 5  # of models, in a sentence
_LONGEST_NAME = 40  # cells


class PricesUsed(NamedTuple):
    """Name whose prices the costs of some turns are by: `reported`, or a list and the day that it is of if it tells."""

    source: str
    date: str | None
    turns: int


class Remarks(NamedTuple):
    """Hold what is to be said of the turns in a report.

    `unpriced` are models and how many of their turns have no price, the most first; `long_context` are thresholds in
    prompt tokens and how many turns were priced by the tier above them. `notes` are sentences.
    """

    turns: int
    unpriced: list[tuple[str | None, int]]
    prices: list[PricesUsed]
    long_context: list[tuple[int, int]]
    incomplete: int
    notes: list[str]


def remarks(database: Database, request: Request, found: Rows, notes: list[str]) -> Remarks:
    """Return the remarks on the turns of a report, with these notes."""
    unpriced: dict[str | None, int] = {}
    labels: dict[str, int] = {}
    tiers: dict[int, int] = {}
    turns = incomplete = 0
    for (model, label, tier), totals in _sums(database, request, found).items():
        turns, incomplete = turns + totals.turns, incomplete + totals.incomplete
        priced = totals.turns - totals.unpriced
        _count(unpriced, model, totals.unpriced)
        _count(labels, label or REPORTED, priced)
        if tier is not None:
            _count(tiers, int(tier), priced)
    return Remarks(
        turns,
        sorted(unpriced.items(), key=lambda item: (-item[1], item[0] or "")),
        _prices(labels),
        sorted(tiers.items()),
        incomplete,
        [*notes, *found.notes],
    )


def _sums(database: Database, request: Request, found: Rows) -> dict[Values, Totals]:
    if request.report == BLOCKS:
        from usagebar.cli.usages.windows import sums_in_windows  # noqa: PLC0415 - one report of many

        return sums_in_windows(database, request, found)
    return sums_by(database, request, ("model", "prices", "tier"))


def _count(counts: dict[Any, int], name: object, turns: int) -> None:
    if turns:
        counts[name] = counts.get(name, 0) + turns


def _prices(labels: dict[str, int]) -> list[PricesUsed]:
    """Return the prices of labels, those of the most turns first."""
    from usagebar.ledger.price_dates import source_of  # noqa: PLC0415 - an empty ledger has no prices

    by_turns = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    return [PricesUsed(*source_of(label), turns) for label, turns in by_turns]


def sentences(found: Remarks) -> list[str]:
    """Return the remarks in sentences for people; one on the costs that are marked `*` starts with it."""
    return [
        *_of_unpriced(found),
        *_of_prices(found),
        *_of_tiers(found),
        *_of_incomplete(found),
        *map(visible_lines, found.notes),
    ]


def _of_unpriced(found: Remarks) -> Iterator[str]:
    unpriced = sum(turns for _, turns in found.unpriced)
    if unpriced:
        names = [shortened(visible(model or "(no model)"), _LONGEST_NAME) for model, _ in found.unpriced]
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        mark = "* " if unpriced < found.turns else ""
        has = "has" if unpriced == 1 else "have"
        yield f"{mark}{unpriced:,} of {of(found.turns, 'turn')} {has} no price: {', '.join(names[:_MOST_NAMES])}{more}"


def _of_prices(found: Remarks) -> Iterator[str]:
    parts = []
    for used in found.prices:
        if used.source == REPORTED:
            parts.append(f"{of(used.turns, 'turn')} as reported")
        else:
            dated = f" of {used.date}" if used.date else ""
            parts.append(f"{of(used.turns, 'turn')} by {visible(used.source)}{dated}")
    if parts:
        yield f"prices: {', '.join(parts)}"


def _of_tiers(found: Remarks) -> Iterator[str]:
    for threshold, turns in found.long_context:
        yield f"long-context prices above {threshold:,} prompt tokens applied to {of(turns, 'turn')}"


def _of_incomplete(found: Remarks) -> Iterator[str]:
    if found.incomplete:
        has = "has" if found.incomplete == 1 else "have"
        yield f"{of(found.incomplete, 'turn')} {has} no count of input or of output"
