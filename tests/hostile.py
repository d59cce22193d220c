"""Values that are more than text somewhere, and templates' texts they may stand in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import strategies as st

VALUES: list[str] = [
    value
    for kind in json.loads((Path(__file__).parent / "surfaces" / "hostile.json").read_text("utf-8")).values()
    for value in kind
]
LONG = [
    fragment * (10_000 // len(fragment)) for fragment in ("*", "`a", "<", "@everyone ", "_a", "\\", "&", "\x1b[", "x")
]

_SPECIALS = sorted({char for value in VALUES for char in value if not char.isalnum()})
_fragments = (
    st.sampled_from(VALUES) | st.sampled_from(_SPECIALS) | st.text(st.characters(exclude_categories=()), max_size=3)
)

values = st.sampled_from(VALUES) | st.lists(_fragments, max_size=5).map("".join)

_BREAK = re.compile("\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def in_a_line(value: str) -> str:
    """Return what of a value is to be seen in a chat's line."""
    return _SURROGATE.sub("\ufffd", _DROPPED.sub("", _BREAK.sub(" ", value)))


def literally(value: str) -> str:
    """Return what of a value is to be seen where its lines stay."""
    return _SURROGATE.sub("\ufffd", value)


def lines(literals: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Return lines of a template's texts, each with the value behind it."""
    return st.lists(st.tuples(st.sampled_from(literals), values), min_size=1, max_size=4)
