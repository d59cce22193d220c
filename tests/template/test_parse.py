"""`parse`, the strict twin of `load`: what it says, drawn; and that both agree on whatever they are given."""

from __future__ import annotations

import json
import os
import pickle
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import json5
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from usagebar import BUILTIN, TemplateError, load, parse
from usagebar.diagnostics import SEVERITIES
from usagebar.template import loader
from usagebar.template.builtin import builtin_bar
from usagebar.template.reading import Outcome, examine
from usagebar.template.source import significant

if TYPE_CHECKING:
    from collections.abc import Callable

    from usagebar import Diagnostic

GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
BROKEN = sorted(GOLDEN.glob("*.jsonc"), key=lambda path: path.stem)
UPDATE = "USAGEBAR_UPDATE_GOLDEN"
CODES = {"invalid-json", "unreadable", "unsupported-shape", "unsupported-schema", "wrong-type"}
GOOD = '{"output": {"default": [{"text": "x"}]}}'


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_warnings", loader._Warnings())
    monkeypatch.setattr(loader, "_cache", loader._Cache())


def refused(source: Any) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        parse(source)
    return caught.value


# ---------------------------------------------------------------- golden files


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_drawn_as_expected(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    drawn = f"{refused(path.name)}\n".encode()
    expected = path.with_suffix(".txt")
    if os.environ.get(UPDATE):
        expected.write_bytes(drawn)
    assert drawn.decode() == expected.read_bytes().decode()


def test_there_are_golden_files_and_all_are_compared() -> None:
    assert len(BROKEN) >= 15
    assert [path.stem for path in BROKEN] == sorted(path.stem for path in GOLDEN.glob("*.txt"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_golden_file_is_loaded_all_the_same(path: Path) -> None:
    bar = load(path)
    error = refused(path)
    assert bar.diagnostics in ((), error.diagnostics)
    assert error.name == bar.name or bar.is_builtin
    assert isinstance(bar.render({}), str)
    assert {each.code for each in bar.diagnostics} == {"wrong-type"} or bar.is_builtin


def test_every_code_is_drawn() -> None:
    drawn = "".join(path.with_suffix(".txt").read_text(encoding="utf-8") for path in BROKEN)
    assert all(f"error[{code}]: " in drawn for code in CODES - {"unreadable"})


# ---------------------------------------------------------------- the error


def test_the_error_carries_all_there_is(tmp_path: Path) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text('{"output": {"default": [5,\n 6, {"text": "x"}]}}')
    error = refused(path)
    assert isinstance(error, ValueError)
    assert error.name == str(path)
    assert error.text == path.read_text()
    assert [(each.path, each.line, each.column) for each in error.diagnostics] == [
        ("$.output.default[0]", 1, 25),
        ("$.output.default[1]", 2, 2),
    ]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (None, None),
        (5, None),
        ("none.jsonc", None),
        ({}, None),
        ({"schema": 5}, None),
        ("{", "{"),
        ("\ufeff{", "{"),
        (b"", ""),
        (b"\xef\xbb\xbf5", "5"),
        (b"\xff", None),
    ],
)
def test_the_text_of_the_error(source: Any, text: str | None) -> None:
    assert refused(source).text == text


@pytest.mark.parametrize("source", [GOOD, GOOD.encode(), json.loads(GOOD), BUILTIN, "// x\n" + GOOD], ids=repr)
def test_what_is_whole(source: Any) -> None:
    bar = parse(source)
    assert not bar.is_builtin
    assert bar.diagnostics == ()
    assert bar.name == ("<text>" if isinstance(source, (str, bytes)) else "<mapping>")


def test_the_built_in_document_is_the_built_in_template() -> None:
    contract = {"model": {"provider": "p", "display_name": "gpt-5.5", "is_fallback": True}, "cost": {"turn_usd": 0.5}}
    for surface in (None, "discord", "slack"):
        assert parse(BUILTIN).render(contract, surface) == builtin_bar().render(contract, surface)


def test_nothing_is_kept_and_nobody_is_warned(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "footer.jsonc"
    path.write_text(GOOD)
    assert parse(path) is not parse(path)
    path.write_text("{")
    refused(path)
    assert not caplog.records
    assert not loader._cache._entries


# ---------------------------------------------------------------- anything at all

NAMES = st.sampled_from(["default", "discord", "a", "é", "a.b", "true", ""])
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, 5, "x", "{v}", [], {}])
PIECES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "when": st.just("v") | ODD,
        "unless": st.just("w") | ODD,
        "map": st.just("v") | ODD,
        "cases": st.dictionaries(NAMES, st.just("y") | ODD, max_size=3) | ODD,
        "each": st.just("list") | ODD,
        "item": st.just("{n|meter:2:*}") | ODD,
        "join": ODD,
        "item_scales": st.lists(st.just("a") | ODD, max_size=3) | ODD,
        "text": st.sampled_from(["{v|meter:3:a}", "{v|alias:a}", '😀\n"\\']) | ODD,
    },
)
LISTS = st.lists(PIECES | ODD, max_size=3) | ODD
SCALES = st.dictionaries(NAMES, st.sampled_from(["01", ["0", "1"], ["0", 1]]) | ODD, max_size=3) | ODD
SEGMENTS = st.fixed_dictionaries({}, optional={"sep": ODD, "segments": LISTS}) | ODD
OUTPUTS = st.fixed_dictionaries(
    {}, optional={"sep": ODD, "default": LISTS, "surfaces": st.dictionaries(NAMES, LISTS, max_size=3) | ODD}
)
DOCUMENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "schema": st.just("openclaw.usageBar.v1") | st.just("openclaw.usageBar.v1") | ODD,
        "scales": SCALES,
        "series": SCALES,
        "ramps": SCALES,
        "aliases": st.dictionaries(NAMES, st.dictionaries(NAMES, st.just("y") | ODD, max_size=2) | ODD) | ODD,
        "output": OUTPUTS | OUTPUTS | ODD,
        "segments": LISTS,
        "sep": ODD,
        "surfaces": st.dictionaries(NAMES, SEGMENTS, max_size=3) | ODD,
        "more": ODD,
    },
)
JSON: st.SearchStrategy[Any] = st.recursive(
    ODD | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
WORDS = [
    *"{}[]:,'\"\\/ \n\r\t*0-+.eu",
    *("//", "/*", "*/", "0x1", "NaN", "null", "text", "]}}"),
    *('"output"', '"default"', '"text"', '"when"', '"x"', '{"output": {"default": ['),
    *("\ufeff", "😀", "\ud800", "\0", "\u2028", "\\ud83d"),
]
TOKENS = st.lists(st.sampled_from(WORDS), max_size=20).map("".join)
CONTRACT = {"v": 50, "w": False, "list": [{"n": 50}, {"n": 100}, 5], "surface": "discord"}
SURFACES = (None, "default", "discord", "a", "other")
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def is_inside(finding: Diagnostic, text: str) -> bool:
    """Tell whether a finding has a place and it is one of the text's."""
    lines = re.split("\n|\r(?!\n)", text)  # the CR of a CRLF counts as the last of its line
    start, end = (finding.line or 0, finding.column or 0), (finding.end_line or 0, finding.end_column or 0)
    if not 1 <= start[0] <= end[0] <= len(lines):
        return False
    return start <= end and all(1 <= column <= len(lines[line - 1]) + 1 for line, column in (start, end))


def assert_sound(outcome: Outcome) -> None:
    """Assert what is true of the findings about any source."""
    for finding in outcome.diagnostics:
        assert finding.code in CODES
        assert finding.severity == SEVERITIES[finding.code]
        assert finding.path.startswith("$")
        if outcome.text is not None and significant(outcome.text) < len(outcome.text):
            assert is_inside(finding, outcome.text)
        else:
            assert finding.line is finding.column is finding.end_line is finding.end_column is None


def assert_twins_agree(source: Any) -> None:
    """Assert that `load` loads, and that `parse` gives the same or raises what `load` found."""
    bar = load(source)
    for surface in SURFACES:
        assert isinstance(bar.render(CONTRACT, surface), str)
    outcome = examine(source)
    assert_sound(outcome)
    assert bar.diagnostics == (() if outcome.quiet else outcome.diagnostics)
    assert bar.is_builtin == (outcome.template is None)
    if outcome.diagnostics:
        assert refused(source).diagnostics == outcome.diagnostics
        assert str(refused(source))
    else:
        assert rendered(parse(source)) == rendered(bar)


def rendered(bar: Any) -> list[str]:
    return [bar.render(CONTRACT, surface) for surface in SURFACES]


@ANY
@given(st.binary() | st.binary().map(lambda data: b"{" + data) | TOKENS.map(lambda text: text.encode(errors="replace")))
def test_any_bytes(data: bytes) -> None:
    assert_twins_agree(data)


@ANY
@given(st.text() | TOKENS | TOKENS.map(lambda text: "{" + text) | st.text().map(lambda text: "{" + text))
def test_any_text(text: str) -> None:
    assert_twins_agree(text)


@ANY
@given(JSON | DOCUMENTS)
def test_any_value(value: Any) -> None:
    if isinstance(value, str):
        value = [value]  # paths are not for chance to choose
    assert_twins_agree(value)


def found(outcome: Outcome) -> list[tuple[str, str, str]]:
    return sorted((each.code, each.path, each.message) for each in outcome.diagnostics)


WRITERS: dict[str, Callable[[Any], str]] = {
    "compact": lambda document: json.dumps(document, separators=(",", ":")),
    "indented": lambda document: json.dumps(document, ensure_ascii=False, indent="\t"),
    "commented": lambda document: "/* {\r\n*/\r\n" + json.dumps(document, indent=1).replace("\n", ' // ,]}"\r\n'),
    "json5": lambda document: json5.dumps(document, quote_style=json5.QuoteStyle.ALWAYS_SINGLE),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("writer", WRITERS)
@settings(ANY, max_examples=60)
@given(document=DOCUMENTS)
def test_a_text_and_its_document_agree(writer: str, document: Any) -> None:
    text = WRITERS[writer](document)
    as_text, as_mapping = examine(text.encode()), examine(document)
    assert found(as_text) == found(as_mapping)
    assert as_text.quiet == as_mapping.quiet
    assert_sound(as_text)
    assert rendered(load(text.encode())) == rendered(load(document))


@pytest.mark.no_cover
@settings(ANY, max_examples=60)
@given(document=DOCUMENTS, data=st.data())
def test_a_text_cut_off_is_no_crash(document: Any, data: st.DataObject) -> None:
    text = json.dumps(document, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text)))
    assert_twins_agree(text[:at].encode())
    assert_twins_agree((text[:at] + data.draw(st.sampled_from("{}[],:\"'\\/0a\n")) + text[at:]).encode())


# ---------------------------------------------------------------- JSON5 is slow, but never a hang

KIB_16 = 16 * 1024
SLOW = [
    ("", "[", ""),
    ("", "{a:", ""),
    ("{a:[", "{a:{b:{c:1}}},", ""),
    ("[''", ",1", "]"),
    ("{a:", "'", ""),
    ("{a:'", "x", ""),
    ("{a:'", "\\u0041", "'}"),
    ("{", "\\u0061", ":1}"),
    ("{", " ", ""),
    ("{", "/**/", ""),
    ("{/*", "*", ""),
    ("{", "//\n", "a:1}"),
    ("{a:", "+", "1}"),
    ("{a:0x", "1", "}"),
    ("{", "é", ":1}"),
    ("[[[[[[[[", "'',", "]"),
    ("[" * 12, "[[[]]],", "]" * 12),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("before", "unit", "behind"), SLOW, ids=lambda part: ascii(part[:12]))
def test_json5_never_takes_long(before: str, unit: str, behind: str) -> None:
    text = before + unit * ((KIB_16 - len(before + behind)) // len(unit.encode())) + behind
    started = time.process_time()
    assert load(text.encode()).diagnostics
    assert time.process_time() - started < 20
