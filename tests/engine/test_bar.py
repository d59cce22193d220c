"""`UsageBar`: surfaces, contracts of any kind, failing open, threads and memory."""

from __future__ import annotations

import copy
import gc
import json
import logging
import operator
import pickle
import threading
import tracemalloc
from collections import ChainMap, OrderedDict, UserDict, UserString, defaultdict
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, StrEnum
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

import usagebar
from usagebar import UsageBar, UsageContract
from usagebar.engine.shape import read

TEMPLATE = {
    "scales": {"s": ".#"},
    "output": {
        "sep": " | ",
        "default": [
            {"text": "on {surface|nothing}"},
            {"when": "usage.input_tokens", "text": "{usage.input_tokens|num}"},
            {"each": "l", "item": "{x|meter:1:*}", "item_scales": ["s"]},
        ],
        "surfaces": {
            "discord": [{"text": "D"}, {"map": "state.fast_mode", "cases": {"true": "fast"}}, {"text": "{surface}"}],
            "": [{"text": "no name"}],
            "odd": [],
        },
    },
}
CONTRACT: dict[str, Any] = {"surface": "discord", "usage": {"input_tokens": 1500}, "state": {"fast_mode": True}}


class Surface(StrEnum):
    DISCORD = "discord"
    OTHER = "other"


class OldSurface(str, Enum):  # prints and hashes as its name  # noqa: UP042
    DISCORD = "discord"


@pytest.fixture
def bar() -> UsageBar:
    return usagebar.load(TEMPLATE)


# ---------------------------------------------------------------- surfaces


@pytest.mark.parametrize(
    ("own", "argument", "expected"),
    [
        ("discord", None, "D | fast | discord"),
        ("discord", "telegram", "on telegram | 1.5k"),
        ("telegram", "discord", "D | fast | discord"),
        (None, "discord", "D | fast | discord"),
        (None, None, "on nothing | 1.5k"),
        ("discord", "", "no name"),
        ("", None, "no name"),
        ("discord", "odd", ""),
        ("discord", "default", "on default | 1.5k"),
        ("discord", "Discord", "on Discord | 1.5k"),
        ("discord", Surface.OTHER, "on other | 1.5k"),
        ("telegram", Surface.DISCORD, "D | fast | discord"),
        ("telegram", OldSurface.DISCORD, "D | fast | discord"),
        (OldSurface.DISCORD, None, "D | fast | discord"),
        (Surface.OTHER, None, "on other | 1.5k"),
        ("discord", 5, "on 5 | 1.5k"),
        ("discord", False, "on false | 1.5k"),
        ("discord", ["discord"], "on nothing | 1.5k"),
        ("discord", {"x": 1}, "on nothing | 1.5k"),
        (["discord"], None, "on nothing | 1.5k"),
        (5.0, None, "on 5 | 1.5k"),
    ],
)
def test_the_argument_replaces_the_surface_of_the_contract(
    bar: UsageBar, own: Any, argument: Any, expected: str
) -> None:
    contract = CONTRACT | {"surface": own}
    assert bar.render(contract, argument) == expected
    assert bar.sep.join(bar.pieces(contract, argument)) == expected
    assert contract["surface"] is own


def test_a_path_into_the_surface_leads_into_the_argument() -> None:
    bar = usagebar.load({"output": {"default": [{"text": "{surface.x|none}"}, {"when": "surface", "text": "!"}]}})
    argument: Any = {"x": 1}
    assert bar.render({"surface": {"x": 2}}) == "2!"
    assert bar.render({"surface": {"x": 2}}, argument) == "1!"
    assert bar.render({"surface": {"x": 2}}, "") == "none"


def test_surfaces_are_those_with_an_entry(bar: UsageBar) -> None:
    assert bar.surfaces == ("discord", "", "odd")
    assert usagebar.load().surfaces == ("discord",)


def test_sep_is_that_of_the_default(bar: UsageBar) -> None:
    assert bar.sep == " | "
    legacy = usagebar.load({"segments": [{"text": "a"}] * 2, "surfaces": {"irc": {"sep": "/"}}})
    assert (legacy.sep, legacy.render({}), legacy.render({}, "irc")) == (" ", "a a", "a/a")


def test_variables_are_the_paths_of_a_surface(bar: UsageBar) -> None:
    assert bar.variables() == {"surface", "usage.input_tokens", "l"}
    assert bar.variables("discord") == {"state.fast_mode", "surface"}
    assert bar.variables("telegram") == bar.variables(None)
    assert bar.variables(OldSurface.DISCORD) == bar.variables("discord")
    assert bar.variables("") == bar.variables("odd") == frozenset()


def test_variables_name_guards_too() -> None:
    pieces = [{"when": "a", "unless": "b.c", "text": "{d}{e|num}"}, {"when": "f"}, {"map": " g ", "cases": {}}]
    bar = usagebar.load({"output": {"default": pieces}})
    assert bar.variables() == {"a", "b.c", "d", "e", "f", " g "}


