"""`Ledger`: what a program records of its turns, and what they have cost so far."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from usagebar.figures import mapping, text
from usagebar.ledger.budgets import (
    Budget,
    BudgetState,
    budget_states,
    budgets_of,
    check_budgets,
    most_used,
    newly_reached,
)
from usagebar.ledger.chat import usage_cost_text
from usagebar.ledger.contracts import contract_of, read_contract
from usagebar.ledger.costs import Pricer
from usagebar.ledger.enriching import enriched
from usagebar.ledger.errors import LedgerError
from usagebar.ledger.facts import key_of, known_facts, known_id, moment_of
from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.machine import machine_name
from usagebar.ledger.shapes import day_of, sessions_usage, sum_of, usage_cost
from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import TurnRecord
from usagebar.ledger.zones import zone_of
from usagebar.pricing.errors import PriceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from usagebar.contract.model import UsageContract
    from usagebar.contract.turn import Turn
    from usagebar.ledger.importing import Imported
    from usagebar.pricing.prices import Source

    Recorded = Mapping[str, Any] | UsageContract | Turn | TurnRecord
    OnBudget = Callable[[BudgetState, int], object]

_KEY_BYTES = 16
_DAYS = 30


class Ledger:
    """Keep the turns of programs and of the runtimes' logs, and tell what they have used and cost.

        ledger = Ledger()
        ledger.record(contract, key=str(message.id))
        footer = bar.render(ledger.enrich(contract), "discord")

    Args:
        url: the database: a path, `sqlite:///path` or `:memory:`; None: what `USAGEBAR_LEDGER` names, else
            `usagebar/ledger.sqlite` in the user's data folder.
        timezone: the zone whose days are meant by "today", a name or a `tzinfo`; None: the system's.
        budgets: `Budget`s, or the path of a file of them; None: those that are configured.
        prices: what estimates are by, as `usagebar.pricing.turn_cost` takes it; False: no estimates.
        on_budget: is called with a `BudgetState` and a threshold in percent, once for each threshold that a budget
            reaches in its period. What it raises is logged, once, and stops nothing.

    Where the database cannot be written, what is recorded is kept until the ledger is closed, and lost then: a warning
    is logged once at opening (logger `usagebar`), and `note` says why. It may be shared between threads.
    Raises `LedgerError` for a database, a zone or budgets that cannot be used, and `PriceError` for prices that cannot
    be read.
    """

    def __init__(
        self,
        url: str | os.PathLike[str] | None = None,
        *,
        timezone: str | tzinfo | None = None,
        budgets: Iterable[Budget] | str | os.PathLike[str] | None = None,
        prices: Source | Literal[False] | None = None,
        on_budget: OnBudget | None = None,
    ) -> None:
        self.zone = zone_of(timezone)
        self.budgets = budgets_of(budgets)
        self._are_prices_configured = prices is None
        self._on_budget = on_budget
        self._warned: set[str] = set()
        self._machine = machine_name()
        self.database = Database.open(url, zone=self.zone)
        if self.database.note is not None:
            self._warn("note", self.database.note)
        try:
            self._pricer = Pricer.of(self.database, prices)
        except BaseException:
            self.database.close()
            raise

    def __repr__(self) -> str:
        return f"<Ledger {self.path or 'in memory'}>"

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; nothing can be recorded or asked any more."""
        self.database.close()

    @property
    def path(self) -> str | None:
        """The path of the database; None if there is no file."""
        return self.database.path

    @property
    def note(self) -> str | None:
        """Why nothing is kept, in a sentence; None if it is."""
        return self.database.note

    # ------------------------------------------------------------ what goes in

    def record(  # noqa: PLR0913 - by name, what a contract does not say
        self,
        turn: Recorded,
        *,
        key: str | int | None = None,
        at: datetime | None = None,
        session_id: str | int | None = None,
        agent_id: str | int | None = None,
        origin: str | None = None,
        project: str | None = None,
        tools: Iterable[str | tuple[str, str]] | None = (),
        latency_ms: float | None = None,
    ) -> TurnRecord | None:
        """Store a turn and return its record; None, and nothing stored, if it says of no tokens and no cost.

        Args:
            turn: a contract as a mapping, a `UsageContract` or a `Turn`; or a `TurnRecord` of your own.
            key: what tells the turn from all others that you record, such as a chat's and a message's id together.
                Recording it again changes nothing, if `at` is the same too. Without a key every call is a new turn.
            at: when it was, by default now; without a zone it is UTC.
            session_id, agent_id, origin, project, latency_ms: come before what the contract says.
            tools: the names of the tools that were called, or pairs of a call's id and a name.

        A turn without a cost is estimated as `turn_cost` does, never one of a subscription (`auth_mode` `oauth`). Of a
        total alone (`usage.total_tokens` without input and output) the tokens are not kept: the turn counts as one of
        unknown tokens. If the ledger has a `note`, turns are kept until it is closed and nothing is raised.
        Raises `ContractError` for a mapping that is no contract or a wrong fact, `TypeError` for anything else,
        `LedgerError` if the turn cannot be stored, as where another process keeps the file locked or the disk has
        become full. Configured prices that cannot be read, and budgets that cannot be checked, are logged, once.
        """
        facts = known_facts(
            session_id=session_id,
            agent_id=agent_id,
            origin=origin,
            project=project,
            latency_ms=latency_ms,
            tools=tools,
        )
        if isinstance(turn, TurnRecord):
            found, requests = turn, 1
        elif (read := read_contract(contract_of(turn))) is not None:
            found, requests = read
            facts |= {"key": os.urandom(_KEY_BYTES), "timestamp": now_ms(), "machine": self._machine}
        else:
            return None
        if key is not None:
            facts["key"] = key_of(key)
        if at is not None:
            facts["timestamp"] = moment_of(at)
        record = self._estimated(found._replace(**facts), requests)
        self.database.write((record,))
        self._notify(budget for budget in self.budgets if budget.fits(record.agent_id, record.model))
        return record

    def import_transcripts(self, runtimes: Sequence[str] | None = None) -> Imported:
        """Read what is new in the logs of the runtimes (`claude`, `openclaw`; None: of all), and tell what it was.

        Raises `LedgerError` if the turns cannot be stored, `PriceError` if the configured prices cannot be read.
        """
        from usagebar.ledger.importing import LOGGED, import_all  # noqa: PLC0415 - a bot has no need of it

        chosen = LOGGED if runtimes is None else tuple(runtimes)
        imported = import_all(self.database, runtimes=chosen, pricer=self._given_pricer())
        self._notify(self.budgets)
        return imported

    def _given_pricer(self) -> Pricer | None:
        # With the configured prices the import watches itself whether they have changed.
        return None if self._are_prices_configured else self._pricer

    def _estimated(self, turn: TurnRecord, requests: int) -> TurnRecord:
        if turn.cost_usd is not None or not requests:
            return turn
        try:
            priced = self._pricer.priced(turn, requests=requests)
        except PriceError as error:
            if not self._are_prices_configured:
                raise
            # Fail open: the turn is worth more than its price, and is counted as one without.
            self._warn("prices", f"no cost is estimated: {error}")
            return turn
        self._pricer.remember(self.database)
        return priced

    def _notify(self, budgets: Iterable[Budget]) -> None:
        if self._on_budget is None:
            return
        try:
            for state, threshold in newly_reached(self.database, self._states(budgets)):
                self._call(self._on_budget, state, threshold)
        except LedgerError as error:
            # An error would say that nothing is stored, as the message of this one may.
            self._warn("budgets", f"all turns are stored, but budgets cannot be checked: {error.__cause__ or error}")

    def _call(self, on_budget: OnBudget, state: BudgetState, threshold: int) -> None:
        try:
            on_budget(state, threshold)
        except Exception as error:  # noqa: BLE001 - the turn is stored, and a callback is no reason to say it is not
            self._warn("on_budget", f"on_budget raised {type(error).__name__}: {error}")

    def _warn(self, of: str, message: str) -> None:
        """Log a warning, the first of its kind."""
        if of not in self._warned:
            self._warned.add(of)
            import logging  # noqa: PLC0415 - only to complain

            logging.getLogger("usagebar").warning("%s", message)

    # ------------------------------------------------------------ what comes out

    def enrich(self, contract: Mapping[str, Any] | UsageContract | Turn) -> dict[str, Any]:
        """Return a contract with what its session, today and a budget come to, turns that were recorded included.

        Adds `cost.session_usd`, `.today_usd`, `.budget_usd` and `.budget_pct`, and the counts of `session`. What the
        contract says already stays. An amount is absent if a turn of it has no price, the tokens if a turn's are not
        known. The budget is the one that counts such turns and of which most is spent; where turns without a price are
        left out, its percentage is there only if it is 100 or more without them: a lower bound that says it is spent.
        """
        given = contract_of(contract)
        session, today = known_id(mapping(given.get("session")).get("id")), day_of(now_ms(), self.zone)
        of_session = Totals() if session is None else sum_of(self.database, Filter(zone=self.zone, session=session))
        of_today = sum_of(self.database, Filter(since=today, until=today, zone=self.zone))
        return enriched(given, of_session, of_today, self._budget_fields(given))

    def _budget_fields(self, contract: Mapping[str, Any]) -> dict[str, Any]:
        agent, model = known_id(contract.get("agentId")), text(mapping(contract.get("model")).get("id"))
        state = most_used(self._states(budget for budget in self.budgets if budget.fits(agent, model)))
        if state is None:
            return {}
        spent = {} if state.partial and not state.is_spent else {"budget_pct": state.pct}
        return {"budget_usd": state.budget.limit_usd, **spent}

    def _states(self, budgets: Iterable[Budget]) -> list[BudgetState]:
        return budget_states(self.database, budgets, self.zone, now_ms())

    def check_budgets(self) -> list[BudgetState]:
        """Return how far each budget is spent in its period, with a note on one that no stored turn is counted by."""
        return check_budgets(self.database, self.budgets, self.zone, now_ms())

    def usage_cost(self, days: int = _DAYS) -> dict[str, Any]:
        """Return the usage of the last so many days, today included, as OpenClaw's gateway tells it; see `shapes`."""
        return usage_cost(self.database, days, self.zone, now_ms())

    def sessions_usage(self, days: int = _DAYS) -> dict[str, Any]:
        """Return the usage of the sessions of the last so many days, as OpenClaw's gateway tells it; see `shapes`."""
        return sessions_usage(self.database, days, self.zone, now_ms())

    def usage_cost_text(self, session: str | None = None) -> str:
        """Return the four lines of a chat's `/usage cost`."""
        return usage_cost_text(self.database, session, self.zone, now_ms())


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
