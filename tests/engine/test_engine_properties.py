"""What holds for every template and every contract."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import MagicMock

import evaluator
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import (
    SURFACES,
    any_text,
    contracts,
    documents,
    json_contracts,
    junk,
    mappings,
    pieces,
    put,
    raw_texts,
    surfaces,
)

from usagebar import UsageBar
from usagebar.engine.expression import Call, Expression, parse_text
from usagebar.engine.pieces import expressions_in, source_of
from usagebar.engine.shape import Reader, read
from usagebar.engine.verbs import VERBS
from usagebar.surfaces.escaping import MODES, WHOLE, escaper

usual = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
long = settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged() -> Iterator[list[logging.LogRecord]]:
    logger, handler = logging.getLogger("usagebar"), Kept()
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield handler.records
    finally:
        logger.propagate = True
        logger.removeHandler(handler)


def agree(document: dict[str, Any], contract: object, surface: Any) -> None:
    """Check that the compiled functions and the evaluator give one answer."""
    template = read(document)
    bar = UsageBar(template, name="drawn")
    assert bar.render(contract, surface) == evaluator.rendered(template, contract, surface)
    assert bar.pieces(contract, surface) == evaluator.surviving(template, contract, surface)


# ---------------------------------------------------------------- rendering


@pytest.mark.no_cover
@usual
@given(documents, contracts, surfaces)
def test_compiled_is_evaluated(document: dict[str, Any], contract: object, surface: Any) -> None:
    with logged() as records:
        agree(document, contract, surface)
    assert not records


@pytest.mark.no_cover
@usual
@given(documents, contracts, surfaces, st.sampled_from(MODES))
def test_only_what_the_contract_says_is_escaped(
    document: dict[str, Any], contract: object, surface: Any, mode: str
) -> None:
    template, escape = read(document), escaper(mode)
    bar = UsageBar(template, name="drawn")
    with logged() as records:
        escaped, pieces = bar.render(contract, surface, escape=mode), bar.pieces(contract, surface, escape=mode)
    assert not records
    if mode in WHOLE:
        assert escaped == escape(evaluator.rendered(template, contract, surface))
        assert pieces == [escape(text) for text in evaluator.surviving(template, contract, surface)]
    else:
        assert escaped == evaluator.rendered(template, contract, surface, escape)
        assert pieces == evaluator.surviving(template, contract, surface, escape)
    assert bar.render(contract, surface) == evaluator.rendered(template, contract, surface)


@pytest.mark.slow
@long
@given(documents, contracts, surfaces)
def test_compiled_is_evaluated_at_length(document: dict[str, Any], contract: object, surface: Any) -> None:
    with logged() as records:
        agree(document, contract, surface)
    assert not records


@pytest.mark.no_cover
@usual
@given(documents, st.lists(mappings, min_size=2, max_size=4))
def test_a_bar_keeps_nothing_of_a_turn(document: dict[str, Any], turns: list[Any]) -> None:
    template = read(document)
    bar = UsageBar(template, name="drawn")
    for contract in (*turns, *reversed(turns)):
        assert bar.render(contract) == evaluator.rendered(template, contract)


@pytest.mark.no_cover
@usual
@given(documents, junk, st.none() | st.sampled_from(SURFACES))
def test_any_json_renders_without_a_word(document: dict[str, Any], contract: object, surface: str | None) -> None:
    with logged() as records:
        assert type(UsageBar(read(document), name="drawn").render(contract, surface)) is str
    assert not records


@pytest.mark.no_cover
@usual
@given(documents, contracts, surfaces)
def test_pieces_joined_are_the_rendering(document: dict[str, Any], contract: object, surface: Any) -> None:
    bar = UsageBar(read({"output": document.get("output", {})} | document), name="drawn")
    if isinstance(document.get("output"), dict):  # the legacy shape may have another separator for a surface
        assert bar.sep.join(bar.pieces(contract, surface)) == bar.render(contract, surface)
    assert all(type(text) is str and text for text in bar.pieces(contract, surface))


class Raises:
    """Raises whatever one does with it."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("==")

    def __hash__(self) -> int:
        raise RuntimeError("hash")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")


class RaisingInt(int):
    def __le__(self, other: object) -> bool:
        raise ZeroDivisionError

    __ge__ = __int__ = __float__ = __le__  # type: ignore[assignment]


def looped() -> dict[str, Any]:
    loop: dict[str, Any] = {"x": "deep"}
    loop |= dict.fromkeys(("a", "b", "surface", "l", ""), loop)
    return loop


