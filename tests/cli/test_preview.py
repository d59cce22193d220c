"""`usagebar preview`: as data, text, JSON and SVG, and what cannot be shown."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from command_line import CommandLine, program
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

import usagebar
from usagebar.cli.previews.as_json import as_json
from usagebar.cli.previews.data import Shown, shown
from usagebar.cli.previews.explaining import value_text
from usagebar.cli.previews.sheet import Sheet
from usagebar.cli.previews.svg import as_svg
from usagebar.cli.previews.text import draw_findings, draw_previews
from usagebar.cli.previews.turns import Turn
from usagebar.cli.terminal import Painter
from usagebar.contract.samples import SAMPLES
from usagebar.diagnostics import Diagnostic
from usagebar.surfaces.cells import clusters, width
from usagebar.surfaces.composing.footers import framed
from usagebar.surfaces.profiles import profile_of
from usagebar.surfaces.reading.appearance import Run
from usagebar.template.reading import examine

GOLDEN = Path(__file__).parents[1] / "golden" / "preview"
FOUR = str(GOLDEN / "four.jsonc")
UPDATE = "USAGEBAR_UPDATE_GOLDEN"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def template(*pieces: object, **surfaces: list[object]) -> str:
    output = {"default": pieces, "surfaces": surfaces}
    return json.dumps({"schema": "openclaw.usageBar.v1", "output": output})


def previews(cli: CommandLine, *words: str) -> list[dict[str, Any]]:
    ran = cli("preview", "--format", "json", *words)
    assert (ran.code, ran.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(ran.out)["previews"]
    return found


def data(source: object, contract: dict[str, Any], *surfaces: str, room: int | None = None) -> Shown:
    return shown(examine(source), [Turn("turn", "", contract)], surfaces, room)


def drawn(found: Shown, *, room: int | None = None, explain: bool = False, colours: bool = False) -> list[str]:
    sheet = Sheet(Painter(colours=colours), room)
    draw_previews(sheet, found, explain=explain)
    return sheet.lines


# ---------------------------------------------------------------- golden files

GOLDENS = {
    "samples.txt": ["four.jsonc"],
    "narrow.txt": ["four.jsonc", "--turn", "typical", "--turn", "hostile"],
    "explain.txt": ["four.jsonc", "--explain", "--turn", "quota"],
    "typical.json": ["four.jsonc", "--turn", "typical", "--format", "json"],
    "explain.json": ["four.jsonc", "--surface", "irc", "--turn", "quota", "--format", "json", "--explain"],
    "typical.svg": ["four.jsonc", "--format", "svg"],
    "hostile.svg": ["four.jsonc", "--format", "svg", "--turn", "hostile"],
}


@pytest.mark.parametrize("name", GOLDENS)
def test_drawn_as_expected(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(GOLDEN)
    if name == "narrow.txt":
        monkeypatch.setenv("COLUMNS", "32")
    ran = cli("preview", *GOLDENS[name])
    assert (ran.code, ran.err) == (0, "")
    if os.environ.get(UPDATE):
        (GOLDEN / name).write_bytes(ran.out.encode())
    assert ran.out == (GOLDEN / name).read_bytes().decode()
    assert cli("preview", *GOLDENS[name]).out == ran.out


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {"four.jsonc", *GOLDENS}


# ---------------------------------------------------------------- what is shown


def test_every_surface_and_sample(cli: CommandLine) -> None:
    found = previews(cli, FOUR)
    pairs = [(each["surface"], each["turn"]) for each in found]
    surfaces = ["discord", "telegram", "irc", "terminal", "default"]
    assert pairs == [(surface, turn) for surface in surfaces for turn in SAMPLES]
    bar = usagebar.load(FOUR)
    for each in found:
        contract = SAMPLES[each["turn"]].contract
        assert each["footer"] == bar.render(contract, each["surface"], escape=True)
        assert each["sent"] == framed(each["footer"], profile_of(each["surface"]).mode)
        raw = "".join(piece["text"] and " · " + piece["text"] for piece in each["pieces"])[3:]
        assert raw == bar.render(contract, each["surface"])
        assert each["refused"] is None


def test_some_surfaces_and_turns(cli: CommandLine) -> None:
    words = ["--turn", "free", "--turn", "quota", "--turn", "free", "--surface", "slack", "--surface=irc"]
    pairs = [(each["surface"], each["turn"]) for each in previews(cli, FOUR, *words)]
    assert pairs == [("slack", "free"), ("slack", "quota"), ("irc", "free"), ("irc", "quota")]


def test_a_surface_without_an_entry_shows_the_default(cli: CommandLine) -> None:
    source = template({"text": "{surface}"}, discord=[{"text": "d"}])
    found = previews(
        cli, source, "--turn", "typical", "--surface", "slack", "--surface", "other", "--surface", "discord"
    )
    assert [(each["footer"], each["limit"]) for each in found] == [("slack", 40_000), ("other", None), ("d", 2000)]


def test_an_entry_named_default_is_no_default(cli: CommandLine) -> None:
    source = template({"text": "real"}, default=[{"text": "entry"}])
    found = previews(cli, source, "--turn", "typical")
    assert [(each["surface"], each["footer"]) for each in found] == [("default", "entry"), ("default*", "real")]


def test_the_default_has_a_name_of_its_own(cli: CommandLine) -> None:
    entries: dict[str, list[object]] = {"default": [{"text": "a"}], "default*": [{"text": "b"}]}
    found = previews(cli, template({"text": "real"}, **entries), "--turn", "typical")
    assert [(each["surface"], each["footer"]) for each in found] == [
        ("default", "a"), ("default*", "b"), ("default**", "real"),
    ]  # fmt: skip


def test_explain_and_svg_show_the_typical_turn_alone(cli: CommandLine) -> None:
    for words in (["--explain"], ["--format", "svg"]):
        out = cli("preview", FOUR, *words).out
        assert "typical" in out
        assert "first-turn" not in out
    assert {each["turn"] for each in previews(cli, FOUR, "--explain")} == {"typical"}


def test_the_template_comes_from_anywhere(cli: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--turn", "typical", "--surface", "slack", "--format", "json"]

    def footer(*operands: str, stdin: str = "") -> str:
        [found] = json.loads(cli("preview", *operands, *words, stdin=stdin).out)["previews"]
        return str(found["footer"])

    assert footer() == usagebar.load().render(SAMPLES["typical"].contract, "slack")
    assert footer("-", stdin=template({"text": "stdin"})) == "stdin"
    assert footer(template({"text": "text"})) == "text"
    Path("footer.jsonc").write_text(template({"text": "here"}), "utf-8")
    (home / "footer.jsonc").write_text(template({"text": "home"}), "utf-8")
    assert footer("footer.jsonc") == "here"
    assert footer("~/footer.jsonc") == "home"
    monkeypatch.setenv("USAGEBAR_TEMPLATE", "~/footer.jsonc")
    assert footer() == "home"
    monkeypatch.delenv("USAGEBAR_TEMPLATE")
    (home / ".openclaw").mkdir()
    config = {"messages": {"usageTemplate": {"output": {"default": [{"text": "configured"}]}}}}
    (home / ".openclaw" / "openclaw.json").write_text(json.dumps(config), "utf-8")
    assert footer() == "configured"


def test_turns_come_from_files_too(cli: CommandLine) -> None:
    Path("turn.json").write_text('\ufeff{"v": "file"}', "utf-8")
    Path("typical").write_text('{"v": "no sample"}', "utf-8")
    Path("plain").write_text('{"v": "no suffix"}', "utf-8")
    words = [each for name in ("turn.json", "./typical", "plain", "-") for each in ("--turn", name)]
    ran = cli("preview", template({"text": "{v}"}), "--format", "json", *words, stdin='{"v": "stdin"}')
    found = [(each["turn"], each["footer"]) for each in json.loads(ran.out)["previews"]]
    assert found == [("turn.json", "file"), ("./typical", "no sample"), ("plain", "no suffix"), ("<stdin>", "stdin")]


def test_findings_stand_above_and_hints_are_counted(cli: CommandLine) -> None:
    source = '{"output": {"default": [{"text": "{cost.turn_usd|fixd:2}"}, {"text": 5}]}}'
    ran = cli("preview", source, "--turn", "typical")
    assert (ran.code, ran.err) == (0, "")
    for code in ("warning[suspect-fallback]", "error[wrong-type]"):
        assert ran.out.index(code) < ran.out.index("default · no known limit")
    assert re.search(r"^\d+ hints?; usagebar check shows more$", ran.out, re.MULTILINE)
    assert "hint[" not in ran.out
    found = json.loads(cli("preview", source, "--format", "json").out)["findings"]
    assert {"suspect-fallback", "wrong-type"} <= {each["code"] for each in found}
    assert any(each["severity"] == "hint" for each in found)


@pytest.mark.parametrize(("hints", "said"), [(1, "1 hint; "), (2, "2 hints; ")])
def test_the_count_of_hints(hints: int, said: str) -> None:
    sheet = Sheet(Painter(colours=False), None)
    finding = Diagnostic("missing-schema", "hint", "no schema")
    assert draw_findings(sheet, [finding] * hints, "t", None) == []
    assert sheet.lines == [f"{said}usagebar check shows more", ""]


@pytest.mark.parametrize("room", [30, 40])
@pytest.mark.parametrize("line", [1, 1000])
@pytest.mark.parametrize("column", [1, 40, 61, 100, 101])
def test_an_excerpt_fits_the_window_unwrapped(room: int, line: int, column: int) -> None:
    sheet = Sheet(Painter(colours=False), room)
    finding = Diagnostic("wrong-type", "error", "no", line=line, column=column)
    ends = draw_findings(sheet, [finding], "t", "\n" * (line - 1) + "x" * 100)
    assert len(sheet.lines) == 6
    assert ends == [6]
    assert max(map(len, sheet.lines)) <= room
    assert len(sheet.lines[3]) >= room - 3


@pytest.mark.parametrize(("room", "line"), [(12, "  │ x"), (11, "│ x"), (6, "│ x"), (5, "│x"), (3, "│x"), (2, "x")])
def test_a_gutter_takes_a_third_at_most(room: int, line: str) -> None:
    sheet = Sheet(Painter(colours=False), room)
    sheet.add([Run("x")], "  │ ")
    assert sheet.lines == [line]


def test_values_are_shown_as_they_are_sent(cli: CommandLine) -> None:
    contract = {"name": "@everyone **b** <b>"}
    source = template({"text": "<i>{name}</i>"})
    for surface, sent, seen in (
        ("discord", r"-# <i>@\u200beveryone \*\*b\*\* \<b\></i>", "<i>@everyone **b** <b></i>"),
        ("telegram", "<i>@everyone **b** &lt;b&gt;</i>", "@everyone **b** <b>"),
        ("mine", "<i>@everyone **b** <b></i>", "<i>@everyone **b** <b></i>"),
    ):
        [found] = data(source, contract, surface).previews
        assert found.sent == sent.replace(r"\u200b", "\u200b")
        assert [line.text for line in found.appearance.lines] == [seen]
        assert found.length == (len(seen) if surface == "telegram" else len(found.sent))
        assert found.appearance.refused is None
        assert found.pieces[0].text == "<i>@everyone **b** <b></i>"  # --explain has the values


def test_what_only_escaping_put_in_is_no_run_of_its_own() -> None:
    [found] = data(template({"text": "<b>\u200b</b>{v}"}), {"v": "x"}, "webchat").previews
    assert [(run.text, run.styles) for run in found.appearance.lines[0].runs] == [("x", ())]
    assert found.sent == "<small><b>\u200b</b>x</small>"


# ---------------------------------------------------------------- text


def test_small_print_and_length() -> None:
    found = data(template(discord=[{"text": "reply\n-# small"}]), {}, "discord")
    assert drawn(found)[1:] == ["  turn · 17/2000 characters", "  ┊ reply", "  ┊ small"]
    plain = data(template(mine=[{"text": "reply\n-# small"}]), {}, "mine")
    assert drawn(plain)[1:] == ["  turn · 14 characters", "  │ reply", "  │ -# small"]


@pytest.mark.parametrize(("length", "said"), [(398, "400/400 bytes"), (399, "401/400 bytes, over the limit")])
def test_over_the_limit(length: int, said: str) -> None:
    found = data(template({"text": "{v}"}), {"v": "x" * length}, "irc")
    assert drawn(found)[1] == f"  turn · {said}"
    assert ("\x1b[1;31m" in drawn(found, colours=True)[1]) == found.previews[0].is_over == (length > 398)


def test_dropped_pieces_are_named_by_reason() -> None:
    pieces = [{"when": "a", "text": "x"}, {"text": "shown"}, {"when": "a", "text": "y"}, {"map": "b", "cases": {}}]
    lines = drawn(data(template(*pieces), {"b": 1}))
    assert lines[-1].startswith("  dropped: [0, 2] ")
    assert " · [3] " in lines[-1]
    assert "`a`" in lines[-1]


def test_an_empty_footer() -> None:
    assert drawn(data(template({"when": "a", "text": "x"}), {}))[2] == "  │ (nothing: every piece was dropped)"
    assert drawn(data(template({"text": "x"}, irc=[]), {}, "irc"))[2] == "  │ (nothing: there are no pieces)"


def test_a_line_that_goes_on_is_marked() -> None:
    lines = drawn(data(template({"text": "-# 0123456789\nab"}), {}, "discord"), room=12)
    assert lines[-3:] == ["  ┊ 01234567", "  ┊›89", "  ┊ ab"]
    assert drawn(data(template({"text": "0123456789\nab"}), {}, "mine"), room=12)[-3:] == [
        "  │ 01234567",
        "  │›89",
        "  │ ab",
    ]


def test_the_width_of_the_window_is_the_terminal_s_limit() -> None:
    source = template(terminal=[{"text": "模型\nabc"}])
    for room, limit in ((None, None), (4, 4), (3, 3)):
        [found] = data(source, {}, "terminal", room=room).previews
        assert (found.length, found.limit, found.unit, found.is_over) == (4, limit, "cells", room == 3)


def test_explained() -> None:
    pieces: list[object] = [
        {"when": "a", "text": "{a.n|num|fixed:1} {b|none} {c} {d||} {n}"},
        {"map": "m", "cases": {"x": "hit"}},
        {"map": "n", "cases": {}},
        {"when": "n", "text": "x"},
        {"each": "gone", "item": "x"},
    ]
    lines = drawn(data(template(*pieces), {"a": {"n": 3000}, "m": "x", "n": None}), explain=True)
    text = "\n".join(lines)
    assert "$.output.default[0] text shows " in text
    assert "when a = an object of 1: goes on" in text
    assert '{a.n|num|fixed:1}: a.n = 3000 → num "3.0k" → fixed:1 ""' in text
    assert '{b|none}: b = absent → fallback "none"' in text
    assert "{c}: c = absent → no fallback" in text
    assert "{d||}: d = absent → empty fallback" in text
    assert "{n}: n = null → no fallback" in text
    assert "map n = null" in text
    assert "when n = null: stops" in text
    assert "each gone = absent" in text
    assert 'map m = "x" → case "x"' in text
    assert "dropped: [" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        (22.0, "22"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
        ("a\nb", r'"a\nb"'),
        ("x" * 61, '"' + "x" * 59 + '…"'),
        ([1, 2], "an array of 2"),
        ({}, "an object of 0"),
        pytest.param(10**5000, "a number", id="huge"),
        (10**100, "1e+100"),
    ],
)
def test_a_value_explained(value: object, text: str) -> None:
    assert value_text(value) == text


HOSTILE = "\x1b[2J\x1b]0;title\x07\r\n\x00\x9b31m\u202e\u2066x\ud800\ufffe\u200b\ufeff\x7f\t"


@pytest.mark.parametrize("surface", ["discord", "telegram", "slack", "irc", "terminal", "webchat", "default"])
@pytest.mark.parametrize("explain", [False, True])
def test_nothing_hostile_reaches_the_terminal(surface: str, explain: bool) -> None:
    each = {"each": "list", "item": "{v}"}
    found = data(template({"text": "{v}"}, each), {"v": HOSTILE, "list": [{"v": HOSTILE}]}, surface)
    for room in (None, 1, 7, 40):
        text = "".join(drawn(found, room=room, explain=explain))
        assert not set(text) & {*map(chr, range(32)), "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\u200b", "\ufeff"}


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60), st.integers(1, 50), st.booleans())
def test_any_footer_fits_any_window(text: str, room: int, explain: bool) -> None:
    found = data(template({"text": "{v}"}, {"when": "v", "text": "-# {v}"}), {"v": text}, "discord", "terminal")
    for line in drawn(found, room=room, explain=explain):
        assert width(line) <= room or len(list(clusters(line))) == 1


@pytest.mark.parametrize("start", ["\u093f", "\u0301", "🏽", "\u200d", "\ufe0f"])
@pytest.mark.parametrize("room", [None, 12, 13, 40])
def test_a_mark_does_not_join_the_gutter(start: str, room: int | None) -> None:
    found = data(template({"text": "{v}"}), {"v": start + "0123456789" * 3}, "\u0301comb")
    lines = drawn(found, room=room)
    assert lines[0].startswith("◌\u0301comb")
    assert [line[:5] for line in lines if line.startswith("  │ ")] == ["  │ ◌"]
    assert f"◌{start}0" in "".join(lines)
    for line in lines:
        assert room is None or max(width(line), wcswidth(line)) <= room


@pytest.mark.parametrize("room", [1, 2, 3, 8])
def test_no_line_of_blanks_alone_explains(room: int) -> None:
    found = data(template({"each": "list", "item": "{v|num}"}), {"list": [{"v": 1}, {}]})
    assert all(line.strip() for line in drawn(found, room=room, explain=True))


def test_styles_are_drawn_by_what_the_terminal_has() -> None:
    sheet = Sheet(Painter(colours=True), None)
    sheet.add([Run("a", ("bold", "code")), Run("b", ("spoiler",)), Run("c", ("nothing known",)), Run("d", ())], "│ ")
    assert sheet.lines == ["\x1b[2m│ \x1b[0m\x1b[1;36ma\x1b[0m\x1b[2;4mb\x1b[0mcd"]


# ---------------------------------------------------------------- JSON


TRACE = ["guards", "reads", "value", "is_present", "case", "parts", "items"]


def test_json_keys(cli: CommandLine) -> None:
    ran = cli("preview", FOUR, "--format", "json", "--turn", "typical")
    document = json.loads(ran.out)
    assert list(document) == ["template", "findings", "previews"]
    assert document["template"] == FOUR
    first = document["previews"][0]
    assert list(first) == [
        "surface", "turn", "footer", "sent", "lines", "refused", "length", "limit", "unit", "over", "pieces",
    ]  # fmt: skip
    assert list(first["lines"][0]) == ["small", "runs"]
    assert list(first["lines"][0]["runs"][0]) == ["text", "styles"]
    assert first["pieces"][1] == {
        "path": "$.output.surfaces.discord[1]", "form": "text", "text": "", "dropped": first["pieces"][1]["dropped"],
    }  # fmt: skip
    explained = previews(cli, FOUR, "--explain")[0]["pieces"][0]
    assert list(explained) == [*first["pieces"][0], *TRACE]


def test_any_value_in_json(cli: CommandLine) -> None:
    turn = r'{"v": "a\ud800\u0000\u001b", "list": [{"n": 1e308, "deep": [[null, true]]}, 5], "": {"": 2}}'
    Path("turn.json").write_text(turn, "utf-8")
    source = template({"text": "{v}"}, {"each": "list", "item": "{n}"}, {"text": "{.}"})
    ran = cli("preview", source, "--turn", "turn.json", "--format", "json", "--explain")
    [found] = json.loads(ran.out)["previews"]
    assert found["footer"].startswith("a\ufffd1")
    assert found["pieces"][0]["text"] == "a\ud800\0\x1b"
    assert found["pieces"][1]["value"] == json.loads(turn)["list"]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_what_json_cannot_hold_is_written_as_text(number: float) -> None:
    found = data(template({"text": "{v}"}, {"map": "v", "cases": {"_default": "d"}}), {"v": number})
    pieces = json.loads(as_json(found, explain=True), parse_constant=pytest.fail)["previews"][0]["pieces"]
    assert pieces[1]["value"] == pieces[0]["parts"][0]["value"] == str(number)


@pytest.mark.parametrize("form", ["json", "svg"])
def test_a_record_does_not_depend_on_the_window(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    words = ["preview", FOUR, "--format", form, "--surface", "terminal", "--turn", "typical"]
    wide = cli(*words)
    monkeypatch.setenv("COLUMNS", "5")
    assert cli(*words) == wide
    if form == "json":
        [found] = json.loads(wide.out)["previews"]
        assert (found["limit"], found["over"]) == (None, False)
    assert "/5 cells" in cli(*words[:2], *words[4:]).out.replace("\n", " ").replace("    ", "")


# ---------------------------------------------------------------- SVG


def svg(found: Shown) -> ET.Element:
    text = as_svg(found)
    assert as_svg(found) == text
    return ET.fromstring(text.encode("utf-8"))


def test_svg_is_made_for_readers_and_pages() -> None:
    root = svg(data(FOUR, dict(SAMPLES["typical"].contract)))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "claude-opus-4-8" in (desc.text or "")
    assert {each.tag for each in root.iter()} == {
        f"{SVG}{name}" for name in ("svg", "title", "desc", "rect", "g", "text")
    }
    assert not any("href" in name or "url(" in value for each in root.iter() for name, value in each.items())


def test_svg_places_each_wide_glyph() -> None:
    root = svg(data(template({"text": "ab 🦞c 模 d"}), {}, "slack"))
    line = [
        each for each in root.iter(f"{SVG}text") if each.get("font-size") == "14" and each.get("font-weight") is None
    ]
    assert [(each.text, each.get("x")) for each in line] == [
        ("ab", "20"),
        ("🦞", "45.2"),
        ("c", "62"),
        ("模", "78.8"),
        ("d", "104"),
    ]
    assert [each.get("textLength") for each in line] == ["16.8", None, None, None, None]


@pytest.mark.parametrize(("cells", "rows"), [(100, 1), (101, 2), (200, 2)])
def test_svg_wraps_at_a_hundred_cells(cells: int, rows: int) -> None:
    root = svg(data(template({"text": "{v}"}), {"v": "x" * cells}, "slack"))
    assert len([each for each in root.iter(f"{SVG}text") if set(each.text or "") == {"x"}]) == rows


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=80), st.sampled_from(["discord", "telegram", "irc", "terminal", "other"]))
def test_svg_of_anything_is_well_formed_and_holds_its_texts(text: str, surface: str) -> None:
    root = svg(data(template({"text": "{v}"}), {"v": HOSTILE + text}, surface))
    right = float(root.get("width") or 0)
    assert all(float(each.get("x") or 0) < right for each in root.iter(f"{SVG}text"))


# ---------------------------------------------------------------- what cannot be shown

NAMES = ", ".join(SAMPLES)
WRONG = [
    (
        ["--turn", "typcal"],
        "expected a file or a sample turn behind --turn, found 'typcal'; did you mean typical?\n"
        f"help: the sample turns are {NAMES}\n",
    ),
    (
        ["--turn", "a\0b"],
        f"expected a file or a sample turn behind --turn, found 'a\\x00b'\nhelp: the sample turns are {NAMES}\n",
    ),
    (
        ["--turn", "a\x1b["],
        f"expected a file or a sample turn behind --turn, found 'a\\x1b['\nhelp: the sample turns are {NAMES}\n",
    ),
    (["--format", "jsn"], "expected text, json or svg behind --format, found 'jsn'; did you mean json?\n" + "HELP"),
    (["--watch", "{}"], "expected the path of a template to watch, found a template's text\n" + "HELP"),
    (["--watch", "-"], "expected the path of a template to watch, found standard input\n" + "HELP"),
    (["--watch"], "expected the path of a template to watch, found none given and none configured\n" + "HELP"),
    (["--watch", "x", "--format", "svg"], "expected --watch with --format text, found svg\n" + "HELP"),
    (["-", "--turn", "-"], "expected - once, found it for the template and for a turn\n" + "HELP"),
    (["a", "b"], "expected at most 1 of [TEMPLATE|-], found 'b' too\n" + "HELP"),
    (["--turn", "gone.json"], "there is no file 'gone.json'\n"),
    (["--turn", "folder/"], "folder/: expected a regular file, found a folder\n"),
    (["--turn", "list.json"], "list.json:1:1: expected a contract (an object), found an array\n"),
    (["--turn", "bad.json"], "bad.json:2:1: expected ':' after the key, found `}`\n"),
    (["--turn", "binary.json"], "binary.json:1:2: expected UTF-8, found byte 0xff\n"),
    (["--turn", "two.jsonl"], "two.jsonl:2:1: expected the end of the text, found `{`\n"),
    (["--turn", "large.json"], "large.json: expected at most 1048576 bytes, found more\n"),
    (["--turn", "-"], "<stdin>:1:1: expected a value, found the end of the text\n"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_is_wrong_is_said(cli: CommandLine, words: list[str], said: str) -> None:
    Path("folder").mkdir()
    Path("list.json").write_text("[]", "utf-8")
    Path("bad.json").write_text('{"v"\n}', "utf-8")
    Path("binary.json").write_bytes(b"{\xff\0")
    Path("two.jsonl").write_text("{}\n{}\n", "utf-8")
    with open("large.json", "wb") as file:
        file.truncate(50_000_000)
    said = said.replace("HELP", "help: usagebar preview --help\n")
    assert cli("preview", *words) == (2, "", f"usagebar preview: {said}")


@pytest.mark.skipif(os.name == "nt", reason="file names without controls")
def test_a_hostile_name_cannot_move_the_terminal(cli: CommandLine) -> None:
    Path("\x1b[2J.json").write_text("{\x1b}", "utf-8")
    ran = cli("preview", "--turn", "\x1b[2J.json", "--turn", "./\x1b[H\u202e")
    assert ran.code == 2
    assert "␛[2J.json:1:2: " in ran.err
    assert not {"\x1b", "\u202e"} & set(ran.err)


def test_one_turn_that_cannot_be_used_leaves_the_others(cli: CommandLine) -> None:
    ran = cli("preview", template({"text": "x"}), "--turn", "gone.json", "--turn", "typical")
    assert (ran.code, ran.err) == (2, "usagebar preview: there is no file 'gone.json'\n")
    assert "typical · 1 characters" in ran.out


UNUSABLE = {
    "missing": (None, "error[unreadable]: there is no file 'footer'"),
    "binary": (b"\x7fELF\x00\xff\xfe", "error[unreadable]: expected UTF-8, found byte 0xff at offset 5"),
    "zeros": (b"\0" * 64, "error[invalid-json]: "),
    "large": (50_000_000, "error[unreadable]: expected at most 1048576 bytes, found more"),
    "blank": (b" ", "error[unsupported-shape]: expected a template, found blank text"),
    "broken": (b'{"output": {"default" []}}', "error[invalid-json]: expected ':' after the key, found `[`"),
    "no pieces": (b'{"output": {}}', "error[unsupported-shape]: expected a piece (an object)"),
}


@pytest.mark.parametrize(("content", "said"), UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("words", [[], ["--format", "json"], ["--format", "svg"]])
def test_a_template_that_cannot_be_used(
    cli: CommandLine, content: bytes | int | None, said: str, words: list[str]
) -> None:
    if isinstance(content, int):
        with open("footer", "wb") as file:
            file.truncate(content)
    elif content is not None:
        Path("footer").write_bytes(content)
    ran = cli("preview", "footer", *words)
    assert (ran.code, ran.out) == (2, "")
    first, second, *_ = ran.err.split("\n")
    assert first == "usagebar: the template cannot be used"
    assert second.startswith(said)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_does_not_block(cli: CommandLine) -> None:
    os.mkfifo("pipe.json")
    assert cli("preview", "pipe.json").code == 2
    assert cli("preview", "--turn", "pipe.json").err.endswith("expected a regular file, found a named pipe\n")


def test_a_read_only_folder(cli: CommandLine) -> None:
    Path("footer.jsonc").write_text(template({"text": "x"}), "utf-8")
    before = os.listdir()
    Path().chmod(0o555)
    try:
        assert cli("preview", "footer.jsonc").code == 0
    finally:
        Path().chmod(0o755)
    assert os.listdir() == before


def test_as_a_program() -> None:
    ran = program("preview", FOUR, "--turn", "typical", "--surface", "discord")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert "┊" in ran.out
