"""Valid templates as text, written in many ways, with one defect planted somewhere and its place marked.

A template is drawn as a tree of `Object`s (pairs, so that a key may stand twice), lists and strings. A defect goes
into the tree between the marks OPEN and CLOSE, or as a `Marked` value. `written` turns the tree into text with escapes,
line ends, tabs, comments and trailing commas as drawn; then the marks are taken out and say where the finding points.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

OPEN, CLOSE = "\ue000", "\ue001"  # private use: nothing else writes them

NUMBERS = ("usage.input_tokens", "usage.last.output_tokens", "context.pct_used", "cost.turn_usd", "timing.duration_ms")
WORDS = ("model.display_name", "model.provider", "model.reasoning", "identity.name", "surface")
FLAGS = ("model.is_fallback", "state.fast_mode", "usage.has_tokens")
ELEMENT_NUMBERS = ("pct_left", "pct_used", "resets_in_s")
LITERALS = (
    "",
    " ",
    " · ",
    "é",
    "🌑",
    "👩‍💻 ",
    "\n",
    "\t",
    '"',
    "\\",
    "a/b",
    "//",
    "/* no */",
    "}",
    "𝒳",
    "-# ",
    "{}",
    ",}",
)
NUMBER_CALLS = (
    "",
    "|num",
    "|fixed:2",
    "|fixed",
    "|pct",
    "|inv|pct",
    "|dur",
    "|meter:5:dots",
    "|meter: 3 :dots",
    "|num|?",
)


class Object(list[tuple[str, Any]]):
    """The members of an object, in their order."""


@dataclass(frozen=True)
class Marked:
    """A value whose whole text is marked."""

    value: Any


def marked(text: str) -> str:
    return f"{OPEN}{text}{CLOSE}"


# ---------------------------------------------------------------- valid parts

literals = st.lists(st.sampled_from(LITERALS), max_size=2).map("".join)
number_expressions = st.builds("{{{}{}}}".format, st.sampled_from(NUMBERS), st.sampled_from(NUMBER_CALLS))
word_expressions = st.builds("{{ {}{}}}".format, st.sampled_from(WORDS), st.sampled_from(("", "|?", "|alias:names|–")))
element_expressions = st.builds("{{{}{}}}".format, st.sampled_from(ELEMENT_NUMBERS), st.sampled_from(NUMBER_CALLS))


def texts(expressions: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(st.tuples(literals, expressions).map("".join), min_size=1, max_size=3).map("".join)
    return st.tuples(parts, literals).map("".join)


guards = st.lists(st.tuples(st.sampled_from(("when",)), st.sampled_from(NUMBERS + WORDS + FLAGS)), max_size=1)
root_texts = texts(number_expressions | word_expressions)
text_pieces = st.builds(lambda guard, text: Object([*guard, ("text", text)]), guards, root_texts)
map_pieces = st.builds(
    lambda guard, path: Object([*guard, ("map", path), ("cases", Object([("true", "y{"), ("_default", "é")]))]),
    guards,
    st.sampled_from(FLAGS),
)
each_pieces = st.builds(
    lambda item, join: Object([("each", "limits.windows"), ("item", item), *([("join", join)] if join else [])]),
    texts(element_expressions),
    literals,
)
pieces: st.SearchStrategy[Object] = st.one_of(text_pieces, text_pieces, map_pieces, each_pieces)
layouts = st.lists(pieces, min_size=1, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> Object:
    surfaces = draw(st.lists(st.sampled_from(("discord", "irc", "custom", "")), unique=True, max_size=2))
    output = Object([("sep", draw(literals)), ("default", draw(layouts))])
    if surfaces:
        output.append(("surfaces", Object((name, draw(layouts)) for name in surfaces)))
    scales = Object([("dots", draw(st.sampled_from((".:|#", ["☁️", "☀️"], "🌑🌘🌗🌖🌕"))))])
    aliases = Object([("names", Object([("high", "🌕"), ('q"\\é', "x")]))])
    members = [("schema", "openclaw.usageBar.v1"), ("scales", scales), ("aliases", aliases), ("output", output)]
    return Object(draw(st.permutations(members)))


# ---------------------------------------------------------------- planting


def member(parent: Object, key: str) -> Any:
    return next(value for name, value in parent if name == key)


def put(parent: Object, key: str, value: Any) -> None:
    """Replace a member's value, or add the member."""
    for index, (name, _) in enumerate(parent):
        if name == key:
            parent[index] = (key, value)
            return
    parent.append((key, value))


def all_layouts(document: Object) -> list[list[Any]]:
    output = member(document, "output")
    surfaces = [value for name, value in output if name == "surfaces"]
    return [member(output, "default"), *[layout for each in surfaces for _, layout in each]]


