"""The models of the template document against the reader that templates really go through, and against their schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import usagebar
from usagebar import check
from usagebar.engine.shape import read
from usagebar.schemas import schema_of
from usagebar.template.document import Output, Piece, TemplateDocument, wrong_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from usagebar.engine.pieces import Place

    Values: TypeAlias = st.SearchStrategy[Any]

# Where the schema is stricter than the models: it marks keys that nobody reads and what can show nothing.
MARKED = {"additionalProperties", "anyOf", "dependentRequired"}
VALIDATOR = jsonschema.Draft202012Validator(schema_of("template"))
MEMBERS = {*TemplateDocument.model_json_schema()["properties"], *Output.model_fields, *Piece.model_fields}

# ---------------------------------------------------------------- documents

# No lone surrogates: pydantic cannot name a key that has one.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(["a.b", "{a|num}", "[key]", "1", ""])
NAMES = st.sampled_from(["a", "b", "default", "_default"]) | TEXTS
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def documents(part: Callable[[Values], Values], *, stray: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Return documents; `part` may put something else in the place of any part. `stray`: members without their form."""
    texts, names = part(TEXTS), part(st.lists(part(TEXTS), max_size=3))
    labels = part(st.dictionaries(NAMES, texts, max_size=3))
    tables = part(st.dictionaries(NAMES, labels, max_size=2))
    scales = part(st.dictionaries(NAMES, texts | names, max_size=3))
    guards = {"when": texts, "unless": texts}
    details = {"item": texts, "join": texts, "item_scales": names, "text": texts}
    piece = (
        st.fixed_dictionaries({"text": texts}, optional={**guards, "other": JUNK})
        | st.fixed_dictionaries({"map": texts}, optional={**guards, "cases": labels})
        | st.fixed_dictionaries({"each": texts}, optional={**guards, **details})
        | st.fixed_dictionaries({}, optional={**guards, "other": JUNK})
    )
    if stray:
        piece |= st.fixed_dictionaries({}, optional={**guards, **details, "map": texts, "each": texts, "cases": labels})
    pieces = part(st.lists(part(piece), max_size=3))
    surfaces = part(st.dictionaries(NAMES, pieces, max_size=2))
    output = part(st.fixed_dictionaries({}, optional={"sep": texts, "default": pieces, "surfaces": surfaces}))
    legacy_surface = part(st.fixed_dictionaries({}, optional={"segments": pieces, "sep": texts}))
    legacy_surfaces = part(st.dictionaries(NAMES, legacy_surface, max_size=2))
    head = {"schema": st.just("openclaw.usageBar.v1"), "$schema": texts}
    newer = {"scales": scales, "aliases": tables, "output": output}
    older = {"ramps": scales, "series": scales, "segments": pieces, "sep": texts, "surfaces": legacy_surfaces}
    return st.fixed_dictionaries({}, optional={**head, **newer}) | st.fixed_dictionaries(
        {}, optional={**head, **newer, **older}
    )


def loosely(strategy: Values) -> Values:
    return st.one_of(strategy, strategy, strategy, strategy, st.none() | JUNK)


