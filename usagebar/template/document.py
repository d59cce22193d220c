"""The template document `openclaw.usageBar.v1` as pydantic models: the definition of its shape for editors.

The JSON Schema is generated from these models (`usagebar.schemas`), so their docstrings and descriptions speak to the
author of a template.

`usagebar.load` does not ask them. It hands the decoded document to `usagebar.engine.shape`, which serves the library
and the cold command line alike, drops a broken part where these models refuse the whole, and needs no pydantic: one
reader, so messages cannot drift. What could drift is the shape itself. It does not, because a property test plants
defects anywhere in documents and holds `wrong_parts`, which is what these models say, to what that reader drops.

So the models look at what the language reads, and at nothing else: `output` hides the members of the older shape, a
scale hides an older one of its name, and a piece is only asked for the members of its form. They speak of documents as
JSON has them, whose keys are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from usagebar.engine.forms import FORMS
from usagebar.engine.shape import SCALE_KEYS, STRING_KEYS, is_array
from usagebar.engine.verbs import VERBS
from usagebar.template.builtin import SCHEMA

if TYPE_CHECKING:
    from usagebar.engine.pieces import Place
    from usagebar.engine.verbs import Verb

# What `shape.read` does not look at: a foreign `schema` refuses the document as a whole, `$schema` is the editor's.
_HEAD = ("schema", "$schema")
_LEGACY = ("segments", "sep", "surfaces")


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _as_list(value: Any) -> Any:
    return list(value) if is_array(value) else value


def _as_glyphs(value: Any) -> Any:
    return list(value) if isinstance(value, str) else _as_list(value)


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("expected a string, found null")
    return value


def _member(description: str, *examples: Any, default: Any = None) -> Any:
    return Field(default=default, description=description, examples=list(examples))


def _verb_line(verb: Verb) -> str:
    call = ":".join([verb.name, *(parameter.name.upper() for parameter in verb.parameters)])
    return f"\n- {call} – {verb.summary}"


_VERB_LINES = "".join(map(_verb_line, VERBS.values()))

# A member that counts wherever it is present: null is no way to leave it out.
Present = Annotated[str | None, BeforeValidator(_not_null)]
Strings = Annotated[list[str], BeforeValidator(_as_list)]
Labels = Annotated[dict[str, str], BeforeValidator(_as_dict)]
Scale = Annotated[
    list[str],
    BeforeValidator(_as_glyphs),
    WithJsonSchema(
        {
            "type": ["string", "array"],
            "items": {"type": "string"},
            "description": (
                "Glyphs from empty to full, two at least: a string has one for each code point, an array keeps glyphs "
                "of several code points (☁️) whole."
            ),
            "examples": ["░▒▓█", ["🥶", "☁️", "🌤", "☀️"]],
        }
    ),
]


class Part(BaseModel):
    """An object of the document. Members of other names are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _of_mapping(cls, value: Any) -> Any:
        return cls._read_members(dict(value)) if isinstance(value, Mapping) else value

    @classmethod
    def _read_members(cls, part: dict[str, Any]) -> dict[str, Any]:
        """Return the members that the language looks at."""
        return part


