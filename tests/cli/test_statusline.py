"""`usagebar statusline`: a line for any input, any template, any width; nothing to obey in it but the template's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command_line import MODULE, CommandLine, Ran, environment, program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from usagebar.cli import statusline as command
from usagebar.cli.main import main
from usagebar.cli.options import Options
from usagebar.contract import claude_code
from usagebar.surfaces.cells import width

CASES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[1] / "contract" / "claude_code").glob("*.json"))
}
NOW: int = CASES["subscription"]["now"]
SUBSCRIPTION = json.dumps(CASES["subscription"]["status"])
LINE: str = CASES["subscription"]["line"]
SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude_code, "time", SimpleNamespace(time=lambda: NOW))
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


def template(*texts: str, sep: str = " ") -> str:
    return json.dumps({"output": {"sep": sep, "default": [{"text": text} for text in texts]}})


def plain(ran: Ran) -> str:
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("\n")
    return SEQUENCE.sub("", ran.out[:-1])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_cases(cli: CommandLine, case: dict[str, Any]) -> None:
    assert plain(cli("statusline", stdin=json.dumps(case["status"]))) == case["line"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_no_case_leaves_debris(case: dict[str, Any]) -> None:
    assert case["line"] == case["line"].strip()
    assert not re.search(r"  |\[\]|undefined|None|null|\?|│ *$|⏱(?!\d)", case["line"])


def test_a_usual_line_is_under_80_cells() -> None:
    assert width(LINE) < 80


def test_the_colours(cli: CommandLine) -> None:
    assert cli("statusline", stdin=SUBSCRIPTION).out == (
        "Opus 4.5 \x1b[2mhigh\x1b[0m [\x1b[33m⣿⣿⣿⣧⠐\x1b[0m]200k 75% $1.23 \x1b[2m│\x1b[0m "
        "\x1b[2m5h\x1b[0m 78% left \x1b[2m⏱4h29m\x1b[0m \x1b[2m│\x1b[0m "
        "\x1b[2m7d\x1b[0m 41% left \x1b[2m⏱3.2d\x1b[0m\n"
    )


@pytest.mark.parametrize(("used", "colour"), [(0, 32), (49, 32), (50, 33), (89, 33), (90, 31), (150, 31)])
def test_the_meters_colour(cli: CommandLine, used: int, colour: int) -> None:
    ran = cli("statusline", stdin=json.dumps({"context_window": {"used_percentage": used}}))
    assert f"[\x1b[{colour}m" in ran.out


@pytest.mark.parametrize(("used", "colour"), [(0, ""), (70, ""), (71, "\x1b[33m"), (90, "\x1b[33m"), (91, "\x1b[31m")])
def test_the_colour_of_what_is_left(cli: CommandLine, used: int, colour: str) -> None:
    ran = cli("statusline", stdin=json.dumps({"rate_limits": {"five_hour": {"used_percentage": used}}}))
    end = "\x1b[0m" if colour else ""
    assert ran.out.endswith(f"\x1b[0m {colour}{100 - used}% left{end}\n")


COSTS = [(0, "$0.00"), (0.00001, "$<0.0001"), (0.0001, "$0.0001"), (0.004, "$0.0040"), (0.01, "$0.01"), (12, "$12.00")]


@pytest.mark.parametrize(("usd", "shown"), COSTS)
def test_what_little_cost_there_is(cli: CommandLine, usd: float, shown: str) -> None:
    assert plain(cli("statusline", stdin=json.dumps({"cost": {"total_cost_usd": usd}}))) == f"Claude {shown}"


def test_a_window_that_was_reset(cli: CommandLine) -> None:
    limits = {"five_hour": {"used_percentage": 99, "resets_at": NOW}, "seven_day": {"resets_at": NOW + 60}}
    assert plain(cli("statusline", stdin=json.dumps({"rate_limits": limits}))) == "Claude │ 7d ⏱1m"


@pytest.mark.parametrize(("value", "is_coloured"), [("1", False), ("0", False), ("", True)])
def test_no_color(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, value: str, is_coloured: bool) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    assert ("\x1b" in cli("statusline", stdin=SUBSCRIPTION).out) == is_coloured
    assert cli("statusline", "--template", template("\x1b[31mx"), stdin=SUBSCRIPTION).out == "\x1b[31mx\n"


# ---------------------------------------------------------------- width


# Each takes the place of the one before where that is too long.
LINES = [
    LINE,
    "Opus 4.5 high [⣿⣿⣿⣧⠐]200k 75% $1.23 │ 5h 78% left ⏱4h29m",
    "Opus 4.5 high [⣿⣿⣿⣧⠐]200k 75% $1.23",
    "Opus 4.5 high [⣿⣿⣿⣧⠐]200k 75%",
    "Opus 4.5 high [⣿⣿⣿⣧⠐]200k",
    "Opus 4.5 high [⣿⣿⣿⣧⠐]",
    "Opus 4.5 high",
    "Opus 4.5",
    "Opus 4…",
]
COLUMNS = [(str(width(line)), line) for line in LINES]
COLUMNS += [(str(width(longer) - 1), line) for longer, line in pairwise(LINES)]
COLUMNS += [(wrong, LINE) for wrong in ("", "0", "-5", "x", "7.5", " 7", "٧", "9" * 5000)]


@pytest.mark.parametrize(("columns", "line"), [*COLUMNS, ("1", "…"), ("2", "O…"), ("500", LINE)])
def test_columns(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, columns: str, line: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    ran = cli("statusline", stdin=SUBSCRIPTION)
    assert plain(ran) == line
    assert ran.out.rfind("\x1b") == ran.out.rfind("\x1b[0m")


@pytest.mark.no_cover
@pytest.mark.parametrize("columns", ["80", "1", "1000"])
def test_many_windows_take_no_time(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """What takes the square of them takes longer than a test may."""
    monkeypatch.setenv("COLUMNS", columns)
    ran = cli(
        "statusline", stdin=json.dumps({"rate_limits": {f"漢{n}": {"used_percentage": 5} for n in range(20_000)}})
    )
    assert 0 < width(plain(ran)) <= int(columns)


def test_the_windows_go_one_by_one(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    status = json.dumps(CASES["newer"]["status"])
    found = []
    for columns in range(160, 40, -1):
        monkeypatch.setenv("COLUMNS", str(columns))
        found.append(plain(cli("statusline", stdin=status)).count("left"))
    assert list(dict.fromkeys(found)) == [4, 3, 2, 1, 0]


def test_lines_of_a_template(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    ran = cli("statusline", "--template", template("{model.display_name}\n", "abc", "defghijk"), stdin=SUBSCRIPTION)
    assert plain(ran) == "Opus 4.5\n abc"


def test_the_separator_of_an_old_template(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = [{"text": "abc"}, {"text": "def"}, {"text": "ghi"}]
    old = json.dumps({"segments": [], "sep": "-", "surfaces": {"terminal": {"segments": segments, "sep": " + "}}})
    assert plain(cli("statusline", "--template", old, stdin="{}")) == "abc + def + ghi"
    monkeypatch.setenv("COLUMNS", "10")
    assert plain(cli("statusline", "--template", old, stdin="{}")) == "abc + def"


# ---------------------------------------------------------------- templates


def test_the_order(cli: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".openclaw").mkdir()
    (home / ".openclaw" / "openclaw.json").write_text(
        json.dumps({"messages": {"usageTemplate": template("config")}}), "utf-8"
    )
    assert plain(cli("statusline", stdin=SUBSCRIPTION)) == LINE
    monkeypatch.setenv("USAGEBAR_TEMPLATE", template("variable {surface}"))
    assert plain(cli("statusline", stdin=SUBSCRIPTION)) == "variable terminal"
    assert plain(cli("statusline", "--template", template("option"), stdin=SUBSCRIPTION)) == "option"


def test_a_blank_variable_names_nothing(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGEBAR_TEMPLATE", " \n")
    assert plain(cli("statusline", "--debug", stdin=SUBSCRIPTION)) == LINE


def test_the_pieces_for_a_terminal(cli: CommandLine) -> None:
    Path("footer.jsonc").write_text(
        '{"output": {"default": [{"text": "default"}], "surfaces": {"terminal": [{"text": "terminal"}]}}} // so',
        "utf-8",
    )
    for data in ("{}", "broken"):
        assert plain(cli("statusline", "--template", "footer.jsonc", stdin=data)) == "terminal"


UNUSABLE = {
    "none": ("", "expected a template, found nothing"),
    "missing": ("missing.json", "there is no file 'missing.json'"),
    "broken": ("{", "invalid-json"),
    "a folder": (".", "found a folder"),
    "foreign": ('{"schema": "x"}', "unsupported-schema"),
    "nothing in it": ("{}", "unsupported-shape"),
    "NUL": ("a\0b", "unreadable"),
}


@pytest.mark.parametrize(("source", "reason"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_template_that_cannot_be_used(cli: CommandLine, source: str, reason: str) -> None:
    assert plain(cli("statusline", "--template", source, stdin=SUBSCRIPTION)) == LINE
    ran = cli("statusline", "--debug", "--template", source, stdin=SUBSCRIPTION)
    assert ran.err.startswith("usagebar: the template named by --template cannot be used\n")
    assert reason in ran.err
    assert SEQUENCE.sub("", ran.out) == LINE + "\n"


def test_a_template_that_loses_a_part(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGEBAR_TEMPLATE", '{"output": {"default": [{"text": "x"}, 5]}}')
    assert plain(cli("statusline", stdin=SUBSCRIPTION)) == "x"
    ran = cli("statusline", "--debug", stdin=SUBSCRIPTION)
    assert (ran.code, ran.out) == (0, "x\n")
    assert ran.err.startswith("usagebar: the template named by USAGEBAR_TEMPLATE loses some of its parts\n")


NOTHING = [["{nowhere}"], [" ", "\x1b[0m"], ["\n"], [""], ["\x1b[2m \x1b[0m"], ["\u200d\ufe0f"], ["\u2800 \u3164"]]


@pytest.mark.parametrize("texts", NOTHING)
def test_a_template_that_shows_nothing(cli: CommandLine, texts: list[str]) -> None:
    assert plain(cli("statusline", "--template", template(*texts), stdin=SUBSCRIPTION)) == LINE


def test_values_bring_nothing_to_obey(cli: CommandLine) -> None:
    status = json.dumps(CASES["hostile"]["status"])
    named = template("\x1b[36m{model.display_name}\x1b[0m", "{session.id}", "{agentId}", "{model.reasoning|none}")
    ran = cli("statusline", "--template", named, stdin=status)
    assert ran == (0, "\x1b[36mOpus 4.5 !\x1b[0m id a b c none\n", "")


@pytest.mark.parametrize("name", ["\u200d", "\ufe0f\u034f", "\u3164", "\u115f\u1160 \u2800", "\u200b"])
def test_a_name_that_shows_nothing(cli: CommandLine, name: str) -> None:
    status = {"model": name, "effort": name, "agent": name, "rate_limits": {name: {"used_percentage": 5}}}
    assert plain(cli("statusline", stdin=json.dumps(status))) == "Claude"


def test_lone_surrogates(cli: CommandLine) -> None:
    ran = cli(
        "statusline", "--template", r'{"output":{"default":[{"text":"\ud800x{agentId}"}]}}', stdin=r'{"agent":"\udfff"}'
    )
    assert ran == (0, "?x\ufffd\n", "")


# ---------------------------------------------------------------- input

BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "<stdin>:1:1: expected Claude Code's status JSON (an object), found nothing"),
    "blank": (b" \r\n", "<stdin>:1:1: expected Claude Code's status JSON (an object), found nothing"),
    "mark": (b"\xef\xbb\xbf", "<stdin>:1:1: expected Claude Code's status JSON (an object), found nothing"),
    "cut": (b'{"model": ', "<stdin>:1:11: expected a value"),
    "text": (b"hello", "<stdin>:1:1: expected"),
    "list": (b"[1]", "expected Claude Code's status JSON (an object), found list"),
    "null": (b"null", "expected Claude Code's status JSON (an object), found NoneType"),
    "two": (b"{}{}", "<stdin>:1:3: expected the end of the text, found `{`\n"),
    "bytes": (b'{"a": "\xff"}', "<stdin>:1:8: expected UTF-8, found byte 0xff"),
    "deep": (b"[" * 100_000, "<stdin>:"),
    "big": (b'{"a": "' + b"x" * 1024 * 1024 + b'"}', "<stdin>:1:1: expected at most 1048576 bytes, found more"),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_input(cli: CommandLine, data: bytes, reason: str) -> None:
    assert cli("statusline", stdin=data) == (0, "Claude\n", "")
    ran = cli("statusline", "--debug", stdin=data)
    assert (ran.code, ran.out) == (0, "Claude\n")
    assert ran.err.startswith(f"usagebar statusline: {reason}")
    assert ran.err.count("\n") == 1
    assert cli("statusline", "--template", template("x{cost.session_usd}"), stdin=data) == (0, "x\n", "")


def test_a_byte_order_mark(cli: CommandLine) -> None:
    assert plain(cli("statusline", stdin=b"\xef\xbb\xbf" + SUBSCRIPTION.encode())) == LINE


def _fail(*_: object, **__: object) -> Any:
    raise RuntimeError("by the test")


@pytest.mark.parametrize(
    ("name", "line"),
    [("from_claude_code", "Claude"), ("status_pieces", "Claude"), ("_in_columns", "Claude"), ("shown", "Claude")],
)
def test_whatever_fails_there_is_a_line(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, line: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(command, name, _fail)
    assert cli("statusline", stdin=SUBSCRIPTION) == (0, line + "\n", "")
    ran = cli("statusline", "--debug", stdin=SUBSCRIPTION)
    assert (ran.code, ran.out) == (0, line + "\n")
    assert "RuntimeError: by the test" in ran.err
    monkeypatch.setenv("COLUMNS", "3")
    assert cli("statusline", stdin=SUBSCRIPTION).out in ("Cla\n", "Cl…\n")


def test_a_template_that_fails_gives_way_to_the_own_line(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usagebar.engine.bar.compile_pieces", _fail)
    assert plain(cli("statusline", "--template", template("x"), stdin=SUBSCRIPTION)) == LINE


# ---------------------------------------------------------------- options


@pytest.mark.parametrize("words", [["--tempalte", "x"], ["--template"], ["--debug=yes"], ["status.json"], ["-x"]])
def test_wrong_options_cost_no_line(cli: CommandLine, words: list[str]) -> None:
    ran = cli("statusline", *words, stdin=SUBSCRIPTION)
    assert ran.code == 0
    assert SEQUENCE.sub("", ran.out) == LINE + "\n"
    assert ran.err.startswith("usagebar statusline: ")
    assert ran.err.endswith("help: usagebar statusline --help\n")


class _Terminal:
    """Standard input that is a terminal, at which someone ends the input at once."""

    buffer = SimpleNamespace(read=lambda _size: b"")

    def isatty(self) -> bool:
        return True


def test_a_person_is_told(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal())
    assert main(["statusline"]) == 0
    out, err = capsysbinary.readouterr()
    assert (out, err) == (b"Claude\n", b"usagebar statusline: reads Claude Code's status JSON from standard input\n")
    assert main(["statusline", "--debgu"]) == 2
    assert b"did you mean --debug?" in capsysbinary.readouterr().err
    assert main(["statusline", "--instal"]) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert b"did you mean --install?" in err


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_settings_are_left_to_their_own_module(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    calls: list[object] = []

    def change(called: str) -> Any:
        def change(options: Options) -> int:
            calls.append((called, options.value("--settings"), options.has("--yes")))
            return 7

        return change

    fake = SimpleNamespace(install=change("install"), uninstall=change("uninstall"))
    monkeypatch.setitem(sys.modules, "usagebar.cli.settings", fake)
    monkeypatch.setattr("usagebar.cli.settings", fake, raising=False)
    assert cli("statusline", f"--{name}", "--settings", "s.json", "--yes", stdin=SUBSCRIPTION) == (7, "", "")
    assert calls == [(name, "s.json", True)]


SETTINGS = ["--instal", "--uninstal", "--install=yes", "--install --yse", "--yse --install", "x --uninstall"]
SETTINGS += ["--template --install", "--install --settings", "--un-install", "-- --install"]


@pytest.mark.parametrize("words", SETTINGS)
def test_wrong_words_beside_a_change_of_settings_give_no_line(cli: CommandLine, words: str) -> None:
    ran = cli("statusline", *words.split(), stdin=SUBSCRIPTION)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar statusline: ")


@pytest.mark.parametrize("words", [["--yes"], ["--settings", "s.json"]])
def test_words_that_have_no_use_are_named(cli: CommandLine, words: list[str]) -> None:
    ran = cli("statusline", *words, stdin=SUBSCRIPTION)
    assert (ran.code, SEQUENCE.sub("", ran.out)) == (0, LINE + "\n")
    assert ran.err == f"usagebar statusline: expected {words[0]} with --install or --uninstall alone\n"


def test_operands(cli: CommandLine) -> None:
    ran = cli("statusline", "status.json", stdin=SUBSCRIPTION)
    assert ran.err.startswith("usagebar statusline: expected no operands, found 'status.json'\n")


def test_not_both(cli: CommandLine) -> None:
    ran = cli("statusline", "--install", "--uninstall")
    assert ran == (2, "", "usagebar statusline: expected one of --install and --uninstall, found both\n")


def test_help_names_every_option(cli: CommandLine) -> None:
    ran = cli("statusline", "--help")
    for option in command.COMMAND.options:
        assert f"  {option.name}" in ran.out
    for word in ("~/.claude", "CLAUDE_CONFIG_DIR", "settings.json.usagebar-backup"):
        assert word in ran.out


# ---------------------------------------------------------------- the program


def test_utf_8_in_any_locale() -> None:
    env = environment(LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", COLUMNS="34")
    ran = program("statusline", stdin=SUBSCRIPTION, env=env)
    assert SEQUENCE.sub("", ran.out) == "Opus 4.5 high [⣿⣿⣿⣧⠐]200k 75%\n"
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="closes a pipe as POSIX does")
def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [*MODULE, "statusline"],
            input=SUBSCRIPTION.encode(),
            stdout=closed,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="closes standard input as POSIX shells do")
def test_a_closed_standard_input() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" statusline <&-', "sh", *MODULE],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"Claude\n", b"")


# ---------------------------------------------------------------- anything

UNSEEN = "\u200d\ufe0f\u3164\u2800\n "
any_text = st.text(
    st.characters(exclude_categories=()) | st.sampled_from(f"漢🌑🗄⣿\u17d2\u0d4d\x1b[m{UNSEEN}"), max_size=12
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)
sections = st.fixed_dictionaries(
    {},
    optional={
        "model": st.fixed_dictionaries({"display_name": any_text}) | any_json,
        "effort": st.fixed_dictionaries({"level": any_text}) | any_json,
        "cost": st.fixed_dictionaries({"total_cost_usd": st.floats(0)}) | any_json,
        "context_window": st.fixed_dictionaries(
            {"used_percentage": st.floats(0, 200), "context_window_size": st.just(200000)}
        ),
        "rate_limits": st.dictionaries(
            any_text, st.fixed_dictionaries({"used_percentage": st.floats(0, 100)}), max_size=3
        ),
        "agent": any_text,
        "fast_mode": st.booleans(),
    },
)
literals = st.lists(
    st.sampled_from(["a", " | ", "\n", "🌑", "🗄", "↕️", "漢", "⣿⣿", "\x1b[31m", "\x1b[0m", "{model.display_name}"])
    | st.sampled_from(["{agentId}", "{context.pct_used|meter:3:m}", "{cost.session_usd|fixed:2}", "👩‍💻", "\ud800"]),
    max_size=6,
).map("".join)
templates = st.none() | st.builds(
    lambda texts, sep: json.dumps(
        {"scales": {"m": "🌑🌕"}, "output": {"sep": sep, "default": [{"text": text} for text in texts]}}
    ),
    st.lists(literals, max_size=5),
    st.sampled_from(["", " ", " │ ", "\n"]),
)


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=sections | any_json, template=templates, columns=st.integers(1, 200))
def test_anything_gives_lines_that_fit(
    cli: CommandLine, patched: pytest.MonkeyPatch, status: object, template: str | None, columns: int
) -> None:
    patched.setenv("COLUMNS", str(columns))
    words = [] if template is None else ["--template", template]
    text = plain(cli("statusline", *words, stdin=json.dumps(status)))
    assert text.strip(UNSEEN)
    assert [line for line in text.split("\n") if max(width(line), wcswidth(line)) > columns] == []
    assert "\x1b" not in text
