"""The formats of `usagebar check`: text, JSON, GitHub's workflow commands, SARIF."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from command_line import CommandLine
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import usagebar
from usagebar import checks
from usagebar.checks.meanings import MEANINGS
from usagebar.cli.reports.as_sarif import uri
from usagebar.diagnostics import SEVERITIES, Diagnostic, draw

TEXT = """{
  "output": {
    "default": [
      { "text": "caf\\u00e9 {cost.turn_usd|fixed:x}", "when": "cost.turn_usd" },
      { "text": "🌍 {cost.turn_usd|fixd:4}" },
      {
      },
    ],
  },
}
"""
SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _template() -> None:
    Path("footer.jsonc").write_text(TEXT, "utf-8")


def given(monkeypatch: pytest.MonkeyPatch, *findings: Diagnostic) -> None:
    """Make the checks find just this in any template."""
    monkeypatch.setattr(checks, "check_outcome", lambda *_: list(findings))


def findings() -> list[Diagnostic]:
    found = checks.check(Path("footer.jsonc"))
    assert {each.severity for each in found} == {"error", "warning", "hint"}
    assert any(each.end_line != each.line for each in found)
    return found


HOSTILE = Diagnostic(
    "unknown-key",
    "warning",
    "found `a\r\n::error::b%0A\x1b[2J\ud800`",
    '$["a\\n::error::b,c=d"]',
    suggestion="50 %\n##[add-path]x",
)

# ---------------------------------------------------------------- text


def drawn() -> str:
    return "".join(draw(each, name="footer.jsonc", text=TEXT) + "\n\n" for each in findings())


def test_text_is_what_is_drawn(cli: CommandLine) -> None:
    ran = cli("check", "footer.jsonc")
    counts = [sum(each.severity == level for each in findings()) for level in ("error", "warning", "hint")]
    assert counts[0] == 2
    assert ran.out == f"{drawn()}2 errors, 1 warning, {counts[2]} hints in footer.jsonc\n"


def test_colours(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = cli("check", "footer.jsonc").out
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = cli("check", "footer.jsonc").out
    assert SGR.sub("", coloured) == plain
    assert "\x1b[1;31merror\x1b[0m[bad-argument]: " in coloured
    assert "\x1b[1;33mwarning\x1b[0m[suspect-fallback]: " in coloured
    assert "\x1b[1;36mhint\x1b[0m[missing-schema]: " in coloured
    carets = [line for line in coloured.splitlines() if SGR.sub("", line).strip(" |^") == "" and "^" in line]
    assert len(carets) == len(findings())
    assert all(re.fullmatch("   \\| *\x1b\\[1;3[136]m\\^+\x1b\\[0m", line) for line in carets)


def test_a_line_that_holds_carets(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    Path("carets.json").write_text('{"^": "^^^", "output": {"default": [{}]}}', "utf-8")
    assert '\n 1 | {"^": "^^^", "output"' in cli("check", "carets.json").out


@pytest.mark.parametrize(
    ("severities", "summary"),
    [
        ([], "footer.jsonc: nothing found"),
        (["hint"], "1 hint in footer.jsonc"),
        (["hint", "error", "hint"], "1 error, 2 hints in footer.jsonc"),
        (["warning", "warning", "error", "error", "hint"], "2 errors, 2 warnings, 1 hint in footer.jsonc"),
    ],
)
def test_summary(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, severities: list[str], summary: str) -> None:
    given(monkeypatch, *[Diagnostic("some-code", severity, "m") for severity in severities])
    assert cli("check", "footer.jsonc").out.splitlines()[-1] == summary


def test_summary_of_several(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    assert cli("check", "footer.jsonc", "-", "{}").out == "3 templates: nothing found\n"


def test_hostile_text(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOSTILE)
    name = "new\nline\x1b.jsonc"
    ran = cli("check", name)
    assert ran.out.count("\n") == 5
    assert "\x1b" not in ran.out
    assert ran.out.endswith("1 warning in new␊line␛.jsonc\n")


# ---------------------------------------------------------------- JSON


def test_json(cli: CommandLine) -> None:
    found = json.loads(cli("check", "--format", "json", "footer.jsonc", "{}").out)
    assert list(found) == ["findings", "templates", "counts"]
    assert found["templates"][0] == "footer.jsonc"
    mine = [each for each in found["findings"] if each["file"] == "footer.jsonc"]
    assert mine == [{"file": "footer.jsonc", **each.as_dict()} for each in findings()]
    assert list(mine[0]) == ["file", *Diagnostic._fields]
    assert list(found["counts"]) == ["error", "warning", "hint"]
    assert sum(found["counts"].values()) == len(found["findings"])


def test_json_of_nothing_found(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    ran = cli("check", "--format", "json", "footer.jsonc")
    assert json.loads(ran.out) == {
        "findings": [],
        "templates": ["footer.jsonc"],
        "counts": {"error": 0, "warning": 0, "hint": 0},
    }


def test_json_is_utf_8_whatever_it_holds(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOSTILE, Diagnostic("unknown-key", "warning", "🌘 é"))
    ran = cli("check", "--format", "json", "footer.jsonc")
    first, second = json.loads(ran.out)["findings"]
    assert first == {"file": "footer.jsonc", **HOSTILE.as_dict()}
    assert second["message"] == "🌘 é"
    assert "🌘 é" in ran.out
    assert r"\ud800" in ran.out


# ---------------------------------------------------------------- GitHub


def commands(out: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as GitHub's runner does: kind, properties, message."""
    found = []
    for line in out.splitlines():
        command, message = line.removeprefix("::").split("::", 1)
        kind, _, properties = command.partition(" ")
        pairs = (each.split("=", 1) for each in properties.split(",") if each)
        assert line.startswith("::")
        found.append((kind, {name: unescaped(value) for name, value in pairs}, unescaped(message)))
    return found


