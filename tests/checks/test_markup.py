"""Markup that a template itself writes: what is found in it, where, and what is left alone; wrong places in ⟦ ⟧."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usagebar
from usagebar import check
from usagebar.checks.limits import MOST_ESCAPED, MOST_SMALL_PRINT
from usagebar.contract.samples import SAMPLES
from usagebar.diagnostics import Diagnostic
from usagebar.surfaces.composing.footers import framed
from usagebar.surfaces.escaping import MODES, escaper
from usagebar.surfaces.profiles import Profile, register, unregister
from usagebar.surfaces.reading.pages import html_faults
from usagebar.surfaces.reading.tags import telegram_faults

FRAME = '{"schema": "openclaw.usageBar.v1", %s"output": {%s"surfaces": {"%s": [%s]}}}'
LABELS = '"aliases": {"t": {"gpt-5.5": "%s", "none-of-all": "%s"}}, '
GLYPHS = '"scales": {"s": %s}, '


def markup_of(text: str, code: str = "broken-markup") -> list[Diagnostic]:
    return [each for each in check(text) if each.code == code]


def assert_found(marked: str, code: str = "broken-markup") -> list[Diagnostic]:
    """Hold the findings of a text in one line to its marks, and return them."""
    found = markup_of(re.sub("[⟦⟧]", "", marked), code)
    marks = [
        (mark.start() - 2 * number + 1, mark.end() - 2 * number - 1)
        for number, mark in enumerate(re.finditer("⟦.*?⟧", marked))
    ]
    assert [(each.column, each.end_column) for each in found] == marks, [each.message for each in found]
    return found


def framed_piece(pieces: str, surface: str = "telegram", before: str = "", sep: str = "") -> str:
    return FRAME % (before, sep, surface, pieces)


# ---------------------------------------------------------------- where it is found

PIECES = [
    ('{"text": "<i>{model.id}</i> &amp; &lt; > \\u26a1"}', 0),
    ('{"text": "a ⟦<⟧ b ⟦&⟧ {model.id}⟦<br>⟧"}', 3),
    ('{"text": "{cost.turn_usd|⟦<⟧}{nothing|&lt;}"}', 1),
    ('{"text": "⟦<i>⟧"}, {"when": "limits.windows", "text": "</i>"}', 1),
    ('{"text": "<i>"}, {"text": "</i>"}', 0),
    ('{"when": "limits.windows", "text": "⟦<i>⟧"}', 1),
    ('{"when": "no.such", "text": "<i>"}', 0),
    ('{"when": "no.such", "text": "{model.id} ⟦&⟧ <i>"}', 1),
    ('{"when": "no.such", "text": "⟦<br>⟧"}', 1),
    ('{"text": "<a href=\\"https://e.org/{model.id}\\">{identity.name}</a>"}', 0),
    ('{"text": "⟦<a⟧ href={identity.name}>x</a>"}', 1),
    ('{"map": "state.fast_mode", "cases": {"true": "<b>⟦</i>⟧</b>", "false": "⟦&⟧", "_default": "⟦&x;⟧"}}', 3),
    ('{"map": "model.id", "cases": {"none-of-all": "⟦<⟧ <i>", "_default": ""}}', 1),
    ('{"map": "model.id", "cases": {"none-of-all": 5}}', 0),
    ('{"each": "limits.windows", "text": "R⟦&⟧D", "item": "<b>{label}⟦<br>⟧</b>", "join": "⟦</i>⟧"}', 3),
    ('{"each": "limits.windows", "text": "<i>", "item": "{label}", "join": " "}, {"text": "⟦</i>⟧"}', 1),
    ('{"each": "limits.windows", "item": "⟦<⟧ {label}"}', 1),
    ('{"each": "no.such", "text": "⟦&⟧", "item": "{label|⟦&⟧} ⟦&⟧", "join": "⟦&⟧"}', 4),
    ('{"text": "&#xD800; \\ud800"}'.replace("&#xD800;", "⟦&#xD800;⟧"), 1),
    ('{}, {"text": ""}, {"when": "model.id"}, {"text": "⟦<⟧"}', 1),
]


@pytest.mark.parametrize(("pieces", "count"), PIECES)
def test_in_pieces(pieces: str, count: int) -> None:
    assert len(assert_found(framed_piece(pieces))) == count


def test_in_labels() -> None:
    pieces = '{"text": "{model.display_name|alias:t} {model.id|num|alias:t} {nothing|alias:t} {model.id|alias}"}'
    found = assert_found(framed_piece(pieces, before=LABELS % ("R⟦&⟧D", "a ⟦<⟧ b")))
    assert [each.path for each in found] == ['$.aliases.t["gpt-5.5"]', '$.aliases.t["none-of-all"]']
    assert_found(framed_piece('{"text": "{model.id}"}', before=LABELS % ("R&D", "a < b")))  # nobody looks it up
    assert_found(framed_piece(pieces, before=LABELS % ("⟦<b>⟧", "<b>")))  # where it is shown it is not ended
    assert_found(framed_piece(pieces[:-2] + '</b>"}', before=LABELS % ("<b>", "")).replace("</b>", "⟦</b>⟧"))


def test_a_label_is_found_in_lower_case_too() -> None:
    names = {name: each.contract.get("model", {}).get("display_name") for name, each in SAMPLES.items()}
    [sample] = [name for name, shown in names.items() if shown == "Sonnet 4.6"]
    before = '"aliases": {"t": {"sonnet 4.6": "⟦<b>⟧"}}, '
    [found] = assert_found(framed_piece('{"text": "{model.display_name|alias:t}"}', before=before))
    assert sample not in found.message  # every turn that shows it does


@pytest.mark.parametrize(
    ("glyphs", "fix"),
    [
        ('"a⟦<⟧⟦&⟧"', True),
        ('["⟦&⟧", "⟦<⟧", "&lt;"]', False),
        ('["⟦<b>⟧x", "<b>x</b>"]', False),
        ('["a", "b"]', False),
        ('["a", "b", 5]', False),
    ],
)
def test_in_glyphs(glyphs: str, fix: bool) -> None:
    pieces = '{"text": "{context.pct_used|meter:5:s}"}'
    found = assert_found(framed_piece(pieces, before=GLYPHS % glyphs))
    assert all((each.suggestion or "").endswith(", and the scale as an array") is fix for each in found)
    assert_found(framed_piece('{"text": "x"}', before=GLYPHS % re.sub("[⟦⟧]", "", glyphs)))  # nobody draws with it


def test_in_separators() -> None:
    pieces = '{"text": "a"}, {"text": "b"}'
    assert_found(framed_piece(pieces, sep='"sep": " ⟦&⟧ ", '))
    assert_found(framed_piece('{"text": "a"}', sep='"sep": " ⟦&⟧ ", '))
    own = '{"schema": "openclaw.usageBar.v1", "sep": "%s", "segments": [%s], "surfaces": {"telegram": %s, "irc": {}}}'
    assert_found(own % (" & ", pieces, '{"sep": "⟦&⟧"}'))
    assert_found(own % (" ⟦&⟧ ", pieces, "{}"))
    assert_found(own % (" ⟦&⟧ ", pieces, "5"))


def test_what_surfaces_share_is_said_once() -> None:
    surfaces = '"surfaces": {"telegram": {}, "matrix": {}}'
    assert_found('{"schema": "openclaw.usageBar.v1", "segments": [{"text": "⟦&⟧"}], ' + surfaces + "}")


# ---------------------------------------------------------------- what is said

SAID = [
    ("telegram", "a < b", "expected a tag or `&lt;`, found a bare `<`: telegram refuses the message"),
    ("telegram", "R&D", "expected an entity or `&amp;`, found a bare `&`: telegram reads HTML"),
    ("matrix", "a < b", "expected a tag or `&lt;`, found a bare `<`: matrix reads HTML"),
    ("webchat", "<b>x", "expected `</b>` behind `<b>`, found none: webchat reads HTML"),
]


@pytest.mark.parametrize(("surface", "text", "message"), SAID)
def test_what_it_means(surface: str, text: str, message: str) -> None:
    [found] = markup_of(framed_piece(json.dumps({"text": text}), surface))
    assert (found.message, found.severity) == (message, "warning")


def test_the_turn_is_named_that_shows_it() -> None:
    pieces = '{"text": "⟦<i>⟧"}, {"unless": "limits.windows", "text": "</i>"}'
    [found] = assert_found(framed_piece(pieces))
    assert "found none for the sample turn `quota`: telegram" in found.message


@pytest.mark.parametrize("surface", ["discord", "slack", "whatsapp", "irc", "terminal", "mine"])
def test_other_surfaces_read_no_html(surface: str) -> None:
    assert_found(framed_piece('{"text": "<i> a < b & c"}', surface))


def test_a_surface_of_the_callers() -> None:
    text = framed_piece('{"text": "a ⟦<⟧ b"}', "mine")
    register(Profile("mine", modes=("html", "plain")))
    try:
        assert_found(text)
        register(Profile("mine", modes=("telegram-markdownv2", "telegram-html")))
        assert markup_of(re.sub("[⟦⟧]", "", text)) == []
    finally:
        unregister("mine")


# ---------------------------------------------------------------- the default

DEFAULTS = [
    ('{"text": "{model.id} ⟦<⟧ <3"}', ""),
    ('{"text": "{model.id} < <3"}', '"telegram": [{"text": "x"}]'),
    ('{"text": "<b>{model.id}</b> R&D &nbsp; ->"}', ""),
    ('{"text": "⟦<:tokens:⟧123>"}'.replace("⟧123>", "123>⟧").replace("⟦<:", "⟦<⟧:").replace("123>⟧", "123>"), ""),
]


@pytest.mark.parametrize(("pieces", "surfaces"), DEFAULTS)
def test_the_default_on_telegram(pieces: str, surfaces: str) -> None:
    text = '{"schema": "openclaw.usageBar.v1", "output": {"default": [%s], "surfaces": {%s}}}' % (pieces, surfaces)  # noqa: UP031
    found = assert_found(text, "refused-default")
    assert all("telegram, for which there are no other pieces, refuses the message" in each.message for each in found)
    assert markup_of(re.sub("[⟦⟧]", "", text)) == []


# ---------------------------------------------------------------- what is not tried


def test_without_turns_there_are_the_mistakes_of_a_text_alone() -> None:
    def boom(value: object) -> object:
        raise SystemExit

    text = framed_piece('{"text": "<i>{model.id|boom} & {model.id|x & y}"}')
    found = [each for each in check(text, verbs={"boom": boom}) if each.code == "broken-markup"]
    assert [each.suggestion for each in found] == ["write `&amp;`"] * 2
    huge = framed_piece(json.dumps({"text": "<i>" + "x" * 200_000 + "&"}))
    assert [each.suggestion for each in markup_of(huge)] == ["write `&amp;`"]


def test_there_is_an_end_to_what_is_said() -> None:
    assert len(markup_of(framed_piece(json.dumps({"text": "& " * 30_000})))) == 1000


# ---------------------------------------------------------------- properties

LITERALS = (
    *("<b>", "</b>", "<i>", "</i>", "&", "<", "&amp;", " ", "x", "<br>"),
    *("{model.id}", "{identity.name|?}", "{nothing|<}"),
)


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    texts = draw(st.lists(st.lists(st.sampled_from(LITERALS), max_size=4).map("".join), min_size=1, max_size=4))
    guards = st.sampled_from(({}, {"when": "limits.windows"}, {"when": "cost.turn_usd"}))
    pieces = [{"text": text, **draw(guards)} for text in texts]
    surface = draw(st.sampled_from(("telegram", "matrix")))
    sep = draw(st.sampled_from(("", " & ", "</i>")))
    return {"schema": "openclaw.usageBar.v1", "output": {"sep": sep, "surfaces": {surface: pieces}}}


@pytest.mark.no_cover
@settings(max_examples=200)
@given(templates())
def test_nothing_found_is_nothing_wrong_in_any_sample(template: dict[str, Any]) -> None:
    bar = usagebar.parse(template)
    [surface] = bar.surfaces
    faults = telegram_faults if surface == "telegram" else html_faults
    footers = [bar.render(sample.contract, surface, escape=True) for sample in SAMPLES.values()]
    found = markup_of(json.dumps(template))
    if not found:
        assert [fault for footer in footers for fault in faults(footer)] == []
    if any(fault for footer in footers for fault in faults(footer)):
        assert found


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=()), max_size=30), st.sampled_from(MODES))
def test_how_much_longer_a_footer_may_be_when_it_is_sent(text: str, mode: str) -> None:
    escaped = escaper(mode)(text)
    assert len(escaped) <= MOST_ESCAPED * len(text)
    lines = text.count("\n") + 1
    assert len(framed(text, mode)) <= MOST_ESCAPED * len(text) + MOST_SMALL_PRINT * lines
