"""`CostTracker`: what the runs of a program have used and cost, in memory."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from usagebar.ledger.costs import Pricer
from usagebar.ledger.facts import named
from usagebar.ledger.figures import PICO
from usagebar.ledger.tracking.exports import decimal_usd, harmless, write_whole
from usagebar.ledger.tracking.result_figures import is_more
from usagebar.ledger.tracking.results import read_result
from usagebar.pricing.configured import configured_prices
from usagebar.pricing.errors import PriceError
from usagebar.pricing.prices import load_prices

if TYPE_CHECKING:
    import os

    from usagebar.ledger.tracking.results import Result
    from usagebar.ledger.turns import TurnRecord
    from usagebar.pricing.prices import Prices, Source

UNKNOWN, OTHER = "unknown", "other"
MOST_NAMES = 10_000  # of agents and of models, where the memory is to be bounded
_COLUMNS = (
    *("timestamp", "agent_id", "model", "input_tokens", "output_tokens", "cost_usd"),
    *("cache_read_tokens", "cache_write_tokens", "total_tokens"),
)


class Run(NamedTuple):
    """Hold one run; None is unknown. Tokens are disjoint: `input_tokens` are those outside the cache.

    `timestamp` is in ISO 8601, UTC; `cost_pico` in picodollars, `cost_source` is "reported" or "estimated".
    """

    timestamp: str
    agent_id: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    total_tokens: int | None
    cost_pico: int | None
    cost_source: str | None

    @property
    def cost_usd(self) -> float | None:
        """What it cost, in US dollars."""
        return None if self.cost_pico is None else self.cost_pico / PICO

    def as_dict(self) -> dict[str, Any]:
        """Return the run as an export has it."""
        fields = self._asdict()
        del fields["cost_pico"]
        return {**fields, "model": self.model or UNKNOWN, "cost_usd": self.cost_usd}


class _Sums:
    """Add up runs, each figure over those of which it is known."""

    def __init__(self) -> None:
        self.runs = self.unpriced = self.input = self.output = self.total = self.pico = 0

    def add(self, run: Run) -> None:
        self.runs += 1
        self.input += run.input_tokens or 0
        self.output += run.output_tokens or 0
        self.total += _known_total(run)
        if run.cost_pico is None:
            self.unpriced += 1
        else:
            self.pico += run.cost_pico

    @property
    def usd(self) -> float | None:
        return None if self.runs and self.unpriced == self.runs else self.pico / PICO

    def as_dict(self) -> dict[str, Any]:
        return {
            "run_count": self.runs,
            "total_tokens": self.total,
            "input_tokens": self.input,
            "output_tokens": self.output,
            "cost_usd": self.usd,
            "unpriced_runs": self.unpriced,
        }


def _known_total(run: Run) -> int:
    if run.total_tokens is not None:
        return run.total_tokens
    parts = (run.input_tokens, run.cache_read_tokens, run.cache_write_tokens, run.output_tokens)
    return sum(tokens or 0 for tokens in parts)


class CostTracker:
    """Add up what runs used and cost, by agent and by model.

        tracker = CostTracker()
        tracker.record(result)
        print(tracker.summary()["total_cost_usd"])

    `pricing` comes before all other prices: a mapping such as `{"my-model": {"input_cost_per_million": 3.0,
    "output_cost_per_million": 15.0}}` in US dollars, or whatever `usagebar.pricing.load_prices` takes. `max_runs` is
    how many runs are kept for the exports, the latest ones; the sums go on over all. With it, the first 10,000 agents
    and models have sums of their own, and all further ones together, as `other`. It may be shared between threads.
    Raises `PriceError` for a price that is none, `TypeError` or `ValueError` for a `max_runs` that is no count of runs.
    """

    def __init__(self, pricing: Source | None = None, *, max_runs: int | None = None) -> None:
        if max_runs is not None and (not isinstance(max_runs, int) or isinstance(max_runs, bool)):
            raise TypeError(f"expected max_runs to be a whole number, found {type(max_runs).__name__}")
        if max_runs is not None and max_runs < 0:
            raise ValueError(f"expected max_runs to be at least 0, found {max_runs}")
        configured = _configured()
        self._given: Prices | None = None if pricing is None else load_prices(pricing, configured)
        self._pricer = Pricer(configured if self._given is None else self._given)
        self._lock = threading.Lock()
        self._max_runs = max_runs
        self._clear()

    def _clear(self) -> None:
        self._runs: deque[Run] = deque(maxlen=self._max_runs)
        self._all = _Sums()
        self._by_agent: dict[str, _Sums] = {}
        self._by_model: dict[str, _Sums] = {}

    def record(
        self,
        result: object,
        *,
        agent_id: str | int | None = None,
        model: str | None = None,
        at: datetime | None = None,
    ) -> Run:
        """Add a run and return it.

        `result` is an object or a mapping with a model, an agent, a usage or token counts, under any of their usual
        names; a contract; what `usagebar.contract.from_response` reads; or a `TurnRecord`. `agent_id` and `model` come
        before what it says, `at` is when it was, by default the time of the record, else now; without a zone it is UTC.
        What it does not say is unknown, and so is a figure that is no number, or negative. A cost that it reports, such
        as `cost_usd`, `total_cost` or `usage.cost`, comes before all prices.
        Raises `ContractError` for what is no result at all, a number or an object without any of these, `TypeError` for
        an `agent_id`, `model` or `at` of another type.
        """
        agent, name = (_named("agent_id", agent_id), _named("model", model))
        when = _when(at)
        read = read_result(result, prices=self._given, model=name, at=when)
        if at is None and read.turn.timestamp is not None:
            when = _at(read.turn.timestamp) or when
        run = self._run(read, agent, name, when)
        with self._lock:
            self._runs.append(run)
            for sums in (
                self._all,
                self._sums_of(run.agent_id, self._by_agent),
                self._sums_of(run.model, self._by_model),
            ):
                sums.add(run)
        return run

    def _sums_of(self, name: str | None, groups: dict[str, _Sums]) -> _Sums:
        name = name or UNKNOWN
        if name not in groups and self._max_runs is not None and len(groups) >= MOST_NAMES:
            name = OTHER
        return groups.setdefault(name, _Sums())

    def _run(self, result: Result, agent_id: str | None, model: str | None, at: datetime) -> Run:
        turn = result.turn
        turn = turn._replace(
            agent_id=agent_id or turn.agent_id,
            model=model or turn.model,
            timestamp=round(at.timestamp() * 1000),
        )
        if result.requests:
            turn = self._pricer.priced(turn, requests=result.requests)
        return _run_of(turn, result.total, at)

    def summary(self) -> dict[str, Any]:
        """Return the sums over all runs, and by agent and by model.

        Costs are in US dollars: the sum over the runs that have one, None if none of them has; `unpriced_runs` counts
        the others. `total_tokens` has the cached ones too, `input_tokens` only those outside the cache.
        """
        with self._lock:
            return self._summary()

    def _summary(self) -> dict[str, Any]:
        whole = self._all
        return {
            "total_input_tokens": whole.input,
            "total_output_tokens": whole.output,
            "total_tokens": whole.total,
            "total_cost_usd": whole.usd,
            "run_count": whole.runs,
            "unpriced_runs": whole.unpriced,
            "by_agent": {name: sums.as_dict() for name, sums in self._by_agent.items()},
            "by_model": {name: sums.as_dict() for name, sums in self._by_model.items()},
        }

    @property
    def runs(self) -> list[Run]:
        """The runs that are kept, the oldest first."""
        with self._lock:
            return list(self._runs)

    def reset(self) -> None:
        """Forget all runs."""
        with self._lock:
            self._clear()

    def export_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the runs that are kept as a CSV file, a row each; what is unknown is an empty cell.

        Texts that a spreadsheet would take for a formula get an apostrophe. Raises `OSError` if it cannot be written;
        a file that was there is then as it was.
        """
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(_COLUMNS)
        rows.writerows(map(_row, self.runs))
        write_whole(path, text.getvalue().encode("utf-8", "replace"))

    def export_json(self, path: str | os.PathLike[str]) -> None:
        """Write the `summary` and the `runs` that are kept as a JSON file; what is unknown is null.

        Raises `OSError` if it cannot be written; a file that was there is then as it was.
        """
        with self._lock:
            summary, runs = self._summary(), list(self._runs)
        document = {"summary": summary, "runs": [run.as_dict() for run in runs]}
        write_whole(path, json.dumps(document, indent=2, allow_nan=False).encode() + b"\n")