def unescaped(text: str) -> str:
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


def test_github(cli: CommandLine) -> None:
    ran = cli("check", "--format", "github", "footer.jsonc")
    found = commands(ran.out)
    assert len(found) == len(findings())
    for (kind, properties, message), finding in zip(found, findings(), strict=True):
        assert kind == {"error": "error", "warning": "warning", "hint": "notice"}[finding.severity]
        assert properties["file"] == "footer.jsonc"
        assert properties["title"] == f"usagebar {finding.code}"
        assert message.splitlines()[0] == finding.message
        assert ("\nhelp: " in message) == (finding.suggestion is not None)
        assert properties["line"] == str(finding.line)


def test_github_columns_are_inclusive_and_within_a_line(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    place: dict[str, Any] = {"line": 5, "column": 15, "end_line": 5}
    given(
        monkeypatch,
        Diagnostic("wrong-type", "error", "m", **place, end_column=16),
        Diagnostic("wrong-type", "error", "m", **place, end_column=19),
        Diagnostic("wrong-type", "error", "m", **place, end_column=15),
        Diagnostic("wrong-type", "error", "m", line=5, column=15, end_line=7, end_column=2),
        Diagnostic("unreadable", "error", "m", suggestion="h"),
    )
    title = "title=usagebar wrong-type::m"
    assert cli("check", "--format", "github", "./footer.jsonc").out.splitlines() == [
        f"::error file=footer.jsonc,line=5,col=15,endLine=5,endColumn=15,{title}",
        f"::error file=footer.jsonc,line=5,col=15,endLine=5,endColumn=18,{title}",
        f"::error file=footer.jsonc,line=5,col=15,endLine=5,endColumn=15,{title}",
        f"::error file=footer.jsonc,line=5,endLine=7,{title}",
        "::error file=footer.jsonc,title=usagebar unreadable::m%0Ahelp: h",
    ]


def test_nothing_breaks_out_of_a_command(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOSTILE)
    name = "a,line=1::b\n::error::c\r%0A:.jsonc"
    ran = cli("check", "--format", "github", name)
    assert ran.out.count("\n") == 1
    [(kind, properties, message)] = commands(ran.out)
    assert kind == "warning"
    assert properties == {"file": name, "title": "usagebar unknown-key"}
    assert message == "found `a␍␊::error::b%0A␛[2J<U+D800>`\nhelp: 50 %␊##[add-path]x"
    assert "\x1b" not in ran.out


def test_github_of_nothing_found(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    assert cli("check", "--format", "github", "footer.jsonc") == (0, "", "")


# ---------------------------------------------------------------- SARIF


def shape(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


# The parts of the standard's schema that are in use here, as strict as its text.
STRING = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = shape({"text": STRING})
REGION = shape({"startLine": COUNT, "startColumn": COUNT, "endLine": COUNT, "endColumn": COUNT})
ARTIFACT = shape({"uri": {"type": "string", "pattern": r"^(?:[A-Za-z0-9._~!$&'()*+,;=@:/?#-]|%[0-9A-F]{2})+$"}})
LOCATION = shape(
    {"physicalLocation": shape({"artifactLocation": ARTIFACT}, region=REGION)},
    logicalLocations=array(shape({"fullyQualifiedName": STRING}), uniqueItems=True),
)
RULE = shape({"id": STRING}, shortDescription=MESSAGE, defaultConfiguration=shape({"level": LEVEL}))
RESULT = shape(
    {"message": MESSAGE},
    ruleId=STRING,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    locations=array(LOCATION),
)
RUN = shape(
    {"tool": shape({"driver": shape({"name": STRING}, version=STRING, rules=array(RULE, uniqueItems=True))})},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    newlineSequences=array(STRING, minItems=1, uniqueItems=True),
    results=array(RESULT),
)
SARIF = Draft202012Validator(
    shape({"version": {"const": "2.1.0"}, "runs": array(RUN, minItems=1)}, **{"$schema": {"type": "string"}})
)


def run_of(out: str) -> dict[str, Any]:
    log = json.loads(out)
    SARIF.validate(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
    return dict(run)


def test_sarif(cli: CommandLine) -> None:
    ran = cli("check", "--format", "sarif", "footer.jsonc")
    assert (ran.code, ran.err) == (1, "")
    run = run_of(ran.out)
    assert run["columnKind"] == "unicodeCodePoints"
    for result, finding in zip(run["results"], findings(), strict=True):
        [location] = result["locations"]
        region = location["physicalLocation"]["region"]
        assert result["ruleId"] == finding.code
        assert result["level"] == finding.severity.replace("hint", "note")
        assert result["message"]["text"].startswith(finding.message)
        assert (finding.suggestion or "") in result["message"]["text"]
        assert tuple(region.values()) == (finding.line, finding.column, finding.end_line, finding.end_column)
        assert location["logicalLocations"] == [{"fullyQualifiedName": finding.path}]
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "footer.jsonc"}


def test_sarif_names_the_tool_and_every_rule(cli: CommandLine) -> None:
    driver = run_of(cli("check", "--format", "sarif", "footer.jsonc").out)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("usagebar", usagebar.__version__)
    assert [rule["id"] for rule in driver["rules"]] == list(SEVERITIES)
    assert [rule["shortDescription"]["text"] for rule in driver["rules"]] == [MEANINGS[code] for code in SEVERITIES]


def test_sarif_of_what_has_no_line(cli: CommandLine) -> None:
    run = run_of(cli("check", "--format", "sarif", "none.jsonc", "-", "", "{}").out)
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0] == {"artifactLocation": {"uri": "none.jsonc"}}
    assert "%3Cstdin%3E" in {place["artifactLocation"]["uri"] for place in places}


def test_sarif_of_nothing_found(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    ran = cli("check", "--format", "sarif", "footer.jsonc")
    assert ran.code == 0
    assert run_of(ran.out)["results"] == []


def test_sarif_of_hostile_values(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOSTILE)
    run = run_of(cli("check", "--format", "sarif", "a b\n%é#:.jsonc").out)
    [location] = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%0A%25%C3%A9%23%3A.jsonc"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == HOSTILE.path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("footer.jsonc", "footer.jsonc"),
        ("./footer.jsonc", "footer.jsonc"),
        (".//a/./footer.jsonc", "a/./footer.jsonc"),
        ("../footer.jsonc", "../footer.jsonc"),
        ("C:x.jsonc", "C%3Ax.jsonc"),
        ("a+b@c~d_e-f.jsonc", "a%2Bb%40c~d_e-f.jsonc"),
        ("ü/\udcff.jsonc", "%C3%BC/%FF.jsonc"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="other paths")
def test_uri(name: str, expected: str) -> None:
    assert uri(name) == expected


def test_uri_of_an_absolute_path(tmp_path: Path) -> None:
    path = tmp_path / "my footer.jsonc"
    found = urlsplit(uri(str(path)))
    assert (found.scheme, found.netloc) == ("file", "")
    assert unquote(found.path).endswith(path.as_posix())
