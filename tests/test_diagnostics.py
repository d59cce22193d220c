from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from usagebar.diagnostics import SEVERITIES, Diagnostic, TemplateError, draw, json_path, visible

GOLDEN = Path(__file__).parent / "golden" / "draw"
DRAWINGS = sorted(GOLDEN.glob("*.json"))


def diagnostic(**fields: Any) -> Diagnostic:
    return Diagnostic(**{"code": "wrong-type", "severity": "error", "message": "expected x, found y"} | fields)


def excerpt(text: str, column: int, end_column: int | None = None) -> tuple[str, str]:
    """Draw a finding on the only line of a text; return that line and the carets, without the gutter."""
    drawn = draw(diagnostic(line=1, column=column, end_column=end_column), name="t", text=text).split("\n")
    return drawn[3][len(" 1 | ") :], drawn[4][len("   | ") :]


# ---------------------------------------------------------------- drawing


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_drawn_as_expected(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    drawn = draw(Diagnostic(**case["diagnostic"]), name=case["name"], text=case["text"])
    assert drawn + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_drawings_and_all_are_compared() -> None:
    assert DRAWINGS
    assert {path.stem for path in DRAWINGS} == {path.stem for path in GOLDEN.glob("*.txt")}


@pytest.mark.parametrize("offset", range(119, 160))
def test_a_line_up_to_the_width_is_drawn_whole(offset: int) -> None:
    for length, whole in ((120, True), (121, False)):
        line, _ = excerpt("x" * length, offset - 118)
        assert (line == "x" * length) == whole


@pytest.mark.parametrize(
    ("column", "first", "last", "padding"),
    [
        (1, 1, 120, 0),
        (41, 1, 120, 40),
        (42, 2, 121, 41),
        (501, 461, 580, 41),
        (921, 881, 1000, 41),
        (922, 881, 1000, 42),
        (1000, 881, 1000, 120),
        (1001, 881, 1000, 121),
    ],
)
def test_a_long_line_is_cut_around_the_caret(column: int, first: int, last: int, padding: int) -> None:
    text = "0123456789" * 100
    line = "…" * (first > 1) + text[first - 1 : last] + "…" * (last < 1000)
    assert excerpt(text, column) == (line, " " * padding + "^")


def test_carets_stop_where_a_long_line_is_cut() -> None:
    line, carets = excerpt("x" * 1000, 501, 900)
    assert carets == " " * 41 + "^" * 80
    assert len(line) == 122


def test_a_line_without_width_is_cut_too() -> None:
    line, carets = excerpt("a" + "\u0301" * 1_000_000, 500_000, 900_000)
    assert len(line) == 122
    assert carets.count("^") == 1


@pytest.mark.parametrize(
    ("text", "column", "end_column", "line", "carets"),
    [
        ("abc", 2, 3, "abc", " ^"),
        ("abc", 2, None, "abc", " ^"),
        ("abc", 2, 2, "abc", " ^"),
        ("abc", 2, 1, "abc", " ^"),
        ("abc", 1, 4, "abc", "^^^"),
        ("abc", 4, 5, "abc", "   ^"),
        ("abc", 99, 120, "abc", "   ^"),
        ("abc", 1, 99, "abc", "^^^"),
        ("模型x", 2, 4, "模型x", "  ^^^"),
        ("e\u0301x", 3, 4, "e\u0301x", " ^"),
        ("❤️x", 3, 4, "❤️x", "  ^"),
        ("👩\u200d💻x", 4, 5, "👩\u200d💻x", "  ^"),
        ("\tx", 2, 3, "    x", "    ^"),
        ("\t\tx", 1, 3, "        x", "^^^^^^^^"),
        ("\x1b[2J\x00\x7f", 1, 2, "␛[2J␀␡", "^"),
        ("\x9b\u202e\u2066x", 4, 5, "<U+009B><U+202E><U+2066>x", " " * 24 + "^"),
        ("\ud800\u2028\ufeffx", 4, 5, "<U+D800><U+2028><U+FEFF>x", " " * 24 + "^"),
        ("a\u00a0\ue0b0b", 4, 5, "a\u00a0\ue0b0b", "   ^"),
    ],
)
def test_carets_stand_below_the_cells(text: str, column: int, end_column: int | None, line: str, carets: str) -> None:
    assert excerpt(text, column, end_column) == (line, carets)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_end_as_positions_count_them(line_break: str) -> None:
    text = line_break.join(["one", "t\vwo\u2028\x85", "", "four"])
    drawn = draw(diagnostic(line=4, column=1, end_column=5), name="t", text=text)
    assert drawn.endswith("   |\n 4 | four\n   | ^^^^")
    drawn = draw(diagnostic(line=3, column=1), name="t", text=text)
    assert drawn.endswith("   |\n 3 |\n   | ^")


@pytest.mark.parametrize(
    ("fields", "text", "place"),
    [
        ({}, None, " --> t"),
        ({}, "text", " --> t"),
        ({"path": "$.output"}, "text", " --> t ($.output)"),
        ({"line": 3}, None, " --> t:3"),
        ({"line": 3, "column": 7}, None, " --> t:3:7"),
        ({"line": 3, "column": 7}, "one line", " --> t:3:7"),
        ({"line": 0}, "one line", " --> t:0"),
    ],
)
def test_without_a_line_to_show(fields: dict[str, Any], text: str | None, place: str) -> None:
    drawn = draw(diagnostic(**fields), name="t", text=text)
    assert drawn == f"error[wrong-type]: expected x, found y\n{place}"


@settings(deadline=None)
@given(st.text(), st.integers(1, 99), st.integers(1, 99), st.text(), st.text(), st.text())
def test_nothing_drawn_can_move_a_terminal(
    text: str, column: int, end_column: int, message: str, name: str, suggestion: str
) -> None:
    found = diagnostic(
        message=message, path=json_path((message,)), line=1, column=column, end_column=end_column, suggestion=suggestion
    )
    drawn = draw(found, name=name, text=text).split("\n")
    assert len(drawn) == 6
    assert all(wcswidth(line) >= 0 for line in drawn)
    assert not {*"\u202a\u202b\u202d\u202e\u2066\u2067\u2068"} & {*"".join(drawn)}
    assert all(len(line) <= 130 for line in drawn[2:5])
    assert drawn[4].count("^") >= 1


SCOTLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in "gbsct") + "\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 模型 🦞", "plain 模型 🦞"),
        ("a\tb\x1b\x7f\x80\u202e", "a    b␛␡<U+0080><U+202E>"),
        (SCOTLAND, SCOTLAND),
        (f"a{SCOTLAND * 2}\x1bb", f"a{SCOTLAND * 2}␛b"),
        ("\U0001f3f4\x1b\U000e0067", "\U0001f3f4␛<U+E0067>"),
        ("\U000e0067\U0001f3f4", "<U+E0067>\U0001f3f4"),
        ("\U0001f3f4\U000e0020\U000e001f\U000e0020", "\U0001f3f4\U000e0020\U000e001f<U+E0020>"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_by_name(text: str, shown: str) -> None:
    assert visible(text) == shown


# ---------------------------------------------------------------- findings and errors


def test_severities() -> None:
    assert set(SEVERITIES.values()) == {"error", "warning", "hint"}
    assert len(SEVERITIES) == 28


def test_a_finding_as_a_mapping() -> None:
    assert diagnostic(line=2, column=3).as_dict() == {
        "code": "wrong-type",
        "severity": "error",
        "message": "expected x, found y",
        "path": "$",
        "line": 2,
        "column": 3,
        "end_line": None,
        "end_column": None,
        "suggestion": None,
    }


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), "$"),
        (("output", "default", 0, "text"), "$.output.default[0].text"),
        (("aliases", "models", "gpt-5.5"), '$.aliases.models["gpt-5.5"]'),
        (("", "1a", "_a1", "class"), '$[""]["1a"]._a1.class'),
        (('"\\\n',), r'$["\"\\\n"]'),
        (("模型", "a b"), '$["模型"]["a b"]'),
    ],
)
def test_json_path(steps: tuple[str | int, ...], path: str) -> None:
    assert json_path(steps) == path


def test_an_error_draws_its_findings() -> None:
    found = diagnostic(line=1, column=1), diagnostic(code="bad-argument", suggestion="try 2")
    error = TemplateError(found, "footer.jsonc", "x")
    assert (error.diagnostics, error.name, error.text) == (found, "footer.jsonc", "x")
    assert str(error) == "\n\n".join([draw(one, name="footer.jsonc", text="x") for one in found])


@pytest.mark.parametrize(("count", "last"), [(20, " --> t"), (21, "… and 1 more"), (50, "… and 30 more")])
def test_an_error_draws_no_more_than_twenty(count: int, last: str) -> None:
    drawn = str(TemplateError([diagnostic()] * count, "t"))
    assert drawn.count("error[wrong-type]") == 20
    assert drawn.rsplit("\n", 1)[-1] == last


def test_an_error_survives_pickling() -> None:
    error = TemplateError([diagnostic(line=1)], "t", "text")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.diagnostics, copy.name, copy.text) == (error.diagnostics, error.name, error.text)
