"""The status line in the text of settings: put in and taken out, and no other byte changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.cli.installing.members import member_lines, value_text, with_member, without_member
from usagebar.cli.installing.status_line import (
    KEY,
    change,
    installed,
    is_as_installed,
    is_ours,
    may_be_installed,
    options_of,
    settings_of,
    uninstalled,
)
from usagebar.template.jsonc import JsoncError
from usagebar.template.position import comments

COMMAND = "usagebar statusline"
OURS = {"type": "command", "command": COMMAND, "padding": 0}
OTHER = {"type": "command", "command": "date"}
ONE_LINE = json.dumps(OURS)


def line(indent: str, newline: str = "\n") -> str:
    """Return our member as it stands in a file that is indented by so much."""
    inner = newline + 2 * indent
    members = f",{inner}".join(f'"{key}": {json.dumps(value)}' for key, value in OURS.items())
    return f'"statusLine": {{{inner}{members}{newline}{indent}}}'


# ---------------------------------------------------------------- by example

INSTALLED = {
    "two spaces": ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  ' + line("  ") + "\n}\n"),
    "four": ('{\n    "a": 1\n}', '{\n    "a": 1,\n    ' + line("    ") + "\n}"),
    "tabs": ('{\n\t"a": 1\n}\n', '{\n\t"a": 1,\n\t' + line("\t") + "\n}\n"),
    "CRLF": ('{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  ' + line("  ", "\r\n") + "\r\n}\r\n"),
    "CR": ('{\r  "a": 1\r}', '{\r  "a": 1,\r  ' + line("  ", "\r") + "\r}"),
    "no indentation": ('{\n"a": 1\n}', '{\n"a": 1,\n' + line("") + "\n}"),
    "a line break at the start alone": ('{\n  "a": 1}', '{\n  "a": 1,\n  ' + line("  ") + "}"),
    "one line": ('{"a": 1}', '{"a": 1, "statusLine": ' + ONE_LINE + "}"),
    "one line with room": ('{ "a": 1, "b": 2 }', '{ "a": 1, "b": 2, "statusLine": ' + ONE_LINE + " }"),
    "minified": ('{"a":1}', '{"a":1,"statusLine":' + json.dumps(OURS, separators=(",", ":")) + "}"),
    "empty": ("{}", "{\n  " + line("  ") + "\n}"),
    "empty over two lines": ("{\r\n}\r\n", "{\r\n  " + line("  ", "\r\n") + "\r\n}\r\n"),
    "empty with a comment": ("{\n  // mine\n}\n", "{\n  // mine\n  " + line("  ") + "\n}\n"),
    "a trailing comma": ('{\n  "a": 1,\n}\n', '{\n  "a": 1,\n  ' + line("  ") + ",\n}\n"),
    "a comment behind": ('{\n  "a": 1 // one\n}\n', '{\n  "a": 1, // one\n  ' + line("  ") + "\n}\n"),
    "a comment below": ('{\n  "a": 1\n  /* "b": 2 */\n}', '{\n  "a": 1,\n  /* "b": 2 */\n  ' + line("  ") + "\n}"),
    "a comment that ends one line": ('{"a": 1 // }\n}', '{"a": 1, "statusLine": ' + ONE_LINE + " // }\n}"),
    "a blank line between": (
        '{\n  "a": 1,\n\n  "b": 2\n}',
        '{\n  "a": 1,\n\n  "b": 2,\n  ' + line("  ") + "\n}",
    ),
    "blanks before a colon": (
        '{\n  "a" : 1\n}',
        '{\n  "a" : 1,\n  "statusLine" : {\n    "type" : "command",\n'
        '    "command" : "usagebar statusline",\n    "padding" : 0\n  }\n}',
    ),
    "brackets in strings": ('{\n  "a": "}\\"{"\n}', '{\n  "a": "}\\"{",\n  ' + line("  ") + "\n}"),
    "only inside": (
        '{\n  "a": {"statusLine": 1}\n}',
        '{\n  "a": {"statusLine": 1},\n  ' + line("  ") + "\n}",
    ),
    "another one in its place": (
        '{\n  "statusLine": {\n    "type": "command"\n  }, // here\n  "b": 2\n}',
        "{\n  " + line("  ") + ', // here\n  "b": 2\n}',
    ),
    "another one on one line": (
        '{\n  "statusLine": {"command": "date"},\n  "b": 2\n}',
        '{\n  "statusLine": ' + ONE_LINE + ',\n  "b": 2\n}',
    ),
    "none, said so": ('{\n  "statusLine": null\n}', "{\n  " + line("  ") + "\n}"),
    "the last of two": (
        '{"statusLine": 1, "b": 2, "status\\u004cine": {}}',
        '{"statusLine": 1, "b": 2, "status\\u004cine": ' + ONE_LINE + "}",
    ),
}


@pytest.mark.parametrize(("before", "after"), INSTALLED.values(), ids=INSTALLED.keys())
def test_installed(before: str, after: str) -> None:
    assert installed(before, COMMAND) == after
    assert uninstalled(after, before) == before


UNINSTALLED = {
    "the last": ('{"a": 1, "statusLine": @}', '{"a": 1}'),
    "the first": ('{"statusLine": @, "a": 1}', '{"a": 1}'),
    "the first of several lines": ('{\n  "statusLine": @,\n  "a": 1\n}', '{\n  "a": 1\n}'),
    "the first, with comments": ('{ // a\n  "statusLine": @, // b\n  "a": 1 }', '{ // a\n  // b\n  "a": 1 }'),
    "in the middle": ('{\n  "a": 1,\n  "statusLine": @,\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 2\n}'),
    "the only one": ('{\n  "statusLine": @\n}\n', "{}\n"),
    "with a trailing comma": ('{\n  "statusLine": @,\n}\n', "{}\n"),
    "the only one among comments": ('{ // a\n  "statusLine": @ // b\n}', "{ // a\n   // b\n}"),
    "the last, with a trailing comma": ('{\n  "a": 1,\n  "statusLine": @,\n}', '{\n  "a": 1,\n}'),
    "behind a comment": ('{\n  "a": 1, // one\n  "statusLine": @\n}', '{\n  "a": 1 // one\n}'),
    "what follows stays out of the comment": ('{"a": 1, // one\n"statusLine": @ }', '{"a": 1 // one\n }'),
    "so does a member": ('{"a": 1, // one\n"statusLine": @, "b": 2}', '{"a": 1, // one\n "b": 2}'),
    "so does the last bracket": ('{// one\n"statusLine": @}', "{// one\n}"),
    "twice": ('{"statusLine": @, "a": 1, "statusLine": @}', '{"a": 1}'),
    "another one below": ('{"statusLine": 1, "statusLine": @}', '{"statusLine": 1}'),
}


@pytest.mark.parametrize(("before", "after"), UNINSTALLED.values(), ids=UNINSTALLED.keys())
def test_uninstalled_with_none_before(before: str, after: str) -> None:
    text = before.replace("@", ONE_LINE)
    assert uninstalled(text, None) == after
    assert uninstalled(text, '{"unlike": "the settings now"}') == after


def test_the_old_one_comes_back_as_it_was_written() -> None:
    before = '{"a": 1, "statusLine": {"command":  "date"  /* mine */}}'
    now = installed(before, COMMAND).replace('"a": 1', '"a": 2')
    assert uninstalled(now, before) == before.replace('"a": 1', '"a": 2')


def test_one_that_said_none_comes_back() -> None:
    assert uninstalled('{"b": 1, "statusLine": ' + ONE_LINE + "}", '{"statusLine": null}') == (
        '{"b": 1, "statusLine": null}'
    )


def test_of_ours_only_the_command_changes() -> None:
    text = '{"statusLine": {"padding": 2 , "command":"usagebar statusline --template /a", "type":"command", "x": []}}'
    assert installed(text, COMMAND) == text.replace(" --template /a", "")
    assert installed(text, "usagebar statusline --template /a") == text


EDITED = [
    ('{"command": "usagebar statusline"}', '{"command": "/usagebar statusline", "type": "command"}'),
    (
        '{\n    // mine\n    "command": "usagebar statusline", "padding": 3\n  }',
        '{\n    // mine\n    "command": "/usagebar statusline", "padding": 3, "type": "command"\n  }',
    ),
    (
        '{"type": "text", "refreshInterval": 5, "command" : "/usagebar statusline"}',
        '{"type": "command", "refreshInterval": 5, "command" : "/usagebar statusline"}',
    ),
]


@pytest.mark.parametrize(("before", "after"), EDITED)
def test_what_else_is_in_ours_stays(before: str, after: str) -> None:
    text = '{"a": 1,\n  "statusLine": @, "b": {"statusLine": 2} // c\n}'
    assert installed(text.replace("@", before), "/usagebar statusline") == text.replace("@", after)


AS_INSTALLED = [
    ({"type": "command", "command": "usagebar statusline", "padding": 0}, True, True),
    ({"padding": 0, "type": "command", "command": "'/a b/usagebar' statusline --template '/a c.jsonc'"}, True, True),
    ({"type": "command", "command": "usagebar statusline --debug", "padding": 0}, False, True),
    ({"type": "command", "command": "usagebar statusline --template=x", "padding": 0}, False, True),
    ({"type": "command", "command": "usagebar statusline", "padding": 1}, False, True),
    ({"type": "command", "command": "usagebar statusline", "padding": 0, "more": 1}, False, True),
    ({"type": "command", "command": "usagebar statusline"}, False, False),
    ({"command": "usagebar statusline", "padding": 0}, False, False),
    ({"type": "command", "command": "date", "padding": 0}, False, True),
    ({"type": "command", "command": "usagebar 'statusline", "padding": 0}, False, True),
    ({"type": "command", "command": 5, "padding": 0}, False, True),
    ("usagebar statusline", False, False),
    (None, False, False),
]


@pytest.mark.parametrize(("line", "is_as", "may_be"), AS_INSTALLED)
def test_whether_install_wrote_it(line: object, is_as: bool, may_be: bool) -> None:
    assert (is_as_installed(line), may_be_installed(line)) == (is_as, may_be)


OPTIONS = [
    ("usagebar statusline", ""),
    ("usagebar statusline  --debug ", "  --debug "),
    ("usagebar statusline --template $HOME/statusline.jsonc", " --template $HOME/statusline.jsonc"),
    ("/x/statusline/usagebar statusline --template='a b'", " --template='a b'"),
    ("'/x statusline/usagebar' statusline --debug", " --debug"),
    ("usagebar 'statusline' --template 'a b'", " --template 'a b'"),
    ("python -P -m usagebar statusline --debug", " --debug"),
]


@pytest.mark.parametrize(("command", "options"), OPTIONS)
def test_options_of(command: str, options: str) -> None:
    assert is_ours({"command": command})
    assert options_of({"command": command}) == options


def test_a_command_is_written_as_it_is() -> None:
    command = "/opt/Café 模型/usagebar statusline --template '/a \"b\"\n\\c'"
    text = installed('{"a":1}', command)
    assert "Café 模型" in text
    assert json.loads(text)[KEY]["command"] == command


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", 0, "expected a value, found the end of the text"),
        ("[1]", 0, "expected an object at the top level, found an array"),
        ("\n null", 2, "expected an object at the top level, found null"),
        ('{"a": 1} {}', 9, "expected the end of the text, found `{`"),
        ('{"a": 1 "b": 2}', 8, "expected ',' or '}' after a member, found `\"`"),
        ("{'a': 1}", 1, "expected a key in double quotes, found `'`"),
        ('{"a": 1 /*}', 8, "expected `*/` to end this comment, found the end of the text"),
        ('{"a": NaN}', 6, "expected a value, found `NaN`"),
    ],
)
def test_what_is_no_settings(text: str, place: int, message: str) -> None:
    with pytest.raises(JsoncError) as error:
        settings_of(text)
    assert (str(error.value), error.value.offset) == (message, place)


@pytest.mark.parametrize(
    "command",
    [
        "usagebar statusline",
        "  usagebar   statusline ",
        "/opt/v/bin/usagebar statusline",
        "'/opt/my tools/usagebar' statusline --template '/a (1); b.jsonc'",
        "~/bin/usagebar statusline --debug",
        "usagebar statusline --template=/a --debug",
        "C:/Tools/usagebar.exe statusline",
        "'C:\\Tools\\usagebar.exe' statusline",
        "/usr/bin/python3 -m usagebar statusline",
        "/usr/bin/python3 -P -m usagebar statusline --template /a",
    ],
)
def test_ours(command: str) -> None:
    assert is_ours({"command": command})
    assert is_ours({"type": "command", "command": command, "padding": 3})


@pytest.mark.parametrize(
    "value",
    [
        None,
        "usagebar statusline",
        [],
        {},
        {"command": None},
        *[
            {"command": command}
            for command in (
                "",
                "usagebar",
                "usagebar render",
                "myusagebar statusline",
                "usagebar statuslines",
                "usagebar 'statusline",
                "usagebar statusline | head -1",
                "usagebar statusline; date",
                "usagebar statusline;date",
                "usagebar statusline --template a; date",
                "usagebar statusline --template a;date",
                "usagebar statusline && date",
                "usagebar statusline # mine",
                "usagebar statusline --template",
                "usagebar statusline > log",
                "NO_COLOR=1 usagebar statusline",
                "cat | usagebar statusline",
                "python -m other statusline",
                "npx ccstatusline",
            )
        ],
    ],
)
def test_not_ours(value: object) -> None:
    assert not is_ours(value)


def test_the_change_is_shown_and_nothing_beside_it() -> None:
    text = '{\n  "env": {"KEY": "secret"},\n  "statusLine": {\n    "command": "date",\n    "type": "command"\n  }\n}'
    assert change(text, installed(text, COMMAND)) == [
        '   "statusLine": {',
        '-    "command": "date",',
        '-    "type": "command"',
        '+    "type": "command",',
        '+    "command": "usagebar statusline",',
        '+    "padding": 0',
        "   }",
    ]
    minified = '{"env":{"KEY":"secret"},"statusLine":1}'
    assert change(minified, '{"env":{"KEY":"secret"}}') == ['-"statusLine":1']
    assert change("{}", '{"statusLine": 2}') == ['+"statusLine": 2']
    assert member_lines("{}", KEY) == []


# ---------------------------------------------------------------- by property

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
documents = st.dictionaries(st.text(max_size=3), values, max_size=4)
STYLES: list[dict[str, Any]] = [
    {"indent": 1},
    {"indent": 2},
    {"indent": 4},
    {"indent": "\t"},
    {"indent": 0},
    {},
    {"separators": (",", ":")},
]


@given(documents.filter(bool), st.sampled_from(STYLES), st.booleans())
def test_a_plain_file_becomes_what_a_serializer_would_write(
    document: dict[str, Any], style: dict[str, Any], ascii_only: bool
) -> None:
    before = json.dumps(document, ensure_ascii=ascii_only, **style)
    after = json.dumps(document | {KEY: OURS}, ensure_ascii=ascii_only, **style)
    assert installed(before, COMMAND) == after
    assert without_member(after, KEY) == before


@given(documents, documents.filter(bool), st.sampled_from(STYLES))
def test_a_member_anywhere_goes_as_if_it_had_never_been(
    before: dict[str, Any], after: dict[str, Any], style: dict[str, Any]
) -> None:
    after = {key: value for key, value in after.items() if key not in before}
    text = json.dumps({**before, KEY: OURS, **after}, **style)
    assert without_member(text, KEY) == json.dumps({**before, **after}, **style)


KEYS = ["a", "b", "é", KEY, "status\\u004cine"]


@st.composite
def written(draw: st.DrawFn, keys: list[str]) -> str:
    """Draw the text of an object in any manner that can be read."""
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    pieces = ["", " ", "\t", newline, newline + "  ", "/* , } \u2028 */", f'// {{ " {newline}', f"/*{newline}*/"]
    used = draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=4))
    between = st.lists(st.sampled_from(used), max_size=3).map("".join)

    def gap() -> str:
        return draw(between)

    members = []
    for key in draw(st.lists(st.sampled_from(keys), max_size=4)):
        value = draw(st.sampled_from(["1", '"}"', "{}", "[1, {}]", '{"a": [],}', '{ // "\n}', ONE_LINE]))
        members.append(f'{gap()}"{key}"{gap()}:{gap()}{value}{gap()}')
    trailing = draw(st.sampled_from(["", "," + gap()])) if members else ""
    return gap() + "{" + (",".join(members) or gap()) + trailing + "}" + gap()


def comments_of(text: str) -> list[str]:
    return [text[start:end] for start, end in comments(text)]


@given(written(KEYS))
def test_after_install_the_rest_is_as_before(text: str) -> None:
    before = dict(settings_of(text))
    after = installed(text, COMMAND)
    found = settings_of(after)
    assert list(found) == list(before | {KEY: OURS})
    assert found == before | {KEY: OURS}
    for key in before.keys() - {KEY}:
        assert value_text(after, key) == value_text(text, key)
    assert installed(after, COMMAND) == after
    if KEY not in before:
        assert comments_of(after) == comments_of(text)


@given(written(KEYS))
def test_install_then_uninstall_gives_every_byte_back(text: str) -> None:
    if not is_ours(settings_of(text).get(KEY)):
        assert uninstalled(installed(text, COMMAND), text) == text


@given(written(["a", "b"]))
def test_a_new_member_goes_without_a_trace(text: str) -> None:
    after = with_member(text, KEY, "[1]")
    assert settings_of(after) == dict(settings_of(text)) | {KEY: [1]}
    back = without_member(after, KEY)
    if settings_of(text):
        assert back == text
    else:  # an empty object says nothing about the blanks in it
        assert "".join(back.split()) == "".join(text.split())


@given(written(["a", "b", KEY]), written(["a", "b", KEY]))
def test_uninstall_leaves_other_edits(before: str, edited: str) -> None:
    if is_ours(settings_of(before).get(KEY)):
        return
    now = with_member(edited, KEY, ONE_LINE)
    now_plain = {key: value for key, value in settings_of(now).items() if key != KEY}
    back = dict(settings_of(uninstalled(now, before)))
    if KEY in settings_of(before):
        assert back == now_plain | {KEY: settings_of(before)[KEY]}
    else:
        assert not is_ours(back.pop(KEY, None))  # an earlier one of the same key may be there
        assert back == now_plain


@given(written(KEYS), st.sampled_from(["a", "é", KEY]))
def test_a_removed_member_takes_nothing_along(text: str, key: str) -> None:
    before = dict(settings_of(text))
    after = without_member(text, key)
    found = dict(settings_of(after))
    found.pop(key, None)
    before.pop(key, None)
    assert found == before
    if value_text(text, key) is None:
        assert after == text
    else:
        assert len(after) < len(text)
