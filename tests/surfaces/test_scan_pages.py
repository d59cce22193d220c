"""Scans of a page's HTML, against html5lib, which reads it as browsers do."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usagebar.surfaces.composing import tags
from usagebar.surfaces.composing.scan import Scan

Styled = list[tuple[str, tuple[str, ...]]]


def shown(page: str) -> Styled:
    """Return each character of a page with the tags it is in."""
    found: Styled = []

    def walk(element: Any, outer: tuple[str, ...]) -> None:
        inner = (*outer, element.tag)
        found.extend((char, inner) for char in element.text or "")
        for child in element:
            walk(child, inner)
            found.extend((char, inner) for char in child.tail or "")

    for element in html5lib.parseFragment(page, namespaceHTMLElements=False):
        walk(element, ())
    return found


def parts(page: str, found: Scan, at: int) -> tuple[str, str]:
    opens = found.opens(at)
    closing = "".join(each.closing for each in reversed(opens))
    return page[:at] + closing, "".join(each.opening for each in opens) + page[at:]


def check_cuts(page: str) -> None:
    found = tags.scan(page, "matrix-html")
    assert found.text == page
    assert found.is_counted
    inside = {at for start, end in found.whole for at in range(start + 1, end)}
    for at in range(1, len(page)):
        if at not in inside:
            first, second = (shown(f"<div>{part}</div>") for part in parts(page, found, at))
            assert first + second == shown(f"<div>{page}</div>"), (at, parts(page, found, at))


PAGES = [
    "<b>bold <i>both</i></b> &lt;&amp;&eacute; plain",
    'a<br>b<br/>c<img src="x>" alt=y>d<hr>e',
    "<ul><li>a<li>b<b>c</b></ul>d",
    "<!-- > -->a<!-->b<?php x>c<!DOCTYPE x>",
    "<blockquote><p>a</p><p>b</p></blockquote>",
    "a <script>if (a<b) '</b>'</script> b <STYLE>x</style>c",
    "<a href='x' title=\"<b>\">t</a> 1 < 2 & 3",
    "",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_cut_anywhere(page: str) -> None:
    check_cuts(page)


def element(name: str, inside: list[str]) -> str:
    return f"<{name} title='<>'>{''.join(inside)}</{name.upper()}>"


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(element, st.sampled_from(["b", "i", "div", "span", "code", "sub", "blockquote"]), st.lists(inner))


TEXTS = st.sampled_from(
    ["a", "b c", "é🌑", "&lt;", "&amp;", "&#65;", "\n", "<br>", "<img alt='>'>", "<!-- <b> -->", ">"]
)


@given(st.lists(st.recursive(TEXTS, nested, max_leaves=10), max_size=4).map("".join))
@settings(deadline=None, max_examples=30)
def test_any_page_is_cut_anywhere(page: str) -> None:
    check_cuts(page)


OPEN = [
    ("a</b>b", 6, []),
    ("<b>a", 4, ["<b>"]),
    ("<b><i>a</b>c", 12, []),
    ("<p>a<p>b", 4, []),
    ("<p>a<p>b", 8, ["<p>"]),
    ("<a href='x'>b", 13, ["<a href='x'>"]),
    ("<input>a", 8, []),
    ("<b", 2, []),
    ("<ul><li>a<ul><li>b", 18, ["<ul>", "<li>", "<ul>", "<li>"]),
]


@pytest.mark.parametrize(("page", "at", "expected"), OPEN)
def test_what_is_open(page: str, at: int, expected: list[str]) -> None:
    assert [each.opening for each in tags.scan(page, "html").opens(at)] == expected


def test_where_nothing_is_open() -> None:
    found = tags.scan("a<b>b</b><p>c<p>d", "html")
    assert [found.outside(at) for at in (1, 4, 5, 9, 13, 16, 17)] == [1, 1, 1, 9, 13, 13, 13]


@given(st.lists(st.sampled_from(["<", ">", "</b>", "<b>", "<p>", "<!--", "'", "&lt;", "<script>", "a"])).map("".join))
def test_anything_is_scanned(page: str) -> None:
    found = tags.scan(page, "html")
    assert all(0 <= start < end <= len(page) for start, end in found.whole)
    assert all(before[1] <= after[0] for before, after in zip(found.whole, found.whole[1:], strict=False))
    assert all(not found.opens(found.outside(at)) for at in range(len(page) + 1))


@pytest.mark.parametrize("unit", ["<a ", "<a '", "<!--", "<", "<b>", "</b>", "<li>", "<script>", "<?", "&"])
def test_a_long_page_takes_no_square_of_its_length(unit: str) -> None:
    page = unit * (120_000 // len(unit))
    assert tags.scan(page, "html").text == page
