"""The forms of a piece and the guards that may stand on any of them: one table each, keys and words.

The reader of documents, the JSON Schema's models, the check and `usagebar describe` all ask here.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Form(Record):
    """A form, named by the key that makes a piece one: the keys it reads beside the guards, and what it shows.

    Without one of the `required` keys a piece of the form comes to nothing.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    summary: str
    rule: str
    example: Mapping[str, Any]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that the form reads."""
        return (*self.required, *self.optional)


class Guard(Record):
    """A key that keeps or drops a piece of any form."""

    name: str
    summary: str
    rule: str
    example: Mapping[str, Any]


# In the order in which they are tried: the first one whose name is a key of the piece is its form.
FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(
            "map",
            ("map", "cases"),
            (),
            "a fixed text for a value",
            "The text of the value at the path is looked up in `cases`, else `_default` is; an absent value and null "
            "have the text `undefined`. The hit is shown as it is, `{…}` included; without one the piece is dropped.",
            {"map": "state.fast_mode", "cases": {"true": " ⚡", "false": " 🐌"}},
        ),
        Form(
            "each",
            ("each", "item"),
            ("join", "text", "item_scales"),
            "a text for each element of an array",
            "`item` is filled in for each element, its paths being the element's own; empty ones are dropped, the "
            "others joined by `join` (default one space). `text` is a fixed prefix, followed by a space. `item_scales` "
            "names the scale that `*` is for the first element, the second and so on, the last name serving the rest. "
            "Nothing left, or no array: the piece is dropped.",
            {
                "each": "limits.windows",
                "text": "⏳",
                "item": "{label} {pct_left|meter:1:*} {pct_left|pct}",
                "item_scales": ["weather", "plants"],
                "join": " · ",
            },
        ),
        Form(
            "text",
            ("text",),
            (),
            "a text with expressions",
            "Literal text in which each `{path|verb|fallback}` is filled in. A text that comes out empty is dropped.",
            {"text": "{model.display_name|alias:models|?}"},
        ),
    )
}

GUARDS: Mapping[str, Guard] = {
    guard.name: guard
    for guard in (
        Guard(
            "when",
            "keeps the piece where there is a value",
            'The piece is dropped if the value at the path is absent, null, `false` or `""`; `0`, `[]` and `{}` keep '
            "it. A guard alone shows nothing.",
            {"when": "cost.turn_usd", "text": " 💰{cost.turn_usd|fixed:4}"},
        ),
        Guard(
            "unless",
            "keeps the piece where there is none",
            'The exact opposite of `when`: the piece is kept only if the value is absent, null, `false` or `""`. Both '
            "may stand together.",
            {"unless": "usage.has_tokens", "text": "no token counts"},
        ),
    )
}

PIECE_KEYS = (*GUARDS, *dict.fromkeys(key for form in FORMS.values() for key in form.keys))

# What the keys of a remark begin with: strict JSON has no comments. Nobody reads them.
REMARKS = ("//", "$comment", "_comment")
