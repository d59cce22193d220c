"""A template cannot become code, and hostile ones take linear time.

Each hostile text, put wherever a template or a verb's name may hold text, tries to set an attribute of `builtins`.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import evaluator
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import documents

import usagebar
from usagebar import UsageBar
from usagebar.engine.compiler import Writer
from usagebar.engine.shape import read
from usagebar.engine.values import trim

CANARY = "usagebar_canary"
ATTACK = f"__import__('builtins').__dict__.__setitem__('{CANARY}', 1)"
DOUBLE = ATTACK.replace("'", '"')

HOSTILE = [
    ATTACK,
    f"'+{DOUBLE}+'",
    f'"+{ATTACK}+"',
    f"''' + str({DOUBLE}) + '''",
    f'""" + str({ATTACK}) + """',
    f"\\' + str({DOUBLE}) #",
    f"\\\\' + str({DOUBLE}) #",
    f"{{{ATTACK}}}",
    f"{{{{{ATTACK}}}}}",
    f"{{{DOUBLE}!r:>{{9}}}}",
    f"{{__class__}}{{x|{ATTACK}}}",
    "{0.__class__}{0[__class__]}{x!r}{x:>99}{x:{y}}{self}",
    "{__class__.__mro__.1.__subclasses__}",
    "{c.__class__}{k1}{as_object}{s}{i}{v1.__class__}",
    "\\N{DASH}\\N{LEFT CURLY BRACKET}\\x41\\u0041\\101\\",
    f"\n{ATTACK}\n",
    f"\r{ATTACK}\r\n    {ATTACK}",
    f"\u2028{ATTACK}\u2029{ATTACK}\x85{ATTACK}\x0b{ATTACK}\x0c{ATTACK}",
    f"\0{ATTACK}",
    f"\ud800{ATTACK}\udfff",
    f"}}\n    return ({ATTACK},)\n#{{",
    f"x|num:{ATTACK}|fixed:2}}'{{",
    "'\"\\" * 50,
    "#@",
    "@ # @",
    "f'{1}'",
    "%s %(x)s $x ${x}",
    "\t",
    "\ufeff\u202e",
]


class Evil(str):
    """Text whose every other face is the attack."""

    __slots__ = ()

    def __repr__(self) -> str:
        return ATTACK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return ATTACK

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __add__(self, other: object) -> str:
        return ATTACK

    __radd__ = __mul__ = __rmul__ = __mod__ = __add__

    def __iter__(self) -> Iterator[str]:
        return iter([ATTACK, ATTACK])

    def split(self, *_: object) -> list[str]:
        return [ATTACK]

    def join(self, *_: object) -> str:
        return ATTACK

    strip = lstrip = rstrip = lower = replace = encode = join  # type: ignore[assignment]

    def find(self, *_: object) -> int:
        return 1


def with_text_everywhere(text: str) -> dict[str, Any]:
    """Return a template that holds a text wherever one may stand."""
    expression = f"{{{text}|{text}}}"
    verbs = f"{{x|alias:{text}}}{{x|meter:{text}:{text}}}{{x|fixed:{text}}}{{x|meter:3:{text}}}{{x.{text}.{text}}}"
    pieces: list[Any] = [
        {"text": text},
        {"text": expression},
        {"text": verbs},
        {"when": text, "text": text},
        {"unless": text, "text": text},
        {"map": "x", "cases": {text: text, "_default": text, "5": text, "true": text}},
        {"map": text, "cases": {text: text, "undefined": text}},
        {"each": "l", "item": text + expression + verbs, "join": text, "text": text, "item_scales": [text, text]},
        {"each": text, "item": text, "join": text},
        {text: text},
    ]
    return {
        "scales": {text: text, "s": [text, text], "*": text * 2},
        "aliases": {text: {text: text, "5": text}},
        "output": {"sep": text, "default": pieces, "surfaces": {text: pieces, "legacy": pieces}},
    }


def contract_with(text: str) -> dict[str, Any]:
    return {"x": 5, text: text, "surface": text, "l": [{"x": 5, text: text}, 1, text]}


@pytest.fixture
def canary() -> Iterator[None]:
    assert not hasattr(builtins, CANARY)
    yield
    assert not hasattr(builtins, CANARY)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the source of every function that is compiled."""
    found: list[str] = []
    compiled = Writer.function

    def spy(writer: Writer, result: str) -> Any:
        function = compiled(writer, result)
        found.append(function.source)
        return function

    monkeypatch.setattr(Writer, "function", spy)
    return found


# ---------------------------------------------------------------- nothing but what the compiler writes

