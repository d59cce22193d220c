"""The JSON Schemas: current, valid, true to what is right and wrong, and telling; `usagebar schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from usagebar import check, schemas
from usagebar.cli.main import main
from usagebar.contract import UsageContract
from usagebar.engine.expression import Expression, parse_text
from usagebar.engine.shape import read
from usagebar.engine.verbs import VERBS
from usagebar.schemas import KINDS, contract_paths, file_name, schema_of, schema_text
from usagebar.template import builtin
from usagebar.template.document import wrong_parts
from usagebar.template.jsonc import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent
ROOT = TESTS.parent
CORPUS = TESTS / "schema_corpus"
TEMPLATE, CONTRACT = schema_of("template"), schema_of("contract")
VALIDATORS = {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in KINDS}


def is_valid(kind: str, document: object) -> bool:
    valid: bool = VALIDATORS[kind].is_valid(document)
    return valid


def corpus(folder: str, *, least: int) -> list[Any]:
    files = sorted((CORPUS / folder).glob("*.json"))
    assert len(files) >= least, folder
    return [pytest.param(json.loads(file.read_text(encoding="utf-8")), id=file.stem) for file in files]


# ---------------------------------------------------------------- the files


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_is_current(kind: str) -> None:
    path = ROOT / "schemas" / file_name(kind)
    assert path.read_text(encoding="utf-8") == schema_text(kind), "usagebar schema --write"


def test_there_is_no_other_file() -> None:
    assert {path.name for path in (ROOT / "schemas").iterdir()} == {file_name(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_valid_schema(kind: str) -> None:
    schema = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:usagebar:schema:{KINDS[kind][0]}"
    assert schema["title"]


@pytest.mark.parametrize("kind", KINDS)
def test_its_text_is_always_the_same(kind: str) -> None:
    text = schema_text(kind)
    assert text == schema_text(kind)
    assert json.loads(text) == schema_of(kind)
    assert text.endswith("}\n")
    assert "\\u" not in text.replace("\\\\u", "")  # no escapes, a backslash of the text aside


def test_references_are_written_alike_by_every_pydantic() -> None:
    older = {"description": "what", "allOf": [{"$ref": "#/$defs/Model"}]}
    assert list(schemas._in_order(older).items()) == [("$ref", "#/$defs/Model"), ("description", "what")]


# ---------------------------------------------------------------- right and wrong templates


def templates_of_the_project() -> Iterator[Any]:
    yield pytest.param(builtin._DOCUMENT, id="built-in")
    found = [*sorted(Path(builtin.__file__).parent.rglob("*.jsonc")), *sorted((ROOT / "examples").rglob("*.jsonc"))]
    for file in found:
        yield pytest.param(decode(file.read_text(encoding="utf-8")), id=file.name)


def conformance_templates() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("engine-v1.json", "borders-v1.json"):
        file = json.loads((TESTS / "conformance" / name).read_text(encoding="utf-8"))
        for vector in file["vectors"]:
            shared = {key: file[key] for key in ("schema", "scales", "aliases")}
            template = shared | vector["template"]
            without = [key for key in shared if template[key] is None]  # null means: the vector has none
            yield vector.get("note", ""), {key: value for key, value in template.items() if key not in without}


@pytest.mark.parametrize("document", [*templates_of_the_project(), *corpus("right", least=10)])
def test_right_template(document: dict[str, Any]) -> None:
    VALIDATORS["template"].validate(document)
    assert wrong_parts(document) == []
    assert read(document).dropped_parts() == ()


@pytest.mark.parametrize("document", corpus("wrong", least=30))
def test_wrong_template(document: object) -> None:
    assert not is_valid("template", document)


# The language passes over these two, an editor had better not: null for what may be absent, a prefix that is no string.
STRICTER = {"sep null": ["output", "sep"], "each prefix is literal": ["output", "default", 2, "text"]}
# What the check finds and the schema marks as well.
MARKED = ("additionalProperties", "anyOf", "dependentRequired")


@pytest.mark.no_cover
def test_conformance_templates() -> None:
    whole = [(note, document) for note, document in conformance_templates() if not read(document).dropped_parts()]
    assert len(whole) > 500
    marked = 0
    for note, document in whole:
        errors = list(VALIDATORS["template"].iter_errors(document))
        refused = [list(error.absolute_path) for error in errors if error.validator not in MARKED]
        assert refused == ([STRICTER[note]] if note in STRICTER else []), note
        if len(errors) > len(refused):
            marked += 1
            assert {"empty-piece", "unknown-key"} & {finding.code for finding in check(document)}, note
    assert 100 < marked < 200


# ---------------------------------------------------------------- right and wrong contracts


def contracts_of_the_project() -> Iterator[Any]:
    states = json.loads((TESTS / "contract" / "openclaw_states.json").read_text(encoding="utf-8"))
    for state in states:
        yield pytest.param(state["contract"], id=state["note"])
    for file in sorted((ROOT / "examples" / "turns").glob("*.json")):
        yield pytest.param(json.loads(file.read_text(encoding="utf-8")), id=file.name)


@pytest.mark.parametrize("contract", [*contracts_of_the_project(), *corpus("contract/right", least=10)])
def test_right_contract(contract: dict[str, Any]) -> None:
    VALIDATORS["contract"].validate(contract)
    UsageContract.model_validate(contract)


@pytest.mark.parametrize("contract", corpus("contract/wrong", least=20))
def test_wrong_contract(contract: object) -> None:
    assert not is_valid("contract", contract)


# JSON as it comes from a contract's maker, but for null: the schema has none, Python's None is absent.
JUNK = st.recursive(
    st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.sampled_from([0.5, 1200.0, -0.0, 1e21, 100, 100.5, 101])
    | st.sampled_from(["", " ", "x", "12", "\x1c", "\x85", "reported", "openclaw.usageLine.v1"])
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values for a part of the contract: right ones, and others in their place."""
    if "$ref" in schema:
        schema = CONTRACT["$defs"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        members = {name: values_of(member) for name, member in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional={**members, "other": JUNK}) | JUNK
    if "items" in schema:
        return st.lists(values_of(schema["items"]), max_size=2) | JUNK
    return st.sampled_from(schema["examples"]) | JUNK


def is_accepted(contract: object) -> bool:
    try:
        UsageContract.model_validate(contract)
    except ValidationError:
        return False
    return True


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from(sorted(CONTRACT["properties"])))
def test_the_model_of_the_contract_and_its_schema_agree(data: st.DataObject, name: str) -> None:
    contract = {name: data.draw(values_of(CONTRACT["properties"][name]))}
    assert is_accepted(contract) == is_valid("contract", contract)