# What is planted into a text: the code, and the text between two others.
IN_TEXT = (
    ("unknown-path", "{" + marked("usage.nope") + "|num}"),
    ("unknown-path", "{ " + marked("model.idd") + " |?}"),
    ("unknown-path", "{" + marked("limits.windows") + "}"),
    ("bad-argument", "{context.pct_used|meter:" + marked("0") + ":dots}"),
    ("bad-argument", "{context.pct_used|fixed:" + marked(" 2x") + "}"),
    ("unknown-scale", "{context.pct_used|meter:5:" + marked("dotz") + "}"),
    ("unknown-scale", "{context.pct_used|" + marked("meter:5") + "|?}"),
    ("short-scale", "{context.pct_used|meter:5:" + marked("one") + "}"),
    ("unknown-alias-table", "{model.id|alias:" + marked("näme") + "}"),
    ("suspect-fallback", "{cost.turn_usd|" + marked("fixd:4") + "}"),
    ("suspect-fallback", "{cost.turn_usd|num|" + marked("METR:5:dots") + "}"),
    ("lost-fallback", "{model.id|" + marked("n/a") + "| ? }"),
    ("number-after-text", "{usage.input_tokens|num|" + marked("pct") + "}"),
    ("number-after-text", "{usage.input_tokens| dur | " + marked("meter:5:dots") + " |x}"),
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, Object]:
    """Draw a template with one defect in it, and the code of its finding."""
    document = draw(documents())
    plant = draw(st.sampled_from((in_text, in_text, in_guard, in_keys, in_piece, in_each, in_definitions, in_surfaces)))
    return draw(plant(document)), document


@st.composite
def in_text(draw: st.DrawFn, document: Object) -> str:
    code, defect = draw(st.sampled_from(IN_TEXT))
    if code == "short-scale":
        put(member(document, "scales"), "one", draw(st.sampled_from(("x", ["☁️"], "", "🌑"))))
    text = draw(literals) + draw(root_texts) + defect + draw(root_texts)
    if draw(st.integers(0, 5)) == 0:
        code, text = (
            "unclosed-brace",
            draw(root_texts) + draw(literals) + marked("{") + draw(st.sampled_from(("", "a|b", "é"))),
        )
    layout = draw(st.sampled_from(all_layouts(document)))
    layout.insert(draw(st.integers(0, len(layout))), Object([("text", text)]))
    return code


@st.composite
def in_guard(draw: st.DrawFn, document: Object) -> str:
    code, key, path = draw(
        st.sampled_from(
            (
                ("unknown-path", "when", marked("usage.inputTokens")),
                ("unknown-path", "when", marked(' "model"\\')),
                ("unknown-path", "unless", marked("usagé")),
                ("unknown-path", "map", marked("state.fast")),
                ("wrong-type", "when", Marked(draw(st.sampled_from((5, None, True, [], Object(), 1.5))))),
            )
        )
    )
    piece = Object([("text", draw(root_texts)), (key, path)])
    if key == "map":
        piece = Object([("cases", Object([("x", "y")])), (key, path)])
    draw(st.sampled_from(all_layouts(document))).append(piece)
    return code


@st.composite
def in_keys(draw: st.DrawFn, document: Object) -> str:
    piece = draw(text_pieces)
    member(member(document, "output"), "default").append(piece)
    where = draw(st.sampled_from((document, member(document, "output"), piece)))
    if draw(st.booleans()):
        where.insert(
            draw(st.integers(0, len(where))), (marked(draw(st.sampled_from(("xyz", "é\n🌑", '"', "Text ")))), 1)
        )
        return "unknown-key"
    key, value = draw(st.sampled_from(where))
    where.append((marked(key), value))
    return "duplicate-key"


@st.composite
def in_piece(draw: st.DrawFn, document: Object) -> str:
    code, piece = draw(
        st.sampled_from(
            (
                ("empty-piece", Marked(Object())),
                ("empty-piece", Marked(Object([("when", "model.id")]))),
                ("empty-piece", Marked(Object([("map", "model.id")]))),
                ("empty-piece", Marked(Object([("each", "limits.windows"), ("item", "")]))),
                ("wrong-type", Marked("text")),
                (
                    "case-never-matches",
                    Object([("map", "state.fast_mode"), ("cases", Object([("true", "y"), (marked("yés"), "n")]))]),
                ),
            )
        )
    )
    layout = draw(st.sampled_from(all_layouts(document)))
    layout.insert(draw(st.integers(0, len(layout))), piece)
    return code


