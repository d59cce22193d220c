"""The language as data: its examples are run, and its lists are those of the engine, the models and the check."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import usagebar
from usagebar import describe
from usagebar.checks.meanings import MEANINGS
from usagebar.contract.paths import contract_fields
from usagebar.contract.samples import SAMPLES
from usagebar.diagnostics import SEVERITIES
from usagebar.engine.forms import FORMS, GUARDS, PIECE_KEYS
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.shape import read
from usagebar.engine.verbs import VERBS
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.document import Piece
from usagebar.template.presets import preset_names

DESCRIPTION = describe.description()

EXAMPLES = [
    pytest.param(example["expression"], example["value"], example["result"], id=f"{example['expression']} {at}")
    for verb in DESCRIPTION["verbs"]
    for at, example in enumerate(verb["examples"])
]


def render(piece: dict[str, Any], contract: Any) -> str:
    document = {name: usagebar.BUILTIN[name] for name in ("scales", "aliases")}
    return usagebar.parse(document | {"output": {"default": [piece]}}).render(contract)


@pytest.mark.parametrize(("expression", "value", "result"), EXAMPLES)
def test_the_examples_of_the_verbs(expression: str, value: Any, result: str) -> None:
    assert render({"text": expression}, {"value": value}) == result


def test_it_is_json() -> None:
    assert json.loads(json.dumps(DESCRIPTION)) == DESCRIPTION


def test_the_keys() -> None:
    assert list(DESCRIPTION) == ["language", *describe.SECTIONS]
    assert {name: sorted(section[0]) for name, section in DESCRIPTION.items() if isinstance(section, list)} == {
        "document": ["examples", "meaning", "path"],
        "piece": ["examples", "key", "meaning"],
        "forms": ["example", "name", "optional", "required", "rule", "summary"],
        "guards": ["example", "name", "rule", "summary"],
        "verbs": ["arguments", "call", "examples", "name", "rule", "summary"],
        "paths": ["examples", "meaning", "path", "type", "values"],
        "surfaces": [
            *("caption_limit", "each_line", "limit", "markup", "modes"),
            *("name", "note", "shape", "small_print", "unit"),
        ],
        "findings": ["code", "meaning", "severity"],
        "presets": ["footer", "name", "summary", "turn"],
        "samples": ["name", "summary"],
    }


def test_some_sections() -> None:
    assert list(describe.description(["verbs", "forms"])) == ["language", "verbs", "forms"]
    assert describe.description(["verbs"])["verbs"] == DESCRIPTION["verbs"]


def test_no_part_is_shared_with_a_table() -> None:
    describe.description()["forms"][0]["example"]["cases"]["true"] = "changed"
    describe.description()["scales"]["moon"] = "changed"
    assert describe.description() == DESCRIPTION


# ---------------------------------------------------------------- the tables


def names(section: str, key: str = "name") -> list[str]:
    return [member[key] for member in DESCRIPTION[section]]


def test_every_name_of_a_table_is_there() -> None:
    assert names("verbs") == list(VERBS)
    assert names("forms") == list(FORMS)
    assert names("guards") == list(GUARDS)
    assert names("piece", "key") == [field.alias or name for name, field in Piece.model_fields.items()]
    assert set(names("piece", "key")) == set(PIECE_KEYS)
    assert names("paths", "path") == [field.path for field in contract_fields()]
    assert names("surfaces") == list(PROFILES)
    assert names("findings", "code") == list(SEVERITIES) == list(MEANINGS)
    assert names("presets") == list(preset_names())
    assert names("samples") == list(SAMPLES)
    assert DESCRIPTION["scales"] == dict(usagebar.BUILTIN["scales"])
    assert DESCRIPTION["aliases"] == dict(usagebar.BUILTIN["aliases"])


def test_the_document_has_the_members_of_a_template() -> None:
    known = names("document", "path")
    assert {
        "schema",
        "$schema",
        "scales",
        "aliases",
        "output",
        "output.sep",
        "output.default",
        "output.surfaces",
    } < set(known)
    assert known.index("output.sep") == known.index("output") + 1


@pytest.mark.parametrize("verb", DESCRIPTION["verbs"], ids=names("verbs"))
def test_a_verb_is_told_whole(verb: dict[str, Any]) -> None:
    assert len(verb["examples"]) >= 4
    assert verb["rule"].endswith(".")
    assert verb["call"].split(":") == [verb["name"], *(each["name"].upper() for each in verb["arguments"])]
    assert len(verb["arguments"]) == len(VERBS[verb["name"]].parameters)
    for argument in verb["arguments"]:
        assert argument["meaning"]
        assert argument["required"] is ("default" not in argument)


def test_the_range_of_an_argument() -> None:
    width, scale = next(verb for verb in DESCRIPTION["verbs"] if verb["name"] == "meter")["arguments"]
    assert {key: width[key] for key in ("type", "minimum", "maximum", "default")} == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 5,
    }
    assert render({"text": "{v|meter:100:shade}"}, {"v": 1})
    assert render({"text": "{v|meter:101:shade}"}, {"v": 1}) == ""
    assert (scale["type"], scale["required"]) == ("scale", True)


def test_the_elements_of_an_array() -> None:
    windows = next(path for path in DESCRIPTION["paths"] if path["path"] == "limits.windows")
    assert windows["type"] == "array"
    assert [element["path"] for element in windows["elements"]] == [
        "label",
        "pct_used",
        "pct_left",
        "resets_in_s",
        "scope",
    ]


# ---------------------------------------------------------------- the forms


CLASSES = {"map": MapPiece, "each": EachPiece, "text": TextPiece}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_is_what_the_reader_makes_of_its_keys(form: Any) -> None:
    (piece,) = read({"output": {"default": [dict(form.example)]}}).pieces(None, VERBS)
    assert type(piece) is CLASSES[form.name]
    assert set(form.required) <= form.example.keys() <= set(form.keys)
    assert [key for key in piece.members() if key not in GUARDS] == sorted(
        form.example, key=list(piece.members()).index
    )


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_piece_without_a_required_key_shows_nothing(form: Any) -> None:
    turns = [sample.contract for sample in SAMPLES.values()]
    assert any(render(dict(form.example), turn) for turn in turns)
    for key in form.required:
        piece = {name: value for name, value in form.example.items() if name not in (key, "text")}
        assert not any(render(piece, turn) for turn in turns)


def test_forms_are_tried_in_their_order() -> None:
    found = list(FORMS)
    for first, second in itertools.pairwise(found):
        piece = dict(FORMS[second].example) | dict(FORMS[first].example)
        (node,) = read({"output": {"default": [piece]}}).pieces(None, VERBS)
        assert type(node) is CLASSES[first]


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
def test_a_guard_keeps_and_drops(guard: Any) -> None:
    shown = [bool(render(dict(guard.example), sample.contract)) for sample in SAMPLES.values()]
    assert True in shown
    assert False in shown
