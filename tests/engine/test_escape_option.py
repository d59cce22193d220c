"""Rendering with the contract's values escaped for where they are shown."""

from __future__ import annotations

import copy
import enum
import logging
import pickle
from typing import Any

import pytest

import usagebar
from usagebar.surfaces import MODES, Profile, escaper, register, unregister

HOSTILE = {
    "name": "<b>*x*_@everyone",
    "table": "known",
    "pct": 40,
    "items": [{"label": "<i>"}, {"label": "b"}],
    "no": "",
}
DOCUMENT: dict[str, Any] = {
    "aliases": {"t": {"known": "<u>*label*</u>", "<b>*x*_@everyone": "<s>"}},
    "scales": {"s": ["<", ">"]},
    "output": {
        "sep": " <hr> ",
        "default": [
            {"text": "<p>{name}</p>"},
            {"text": "{table|alias:t}"},
            {"text": "{name|alias:none}{pct|meter:2:s}{pct|pct}"},
            {"text": "{no|<fallback>}{none|<fallback>}"},
            {"map": "table", "cases": {"known": "<case>"}},
            {"each": "items", "text": "<prefix>", "item": "<li>{label}", "join": "<br>"},
        ],
        "surfaces": {"discord": [{"text": "*{name}* {surface}"}], "mine": [{"text": "{name}"}]},
    },
}


def bar_of(*pieces: str, **members: Any) -> usagebar.UsageBar:
    return usagebar.parse({"output": {"default": [{"text": text} for text in pieces]} | members})


def test_values_are_escaped_and_the_template_is_not() -> None:
    bar = usagebar.parse(DOCUMENT)
    name = "&lt;b&gt;*x*_@everyone"
    expected = [
        f"<p>{name}</p>",
        "<u>*label*</u>",
        f"{name}><40%",
        "<fallback><fallback>",
        "<case>",
        "<prefix> <li>&lt;i&gt;<br><li>b",
    ]
    assert bar.pieces(HOSTILE, "webchat", escape="html") == expected
    assert bar.render(HOSTILE, "webchat", escape="html") == " <hr> ".join(expected)
    assert bar.render(HOSTILE, "webchat", escape=True) == " <hr> ".join(expected)


def test_a_label_is_trusted_whatever_it_is_the_label_of() -> None:
    bar = usagebar.parse(DOCUMENT | {"output": {"default": [{"text": "{name|alias:t} {name}"}]}})
    assert bar.render(HOSTILE, escape="html") == "<s> &lt;b&gt;*x*_@everyone"


def test_a_label_that_reads_as_its_value_is_trusted() -> None:
    text = "<b>"
    bar = usagebar.parse({"aliases": {"t": {text: text}}, "output": {"default": [{"text": "{x|alias:t}"}]}})
    assert bar.render({"x": text}, escape="html") == text


@pytest.mark.parametrize("off", [None, False])
def test_without_it_nothing_is_escaped(off: Any) -> None:
    bar = usagebar.parse(DOCUMENT)
    assert bar.render(HOSTILE, escape=off) == bar.render(HOSTILE)
    assert bar.pieces(HOSTILE, escape=off) == bar.pieces(HOSTILE)
    assert "<p><b>*x*_@everyone</p>" in bar.render(HOSTILE)


def test_markdown_of_telegram_escapes_the_template_as_well() -> None:
    bar = bar_of("a.b *{x}*", "(c)", sep=" | ")
    assert bar.render({"x": "-"}, "telegram", escape="telegram-markdownv2") == r"a\.b \*\-\* \| \(c\)"
    assert bar.pieces({"x": "-"}, "telegram", escape="telegram-markdownv2") == [r"a\.b \*\-\*", r"\(c\)"]


@pytest.mark.parametrize(
    ("surface", "mode"),
    [
        ("discord", "discord"),
        ("telegram", "telegram-html"),
        ("slack", "slack"),
        ("whatsapp", "whatsapp"),
        ("matrix", "matrix-html"),
        ("irc", "irc"),
        ("terminal", "terminal"),
        ("webchat", "html"),
        ("nosuch", "plain"),
        (None, "plain"),
        (["discord"], "plain"),
    ],
)
def test_true_is_the_surfaces_own_mode(surface: Any, mode: str) -> None:
    bar, hostile = bar_of("{x}"), {"x": "*a* <b> `c` _d_ \x1b[1m\x02 @room\n"}
    assert bar.render(hostile, surface, escape=True) == escaper(mode)(hostile["x"])
    assert bar.render(hostile | {"surface": surface}, escape=True) == escaper(mode)(hostile["x"])
    assert bar.pieces(hostile, surface, escape=True) == [escaper(mode)(hostile["x"])]


