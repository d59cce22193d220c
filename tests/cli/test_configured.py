"""Which template the command line uses, and what it says of one that cannot be used."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from command_line import CommandLine, Ran, environment, program

import usagebar

OPENCLAW = "messages.usageTemplate in ~/.openclaw/openclaw.json"
BUILT_IN = usagebar.load().render({}) + "\n"


def template(text: str, **more: object) -> str:
    return json.dumps({"output": {"default": [{"text": text}]}} | more)


def write(path: Path, text: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


@pytest.fixture
def config(home: Path) -> Path:
    return home / ".openclaw" / "openclaw.json"


def rendered(cli: CommandLine, *words: str) -> Ran:
    return cli("render", *words, stdin=b"{}")


def refused(ran: Ran, named_by: str = "") -> str:
    """Check that nothing was rendered, and return what was said below the first line."""
    subject = f"the template named by {named_by}" if named_by else "OpenClaw's configuration"
    first, _, rest = ran.err.partition("\n")
    assert (ran.code, ran.out) == (2, "")
    assert first == f"usagebar: {subject} cannot be used"
    return rest


# ---------------------------------------------------------------- the order


def test_nothing_is_configured(cli: CommandLine) -> None:
    assert rendered(cli) == (0, BUILT_IN, "")


def test_the_order(cli: CommandLine, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(config, json.dumps({"messages": {"usageTemplate": template("config")}}))
    assert rendered(cli) == (0, "config\n", "")
    monkeypatch.setenv("USAGEBAR_TEMPLATE", template("variable"))
    assert rendered(cli) == (0, "variable\n", "")
    assert rendered(cli, "--template", template("option")) == (0, "option\n", "")


@pytest.mark.parametrize("words", [["--template", ""], ["--template="], ["--template", " \t\ufeff"]])
def test_an_empty_option_is_no_silent_builtin(cli: CommandLine, words: list[str]) -> None:
    said = refused(rendered(cli, *words), "--template")
    assert said == "error[unsupported-shape]: expected a template, found nothing\n --> <nothing>\n"


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_a_blank_variable_names_nothing(
    cli: CommandLine, config: Path, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    monkeypatch.setenv("USAGEBAR_TEMPLATE", blank)
    assert rendered(cli) == (0, BUILT_IN, "")
    write(config, json.dumps({"messages": {"usageTemplate": template("config")}}))
    assert rendered(cli) == (0, "config\n", "")


def test_what_comes_first_is_all_that_is_read(cli: CommandLine, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(config, "{")
    monkeypatch.setenv("USAGEBAR_TEMPLATE", template("variable"))
    assert rendered(cli) == (0, "variable\n", "")
    monkeypatch.setenv("USAGEBAR_TEMPLATE", "missing.json")
    assert rendered(cli, "--template", template("option")) == (0, "option\n", "")


# ---------------------------------------------------------------- a path or text


@pytest.mark.parametrize("source", ["option", "variable", "config"])
@pytest.mark.parametrize("name", ["footer.jsonc", "~/footer.jsonc", "./footer.jsonc", "{home}/footer.jsonc"])
def test_a_path(
    cli: CommandLine, home: Path, config: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    write(home / "footer.jsonc", template("home"))
    write(Path("footer.jsonc"), template("here"))
    name = name.format(home=home)
    words = ["--template", name] if source == "option" else []
    if source == "variable":
        monkeypatch.setenv("USAGEBAR_TEMPLATE", name)
    if source == "config":
        write(config, json.dumps({"messages": {"usageTemplate": name}}))
    assert rendered(cli, *words) == (0, "here\n" if name in ("footer.jsonc", "./footer.jsonc") else "home\n", "")


@pytest.mark.parametrize(
    "text",
    [
        template("x"),
        " \n\t" + template("x"),
        "\ufeff" + template("x"),
        "// a comment\n/* and another */" + template("x"),
        '{"output": {"default": [{"text": "x"},],}, /* JSONC */}',
        "{output: {default: [{text: 'x'}]}}",
    ],
    ids=["JSON", "blanks", "byte order mark", "comments", "JSONC", "JSON5"],
)
def test_text(cli: CommandLine, text: str) -> None:
    assert rendered(cli, "--template", text) == (0, "x\n", "")
    write(Path("footer"), text)
    assert rendered(cli, "--template", "footer") == (0, "x\n", "")


# ---------------------------------------------------------------- OpenClaw's configuration

CONFIGS = {
    "JSON": '{"messages": {"usageTemplate": "footer.jsonc"}}',
    "JSONC": '// mine\n{"messages": {"usageTemplate": /* here */ "footer.jsonc",},}',
    "JSON5": "{messages: {usageTemplate: 'footer.jsonc'}, port: 0x10}",
    "byte order mark": '\ufeff{"messages": {"usageTemplate": "footer.jsonc"}}',
    "an object": '{"messages": {"usageTemplate": {"output": {"default": [{"text": "x"}]}}}}',
    "an object in JSON5": "{messages: {usageTemplate: {output: {default: [{text: 'x'}]}}}}",
    "text": json.dumps({"messages": {"usageTemplate": template("x")}}),
    "more": '{"messages": {"prefix": "", "usageTemplate": "footer.jsonc"}, "agents": {"usageTemplate": 5}}',
}


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
def test_openclaw_config(cli: CommandLine, config: Path, text: str) -> None:
    write(Path("footer.jsonc"), template("x"))
    write(config, text)
    assert rendered(cli) == (0, "x\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"messages": {}}',
        '{"messages": {"usageTemplate": null}}',
        '{"messages": {"usageTemplate": ""}}',
        '{"messages": {"usageTemplate": " \\n"}}',
        '{"messages": []}',
        '{"messages": "usageTemplate"}',
        "[]",
        "5",
        "null",
        '"messages"',
        "",
        "// nothing yet\n",
    ],
)
def test_openclaw_config_that_names_none(cli: CommandLine, config: Path, text: str) -> None:
    write(config, text)
    assert rendered(cli) == (0, BUILT_IN, "")


def test_openclaw_config_behind_a_link_to_nothing(cli: CommandLine, config: Path) -> None:
    config.parent.mkdir()
    config.symlink_to("elsewhere.json")
    assert rendered(cli) == (0, BUILT_IN, "")
    write(config.parent / "elsewhere.json", json.dumps({"messages": {"usageTemplate": template("x")}}))
    assert rendered(cli) == (0, "x\n", "")


def test_no_home(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as it does where there is none
    assert rendered(cli) == (0, BUILT_IN, "")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"messages": {"usageTemplate"}}', "error[invalid-json]: expected ':' after the key, found `}`"),
        (b"{\xff}", "error[unreadable]: expected UTF-8, found byte 0xff at offset 1"),
        (b" " * 1024 * 1024 + b"{}", "error[unreadable]: expected at most 1048576 bytes, found more"),
    ],
    ids=["no JSON", "no UTF-8", "too large"],
)
def test_openclaw_config_that_cannot_be_read(cli: CommandLine, config: Path, text: str | bytes, error: str) -> None:
    write(config, text)
    said = refused(rendered(cli)).splitlines()
    assert said[0] == error
    assert said[1].strip().startswith(f"--> {config}")


def test_openclaw_config_that_is_no_file(cli: CommandLine, config: Path) -> None:
    config.mkdir(parents=True)
    said = refused(rendered(cli))
    assert said.startswith("error[unreadable]: expected a regular file, found a folder\n")
    config.rmdir()
    config.symlink_to(config)
    said = refused(rendered(cli))
    assert said.startswith("error[unreadable]: expected a readable file, found: too many levels of symbolic links\n")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("5", "error[unsupported-shape]: expected a mapping, a path or template text, found a number\n --> <a number>"),
        ("true", "error[unsupported-shape]: expected a mapping, a path or template text, found a boolean"),
        ("[]", "error[unsupported-shape]: expected a mapping, a path or template text, found an array"),
        ("{}", "error[unsupported-shape]: expected a piece (an object) in output.default"),
        ('{"schema": "other.v1"}', 'error[unsupported-schema]: expected the schema "openclaw.usageBar.v1"'),
        ('"missing.jsonc"', "error[unreadable]: there is no file 'missing.jsonc'\n --> missing.jsonc\n"),
        ('"\\u0000"', "error[unreadable]: expected a path, found one that no file can have"),
    ],
)
def test_a_template_of_openclaw_config_that_cannot_be_used(
    cli: CommandLine, config: Path, value: str, error: str
) -> None:
    write(config, f'{{"messages": {{"usageTemplate": {value}}}}}')
    assert refused(rendered(cli), OPENCLAW).startswith(error)


# ---------------------------------------------------------------- what cannot be used


@pytest.mark.parametrize("source", ["--template", "USAGEBAR_TEMPLATE", OPENCLAW])
def test_a_missing_template_is_an_error_wherever_it_is_named(
    cli: CommandLine, config: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    words = []
    match source:
        case "--template":
            words = ["--template", "missing.jsonc"]
        case "USAGEBAR_TEMPLATE":
            monkeypatch.setenv(source, "missing.jsonc")
        case _:
            write(config, '{"messages": {"usageTemplate": "missing.jsonc"}}')
    said = refused(rendered(cli, *words), source)
    assert said == "error[unreadable]: there is no file 'missing.jsonc'\n --> missing.jsonc\n"


UNUSABLE = {
    "blank": ("  \n", "error[unsupported-shape]: expected a template, found blank text\n --> footer\n"),
    "comments alone": ("// {\n", "error[unsupported-shape]: expected a template, found blank text\n --> footer\n"),
    "no object": ("[]", "error[unsupported-shape]: expected an object at the top level, found an array\n"),
    "empty": ("{}", "error[unsupported-shape]: expected a piece (an object) in output.default, in an entry of "),
    "no JSON": (
        '{\n  "output": {\n    "sep" ""\n}}',
        "error[invalid-json]: expected ':' after the key, found `\"`\n"
        '  --> footer:3:11\n   |\n 3 |     "sep" ""\n   |           ^\n',
    ),
    "another schema": (
        template("x", schema="other.v2"),
        'error[unsupported-schema]: expected the schema "openclaw.usageBar.v1", found "other.v2"\n',
    ),
    "no UTF-8": (b"{\xff", "error[unreadable]: expected UTF-8, found byte 0xff at offset 1\n --> footer\n"),
    "too large": (
        b" " * 1024 * 1024 + b"{}",
        "error[unreadable]: expected at most 1048576 bytes, found more\n --> footer\n",
    ),
}


@pytest.mark.parametrize(("data", "error"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_template_that_cannot_be_used(cli: CommandLine, data: str | bytes, error: str) -> None:
    write(Path("footer"), data)
    assert refused(rendered(cli, "--template", "footer"), "--template").startswith(error)


def test_text_that_cannot_be_used(cli: CommandLine) -> None:
    said = refused(rendered(cli, "--template", '{"output"'), "--template").splitlines()
    assert said[0] == "error[invalid-json]: expected ':' after the key, found the end of the text"
    assert said[1].strip().startswith("--> <text ")
    assert said[1].endswith(">:1:10")
    assert refused(rendered(cli, "--template", "{}"), "--template").startswith("error[unsupported-shape]")


@pytest.mark.parametrize("name", ["folder", "pipe", "loop", "footer/below", "a\0b"])
def test_a_path_that_cannot_be_read(cli: CommandLine, name: str) -> None:
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    write(Path("footer"), template("x"))
    if not hasattr(os, "mkfifo"):
        pytest.skip("named pipes")
    os.mkfifo("pipe")  # a template is never read from one: it could block
    said = refused(rendered(cli, "--template", name), "--template")
    assert said.startswith("error[unreadable]: expected a ")


def test_standard_input_is_no_template(cli: CommandLine) -> None:
    said = refused(rendered(cli, "--template", "-"), "--template")
    assert said == "error[unreadable]: there is no file '-'\n --> -\n"


def test_no_record_is_read_without_a_template() -> None:
    ran = program("render", "--template", "missing", "gone.json", stdin=b"{")
    assert (ran.code, ran.out) == (2, "")
    assert "gone.json" not in ran.err


def test_diagnostics_in_any_locale() -> None:
    text = '{"output": {"default": [{"text": "🤖é"}, "🤖"]}}'
    ran = program("render", "--template", text, stdin=b"{}", env=environment(LC_ALL="C.UTF-8"))
    assert (ran.code, ran.out) == (0, "🤖é\n")
    assert '"🤖"' in ran.err
    write(Path("footer"), text)
    env = environment(PYTHONIOENCODING="ascii")
    ran = program("render", "--template", "footer", stdin=b"{}", env=env)
    assert (ran.code, ran.out) == (0, "🤖é\n")
    assert r'"\U0001f916"' in ran.err


# ---------------------------------------------------------------- what loses parts


def test_a_template_that_loses_parts(cli: CommandLine) -> None:
    write(
        Path("footer.jsonc"),
        '{\n  "scales": {"s": 5},\n  "output": {\n    "default": [5, {"text": "kept"}, {"when": 5}]\n  }\n}\n',
    )
    ran = rendered(cli, "--template", "footer.jsonc")
    assert (ran.code, ran.out) == (0, "kept\n")
    assert ran.err == (
        "usagebar: the template named by --template loses some of its parts\n"
        "error[wrong-type]: expected a string or an array of strings, found a number\n"
        "  --> footer.jsonc:2:19 ($.scales.s)\n"
        "   |\n"
        ' 2 |   "scales": {"s": 5},\n'
        "   |                   ^\n"
        "error[wrong-type]: expected a piece (an object), found a number\n"
        "  --> footer.jsonc:4:17 ($.output.default[0])\n"
        "   |\n"
        ' 4 |     "default": [5, {"text": "kept"}, {"when": 5}]\n'
        "   |                 ^\n"
        "error[wrong-type]: expected a string, found a number\n"
        "  --> footer.jsonc:4:47 ($.output.default[2].when)\n"
        "   |\n"
        ' 4 |     "default": [5, {"text": "kept"}, {"when": 5}]\n'
        "   |                                               ^\n"
    )


def test_parts_lost_by_an_object_of_openclaw_config(cli: CommandLine, config: Path) -> None:
    write(config, '{"messages": {"usageTemplate": {"output": {"default": [null, {"text": "x"}]}}}}')
    ran = rendered(cli)
    assert (ran.code, ran.out) == (0, "x\n")
    said = ran.err.splitlines()
    assert said[0] == f"usagebar: the template named by {OPENCLAW} loses some of its parts"
    assert said[1] == "error[wrong-type]: expected a piece (an object), found null"
    assert said[2].startswith(" --> <mapping ")
    assert said[2].endswith("> ($.output.default[0])")


def test_parts_are_named_once_for_all_records(cli: CommandLine) -> None:
    text = '{"output": {"default": [5, {"text": "{v}"}]}}'
    ran = cli("render", "--jsonl", "--template", text, stdin=b'{"v": 1}\n{"v": 2}\n')
    assert (ran.out, ran.err.count("loses")) == ("1\n2\n", 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_records_may_come_from_a_pipe_and_the_template_from_a_file(cli: CommandLine) -> None:
    os.mkfifo("turn")
    writer = threading.Thread(target=Path("turn").write_bytes, args=(b"{}",))
    writer.start()
    ran = cli("render", "--template", template("x"), "turn")
    writer.join()
    assert ran == (0, "x\n", "")