@st.composite
def in_each(draw: st.DrawFn, document: Object) -> str:
    code, piece = draw(
        st.sampled_from(
            (
                ("unknown-path", Object([("item", "{label}"), ("each", marked("limits.windos"))])),
                ("unknown-path", Object([("item", "{label}"), ("each", marked("model.id"))])),
                (
                    "unknown-path",
                    Object([("item", 'é"{label} {' + marked("model.id") + "}"), ("each", "limits.windows")]),
                ),
                (
                    "unknown-scale",
                    Object(
                        [
                            ("each", "limits.windows"),
                            ("item", "{pct_left|meter:1:*}"),
                            ("item_scales", ["dots", marked("nö")]),
                        ]
                    ),
                ),
            )
        )
    )
    draw(st.sampled_from(all_layouts(document))).append(piece)
    return code


@st.composite
def in_definitions(draw: st.DrawFn, document: Object) -> str:
    code, table, name, value = draw(
        st.sampled_from(
            (
                ("cluster-split", "scales", "new", "🌑" + marked("☁️") + "#"),
                ("cluster-split", "scales", "new", marked("👩‍💻") + "é#"),
                ("unused-scale", "scales", marked("new"), "ab"),
                ("unused-scale", "scales", marked('"\\'), ["a", "b"]),
                ("unused-alias-table", "aliases", marked("é"), Object([("a", "b")])),
                ("wrong-type", "aliases", "new", Marked(7)),
                ("wrong-type", "scales", "new", ["a", "b", Marked(7)]),
            )
        )
    )
    put(member(document, table), name, value)
    return code


@st.composite
def in_surfaces(draw: st.DrawFn, document: Object) -> str:
    output = member(document, "output")
    code, name, layout = draw(
        st.sampled_from(
            (
                ("unknown-surface", marked("Telegram"), [Object([("text", "x")])]),
                ("unknown-surface", marked("slakc"), [Object([("text", "x")])]),
                ("over-limit", marked("whatsapp"), [Object([("text", "🌑" * 4097)])]),
                ("over-limit", marked("telegram"), [Object([("text", "🌑" * 2049)])]),
                ("wrong-type", "x", Marked(Object([("text", "x")]))),
            )
        )
    )
    put(output, "surfaces", Object([(name, layout)]))
    return code


# ---------------------------------------------------------------- writing


@dataclass
class Writer:
    """Writes a tree as JSONC, in one of many ways: a draw for each character would take too long."""

    random: Random
    line_end: str
    indent: str
    is_plain: bool

    def choice(self, *options: str) -> str:
        return options[0] if self.is_plain else self.random.choice(options)

    def write(self, value: Any, depth: int = 0) -> str:
        if isinstance(value, Marked):
            return marked(self.write(value.value, depth))
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, Object):
            members = [
                f"{self.string(key)}{self.choice(':', ' : ')}{self.write(each, depth + 1)}" for key, each in value
            ]
            return self.bracket("{", members, "}", depth)
        if isinstance(value, list):
            return self.bracket("[", [self.write(each, depth + 1) for each in value], "]", depth)
        return json.dumps(value)

    def bracket(self, opening: str, parts: list[str], closing: str, depth: int) -> str:
        if not parts:
            return opening + closing
        inner = self.choice(self.line_end + self.indent * (depth + 1), " ", "")
        comma = "," + self.choice("", " /* , */", ' // "x"' + self.line_end) + inner
        trailing = self.choice("", ",")
        return opening + inner + comma.join(parts) + trailing + inner + closing

    def string(self, text: str) -> str:
        return '"' + "".join(map(self.char, text)) + '"'

    def char(self, char: str) -> str:
        if char in (OPEN, CLOSE):
            return char
        plain = json.dumps(char, ensure_ascii=False)[1:-1]
        escaped = json.dumps(char)[1:-1]
        return self.choice(plain, plain, plain, escaped)


@st.composite
def written(draw: st.DrawFn, tree: Any) -> str:
    """Draw one way to write a tree, marks included."""
    line_end, indent = draw(st.sampled_from(("\n", "\r\n", "\r"))), draw(st.sampled_from(("  ", "\t", "")))
    writer = Writer(Random(draw(st.integers(0, 2**32))), line_end, indent, is_plain=draw(st.booleans()))
    head = draw(st.sampled_from(("", "// é\n", "/* 🌑\r\n */ ", "\n\n")))
    return head + writer.write(tree) + draw(st.sampled_from(("", "\n", " // end")))


def without_marks(text: str) -> tuple[str, int, int]:
    """Return the text without its marks, and the offsets they stood at."""
    begin, end = text.index(OPEN), text.index(CLOSE) - 1
    return text.replace(OPEN, "").replace(CLOSE, ""), begin, end
