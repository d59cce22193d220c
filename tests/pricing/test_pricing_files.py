"""Price files of all shapes: what they say, what they are refused for, and which models their entries are of."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.pricing import PriceError, Prices, load_prices, turn_cost
from usagebar.pricing.document import read_document
from usagebar.pricing.names import LONGEST_NAME
from usagebar.pricing.prices import MAX_CACHED_FILES, MAX_CACHED_NAMES, _read

ALL = {
    "input_tokens": 1_000_000,
    "cache_read_tokens": 2_000_000,
    "cache_write_tokens": 7_000_000,
    "cache_write_1h_tokens": 4_000_000,
    "output_tokens": 5_000_000,
}
PLAIN = {"input_tokens": 1_000_000, "output_tokens": 1_000_000}


def usd(usage: dict[str, Any], prices: Any, model: str = "m", provider: str | None = None) -> float | None:
    """Return the dollars by these prices, None for none; a price by genai-prices fails."""
    cost = turn_cost(usage, model, provider=provider, prices=prices)
    assert cost is None or not cost.prices.startswith("genai-prices")
    return None if cost is None else cost.usd


def litellm(**prices: float) -> dict[str, float]:
    return {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6} | prices


# Entry → what 1M input, 2M reads, 3M writes, 4M 1-hour writes and 5M output cost.
ENTRIES: list[tuple[dict[str, Any], float | None]] = [
    ({"input": 1, "output": 10, "cache_read": 100, "cache_write": 1_000, "cache_write_1h": 10_000}, 43251),
    ({"input": 1, "output": 10, "cacheRead": 100, "cacheWrite": 1_000, "cacheWrite1h": 10_000}, 43251),
    (
        {
            "input_cost_per_million": 1.0,
            "output_cost_per_million": 10.0,
            "cache_read_cost_per_million": 100.0,
            "cache_write_cost_per_million": 1_000.0,
            "cache_write_1h_cost_per_million": 10_000.0,
        },
        43251,
    ),
    ({"input": Decimal(1), "output": Decimal("10.5")}, 10 + 52.5),
    ({"input": 1, "output": 10}, 60),  # what is cached is input
    ({"input": 1, "output": 10, "cache_write": 3}, 3 + 21 + 50),  # an hour's write is a write
    ({"input": 1, "output": 10, "cache_write_1h": 3}, 6 + 12 + 50),
    ({"input": 0, "output": 0}, 0),  # the user's word
    ({"input": 1}, None),  # output was used, and nobody knows what it costs
    ({"output": 1}, None),
    ({"cache_read": 1, "cache_write": 1, "output": 1}, None),
    ({"input": 1, "output": 1, "$comment": "as of today"}, 15),
    ({"input": 1, "output": 1, "above": {}}, 15),
    # A tier is for the whole request; what it does not change stays.
    ({"input": 1, "output": 1, "above": {"10000000": {"input": 2}}}, 15),
    ({"input": 1, "output": 1, "above": {"9999999": {"input": 2}}}, 25),
    ({"input": 1, "output": 1, "cache_read": 1, "above": {"9999999": {"input": 2}}}, 23),
    ({"input": 1, "output": 1, "above": {"5": {"input": 2, "output": 3}, "9999999": {"input": 4}}}, 40 + 15),
    ({"input": 1, "output": 1, "above": {5: {"input": 2}}}, 25),
    (litellm(), 20),
    (litellm(cache_read_input_token_cost=1e-4, cache_creation_input_token_cost=1e-3), 1 + 200 + 7000 + 10),
    (litellm(cache_creation_input_token_cost=3e-6, cache_creation_input_token_cost_above_1hr=5e-6), 3 + 9 + 20 + 10),
    (litellm(input_cost_per_token_above_200k_tokens=2e-6), 30),
    (litellm(input_cost_per_token_above_10m_tokens=2e-6), 20),
    (litellm(input_cost_per_token_above_9999k_tokens=2e-6, output_cost_per_token_above_128k_tokens=3e-6), 35),
    (
        litellm(
            cache_creation_input_token_cost_above_1hr=2e-6,
            cache_creation_input_token_cost_above_1hr_above_1k_tokens=3e-6,
        ),
        6 + 12 + 10,
    ),
    (litellm(input_cost_per_token_batches=9.0, input_cost_per_token_above_200k_tokens_batches=9.0), 20),
    (litellm(input_cost_per_token_above_manyk_tokens=9.0, input_cost_per_token_above_0k_tokens=1e-6), 20),
    (litellm(input_cost_per_request=0.5), 20.5),
    (litellm() | {"cache_read_input_token_cost": None}, 20),
]


@pytest.mark.parametrize(("entry", "expected"), ENTRIES)
def test_entries(entry: dict[str, Any], expected: float | None) -> None:
    assert usd(ALL, {"m": entry}) == (None if expected is None else pytest.approx(expected, rel=1e-12))


# LiteLLM's entries that have no price for tokens.
SKIPPED: list[Any] = [
    {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04},
    {"litellm_provider": "openai", "input_cost_per_second": 0.1},
    {"input_cost_per_query": 0.002, "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    {"litellm_provider": "x", "tiered_pricing": [{"input_cost_per_token": 1e-6, "range": [0, 5]}]},
    litellm() | {"off_peak_pricing": {"input_cost_per_token": 5e-7}},
    {"mode": "chat"},
]


@pytest.mark.parametrize("entry", SKIPPED)
def test_entries_without_prices_for_tokens(entry: Any) -> None:
    assert len(load_prices({"m": entry})) == 0


def test_a_free_model_of_litellm_is_free() -> None:
    assert (
        usd(
            PLAIN, {"m": {"litellm_provider": "x", "input_cost_per_token": 0, "output_cost_per_token": 0}}, provider="x"
        )
        == 0
    )


def test_sections_of_litellms_list_are_no_models() -> None:
    document = {"sample_spec": litellm(), "rules": {"rules": []}, "x/m": litellm() | {"litellm_provider": "x"}}
    assert list(load_prices(document).tables[0]) == ["x/m"]


# Key in the file, model and provider of the turn, whether they meet.
MEETINGS = [
    ("m", "m", None, True),
    ("m", "M", "anybody", True),
    ("GPT-X", "gpt-x", None, True),
    ("acme/m", "m", "acme", True),
    ("acme/m", "m", "Acme", True),
    ("acme/m", "acme/m", None, True),
    ("acme/m", "acme/m", "acme", True),
    ("acme/m", "m", None, False),
    ("acme/m", "m", "other", False),
    ("anthropic/m", "m", "claude-code", True),
    ("gemini/m", "m", "google", True),
    ("vertex_ai/m", "m", "google-vertex", True),
    ("xai/m", "m", "x-ai", True),
    ("m", "acme/m", None, True),
    ("m", "[openclaw] acme/m", None, True),
    ("m", "m[1m]", None, True),
    ("m[1m]", "m", None, False),
    ("m", "us.anthropic.m-v1:0", None, True),
    ("anthropic.m", "us.anthropic.m-v1:0", None, True),
    ("anthropic.m-v1:0", "global.anthropic.m-v1:0", "bedrock", True),
    ("m", "m@20250514", None, True),
    ("m", "m:free", None, False),
    ("", "", None, False),
    ("", " ", "acme", False),
    ("m", "m", " ", True),
    ("acme/m", "acme/m", " ", True),
    ("m", "mm", None, False),
    ("m", "m" * (LONGEST_NAME + 1), None, False),
]


@pytest.mark.parametrize(("key", "model", "provider", "meet"), MEETINGS)
def test_which_models_an_entry_is_of(key: str, model: str, provider: str | None, meet: bool) -> None:
    assert (load_prices({key: {"input": 1}}).find(model, provider) is not None) == meet


def test_the_most_exact_entry_wins() -> None:
    keys = ["acme/us.anthropic.m-v1:0", "us.anthropic.m-v1:0", "acme/anthropic.m-v1:0", "anthropic.m-v1:0", "m"]
    document = {key: {"input": number, "output": 0} for number, key in enumerate(keys)}
    for number in range(len(keys)):
        assert usd(PLAIN, document, "us.anthropic.m-v1:0", "acme") == number
        del document[keys[number]]


# LiteLLM's key and provider, model and provider of the turn, whether they meet.
LITELLM_MEETINGS = [
    ("gpt-x", "openai", "gpt-x", "openai", True),
    ("gpt-x", "openai", "gpt-x", "codex", True),
    ("gpt-x", "openai", "gpt-x", "my-proxy", False),
    ("gpt-x", "openai", "gpt-x", None, False),
    ("gpt-x", "openai", "openai/gpt-x", None, True),
    ("gpt-x", "openai", "ollama/gpt-x", None, False),
    ("gemini-x", "vertex_ai-language-models", "gemini-x", "google", True),
    ("us.anthropic.x-v1:0", "bedrock_converse", "us.anthropic.x-v1:0", "amazon-bedrock", True),
    ("openrouter/a/x", "openrouter", "a/x", "openrouter", True),
    ("a/x", "a", "a/x", "openrouter", False),
    ("a/x", "a", "a/x", "litellm", True),
]


@pytest.mark.parametrize(("key", "owner", "model", "provider", "meet"), LITELLM_MEETINGS)
def test_litellms_prices_are_of_one_provider(
    key: str, owner: str, model: str, provider: str | None, meet: bool
) -> None:
    prices = load_prices({key: litellm() | {"litellm_provider": owner}})
    assert (prices.find(model, provider) is not None) == meet


OPENCLAW = {
    "agents": {"defaults": {"model": "acme/m"}},
    "models": {
        "mode": "merge",
        "providers": {
            "acme": {
                "baseUrl": "http://localhost",
                "models": [
                    {"id": "m", "name": "M", "cost": {"input": 1, "output": 2, "cacheRead": 0.5, "cacheWrite": 4}},
                    {"id": "org/n", "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}},
                    {"id": "no-cost"},
                    {"id": "empty-cost", "cost": {}},
                ],
            },
            "bare": {"baseUrl": "http://localhost"},
        },
    },
}


def test_openclaws_models_are_of_their_provider() -> None:
    assert usd(ALL, OPENCLAW, "m", "acme") == 1 + 1 + 28 + 10
    assert usd(ALL, OPENCLAW, "acme/m") == 40
    assert usd(ALL, OPENCLAW, "org/n", "acme") == 0
    assert [
        usd(ALL, OPENCLAW, *turn) for turn in (("m", "other"), ("m",), ("no-cost", "acme"), ("empty-cost", "acme"))
    ] == [None] * 4
    assert usd(ALL, OPENCLAW, "acme/m", "other") is None  # the name of another provider's model
    assert len(load_prices(OPENCLAW)) == 2


def one_model(cost: Any, **rest: Any) -> dict[str, Any]:
    return {"models": {"providers": {"acme": {"models": [{"id": "m", "cost": cost} | rest]}}}}


NOTHING_CONFIGURED: list[Any] = [
    {"models": {"providers": None}},
    {"models": {"providers": {"acme": None}}},
    {"models": {"providers": {"acme": {"models": None}}}},
    {"models": {"providers": {"acme": {"models": [None]}}}},
    one_model(None),
    one_model(None, id=None),
    one_model({"input": None, "output": None}),
    # Above a threshold the base price would be wrong.
    one_model({"input": 1, "output": 1, "tieredPricing": [{"above": 200_000, "input": 2}]}),
    one_model({"input": 1, "output": 1, "tiers": {"200000": {"input": 2}}}),
]


@pytest.mark.parametrize("config", NOTHING_CONFIGURED, ids=range(len(NOTHING_CONFIGURED)))
def test_openclaws_configuration_may_have_null_or_tiers_anywhere(config: dict[str, Any]) -> None:
    assert len(load_prices(config)) == 0
    config["models"]["providers"] = (config["models"]["providers"] or {}) | OPENCLAW["models"]["providers"]  # type: ignore[index]
    config["models"]["providers"]["other"] = {"models": [{"id": "m", "cost": {"input": 1, "output": None}}]}
    assert usd({"input_tokens": 1_000_000}, config, "m", "other") == 1
    assert usd(PLAIN, config, "m", "other") is None


@pytest.mark.parametrize("key", ["tieredPricing", "tiers"])
def test_openclaws_costs_without_any_tier_are_prices(key: str) -> None:
    nothing: list[Any] = [None, [], {}]
    for none in nothing:
        assert usd(PLAIN, one_model({"input": 1, "output": 1, key: none}), "m", "acme") == 2


def test_a_variable_in_openclaws_configuration_is_no_price() -> None:
    with pytest.raises(PriceError, match=r"'m', input: expected a price .* found a string \('\$\{PRICE\}'\)"):
        load_prices(one_model({"input": "${PRICE}", "output": 1}))


def test_earlier_sources_win_even_with_no_cost() -> None:
    first, second = {"m": {"input": 1}}, {"m": {"input": 2, "output": 2}, "n": {"input": 3, "output": 3}}
    prices = load_prices(first, load_prices(second))
    assert [len(prices), len(load_prices(prices, {}))] == [3, 3]
    assert usd({"input_tokens": 1_000_000}, prices) == 1
    assert usd(PLAIN, prices) is None
    assert usd(PLAIN, prices, "n") == 6
    assert usd(PLAIN, load_prices(second, first)) == 4
    assert usd(PLAIN, Prices()) is None


def test_a_file_comes_before_genai_prices_and_nothing_else_changes() -> None:
    prices = load_prices({"gpt-5": {"input": 1, "output": 1}})
    assert usd(PLAIN, prices, "gpt-5", "openai") == 2
    other = turn_cost(PLAIN, "gpt-5-mini", provider="openai", prices=prices)
    assert other is not None
    assert other.prices.startswith("genai-prices")


def test_names_do_not_fill_the_memory() -> None:
    prices = load_prices({"m": {"input": 1}})
    for number in range(MAX_CACHED_NAMES + 10):
        assert prices.find(f"no-such-{number}") is None
    assert len(prices._found) <= MAX_CACHED_NAMES
    assert prices.find("m") is not None


# ---------------------------------------------------------------- files


def write(folder: Path, text: str | bytes, name: str = "prices.json") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        '{"m": {"input": 1, "output": 1}}',
        '\ufeff{"m": {"input": 1, "output": 1,}, /* mine */}',
        "{m: {input: +1, output: 1.}}",
        '{"$schema": "…", "m": {"input": 1e0, "output": 1}}',
    ],
)
def test_texts(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    for source in (path, str(path)):
        cost = turn_cost(PLAIN, "m", prices=source)
        assert cost is not None
        assert (cost.usd, cost.source, cost.prices, cost.long_context) == (2.0, "estimated", "prices.json", None)


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry, read = '{"m": {"input": %d, "output": 0}}', []
    path = write(tmp_path, entry % 1)

    def counted(source: Any) -> Any:
        read.append(source)
        return read_document(source)

    monkeypatch.setattr("usagebar.pricing.document.read_document", counted)
    assert [usd(PLAIN, path), usd(PLAIN, path), usd(PLAIN, str(path))] == [1, 1, 1]
    assert len(read) == 1
    os.utime(write(tmp_path, entry % 2), ns=(5, 5))  # of the same size
    assert [usd(PLAIN, path), usd(PLAIN, path)] == [2, 2]
    assert len(read) == 2
    other = write(tmp_path, entry % 3, "other.json")
    os.utime(other, ns=(5, 5))
    other.replace(path)
    assert usd(PLAIN, path) == 3
    write(tmp_path, "{")
    for _ in range(2):
        with pytest.raises(PriceError, match=r"prices\.json:1:2: "):
            usd(PLAIN, path)
    path.unlink()
    for _ in range(2):
        with pytest.raises(PriceError, match=r"expected a file of prices, found none$"):
            usd(PLAIN, path)


def test_files_do_not_fill_the_memory(tmp_path: Path) -> None:
    for number in range(MAX_CACHED_FILES + 2):
        path = write(tmp_path, f'{{"m": {{"input": {number}, "output": 0}}}}', f"{number}.json")
        assert usd(PLAIN, path) == number
        assert len(_read) <= MAX_CACHED_FILES


def test_a_path_below_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, '{"m": {"input": 1, "output": 1}}')
    assert usd(PLAIN, "~/prices.json") == 2


REFUSED_TEXTS: list[tuple[str | bytes, str]] = [
    ("", ":1:1: expected a value, found the end of the text"),
    ('{"m": {"input": 1}', ":1:19: expected ',' or '}' after a member, found the end of the text"),
    ('{\n "m": {"input": }}', ":2:17: expected a value, found `}`"),
    ('{"m": {"input": 1}} {}', ":1:21: expected the end of the text, found `{`"),
    ("[]", ":1:1: expected prices by model (an object), found an array ($)"),
    ("5", ":1:1: expected prices by model (an object), found 5 ($)"),
    ('{\n "m": 5}', ":2:7: expected the prices of 'm' (an object), found 5 ($.m)"),
    ('{"m": {}}', ":1:7: 'm': expected a price such as `input`, found none ($.m)"),
    (
        '{"m": {\n"input": "3"}}',
        ":2:10: 'm', input: expected a price (a finite number ≥ 0), found a string ('3') ($.m.input)",
    ),
    ('{"m": {"input": -3}}', ":1:17: 'm', input: expected a price (a finite number ≥ 0), found -3 ($.m.input)"),
    (
        '{"m": {"input": true}}',
        ":1:17: 'm', input: expected a price (a finite number ≥ 0), found a boolean ($.m.input)",
    ),
    ('{"m": {"input": null}}', ":1:17: 'm', input: expected a price (a finite number ≥ 0), found null ($.m.input)"),
    ('{"m": {"input": 1e999}}', ":1:17: 'm', input: expected a price (a finite number ≥ 0), found inf ($.m.input)"),
    ('{"m": {"input": NaN}}', ":1:17: 'm', input: expected a price (a finite number ≥ 0), found nan ($.m.input)"),
    ('{"m": {"input": 1, "cach_read": 1}}', "found `cach_read` ($.m.cach_read)"),
    (
        '{"m": {"cacheRead": 1, "cache_read": 1}}',
        "'m': expected one price for cache_read, found `cache_read` beside another",
    ),
    ('{"m": {"input": 1, "above": 5}}', ":1:29: expected the tiers of 'm' (an object), found 5 ($.m.above)"),
    ('{"m": {"input": 1, "above": {"200k": {}}}}', "'m': expected a number of tokens such as `200000`, found `200k`"),
    ('{"m": {"input": 1, "above": {"5": {}, "05": {}}}}', "'m': expected each number of tokens once, found `05` again"),
    ('{"m": {"input": 1, "above": {"5": {"inptu": 1}}}}', "found `inptu`"),
    ('{"m": {"input": 1, "above": {"5": 1}}}', "expected the prices of a tier (an object), found 1"),
    ('{"m": {"input_cost_per_token": "1e-6"}}', "'m', input_cost_per_token: expected a price"),
    (
        '{"m": {"input_cost_per_token": 1, "input_cost_per_request": -1}}',
        "'m', input_cost_per_request: expected a price",
    ),
    ('{"models": {"providers": {"p": 5}}}', "expected a provider (an object), found 5 ($.models.providers.p)"),
    ('{"models": {"providers": {"p": {"models": 5}}}}', "expected a list of models, found 5"),
    (
        '{"models": {"providers": {"p": {"models": [5]}}}}',
        "expected a model (an object), found 5 ($.models.providers.p.models[0])",
    ),
    (
        '{"models": {"providers": {"p": {"models": [{"cost": {}}]}}}}',
        "expected the id of a model that has a cost, found null",
    ),
    (
        '{"models": {"providers": {"p": {"models": [{"id": "m", "cost": 5}]}}}}',
        "expected the cost of a model (an object), found 5",
    ),
    (
        '{"models": {"providers": {"p": {"models": [\n{"id": "m", "cost": {"input": "1"}}]}}}}',
        ":2:31: 'm', input: expected a price (a finite number ≥ 0), found a string ('1') "
        "($.models.providers.p.models[0].cost.input)",
    ),
    (b'{"m": \xff}', ": expected UTF-8, found byte 0xff at offset 6"),
    ("[" * 100_000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED_TEXTS, ids=range(len(REFUSED_TEXTS)))
def test_texts_that_are_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(PriceError) as caught:
        load_prices(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [{5: {}}, {"m": {5: 1}}, {"m": {"input": 1, "above": {None: {}}}}, {"m": {"input": 1, "above": {-5: {}}}}],
)
def test_mappings_that_are_refused(source: Any) -> None:
    with pytest.raises(PriceError, match=r"^<mapping>: expected strings as keys, found "):
        load_prices(source)


@pytest.mark.parametrize("source", [5, None, True, b"prices.json", [], {"m"}])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match=r"^expected a path, a mapping or Prices, found \w+$"):
        load_prices(source)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for source, message in (
        (tmp_path / "none.json", "none.json: expected a file of prices, found none"),
        (tmp_path, ": expected a regular file, found something else"),
        (pipe, "pipe: expected a regular file, found something else"),
        (tmp_path / ("n" * 300), ": expected a readable file, found: file name too long"),
        ("a\0b", "'a\\x00b': expected a path, found one that no file can have"),
        ("~a\0b/c", "'~a\\x00b/c': expected a path, found one that no file can have"),
    ):
        with pytest.raises(PriceError) as caught:
            load_prices(source)
        assert message in str(caught.value)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, '{"m": {"input": 1, "output": 1}}')
    monkeypatch.setattr("usagebar.pricing.document.MAX_BYTES", path.stat().st_size)
    assert repr(load_prices(path)) == "<Prices of 1 models>"
    monkeypatch.setattr("usagebar.pricing.document.MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(PriceError, match=r"prices\.json: expected at most 31 bytes, found more$"):
        load_prices(path)


# ---------------------------------------------------------------- LiteLLM's own list


def litellms_list() -> Path:
    found = importlib.util.find_spec("litellm")  # not imported: it has much to say while it is
    if found is None or found.origin is None:
        pytest.skip("litellm is not installed")
    return Path(found.origin).with_name("model_prices_and_context_window_backup.json")


@pytest.mark.no_cover
def test_litellms_list_as_it_is() -> None:
    path = litellms_list()
    prices, document = load_prices(path), json.loads(path.read_text("utf-8"))
    assert len(prices) > 2_000
    table = prices.tables[0]
    for key, entry in table.items():
        members = next(value for name, value in document.items() if name == key or name.lower() == key)
        rates = [entry.card.base[0], entry.card.base[4]]
        said = [members.get("input_cost_per_token"), members.get("output_cost_per_token")]
        assert [None if rate is None else rate / 1e6 for rate in rates] == [
            None if each is None else pytest.approx(each, rel=1e-15) for each in said
        ]
        starts = {
            int(name.split("_above_")[1][:-8]) * 1000
            for name in members
            if name.startswith("input_cost_per_token_above_") and name.endswith("k_tokens")
        }
        assert starts <= {start for start, _ in entry.card.tiers}
    skipped = [
        members for name, members in document.items() if name.lower() not in table and "litellm_provider" in members
    ]
    assert not [each for each in skipped if each.get("input_cost_per_token") and "off_peak_pricing" not in each]


def test_a_turn_by_litellms_list() -> None:
    prices = load_prices(litellms_list())
    usage = {"input_tokens": 1_000, "cache_write_tokens": 3_000, "cache_write_1h_tokens": 1_000, "output_tokens": 100}
    cost = turn_cost(usage, "claude-sonnet-4-5", provider="anthropic", prices=prices)
    assert cost is not None
    assert cost.usd == pytest.approx(0.003 + 2 * 0.00375 + 0.006 + 0.0015)
    assert cost.prices == "model_prices_and_context_window_backup.json"
    long = turn_cost({"input_tokens": 200_001, "output_tokens": 0}, "gemini-2.5-pro", provider="google", prices=prices)
    assert long is not None
    assert long.usd == pytest.approx(200_001 * 2.5e-6)
    assert long.long_context == 200_000


# ---------------------------------------------------------------- anything

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, "input", 3.0]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                ["input", "output", "cacheRead", "above", "200000", "models", "providers", "id", "cost", "m"]
            )
            | st.sampled_from(
                ["input_cost_per_token", "litellm_provider", "mode", "output_cost_per_token_above_1k_tokens"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.no_cover
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.booleans())
@settings(deadline=None, max_examples=300)
def test_no_document_raises_anything_but_a_price_error(document: dict[str, Any], nested: bool) -> None:
    try:
        prices = load_prices({"models": {"providers": document}} if nested else document)
    except PriceError as error:
        refusal = str(error)
        assert "expected" in refusal
        return
    for key in document:
        turn_cost(PLAIN, key, prices=prices)


@given(st.text(max_size=60) | st.text('{}[]:,"minput0123.-e/*\n', max_size=60) | JSON.map(json.dumps))
@settings(deadline=None, max_examples=300)
def test_no_text_raises_anything_but_a_price_error(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), text.encode("utf-8", "surrogatepass"))
        try:
            load_prices(path)
        except PriceError as error:
            refusal = str(error)
            assert refusal.startswith(str(path))


PRICE = st.floats(0, 1e6) | st.integers(0, 10**6)
COUNT = st.integers(0, 10**9)


@given(
    st.tuples(PRICE, PRICE, PRICE, PRICE, PRICE), st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT), st.integers(0, 10**9)
)
def test_what_prices_come_to(prices: tuple[float, ...], counts: tuple[int, ...], above: int) -> None:
    names = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
    entry = dict(zip(names, prices, strict=True))
    doubled = {name: price * 2 for name, price in entry.items()}
    usage = dict(zip(("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"), counts, strict=True))
    is_above = sum(counts[:4]) > above
    exact = sum(Fraction(price) * tokens for price, tokens in zip(prices, counts, strict=True)) / 10**6 * (1 + is_above)
    cost = turn_cost(usage, "m", prices={"m": entry | {"above": {str(above): doubled}}})
    assert cost is not None
    assert math.isclose(cost.usd, float(exact), rel_tol=1e-14, abs_tol=1e-300)
    assert cost.long_context == (above if is_above else None)


def test_an_endless_bill_is_none() -> None:
    assert usd(PLAIN, {"m": {"input": 1e308, "output": 1e308}}) is None
    assert usd({"input_tokens": 10**300, "output_tokens": 0}, {"m": {"input": 1e300, "output": 0}}) is None
