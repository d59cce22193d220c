"""The JSON Schemas (draft 2020-12) of the template, the contract and usage reports, from their pydantic models.

`schemas/*.json` of a checkout hold what `schema_text` returns; `usagebar schema --write` writes them, and a test
compares them: their bytes are those of pydantic 2.11 and later. They are
made for editors: absent is absent (no null, but in reports, which have it for unknown), keys stand in the order of the
models, and every path of the contract is offered where a template names one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from usagebar.contract.model import UsageContract
from usagebar.contract.openclaw import SCHEMA as CONTRACT_SCHEMA
from usagebar.contract.paths import contract_fields
from usagebar.engine.forms import FORMS, REMARKS
from usagebar.ledger.report_model import REPORTS, UsageReport
from usagebar.ledger.report_model import SCHEMA as USAGE_SCHEMA
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.builtin import SCHEMA as TEMPLATE_SCHEMA
from usagebar.template.document import TemplateDocument

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

# A name, not an address: whoever validates has the file, and nothing is to be fetched.
ID_PREFIX = "urn:usagebar:schema:"
REMARK = "^(" + "|".join(map(re.escape, REMARKS)) + ")"  # keys that are left to the author

# kind: the name of what it describes, and its model
KINDS: dict[str, tuple[str, type[BaseModel]]] = {
    "template": (TEMPLATE_SCHEMA, TemplateDocument),
    "contract": (CONTRACT_SCHEMA, UsageContract),
    "usage": (USAGE_SCHEMA, UsageReport),
}

_FIRST = ("$schema", "$id", "title", "$ref", "description", "type", "const", "enum", "default", "examples")
_LAST = ("properties", "patternProperties", "items", "additionalProperties", "anyOf", "dependentRequired", "$defs")
_DATA = ("const", "enum", "default", "examples", "anyOf", "dependentRequired")  # their values are no schemas
_NAMED = ("properties", "$defs")  # their values are schemas by name


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a `template`, a `contract` or a report of `usage`."""
    schema = _generated(KINDS[kind][1], _NullableGenerator if kind == "usage" else _Generator)
    if kind == "template":
        _offer_contract_paths(schema)
        _offer_surfaces(schema)
        _refuse_what_shows_nothing(schema)
        # Editors based on VS Code's JSON service ask for these two; others pass over them.
        schema |= {"allowComments": True, "allowTrailingCommas": True}
    if kind == "usage":
        schema["anyOf"] = [{"required": [report]} for report in REPORTS]
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"{ID_PREFIX}{KINDS[kind][0]}"}
    return _in_order(head | schema)


def schema_text(kind: str) -> str:
    """Return the JSON Schema of a kind as the text of its file."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def file_name(kind: str) -> str:
    """Return the name of the file that holds the schema of a kind."""
    return f"{KINDS[kind][0]}.schema.json"


def contract_paths(*, arrays: bool = False) -> tuple[str, ...]:
    """Return the dotted paths of the contract: of its single values, or of its arrays."""
    return tuple(field.path for field in contract_fields() if (field.kind == "array" if arrays else field.is_single))


def _offer_contract_paths(schema: dict[str, Any]) -> None:
    """Make editors offer the contract's paths, in one list, for every member that is the path of a single value."""
    schema["$defs"]["ContractPath"] = {"type": "string", "examples": list(contract_paths())}
    members = schema["$defs"]["Piece"]["properties"]
    for key in ("when", "unless", "map"):
        del members[key]["type"]
        members[key]["$ref"] = "#/$defs/ContractPath"


def _offer_surfaces(schema: dict[str, Any]) -> None:
    """Make editors offer the surfaces that are known, each with what it takes."""
    for model in (schema["$defs"]["Output"], schema):
        surfaces = model["properties"]["surfaces"]
        entry = surfaces["additionalProperties"]
        surfaces["properties"] = {name: entry | {"description": _takes(name)} for name in PROFILES}


def _takes(surface: str) -> str:
    """Return what a surface takes, in a sentence."""
    profile = PROFILES[surface]
    most = f"at most {profile.limit} {profile.unit}{' a line' * profile.each_line}" if profile.limit else "any length"
    note = f" ({profile.note})" if profile.note else ""
    return f"Pieces for {surface}, which takes {most}{note}. Small print: {profile.small_print}."


def _refuse_what_shows_nothing(schema: dict[str, Any]) -> None:
    """Make editors mark what the check finds: keys that nobody reads, pieces and templates that can show nothing.

    The language passes over them, so this is stricter than the models.
    """
    definitions = schema["$defs"]
    for part in (schema, definitions["Output"], definitions["Piece"], definitions["LegacySurface"]):
        part |= {"patternProperties": {REMARK: True}, "additionalProperties": False}
    definitions["Piece"]["anyOf"] = [{"required": list(form.required)} for form in FORMS.values()]
    schema["anyOf"] = [{"required": [key]} for key in ("output", "segments", "surfaces")]
    definitions["Output"]["anyOf"] = [{"required": [key]} for key in ("default", "surfaces")]


class _Generator(GenerateJsonSchema):
    """Leave out what an author need not read: null for what may be absent, titles made of field names."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        return value  # `_in_order` does it, and leaves examples as they are written


class _NullableGenerator(_Generator):
    """Keep null, which stands for unknown in what this package writes."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return GenerateJsonSchema.nullable_schema(self, schema)


def _generated(model: type[BaseModel], generator: type[_Generator] = _Generator) -> dict[str, Any]:
    return _in_order(model.model_json_schema(schema_generator=generator))


def _in_order(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its keywords in one order, and references as pydantic has written them since 2.10."""
    if len(schema.get("allOf", ())) == 1:
        schema = schema["allOf"][0] | {key: value for key, value in schema.items() if key != "allOf"}
    return {key: _value_in_order(key, schema[key]) for key in sorted(schema, key=_rank)}


def _value_in_order(key: str, value: Any) -> Any:
    if key in _DATA or not isinstance(value, dict):
        return value
    if key in _NAMED:
        names = sorted(value) if key == "$defs" else value
        return {name: _in_order(value[name]) for name in names}
    return _in_order(value)


def _rank(key: str) -> tuple[int, str]:
    if key in _FIRST:
        return _FIRST.index(key), key
    return len(_FIRST) + (1 + _LAST.index(key) if key in _LAST else 0), key
