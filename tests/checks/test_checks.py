"""What the check finds, and what it leaves alone: tables of pieces and documents, the wrong places in ⟦ ⟧."""

from __future__ import annotations

import json
import re
from collections import UserDict
from pathlib import Path
from typing import Any

import pytest

import usagebar
from usagebar import check
from usagebar.checks.meanings import MEANINGS
from usagebar.checks.near import Names, distance, listed
from usagebar.diagnostics import SEVERITIES, Diagnostic
from usagebar.template.builtin import _DOCUMENT

ROOT = Path(__file__).parents[2]
FRAME = (
    '{"schema": "openclaw.usageBar.v1", "scales": {"dots": ".#", "one": "x", "*s": ["a", "b"]},'
    ' "aliases": {"t": {"a": "b"}}, "output": {"default": [%s]}}'
)
UNUSED = ("unused-scale", "unused-alias-table")


def found(text: str, *besides: str) -> list[tuple[str, int, int]]:
    """Return the codes of a text's findings, each with the offsets it points at."""
    findings = [each for each in check(text) if each.code not in UNUSED or each.code in besides]
    return [(each.code, *offsets(text, each)) for each in findings]


def offsets(text: str, finding: Diagnostic) -> tuple[int, int]:
    lines = re.split("(?<=\n)", text)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    assert finding.line is not None
    assert finding.column is not None
    assert finding.end_line is not None
    assert finding.end_column is not None
    return starts[finding.line - 1] + finding.column - 1, starts[finding.end_line - 1] + finding.end_column - 1


def expected(marked: str, codes: str) -> list[tuple[str, int, int]]:
    """Return the expectation of a text whose wrong places are marked: a code for each mark, + for several on one."""
    # Two characters of marks for each one before, and the opening one of its own.
    marks = [
        (mark.start() - 2 * at, mark.end() - 2 - 2 * at)
        for at, mark in enumerate(re.finditer("⟦.*?⟧", marked, re.DOTALL))
    ]
    groups = codes.split()
    assert len(marks) == len(groups)
    return [(code, *mark) for mark, group in zip(marks, groups, strict=True) for code in group.split("+")]


def assert_finds(marked: str, codes: str) -> None:
    assert found(re.sub("[⟦⟧]", "", marked), *codes.split()) == expected(marked, codes)


# ---------------------------------------------------------------- texts

TEXTS = [
    # paths
    ("{usage.input_tokens|num} {model.id|?} {surface} {agentId}", ""),
    ("{⟦usage.inputTokens⟧}", "unknown-path"),
    ("{ ⟦turn_usd⟧ |fixed:4}", "unknown-path"),
    ("{ ⟦⟧|num}{⟦a..b⟧}", "unknown-path unknown-path"),
    ("{⟦limits.windows.0.label⟧}", "unknown-path"),
    ("{⟦model.id.length⟧}{⟦toString⟧}", "unknown-path unknown-path"),
    ("{⟦limits.windows⟧} {⟦usage⟧|num} {⟦usage.last⟧}", " ".join(["unknown-path+differs-upstream"] * 3)),
    # arguments
    ("{cost.turn_usd|fixed:0}{cost.turn_usd|fixed: +3 }{cost.turn_usd|fixed}", ""),
    ("{cost.turn_usd|fixed:⟦⟧}", "bad-argument"),
    ("{cost.turn_usd|fixed:⟦101⟧}{cost.turn_usd|fixed:⟦1e2⟧}", "bad-argument bad-argument"),
    ("{cost.turn_usd|fixed:2:x:y}{usage.input_tokens|num:1}", ""),  # surplus arguments are ignored
    ("{context.pct_used|meter::dots}{context.pct_used|meter: 5 :dots}", ""),
    ("{context.pct_used|meter:⟦0⟧:⟦nosuch⟧}", "bad-argument unknown-scale"),
    ("{context.pct_used|⟦meter⟧}{context.pct_used|⟦meter:5⟧}", "unknown-scale unknown-scale"),
    ("{context.pct_used|meter:5:⟦⟧}{context.pct_used|meter:5:⟦ dots⟧}", "unknown-scale unknown-scale"),
    ("{context.pct_used|meter:5:⟦one⟧}{context.pct_used|meter:5:⟦*⟧}", "short-scale unknown-scale"),
    ("{model.id|alias:t}", ""),
    ("{model.id|⟦alias⟧}{model.id|alias:⟦T⟧}", "unknown-alias-table unknown-alias-table"),
    # chains
    ("{context.pct_used|inv|pct}{context.pct_used|fixed:1|pct}{context.pct_used|inv|meter:5:dots}", ""),
    ("{usage.input_tokens|num|alias:t|num}{usage.input_tokens|num|alias:t}", ""),
    ("{usage.input_tokens|num|⟦pct⟧}", "number-after-text"),
    ("{usage.input_tokens|pct|?|⟦fixed:1⟧|num}", "number-after-text"),
    ("{usage.input_tokens|dur|⟦inv⟧}", "number-after-text"),
    ("{usage.input_tokens|meter:5:dots|⟦meter:5:dots⟧}", "number-after-text"),
    ("{usage.input_tokens|inv|fixed:1|num|⟦num⟧}", "number-after-text"),
    # fallbacks
    ("{model.id|⟦a⟧|⟦b⟧|c}", "lost-fallback lost-fallback"),
    ("{model.id||c}{model.id|a|num}{model.id||}", ""),
    ("{model.id|⟦a⟧|}", "lost-fallback"),
    ("{cost.turn_usd|⟦fixd:4⟧|?}", "suspect-fallback+lost-fallback"),
    ("{cost.turn_usd| ⟦fixed :4⟧ }", "suspect-fallback"),
    # braces
    ("a } b {} c }", ""),
    ("{model.id} ⟦{⟧model.id", "unclosed-brace"),
    ("⟦{⟧ {", "unclosed-brace"),
    ("{⟦{model.id⟧} ⟦{⟧", "unknown-path unclosed-brace"),
]