DOCUMENTS = documents(lambda strategy: strategy)
OBJECTS = st.dictionaries(st.sampled_from(sorted(MEMBERS)) | NAMES, JUNK, max_size=5)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Walk every place below a value where a defect may stand, those of members that are not there included."""
    if isinstance(value, dict):
        yield from ((*place, key) for key in sorted(MEMBERS - set(value)))
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*place, key)
        yield from places(inner, (*place, key))


def planted(value: Any, place: Place, defect: Any) -> Any:
    """Return a copy of a value with something else at one place."""
    if not place:
        return defect
    key, rest = place[0], place[1:]
    if isinstance(value, list):
        return [planted(inner, rest, defect) if at == key else inner for at, inner in enumerate(value)]
    return value | {key: planted(value.get(key), rest, defect)}


@st.composite
def with_defects(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = draw(DOCUMENTS)
    for _ in range(draw(st.integers(0, 4))):
        document = planted(document, draw(st.sampled_from(list(places(document)))), draw(JUNK))
    return document


ANY_DOCUMENT = with_defects() | documents(loosely, stray=True) | OBJECTS


def dropped(document: dict[str, Any]) -> list[Place]:
    return sorted((part.place for part in read(document).dropped_parts()), key=repr)


# ---------------------------------------------------------------- models and reader


@pytest.mark.no_cover
@settings(deadline=None, max_examples=400)
@given(ANY_DOCUMENT)
@example({"output": None, "segments": [{"text": None}]})
@example({"output": 5, "segments": 5, "sep": None, "surfaces": {"a": None, "b": 5, "c": {"segments": 5, "sep": 5}}})
@example({"output": {}, "segments": 5, "sep": 5, "surfaces": 5})
@example({"output": {"surfaces": {"a": None, "b": {}}, "default": [None, {"map": "v", "text": 5}]}})
@example({"ramps": {"a": 5, "b": None}, "series": {"a": 5}, "scales": {"a": ["x", None]}})
@example({"ramps": {"a": 5}, "series": None, "scales": 5, "aliases": {"a": None, "b": 5, "c": {"d": None}}})
@example({"segments": [{"each": "v", "map": "v", "cases": 5, "join": 5}, {"item": 5, "map": "v", "cases": 5}]})
@example({"segments": [{"each": "v", "text": 5, "cases": 5, "join": None, "item_scales": ["a", None]}]})
def test_the_models_refuse_what_the_reader_drops(document: dict[str, Any]) -> None:
    assert sorted(wrong_parts(document), key=repr) == dropped(document)


@settings(deadline=None)
@given(DOCUMENTS)
def test_a_document_of_the_right_types_has_no_wrong_parts(document: dict[str, Any]) -> None:
    assert wrong_parts(document) == []
    TemplateDocument.model_validate(document)


@pytest.mark.parametrize("document", [None, 5, "x", [], [{}]])
def test_what_is_no_object_is_wrong_as_a_whole(document: object) -> None:
    assert wrong_parts(document) == [()]


@pytest.mark.parametrize("head", [{"schema": "other"}, {"schema": None}, {"$schema": 5}])
def test_the_head_of_a_document_is_no_part_that_is_dropped(head: dict[str, Any]) -> None:
    assert wrong_parts({**head, "sep": 5}) == [("sep",)]
    with pytest.raises(ValidationError):
        TemplateDocument.model_validate(head)


def test_mappings_and_tuples_are_objects_and_arrays() -> None:
    assert wrong_parts(usagebar.BUILTIN) == []
    document = TemplateDocument.model_validate(usagebar.BUILTIN)
    assert document.output is not None
    assert document.output.default is not None
    assert document.output.default[1] == Piece(map="model.is_fallback", cases={"true": " 🔄"})


def test_a_scale_is_its_glyphs() -> None:
    document = TemplateDocument.model_validate({"scales": {"a": "░█", "b": ["☁️", "☀️"]}})
    assert document.scales == {"a": ["░", "█"], "b": ["☁️", "☀️"]}


def test_absent_is_not_null() -> None:
    assert Piece().when is None
    with pytest.raises(ValidationError, match="expected a string, found null"):
        Piece(when=None)


# ---------------------------------------------------------------- schema and models


def is_unread(document: dict[str, Any], place: Place) -> bool:
    """Tell whether the language looks at a place: it would drop a number in any place that it reads."""
    return place not in dropped(planted(document, place, 5))


@settings(deadline=None, max_examples=200)
@given(ANY_DOCUMENT)
@example({"segments": [{"cases": {"a": "b"}}, {"item": "x"}, {"join": ""}, {"item_scales": []}]})
@example({"ramps": {"a": 5}, "scales": {"a": "xy"}, "output": {"sep": None}, "sep": 5})
def test_the_schema_asks_what_the_models_ask_and_where_it_asks_more_is_known(document: dict[str, Any]) -> None:
    errors = list(VALIDATOR.iter_errors(document))
    wrong = set(wrong_parts(document))
    assert wrong <= {tuple(error.absolute_path) for error in errors}
    for error in errors:
        place = tuple(error.absolute_path)
        # null where a member may be absent; members of another form or shape, and entries that newer ones hide
        more = error.validator in MARKED or error.instance is None or is_unread(document, place)
        assert place in wrong or more, error


@settings(deadline=None)
@given(DOCUMENTS)
def test_documents_of_the_right_types_are_valid_or_the_check_says_why_not(document: dict[str, Any]) -> None:
    errors = list(VALIDATOR.iter_errors(document))
    assert {error.validator for error in errors} <= MARKED
    if errors:
        assert {"unknown-key", "empty-piece", "unsupported-shape"} & {finding.code for finding in check(document)}