class Piece(Part):
    """One piece of the footer, left out where it comes to nothing.

    Its form is decided by the keys present: `map` with `cases`, else `each` with `item`, else `text`.

    `when` and `unless` guard any of them.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {key: [form.name] for form in FORMS.values() for key in form.keys if key not in FORMS},
            "examples": [
                {"text": "{model.display_name|alias:models}"},
                {"when": "cost.turn_usd", "text": " 💰{cost.turn_usd|fixed:4}"},
                {"map": "state.fast_mode", "cases": {"true": " ⚡", "false": " 🐌"}},
                {"each": "limits.windows", "item": "{label} {pct_left|pct}", "join": " · ", "text": "⏳"},
            ],
        }
    )

    when: Present = _member(
        "Path of a value in the contract: the piece is dropped where it is absent, null, false or empty text. "
        "0 keeps it, as do an empty list and an empty object.",
        "usage.has_split_tokens",
        "context.max_tokens",
        "cost.turn_usd",
    )
    unless: Present = _member(
        "Path of a value in the contract: the piece is kept only where it is absent, null, false or empty text, the "
        "exact opposite of `when`.",
        "cost.available",
        "usage.has_tokens",
    )
    map: Present = _member(
        "Path of a value in the contract whose text is looked up in `cases`: true, high, 0. An absent value has the "
        "text undefined.",
        "model.is_fallback",
        "state.fast_mode",
        "model.reasoning",
    )
    cases: Labels | None = Field(
        default={},
        description=(
            "Text to show for each value of `map`, as it is: {…} is not filled in here. `_default` serves every other "
            "value; without it the piece is dropped."
        ),
        examples=[{"true": " ⚡", "false": " 🐌"}, {"high": "🌕", "_default": "🌑"}],
        json_schema_extra={
            "properties": {
                "_default": {"type": "string", "description": "Text for every value that has no case of its own."}
            }
        },
    )
    each: Present = _member(
        "Path of an array in the contract: `item` is shown for each of its elements. Anything else counts as an empty "
        "array, and the piece is dropped.",
        "limits.windows",
    )
    item: Present = _member(
        "Text for one element of `each`, with {path|verb|fallback} expressions as in `text`. The paths start at the "
        "element, {label} and not {limits.windows.label}; paths outside of it are out of reach. In "
        "{pct_left|meter:5:*} the * is the scale that `item_scales` names for the element.",
        "{label} {pct_left|pct}",
        "{label} {pct_used|meter:5:*} {resets_in_s|dur}",
        default="",
    )
    item_scales: Strings | None = _member(
        "Names of scales: the first is the scale * in `item` for the first element, and so on; the last one serves all "
        "further elements.",
        ["weather", "plants"],
        default=[],
    )
    join: str | None = _member("Text between two items of `each`: one space unless given.", " · ", "\n", default=" ")
    text: Present = _member(
        "Text to show, with {path|verb|fallback} expressions: {usage.input_tokens|num|?}. The fallback is shown where "
        "the path has no value; there is no way to write a literal {…}. Beside `each` it is a prefix, shown as it is "
        f"and followed by one space; beside `map` it is ignored. The verbs, applied from left to right:{_VERB_LINES}",
        "{model.display_name|alias:models}",
        " ↕️ {usage.input_tokens|num|?}/{usage.output_tokens|num|?}",
        " 📚 [{context.pct_used|meter:5:braille}]",
        " 💰{cost.turn_usd|fixed:4}",
        " {timing.duration_ms}ms",
    )

    @classmethod
    def _read_members(cls, part: dict[str, Any]) -> dict[str, Any]:
        form = next((form for name, form in FORMS.items() if name in part), None)
        read = {*STRING_KEYS, *(form.keys if form else ())}
        if form is not FORMS["text"] and not isinstance(part.get("text"), str):
            read.discard("text")  # a prefix of a wrong type is passed over
        if any(key in part and not isinstance(part[key], str) for key in STRING_KEYS):
            read -= {"cases", "join", "item_scales"}  # the piece is dropped before they are looked at
        return {key: value for key, value in part.items() if key in read}


Pieces = Annotated[list[Piece], BeforeValidator(_as_list)]

_PIECES = [{"text": "{model.display_name}"}, {"when": "cost.turn_usd", "text": " 💰{cost.turn_usd|fixed:4}"}]
_SMALL_PRINT = [{"text": "-# {model.display_name}"}]


class Output(Part):
    """The pieces of each surface, and what joins them."""

    sep: str | None = _member("Text between two pieces: nothing unless given.", "", " · ", default="")
    default: Pieces | None = _member(
        "Pieces for every surface that has no entry in `surfaces`, in the order they are shown.", _PIECES, default=[]
    )
    surfaces: Annotated[dict[str, Pieces | None], BeforeValidator(_as_dict)] | None = _member(
        "Pieces of one surface, instead of those in `default`, by its channel id: discord, telegram, slack, whatsapp, "
        "matrix, irc, terminal, webchat.",
        {"discord": _SMALL_PRINT},
        default={},
    )


class LegacySurface(Part):
    """The pieces and the separator of one surface in the older shape."""

    model_config = ConfigDict(title="Surface (older shape)")

    segments: Pieces | None = _member(
        "Pieces of this surface, instead of the general `segments`.", _SMALL_PRINT, default=None
    )
    sep: str | None = _member("Text between two pieces on this surface, instead of the general `sep`.", " · ")


class TemplateDocument(Part):
    """A usage-bar template: the footer that is shown under each reply of an agent, with what the turn used.

    Files may hold comments and trailing commas (JSONC).
    """

    model_config = ConfigDict(
        title="Usage-bar template",
        json_schema_extra={
            "examples": [
                {
                    "schema": SCHEMA,
                    "scales": {"shade": "░▒▓█"},
                    "output": {
                        "sep": " · ",
                        "default": [
                            {"text": "{model.display_name}"},
                            {"when": "context.max_tokens", "text": "{context.pct_used|meter:5:shade}"},
                        ],
                    },
                }
            ]
        },
    )

    schema_: Literal["openclaw.usageBar.v1"] = Field(
        default="openclaw.usageBar.v1",
        alias="schema",
        description="Name and version of the template language. A template with another one is not used.",
        examples=[SCHEMA],
    )
    editor_schema: str | None = Field(
        default=None,
        alias="$schema",
        description="Where editors find the JSON Schema of this file; it changes nothing in the footer.",
        examples=["./openclaw.usageBar.v1.schema.json"],
    )
    scales: Annotated[dict[str, Scale], BeforeValidator(_as_dict)] | None = _member(
        "Scales by their names: what {context.pct_used|meter:5:braille} draws with, from empty to full.",
        {"braille": "⠐⡀⡄⡆⡇⣇⣧⣷⣿", "weather": ["🥶", "☁️", "🌥", "⛅️", "🌤", "☀️"]},
        default={},
    )
    aliases: Annotated[dict[str, Labels | None], BeforeValidator(_as_dict)] | None = _member(
        "Tables of labels by their names: what {model.id|alias:models} shows for a value. A value that is not in its "
        "table, as it is or in lower case, is shown unchanged.",
        {"models": {"claude-opus-4-6": "opus46"}, "reasoning": {"off": "🌑", "high": "🌕"}},
        default={},
    )
    output: Output | None = _member(
        "What is shown: the pieces of each surface, and what joins them.", {"sep": " · ", "default": _PIECES}
    )
    segments: Pieces | None = _member(
        "Older shape, looked at only without `output`: the pieces. Write output.default instead.", _PIECES, default=[]
    )
    sep: str | None = _member(
        "Older shape, looked at only without `output`: text between two pieces, one space unless given. Write "
        "output.sep instead, which is nothing unless given.",
        " ",
        default=" ",
    )
    surfaces: Annotated[dict[str, LegacySurface | None], BeforeValidator(_as_dict)] | None = _member(
        "Older shape, looked at only without `output`: pieces and separators by channel id. Write output.surfaces "
        "instead.",
        {"discord": {"segments": _SMALL_PRINT, "sep": ""}},
        default={},
    )
    series: Annotated[dict[str, Scale], BeforeValidator(_as_dict)] | None = _member(
        "Older name of `scales`, which win where both have a scale of one name.", {"shade": "░▒▓█"}, default={}
    )
    ramps: Annotated[dict[str, Scale], BeforeValidator(_as_dict)] | None = _member(
        "Oldest name of `scales`; `series` and `scales` win where they have a scale of the same name.",
        {"shade": "░▒▓█"},
        default={},
    )

    @classmethod
    def _read_members(cls, part: dict[str, Any]) -> dict[str, Any]:
        unread = _LEGACY if isinstance(part.get("output"), Mapping) else ()
        return {key: value for key, value in part.items() if key not in unread} | _winning_scales(part)


def _winning_scales(part: dict[str, Any]) -> dict[str, Any]:
    """Return the scale members without those entries that a newer member has too."""
    found = {}
    taken: set[str] = set()
    for key in reversed(SCALE_KEYS):
        if isinstance(part.get(key), Mapping):
            found[key] = {name: scale for name, scale in part[key].items() if name not in taken}
            taken |= set(part[key])
    return found


def wrong_parts(document: object) -> list[Place]:
    """Return where a document of JSON has parts of a wrong type: the places that `shape.read` reports as dropped.

    `schema` and `$schema` are not among them: neither is a part that can be dropped. A lone surrogate in a key comes
    out as U+FFFD, since pydantic cannot name it.
    """
    try:
        TemplateDocument.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [problem["loc"] for problem in found if problem["loc"][:1] not in [(key,) for key in _HEAD]]
    return []
