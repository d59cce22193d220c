"""How a footer comes about: the trace behind `usagebar preview --explain`."""

from __future__ import annotations

import sys
from subprocess import run
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import ARRAYS, PATHS, SURFACES, Level, contracts, documents, surfaces

from usagebar import UsageBar
from usagebar.engine.custom import verbs_with
from usagebar.engine.explain import Guard, Item, PieceTrace, Shown, VerbStep
from usagebar.engine.shape import read

usual = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SCALES = {"two": ".#", "moon": "🌑🌗🌕", "one": "x"}
ALIASES = {"t": {"fable": "Fable", "gone": ""}}
TURN: dict[str, Any] = {
    "surface": "discord",
    "model": {"name": "fable", "alias": None},
    "usage": {"tokens": 1500, "cached": 0},
    "cost": {"usd": None, "currency": ""},
    "state": {"fast": False, "slow": True, "effort": "high"},
    "list": [{"x": 50}, {"x": ""}, 7, {"x": 30}],
    "none": [],
    "blank": [{}, {}],
    "huge": 10**400,
    "bytes": b"x",
}


def bar_of(*pieces: object, verbs: Any = None) -> UsageBar:
    document = {"scales": SCALES, "aliases": ALIASES, "output": {"default": list(pieces)}}
    return UsageBar(read(document), name="drawn", verbs=verbs_with(verbs))


def trace_of(piece: object, turn: Any = TURN, **known: Any) -> PieceTrace:
    (trace,) = bar_of(piece, **known).explain(turn)
    return trace


# ---------------------------------------------------------------- why a piece is dropped

REASONS: list[tuple[dict[str, Any], str]] = [
    # guards
    ({"when": "cost.total", "text": "x"}, "`cost.total` is absent"),
    ({"when": "cost.usd", "text": "x"}, "`cost.usd` is null"),
    ({"when": "state.fast", "text": "x"}, "`state.fast` is false"),
    ({"when": "cost.currency", "text": "x"}, "`cost.currency` is empty"),
    ({"when": "nowhere.at.all", "text": "x"}, "`nowhere.at.all` is absent"),
    ({"when": "model.name.length", "text": "x"}, "`model.name.length` is absent"),
    ({"when": "surface.x", "text": "x"}, "`surface.x` is absent"),
    ({"when": "", "text": "x"}, "`` is absent"),
    ({"unless": "state.slow", "text": "x"}, "`state.slow` is true, so `unless` drops the piece"),
    ({"unless": "usage.cached", "text": "x"}, "`usage.cached` has a value, so `unless` drops the piece"),
    ({"unless": "none", "text": "x"}, "`none` has a value, so `unless` drops the piece"),
    ({"when": "state.fast", "unless": "state.slow", "text": "x"}, "`state.fast` is false"),
    ({"when": "state.slow", "unless": "state.slow"}, "`state.slow` is true, so `unless` drops the piece"),
    # no form
    ({}, "no form: a piece needs map, each or text"),
    ({"when": "state.slow"}, "no form: a piece needs map, each or text"),
    # map
    ({"map": "state.effort", "cases": {"low": "l"}}, "no case for `high`"),
    ({"map": "state.effort"}, "no case for `high`"),
    ({"map": "state.effort", "cases": {"high": 5, "_default": "d"}}, "the case for `high` is no text"),
    ({"map": "state.effort", "cases": {"high": ""}}, "the case for `high` is empty"),
    ({"map": "state.effort", "cases": {"_default": None}}, "the case for `_default` is no text"),
    ({"map": "state.fast", "cases": {"true": "t"}}, "no case for `false`"),
    ({"map": "usage.tokens", "cases": {"1,500": "t"}}, "no case for `1500`"),
    ({"map": "cost.currency", "cases": {"EUR": "€"}}, "no case for ``"),
    ({"map": "cost.usd", "cases": {}}, "no case for `undefined`: `cost.usd` is null"),
    ({"map": "nowhere", "cases": {}}, "no case for `undefined`: `nowhere` is absent"),
    ({"map": "list", "cases": {}}, "no case for `undefined`: `list` is an array, and an array has no text"),
    # each
    ({"each": "nowhere", "item": "x"}, "`nowhere` is absent"),
    ({"each": "cost.usd", "item": "x"}, "`cost.usd` is null"),
    ({"each": "cost", "item": "x"}, "`cost` is no array"),
    ({"each": "cost.currency", "item": "x"}, "`cost.currency` is no array"),
    ({"each": "none", "item": "x"}, "`none` has no elements"),
    ({"each": "blank", "item": "{x}", "text": "p"}, "each element came to nothing"),
    # text
    ({"text": ""}, "its text is empty"),
    ({"text": "{cost.total}"}, "its text is empty: `cost.total` is absent"),
    ({"text": "{cost.usd|fixed:2|}"}, "its text is empty: `cost.usd` is null"),
    ({"text": "{cost.currency}"}, "its text is empty: `cost.currency` is empty"),
    ({"text": "{list}"}, "its text is empty: `list` is an array, and an array has no text"),
    ({"text": "{cost}"}, "its text is empty: `cost` is an object, and an object has no text"),
    ({"text": "{bytes}"}, "its text is empty: `bytes` is bytes, and bytes has no text"),
    ({"text": "{huge}"}, "its text is empty: `huge` is no finite number"),
    ({"text": "{usage.tokens|meter:5:one}"}, "its text is empty: `meter:5:one` left nothing of `usage.tokens`"),
    ({"text": "{model.name|num|pct}"}, "its text is empty: `num` left nothing of `model.name`"),
    ({"text": "{a}{b}{a}{model.name|num}"}, "its text is empty: `a` is absent, `b` is absent, `num` left nothing of "),
]


