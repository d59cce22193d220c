"""The rates that are remembered from an earlier process: the same as those of genai-prices, without importing it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from usagebar.pricing.catalogue import catalogue
from usagebar.pricing.remembered import CardTable, RememberedRates

NOW = datetime(2026, 2, 3, tzinfo=UTC).timestamp()
CONTEXTS = (None, {"service_tier": "batch"}, {"speed": "fast"})


def names() -> list[tuple[str, str]]:
    return [(model.id, seller.id) for seller in catalogue().snapshot.providers for model in seller.models]


def again(rates: RememberedRates) -> RememberedRates:
    return RememberedRates(rates.text())


def moments(table: CardTable) -> list[float]:
    """Return a moment in each cell and at each border of a table."""
    days = [at + step for at in table.days for step in (-1, 0, 1)] or [NOW]
    return [day // 86400 * 86400 + time + step for day in days for time in (0, *table.times) for step in (-1, 0, 1)]


def test_every_model_has_the_same_cards_once_it_is_remembered() -> None:
    first = RememberedRates()
    known = names()
    assert len(known) > 1000
    for model, provider in known:
        first.card(model, provider, None, NOW)
    assert first.is_changed
    second = again(first)
    compared = 0
    for model, provider in known:
        schedule = catalogue().schedule(model, provider, None)
        if schedule is None:  # its own provider does not find it by its name
            assert second.card(model, provider, None, NOW) is None
            continue
        table = schedule.table()
        assert table is not None
        for moment in moments(table):
            assert second.card(model, provider, None, moment) == schedule.card(moment), (model, provider, moment)
            compared += 1
    assert compared > 2 * len(known)
    assert not second.is_changed
    assert second.label == catalogue().label


@pytest.mark.parametrize("context", CONTEXTS)
def test_each_context_has_prices_of_its_own(context: dict[str, str] | None) -> None:
    first = RememberedRates()
    for each in CONTEXTS:
        first.card("claude-opus-4-6", "anthropic", each, NOW)
    schedule = catalogue().schedule("claude-opus-4-6", "anthropic", context)
    assert schedule is not None
    assert again(first).card("claude-opus-4-6", "anthropic", context, NOW) == schedule.card(NOW)


def test_a_model_that_is_not_known_is_remembered_too() -> None:
    first = RememberedRates()
    assert first.card("no-such-model", None, None, NOW) is None
    second = again(first)
    assert second.card("no-such-model", None, None, NOW) is None
    assert not second.is_changed


def test_what_is_remembered_needs_no_import() -> None:
    first = RememberedRates()
    first.card("gpt-5", "openai", None, NOW)
    program = (
        "import sys\nfrom usagebar.pricing.remembered import RememberedRates\n"
        "rates = RememberedRates(sys.stdin.read())\n"
        f"card = rates.card('gpt-5', 'openai', None, {NOW})\n"
        "assert card is not None and rates.label.startswith('genai-prices ')\n"
        "assert 'genai_prices' not in sys.modules and 'pydantic' not in sys.modules\n"
        "assert rates.card('gpt-5-mini', 'openai', None, 0.0) is not None and rates.is_changed\n"
        "assert 'genai_prices' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], input=first.text(), text=True, check=True)


WRONG = ["", "null", "[]", "{", '{"form": 1}', '{"form": 2, "of": [], "label": "x", "tables": {}}', "\x00", "1e999"]


@pytest.mark.parametrize("text", WRONG)
def test_text_that_is_none_of_ours_is_passed_over(text: str) -> None:
    rates = RememberedRates(text)
    assert rates.card("gpt-5", "openai", None, NOW) is not None
    assert rates.is_changed


@pytest.mark.parametrize("member", ["of", "tables", "form", "label"])
def test_text_of_another_installation_is_passed_over(member: str) -> None:
    first = RememberedRates()
    first.card("gpt-5", "openai", None, NOW)
    found = json.loads(first.text())
    found[member] = {"of": [], "tables": {"x": [1]}, "form": 0}.get(member, found[member])
    if member == "label":
        del found[member]
    later = RememberedRates(json.dumps(found))
    assert later.card("gpt-5", "openai", None, NOW) == first.card("gpt-5", "openai", None, NOW)
    assert later.is_changed