ODDITIES = (Raises(), Raises, MagicMock(), RaisingInt(5), looped(), object(), type, len, NotImplemented, ..., logging)
oddities: st.SearchStrategy[Any] = st.integers(0, len(ODDITIES) - 1).map(ODDITIES.__getitem__)


@usual
@given(documents, oddities | st.dictionaries(st.sampled_from("abxl"), oddities), oddities | surfaces)
def test_render_never_raises(document: dict[str, Any], contract: Any, surface: Any) -> None:
    with logged():
        bar = UsageBar(read(document), name="drawn")
        assert type(bar.render(contract, surface)) is str
        assert type(bar.pieces(contract, surface)) is list


def only(contract: dict[str, Any], paths: frozenset[str]) -> dict[str, Any]:
    """Return what a contract holds at some paths, and nothing else of it."""
    rest: dict[str, Any] = {"outside": 1}
    for path in sorted(paths, key=len):
        value = contract
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None  # type: ignore[assignment]
        if value is not None:
            put(rest, path, value)
    return rest


@pytest.mark.no_cover
@usual
@given(documents, json_contracts, st.none() | st.sampled_from(SURFACES))
def test_variables_are_all_that_is_read(document: dict[str, Any], contract: dict[str, Any], surface: Any) -> None:
    bar = UsageBar(read(document), name="drawn")
    own = contract.get("surface") if surface is None else surface
    read_paths = bar.variables(own) | {"surface"}
    assert bar.render(only(contract, read_paths), surface) == bar.render(contract, surface)


# ---------------------------------------------------------------- nodes


def pointed_at(source: str, node: Expression) -> Iterator[tuple[str, str]]:
    """Walk what the spans of an expression point at, beside what they should."""
    start, end = node.span
    yield source[start] + source[end - 1], "{}"
    for part in (node.path, *node.segments, *(a for call in node.calls for a in call.arguments)):
        yield source[slice(*part.span)], str(part)


@usual
@given(raw_texts)
@example("{}{a}{ }{a|}{|}{||num: 5 :x|\ufeff}}{a")
@example("{" * 50 + "}" * 50)
def test_a_text_parses_prints_and_parses_to_itself(source: str) -> None:
    text = parse_text(source, VERBS)
    assert parse_text(source_of(text), VERBS) == text
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in pairwise(text))
    assert "" not in text
    for node in expressions_in(text):
        assert all(found == expected for found, expected in pointed_at(source, node))


@usual
@given(raw_texts)
def test_parts_stand_in_order_and_cover_the_text(source: str) -> None:
    at = 0
    for part in parse_text(source, VERBS):
        if isinstance(part, str):
            assert source.startswith(part, at)
            at += len(part)
        else:
            assert part.span[0] == at
            at = part.span[1]
    assert at == len(source)


@given(any_text, st.sets(any_text, max_size=3))
def test_any_text_parses_with_any_verbs(source: str, verbs: set[str]) -> None:
    for node in expressions_in(parse_text(source, verbs)):
        for segment in node.segments:
            assert isinstance(segment, Call) == (str(segment).partition(":")[0] in verbs)


@usual
@given(pieces)
def test_a_piece_prints_and_reads_as_itself(raw: dict[str, Any]) -> None:
    reader = Reader()
    piece = reader.piece(raw, ("output", "default", 3), VERBS)
    broken = {place[3] for place in (part.place for part in reader.dropped) if len(place) == 4}
    assert (piece is None) == bool(broken & {"when", "unless", "map", "each", "item", "text"})
    if piece is not None:
        again = Reader().piece(json.loads(str(piece)), (), VERBS)
        assert again == piece
        assert hash(again) == hash(piece)
        assert piece.place == ("output", "default", 3)


@usual
@given(documents)
def test_each_dropped_part_is_where_it_says(document: dict[str, Any]) -> None:
    template = read(document)
    for part in template.dropped_parts():
        found: Any = document
        for key in part.place:
            found = found[key]
        assert not isinstance(found, str) or part.expected != "a string"


@usual
@given(documents)
def test_nothing_is_dropped_from_what_the_nodes_print(document: dict[str, Any]) -> None:
    template = read(document)
    for entry in (None, *template.surfaces):
        reader = Reader()
        for piece in template.pieces(entry, VERBS):
            reader.piece(piece.members(), (), VERBS)
        assert all(part.found == "null" for part in reader.dropped)