@pytest.mark.parametrize(("piece", "reason"), REASONS, ids=[str(piece) for piece, _ in REASONS])
def test_a_dropped_piece_says_why(piece: dict[str, Any], reason: str) -> None:
    trace = trace_of(piece)
    assert trace.text == ""
    assert trace.reason is not None
    assert trace.reason.startswith(reason)
    assert trace.reason == reason or reason.endswith(" ")


# ---------------------------------------------------------------- what a trace holds

TRACES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"text": "x"}, {"form": "text", "text": "x", "parts": ("x",)}),
    (
        {"text": "📚 {usage.tokens|num}"},
        {
            "form": "text",
            "text": "📚 1.5k",
            "parts": (
                "📚 ",
                Shown("{usage.tokens|num}", "usage.tokens", 1500, (VerbStep("num", "1.5k"),), False, "1.5k"),
            ),
        },
    ),
    (
        {"when": "usage.cached", "unless": "state.fast", "text": "{surface|?}"},
        {
            "form": "text",
            "text": "discord",
            "guards": (Guard("when", "usage.cached", 0, True), Guard("unless", "state.fast", False, True)),
            "parts": (Shown("{surface|?}", "surface", "discord", (), False, "discord", None, True, True),),
        },
    ),
    (
        {"text": "{ cost.usd | fixed:2 | - }"},
        {
            "form": "text",
            "text": "-",
            "parts": (
                Shown("{cost.usd|fixed:2|-}", "cost.usd", None, (), True, "-", "`cost.usd` is null", True, True),
            ),
        },
    ),
    (
        {"map": "state.effort", "cases": {"high": "🔥"}},
        {"form": "map", "text": "🔥", "path": "state.effort", "value": "high", "case": "high", "is_present": True},
    ),
    (
        {"map": "cost.usd", "cases": {"_default": "d"}},
        {"form": "map", "text": "d", "path": "cost.usd", "case": "_default", "is_present": True},
    ),
    (
        {"map": "cost.total", "cases": {"_default": "d"}},
        {"form": "map", "text": "d", "path": "cost.total", "case": "_default", "is_present": False},
    ),
    (
        {"map": "cost.usd", "cases": {"undefined": "u", "_default": "d"}},
        {"form": "map", "text": "u", "path": "cost.usd", "case": "undefined", "is_present": True},
    ),
]


