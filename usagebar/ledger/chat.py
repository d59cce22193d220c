"""`/usage cost` in a chat: four lines from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.engine.steps import count_text
from usagebar.engine.values import fixed_text
from usagebar.ledger.figures import Filter, Totals
from usagebar.ledger.shapes import last_days, sum_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from usagebar.ledger.storing.database import Database

_UNKNOWN = "n/a"


def usage_cost_text(database: Database, session: str | None, zone: tzinfo, now: int) -> str:
    """Return what a session, today and the last 30 days have cost.

        💸 Usage cost
        Session $1.23 · 45k tokens
        Today $0.42
        Last 30d $12.34 (partial)

    `session` is a session's id or its key; one that the ledger does not know, or None, is `Session n/a`. A sum that
    turns without a price are left out of is partial; one of such turns alone is `n/a`. `now` is in milliseconds since
    1970, and days are days of `zone`.
    """
    own = Totals() if session is None else sum_of(database, Filter(zone=zone, session=session))
    today, month = (sum_of(database, last_days(days, zone, now)) for days in (1, 30))
    known = f" · {tokens_text(own.tokens)} tokens" if own.tokens else ""
    session_line = f"Session {_amount(own)}{known}" if own.turns else f"Session {_UNKNOWN}"
    return "\n".join(("💸 Usage cost", session_line, f"Today {_amount(today)}", f"Last 30d {_amount(month)}"))


def _amount(totals: Totals) -> str:
    usd = totals.usd
    if usd is None:
        return _UNKNOWN
    return money_text(usd) + (" (partial)" if totals.unpriced else "")


def money_text(usd: float) -> str:
    """Return US dollars as chats show them: two decimals from a cent on, else four."""
    return f"${fixed_text(usd, 2 if usd >= 0.01 else 4)}"


def tokens_text(tokens: int) -> str:
    """Return a count as the footer's plain line shows it: `340`, `1.2k`, `12k`, `1.2m`."""
    return count_text(tokens) if tokens < 1_000_000 else f"{fixed_text(tokens / 1_000_000, 1)}m"