def test_the_surfaces_name_is_a_value_too() -> None:
    assert bar_of("{surface}").render({}, "<b>", escape="html") == "&lt;b&gt;"
    assert bar_of("{surface}").render({"surface": "<b>"}, escape="html") == "&lt;b&gt;"


def test_a_callers_surface_has_its_mode() -> None:
    bar = usagebar.parse(DOCUMENT)
    before = bar.render({"name": "<b>"}, "mine", escape=True)
    register(Profile("mine", modes=("html",)))
    try:
        assert (before, bar.render({"name": "<b>"}, "mine", escape=True)) == ("<b>", "&lt;b&gt;")
    finally:
        unregister("mine")


def test_what_a_custom_verb_returns_is_not_trusted() -> None:
    seen = []

    def spell(value: Any, *_: str) -> Any:
        seen.append(type(value))
        return f"<{value}>"

    document = {"output": {"default": [{"text": "{x|spell}"}, {"text": "{n|spell|alias:t}"}]}}
    bar = usagebar.parse(document | {"aliases": {"t": {"<5>": "<five>"}}}, verbs={"spell": spell})
    assert bar.render({"x": "a", "n": 5}, escape="html") == "&lt;a&gt;<five>"
    assert seen == [str, int]


def test_scales_of_an_index_and_long_texts() -> None:
    each = {"each": "items", "item": "{label|inv|alias:none}{pct|meter:1:*}", "item_scales": ["s", None]}
    document = DOCUMENT | {"output": {"default": [each, {"text": "{x}<" * 300}]}}
    bar = usagebar.load(document)
    contract = {"items": [{"label": "<", "pct": 100}, {"label": "&", "pct": 0}], "x": ">"}
    assert bar.render(contract, escape="html") == "&lt;> &amp;" + "&gt;<" * 300


def test_a_scale_named_by_index_escapes_its_own_value() -> None:
    each = {"each": "items", "item": "{label|alias:t|inv|alias:*}", "item_scales": ["s"]}
    bar = usagebar.load({"scales": {"s": "ab"}, "output": {"default": [each]}})
    assert bar.render({"items": [{"label": "<"}]}, escape="html") == "&lt;"


class Name(enum.StrEnum):
    HTML = "html"


def test_a_mode_may_be_of_an_enum() -> None:
    assert bar_of("{x}").render({"x": "<"}, escape=Name.HTML) == "&lt;"


@pytest.mark.parametrize("wrong", ["", "HTML", "telegram", "markdown"])
def test_a_mode_that_there_is_not(wrong: str) -> None:
    expected = f"expected one of the modes {', '.join(MODES)} as escape, found {wrong!r}"
    for method in (bar_of("{x}").render, bar_of("{x}").pieces):
        with pytest.raises(ValueError, match="expected one of the modes") as caught:
            method({"x": "<"}, escape=wrong)
        assert str(caught.value) == expected


@pytest.mark.parametrize("wrong", [1, 0, b"html", ["html"], object])
def test_what_is_no_mode(wrong: Any) -> None:
    for method in (bar_of("{x}").render, bar_of("{x}").pieces):
        with pytest.raises(TypeError, match="expected a mode's name, True or None as escape, found "):
            method({"x": "<"}, escape=wrong)


class Broken(dict[str, Any]):
    def get(self, *_: object) -> Any:
        raise RuntimeError


def test_a_failure_gives_the_built_in_escaped(caplog: pytest.LogCaptureFixture) -> None:
    def odd(value: object) -> object:
        raise SystemError

    class Odd(str):
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

        __hash__ = str.__hash__

    bar = usagebar.load({"output": {"default": [{"text": "{x}"}]}})
    bar._template = None  # type: ignore[assignment]
    contract = {"model": {"provider": "<p>", "display_name": "<m>"}}
    with caplog.at_level(logging.ERROR, "usagebar"):
        shown = bar.render(contract, "telegram", escape=True)
        pieces = bar.pieces(contract, "telegram", escape=True)
    assert shown == usagebar.load().render(contract, "telegram", escape=True)
    assert pieces == [shown]
    assert "&lt;p&gt;" in shown
    assert len(caplog.records) == 1


def test_a_mapping_that_raises_gives_an_empty_footer() -> None:
    assert bar_of("{x}").render(Broken(), escape=True) == bar_of("{x}").render(Broken())


def test_it_outlives_copies_and_pickles() -> None:
    bar = usagebar.parse(DOCUMENT)
    shown = bar.render(HOSTILE, "discord", escape=True)
    for twin in (copy.deepcopy(bar), pickle.loads(pickle.dumps(bar))):
        assert twin.render(HOSTILE, "discord", escape=True) == shown
