"""The prices that are configured: which files, in which order, read when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from usagebar.pricing import PriceError, configured_prices, load_prices, turn_cost

USAGE = {"input_tokens": 1_000_000, "output_tokens": 0}
OWN = '{"m": {"input": 1, "output": 1}}'
OPENCLAW = '{"models": {"providers": {"p": {"models": [{"id": "%s", "cost": {"input": 7, "output": 7}}]}}}}'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a home without anything in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("USAGEBAR_PRICES", raising=False)
    monkeypatch.delenv("OPENCLAW_DIR", raising=False)
    configured_prices.cache_clear()
    yield tmp_path
    configured_prices.cache_clear()


def put(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def dollars(model: str, provider: str | None = "p") -> tuple[float, str] | None:
    cost = turn_cost(USAGE, model, provider=provider)
    return None if cost is None else (cost.usd, cost.prices)


def test_nothing_is_configured() -> None:
    assert len(configured_prices()) == 0
    assert dollars("m") is None
    found = dollars("gpt-4o", "openai")
    assert found is not None
    assert found[1].startswith("genai-prices ")


def test_the_users_file_then_openclaws_then_genai_prices(home: Path) -> None:
    put(home / ".config/usagebar/prices.json", OWN)
    put(home / ".openclaw/openclaw.json", OPENCLAW % "m")
    assert dollars("m") == (1.0, "prices.json")
    assert dollars("gpt-4o", "openai") is not None
    put(home / ".openclaw/openclaw.json", OPENCLAW % "n")
    configured_prices.cache_clear()
    assert dollars("n") == (7.0, "openclaw.json")
    assert dollars("n", "q") is None


def test_given_prices_replace_those_that_are_configured(home: Path) -> None:
    put(home / ".config/usagebar/prices.json", OWN)
    assert turn_cost(USAGE, "m", prices=load_prices()) is None
    assert turn_cost(USAGE, "m", prices=False) is None
    cost = turn_cost(USAGE, "m", prices={"m": {"input": 9, "output": 9}})
    assert cost is not None
    assert (cost.usd, cost.prices) == (9.0, "<mapping>")


@pytest.mark.parametrize("variable", ["USAGEBAR_PRICES", "XDG_CONFIG_HOME"])
def test_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    put(home / ".config/usagebar/prices.json", '{"m": {"input": 5}}')
    path = put(home / "elsewhere/usagebar/prices.json", '{"m": {"input": 2, "output": 2}}')
    monkeypatch.setenv(variable, path if variable == "USAGEBAR_PRICES" else str(home / "elsewhere"))
    assert dollars("m") == (2.0, "prices.json")


@pytest.mark.parametrize(("variable", "value"), [("USAGEBAR_PRICES", " "), ("XDG_CONFIG_HOME", "relative")])
def test_values_that_name_nothing(home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    put(home / ".config/usagebar/prices.json", OWN)
    monkeypatch.setenv(variable, value)
    assert dollars("m") == (1.0, "prices.json")


def test_a_tilde_in_the_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home / "mine.json", OWN)
    monkeypatch.setenv("USAGEBAR_PRICES", "~/mine.json")
    assert dollars("m") == (1.0, "mine.json")


def test_they_are_read_once_and_again_on_demand(home: Path) -> None:
    path = home / ".config/usagebar/prices.json"
    put(path, OWN)
    assert dollars("m") == (1.0, "prices.json")
    path.unlink()
    assert dollars("m") == (1.0, "prices.json")
    assert configured_prices() is configured_prices()
    configured_prices.cache_clear()
    assert dollars("m") is None


def test_a_named_file_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGEBAR_PRICES", str(home / "none.json"))
    for _ in range(2):
        with pytest.raises(PriceError, match=r"none\.json: expected a file of prices, found none$"):
            turn_cost(USAGE, "gpt-4o")


@pytest.mark.parametrize("place", [".config/usagebar/prices.json", ".openclaw/openclaw.json"])
def test_a_broken_file(home: Path, place: str) -> None:
    path = put(home / place, '{\n "models": {,}}')
    with pytest.raises(PriceError) as caught:
        turn_cost(USAGE, "gpt-4o")
    assert str(caught.value).startswith(f"{path}:2:")
    # Whoever brings his own prices does not depend on what is configured.
    assert turn_cost(USAGE, "gpt-4o", prices=load_prices()) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " // nothing yet\n",
        "{}",
        '{"agents": {}, "models": {"mode": "merge"}}',
        "{models: {providers: {p: {}}}}",
        "null",
        "{models: null}",
    ],
)
def test_an_openclaw_configuration_without_prices(home: Path, text: str) -> None:
    put(home / ".openclaw/openclaw.json", text)
    assert len(configured_prices()) == 0


def test_a_link_to_an_openclaw_configuration_that_is_not_there(home: Path) -> None:
    (home / ".openclaw").mkdir()
    (home / ".openclaw/openclaw.json").symlink_to(home / "none.json")
    assert len(configured_prices()) == 0


def test_a_wrong_price_in_openclaws_configuration(home: Path) -> None:
    text = OPENCLAW.replace('"input": 7', '"input": "7"') % "m"
    path = put(home / ".openclaw/openclaw.json", text)
    with pytest.raises(PriceError) as caught:
        configured_prices()
    assert str(caught.value).startswith(f"{path}:1:{text.index(chr(34) + '7') + 1}: 'm', input: expected a price")


def test_openclaws_folder_may_be_elsewhere(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home / ".openclaw/openclaw.json", OPENCLAW % "at-home")
    put(tmp_path / "one/openclaw.json", OPENCLAW % "m")
    put(tmp_path / "two/openclaw.json", OPENCLAW % "n")
    monkeypatch.setenv("OPENCLAW_DIR", f"{tmp_path / 'one'}, {tmp_path / 'two'},{tmp_path / 'none'},")
    assert dollars("m") == (7.0, "openclaw.json")
    assert dollars("n") == (7.0, "openclaw.json")
    assert dollars("at-home") is None
