"""Surfaces of a user's own: where their file is, what may stand in it, and what is said of what may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from usagebar.surfaces.profiles import PROFILES, Profile

TEMPLATE = json.dumps({"schema": "openclaw.usageBar.v1", "output": {"default": [{"text": "{v}<i>{surface}</i>"}]}})
MINE = '{"my-app": {"like": "telegram", "limit": 20}, /* and */ "pager": {"limit": 16, "unit": "bytes"},}'
TURN = '{"v": "<&>"}'


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USAGEBAR_SURFACES", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def configured(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    """Write a file of surfaces and name it by the variable."""
    Path("mine.jsonc").write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv("USAGEBAR_SURFACES", "mine.jsonc")


def previewed(cli: CommandLine, *surfaces: str) -> list[dict[str, Any]]:
    words = [word for surface in surfaces for word in ("--surface", surface)]
    ran = cli("preview", TEMPLATE, "--format", "json", "--turn", "-", *words, stdin=TURN)
    assert (ran.code, ran.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(ran.out)["previews"]
    return found


# ---------------------------------------------------------------- what they are for


def test_preview(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, MINE)
    mine, pager = previewed(cli, "my-app", "pager")
    assert mine["sent"] == "<i>&lt;&amp;&gt;<i>my-app</i></i>"
    assert (mine["length"], mine["limit"], mine["unit"], mine["over"]) == (9, 20, "utf-16 units", False)
    assert pager["sent"] == "<&><i>pager</i>"
    assert (pager["length"], pager["limit"], pager["unit"], pager["over"]) == (15, 16, "bytes", False)
    assert set(PROFILES) & {"my-app", "pager"} == set(), "they are there for the command alone"


def test_check(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    source = json.dumps({"output": {"surfaces": {"my-app": [{"text": "a < b"}], "pager": [{"text": "x" * 17}]}}})
    assert "warning" not in cli("check", source).out
    configured(monkeypatch, MINE)
    out = cli("check", source).out
    assert "found a bare `<`: my-app refuses the message" in out
    assert "expected at most 16 bytes on pager, found 17" in out


def test_render_escapes_for_them(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, MINE)
    words = ("render", "--template", TEMPLATE, "--surface", "my-app")
    assert cli(*words, "--escape", stdin=TURN) == (0, "&lt;&amp;&gt;<i>my-app</i>\n", "")
    assert cli(*words, stdin=TURN) == (0, "<&><i>my-app</i>\n", "")


def test_one_of_the_table_s_own_is_replaced_and_comes_back(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = PROFILES["irc"]
    configured(monkeypatch, '{"irc": {"limit": 80}}')
    [found] = previewed(cli, "irc")
    assert (found["limit"], found["unit"]) == (80, "bytes")
    assert PROFILES["irc"] == before


# ---------------------------------------------------------------- where the file is


def test_in_the_home(cli: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, limit in ((home / ".config", 100), (home / "xdg", 200)):
        (folder / "usagebar").mkdir(parents=True)
        (folder / "usagebar" / "surfaces.json").write_text(json.dumps({"mine": {"limit": limit}}), "utf-8")
    assert previewed(cli, "mine")[0]["limit"] == 100
    monkeypatch.setenv("XDG_CONFIG_HOME", "xdg")  # a relative one is ignored
    assert previewed(cli, "mine")[0]["limit"] == 100
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    assert previewed(cli, "mine")[0]["limit"] == 200
    (home / "own.json").write_text('{"mine": {"limit": 300}}', "utf-8")
    monkeypatch.setenv("USAGEBAR_SURFACES", "~/own.json")
    assert previewed(cli, "mine")[0]["limit"] == 300
    monkeypatch.setenv("USAGEBAR_SURFACES", " ")
    assert previewed(cli, "mine")[0]["limit"] == 200


def test_a_plain_render_does_not_read_it(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, "{")
    assert cli("render", "--template", TEMPLATE, stdin=TURN).code == 0


COMMANDS = {
    "check": ["check", TEMPLATE],
    "preview": ["preview", TEMPLATE],
    "watch": ["preview", "footer.jsonc", "--watch"],
    "render": ["render", "--template", TEMPLATE, "--escape", "-"],
}
UNUSABLE = {
    "missing": (None, "unreadable", "there is no file 'mine.jsonc'"),
    "no JSON": (b"{", "invalid-json", "expected a key in double quotes, found the end of the text"),
    "blank": (b"", "invalid-json", "expected a value, found the end of the text"),
    "no UTF-8": (b"\xff", "unreadable", "expected UTF-8, found byte 0xff at offset 0"),
    "an array": (b"[]", "wrong-type", "expected an object of surfaces, found an array"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_file_that_cannot_be_used(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, words: list[str], unusable: tuple[bytes | None, str, str]
) -> None:
    data, code, message = unusable
    configured(monkeypatch, data or b"")
    if data is None:
        Path("mine.jsonc").unlink()
    ran = cli(*words, stdin=TURN)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar: the surfaces named by USAGEBAR_SURFACES cannot be used\n")
    assert f"error[{code}]: {message}" in ran.err


def test_the_file_in_the_home_is_named(cli: CommandLine, home: Path) -> None:
    (home / ".config" / "usagebar" / "surfaces.json").mkdir(parents=True)
    ran = cli("check", TEMPLATE)
    assert ran.code == 2
    assert ran.err.startswith("usagebar: the file of surfaces cannot be used\n")
    assert "expected a regular file, found a folder" in ran.err


# ---------------------------------------------------------------- what may stand in it

MEMBERS: dict[str, Any] = {
    "limit": 500,
    "unit": "cells",
    "each_line": True,
    "modes": ("html", "plain"),
    "shape": "webchat",
    "caption_limit": 20,
    "small_print": "`<small>`",
    "note": "…",
}


def test_every_member(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Profile] = {}
    monkeypatch.setattr("usagebar.cli.surfaces_file.register", lambda profile: seen.setdefault(profile.name, profile))
    like = {"like": "mine", "//": "a remark", "limit": None}
    configured(monkeypatch, json.dumps({"$schema": "x", "_comment": 5, "mine": MEMBERS, "own": {}, "like": like}))
    assert cli("check", TEMPLATE).code == 0
    assert seen["mine"] == Profile("mine", **MEMBERS)
    assert seen["own"] == Profile("own")
    assert seen["like"] == Profile("like", **(MEMBERS | {"limit": None}))


MODES = "discord, telegram-html, telegram-markdownv2, slack, whatsapp, matrix-html, irc, terminal, html, plain"
UNITS = "characters, utf-16 units, bytes, cells"
SHAPES = "discord, telegram, slack, whatsapp, matrix, irc, webchat, text"
LIMIT = "a whole number of at least 16, or null for none"
WRONG = [
    ("⟦5⟧", "expected a surface (an object), found 5", None),
    ('{"like": ⟦5⟧}', "expected the name of a known surface, found 5", None),
    ('{"like": ⟦"discrod"⟧}', "expected the name of a known surface, found a string ('discrod')", "discord"),
    ('{"like": ⟦"mine"⟧}', "expected the name of a known surface, found a string ('mine')", None),
    ('{"limit": ⟦15⟧}', f"expected {LIMIT}, found 15", None),
    ('{"limit": ⟦true⟧}', f"expected {LIMIT}, found a boolean", None),
    ('{"limit": ⟦20.5⟧}', f"expected {LIMIT}, found 20.5", None),
    ('{"caption_limit": ⟦"20"⟧}', f"expected {LIMIT}, found a string ('20')", None),
    ('{"unit": ⟦"inches"⟧}', f"expected one of {UNITS}, found a string ('inches')", None),
    ('{"unit": ⟦[]⟧}', f"expected one of {UNITS}, found an array", None),
    ('{"each_line": ⟦1⟧}', "expected true or false, found 1", None),
    ('{"modes": ⟦[]⟧}', f"expected an array of {MODES}, found an array", None),
    ('{"modes": ⟦"html"⟧}', f"expected an array of {MODES}, found a string ('html')", None),
    ('{"modes": ["html", ⟦"htm"⟧]}', f"expected one of {MODES}, found a string ('htm')", "html"),
    ('{"modes": [⟦{}⟧]}', f"expected one of {MODES}, found an object", None),
    ('{"shape": ⟦"x"⟧}', f"expected one of {SHAPES}, found a string ('x')", None),
    ('{"note": ⟦null⟧}', "expected a string, found null", None),
    ('{"small_print": ⟦{}⟧}', "expected a string, found an object", None),
    ('{"⟦limt⟧": 5}', f"expected a member of like, {', '.join(MEMBERS)}, found `limt`", "limit"),
]


@pytest.mark.parametrize(("marked", "message", "meant"), WRONG)
def test_a_wrong_member(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, marked: str, message: str, meant: str | None
) -> None:
    text = '{"mine": ' + marked + "}"
    mark = re.search("⟦.*⟧", text)
    assert mark is not None
    configured(monkeypatch, re.sub("[⟦⟧]", "", text))
    ran = cli("check", TEMPLATE)
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.split("\n")
    assert lines[1] == f"error[wrong-type]: {message}"
    assert f"--> mine.jsonc:1:{mark.start() + 1} " in lines[2]
    assert lines[5].count("^") == len(mark[0]) - 2
    assert (f"help: did you mean `{meant}`?" in ran.err) is (meant is not None)


def test_every_mistake_is_told(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, '{"": {}, "a": {"limit": 1, "unit": 2}, "b": [], "mine": {"like": "a"}}')
    ran = cli("preview", TEMPLATE)
    assert ran.code == 2
    assert ran.err.count("error[wrong-type]") == 4
    assert "expected the name of a surface, found an empty one" in ran.err
    assert set(PROFILES) & {"a", "b", "mine"} == set()