@pytest.mark.parametrize(("piece", "fields"), TRACES, ids=[str(piece) for piece, _ in TRACES])
def test_a_trace(piece: dict[str, Any], fields: dict[str, Any]) -> None:
    assert trace_of(piece) == PieceTrace(**{"place": ("output", "default", 0), "reason": None} | fields)


@pytest.mark.parametrize(
    ("path", "is_present"),
    [("cost.usd", True), ("cost.total", False), ("cost.usd.x", False), ("usage.tokens", True), ("surface", True)],
)
def test_null_is_present_and_absent_is_not(path: str, is_present: bool) -> None:
    text, guarded, mapped, each = bar_of(
        {"text": f"{{{path}}}"}, {"when": path, "text": "x"}, {"map": path}, {"each": path, "item": "x"}
    ).explain(TURN)
    assert isinstance(text.parts[0], Shown)
    found = [text.parts[0].is_present, guarded.guards[0].is_present, mapped.is_present, each.is_present]
    assert found == [is_present] * 4


@pytest.mark.parametrize(("text", "has"), [("{n}", False), ("{n|num}", False), ("{n||}", True), ("{n|num|-}", True)])
def test_an_expression_tells_whether_a_fallback_is_written(text: str, has: bool) -> None:
    (part,) = trace_of({"text": text}).parts
    assert isinstance(part, Shown)
    assert part.has_fallback == has


def test_an_each_with_a_scale_for_each_index() -> None:
    piece = {"each": "list", "item": "{x|inv|meter:2:*}", "item_scales": ["two", "moon"], "join": "/", "text": "p"}
    trace = trace_of(piece)
    assert (trace.form, trace.path, trace.value, trace.text) == ("each", "list", TURN["list"], "p #./🌕🌗")
    assert [(item.index, item.text) for item in trace.items] == [(0, "#."), (1, ""), (2, ""), (3, "🌕🌗")]
    last = (VerbStep("inv", 70.0), VerbStep("meter:2:*", "🌕🌗"))
    assert trace.items[3] == Item(3, (Shown("{x|inv|meter:2:*}", "x", 30, last, False, "🌕🌗"),), "🌕🌗")
    reasons = [part.reason for item in trace.items for part in item.parts if isinstance(part, Shown)]
    assert reasons == [None, "`x` is empty", "`x` is absent", None]


def test_a_guard_that_stops_a_piece_leaves_the_rest_out() -> None:
    trace = trace_of({"when": "state.fast", "unless": "state.slow", "each": "list", "item": "{x}"})
    guards = (Guard("when", "state.fast", False, False), Guard("unless", "state.slow", True, False))
    assert trace == PieceTrace(("output", "default", 0), "each", "", "`state.fast` is false", guards)


def test_a_surface_of_its_own() -> None:
    document = {"output": {"default": [{"text": "default"}], "surfaces": {"discord": [{"text": "{surface}!"}]}}}
    bar = UsageBar(read(document), name="drawn")
    own = ("output", "surfaces", "discord", 0)
    for surface, place in ((None, own), ("discord", own), (Level.DISCORD, own), ("x", ("output", "default", 0))):
        assert bar.explain({"surface": "discord"}, surface)[0].place == place
    (trace,) = bar.explain({"surface": "irc"}, "discord")
    assert trace.text == "discord!"
    assert isinstance(trace.parts[0], Shown)
    assert trace.parts[0].value == "discord"


def test_a_broken_piece_is_absent_and_the_places_tell() -> None:
    assert [trace.place[-1] for trace in bar_of({"text": "a"}, 5, {"when": 1}, {"text": "b"}).explain({})] == [0, 3]


