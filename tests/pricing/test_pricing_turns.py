"""What a turn costs and when it has no cost: usages, names, providers, moments, contexts, snapshots."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, Inexact, localcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot, set_custom_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

import usagebar
import usagebar.pricing
from usagebar.pricing import Cost, load_prices, turn_cost
from usagebar.pricing.catalogue import MAX_CACHED_NAMES, catalogue
from usagebar.pricing.names import LONGEST_NAME, is_local
from usagebar.record import Record

NO_FILES = load_prices()
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
REGIONAL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
USAGE = {"input_tokens": 1_000, "output_tokens": 100}


def price(usage: Any = MappingProxyType(USAGE), model: Any = "claude-sonnet-4-5", **rest: Any) -> Any:
    """Return the dollars of a turn, without any files; None for none."""
    told: dict[str, Any] = {"prices": NO_FILES, "at": NOON}
    cost = turn_cost(usage, model, **told | rest)
    return None if cost is None else cost.usd


# Claude Sonnet 4.5: 3 in, 15 out, 0.3 read, 3.75 written, 6 written for an hour; twice the input above 200,000.
USAGES: list[tuple[dict[str, Any], float | None]] = [
    ({"input_tokens": 1_000, "output_tokens": 100}, 0.0045),
    ({"input_tokens": 0, "output_tokens": 0}, 0.0),
    ({"input_tokens": 1000.0, "output_tokens": Decimal(100)}, 0.0045),
    ({"input_tokens": 1_000, "cache_read_tokens": 10_000, "output_tokens": 100}, 0.0075),
    ({"input_tokens": 1_000, "cache_write_tokens": 1_000, "output_tokens": 100}, 0.00825),
    (
        {"input_tokens": 1_000, "cache_write_tokens": 1_000, "cache_write_1h_tokens": 1_000, "output_tokens": 100},
        0.0105,
    ),
    ({"input_tokens": 1_000, "cache_write_tokens": 1_000, "cache_write_1h_tokens": 400, "output_tokens": 100}, 0.00915),
    ({"input_tokens": 1_000, "cache_write_tokens": 1_000, "cache_write_5m_tokens": 600, "output_tokens": 100}, 0.00825),
    # Parts without a total are the total.
    ({"input_tokens": 0, "cache_write_5m_tokens": 600, "cache_write_1h_tokens": 400, "output_tokens": 0}, 0.00465),
    ({"input_tokens": 0, "cache_write_1h_tokens": 400, "output_tokens": 0}, 0.0024),
    # Parts that are more than the total: no usage was like this.
    ({"input_tokens": 0, "cache_write_tokens": 300, "cache_write_1h_tokens": 400, "output_tokens": 0}, None),
    (
        {
            "input_tokens": 0,
            "cache_write_tokens": 500,
            "cache_write_5m_tokens": 200,
            "cache_write_1h_tokens": 400,
            "output_tokens": 0,
        },
        None,
    ),
    # The ledger's names, where the contract's are absent.
    ({"input": 1_000, "cache_read": 10_000, "output": 100}, 0.0075),
    ({"input": 0, "cache_write_5m": 600, "cache_write_1h": 400, "output": 0}, 0.00465),
    ({"input_tokens": 1_000, "input": 9, "output_tokens": 100, "output": 9}, 0.0045),
    ({"input_tokens": None, "input": 1_000, "output_tokens": None, "output": 100}, 0.0045),
    ({"input": 0, "cache_write": 1_000_000, "output": 0}, 3.75 * 2),
    ({"input": 1_000, "cache_write": 1_000, "cache_write_1h": 400, "output": 100}, 0.00915),
    ({"input": 0, "cache_write": 300, "cache_write_1h": 400, "output": 0}, None),
    ({"input_tokens": 0, "cache_write_tokens": 1_000, "cache_write": 9, "output_tokens": 0}, 0.00375),
    # Not known, so no cost.
    ({}, None),
    ({"output_tokens": 100}, None),
    ({"input_tokens": 1_000}, None),
    ({"input_tokens": "1000", "output_tokens": 100}, None),
    ({"input_tokens": True, "output_tokens": 100}, None),
    ({"input_tokens": 0.5, "output_tokens": 100}, None),
    ({"input_tokens": float("nan"), "output_tokens": 100}, None),
    ({"input_tokens": 10**400, "output_tokens": 100}, None),
    ({"input_tokens": 1_000, "output_tokens": -100}, None),
    # A cache count that is not there counts nothing.
    ({"input_tokens": 1_000, "cache_read_tokens": None, "cache_write_tokens": None, "output_tokens": 100}, 0.0045),
    # The tier applies to the whole request, by the prompt with what was cached.
    ({"input_tokens": 200_000, "output_tokens": 100}, 0.6015),
    ({"input_tokens": 200_001, "output_tokens": 100}, 1.202256),
    ({"input_tokens": 1, "cache_read_tokens": 200_000, "output_tokens": 0}, 0.120006),
    ({"input_tokens": 1, "cache_write_1h_tokens": 200_000, "output_tokens": 0}, 2.400006),
]


@pytest.mark.parametrize(("usage", "usd"), USAGES)
def test_usages(usage: dict[str, Any], usd: float | None) -> None:
    found = price(usage, at=datetime(2025, 11, 1, tzinfo=UTC))
    assert found == (None if usd is None else pytest.approx(usd, rel=1e-12, abs=1e-15))
    assert price(MappingProxyType(usage), at=datetime(2025, 11, 1, tzinfo=UTC)) == found


WRONG_COUNTS = ("5", -1, float("nan"), float("inf"), True, 0.5, [1], 10**400)


@pytest.mark.parametrize("wrong", WRONG_COUNTS, ids=range(len(WRONG_COUNTS)))
def test_a_count_that_is_there_and_is_none_has_no_cost(wrong: Any) -> None:
    names = ("input", "output", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h")
    for name in names:
        assert price({"input": 1_000, "output": 100} | {name: wrong}) is None, name
        assert price(USAGE | {f"{name}_tokens": wrong}) is None, name
        # The contract's name says it, not the ledger's, whatever that says.
        assert price(dict.fromkeys(("input", "output", name), 1) | {f"{name}_tokens": wrong}) is None, name
    embedding = {"model": "text-embedding-3-small", "provider": "openai"}
    assert price({"input_tokens": 1_000, "output_tokens": wrong}, **embedding) is None


@pytest.mark.parametrize("usage", [None, 5, "input", ["input_tokens"], [("input_tokens", 5)]])
def test_a_usage_that_is_no_mapping(usage: Any) -> None:
    with pytest.raises(TypeError, match=r"^expected a usage \(a mapping\), found \w+$"):
        turn_cost(usage, "gpt-5", prices=NO_FILES)


def test_a_cost() -> None:
    cost = turn_cost({"input_tokens": 200_001, "output_tokens": 0}, "claude-sonnet-4-5", at=NOON, prices=NO_FILES)
    assert cost is not None
    assert cost == Cost(cost.usd, "estimated", cost.prices, 200_000)
    assert cost.prices.startswith("genai-prices ")
    assert cost != Cost(cost.usd, "estimated", cost.prices)
    assert isinstance(cost, Record)
    assert repr(Cost(0.5, "reported", "p")) == "Cost(usd=0.5, source='reported', prices='p', long_context=None)"
    with pytest.raises(AttributeError):
        cost.usd = 0.0  # type: ignore[misc]
    below = turn_cost(USAGE, "claude-sonnet-4-5", at=NOON, prices=NO_FILES)
    assert below is not None
    assert below.long_context is None


# Name and provider → the model at the provider that bills the same, None for no cost.
NAMES: list[tuple[Any, Any, tuple[str, str] | None]] = [
    ("claude-sonnet-4-5", None, ("anthropic", "claude-sonnet-4-5")),
    (" Claude-Sonnet-4-5 ", " Anthropic ", ("anthropic", "claude-sonnet-4-5")),
    ("anthropic/claude-sonnet-4-5", None, ("anthropic", "claude-sonnet-4-5")),
    ("anthropic/claude-sonnet-4-5", "anthropic", ("anthropic", "claude-sonnet-4-5")),
    ("openai/gpt-5", None, ("openai", "gpt-5")),
    ("OPENAI/GPT-5", None, ("openai", "gpt-5")),
    ("google/gemini-2.5-pro", None, ("google", "gemini-2.5-pro")),
    ("gemini/gemini-2.5-pro", None, ("google", "gemini-2.5-pro")),
    ("[openclaw] claude-sonnet-4-5", None, ("anthropic", "claude-sonnet-4-5")),
    ("[openclaw] anthropic/claude-sonnet-4-5", None, ("anthropic", "claude-sonnet-4-5")),
    ("[openclaw] gpt-5", "openai", ("openai", "gpt-5")),
    ("claude-sonnet-4-5[1m]", "anthropic", ("anthropic", "claude-sonnet-4-5")),
    ("gpt-5[1m]", None, ("openai", "gpt-5")),
    # Bedrock's names are Bedrock's prices, unless somebody else is said to have billed.
    (REGIONAL, "amazon-bedrock", ("aws", REGIONAL)),
    (REGIONAL, None, ("aws", REGIONAL)),
    (REGIONAL, "anthropic", ("anthropic", "claude-sonnet-4-5")),
    ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", None, ("aws", REGIONAL)),
    ("amazon.nova-pro-v1:0", None, ("aws", "amazon.nova-pro-v1:0")),
    ("apac.amazon.nova-pro-v1:0", "aws", ("aws", "amazon.nova-pro-v1:0")),
    ("claude-sonnet-4-5-20250929-v1:0", "anthropic", ("anthropic", "claude-sonnet-4-5")),
    ("claude-sonnet-4@20250514", None, ("anthropic", "claude-sonnet-4-0")),
    ("vertex_ai/claude-sonnet-4@20250514", None, ("google", "claude-sonnet-4@20250514")),
    ("gpt-5@latest", "openai", ("openai", "gpt-5")),
    # A provider that uses such prefixes itself keeps them.
    ("anthropic/claude-sonnet-4.5", "openrouter", ("openrouter", "anthropic/claude-sonnet-4.5")),
    ("openrouter/anthropic/claude-sonnet-4.5", None, ("openrouter", "anthropic/claude-sonnet-4.5")),
    ("openrouter/anthropic/claude-sonnet-4.5", "openrouter", ("openrouter", "anthropic/claude-sonnet-4.5")),
    ("perplexity/sonar", None, ("perplexity", "perplexity/sonar")),
    ("sonar", "perplexity", ("perplexity", "sonar")),
    ("gpt-4o", "azure", ("azure", "gpt-4o")),
    ("azure/gpt-4o", None, ("azure", "gpt-4o")),
    # Runtimes of providers, and LiteLLM, which only passes on.
    ("claude-sonnet-4-5", "claude-code", ("anthropic", "claude-sonnet-4-5")),
    ("claude-sonnet-4-5", "claude_cli", ("anthropic", "claude-sonnet-4-5")),
    ("gpt-5", "codex", ("openai", "gpt-5")),
    ("gpt-5", "openai-codex", ("openai", "gpt-5")),
    ("minimax-m2", "minimax-portal", ("minimax", "minimax-m2")),
    ("gemini-2.5-pro", "google-gemini-cli", ("google", "gemini-2.5-pro")),
    ("anthropic/claude-sonnet-4-5", "litellm", ("anthropic", "claude-sonnet-4-5")),
    ("gpt-5", "LiteLLM", ("openai", "gpt-5")),
    ("my-proxy/gpt-5", "litellm", None),
    ("gpt-5", "  ", ("openai", "gpt-5")),
    ("gpt-5", 7, ("openai", "gpt-5")),
    # Nobody's rates are those of somebody else.
    ("claude-sonnet-4-5", "my-proxy", None),
    ("gpt-5", "ollama", None),
    ("llama3", "lmstudio", None),
    ("ollama/gpt-5", None, None),
    ("ollama/mistral", None, None),
    ("my-proxy/gpt-5", None, None),
    ("gpt-5", "anthropic", None),
    # OpenRouter's variants are its own models, whoever made them; with a provider it is that one's name.
    ("deepseek/deepseek-r1:free", None, ("openrouter", "deepseek/deepseek-r1:free")),
    (" DeepSeek/DeepSeek-R1:Free ", None, ("openrouter", "deepseek/deepseek-r1:free")),
    ("[openclaw] deepseek/deepseek-r1:free", " ", ("openrouter", "deepseek/deepseek-r1:free")),
    ("openrouter/deepseek/deepseek-r1:free", None, ("openrouter", "deepseek/deepseek-r1:free")),
    ("openrouter/deepseek/deepseek-r1:free", "litellm", ("openrouter", "deepseek/deepseek-r1:free")),
    ("deepseek-r1:free", None, ("openrouter", "deepseek-r1:free")),
    ("anthropic/claude-3.7-sonnet:thinking", None, ("openrouter", "anthropic/claude-3.7-sonnet:thinking")),
    ("openai/gpt-4o:extended", None, ("openrouter", "openai/gpt-4o:extended")),
    ("openai/gpt-5-pro:batch", None, ("openrouter", "openai/gpt-5-pro:batch")),
    ("gpt-4o:extended", "openai", ("openai", "gpt-4o:extended")),
    ("deepseek-r1:free", "deepseek", ("deepseek", "deepseek-r1")),
    ("my-proxy/deepseek-r1:free", None, None),
    ("deepseek/deepseek-r1:nitro", None, None),
    ("deepseek/deepseek-r1:floor", None, None),
    ("deepseek/deepseek-r1:exacto", None, None),
    ("deepseek/deepseek-r1:online", None, None),
    ("claude-sonnet-4-5:online", None, None),
    ("gemini-2.5-pro:free", None, None),
    ("gemini-2.5-pro:batch", None, None),
    # Ollama's tags are of models that nobody bills for; with a provider it is that one's name.
    *((f"deepseek-r1:{tag}", None, None) for tag in ("7b", "1.5b", "671b", "latest", "8B", "14b-qwen-distill-q4_K_M")),
    *((f"deepseek-r1:{tag}", None, None) for tag in ("fp16", "q4_0", "8x7b", "e4b", "270m")),
    ("ollama/deepseek-r1:7b", None, None),
    ("deepseek/deepseek-r1:7b", None, None),
    ("[openclaw] qwen3:32b", None, None),
    ("deepseek-r1:7b", "litellm", None),
    ("llama3.2:latest", None, None),
    ("gpt-oss:20b", None, None),
    ("deepseek-r1:7b", "ollama", None),
    ("deepseek-r1:7b", "deepseek", ("deepseek", "deepseek-r1")),
    # Not known.
    ("no-such-model", None, None),
    ("no-such-model", "openai", None),
    ("gpt-5" * LONGEST_NAME, "openai", None),
    ("gpt-5", "openai" * LONGEST_NAME, None),
    ("[openclaw]", None, None),
    ("/", None, None),
    ("anthropic/", None, None),
    ("us.", None, None),
    ("", None, None),
    ("  ", "openai", None),
    (None, "openai", None),
    (5, None, None),
]


@pytest.mark.parametrize(("model", "provider", "same_as"), NAMES)
def test_names(model: Any, provider: Any, same_as: tuple[str, str] | None) -> None:
    usage = {"input_tokens": 1_000, "cache_read_tokens": 500, "output_tokens": 100}
    found = price(usage, model, provider=provider)
    if same_as is None:
        assert found is None
        return
    schedule = catalogue().schedule(same_as[1], same_as[0], None)
    assert schedule is not None
    card = schedule.card(NOON.timestamp())
    assert card is not None
    bill = card.bill((1_000, 500, 0, 0, 100))
    assert bill is not None
    assert found == bill[0]
    assert found > 0 or same_as[1].endswith(":free")


def test_no_model_of_genai_prices_is_taken_for_a_local_one() -> None:
    names = [model.id for provider in get_snapshot().providers for model in provider.models]
    assert [name for name in names if is_local(name)] == []


def test_the_rates_of_bedrocks_regions_are_not_those_of_anthropic() -> None:
    assert price(model=REGIONAL) == pytest.approx(1.1 * price(model=REGIONAL, provider="anthropic"))


def test_free_models_cost_nothing_and_that_is_known() -> None:
    free = {"model": "deepseek/deepseek-r1:free", "provider": "openrouter"}
    assert price(**free) == 0.0
    assert price({"input_tokens": 5}, **free) == 0.0
    assert price({"output_tokens": 5}, **free) is None


def test_a_model_without_a_price_for_output_needs_no_output_count() -> None:
    embedding = {"model": "text-embedding-3-small", "provider": "openai"}
    assert price({"input_tokens": 1_000_000}, **embedding) == pytest.approx(0.02)
    assert price({"input_tokens": 0, "output_tokens": 5}, **embedding) is None


def test_no_estimate_on_demand() -> None:
    assert price(prices=False) is None


def test_what_is_no_datetime() -> None:
    for at in (1_750_000_000, "2025-06-01", date(2025, 6, 1), time(12)):
        with pytest.raises(TypeError, match=r"^expected a datetime, found \w+$"):
            price(at=at)


@pytest.mark.parametrize("at", [datetime.min, datetime.max, datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))])
def test_far_moments(at: datetime) -> None:
    assert price(at=at) > 0
    assert price(model="deepseek-v4-flash", provider="deepseek", at=at) > 0


def test_without_a_moment_it_is_now() -> None:
    for model in ("claude-sonnet-4-5", "deepseek-chat"):
        now = [price(model=model, at=datetime.now(UTC)) for _ in range(2)]
        assert price(model=model, at=None) in [now[0], price(model=model, at=datetime.now(UTC))]


@pytest.mark.parametrize("context", [5, "flex", [("service_tier", "flex")]])
def test_what_is_no_price_context(context: Any) -> None:
    with pytest.raises(TypeError, match=r"^expected a price context \(a mapping\), found \w+$"):
        price(context=context)


# ---------------------------------------------------------------- snapshots of one's own


@pytest.fixture
def install() -> Iterator[Any]:
    """Install models as the only ones of a provider `acme`."""

    def install(*models: ModelInfo, from_auto_update: bool = False) -> None:
        acme = Provider("acme", "Acme", "https://acme", models=list(models), model_match=ClauseEquals("m"))
        lent = Provider("lender", "Lender", "https://lender", fallback_model_providers=["acme"])
        set_custom_snapshot(DataSnapshot([acme, lent], from_auto_update, timestamp=datetime(2025, 2, 3)))

    yield install
    set_custom_snapshot(None)


def model_of(prices: Any, variants: Any = None) -> ModelInfo:
    return ModelInfo("m", ClauseEquals("m"), prices=prices, price_variants=variants)


def per_million(usd: str) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(usd), output_mtok=Decimal(usd))


MILLION = {"input_tokens": 1_000_000, "output_tokens": 0}


def test_another_snapshot_is_noticed(install: Any) -> None:
    assert price(MILLION, "m") is None
    install(model_of(per_million("2")))
    assert price(MILLION, "m") == 2.0
    cost = turn_cost(MILLION, "m", prices=NO_FILES)
    assert cost is not None
    assert cost.prices.endswith(", custom")
    install(model_of(per_million("3")), from_auto_update=True)
    cost = turn_cost(MILLION, "m", prices=NO_FILES)
    assert cost is not None
    assert cost.usd == 3.0
    assert cost.prices.endswith(", updated 2025-02-03")
    set_custom_snapshot(None)
    assert price(MILLION, "m") is None
    assert price(MILLION) == pytest.approx(6.0)


def test_the_callers_decimal_context_does_not_round_a_rate(install: Any) -> None:
    install(model_of(per_million("1.23456789")))
    with localcontext() as context:
        context.prec, context.traps[Inexact] = 3, True
        assert price(MILLION, "m") == 1.23456789


def test_dates_and_times_together(install: Any) -> None:
    nights = TimeOfDateConstraint(time(22, tzinfo=UTC), time(6))  # over midnight, one of them without a zone
    eastern = TimeOfDateConstraint(*(time(h, tzinfo=timezone(timedelta(hours=10))) for h in (20, 21)))  # 10 to 11 UTC
    variant = PriceVariant({"tier": "batch"}, ModelPrice(input_mtok=Decimal(9)), StartDateConstraint(date(2025, 8, 1)))
    prices = [
        ConditionalPrice(prices=per_million("1")),
        ConditionalPrice(StartDateConstraint(date(2025, 6, 1)), prices=per_million("2")),
        ConditionalPrice(nights, prices=per_million("3")),
        ConditionalPrice(eastern, prices=per_million("4")),
    ]
    install(model_of(prices, [variant]))
    cases = [
        (datetime(2025, 5, 31, 21, 59, 59, 999999, UTC), None, 1.0),
        (datetime(2025, 5, 31, 22, tzinfo=UTC), None, 3.0),
        (datetime(2025, 6, 1, 5, 59, tzinfo=UTC), None, 3.0),
        (datetime(2025, 6, 1, 6, tzinfo=UTC), None, 2.0),
        (datetime(2025, 6, 1, 10, 30, tzinfo=UTC), None, 4.0),
        (datetime(2025, 5, 1, 11, tzinfo=UTC), None, 1.0),
        (datetime(1900, 5, 1, 23, tzinfo=UTC), None, 3.0),
        (datetime(2025, 7, 31, 12, tzinfo=UTC), {"tier": "batch"}, 2.0),
        (datetime(2025, 8, 1, 12, tzinfo=UTC), {"tier": "batch"}, 9.0),
        (datetime(2025, 8, 1, 12, tzinfo=UTC), {"tier": "Batch"}, 2.0),
        (datetime(2025, 8, 1, 12, tzinfo=UTC), {"tier": None, 5: "batch"}, 2.0),
        (datetime(2025, 8, 1, 12, tzinfo=UTC), {}, 2.0),
    ]
    for _ in range(2):  # also from what was kept
        assert [price(MILLION, "m", at=at, context=context) for at, context, _ in cases] == [usd for *_, usd in cases]


def test_a_model_that_another_provider_lends_has_no_variants(install: Any) -> None:
    install(model_of(per_million("2"), [PriceVariant({"tier": "batch"}, per_million("1"))]))
    batch = {"context": {"tier": "batch"}}
    assert price(MILLION, "m", provider="acme", **batch) == 1.0
    assert price(MILLION, "m", provider="lender", **batch) == 2.0


def test_a_constraint_of_a_kind_that_is_not_known_is_asked_each_time(install: Any) -> None:
    class Mondays:
        def active(self, moment: datetime) -> bool:
            return moment.weekday() == 0

    install(model_of([ConditionalPrice(prices=per_million("2")), ConditionalPrice(Mondays(), prices=per_million("1"))]))  # type: ignore[arg-type]
    week = [price(MILLION, "m", at=datetime(2025, 6, day, tzinfo=UTC)) for day in range(1, 10)]
    assert week == [2.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0]


def test_tiers_of_each_price_alone_and_a_price_for_each_request(install: Any) -> None:
    tiered = TieredPrices(Decimal(1), [Tier(10, Decimal(2)), Tier(11, Decimal(4))])
    output = TieredPrices(Decimal(10), [Tier(0, Decimal(20)), Tier(1_000, Decimal(30))])
    install(model_of(ModelPrice(input_mtok=tiered, output_mtok=output, requests_kcount=Decimal(5))))
    cases = {0: (0, 10, None), 1: (1, 20, 0), 10: (1, 20, 0), 11: (2, 20, 10), 12: (4, 20, 11), 1_001: (4, 30, 1_000)}
    for tokens, (rate, out, start) in cases.items():
        cost = turn_cost({"input_tokens": tokens, "output_tokens": 7}, "m", prices=NO_FILES)
        assert cost is not None
        assert cost.usd == pytest.approx((tokens * rate + 7 * out) / 1e6 + 0.005, rel=1e-15)
        assert cost.long_context == start


def test_a_snapshot_that_is_broken_is_not_hushed_up(install: Any) -> None:
    install(model_of(ModelPrice(input_mtok=Decimal(-1))))
    with pytest.raises(ValueError, match="input_mtok"):
        price(MILLION, "m")


def test_names_do_not_fill_the_memory() -> None:
    kept = catalogue()._schedules
    for number in range(MAX_CACHED_NAMES + 10):
        assert price(model=f"no-such-{number}", provider="my-proxy") is None
        assert len(kept) <= MAX_CACHED_NAMES
    assert price() > 0


# ---------------------------------------------------------------- imports, and public names

_SLOW = {"genai_prices", "pydantic", "typing", "dataclasses", "re", "json", "enum", "functools", "pathlib", "datetime"}
_SCRIPT = f"""
import sys
sys.path.insert(0, {str(Path(usagebar.__file__).parents[1])!r})
import usagebar.pricing
assert not [name for name in sys.modules if name.startswith('usagebar.pricing.')]
from usagebar.pricing import Cost, Prices, PriceError, configured_prices, load_prices, turn_cost
assert not sys.modules.keys() & {_SLOW!r}, sys.modules.keys() & {_SLOW!r}
prices = load_prices({{'m': {{'input': 1, 'output': 2}}}})
assert turn_cost({{'input_tokens': 1000000, 'output_tokens': 500000}}, 'm', prices=prices).usd == 2.0
assert turn_cost({{}}, 'gpt-5', prices=prices) is None
assert not sys.modules.keys() & {{'genai_prices', 'pydantic'}}
"""


def test_importing_the_package_is_cheap() -> None:
    done = subprocess.run([sys.executable, "-S", "-E", "-c", _SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


_CUSTOM_FIRST = """
from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
from genai_prices.data import providers
set_custom_snapshot(DataSnapshot(list(providers), from_auto_update=False))
from usagebar.pricing import load_prices, turn_cost
prices = load_prices()
assert turn_cost({'input': 1, 'output': 1}, 'gpt-5', prices=prices).prices.endswith(', custom')
set_custom_snapshot(None)
assert not turn_cost({'input': 1, 'output': 1}, 'gpt-5', prices=prices).prices.endswith(', custom')
"""


def test_a_snapshot_that_was_there_before_the_first_price() -> None:
    done = subprocess.run([sys.executable, "-c", _CUSTOM_FIRST], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_public_names() -> None:
    assert {*usagebar.pricing.__all__} <= {*dir(usagebar.pricing)}
    assert all(getattr(usagebar.pricing, name).__doc__ for name in usagebar.pricing.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'price_of_fame'"):
        usagebar.pricing.price_of_fame  # noqa: B018
