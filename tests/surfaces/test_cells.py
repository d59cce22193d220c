"""Text in terminal cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.cells import clusters, width

anything = st.text(st.characters(exclude_categories=()))

WIDTHS = [
    ("", []),
    ("ab", [("a", 1), ("b", 1)]),
    ("🌑x", [("🌑", 2), ("x", 1)]),
    ("☁️", [("☁️", 2)]),
    ("☁", [("☁", 1)]),
    ("🗄🗄️", [("🗄", 1), ("🗄️", 2)]),
    ("⣿░█", [("⣿", 1), ("░", 1), ("█", 1)]),
    ("e\u0301", [("e\u0301", 1)]),
    ("漢", [("漢", 2)]),
    ("🇩🇪🇫🇷", [("🇩🇪", 2), ("🇫🇷", 2)]),
    ("👩‍👩‍👧!", [("👩‍👩‍👧", 2), ("!", 1)]),
    ("a\x1b\n", [("a", 1), ("\x1b", 0), ("\n", 0)]),
]


@pytest.mark.parametrize(("text", "expected"), WIDTHS)
def test_clusters_and_their_cells(text: str, expected: list[tuple[str, int]]) -> None:
    assert list(clusters(text)) == expected
    assert width(text) == sum(cells for _, cells in expected)


@given(anything)
def test_clusters_make_up_the_text(text: str) -> None:
    assert "".join(cluster for cluster, _ in clusters(text)) == text
    assert width(text) == sum(cells for _, cells in clusters(text)) >= 0