# ---------------------------------------------------------------- what editors show


def subschemas(schema: dict[str, Any], name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield name, schema
    for holder in ("properties", "$defs"):
        for key, inner in schema.get(holder, {}).items():
            yield from subschemas(inner, f"{name}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from subschemas(schema[key], f"{name}.{key}")


def members(schema: dict[str, Any]) -> list[Any]:
    found = [schema, *schema["$defs"].values()]
    named = [(part, name) for part in found for name in part.get("properties", {})]
    return [pytest.param(part["properties"][name], id=f"{part['title']}.{name}") for part, name in named]


@pytest.mark.parametrize("schema", [TEMPLATE, CONTRACT], ids=["template", "contract"])
def test_absent_is_absent(schema: dict[str, Any]) -> None:
    for name, part in subschemas(schema):
        assert not {"allOf", "oneOf"} & set(part), name
        assert all(set(each) == {"required"} for each in part.get("anyOf", ())), name
        assert "null" not in str(part.get("type")), name
        assert part.get("default", ...) is not None, name


@pytest.mark.parametrize("schema", [TEMPLATE, CONTRACT], ids=["template", "contract"])
def test_descriptions_have_no_breaks_of_a_source_line(schema: dict[str, Any]) -> None:
    for name, part in subschemas(schema):
        lines = part.get("description", "").split("\n")[1:]
        assert all(not line or line.startswith("- ") or line[0].isupper() or line[0] == "`" for line in lines), name


@pytest.mark.parametrize("member", members(TEMPLATE))
def test_every_member_of_a_template_is_described_with_examples(member: dict[str, Any]) -> None:
    assert len(member["description"]) > 30
    assert member["examples"]


@pytest.mark.parametrize("member", members(CONTRACT))
def test_every_member_of_a_contract_is_described(member: dict[str, Any]) -> None:
    if "$ref" in member:
        assert CONTRACT["$defs"][member["$ref"].rpartition("/")[2]]["description"]
    else:
        assert member["description"].endswith(".")
        assert member.get("examples") or "items" in member


@pytest.mark.parametrize("schema", [TEMPLATE, CONTRACT], ids=["template", "contract"])
def test_examples_and_defaults_are_valid(schema: dict[str, Any]) -> None:
    for name, part in subschemas(schema):
        validator = jsonschema.Draft202012Validator(part | {"$defs": schema["$defs"]})
        for value in [*part.get("examples", ()), *([part["default"]] if "default" in part else ())]:
            assert validator.is_valid(value), (name, value)


def test_examples_of_pieces_read_the_contract() -> None:
    texts = TEMPLATE["$defs"]["Piece"]["properties"]["text"]["examples"]
    found = [part for text in texts for part in parse_text(text, VERBS) if isinstance(part, Expression)]
    assert {expression.path.text for expression in found} <= set(contract_paths())
    for key in ("when", "unless", "map"):
        assert set(TEMPLATE["$defs"]["Piece"]["properties"][key]["examples"]) <= set(contract_paths())
    assert TEMPLATE["$defs"]["Piece"]["properties"]["each"]["examples"] == list(contract_paths(arrays=True))


def test_every_verb_is_described() -> None:
    description = TEMPLATE["$defs"]["Piece"]["properties"]["text"]["description"]
    assert [line[2:].split(" – ")[0].partition(":")[0] for line in description.split("\n")[1:]] == list(VERBS)
    assert "\n- meter:WIDTH:SCALE – " in description


def test_editors_are_offered_the_paths_of_the_contract() -> None:
    assert TEMPLATE["$defs"]["ContractPath"]["examples"] == list(contract_paths())
    assert {"surface", "agentId", "model.id", "usage.last.input_tokens", "cost.turn_usd"} <= set(contract_paths())
    assert contract_paths(arrays=True) == ("limits.windows",)


def test_details_ask_for_their_form() -> None:
    assert TEMPLATE["$defs"]["Piece"]["dependentRequired"] == {
        "cases": ["map"],
        "item": ["each"],
        "join": ["each"],
        "item_scales": ["each"],
    }


# ---------------------------------------------------------------- usagebar schema

CLI = pytest.CaptureFixture[str]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with `schemas` the working directory, and return that."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    return tmp_path / "schemas"


@pytest.mark.parametrize(("words", "kind"), [([], "template"), *[([kind], kind) for kind in KINDS]])
def test_it_prints_a_schema(words: list[str], kind: str, capsys: CLI) -> None:
    assert main(["schema", *words]) == 0
    assert capsys.readouterr() == (schema_text(kind), "")


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("contrat", "; did you mean contract?"), ("Template", "; did you mean template?"), ("x", "")],
)
def test_unknown_schema(word: str, suggestion: str, capsys: CLI) -> None:
    assert main(["schema", word]) == 2
    message = f"usagebar schema: expected template, contract or usage, found '{word}'{suggestion}\n"
    assert capsys.readouterr() == ("", message + "help: usagebar schema --help\n")


