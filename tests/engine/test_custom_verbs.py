"""A caller's own verbs."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import usagebar
from usagebar.engine.custom import verbs_with
from usagebar.engine.verbs import VERBS


def shown(text: str, verbs: dict[str, Any], contract: dict[str, Any] | None = None) -> str:
    pieces = [{"text": text}, {"text": " end"}]
    return usagebar.parse({"output": {"default": pieces}}, verbs=verbs).render(contract or {"x": 5})


def fail(_value: object, *_arguments: str) -> str:
    raise LookupError("out of order")


# ---------------------------------------------------------------- calls


@pytest.mark.parametrize(
    ("text", "function", "expected"),
    [
        ("{x|f}", lambda value: value * 2, "10"),
        ("{x|f:a:b}", lambda value, *rest: f"{value}{rest}", "5('a', 'b')"),
        ("{x|f: a : b}", lambda value, *rest: f"{rest}", "(' a ', ' b')"),
        ("{x|f:a:b}", lambda value, first: f"{value}{first}", "5a"),
        ("{x|f:a:b}", lambda value: f"{value}", "5"),
        ("{x|f}", lambda value, first: f"{value}{first}", ""),
        ("{x|f:}", lambda value, first: f"[{first}]", "[]"),
        ("{x|f}", lambda value, first="d": f"{value}{first}", "5d"),
        ("{x|f:a}", lambda value, first="d", *, key="k": f"{first}{key}", "ak"),
        ("{x|f:a}", lambda *everything: f"{everything}", "(5, 'a')"),
        ("{x|f|num}", lambda value: 1500, "1.5k"),
        ("{x|num|f}", lambda value: value + "!", "5!"),
        ("{x|inv|f}", lambda value: value, "95"),
        ("{x|f|f}", lambda value: value + 1, "7"),
        ("{x|f|?}", lambda value: "", ""),
        ("{nowhere|f|?}", lambda value: "called", "?"),
        ("{nowhere|f}", lambda value: "called", ""),
        ("{x|f:a|fb}", lambda value, a: None, ""),
        ("{x|f}", lambda value: [1], ""),
        ("{x|f}", lambda value: float("nan"), ""),
        ("{x|f}", lambda value: 10**400, ""),
        ("{x|f}", lambda value: True, "true"),
        ("{x|f}", lambda value: 5.0, "5"),
        ("{x|f}", lambda value: Decimal("0.25"), "0.25"),
        ("{x|f|fixed:0}", lambda value: 2.5, "3"),
        ("{x|f}", lambda value: "{x}'\"\\", "{x}'\"\\"),
    ],
)
def test_a_verb_is_called(text: str, function: Callable[..., Any], expected: str) -> None:
    assert shown(text, {"f": function}) == expected + " end"


@pytest.mark.parametrize("value", ["x", 5, 5.5, True, False, 0])
def test_a_verb_gets_the_plain_value(value: object) -> None:
    got: list[object] = []
    shown("{x|f}", {"f": got.append}, {"x": value})
    assert got == [value]
    assert type(got[0]) is type(value)


@pytest.mark.parametrize("value", [None, "", [], {}, float("inf"), object()])
def test_a_verb_is_not_called_without_a_value(value: object) -> None:
    assert shown("{x|f|?}", {"f": fail}, {"x": value}) == "? end"


def test_a_builtin_without_a_signature_gets_what_the_template_gives() -> None:
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(max)
    assert shown("{x|f:b:c}", {"f": max}, {"x": "a"}) == "c end"


def test_a_verb_in_an_item_and_beside_the_star_scale() -> None:
    document = {
        "scales": {"a": ".#", "b": "-="},
        "output": {"default": [{"each": "l", "item": "{x|twice|meter:1:*}{x|twice}", "item_scales": ["a", "b"]}]},
    }
    bar = usagebar.load(document, verbs={"twice": lambda value: value * 2})
    assert bar.render({"l": [{"x": 50}, {"x": 10}, {"y": 1}]}) == "#100 -20"


def test_a_verb_may_have_any_callable_behind_it() -> None:
    class Suffix:
        def __call__(self, value: object, suffix: str = "!") -> str:
            return f"{value}{suffix}"

    assert shown("{x|f}{x|f:?}{x|neg}{x|str}", {"f": Suffix(), "neg": operator.neg, "str": str}) == "5!5?-55 end"


# ---------------------------------------------------------------- failures


def test_a_failing_verb_costs_its_piece_only_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    pieces = [
        {"text": "a{x|f}b"},
        {"text": "c{x}"},
        {"each": "l", "item": "{y|f}", "text": "l:"},
        {"when": "x", "text": "{x|num|f:1}"},
        {"when": "nowhere", "text": "{x|f}"},
        {"text": "{x|g}"},
        {"text": "d"},
    ]
    bar = usagebar.load({"output": {"sep": "|", "default": pieces}}, verbs={"f": fail, "g": fail, "unused": fail})
    for _ in range(3):
        assert bar.render({"x": 5, "l": [{}, {"y": 1}]}) == "c5|d"
        assert bar.pieces({"x": 5, "l": [{"y": 1}]}) == ["c5", "d"]
    assert caplog.messages == [
        "verb 'f' raised; its piece is dropped",
        "verb 'g' raised; its piece is dropped",
    ]
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["out of order"] * 2


def test_a_verb_that_is_not_reached_does_not_fail(caplog: pytest.LogCaptureFixture) -> None:
    bar = usagebar.load({"output": {"default": [{"text": "{x|f|?}{y}"}]}}, verbs={"f": fail})
    assert bar.render({"y": "kept"}) == "?kept"
    assert not caplog.records


def test_a_result_that_cannot_be_read_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    class Unreadable(float):
        def __float__(self) -> float:
            raise ZeroDivisionError

    assert shown("{x|f}", {"f": lambda value: Unreadable(1.5)}) == " end"
    assert caplog.messages == ["verb 'f' raised; its piece is dropped"]


def test_what_is_no_exception_of_a_verb_is_not_swallowed() -> None:
    def interrupt(_value: object) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shown("{x|f}", {"f": interrupt})


# ---------------------------------------------------------------- what cannot be a verb


@pytest.mark.parametrize("load", [usagebar.load, usagebar.parse])
@pytest.mark.parametrize("name", list(VERBS))
def test_a_built_in_verb_is_not_replaced(name: str, load: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=f"found the built-in verb '{name}'"):
        load({"output": {"default": [{"text": "x"}]}}, verbs={name: str})


@pytest.mark.parametrize("name", ["", " ", " f", "f ", "f\ufeff", "a:b", "a|b", "a}b", ":", 5, None, b"f"])
def test_a_name_that_could_not_be_written_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="expected a verb's name without blanks at its ends"):
        usagebar.load(None, verbs={name: str})


@pytest.mark.parametrize("name", ["f g", "é", "Num", "f\x85", "{", "'", "__class__", "f.g", "⚡"])
def test_any_name_that_can_be_written_is_taken(name: str) -> None:
    assert shown(f"{{x| {name} :a}}", {name: lambda value, *_: f"{value}!"}) == "5 end"
    assert shown(f"{{x| {name}:a }}", {name: lambda value, *rest: f"{value}{rest}"}) == "5('a',) end"


@pytest.mark.parametrize("function", [None, 5, "str", [], {}])
def test_what_cannot_be_called_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match=r"verb 'f': expected a function of \(value, \*args\), found"):
        usagebar.load(None, verbs={"f": function})


@pytest.mark.parametrize("function", [lambda: "", lambda *, key: "", lambda value, *, key: "", lambda **named: ""])
def test_what_takes_no_value_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match=r"verb 'f': expected a function of \(value, \*args\), found one of \("):
        usagebar.load(None, verbs={"f": function})


def test_no_verbs_are_the_languages_own() -> None:
    assert verbs_with(None) is verbs_with({}) is VERBS
    assert set(verbs_with({"f": str})) == {*VERBS, "f"}


def test_an_unknown_verb_is_a_fallback() -> None:
    document = {"output": {"default": [{"text": "{x|f:1}{nowhere|f:1}"}]}}
    assert usagebar.load(document).render({"x": 5}) == "5f:1"
    assert usagebar.load(document, verbs={"f": lambda value, one: f"<{value}{one}>"}).render({"x": 5}) == "<51>"


@pytest.mark.parametrize("verbs", [[("shout", len)], "shout", 5])
def test_verbs_that_are_no_mapping(verbs: Any) -> None:
    with pytest.raises(TypeError, match="expected a mapping of names to functions as verbs, found "):
        usagebar.load(None, verbs=verbs)
