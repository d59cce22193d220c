"""Audio, images, searches and the like beside plain tokens, and usages of several requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, Inexact, localcontext
from typing import Any

import genai_prices
import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import DataSnapshot, get_snapshot, set_custom_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
)
from genai_prices.units import _get_registry
from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.pricing import load_prices, turn_cost
from usagebar.pricing.buckets import ORDINARY, OTHER, buckets
from usagebar.pricing.schedule import Schedule

NO_FILES = load_prices()
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BUCKETS = {
    *("input_tokens", "output_tokens", "cache_read_tokens"),
    *("cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
}
PLAIN_ENTRIES = {
    *("input_mtok", "output_mtok", "cache_read_mtok"),
    *("cache_write_mtok", "cache_write_5m_mtok", "cache_write_1h_mtok", "requests_kcount"),
}


def price(usage: Mapping[str, Any], model: str = "m", **rest: Any) -> Any:
    """Return the dollars of a turn, without any files; None for none."""
    told: dict[str, Any] = {"prices": NO_FILES, "at": NOON}
    cost = turn_cost(usage, model, **told | rest)
    return None if cost is None else cost.usd


def inclusive(usage: Mapping[str, Any]) -> Usage:
    """Return a usage as genai-prices takes it: its input count includes the cached tokens."""
    cached = sum(usage.get(name, 0) for name in ("cache_read_tokens", "cache_write_tokens"))
    return Usage(**{**usage, "input_tokens": usage["input_tokens"] + cached})


def directly(usage: Mapping[str, Any], model: str, provider: str, **rest: Any) -> float | None:
    try:
        found = genai_prices.calc_price(
            inclusive(usage), model, provider_id=provider, genai_request_timestamp=NOON, **rest
        )
    except ValueError:
        return None
    return float(found.total_price)


def test_the_units_are_those_of_genai_prices() -> None:
    assert {*_get_registry().units} - {"requests"} - BUCKETS == OTHER
    assert ORDINARY < OTHER


# Model, provider, usage, dollars; what they are by the provider's own page of prices.
BILLS: list[tuple[str, str, dict[str, Any], float | None]] = [
    # 0.30 a million for text, 1.00 for audio, 2.50 for output
    (
        "gemini-2.5-flash",
        "google",
        {"input_tokens": 100_000, "input_audio_tokens": 100_000, "output_tokens": 50},
        0.100125,
    ),
    ("gemini-2.5-flash", "google", {"input_tokens": 100_000, "input_audio_tokens": 0, "output_tokens": 50}, 0.030125),
    (
        "gemini-2.5-flash",
        "google",
        {"input_tokens": 100_000, "input_audio_tokens": None, "output_tokens": 50},
        0.030125,
    ),
    # The audio among the cached tokens is not told.
    (
        "gemini-2.5-flash",
        "google",
        {"input_tokens": 50_000, "cache_read_tokens": 50_000, "input_audio_tokens": 100_000, "output_tokens": 50},
        None,
    ),
    (
        "gemini-2.5-flash",
        "google",
        {
            "input_tokens": 50_000,
            "cache_read_tokens": 50_000,
            "cache_audio_read_tokens": 50_000,
            "input_audio_tokens": 100_000,
            "output_tokens": 50,
        },
        0.05 + 0.005 + 0.000125,
    ),
    # More audio than prompt, more of it cached than of all.
    ("gemini-2.5-flash", "google", {"input_tokens": 5, "cache_audio_read_tokens": 1, "output_tokens": 0}, None),
    ("claude-sonnet-4-5", "anthropic", {"input_tokens": 5, "cache_image_read_tokens": 1, "output_tokens": 0}, None),
    ("claude-sonnet-4-5", "anthropic", {"input_tokens": 5, "cache_text_write_tokens": 1, "output_tokens": 0}, None),
    ("gemini-2.5-flash", "google", {"input_tokens": 5, "input_audio_tokens": 6, "output_tokens": 0}, None),
    # Output has a price, and its count is not known.
    ("gemini-2.5-flash", "google", {"input_tokens": 5, "input_audio_tokens": 5}, None),
    # 10 dollars for a thousand searches, 3 and 15 a million
    (
        "claude-sonnet-4-5",
        "anthropic",
        {"input_tokens": 1_000, "output_tokens": 100, "web_searches": 3},
        0.0045 + 0.03,
    ),
    ("claude-sonnet-4-5", "anthropic", {"input_tokens": 0, "output_tokens": 0, "web_searches": 3}, 0.03),
    ("claude-sonnet-4-5", "anthropic", {"input_tokens": 0, "web_searches": 3}, None),
    # What has no price of its own is priced as the tokens that it is part of.
    (
        "claude-sonnet-4-5",
        "anthropic",
        {"input_tokens": 1_000, "input_image_tokens": 900, "output_tokens": 100, "output_reasoning_tokens": 90},
        0.0045,
    ),
    # 111 dollars for a thousand hours, 10 seconds at least, and no tokens at all
    ("whisper-large-v3", "groq", {"input_tokens": 0, "audio_seconds": 3_600.0}, 0.111),
    ("whisper-large-v3", "groq", {"input_tokens": 0, "input_audio_seconds": 1.5}, 0.111 / 360),
    ("whisper-large-v3", "groq", {"input_tokens": 0, "audio_seconds": 0}, None),
    ("whisper-large-v3", "groq", {"input_tokens": 0, "web_searches": 5}, None),
]


@pytest.mark.parametrize(("model", "provider", "usage", "usd"), BILLS, ids=range(len(BILLS)))
def test_bills(model: str, provider: str, usage: dict[str, Any], usd: float | None) -> None:
    expected = None if usd is None else pytest.approx(usd, rel=1e-12)
    assert price(usage, model, provider=provider) == expected


def test_without_a_moment_it_is_now() -> None:
    usage = {"input_tokens": 1_000, "output_tokens": 100, "web_searches": 3}
    for model in ("claude-sonnet-4-5", "gemini-2.5-flash"):
        before = price(usage, model, at=datetime.now(UTC))
        assert price(usage, model, at=None) in (before, price(usage, model, at=datetime.now(UTC)))


def test_what_an_image_costs_is_not_what_its_text_would() -> None:
    usage = {"input_tokens": 0, "output_tokens": 1_290}
    model = {"model": "gemini-2.5-flash-image", "provider": "google"}
    assert price(usage | {"output_image_tokens": 1_290}, **model) == pytest.approx(0.0387)
    assert price(usage | {"output_image_tokens": 1_290}, **model) > 5 * price(usage, **model)


@pytest.mark.parametrize("wrong", ["5", -1, float("nan"), float("inf"), True, [1], 10**400, Decimal("NaN")])
def test_an_amount_that_is_none_has_no_cost(wrong: Any) -> None:
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    for name in ("input_audio_tokens", "output_reasoning_tokens", "web_searches", "audio_seconds"):
        assert price(usage | {name: wrong}, "gpt-5", provider="openai") is None
        assert price(usage | {name: wrong}, prices={"m": {"input": 1, "output": 1}}) is None
    # Half a token is none, half a second is.
    assert price(usage | {"input_audio_tokens": 0.5}, "gpt-5", provider="openai") is None
    assert price(usage | {"audio_seconds": 0.5}, "gpt-5", provider="openai") > 0


# ---------------------------------------------------------------- the same as genai-prices itself


def all_prices(model: ModelInfo) -> list[ModelPrice]:
    standard = [model.prices] if isinstance(model.prices, ModelPrice) else [each.prices for each in model.prices]
    return [*standard, *(variant.prices for variant in model.price_variants or ())]


def sold_by_units() -> list[tuple[str, str]]:
    """Return the models with prices for other units that are found by their ids."""
    found = []
    for provider in get_snapshot().providers:
        for model in provider.models:
            entries = {name for each in all_prices(model) for name, value in vars(each).items() if value is not None}
            if entries - PLAIN_ENTRIES and provider.find_model(model.id) is model:
                found.append((provider.id, model.id))
    return found


MODELS = sold_by_units()


def caches_more_of_a_kind_than_of_all(usage: Mapping[str, int]) -> bool:
    """Tell of an impossible usage; genai-prices refuses it only where the bucket has a price."""
    of_bucket = {
        "read_tokens": usage.get("cache_read_tokens", 0),
        "write_tokens": usage.get("cache_write_tokens", 0),
        "write_5m_tokens": usage.get("cache_write_tokens", 0) - usage.get("cache_write_1h_tokens", 0),
        "write_1h_tokens": usage.get("cache_write_1h_tokens", 0),
    }
    parts = [(name.split("_", 2)[2], name) for name in OTHER & usage.keys() if name.startswith("cache_")]
    return any(usage[name] > of_bucket[bucket] for bucket, name in parts)


def same(usage: dict[str, Any], model: str, provider: str) -> bool | None:
    """Assert that both say the same; tell whether there is a cost, None if the counts are refused."""
    if caches_more_of_a_kind_than_of_all(usage):
        assert price(usage, model, provider=provider) is None
        return None
    usd, said = price(usage, model, provider=provider), directly(usage, model, provider)
    place = (provider, model, usage, usd, said)
    if said is None:
        assert usd is None, place
        return None
    if usd is None:  # nothing of it has a price
        assert said == 0, place
        return False
    assert usd == pytest.approx(said, rel=1e-9, abs=1e-12), place
    return True


def each_unit_alone() -> Iterator[dict[str, Any]]:
    for prompt in (1_000, 300_000):
        base = {"input_tokens": prompt, "output_tokens": 700}
        for name in sorted(OTHER):
            part = {
                f"{direction}_{kind}_tokens": 70 for direction, kind in [name.split("_")[:2]] if "cache" not in name
            }
            yield base | {name: 70}
            yield base | part | {name: 70}
            if name.startswith("cache"):
                kind = name.split("_")[1]
                cached = {"cache_read_tokens": 70} if "read" in name else {"cache_write_tokens": 70}
                cached |= {"cache_write_1h_tokens": 70} if "1h" in name else {}
                yield base | cached | {f"input_{kind}_tokens": 90, name: 70}


@pytest.mark.no_cover
def test_every_unit_costs_at_every_model_what_genai_prices_says() -> None:
    assert len(MODELS) > 100
    usages = [usage for usage in each_unit_alone() if usage.keys() <= BUCKETS | OTHER]
    assert {name for usage in usages for name in usage} == OTHER | BUCKETS - {"cache_write_5m_tokens"}
    results = {same(usage, model, provider) for provider, model in MODELS[::3] for usage in usages}
    assert results == {True, False, None}


AMOUNTS = st.integers(0, 2_000) | st.sampled_from([0, 300_000])


@given(
    st.sampled_from(MODELS),
    st.fixed_dictionaries({"input_tokens": AMOUNTS, "output_tokens": AMOUNTS}),
    st.dictionaries(st.sampled_from(["cache_read_tokens", "cache_write_tokens"]), AMOUNTS),
    st.dictionaries(st.sampled_from(sorted(OTHER)), AMOUNTS, max_size=5),
)
@settings(deadline=None, max_examples=300)
def test_any_usage_costs_what_genai_prices_says(
    which: tuple[str, str], plain: dict[str, int], cached: dict[str, int], others: dict[str, int]
) -> None:
    provider, model = which
    same(plain | cached | others, model, provider)


def test_the_price_context_and_the_callers_decimals() -> None:
    usage = {"input_tokens": 1_234_567, "input_audio_tokens": 1_234_567, "output_tokens": 1_234_567}
    model, batch = {"model": "gemini-2.5-flash", "provider": "google"}, {"processing": "batch"}
    expected = directly(usage, price_context=batch, **model)
    assert expected != directly(usage, **model)
    with localcontext() as context:
        context.prec, context.traps[Inexact] = 3, True
        assert price(usage, context=batch, **model) == pytest.approx(expected, rel=1e-12)


def test_genai_prices_is_asked_only_for_units_that_have_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> float:
        raise AssertionError("expected the rate card alone")

    usage = {"input_tokens": 1_000, "output_tokens": 100}
    more = usage | {"output_reasoning_tokens": 50, "input_image_tokens": 10, "web_searches": 0}
    for model in ("claude-sonnet-4-5", "gpt-5", "deepseek-chat"):
        expected = price(usage, model)
        with monkeypatch.context() as patch:
            patch.setattr("usagebar.pricing.schedule.exact_bill", refuse)
            assert price(more, model) == expected
    monkeypatch.setattr("usagebar.pricing.schedule.exact_bill", refuse)
    with pytest.raises(AssertionError, match="the rate card alone"):
        price(usage | {"web_searches": 1}, "claude-sonnet-4-5")


# ---------------------------------------------------------------- files


ENTRY = {"m": {"input": 1, "output": 1}}


@pytest.mark.parametrize("name", sorted(OTHER))
def test_a_file_prices_nothing_but_tokens(name: str) -> None:
    usage = {"input": 999_970, "cache_read": 10, "cache_write": 20, "cache_write_1h": 10, "output": 0}
    is_text = name.startswith(("input_text_", "output_text_", "cache_text_")) and name.endswith("_tokens")
    is_ordinary = is_text or name in ("output_reasoning_tokens", "input_tool_tokens")
    assert price(usage | {name: 1}, prices=ENTRY) == (pytest.approx(1.0) if is_ordinary else None)
    assert price(usage | {name: 0}, prices=ENTRY) == pytest.approx(1.0)


# ---------------------------------------------------------------- prices of one's own


@pytest.fixture
def install() -> Iterator[Any]:
    """Install prices as those of the only model of the only provider."""

    def install(prices: Any) -> None:
        model = ModelInfo("m", ClauseEquals("m"), prices=prices)
        acme = Provider("acme", "Acme", "https://acme", models=[model], model_match=ClauseEquals("m"))
        set_custom_snapshot(DataSnapshot([acme], from_auto_update=False))

    yield install
    set_custom_snapshot(None)


def by_token(usd: int, **rest: Any) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(usd), output_mtok=Decimal(usd), **rest)


def test_a_unit_that_is_part_of_one_with_a_price_needs_the_count_of_that(install: Any) -> None:
    install(by_token(1, input_audio_mtok=Decimal(3)))
    usage = {"input_tokens": 0, "cache_read_tokens": 10, "cache_audio_read_tokens": 10, "output_tokens": 0}
    assert price(usage) is None
    assert price(usage | {"input_audio_tokens": 10}) == pytest.approx(30e-6)


def test_the_price_in_force_decides(install: Any) -> None:
    later = ConditionalPrice(StartDateConstraint(date(2026, 7, 1)), prices=by_token(1, input_audio_mtok=Decimal(3)))
    install([ConditionalPrice(prices=by_token(1)), later])
    usage = {"input_tokens": 1_000_000, "input_audio_tokens": 1_000_000, "output_tokens": 0}
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 6, 8)]
    assert [price(usage, at=at) for at in moments] == [1.0, 3.0, 1.0, 3.0]


def test_a_condition_of_a_kind_that_is_not_known_is_asked_each_time(install: Any) -> None:
    class Mondays:
        def active(self, moment: datetime) -> bool:
            return moment.weekday() == 0

    audio = ConditionalPrice(Mondays(), prices=by_token(1, input_audio_mtok=Decimal(3)))  # type: ignore[arg-type]
    install([ConditionalPrice(prices=by_token(1)), audio])
    usage = {"input_tokens": 1_000_000, "input_audio_tokens": 1_000_000, "output_tokens": 0}
    week = [price(usage, at=datetime(2025, 6, day, tzinfo=UTC)) for day in range(1, 10)]
    assert week == [1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0]


def test_a_price_that_is_broken_is_not_hushed_up(install: Any) -> None:
    for broken in (ModelPrice(audio_hours=Decimal(-1)), ModelPrice(input_audio_hours=Decimal(1))):
        install(broken)
        with pytest.raises(ValueError, match="audio"):
            price({"input_tokens": 0, "audio_seconds": 5, "input_audio_seconds": 5})


def test_an_endless_bill_is_none(install: Any) -> None:
    install(by_token(1, web_searches_kcount=Decimal("1e305")))
    assert price({"input_tokens": 0, "output_tokens": 0, "web_searches": 10}) == pytest.approx(1e303)
    assert price({"input_tokens": 0, "output_tokens": 0, "web_searches": 10**9}) is None


def test_the_tier_of_a_bill_with_other_units(install: Any) -> None:
    tiered = TieredPrices(Decimal(1), [Tier(100, Decimal(2))])
    install(ModelPrice(input_mtok=tiered, output_mtok=Decimal(1), web_searches_kcount=Decimal(1)))
    for prompt, threshold in ((100, None), (101, 100)):
        usage = {"input_tokens": prompt - 50, "cache_read_tokens": 50, "output_tokens": 0, "web_searches": 1}
        cost = turn_cost(usage, "m", prices=NO_FILES)
        assert cost is not None
        assert cost.usd == pytest.approx(0.001 + prompt * (2 if threshold else 1) * 1e-6)
        assert cost.long_context == threshold


# ---------------------------------------------------------------- several requests


def test_a_fee_is_for_each_request(install: Any) -> None:
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    install(by_token(1, requests_kcount=Decimal(5), web_searches_kcount=Decimal(10)))
    assert [price(usage, requests=number) for number in (1, 2, 7)] == pytest.approx([1.005, 1.01, 1.035])
    searched = usage | {"web_searches": 3}
    assert [price(searched, requests=number) for number in (1, 2, 7)] == pytest.approx([1.035, 1.04, 1.065])
    litellm = {"m": {"input_cost_per_token": 1e-6, "output_cost_per_token": 0, "input_cost_per_request": 0.5}}
    assert [price(usage, prices=litellm, requests=number) for number in (1, 3)] == [1.5, 2.5]


@pytest.mark.parametrize("others", [{}, {"web_searches": 1}, {"input_image_tokens": 1}])
def test_several_requests_above_the_lowest_threshold_have_no_cost(install: Any, others: dict[str, int]) -> None:
    tiered = TieredPrices(Decimal(1), [Tier(100, Decimal(2)), Tier(200, Decimal(3))])
    install(ModelPrice(input_mtok=tiered, output_mtok=Decimal(1), web_searches_kcount=Decimal(1)))
    for prompt, is_known in ((100, True), (101, False), (201, False)):
        usage = {"input_tokens": prompt - 50, "cache_read_tokens": 50, "output_tokens": 1_000_000} | others
        assert price(usage) is not None
        assert price(usage, requests=2) == (price(usage) if is_known else None)


def test_several_requests_by_a_file_with_tiers() -> None:
    prices = {"m": {"input": 1, "output": 1, "above": {"1000": {"input": 2}}}}
    for prompt, usd in ((1_000, 0.001), (1_001, None)):
        assert price({"input_tokens": prompt, "output_tokens": 0}, prices=prices, requests=2) == usd


@pytest.mark.parametrize(
    ("requests", "found"), [(0, "0"), (-1, "-1"), (1.5, "1.5"), ("2", r"a string \('2'\)"), (10**400, "a number")]
)
def test_what_is_no_number_of_requests(requests: Any, found: str) -> None:
    message = rf"^expected a number of requests \(an integer ≥ 1\), found {found}$"
    with pytest.raises(ValueError, match=message):
        price({"input_tokens": 1, "output_tokens": 1}, "gpt-5", requests=requests)


def test_a_schedule_bills_by_the_bucket_too() -> None:
    provider = next(each for each in get_snapshot().providers if each.id == "anthropic")
    model = provider.find_model("claude-sonnet-4-5")
    tokens = buckets({"input": 1_000, "output": 100})
    assert model is not None
    assert tokens is not None
    bill = Schedule(provider, model, None).bill(NOON.timestamp(), tokens, {"web_searches": 0})
    assert bill == pytest.approx((0.0045, None))