def test_repr_names_source_and_surfaces(bar: UsageBar) -> None:
    assert repr(bar) == "<UsageBar <mapping> surfaces=['discord', '', 'odd']>"


def test_with_diagnostics_is_the_same_bar_with_other_findings(bar: UsageBar) -> None:
    text = bar.render(CONTRACT)
    twin = bar.with_diagnostics(("found",))
    assert twin.diagnostics == ("found",)
    assert bar.diagnostics == ()
    assert twin.render(CONTRACT) == text
    assert twin._programs is bar._programs
    assert bar.with_diagnostics(()) is bar


# ---------------------------------------------------------------- contracts


class Lazy(Mapping[str, Any]):
    """A mapping that is no dict in anything."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __getitem__(self, key: str) -> Any:
        value = self.data[key]
        return Lazy(value) if isinstance(value, dict) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class DictOfZeros(dict[str, Any]):
    def __missing__(self, key: str) -> int:
        return 0


def all_through(kind: Any, value: Any) -> Any:
    return kind({key: all_through(kind, inner) for key, inner in value.items()}) if isinstance(value, dict) else value


@pytest.mark.parametrize("kind", [dict, UserDict, MappingProxyType, ChainMap, Lazy, OrderedDict, DictOfZeros])
def test_an_object_is_any_mapping(bar: UsageBar, kind: Any) -> None:
    contract = all_through(kind, CONTRACT | {"l": ()})
    assert bar.render(contract) == "D | fast | discord"
    assert bar.pieces(contract, "irc") == ["on irc", "1.5k"]
    elements = kind({"l": [kind({"x": 100}), kind({"y": 1}), 5, kind({})]})
    assert bar.pieces(elements) == ["on nothing", "#"]


def test_a_default_dict_gains_no_keys(bar: UsageBar) -> None:
    contract: defaultdict[str, Any] = defaultdict(dict)
    assert bar.render(contract) == "on nothing"
    assert not contract


@pytest.mark.parametrize(
    "contract", [None, 5, "text", b"", [], [("surface", "discord")], object(), SimpleNamespace(surface="discord"), {1}]
)
def test_what_is_no_mapping_counts_as_empty(bar: UsageBar, contract: Any) -> None:
    assert bar.render(contract) == "on nothing"
    assert bar.pieces(contract) == ["on nothing"]
    assert bar.render(contract, "discord") == "D | discord"


def test_a_usage_contract_is_rendered_like_its_mapping(bar: UsageBar) -> None:
    contract = UsageContract.model_validate(CONTRACT)
    assert bar.render(contract) == "D | fast | discord"
    assert bar.pieces(contract, "irc") == ["on irc", "1.5k"]


def test_a_to_mapping_of_another_kind_counts_as_empty(bar: UsageBar) -> None:
    assert bar.render(SimpleNamespace(to_mapping=lambda: 5)) == "on nothing"


def test_keys_that_are_no_strings_are_never_met(bar: UsageBar) -> None:
    keys: Any = {1: 2, None: 3, ("usage",): {}, UserString("usage"): {}}
    assert bar.render(keys) == "on nothing"


def test_a_contract_is_not_changed(bar: UsageBar) -> None:
    contract = {"surface": "x", "usage": MappingProxyType({"input_tokens": 5})}
    bar.render(contract, "discord")
    assert contract == {"surface": "x", "usage": {"input_tokens": 5}}


# ---------------------------------------------------------------- failing open


class Broken(Mapping[str, Any]):
    """A mapping that fails when one of these keys is read."""

    def __init__(self, *keys: str, **data: Any) -> None:
        self.keys_that_fail, self.data = keys, data

    def __getitem__(self, key: str) -> Any:
        if key in self.keys_that_fail:
            raise RuntimeError(f"no {key} today")
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no keys today")

    def __len__(self) -> int:
        raise RuntimeError("no length today")


def test_a_failure_gives_the_text_of_the_built_in_template(bar: UsageBar, caplog: pytest.LogCaptureFixture) -> None:
    contract = Broken("l", cost={"turn_usd": 0.5}, surface="irc")
    expected = usagebar.load().render({"cost": {"turn_usd": 0.5}, "surface": "irc"})
    assert expected
    for _ in range(3):
        assert bar.render(contract) == expected
        assert bar.pieces(contract) == [expected]
    [record] = caplog.records
    assert (record.name, record.levelno) == ("usagebar", logging.ERROR)
    assert record.getMessage() == "<mapping>: rendering failed"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "no l today"


def test_a_failure_of_both_gives_nothing(bar: UsageBar, caplog: pytest.LogCaptureFixture) -> None:
    built_in = UsageBar(read(usagebar.BUILTIN), name="<own built-in>", is_builtin=True)
    failing = UsageBar(read(TEMPLATE), name="<failing>", fallback=built_in)
    contract = Broken("surface")
    assert failing.render(contract) == ""
    assert failing.pieces(contract) == []
    assert [record.getMessage() for record in caplog.records] == [
        "<failing>: rendering failed",
        "<own built-in>: rendering failed",
    ]
    assert failing.render(contract, "discord") == "D | discord"  # nothing that fails is read


def test_a_failure_without_a_built_in_gives_nothing(caplog: pytest.LogCaptureFixture) -> None:
    alone = UsageBar(read(TEMPLATE), name="<alone>")
    assert alone.render(Broken("l")) == ""
    assert alone.pieces(Broken("l")) == []
    assert len(caplog.records) == 1


def test_a_failure_is_the_bars_own(bar: UsageBar, caplog: pytest.LogCaptureFixture) -> None:
    bar.render(Broken("l"))
    assert bar.render(CONTRACT) == "D | fast | discord"
    usagebar.load(TEMPLATE).render(Broken("l"))
    assert len(caplog.records) == 2


def test_a_name_that_looks_like_a_format_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    UsageBar(read(TEMPLATE), name="100%s %(x)d").render(Broken("l"))
    assert caplog.messages == ["100%s %(x)d: rendering failed"]


# ---------------------------------------------------------------- threads and memory


def test_threads_share_a_fresh_bar() -> None:
    surfaces = {f"s{n}": [{"text": f"{n}:{{x|num}}"}] * 20 for n in range(40)}
    document = {"output": {"default": [{"text": "d{x|pct}"}], "surfaces": surfaces}}
    expected = {f"s{n}": f"{n}:1.5k" * 20 for n in range(40)} | {"other": "d1500%"}
    bar = usagebar.load(document)
    start = threading.Barrier(8)
    wrong: list[str] = []

    def work() -> None:
        start.wait()
        for surface, text in expected.items():
            if bar.render({"x": 1500}, surface) != text or "".join(bar.pieces({"x": 1500}, surface)) != text:
                wrong.append(surface)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def growth(renders: int) -> int:
    """Return the bytes that a warm bar gains over so many different turns."""
    bar = usagebar.load(TEMPLATE)
    built_in = usagebar.load()

    def turn(n: int) -> None:
        contract = {"surface": f"s{n % 7}", "usage": {"input_tokens": n}, "l": [{"x": n % 101}]}
        bar.render(contract)
        built_in.render(contract, "discord")
        bar.pieces(contract, f"made up {n}")

    for n in range(1000):
        turn(n)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for n in range(renders):
            turn(n)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


@pytest.mark.no_cover
def test_a_warm_bar_does_not_grow() -> None:
    assert growth(3_334) < 16_384  # each turn renders three times: two bytes a rendering are too many


@pytest.mark.slow
def test_a_warm_bar_does_not_grow_in_a_million_renders() -> None:
    assert growth(333_333) < 16_384


# ---------------------------------------------------------------- copies


def shout(value: Any) -> str:
    return f"{value}!"


@pytest.mark.parametrize("verbs", [None, {"shout": shout}])
def test_bars_travel_between_processes(verbs: Any) -> None:
    bar = usagebar.load('{"output": {"default": [{"text": "{v|shout}{w|num}"}]}}', verbs=verbs)
    before = bar.render({"v": 1, "w": 1500})
    twin = pickle.loads(pickle.dumps(bar))
    assert twin is not bar
    assert twin.render({"v": 1, "w": 1500}) == before == ("1!1.5k" if verbs else "11.5k")


def test_a_copy_of_a_bar_is_the_bar() -> None:
    bar = usagebar.load('{"output": {"default": [{"text": "x"}]}}')
    assert copy.deepcopy([bar])[0] is bar


def changes(document: Any) -> list[Callable[[], object]]:
    pieces = document["output"]["default"]
    return [
        lambda: operator.setitem(document, "sep", ""),
        lambda: operator.delitem(document["scales"], "moon"),
        lambda: document.update(sep=""),
        lambda: document["aliases"].pop("models"),
        lambda: operator.setitem(pieces, 0, {}),
        lambda: pieces.append({}),
        lambda: pieces.__iadd__([{}]),
        pieces[0].clear,
    ]


@pytest.mark.parametrize("index", range(8))
def test_the_builtin_document_does_not_change(index: int) -> None:
    before = json.dumps(usagebar.BUILTIN)
    with pytest.raises(TypeError, match="read-only"):
        changes(usagebar.BUILTIN)[index]()
    assert json.dumps(usagebar.BUILTIN) == before


def test_a_copy_of_the_builtin_document_may_change() -> None:
    document: Any = copy.deepcopy(usagebar.BUILTIN)
    assert document == usagebar.BUILTIN
    for change in changes(document):
        change()
    assert document != usagebar.BUILTIN
    for one in (usagebar.BUILTIN, usagebar.BUILTIN["output"]["default"]):
        assert pickle.loads(pickle.dumps(one)) == one
