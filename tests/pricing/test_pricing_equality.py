"""The same bills as genai-prices, for every model it knows, through every tier, date, time of day and variant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import genai_prices
import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, Provider, TieredPrices

from usagebar.pricing import load_prices, turn_cost
from usagebar.pricing.buckets import buckets
from usagebar.pricing.schedule import Schedule

SNAPSHOT = get_snapshot()
MODELS = [(provider, model) for provider in SNAPSHOT.providers for model in provider.models]
NO_FILES = load_prices()
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
TOKENS = ("input_mtok", "output_mtok", "requests_kcount")


def of_prompt(prompt: int) -> list[dict[str, int]]:
    """Return usages of so many prompt tokens: fresh, read, written, all together, and of a large output."""
    third = prompt // 3
    mixed = {"cache_read_tokens": third, "cache_write_tokens": third, "cache_write_1h_tokens": third // 2}
    return [
        {"input_tokens": prompt, "output_tokens": 0},
        {"input_tokens": 0, "cache_read_tokens": prompt, "output_tokens": 7},
        {"input_tokens": 0, "cache_write_tokens": prompt, "cache_write_1h_tokens": prompt, "output_tokens": 123_457},
        {"input_tokens": prompt - 2 * third, **mixed, "output_tokens": 1001},
    ]


def usages(prices: list[ModelPrice]) -> list[dict[str, int]]:
    tiered = [value for price in prices for value in vars(price).values() if isinstance(value, TieredPrices)]
    starts = {tier.start for value in tiered for tier in value.tiers}
    prompts = sorted({1, 1_000} | {start + step for start in starts for step in (0, 1, 100_000)})
    return [{"input_tokens": 0, "output_tokens": 0}, *(usage for prompt in prompts for usage in of_prompt(prompt))]


def all_prices(model: ModelInfo) -> list[ModelPrice]:
    standard = [model.prices] if isinstance(model.prices, ModelPrice) else [each.prices for each in model.prices]
    return [*standard, *(variant.prices for variant in model.price_variants or ())]


def moments(model: ModelInfo) -> list[datetime]:
    """Return moments on both sides of everything that changes a price."""
    conditions: list[Any] = [] if isinstance(model.prices, ModelPrice) else list(model.prices)
    found = {NOON}
    for each in [*conditions, *(model.price_variants or ())]:
        if (day := getattr(each.constraint, "start_date", None)) is not None:
            start = datetime.combine(day, time(), tzinfo=UTC)
            found |= {start - timedelta(days=1), start - timedelta(microseconds=1), start, start + timedelta(hours=9)}
        if (opening := getattr(each.constraint, "start_time", None)) is not None:
            for border in (opening, each.constraint.end_time):
                at = datetime.combine(NOON.date(), border)
                found |= {at - timedelta(microseconds=1), at, at + timedelta(minutes=1)}
    # Each time of day also after the last date.
    return sorted(found | {datetime.combine(max(found).date(), at.timetz()) for at in found})


def contexts(model: ModelInfo) -> list[dict[str, str] | None]:
    whens = [dict(variant.when) for variant in model.price_variants or ()]
    return [None, *([{"unheard": "of"}, *whens] if whens else [])]


def by_genai(usage: Mapping[str, int]) -> Usage:
    """Return a usage as genai-prices takes it: its input count includes the cached tokens."""
    read, write = usage.get("cache_read_tokens", 0), usage.get("cache_write_tokens", 0)
    long = usage.get("cache_write_1h_tokens", 0)
    return Usage(
        input_tokens=usage["input_tokens"] + read + write,
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_5m_tokens=write - long,
        cache_write_1h_tokens=long,
        output_tokens=usage["output_tokens"],
    )


def priced(price: ModelPrice, usage: Mapping[str, int]) -> bool:
    """Tell whether a price covers any of what was used; one without any entry is of a free model, and covers all.

    genai-prices adds nothing for what has no price, and so says 0 where nothing has: that is no cost.
    """
    entries = {name for name, value in vars(price).items() if value is not None}
    if not entries or "requests_kcount" in entries:
        return True
    used = {"output_mtok" if name == "output_tokens" else "input_mtok" for name, tokens in usage.items() if tokens}
    return not entries.isdisjoint(used or TOKENS)


def cases(model: ModelInfo) -> Iterator[tuple[datetime, dict[str, str] | None, dict[str, int]]]:
    """Walk all usages under each price that the model ever has, and one of them at all other moments too."""
    found, seen = usages(all_prices(model)), set()
    for context in contexts(model):
        for at in moments(model):
            entries = frozenset((name, id(value)) for name, value in vars(model.get_prices(at, context)).items())
            yield from ((at, context, usage) for usage in (found[-1:] if entries in seen else found))
            seen.add(entries)


def leads_to_itself(provider: Provider, model: ModelInfo) -> bool:
    """Tell whether a model is found by its id: some ids are for people (`regional.…`), or another model comes first."""
    try:
        return SNAPSHOT.find_provider_model(model.id, None, provider.id, None)[1] is model
    except LookupError:
        return False


def dollars(
    provider: Provider, model: ModelInfo, at: datetime, context: dict[str, str] | None, usage: dict[str, int]
) -> float | None:
    """Return what a model costs: by its name, or by its schedule if no name leads to it."""
    if leads_to_itself(provider, model):
        cost = turn_cost(usage, model.id, provider=provider.id, at=at, prices=NO_FILES, context=context)
        assert cost is None or (cost.source, cost.prices) == ("estimated", f"genai-prices {genai_prices.__version__}")
        return None if cost is None else cost.usd
    tokens = buckets(usage)
    assert tokens is not None
    card = Schedule(provider, model, context).card(at.timestamp())
    bill = None if card is None else card.bill(tokens)
    return None if bill is None else bill[0]


@pytest.mark.no_cover
@pytest.mark.parametrize("provider", SNAPSHOT.providers, ids=lambda provider: provider.id)
def test_every_model_of_a_provider_costs_what_genai_prices_says(provider: Provider) -> None:
    for model in provider.models:
        for at, context, usage in cases(model):
            said = model.calc_price(by_genai(usage), provider, genai_request_timestamp=at, price_context=context)
            usd, place = dollars(provider, model, at, context, usage), (model.id, at, context, usage)
            if not priced(said.model_price, usage):
                assert usd is None, place
                continue
            total = float(said.total_price)
            assert usd is not None, place
            assert abs(usd - total) <= 1e-9 * max(1.0, total), place


def test_the_public_function_of_genai_prices_says_the_same() -> None:
    checked = 0
    for provider, model in MODELS[::17]:
        usage = of_prompt(3_000)[3]
        try:
            said = genai_prices.calc_price(
                by_genai(usage), model.id, provider_id=provider.id, genai_request_timestamp=NOON
            )
        except LookupError:
            continue
        cost = turn_cost(usage, model.id, provider=provider.id, at=NOON, prices=NO_FILES)
        if cost is not None:
            checked += 1
            assert math.isclose(cost.usd, float(said.total_price), rel_tol=1e-12, abs_tol=1e-15)
    assert checked > 100


def without_tokens() -> list[tuple[str, str]]:
    """Return the models none of whose prices is by the token: audio by the hour, documents by the page, …"""
    every = ((provider, model, all_prices(model)) for provider, model in MODELS)
    return [
        (provider.id, model.id)
        for provider, model, prices in every
        if all(vars(price) and not vars(price).keys() & set(TOKENS) for price in prices)
    ]


@pytest.mark.parametrize(("provider", "model"), without_tokens())
def test_models_without_prices_for_tokens_have_no_cost(provider: str, model: str) -> None:
    for usage in ({"input_tokens": 10, "output_tokens": 5}, {"input_tokens": 0, "output_tokens": 0}):
        assert turn_cost(usage, model, provider=provider, prices=NO_FILES) is None


def test_the_data_has_what_the_equality_is_about() -> None:
    prices = [price for _, model in MODELS for price in all_prices(model)]
    assert len(MODELS) > 1_000
    assert any(
        isinstance(value, TieredPrices) and len(value.tiers) > 1 for each in prices for value in vars(each).values()
    )
    assert any("cache_write_1h_mtok" in vars(price) for price in prices)
    assert any(not vars(price) for price in prices)
    assert any(len(moments(model)) > 6 for _, model in MODELS)
    assert any(model.price_variants for _, model in MODELS)
    assert any(isinstance(model.prices, list) and isinstance(model.prices[0], ConditionalPrice) for _, model in MODELS)
    assert len(without_tokens()) > 5
    assert sum(leads_to_itself(*each) for each in MODELS) > 0.9 * len(MODELS)


def test_the_zone_of_a_moment_counts_and_none_is_utc() -> None:
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    costs = [
        turn_cost(usage, "deepseek-chat", provider="deepseek", at=at, prices=NO_FILES)
        for at in (
            datetime(2025, 6, 1, 0, 29, 59, 999999),
            datetime(2025, 6, 1, 0, 30),
            datetime(2025, 6, 1, 2, 30, tzinfo=timezone(timedelta(hours=2))),
            datetime(2025, 6, 1, 2, 29, tzinfo=timezone(timedelta(hours=2))),
        )
    ]
    assert [cost and cost.usd for cost in costs] == [0.135, 0.27, 0.27, 0.135]