@pytest.mark.parametrize(("text", "codes"), TEXTS, ids=[text for text, _ in TEXTS])
def test_text(text: str, codes: str) -> None:
    assert_finds(FRAME % f'{{"text": "{text}"}}', codes)


# The rule of the language: one edit from a verb, two if it has five letters, three letters at least; near to a verb of
# three letters only with a colon or in another case.
SUSPECT = {
    **dict.fromkeys(("fixd:4", "fixd", "Fixed:2", "FIXED", "fxed", "fied:1", "fixde:4", "fix", "ixd"), "fixed"),
    "fixed2": "fixed:2",
    "fixed 4": "fixed:4",
    **dict.fromkeys(("metr:5:dots", "Meter", "meters", "meeter:5", "mter", "metre", "eter"), "meter"),
    **dict.fromkeys(("alas:t", "Alias:t", "aliases", "alis", "allias:t", "alia"), "alias"),
    **dict.fromkeys(("Num", "NUM", "nun:", "nm:abc", "numb:2", "num2:x"), "num"),
    **dict.fromkeys(("Pct", "PCT", "pc:tt", "prct:"), "pct"),
    **dict.fromkeys(("Dur", "dura:1"), "dur"),
    **dict.fromkeys(("INV", "invs:"), "inv"),
}
HARMLESS: tuple[str, ...] = (
    "?",
    "–",
    "n/a",
    "N/A",
    "now",
    "sum",
    "Sum",
    "nun",
    "dir",
    "our",
    "unknown",
    "off",
    "none",
    "nu",
    "nu:",
    "pc:",
)
HARMLESS += ("12:30", "no model", "0", "free", "x:num", "local", "format", "numbers")


@pytest.mark.parametrize(("fallback", "verb"), SUSPECT.items())
def test_suspect_fallback(fallback: str, verb: str) -> None:
    (finding,) = [each for each in check(frame_of(fallback)) if each.severity == "warning"]
    assert finding.code == "suspect-fallback"
    assert finding.suggestion == f"did you mean `{verb}{''.join(fallback.partition(':')[1:])}`?"


@pytest.mark.parametrize("fallback", HARMLESS)
def test_harmless_fallback(fallback: str) -> None:
    assert [each for each in check(frame_of(fallback)) if each.severity == "warning"] == []


def frame_of(fallback: str) -> str:
    return FRAME % json.dumps({"text": f"{{cost.turn_usd|{fallback}}}"})


# ---------------------------------------------------------------- pieces

