"""Sample turns: what a template is tried on by the check and the preview.

Each is a turn that can happen, read from what its source would answer: what it says of its tokens holds together. None
has a `surface`: whoever shows them says where.
"""

from __future__ import annotations

from usagebar.contract import sample_turns as turns
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Sample(Record):
    """A turn to try a template on: its name on the command line, what it is a sample of, and its contract."""

    name: str
    summary: str
    contract: Mapping[str, Any]


SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample("typical", "an ordinary turn of one call, most of it read from the cache", turns.typical()),
        Sample(
            "first-turn",
            "the first turn of a session: nothing is cached, the window is all but empty",
            turns.first_turn(),
        ),
        Sample("nothing-known", "a turn of which nothing was reported", turns.nothing_known()),
        Sample("total-only", "a local model that reports the total of its tokens alone", turns.total_only()),
        Sample("fallback", "another model answered than the one asked for, after several calls", turns.fallback()),
        Sample("override", "a model that the user chose, and a budget that is nearly spent", turns.override()),
        Sample("full-context", "a window that is full to the last token", turns.full_context()),
        Sample("over-full", "a window that holds more than it should, before it is compacted", turns.over_full()),
        Sample(
            "huge",
            "the largest numbers that are likely: a long run over a window of a million tokens",
            turns.huge(),
        ),
        Sample("free", "a turn that cost nothing, and is known to", turns.free()),
        Sample("quota", "a subscription: windows of quota in place of a cost", turns.quota()),
        Sample("hostile", "names that attack where they are shown: markup, mentions, controls", turns.hostile()),
    )
}
