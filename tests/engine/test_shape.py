"""A decoded document → a template: what each broken part costs, and how it is listed."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from usagebar import UsageBar
from usagebar.engine.shape import kind_of, read


def listed(document: dict[Any, Any]) -> list[tuple[str, str, str]]:
    parts = read(document).dropped_parts()
    return [(".".join(map(str, part.place)), part.expected, part.found) for part in parts]


def with_pieces(*pieces: Any, **others: Any) -> dict[Any, Any]:
    return {"output": {"default": list(pieces)}} | others


@pytest.mark.parametrize(
    ("document", "place", "expected", "found"),
    [
        ({"output": 5}, "output", "an object", "a number"),
        ({"output": {"sep": 5}}, "output.sep", "a string", "a number"),
        ({"output": {"default": {}}}, "output.default", "an array of pieces", "an object"),
        ({"output": {"surfaces": []}}, "output.surfaces", "an object of surfaces", "an array"),
        ({"output": {"surfaces": {"a": "x"}}}, "output.surfaces.a", "an array of pieces", "a string"),
        ({"output": {"surfaces": {5: []}}}, "output.surfaces", "strings as keys", "a number"),
        (with_pieces("x"), "output.default.0", "a piece (an object)", "a string"),
        (with_pieces({"when": None, "text": "x"}), "output.default.0.when", "a string", "null"),
        (with_pieces({}, {"unless": []}), "output.default.1.unless", "a string", "an array"),
        (with_pieces({"map": True}), "output.default.0.map", "a string", "a boolean"),
        (with_pieces({"map": "x", "item": 5}), "output.default.0.item", "a string", "a number"),
        (with_pieces({"each": 5, "item": "x"}), "output.default.0.each", "a string", "a number"),
        (with_pieces({"text": 5}), "output.default.0.text", "a string", "a number"),
        (with_pieces({"map": "x", "cases": 5}), "output.default.0.cases", "an object of cases", "a number"),
        (with_pieces({"map": "x", "cases": {"a": 5}}), "output.default.0.cases.a", "a string", "a number"),
        (with_pieces({"map": "x", "cases": {5: "a"}}), "output.default.0.cases", "strings as keys", "a number"),
        (with_pieces({"each": "l", "join": 5}), "output.default.0.join", "a string", "a number"),
        (
            with_pieces({"each": "l", "item_scales": "s"}),
            "output.default.0.item_scales",
            "an array of scale names",
            "a string",
        ),
        (with_pieces({"each": "l", "item_scales": ["s", 5]}), "output.default.0.item_scales.1", "a string", "a number"),
        (with_pieces(scales=5), "scales", "an object of scales", "a number"),
        (with_pieces(ramps={5: "ab"}), "ramps", "strings as keys", "a number"),
        (with_pieces(scales={"s": 5}), "scales.s", "a string or an array of strings", "a number"),
        (with_pieces(series={"s": ["a", None]}), "series.s.1", "a string", "null"),
        (with_pieces(aliases=[]), "aliases", "an object of alias tables", "an array"),
        (with_pieces(aliases={"t": 5}), "aliases.t", "an object of labels", "a number"),
        (with_pieces(aliases={"t": {"k": 5}}), "aliases.t.k", "a string", "a number"),
        (with_pieces(aliases={"t": {None: "x"}}), "aliases.t", "strings as keys", "null"),
        ({"sep": 5}, "sep", "a string", "a number"),
        ({"segments": {}}, "segments", "an array of pieces", "an object"),
        ({"segments": [5]}, "segments.0", "a piece (an object)", "a number"),
        ({"surfaces": 5}, "surfaces", "an object of surfaces", "a number"),
        ({"surfaces": {"a": 5}}, "surfaces.a", "an object", "a number"),
        ({"surfaces": {"a": {"sep": 5}}}, "surfaces.a.sep", "a string", "a number"),
        ({"surfaces": {"a": {"segments": 5}}}, "surfaces.a.segments", "an array of pieces", "a number"),
        ({"surfaces": {"a": {"segments": [5]}}}, "surfaces.a.segments.0", "a piece (an object)", "a number"),
    ],
)
def test_a_broken_part_is_listed_once(document: dict[Any, Any], place: str, expected: str, found: str) -> None:
    assert listed(document) == [(place, expected, found)]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"output": {"sep": None, "default": None, "surfaces": {"a": None}}},
        {"segments": [], "sep": None, "surfaces": {"a": None, "b": {"sep": None, "segments": None}}},
        with_pieces({}, {"other": 5}, {"cases": 5}, {"join": 5}, {"item_scales": 5}),
        with_pieces({"map": "x", "text": 5}, {"each": "l", "text": 5}, {"text": "x", "cases": 5}),
        with_pieces({"map": "x", "cases": None}, {"each": "l", "join": None, "item_scales": None}),
        with_pieces(scales=None, ramps=None, series={}, aliases={"t": None}),
        with_pieces(segments=5, surfaces=5, sep=5),  # the legacy shape counts only without an `output` object
    ],
)
def test_what_is_absent_null_or_not_looked_at_is_not_listed(document: dict[str, Any]) -> None:
    assert listed(document) == []


def test_pieces_shared_by_surfaces_of_the_legacy_shape_are_listed_once() -> None:
    document = {"segments": [5], "surfaces": {"a": {"sep": "/"}, "b": {}}}
    assert listed(document) == [("segments.0", "a piece (an object)", "a number")]


def test_a_broken_part_costs_itself_only() -> None:
    pieces = [{"text": "a"}, 5, {"text": 5}, {"when": 5, "text": "x"}, {"text": "b{n|meter:2:s}{n|alias:t}"}]
    scales = {"s": [".", 5, "#"], "broken": 5}
    bar = UsageBar(read(with_pieces(*pieces, scales=scales, aliases={"t": {"50": "half", "x": 5}, "u": 5})), name="t")
    assert bar.pieces({"n": 50}) == ["a", "b#.half"]


def test_a_scale_of_a_wrong_type_hides_an_older_one_of_its_name() -> None:
    document = with_pieces({"text": "[{n|meter:1:s}]"}, ramps={"s": ".#"}, scales={"s": 5})
    assert UsageBar(read(document), name="t").render({"n": 50}) == "[]"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "a boolean"),
        ("", "a string"),
        (5, "a number"),
        (5.5, "a number"),
        ({}, "an object"),
        (MappingProxyType({}), "an object"),
        ([], "an array"),
        ((), "an array"),
        (b"", "bytes"),
        ({1}, "set"),
    ],
)
def test_a_kind_is_named_as_json_has_it(value: object, kind: str) -> None:
    assert kind_of(value) == kind


def test_any_mapping_is_an_object_and_any_tuple_an_array() -> None:
    piece = MappingProxyType({"map": "x", "cases": MappingProxyType({"5": "five"})})
    document = MappingProxyType({"output": MappingProxyType({"default": (piece, piece), "sep": "-"})})
    assert UsageBar(read(document), name="t").render({"x": 5}) == "five-five"
