"""Findings about length: a footer that is longer than its surface takes, for a sample turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.contract.samples import SAMPLES
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.engine.bar import UsageBar
    from usagebar.engine.pieces import Place
    from usagebar.surfaces.profiles import Profile

MOST_PER_CODE_POINT = 4  # of any unit: bytes


def over_limits(bar: UsageBar, place: Place) -> Iterator[Finding]:
    """Walk the surfaces, below a place, whose footer is too long for a sample turn; the longest one is named."""
    for surface in bar.surfaces:
        profile = PROFILES.get(surface)
        if profile is not None and profile.limit is not None:
            lengths = ((_length(bar, surface, name, profile), name) for name in SAMPLES)
            longest, turn = max(lengths, key=lambda each: each[0])
            if longest > profile.limit:
                per = " a line" if profile.each_line else ""
                message = f"expected at most {profile.limit} {profile.unit}{per} on {surface}, found {longest}"
                message += f" for the sample turn `{turn}`"
                suggestion = "leave out pieces, or shorten them"
                yield Finding("over-limit", message, (*place, surface), is_key=True, suggestion=suggestion)


def _length(bar: UsageBar, surface: str, turn: str, profile: Profile) -> int:
    footer = bar.render(SAMPLES[turn].contract, surface)
    if len(footer) * MOST_PER_CODE_POINT <= (profile.limit or 0):  # as nearly always
        return 0
    from usagebar.surfaces.appearance import measured  # noqa: PLC0415 - hardly ever asked

    return max(length for _, length in measured(footer, profile))