PIECES = [
    # guards
    ('{"when": "usage", "text": "x"}, {"when": "limits.windows", "text": "x"}', ""),
    ('{"when": "⟦usage.x⟧", "text": "x"}', "unknown-path"),
    ('{"when": "⟦ model.id⟧", "text": "x"}', "unknown-path"),
    ('{"⟦unless⟧": "⟦⟧", "text": "x"}', "differs-upstream unknown-path"),
    # map
    ('{"map": "state.fast_mode", "cases": {"true": "", "false": "", "undefined": "", "_default": ""}}', ""),
    ('{"map": "state.fast_mode", "cases": {"⟦yes⟧": "", "⟦True⟧": ""}}', "case-never-matches case-never-matches"),
    ('{"map": "model.reasoning", "cases": {"high": "", "True": ""}}', ""),
    ('{"map": "⟦limits⟧", "cases": {"x": ""}}', "unknown-path+differs-upstream"),
    ('{"map": "⟦model.nope⟧", "cases": {"x": "{usage.nope}"}}', "unknown-path"),
    ('⟦{"map": "model.id"}⟧, ⟦{"map": "model.id", "cases": {}}⟧', "empty-piece empty-piece"),
    ('{"map": "model.id", "cases": {"a": "b"}, "⟦text⟧": "x", "⟦item⟧": "y"}', "unknown-key unknown-key"),
    # each
    ('{"each": "limits.windows", "item": "{label} {pct_left|pct}", "text": "{x}", "join": ""}', ""),
    ('{"each": "limits.windows", "item": "{⟦model.id⟧}{⟦labl⟧}{ ⟦⟧}"}', "unknown-path unknown-path unknown-path"),
    ('{"each": "⟦limits.window⟧", "item": "{anything}"}', "unknown-path"),
    ('{"each": "⟦model.id⟧", "item": "{anything}"}', "unknown-path"),
    ('⟦{"each": "limits.windows"}⟧, ⟦{"each": "limits.windows", "item": ""}⟧', "empty-piece empty-piece"),
    ('{"each": "limits.windows", "item": "{pct_left|meter:1:*}", "item_scales": ["dots", "*s"]}', ""),
    (
        '{"each": "limits.windows", "item": "{pct_left|meter:1:⟦*⟧}", "item_scales": ["one", "dots", "⟦no⟧", "one"]}',
        "short-scale unknown-scale",
    ),
    ('{"each": "limits.windows", "item": "{pct_left|meter:1:⟦*⟧}", "item_scales": []}', "unknown-scale"),
    ('{"each": "limits.windows", "item": "{pct_left|meter:1:*}", "item_scales": ["⟦no⟧"]}', "unknown-scale"),
    ('{"each": "limits.windows", "item": "x{label}", "⟦cases⟧": {}}', "unknown-key"),
    # no form
    ('⟦{}⟧, ⟦{"when": "model.id"}⟧', "empty-piece empty-piece"),
    ('⟦{"⟧txet": "x"}', "empty-piece"),
    ('{"text": ""}, {"text": "x", "//": "a remark", "$comment": 1, "_comment": ""}', ""),
    ('{"text": "x", "⟦Text⟧": "y", "⟦sep⟧": ""}', "unknown-key unknown-key"),
    ('{"text": "x", "⟦text⟧": "y", "⟦te\\u0078t⟧": "z"}', "duplicate-key duplicate-key"),
    # broken ones
    ('⟦5⟧, {"text": ⟦null⟧}, {"text": "x", "when": ⟦5⟧, "⟦xyz⟧": 1}', "wrong-type wrong-type wrong-type unknown-key"),
]


@pytest.mark.parametrize(("pieces", "codes"), PIECES, ids=[pieces for pieces, _ in PIECES])
def test_pieces(pieces: str, codes: str) -> None:
    if pieces == '⟦{"⟧txet": "x"}':  # a mark in a mark
        text = FRAME % '{"txet": "x"}'
        begin = text.index('{"txet"')
        assert found(text) == [("empty-piece", begin, begin + 13), ("unknown-key", begin + 2, begin + 6)]
    else:
        assert_finds(FRAME % pieces, codes)


# ---------------------------------------------------------------- documents

