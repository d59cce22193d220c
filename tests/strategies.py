"""Hypothesis strategies: template documents with all forms and many mistakes, and contracts that meet their paths."""

from __future__ import annotations

import math
from collections import UserDict
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from hypothesis import strategies as st

Strategy: TypeAlias = st.SearchStrategy[Any]


class Level(StrEnum):
    HIGH = "high"
    DISCORD = "discord"


class Count(IntEnum):
    NONE = 0
    SOME = 1500


KEYS = ("a", "b", "c", "x", "", "l", "left", "label", "surface", "toString", "__class__", "a b")
PATHS = (
    *("a", "b", "a.b", "a.b.c", "a.b.x", "b.a", "l", "a.l", "x", "surface", "surface.x", "toString", "a b"),
    *("", ".", "a.", ".a", "a..b", "nowhere", "nowhere.a", "__class__", "l.0", "a.__class__.__name__", "{a"),
    *("model.provider", "model.is_fallback", "usage.input_tokens", "context.pct_used", "cost.turn_usd"),
    ".".join("abc" * 6),
)
ELEMENT_PATHS = ("left", "label", "x", "a.b", "surface", "", "a")
ARRAYS = ("l", "a.l", "limits.windows", "a", "x", "nowhere")
SURFACES = ("discord", "telegram", "default", "", "Discord", "render")
SCALES = ("two", "moon", "words", "one", "none", "odd", "*", "", "nosuch", " two")
TABLES = ("t", "yn", "blank", "nosuch", "", " t")
NUMERIC = (
    *("", " ", "0", "1500", " 3e3 ", "-0.5", ".5", "5.", "1e309"),
    *("0x10", "1_000", "٣", "nan", "\ufeff12", "\x8512"),
)
WORDS = ("high", "High", "true", "x", "X", "undefined", "_default", "toString", "__proto__", "'", '"""', "\\N{DASH}")
BLANKS = ("", "", "", " ", "  ", "\n", "\t", "\ufeff", "\u2028", "\u00a0", "\x85", "\x1c")
LITERALS = (
    *("", " | ", "\n", "-# ", "🤖", "📚 [", "]", "{}", "}", "{", "}}", "{{", "{!r}"),
    *("'", '"', "\\", "%s", "\u2028", "\0"),
)
FALLBACKS = ("", "?", "n/a", " sp ace ", "Num", "fixd:4", "num2", "0", "{", ":", "meter :5")

anything = st.characters(exclude_categories=())  # lone surrogates included
any_text: st.SearchStrategy[str] = st.text(anything, max_size=6)
json_scalars: Strategy = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMERIC + WORDS + SURFACES),
    st.integers(-200, 2000),
    st.sampled_from((0, 1, 50, 100, 999, 1000, 9950, 9999, 10000, 10500, 86400, 2**30, 2**53 + 1, 10**21)),
    st.floats(-5, 105),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-4000, 4000).map(lambda eighths: eighths / 8),
    any_text,
)
python_scalars: Strategy = st.sampled_from(
    (
        *(math.nan, math.inf, -math.inf, -0.0, 10**400, -(10**400)),
        *(Decimal("1050"), Decimal("0.25"), Decimal("NaN"), Decimal("sNaN"), Decimal("1e400"), Decimal("-0")),
        *(Level.HIGH, Level.DISCORD, Count.NONE, Count.SOME, b"x", 1j, object(), {1}, ()),
    )
)


def nested(scalars: Strategy) -> Strategy:
    """Draw values that hold objects under the templates' keys, and arrays of them, up to three deep."""
    values = scalars
    for _ in range(3):
        objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=3)
        values = st.one_of(scalars, scalars, objects, st.lists(values, max_size=3))
    return values


@st.composite
def _contracts(draw: st.DrawFn, scalars: Strategy, others: Strategy) -> dict[str, Any]:
    contract: dict[str, Any] = draw(st.dictionaries(st.sampled_from(KEYS), nested(scalars), max_size=4))
    for path in draw(st.lists(st.sampled_from(PATHS + ARRAYS), max_size=8)):
        put(contract, path, draw(others if path in ARRAYS else scalars))
    if draw(st.booleans()):
        contract["surface"] = draw(st.sampled_from(SURFACES) | scalars)
    return contract


def put(root: dict[str, Any], path: str, value: object) -> None:
    """Put a value where a path leads to, unless something that is no object is in the way."""
    *outer, last = path.split(".")
    for key in outer:
        root = root.setdefault(key, {})
        if not isinstance(root, dict):
            return
    root[last] = value


def elements(scalars: Strategy) -> Strategy:
    element = st.dictionaries(st.sampled_from(("left", "label", "x", "", "a")), scalars, max_size=4)
    return st.lists(element | nested(scalars), max_size=5)


everything = json_scalars | python_scalars
json_contracts: st.SearchStrategy[dict[str, Any]] = _contracts(json_scalars, elements(json_scalars))
mappings: Strategy = _contracts(everything, elements(everything) | elements(everything).map(tuple) | everything)
contracts: Strategy = st.one_of(
    json_contracts,
    mappings,
    mappings.map(MappingProxyType),
    mappings.map(UserDict),
    nested(everything),
)
surfaces: Strategy = st.none() | st.sampled_from((*SURFACES, Level.DISCORD)) | everything

