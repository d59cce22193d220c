"""The template language as data, for agents and editors, from the tables that the engine and the check use.

`usagebar describe --json` writes what `description` returns. Its keys are stable: later versions add some, and neither
rename nor drop any.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from usagebar.diagnostics import SEVERITIES
from usagebar.engine.forms import FORMS, GUARDS
from usagebar.engine.verbs import VERBS
from usagebar.surfaces.profiles import PROFILES
from usagebar.template.builtin import BUILTIN, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from usagebar.contract.paths import Field
    from usagebar.contract.samples import Sample
    from usagebar.record import Record

EXPRESSION = {
    "form": "{path|verb|verb:argument|fallback}",
    "grammar": (
        'text       = { literal | "{" body "}" }',
        'body       = path { "|" segment }',
        'segment    = verb { ":" argument } | fallback',
    ),
    "rules": (
        "A body is one or more characters other than `}`; `{}` and an unclosed `{` are literal text, and there is no "
        "escape for `{`, `}` and `|`.",
        "Path and segments are trimmed, arguments are not.",
        "A path leads through the objects of the contract by dots; it knows no array indices.",
        "A segment whose text before the first `:` is a verb, in this very case, is a call; the verbs run from left to "
        "right. Every other segment is the fallback, of which the last one wins.",
        'The fallback is shown where the value is absent, null or `""`. `0` and `false` are values.',
    ),
    "number": "A verb takes as a number: a number, `true` (1), `false` (0), and a string that is a decimal literal, "
    "such as `12`, `-0.5` or `3e3`.",
}


def description(sections: Sequence[str] = ()) -> dict[str, Any]:
    """Return everything there is to know to write a template, or these sections of it, as plain dicts and lists.

    Raises:
        KeyError: there is no such section.
    """
    return {"language": SCHEMA} | {name: SECTIONS[name]() for name in sections or SECTIONS}


# ---------------------------------------------------------------- the sections


def document() -> list[dict[str, Any]]:
    """Return the members of a template, those of the older shape included."""
    from usagebar.template.document import Output, TemplateDocument  # noqa: PLC0415 - pydantic is slow to import

    found = []
    for member in _members(TemplateDocument, "path"):
        found.append(member)
        if member["path"] == "output":
            found += _members(Output, "path", "output.")
    return found


def piece() -> list[dict[str, Any]]:
    """Return the keys of a piece; `forms` and `guards` say which stand together."""
    from usagebar.template.document import Piece  # noqa: PLC0415 - as above

    return _members(Piece, "key")


def expression() -> dict[str, Any]:
    """Return what may stand between braces."""
    found: dict[str, Any] = _plain(EXPRESSION)
    return found


def verbs() -> list[dict[str, Any]]:
    """Return the verbs; their examples hold with the scales and tables of the built-in template."""
    return [
        {
            "name": verb.name,
            "call": verb.call,
            "summary": verb.summary,
            "rule": verb.rule,
            "arguments": [_argument(parameter) for parameter in verb.parameters],
            "examples": [
                {"expression": f"{{value|{calls}}}", "value": value, "result": result}
                for value, calls, result in verb.examples
            ],
        }
        for verb in VERBS.values()
    ]


def _argument(parameter: Any) -> dict[str, Any]:
    known = {"name": parameter.name, "type": parameter.kind, "meaning": parameter.summary}
    if parameter.kind != "integer":
        return known | {"required": True}
    return known | {
        "required": False,
        "minimum": parameter.low,
        "maximum": parameter.high,
        "default": parameter.default,
    }


def forms() -> list[dict[str, Any]]:
    """Return the forms of a piece, in the order in which they are tried."""
    return _records(FORMS.values())


def guards() -> list[dict[str, Any]]:
    """Return the guards, which may stand on a piece of any form."""
    return _records(GUARDS.values())


def scales() -> dict[str, Any]:
    """Return the scales of the built-in template, by name."""
    found: dict[str, Any] = _plain(BUILTIN["scales"])
    return found


def aliases() -> dict[str, Any]:
    """Return the alias tables of the built-in template, by name."""
    found: dict[str, Any] = _plain(BUILTIN["aliases"])
    return found


def paths() -> list[dict[str, Any]]:
    """Return the paths of the contract, each object before what it holds."""
    from usagebar.contract.paths import contract_fields  # noqa: PLC0415 - pydantic is slow to import

    return [_path(field) for field in contract_fields()]


def _path(field: Field) -> dict[str, Any]:
    known = {
        "path": field.path,
        "type": field.kind,
        "meaning": field.meaning,
        "values": list(field.values),
        "examples": list(field.examples),
    }
    return known | {"elements": [_path(element) for element in field.elements]} if field.kind == "array" else known


def surfaces() -> list[dict[str, Any]]:
    """Return what each surface takes; `limit` is null where there is none that is known beforehand."""
    return [_record(profile) | {"markup": profile.markup} for profile in PROFILES.values()]


def findings() -> list[dict[str, str]]:
    """Return the codes of what the check finds, the gravest first."""
    from usagebar.checks.meanings import MEANINGS  # noqa: PLC0415 - the check brings much along

    return [{"code": code, "severity": severity, "meaning": MEANINGS[code]} for code, severity in SEVERITIES.items()]


def presets(surface: str | None = None) -> list[dict[str, str]]:
    """Return the presets, each with a sample turn and its footer: the turn of the preset's name, else the typical."""
    from usagebar.template.loader import parse  # noqa: PLC0415 - only to draw
    from usagebar.template.presets import preset_names, preset_summary, preset_text  # noqa: PLC0415 - as above

    found = []
    for name in preset_names():
        turn = _turn_of(name)
        footer = parse(preset_text(name)).render(turn.contract, surface)
        found.append({"name": name, "summary": preset_summary(name), "turn": turn.name, "footer": footer})
    return found


def _turn_of(preset: str) -> Sample:
    from usagebar.contract.samples import SAMPLES  # noqa: PLC0415 - only to draw

    return SAMPLES[preset if preset in SAMPLES else "typical"]


def samples() -> list[dict[str, Any]]:
    """Return the sample turns that the check and the preview try a template on."""
    from usagebar.contract.samples import SAMPLES  # noqa: PLC0415 - only for this section

    return [{"name": sample.name, "summary": sample.summary} for sample in SAMPLES.values()]


SECTIONS: dict[str, Callable[[], Any]] = {
    "document": document,
    "expression": expression,
    "piece": piece,
    "forms": forms,
    "guards": guards,
    "verbs": verbs,
    "scales": scales,
    "aliases": aliases,
    "paths": paths,
    "surfaces": surfaces,
    "findings": findings,
    "presets": presets,
    "samples": samples,
}


def _records(records: Any) -> list[dict[str, Any]]:
    return [_record(record) for record in records]


def _record(record: Record) -> dict[str, Any]:
    return {name: _plain(getattr(record, name)) for name in record._fields}


def _members(model: type[BaseModel], key: str, prefix: str = "") -> list[dict[str, Any]]:
    """Return the members that a model of `usagebar.template.document` has, each by its name under `key`."""
    return [
        {key: prefix + (field.alias or name), "meaning": field.description, "examples": _plain(field.examples or [])}
        for name, field in model.model_fields.items()
    ]


def _plain(value: Any) -> Any:
    """Return the value as JSON would give it back: lists for tuples, and no part shared with a table."""
    return json.loads(json.dumps(value, ensure_ascii=False))
