"""What the tests of the ledger's Python interface share: turns, contracts, and a home without anything in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from usagebar.contract.openclaw import SCHEMA
from usagebar.ledger.turns import API, ESTIMATED, TurnRecord, turn_key
from usagebar.pricing import configured_prices

VARIABLES = (
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "CLAUDE_CONFIG_DIR", "OPENCLAW_DIR"),
    *("USAGEBAR_PRICES", "USAGEBAR_BUDGETS", "USAGEBAR_LEDGER", "USAGEBAR_MACHINE"),
)
# A Thursday in winter, at noon UTC.
NOON = datetime(2026, 2, 5, 12, tzinfo=UTC)


def empty_home(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Make a folder the home, and configure nothing."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    patch.setenv("HOME", str(home))
    for name in VARIABLES:
        patch.delenv(name, raising=False)
    configured_prices.cache_clear()
    return home


def put(path: Path, text: str) -> Path:
    """Write a file, and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def turn(**fields: Any) -> TurnRecord:
    """Return a turn of 100 tokens in and 10 out, without a cost."""
    known: dict[str, Any] = {"model": "m", "input": 100, "output": 10, "timestamp": milliseconds(NOON)}
    return TurnRecord(turn_key(API, str(fields)), API, **{**known, **fields})


def contract(**sections: Any) -> dict[str, Any]:
    """Return the contract of a turn of 100 tokens in and 10 out that has cost 25 cents."""
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "surface": "discord",
        "agentId": "main",
        "session": {"id": "s1"},
        "model": {"id": "m", "provider": "p"},
        "usage": {"input_tokens": 100, "output_tokens": 10},
        "cost": {"turn_usd": 0.25, "available": True, "source": "reported"},
    }
    return {name: section for name, section in {**whole, **sections}.items() if section is not None}


counts = st.none() | st.integers(0, 10**9)
usd = st.none() | st.floats(0, 1000, allow_nan=False).map(abs)


def turns_of(**given: Any) -> st.SearchStrategy[TurnRecord]:
    """Generate turns of few names and of days around `NOON`."""
    fields: dict[str, Any] = {
        "key": st.binary(min_size=16, max_size=16),
        "runtime": st.just(API),
        "session_id": st.sampled_from((None, "s1", "s2")),
        "agent_id": st.sampled_from((None, "a", "b")),
        "model": st.sampled_from((None, "m", "n")),
        "timestamp": st.integers(-40 * 24, 24).map(lambda hours: milliseconds(NOON) + hours * 3_600_000),
        **dict.fromkeys(("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"), counts),
        **dict.fromkeys(("machine", "origin", "project", "provider", "reasoning", "latency_ms"), st.none()),
        **dict.fromkeys(("long_context", "fast", "batch", "sidechain"), st.none()),
        "tools": st.just(()),
        "cost_usd": usd,
        "cost_source": st.just(ESTIMATED),
        "prices": st.just("list (2026-01-01)"),
    }
    return st.builds(TurnRecord, **{**fields, **given}).map(_consistent)


def _consistent(found: TurnRecord) -> TurnRecord:
    return found if found.cost_usd is not None else found._replace(cost_source=None, prices=None)