# ---------------------------------------------------------------- texts


def joined(*parts: Strategy) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


blanks = st.sampled_from(BLANKS)
widths = st.sampled_from(("", " ", "1", "2", "5", "100", "+3", " 4 ", "0", "101", "-1", "2.5", "1e1", "x", "٣", "007"))
decimals = st.sampled_from(("0", "1", "2", "4", "100", " 3 ", "+1", "", "101", "-1", "x", "1.5", "0" * 30 + "2"))
fixed_calls = decimals.map("fixed:{}".format)
alias_calls = st.sampled_from(TABLES).map("alias:{}".format)
meter_calls = st.builds("meter:{}:{}".format, widths, st.sampled_from(SCALES))
calls = st.one_of(
    st.sampled_from(("num", "dur", "pct", "inv", "fixed", "alias", "meter", "meter:3", "num:1:2", "inv:", "pct:x")),
    fixed_calls,
    alias_calls,
    meter_calls,
    meter_calls,
)
segments = joined(blanks, calls | calls | st.sampled_from(FALLBACKS), blanks)


def expressions(paths: tuple[str, ...]) -> st.SearchStrategy[str]:
    tail = st.lists(segments.map("|{}".format), max_size=3).map("".join)
    return joined(st.just("{"), blanks, st.sampled_from(paths), blanks, tail, st.just("}"))


def texts(paths: tuple[str, ...] = PATHS) -> st.SearchStrategy[str]:
    part = st.one_of(expressions(paths), expressions(paths), st.sampled_from(LITERALS), any_text)
    return st.lists(part, max_size=5).map("".join)


raw_texts: st.SearchStrategy[str] = texts() | st.text(st.sampled_from("{}|:. anum\n\ufeff\\'\""), max_size=20)

# ---------------------------------------------------------------- documents

junk = nested(json_scalars)


def seldom(wrong: Strategy, right: Strategy) -> Strategy:
    """Draw something wrong about one time in ten."""
    return st.one_of(*[right] * 9, wrong)


paths = seldom(junk, st.sampled_from(PATHS))
guards = {"when": paths, "unless": paths}
cases = st.dictionaries(st.sampled_from((*WORDS, *NUMERIC)) | any_text, seldom(junk, any_text), max_size=5)
scale_names = st.lists(seldom(junk, st.sampled_from(SCALES)), max_size=4)
text_pieces = st.fixed_dictionaries({"text": seldom(junk, texts())}, optional=guards)
map_pieces = st.fixed_dictionaries({"map": paths}, optional=guards | {"cases": seldom(junk, cases), "text": junk})
each_pieces = st.fixed_dictionaries(
    {"each": seldom(junk, st.sampled_from(ARRAYS)), "item": seldom(junk, texts(ELEMENT_PATHS))},
    optional=guards
    | {
        "join": seldom(junk, st.sampled_from(LITERALS)),
        "text": seldom(junk, st.sampled_from(LITERALS)),
        "item_scales": seldom(junk, scale_names),
    },
)
odd_pieces = st.fixed_dictionaries({}, optional=guards | {"map": paths, "each": paths, "text": texts(), "item": junk})
pieces = st.one_of(text_pieces, text_pieces, map_pieces, each_pieces, each_pieces, odd_pieces)
layouts = seldom(junk, st.lists(seldom(junk, pieces), max_size=6))
separators = seldom(junk, st.sampled_from(LITERALS))

glyphs = seldom(junk, st.sampled_from((".#", "🌑🌘🌗🌖🌕", ["lo", "", "hi"], "x", "", ["a", 5, "b"], "☁️☀️", "\\'")))
labels = st.dictionaries(st.sampled_from((*WORDS, *NUMERIC, "50", "1.5")), seldom(junk, any_text), max_size=5)
scales = seldom(junk, st.dictionaries(st.sampled_from(SCALES), glyphs, max_size=6))
tables = seldom(junk, st.dictionaries(st.sampled_from(TABLES), seldom(junk, labels), max_size=4))
definitions = {"ramps": scales, "series": scales, "aliases": tables}

outputs = st.fixed_dictionaries(
    {"default": layouts},
    optional={
        "sep": separators,
        "surfaces": seldom(junk, st.dictionaries(st.sampled_from(SURFACES), layouts, max_size=3)),
    },
)
legacy_surfaces = st.fixed_dictionaries({}, optional={"segments": layouts, "sep": separators})
legacy = {
    "segments": layouts,
    "sep": separators,
    "surfaces": seldom(junk, st.dictionaries(st.sampled_from(SURFACES), seldom(junk, legacy_surfaces), max_size=3)),
}
new_documents = st.fixed_dictionaries({"output": outputs, "scales": scales}, optional=definitions)
old_documents = st.fixed_dictionaries({"scales": scales}, optional=definitions | legacy | {"output": junk})
documents: st.SearchStrategy[dict[str, Any]] = st.one_of(new_documents, new_documents, new_documents, old_documents)
