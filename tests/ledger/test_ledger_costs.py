"""What turns cost that did not report it: the same as `turn_cost` tells, in bulk; and whose prices those are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_parts import NOON, counts, empty_home, milliseconds, put, turn

from usagebar.ledger.costs import Pricer
from usagebar.ledger.price_dates import PriceSource, source_of
from usagebar.ledger.storing.database import Database
from usagebar.ledger.turns import ESTIMATED, REPORTED
from usagebar.pricing import PriceError, configured_prices, load_prices, turn_cost

OWN = {"m": {"input": 1, "output": 2, "cache_read": 0.1, "cache_write": 1.25, "cache_write_1h": 2}}
TIERED = {"m": {"input": 1, "output": 2, "above": {"1000": {"input": 10, "output": 20}}}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield empty_home(tmp_path, monkeypatch)
    configured_prices.cache_clear()


@pytest.mark.parametrize(
    ("fields", "dollars"),
    [
        # 100 in at 1 and 10 out at 2 a million.
        ({}, 120e-6),
        ({"cache_read": 1000}, 220e-6),
        ({"cache_write_5m": 1000}, 1370e-6),
        ({"cache_write_1h": 1000}, 2120e-6),
        ({"input": 0, "output": 0}, 0.0),
        ({"input": None}, None),
        ({"output": None}, None),
        ({"input": None, "output": None, "cache_read": None}, None),
        ({"model": None}, None),
        ({"model": "other"}, None),
        ({"model": " "}, None),
        ({"timestamp": None}, 120e-6),
        ({"input": 10**12}, None),  # more than any request costs
    ],
)
def test_an_estimate(fields: dict[str, Any], dollars: float | None) -> None:
    given_turn = turn(**fields)
    priced = Pricer(OWN).priced(given_turn)
    if dollars is None:
        assert priced == given_turn
        return
    assert priced == given_turn._replace(cost_usd=priced.cost_usd, cost_source=ESTIMATED, prices="<mapping>")
    assert priced.cost_usd == pytest.approx(dollars, abs=1e-15)


def test_a_cost_that_was_reported_stays() -> None:
    reported = turn(cost_usd=0.0, cost_source=REPORTED)
    assert Pricer(OWN).priced(reported) is reported


def test_no_prices_no_estimates() -> None:
    pricer = Pricer(False)
    assert pricer.priced(turn(model="gpt-5")) == turn(model="gpt-5")
    assert pricer.price_sources() == []


@pytest.mark.parametrize(("tokens", "threshold"), [(990, None), (1000, None), (1001, 1000)])
def test_a_tier_is_of_the_whole_request_and_is_told(tokens: int, threshold: int | None) -> None:
    priced = Pricer(TIERED).priced(turn(input=tokens))
    assert priced.long_context == threshold
    assert priced.cost_usd == pytest.approx((tokens + 20) * (1 if threshold is None else 10) / 1e6)


def test_several_requests_have_no_cost_above_a_threshold() -> None:
    assert Pricer(TIERED).priced(turn(input=1001), requests=2).cost_usd is None
    assert Pricer(TIERED).priced(turn(input=1000), requests=2).cost_usd is not None


def test_what_another_model_would_have_cost() -> None:
    pricer = Pricer({**OWN, "n": {"input": 10, "output": 10}})
    reported = turn(cost_usd=5.0, cost_source=REPORTED, provider="somebody")
    assert pricer.cost_as(reported, "n") == pytest.approx(1100e-6)
    assert pricer.cost_as(reported, "nobody's") is None
    as_n = Pricer({**OWN, "n": {"input": 10, "output": 10}}, as_model="n")
    priced = as_n.priced(reported)
    assert (priced.cost_source, priced.prices, priced.model) == (ESTIMATED, "<mapping>", "m")
    assert priced.cost_usd == pytest.approx(1100e-6)
    unknown = Pricer(OWN, as_model="nobody's").priced(reported)
    assert (unknown.cost_usd, unknown.cost_source, unknown.model) == (None, None, "m")


MODELS = (
    *(
        "claude-opus-4-5",
        "claude-sonnet-4-5-20250929",
        "anthropic/claude-haiku-4-5",
        "us.anthropic.claude-opus-4-5-v1:0",
    ),
    *("gpt-5.2", "gpt-4o", "gemini-2.5-pro", "deepseek-chat", "m", "nobody's", "", "qwen3:32b"),
)


@given(
    model=st.sampled_from(MODELS),
    provider=st.sampled_from((None, "anthropic", "openai", "litellm", "nobody")),
    tokens=st.tuples(counts, counts, counts, counts, counts),
    at=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
    flags=st.tuples(st.sampled_from((None, False, True)), st.sampled_from((None, False, True))),
)
def test_estimates_are_those_of_turn_cost(
    model: str,
    provider: str | None,
    tokens: tuple[int | None, ...],
    at: datetime,
    flags: tuple[bool | None, bool | None],
) -> None:
    names = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    usage = dict(zip(names, tokens, strict=True))
    moment = at.replace(microsecond=0, tzinfo=UTC)
    is_fast, is_batch = flags
    context = ({"processing": "batch"} if is_batch else {}) | ({"speed": "fast"} if is_fast else {})
    expected = turn_cost(usage, model, provider=provider, at=moment, prices=PRICES, context=context or None)
    found = PRICER.priced(
        turn(model=model, provider=provider, timestamp=milliseconds(moment), fast=is_fast, batch=is_batch, **usage)
    )
    if expected is None or expected.usd > 100_000:
        assert found.cost_usd is None
    else:
        assert (found.cost_usd, found.long_context) == (expected.usd, expected.long_context)
        assert source_of(found.prices or "").name == expected.prices


PRICES = load_prices(OWN)
PRICER = Pricer(PRICES)


def test_the_price_of_the_time_it_was() -> None:
    # The price of this model went down in June 2025.
    before, after = (
        Pricer().priced(turn(model="o3", provider="openai", timestamp=milliseconds(datetime(*day, tzinfo=UTC))))
        for day in ((2025, 5, 1), (2025, 7, 1))
    )
    assert before.cost_usd is not None
    assert after.cost_usd is not None
    assert before.cost_usd > after.cost_usd


def test_batches_have_prices_of_their_own() -> None:
    at = milliseconds(datetime(2026, 11, 20, tzinfo=UTC))
    plain, batch = (
        Pricer().priced(turn(model="claude-opus-4-5", timestamp=at, batch=flag)).cost_usd for flag in (None, True)
    )
    assert plain is not None
    assert batch == pytest.approx(plain / 2)


# ---------------------------------------------------------------- whose prices, and of when


def test_the_label_of_a_file_has_the_day_it_was_changed(home: Path) -> None:
    path = put(home / "mine.json", '{"m": {"input": 1, "output": 2}}')
    os.utime(path, (milliseconds(NOON) / 1000,) * 2)
    pricer = Pricer(str(path))
    assert pricer.priced(turn()).prices == "mine.json (2026-02-05)"
    assert pricer.price_sources()[0] == PriceSource("mine.json", "2026-02-05")


def test_configured_prices_have_days_too(home: Path) -> None:
    own = put(home / ".config/usagebar/prices.json", '{"m": {"input": 1, "output": 2}}')
    openclaw = put(
        home / ".openclaw/openclaw.json",
        '{"models": {"providers": {"p": {"models": [{"id": "n", "cost": {"input": 7, "output": 7}}]}}}}',
    )
    for path, day in ((own, 5), (openclaw, 6)):
        os.utime(path, (datetime(2026, 2, day, 12, tzinfo=UTC).timestamp(),) * 2)
    configured_prices.cache_clear()
    pricer = Pricer()
    assert pricer.priced(turn()).prices == "prices.json (2026-02-05)"
    assert pricer.priced(turn(model="n", provider="p")).prices == "openclaw.json (2026-02-06)"
    names = [source.name for source in pricer.price_sources()]
    assert names[:2] == ["prices.json", "openclaw.json"]
    assert names[2].startswith("genai-prices ")


def test_genai_prices_is_of_the_day_of_its_newest_price() -> None:
    (source,) = Pricer({}).price_sources()
    assert source.date is not None
    assert "2025-01-01" < source.date <= datetime.now(UTC).date().isoformat()
    assert Pricer({}).priced(turn(model="gpt-5.2")).prices == f"{source.name} ({source.date})"


def test_prices_that_a_program_replaces_hold_at_once() -> None:
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
    from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice, Provider

    price = ModelPrice(input_mtok=Decimal(5), output_mtok=Decimal(0))
    info = ModelInfo(id="gpt-5.2", match=ClauseEquals(equals="gpt-5.2"), prices=price)
    provider = Provider(
        id="openai", name="OpenAI", api_pattern="x", model_match=ClauseEquals(equals="gpt-5.2"), models=[info]
    )
    pricer = Pricer({})
    bundled = pricer.priced(turn(model="gpt-5.2"))
    set_custom_snapshot(DataSnapshot(providers=[provider], from_auto_update=False))
    try:
        replaced = pricer.priced(turn(model="gpt-5.2"))
    finally:
        set_custom_snapshot(None)
    assert replaced.cost_usd == pytest.approx(500e-6)
    assert (replaced.prices or "").endswith(", custom")
    assert pricer.priced(turn(model="gpt-5.2")) == bundled


@pytest.mark.parametrize(
    ("label", "name", "date"),
    [
        ("prices.json (2026-02-05)", "prices.json", "2026-02-05"),
        ("genai-prices 0.2.3, updated 2026-02-05", "genai-prices 0.2.3", "2026-02-05"),
        ("genai-prices 0.2.3, custom", "genai-prices 0.2.3, custom", None),
        ("my prices (old).json", "my prices (old).json", None),
        ("my prices (2026-13-01)", "my prices (2026-13-01)", None),
        ("(2026-02-05)", "(2026-02-05)", None),
        ("", "", None),
    ],
)
def test_a_label_taken_apart(label: str, name: str, date: str | None) -> None:
    assert source_of(label) == PriceSource(name, date)


def test_prices_that_cannot_be_read(home: Path) -> None:
    with pytest.raises(PriceError, match=r"bad\.json:1:15: .* expected a price"):
        Pricer(str(put(home / "bad.json", '{"m":{"input":"x"}}')))
    put(home / ".config/usagebar/prices.json", "[")
    configured_prices.cache_clear()
    pricer = Pricer()
    with pytest.raises(PriceError, match=r"prices\.json"):
        pricer.priced(turn())


def test_names_without_end_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usagebar.ledger.costs.MAX_CACHED_NAMES", 10)
    pricer = Pricer(OWN)
    for number in range(100):
        pricer.priced(turn(model=f"x{number}"))
    assert len(pricer._rates) <= 10
    assert pricer.priced(turn()).cost_usd is not None


# ---------------------------------------------------------------- rates that are remembered


def test_the_rates_of_a_database_are_those_of_genai_prices(home: Path) -> None:
    given_turn = turn(model="claude-opus-4-5", cache_read=5000)
    with Database.open(home / "ledger.sqlite") as database:
        first = Pricer.of(database)
        priced = first.priced(given_turn)
        first.remember(database)
        again = Pricer.of(database)
        assert again.priced(given_turn) == priced == Pricer().priced(given_turn)


def test_remembered_rates_need_no_import(home: Path) -> None:
    code = (
        "import sys\n"
        "from usagebar.ledger.costs import Pricer\n"
        "from usagebar.ledger.storing.database import Database\n"
        "from usagebar.ledger.turns import TurnRecord\n"
        "with Database.open(sys.argv[1]) as database:\n"
        "    pricer = Pricer.of(database)\n"
        "    turn = TurnRecord(b'', 'api', model='gpt-5.2', input=1000000, output=0, timestamp=1770000000000)\n"
        "    print(pricer.priced(turn).cost_usd, pricer.priced(turn).prices, 'genai_prices' in sys.modules, sep='|')\n"
        "    print(pricer.price_sources())\n"
        "    pricer.remember(database)\n"
    )
    run = [sys.executable, "-c", code, str(home / "ledger.sqlite")]
    first, second = (subprocess.run(run, capture_output=True, check=True, text=True).stdout for _ in range(2))
    assert first.splitlines()[0].endswith("|True")
    assert second == first.replace("|True", "|False")