SCHEMA = '"schema": "openclaw.usageBar.v1"'
OUTPUT = '"output": {"default": [{"text": "x"}]}'
DOCUMENTS = [
    (f"{{{SCHEMA}, {OUTPUT}}}", ""),
    (f'{{"$schema": "x.json", {SCHEMA}, {OUTPUT}}}', ""),
    (f"⟦{{⟧{OUTPUT}}}", "missing-schema"),
    (f"\n  ⟦{{⟧{OUTPUT}}}", "missing-schema"),
    (f'{{{SCHEMA}, {OUTPUT}, "⟦Scales⟧": {{}}, "⟦segments⟧": []}}', "unknown-key unknown-key"),
    (f'{{{SCHEMA}, "output": {{"default": [{{"text": "x"}}], "⟦surface⟧": 1}}}}', "unknown-key"),
    (f'{{{SCHEMA}, "⟦segments⟧": [{{"text": "x"}}], "sep": ""}}', "legacy-shape"),
    (
        f'{{{SCHEMA}, "⟦surfaces⟧": {{"discord": {{"segments": [{{"text": "x"}}], "sep": "", "⟦x⟧": 1}}}}}}',
        "legacy-shape unknown-key",
    ),
    (f'{{{SCHEMA}, "⟦ramps⟧": {{"⟦a⟧": "ab"}}, {OUTPUT}}}', "legacy-shape unused-scale"),
    (f'{{{SCHEMA}, "scales": {{"⟦a⟧": "x⟦☁️⟧⟦👩‍💻⟧y"}}, {OUTPUT}}}', "unused-scale cluster-split cluster-split"),
    (
        f'{{{SCHEMA}, "scales": {{"⟦a⟧": ["☁️", "y"]}}, "aliases": {{"⟦b⟧": {{}}}}, {OUTPUT}}}',
        "unused-scale unused-alias-table",
    ),
    (
        f'{{{SCHEMA}, "series": {{"a": "☁️"}}, "scales": {{"⟦a⟧": "xy"}}, {OUTPUT}}}'.replace('"series"', '"⟦series⟧"'),
        "legacy-shape unused-scale",
    ),
    (f"{{{SCHEMA}, {OUTPUT}⟦,⟧ }}", "differs-upstream"),
    (f"⟦//⟧ a\n{{{SCHEMA}, {OUTPUT}, }} // b", "differs-upstream"),
    (f"{{{SCHEMA}, {OUTPUT}, ⟦u⟧nit: 1}}".replace("⟦u⟧nit", "⟦$schema⟧"), "differs-upstream"),
    (f'{{{SCHEMA}, "⟦a⟧": "//", "⟦b⟧": ",}}", {OUTPUT}}}', "unknown-key unknown-key"),
    (f'{{{SCHEMA}, {OUTPUT}, "⟦schema⟧": "openclaw.usageBar.v1"}}', "duplicate-key"),
    ('{"schema": ⟦"openclaw.usageBar.v2"⟧, "outputs": {}}', "unsupported-schema"),
    ('⟦{⟧"⟦ouput⟧": {"default": []}}', "x unknown-key"),
]


@pytest.mark.parametrize(("text", "codes"), DOCUMENTS, ids=[text for text, _ in DOCUMENTS])
def test_documents(text: str, codes: str) -> None:
    if codes.startswith("x "):  # the whole document
        findings = check(re.sub("[⟦⟧]", "", text))
        assert [each.code for each in findings] == ["unsupported-shape", "unknown-key"]
        assert findings[1].suggestion == "did you mean `output`?"
    else:
        assert_finds(text, codes)