@pytest.mark.parametrize("contract", [None, 5, [], "text", object()])
def test_what_is_no_contract_counts_as_empty(contract: Any) -> None:
    assert trace_of({"when": "a", "text": "x"}, contract).reason == "`a` is absent"


# ---------------------------------------------------------------- custom verbs


def fail(_value: object, *_arguments: str) -> str:
    raise LookupError("out of order")


def fail_silently(_value: object) -> str:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        ({"text": "a{usage.tokens|num|f:1}"}, "verb `f` of `{usage.tokens|num|f:1}` raised LookupError: out of order"),
        ({"each": "list", "item": "{x|g}"}, "verb `g` of `{x|g}` raised ZeroDivisionError"),
    ],
)
def test_a_verb_that_raises_drops_its_piece(piece: dict[str, Any], reason: str) -> None:
    bar = bar_of(piece, {"text": "b"}, verbs={"f": fail, "g": fail_silently})
    failed, kept = bar.explain(TURN)
    assert (failed.reason, failed.text, failed.parts, failed.items) == (reason, "", (), ())
    assert kept.text == "b"
    assert bar.pieces(TURN) == ["b"]


def test_what_is_no_failure_of_a_verb_is_not_caught() -> None:
    class Broken(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        bar_of({"text": "{a}"}).explain(Broken())


# ---------------------------------------------------------------- of one mind with the rendering


def moody(value: Any, *arguments: str) -> Any:
    """Return many kinds of results, and raise for some values."""
    if len(f"{value}") % 3 == 0:
        raise LookupError(value)
    return {0: value, 1: None, 2: [value], 3: len(f"{value}")}[len(f"{value}{arguments}") % 4]


def agree(bar: UsageBar, contract: Any, surface: Any) -> None:
    traces = bar.explain(contract, surface)
    assert [trace.text for trace in traces if trace.text] == bar.pieces(contract, surface)
    assert all((trace.reason is None) == bool(trace.text) for trace in traces)


@pytest.mark.no_cover
@usual
@given(documents, contracts, surfaces)
def test_the_traces_texts_are_the_pieces(document: dict[str, Any], contract: Any, surface: Any) -> None:
    bar = UsageBar(read(document), name="drawn")
    for each in (surface, None, *SURFACES):
        agree(bar, contract, each)


moody_texts = st.lists(
    st.builds("{{{}|{}|{}}}".format, st.sampled_from((*PATHS, "x")), *[st.sampled_from(("m", "m:1", "num", "inv"))] * 2)
).map(" ".join)
moody_pieces = st.lists(
    st.fixed_dictionaries({"text": moody_texts})
    | st.fixed_dictionaries({"each": st.sampled_from(ARRAYS), "item": moody_texts}),
    max_size=5,
)


@pytest.mark.no_cover
@usual
@given(moody_pieces, contracts)
def test_the_traces_texts_are_the_pieces_with_custom_verbs(pieces: list[Any], contract: Any) -> None:
    agree(bar_of(*pieces, verbs={"m": moody}), contract, None)


@pytest.mark.parametrize("path", ["a" + ".a" * 20, "surface" + ".a" * 20])
@pytest.mark.parametrize("count", [1, 300])
def test_the_longest_texts_and_paths(path: str, count: int) -> None:
    value: Any = "deep"
    for _ in range(20):
        value = {"a": value}
    text = f"{{{path}}}" * count
    turn = {"a": value, "surface": value, "l": [{"a": value}]}
    agree(bar_of({"text": text}, {"each": "l", "item": text}), turn, None)


# ---------------------------------------------------------------- the cold path


def test_rendering_does_not_import_it() -> None:
    script = "import sys, usagebar; usagebar.load(None).render({}); sys.exit('usagebar.engine.explain' in sys.modules)"
    assert run([sys.executable, "-c", script], check=False).returncode == 0