def test_one_schema_at_a_time(capsys: CLI) -> None:
    assert main(["schema", "template", "contract"]) == 2
    assert "found 'contract' too" in capsys.readouterr().err


def test_written_schemas_are_current(checkout: Path, capsys: CLI) -> None:
    assert main(["schema", "--write"]) == 0
    assert {path.name for path in checkout.iterdir()} == {file_name(kind) for kind in KINDS}
    assert (checkout / file_name("template")).read_bytes() == schema_text("template").encode()
    assert main(["schema", "--check"]) == 0
    wrote = "".join(f"wrote schemas/{file_name(kind)}\n" for kind in KINDS)
    assert capsys.readouterr() == (wrote, "")


@pytest.mark.parametrize("stale", [b"{}\n", b"\xff", None], ids=["other text", "not UTF-8", "missing"])
def test_a_stale_schema_is_named_with_the_remedy(stale: bytes | None, checkout: Path, capsys: CLI) -> None:
    main(["schema", "--write"])
    path = checkout / file_name("contract")
    path.unlink() if stale is None else path.write_bytes(stale)
    capsys.readouterr()
    assert main(["schema", "--check"]) == 1
    message = f"usagebar schema: schemas/{path.name} is not current\nhelp: usagebar schema --write\n"
    assert capsys.readouterr() == ("", message)
    assert main(["schema", "--check", "template"]) == 0
    assert main(["schema", "--write", "contract"]) == 0
    assert main(["schema", "--check"]) == 0


def test_line_ends_of_a_checkout_do_not_matter(checkout: Path) -> None:
    main(["schema", "--write"])
    path = checkout / file_name("template")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert main(["schema", "--check"]) == 0


@pytest.mark.parametrize("option", ["--check", "--write"])
def test_outside_a_checkout(option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: CLI) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["schema", option]) == 2
    assert capsys.readouterr().err.startswith("usagebar schema: expected the folder schemas, found none here\nhelp: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--check", "--write"])
def test_a_folder_in_the_place_of_a_file(option: str, checkout: Path, capsys: CLI) -> None:
    (checkout / file_name("template")).mkdir()
    assert main(["schema", option]) == 2
    assert capsys.readouterr().err.startswith(f"usagebar schema: cannot use schemas/{file_name('template')}: ")


def test_check_and_write_exclude_each_other(checkout: Path, capsys: CLI) -> None:
    assert main(["schema", "--check", "--write"]) == 2
    assert "expected one of --check and --write, found both" in capsys.readouterr().err
    assert not list(checkout.iterdir())


def test_help_says_what_a_checkout_is_needed_for(capsys: CLI) -> None:
    assert main(["schema", "--help"]) == 0
    out = capsys.readouterr().out
    assert "usage: usagebar schema [options] [template|contract|usage]" in out
    assert "checkout" in out
