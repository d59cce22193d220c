"""Amounts for people: dollars, tokens, spans of time."""

from __future__ import annotations

from usagebar.ledger.figures import PICO

UNKNOWN = "-"

_CENT = PICO // 100
_FOURTH = PICO // 10_000
_STEPS = ((10**12, "t"), (10**9, "b"), (10**6, "m"), (10**3, "k"))


def money(cost: int | None) -> str:
    """Return picodollars as dollars: two decimals from a cent on, four below, `<$0.0001` for what these cannot show."""
    if cost is None:
        return UNKNOWN
    if cost >= _CENT or cost == 0:
        cents = _rounded(cost, _CENT)
        return f"${cents // 100:,}.{cents % 100:02}"
    return f"$0.{_rounded(cost, _FOURTH):04}" if 2 * cost >= _FOURTH else "<$0.0001"


def told_apart(one: int, other: int) -> tuple[str, str]:
    """Return two amounts as dollars, with as many decimals more as it takes to show that they are not the same."""
    shown = money(one), money(other)
    for decimals in range(4, 13):
        if one == other or shown[0] != shown[1]:
            break
        shown = _exact(one, decimals), _exact(other, decimals)
    return shown


def _exact(cost: int, decimals: int) -> str:
    size = 10**decimals
    units = _rounded(cost, PICO // size)
    return f"${units // size:,}.{units % size:0{decimals}}"


def count(number: int) -> str:
    """Return a count with its thousands apart: `1,234,567`."""
    return f"{number:,}"


def short_count(number: int) -> str:
    """Return a count in five characters at most up to a quadrillion: `999`, `1.2k`, `12k`, `1.2m`, `340b`."""
    for size, letter in _STEPS:
        if _rounded(number, size // 1000) < 1000:  # the unit below shows it
            continue
        tenths = _rounded(number, size // 10)
        return f"{tenths // 10}.{tenths % 10}{letter}" if tenths < 100 else f"{_rounded(number, size):,}{letter}"
    return str(number)


def span(milliseconds: int) -> str:
    """Return a span of time in whole minutes: `4h 12m`, `30m`, `3d 2h`."""
    minutes = milliseconds // 60_000
    days, hours = minutes // 1440, minutes // 60
    if days:
        return f"{days}d {hours % 24}h" if hours % 24 else f"{days}d"
    if hours:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{minutes}m"


def of(number: int, one: str, several: str = "") -> str:
    """Return a count with what it counts: `1 turn`, `1,200 turns`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _rounded(amount: int, unit: int) -> int:
    """Return how many units an amount is, half up."""
    return (2 * amount + unit) // (2 * unit)