NODES = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.If, ast.Try, ast.ExceptHandler),
    *(ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.JoinedStr, ast.FormattedValue, ast.Call),
    *(ast.Attribute, ast.IfExp, ast.BoolOp, ast.And, ast.Or, ast.Not, ast.UnaryOp, ast.USub, ast.BinOp, ast.Compare),
    *(ast.Mult, ast.Add, ast.Mod, ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.In, ast.Subscript),
)
CALLED = re.compile(r"type|as_object|is_kept|k[0-9]+")
NAMES = re.compile(r"c|s|i|type|dict|str|int|float|as_object|is_kept|VerbFailed|[koptv][0-9]+")


def offences(source: str) -> list[str]:
    """List what stands in a generated function beside what the compiler may write."""
    return [ast.dump(node) for node in ast.walk(ast.parse(source)) if not is_expected(node)]


def is_expected(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return bool(NAMES.fullmatch(node.id))
    if isinstance(node, ast.Attribute):
        owner = node.value
        is_join = isinstance(owner, ast.Constant) and owner.value == "" and node.attr == "join"
        return is_join or (node.attr == "get" and isinstance(owner, ast.Name))
    if isinstance(node, ast.Call):
        plain = not node.keywords and not any(isinstance(argument, ast.Starred) for argument in node.args)
        return plain and (isinstance(node.func, ast.Attribute) or bool(CALLED.fullmatch(ast.unparse(node.func))))
    if isinstance(node, ast.Subscript):
        return bool(re.fullmatch(r"k[0-9]+\[v[0-9]+\]|k[0-9]+\[s\]", ast.unparse(node)))
    return isinstance(node, NODES)


def test_the_watch_sees_what_it_should() -> None:
    for wrong in ("c.x", "f()", "c.get(**c)", "lambda: 0", "''.format", "k1[c]", "x", "c.get(*c)", "k1 @ k1", "[]"):
        assert offences(f"v1 = {wrong}")
    assert offences("import x")
    assert not offences("v1 = c.get('x') if type(v1) is int else ''.join((k1(s), v2))")


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text(text: str, sources: list[str]) -> None:
    template = read(with_text_everywhere(text))
    bar = UsageBar(template, name="hostile")
    contract = contract_with(text)
    for surface in (None, text, "legacy", "other"):
        assert bar.render(contract, surface) == evaluator.rendered(template, contract, surface)
    assert sources
    assert not [found for source in sources for found in offences(source)]


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    literal = text.replace("{", "").replace("}", "")
    pieces = [{"text": literal}, {"map": "x", "cases": {"5": text}}, {"each": "l", "item": "-", "text": text}]
    bar = usagebar.load({"output": {"sep": text, "default": pieces}})
    assert bar.render({"x": 5, "l": [1]}) == text.join((literal, text, text + " -"))


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_through_a_file(text: str) -> None:
    document = with_text_everywhere(text)
    contract = contract_with(text)
    assert usagebar.load(json.dumps(document).encode()).render(contract) == usagebar.load(document).render(contract)


def hostile_subclass(value: Any) -> Any:
    """Replace every text of a document, keys included, by one that lies about itself."""
    if isinstance(value, str):
        return Evil(value)
    if isinstance(value, list):
        return [hostile_subclass(each) for each in value]
    if isinstance(value, dict):
        return {Evil(key): hostile_subclass(each) for key, each in value.items()}
    return value


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("text", ["x", "plain", "{x|num}", ATTACK])
def test_text_that_lies_about_itself_is_taken_at_its_characters(text: str, sources: list[str]) -> None:
    document, contract = with_text_everywhere(text), contract_with(text)
    expected = usagebar.load(document).render(contract)
    assert usagebar.load(hostile_subclass(document)).render(hostile_subclass(contract)) == expected
    assert not [found for source in sources for found in offences(source)]


@pytest.mark.usefixtures("canary")
def test_a_scale_that_lies_about_itself_is_taken_at_its_characters() -> None:
    document = {"scales": {"s": Evil(".#")}, "output": {"default": [{"text": "{x|meter:2:s}"}]}}
    assert usagebar.load(document).render({"x": 50}) == "#."


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("name", [name for name in HOSTILE if not set(name) & set(":|}") and trim(name) == name])
def test_a_verb_of_a_hostile_name_is_only_a_name(name: str, sources: list[str]) -> None:
    document = {"output": {"default": [{"text": f"{{x|{name}:{name}}}"}]}}
    bar = usagebar.load(document, verbs={name: lambda value, argument="": f"{value}{argument}"})
    assert bar.render({"x": 5}) == "5" + name
    assert not [found for source in sources for found in offences(source)]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_any_template_compiles_to_nothing_but_what_the_compiler_writes(document: dict[str, Any]) -> None:
    bar = UsageBar(read(document), name="drawn")
    for surface in (None, *bar.surfaces):
        function: Any = bar._program(surface)[0]
        assert not offences(function.source)


# ---------------------------------------------------------------- linear time


def seconds(document: Any, contract: Any) -> tuple[float, str]:
    """Return the processor time that a template takes to be read, compiled and rendered, and its rendering."""
    began = time.process_time()
    bar = UsageBar(read(document), name="huge")
    text = bar.render(contract)
    assert not bar._failed
    return time.process_time() - began, text


def piece(**members: Any) -> dict[str, Any]:
    return {"output": {"default": [members]}, "scales": {"s": ".#", "t": "-="}}


LONG_PATH = ".".join(["a"] * 100_000)
HUGE: dict[str, tuple[Any, Any, str]] = {
    "10,000 pieces": (
        {"output": {"default": [{"when": f"k{n}", "text": f"{{k{n}|num}}"} for n in range(10_000)]}},
        {f"k{n}": 1 for n in range(10_000)},
        "1" * 10_000,
    ),
    "5,000 pieces of one path": (
        {"output": {"default": [{"text": "{x|pct}"}] * 5_000}},
        {"x": 1},
        "1%" * 5_000,
    ),
    "50,000 expressions": (piece(text="{x|fixed:1}" * 50_000), {"x": 0.25}, "0.3" * 50_000),
    "10,000 paths": (piece(text="".join(f"{{a.k{n}|?}}" for n in range(10_000))), {}, "?" * 10_000),
    "10,000 expressions in an item": (piece(each="l", item="{x}" * 10_000), {"l": [{"x": 1}]}, "1" * 10_000),
    "10,000 starred expressions in an item": (
        piece(each="l", item="{x|meter:1:*}" * 10_000, item_scales=["s", "t"]),
        {"l": [{"x": 100}]},
        "#" * 10_000,
    ),
    "50,000 names of scales": (
        piece(each="l", item="{x|meter:1:*}", item_scales=["s", "t"] * 25_000, join=""),
        {"l": [{"x": 100}] * 50_000},
        "#=" * 25_000,
    ),
    "a path of 100,000 steps": (piece(text=f"{{{LONG_PATH}|none}}"), {"a": {"a": {}}}, "none"),
    "a guard of 100,000 steps": (piece(unless=LONG_PATH, when="a", text="t"), {"a": {"a": {}}}, "t"),
    "a map and an each of 100,000 steps": (
        {"output": {"default": [{"map": LONG_PATH, "cases": {"undefined": "u"}}, {"each": LONG_PATH, "item": "i"}]}},
        {"a": 1},
        "u",
    ),
    "100,000 verbs": (piece(text="{x" + "|inv" * 100_000 + "}"), {"x": 25}, "25"),
    "100,000 fallbacks": (piece(text="{x" + "|a" * 100_000 + "}"), {}, "a"),
    "100,000 arguments": (piece(text="{x|fixed" + ":1" * 100_000 + "}"), {"x": 1}, "1.0"),
    "a million braces": (piece(text="{" * 1_000_000), {}, "{" * 1_000_000),
    "a million closed braces": (piece(text="{}" * 500_000), {}, "{}" * 500_000),
    "half a million braces and one end": (piece(text="{" * 500_000 + "}"), {}, ""),
    "a literal of a million characters": (piece(text="'\\" * 500_000), {}, "'\\" * 500_000),
    "50,000 cases": (piece(map="x", cases={str(n): "c" for n in range(50_000)}), {"x": 49_999}, "c"),
    "5,000 arrays": (
        {"output": {"default": [{"each": "l", "item": "{x}"}] * 5_000}},
        {"l": [{"x": 1}]},
        "1" * 5_000,
    ),
}


@pytest.mark.parametrize(("document", "contract", "expected"), list(HUGE.values()), ids=list(HUGE))
def test_a_huge_template_takes_linear_time(document: Any, contract: Any, expected: str) -> None:
    took, text = seconds(document, contract)
    assert text == expected
    assert took < 20


def test_deep_values_are_walked_and_not_recursed_into() -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = {"a": deep}
    took, text = seconds(piece(text=f"{{{LONG_PATH}}}"), deep)
    assert text == "end"
    assert took < 20
    while isinstance(deep, dict):  # taken apart from the outside: to free it at once would nest as deep
        deep = deep["a"]


def test_thousands_of_surfaces_are_compiled_one_by_one() -> None:
    surfaces = {f"s{n}": [{"text": f"{n} {{surface}}"}] for n in range(5_000)}
    bar = usagebar.load({"output": {"surfaces": surfaces}})
    began = time.process_time()
    assert bar.render({}, "s4999") == "4999 s4999"
    assert bar.render({"surface": "s7"}) == "7 s7"
    assert len(bar._programs) == 2
    assert time.process_time() - began < 20