@pytest.mark.parametrize(
    "name", ["Discord", "discrod", "dicord", "telegramm", "TELEGRAM", "slak", "whatsap", "IRC", " irc"]
)
def test_a_surface_near_a_known_one(name: str) -> None:
    text = json.dumps({"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {name: [{"text": "x"}]}}})
    (finding,) = check(text)
    assert (finding.code, finding.path.startswith("$.output.surfaces")) == ("unknown-surface", True)
    assert finding.suggestion is not None


@pytest.mark.parametrize(
    "name", ["discord", "irc", "rc", "arc", "signal", "default", "", "web", "line", "msteams", "cli"]
)
def test_a_surface_of_its_own(name: str) -> None:
    assert check({"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {name: [{"text": "x"}]}}}) == []


LIMITS = [
    ("discord", "x" * 1997, None),
    ("discord", "x" * 1998, "expected at most 2000 characters on discord, found 2001 for the sample turn `typical`"),
    ("discord", "🌑" * 1997, None),
    ("discord", "-# " + "x" * 1997, None),
    ("telegram", "🌑" * 2048, None),
    (
        "telegram",
        "🌑" * 2049,
        "expected at most 4096 utf-16 units on telegram, found 4098 for the sample turn `typical`",
    ),
    ("telegram", "<i>" + "x" * 4096 + "</i>", None),
    ("irc", "é" * 199, None),
    ("irc", "\n".join(["é" * 199] * 3), None),
    ("irc", "é" * 200, "expected at most 400 bytes a line on irc, found 402 for the sample turn `typical`"),
    ("webchat", "x" * 100_000, None),
    ("terminal", "x" * 1000, None),
    ("own", "x" * 100_000, None),
]


@pytest.mark.parametrize(("surface", "text", "message"), LIMITS, ids=range(len(LIMITS)))
def test_over_limit(surface: str, text: str, message: str | None) -> None:
    document = {"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {surface: [{"text": text}]}}}
    findings = check(json.dumps(document))
    assert [each.message for each in findings] == ([] if message is None else [message])
    assert all(each.path == f"$.output.surfaces.{surface}" for each in findings)


def test_over_limit_only_for_some_turns() -> None:
    piece = {"when": "limits.windows", "text": "x" * 500}
    (finding,) = check({"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {"irc": [piece]}}})
    assert finding.message.endswith("found 502 for the sample turn `quota`")


def test_over_limit_of_the_default() -> None:
    document: dict[str, Any] = {"schema": usagebar.BUILTIN["schema"], "output": {"default": [{"text": "x" * 1998}]}}
    (finding,) = check(json.dumps(document))
    assert (finding.code, finding.path) == ("over-limit", "$.output.default")
    assert "on discord, found 2001" in finding.message
    document["output"]["surfaces"] = {"discord": [{"text": "x"}]}
    assert check(document) == []  # the others take 4096
    document["output"]["default"] = [{"text": "x" * 500}]  # too long for a line of IRC, which may not be meant
    assert check(document) == []


def test_limits_are_not_tried_with_the_callers_verbs() -> None:
    def boom(value: object) -> object:
        raise SystemExit

    piece = {"text": "{model.id|boom}" + "x" * 3000}
    document = {"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {"discord": [piece]}}}
    assert check(document, verbs={"boom": boom}) == []


HUGE = {
    "a long label": ({"aliases": {"t": {"claude-opus-4-8": "x" * 200_000}}}, "{model.id|alias:t}" * 5000),
    "a long glyph": ({"scales": {"s": ["x" * 200_000, "y"]}}, "{context.pct_used|meter:100:s}" * 5000),
    "a long fallback": ({}, "{cost.today_usd|" + "x" * 1_100_000 + "}"),
}


@pytest.mark.parametrize(("definitions", "text"), HUGE.values(), ids=HUGE.keys())
def test_what_would_be_huge_is_not_rendered(definitions: dict[str, Any], text: str) -> None:
    each = {"each": "limits.windows", "item": "{label}"}
    surfaces = {"discord": [{"text": text}, each, {"map": "model.id", "cases": {"x": "y"}}, {"when": "model.id"}]}
    findings = check(definitions | {"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": surfaces}})
    assert [finding.code for finding in findings if finding.severity != "hint"] == ["empty-piece"]


@pytest.mark.parametrize("surface", ["telegram", "discord", "irc", "matrix"])
def test_markup_without_end_takes_no_time(surface: str) -> None:
    piece = {"text": "<b>" * 20_000 + "x" * 60_000}
    findings = check({"schema": usagebar.BUILTIN["schema"], "output": {"surfaces": {surface: [piece]}}})
    assert [finding.code for finding in findings] == ["over-limit"]


def test_over_limit_in_the_older_shape() -> None:
    document = {
        "schema": usagebar.BUILTIN["schema"],
        "segments": [{"text": "x" * 500}],
        "surfaces": {"irc": {"sep": ""}},
    }
    assert [(each.code, each.path) for each in check(document)][1:] == [("over-limit", "$.surfaces.irc")]


# ---------------------------------------------------------------- suggestions

SUGGESTIONS = [
    ('{"text": "{usage.input}"}', "did you mean `usage.input_tokens`?"),
    ('{"text": "{usage.last.output}"}', "did you mean `usage.last.output_tokens`?"),
    ('{"text": "{usage.cache_read}"}', "did you mean `usage.cache_read_tokens`?"),
    ('{"text": "{model.name}"}', "did you mean `model.display_name`?"),
    ('{"text": "{context.used}"}', "did you mean `context.used_tokens`?"),
    ('{"text": "{usage.input_tokens.deep}"}', "`usage.input_tokens` is an integer, there is nothing inside"),
    ('{"text": "{limits.windows.0.label}"}', "`limits.windows` is an array: show its elements with `each`"),
    ('{"text": "{model.id {cost.turn_usd}"}', "is there a `}` missing, or a `{` too many?"),
    ('{"text": "{{cost.turn_usd}}"}', "is there a `}` missing, or a `{` too many?"),
    ('{"text": "{context.pct_used|meter:5:do}"}', "the scales of this template are: `dots`, `one`, `*s`"),
    ('{"text": "{context.pct_used|meter:5:*}"}', "`*` is what `item_scales` names, in the `item` of an `each`"),
    ('{"text": "{usage.inputTokens}"}', "did you mean `usage.input_tokens`?"),
    ('{"text": "{turn_usd}"}', "did you mean `cost.turn_usd`?"),
    ('{"text": "{usage.turn_usd}"}', "did you mean `cost.turn_usd`?"),
    ('{"text": "{usage.inptu_tokens}"}', "did you mean `usage.input_tokens`?"),
    ('{"text": "{model.displayname}"}', "did you mean `model.display_name`?"),
    ('{"text": "{limits.windows}"}', "show its elements with `each`"),
    ('{"text": "{limits.windows[0].label}"}', "`limits.windows` is an array: show its elements with `each`"),
    ('{"when": "!state.fast_mode", "text": "x"}', "`unless` is the opposite of `when`"),
    ('{"when": "{state.fast_mode}", "text": "x"}', "a path stands here without its braces"),
    ('{"text": "{cost.turn_usd + cost.today_usd}"}', "an expression shows one value: there are no operators"),
    ('{"text": "{cost.turn_usd|fixed:x}"}', "write `fixed:DECIMALS`, as in `fixed:4`"),
    ('{"map": "state.fast_mode", "cases": {"null": "x"}}', "did you mean `undefined`?"),
    ('{"text": "x", "if": "model.id"}', "did you mean `when`?"),
    ('{"each": "limits.windows", "item": "x", "sep": ""}', "did you mean `join`?"),
    ('{"text": "{pct_left}"}', "it is a path of the elements of `limits.windows`: show them with `each`"),
    ('{"text": "{nothing.like.it}"}', None),
    ('{"when": "limit.windows", "text": "x"}', "did you mean `limits.windows`?"),
    ('{"each": "limits", "item": "x"}', "the arrays are: `limits.windows`"),
    ('{"each": "limits.windows", "item": "{lable}"}', "did you mean `label`?"),
    (
        '{"each": "limits.windows", "item": "{model.id}"}',
        "they are: `label`, `pct_used`, `pct_left`, `resets_in_s`, `scope`",
    ),
    ('{"text": "{context.pct_used|meter:5:dotz}"}', "did you mean `dots`?"),
    ('{"text": "{context.pct_used|meter:5:moon}"}', "the scales of this template are: `dots`, `one`, `*s`"),
    ('{"text": "{context.pct_used|meter}"}', "the scales of this template are: `dots`, `one`, `*s`"),
    ('{"text": "{model.id|alias:tt}"}', "did you mean `t`?"),
    ('{"text": "{model.id|alias:models}"}', "the alias tables of this template are: `t`"),
    ('{"map": "state.fast_mode", "cases": {"on": "x"}}', "did you mean `true`?"),
    ('{"map": "state.fast_mode", "cases": {"0": "x"}}', "did you mean `false`?"),
    ('{"map": "state.fast_mode", "cases": {"default": "x"}}', "did you mean `_default`?"),
    ('{"map": "state.fast_mode", "cases": {"banana": "x"}}', None),
    ('{"text": "x", "wen": "model.id"}', "did you mean `when`?"),
]


@pytest.mark.parametrize(("piece", "suggestion"), SUGGESTIONS, ids=[piece for piece, _ in SUGGESTIONS])
def test_suggestion(piece: str, suggestion: str | None) -> None:
    (finding,) = [each for each in check(FRAME % piece) if each.severity != "hint"]
    assert finding.suggestion == suggestion


@pytest.mark.parametrize(
    ("left", "right", "most", "edits"),
    [
        ("", "", 2, 0),
        ("abc", "abc", 0, 0),
        ("abc", "abd", 2, 1),
        ("abc", "acb", 2, 1),
        ("abc", "ab", 2, 1),
        ("abc", "xabc", 2, 1),
        ("abc", "", 2, 3),
        ("abcdef", "ghijkl", 2, 3),
        ("ca", "abc", 3, 3),
        ("kitten", "sitting", 4, 3),
        ("abcdefgh", "bcdefghi", 2, 2),
    ],
)
def test_distance(left: str, right: str, most: int, edits: int) -> None:
    assert distance(left, right, most) == edits
    assert distance(right, left, most) == edits


def test_names() -> None:
    assert Names(()).nearest("x") is None
    assert Names(("ab",)).question("AB") == "did you mean `ab`?"
    names = Names(("abcdef",))
    assert [names.nearest(f"x{number}abcdef") for number in range(3)] == ["abcdef"] * 3
    assert [names.nearest(f"{'y' * 30}{number}") for number in range(300)] == [None] * 300
    assert names.nearest("abcdeg") is None, "no more questions are answered"
    assert Names(("abcdef",)).nearest("abcdef" * 50) is None
    many = Names(f"name{number}" for number in range(30_000))
    assert [many.nearest(f"{letter}ame7") for letter in "xyz"] == ["name7", "name7", None]  # enough comparisons
    assert listed(()) == "none"
    assert listed("abc", 2) == "`a`, `b`, …"


# ---------------------------------------------------------------- ignoring


IGNORED = [
    ("// usagebar: ignore unknown-path\n%s", True),
    ("/* usagebar: ignore lost-fallback, unknown-path */\n%s", True),
    ("// usagebar:ignore lost-fallback unknown-path: the host adds it\n%s", True),
    ("// a remark. usagebar: ignore unknown-path\n\n// another\n%s", True),
    ("%s // usagebar: ignore unknown-path\n", True),
    ("/* usagebar: ignore\n unknown-path */ %s\n", True),
    ('// usagebar: ignore unknown-path\n{"text": "x"},\n%s', False),
    ("// usagebar: ignore lost-fallback\n%s", False),
    ("// usagebar: ignore\n%s", False),
    ("// usagebar: ignored unknown-path\n%s", False),
    ('{"text": "// usagebar: ignore unknown-path"},\n%s', False),
    ("%s\n// usagebar: ignore unknown-path\n", False),
]


@pytest.mark.parametrize(("around", "is_silent"), IGNORED, ids=[around for around, _ in IGNORED])
def test_ignoring(around: str, is_silent: bool) -> None:
    text = '{%s, "output": {"default": [\n%s\n]}}' % (SCHEMA, around % '{"text": "{nope}"}')  # noqa: UP031 - it has braces
    assert ("unknown-path" in codes(text)) is not is_silent


def codes(text: str) -> list[str]:
    return [each.code for each in check(text)]


def test_ignoring_in_the_whole_file() -> None:
    text = '// usagebar: ignore unknown-path, missing-schema\n{"output": {"default": [\n{"text": "{nope}"}]}}'
    assert codes(text) == ["differs-upstream"]
    assert codes("// usagebar: ignore differs-upstream\n" + text) == []


def test_what_keeps_a_template_from_being_used_is_not_silenced() -> None:
    assert codes("// usagebar: ignore invalid-json\n{") == ["invalid-json"]
    assert codes('// usagebar: ignore unsupported-shape, unknown-key\n{"ouput": 1}') == ["unsupported-shape"]
    assert codes("// usagebar: ignore wrong-type\n" + FRAME % '5, {"text": "x"}')[-1] != "wrong-type"


# ---------------------------------------------------------------- sources and the rest


SHIPPED = [
    *sorted((ROOT / "examples").rglob("*.jsonc")),
    *sorted((ROOT / "usagebar" / "template").rglob("*.jsonc")),
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_nothing_serious_in_what_is_shipped(path: Path) -> None:
    assert [each for each in check(path) if each.severity != "hint"] == []


def test_nothing_serious_in_the_builtin() -> None:
    assert len(SHIPPED) >= 10
    assert {each.severity for each in check(usagebar.BUILTIN)} == {"hint"}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (None, "unsupported-shape"),
        ("", "unsupported-shape"),
        ("// nothing\n// here", "unsupported-shape"),
        ("{}", "unsupported-shape"),
        ({"schema": "openclaw.usageBar.v1"}, "unsupported-shape"),
        (5, "unsupported-shape"),
        ("[1]", "unreadable"),  # a path
        ("nowhere/footer.jsonc", "unreadable"),
        (b"\xff", "unreadable"),
        (b"[1]", "unsupported-shape"),
        ("{", "invalid-json"),
        ({"schema": 1}, "unsupported-schema"),
    ],
)
def test_sources_without_a_template(source: Any, code: str) -> None:
    assert [each.code for each in check(source)] == [code]


def test_a_line_that_goes_on_is_no_part_of_a_name() -> None:
    text = "{output: {default: [{each: 'limits.windos\\\n', item: 'x', 'iten\\\n': 1}]}}"
    places = [(each.code, each.line, each.column, each.end_line, each.end_column) for each in check(text)]
    assert ("unknown-path", 1, 29, 1, 42) in places
    assert ("unknown-key", 2, 16, 2, 20) in places


def test_a_key_that_stands_three_times() -> None:
    first, second = (
        each for each in check(FRAME % '{"text": "a", "text": "b", "text": "c"}') if each.code == "duplicate-key"
    )
    assert first.line == second.line == 1
    assert f"the one at 1:{first.column} is lost" in second.message


def test_a_mapping_has_paths_and_no_lines() -> None:
    findings = check(UserDict({"output": {"default": [{"text": "{nope}"}], "x": 1}}))
    assert [(each.code, each.path, each.line) for each in findings] == [
        ("unknown-key", "$.output.x", None),
        ("missing-schema", "$", None),
        ("unknown-path", "$.output.default[0].text", None),
    ]


def test_what_a_dropped_piece_names_is_not_unused() -> None:
    pieces = '{"each": 5, "item": "{x|meter:1:one|alias:t}", "item_scales": ["dots", "*s"]}, {"text": "x"}'
    assert codes(FRAME % pieces) == ["wrong-type"]
    assert codes(FRAME % '{"text": "x"}') == ["unused-scale"] * 3 + ["unused-alias-table"]


def test_definitions_that_are_dropped_are_not_unused() -> None:
    document = {
        "schema": _DOCUMENT["schema"],
        "scales": {"a": 5},
        "aliases": {"b": []},
        "output": {"default": [{"text": "x"}]},
    }
    assert [each.code for each in check(document)] == ["wrong-type", "wrong-type"]


def test_a_document_without_a_template_says_what_was_dropped() -> None:
    findings = check('{"output": [{"text": "x"}]}')
    assert [(each.code, each.path, each.column) for each in findings] == [
        ("unsupported-shape", "$", 1),
        ("wrong-type", "$.output", 12),
    ]
    assert findings[0].suggestion == 'write {"output": {"default": [{"text": "{model.display_name}"}]}}'


def test_surfaces_of_the_older_shape_that_are_no_objects() -> None:
    document = {"schema": _DOCUMENT["schema"], "segments": [{"text": "x"}], "surfaces": {"a": 5, "b": {"sap": ""}}}
    assert [each.path for each in check(document)] == ["$.surfaces.a", "$.surfaces.b.sap", "$.segments"]


def test_keys_that_are_no_text() -> None:
    findings = check(
        {"schema": _DOCUMENT["schema"], 5: 1, "scales": {5: "ab"}, "output": {"default": [{"text": "x", 5: 1}]}}
    )
    assert [each.code for each in findings] == ["wrong-type"]


def test_shared_pieces_of_the_older_shape_are_looked_at_once() -> None:
    document = {
        "segments": [{"text": "{nope}"}],
        "surfaces": {"a": {}, "b": {"sep": ""}, "c": {"segments": [{"text": "{no}"}]}},
    }
    paths = [each.path for each in check(document) if each.code == "unknown-path"]
    assert paths == ["$.segments[0].text", "$.surfaces.c.segments[0].text"]


def test_custom_verbs() -> None:
    verbs: dict[str, Any] = {"upper": str.upper, "clip": lambda value, size: str(value)[: int(size)]}
    template = FRAME % '{"text": "{model.id|uper}{model.id|clip}{model.id|num|upper|pct}"}'
    assert [each.code for each in check(template, verbs=verbs) if each.severity != "hint"] == [
        "suspect-fallback",
        "bad-argument",
    ]
    with pytest.raises(ValueError, match="built-in verb"):
        check(template, verbs={"num": str})


def test_every_code_has_a_meaning() -> None:
    assert list(MEANINGS) == list(SEVERITIES)


def test_the_check_changes_nothing() -> None:
    document = json.loads(json.dumps(_DOCUMENT))
    check(document)
    assert document == _DOCUMENT