def _run_of(turn: TurnRecord, reported_total: int | None, at: datetime) -> Run:
    written = None
    if turn.cache_write_5m is not None or turn.cache_write_1h is not None:
        written = (turn.cache_write_5m or 0) + (turn.cache_write_1h or 0)
    total = reported_total
    if turn.input is not None and turn.output is not None and not is_more(total, turn):
        total = turn.input + turn.output + (turn.cache_read or 0) + (written or 0)
    return Run(
        timestamp=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        agent_id=turn.agent_id,
        model=turn.model,
        input_tokens=turn.input,
        output_tokens=turn.output,
        cache_read_tokens=turn.cache_read,
        cache_write_tokens=written,
        total_tokens=total,
        cost_pico=None if turn.cost_usd is None else round(turn.cost_usd * PICO),
        cost_source=turn.cost_source,
    )


def _row(run: Run) -> list[str]:
    cells = {**run._asdict(), "model": harmless(run.model or UNKNOWN), "agent_id": harmless(run.agent_id or "")}
    cells["cost_usd"] = None if run.cost_pico is None else decimal_usd(run.cost_pico)
    return ["" if cells[name] is None else str(cells[name]) for name in _COLUMNS]


def _when(at: datetime | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    if not isinstance(at, datetime):
        raise TypeError(f"expected at to be a datetime, found {type(at).__name__}")
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)


def _at(moment: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(moment / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # no calendar has such a year
        return None


def _named(field: str, value: object) -> str | None:
    return None if value is None else named(field, value) or None


def _configured() -> Prices:
    try:
        return configured_prices()
    except PriceError as error:
        # Fail open: runs are counted all the same, those of models that such a file would price as without a price.
        import logging  # noqa: PLC0415 - only to complain

        logging.getLogger("usagebar").warning("no cost is estimated by the configured prices: %s", error)
        return load_prices()
