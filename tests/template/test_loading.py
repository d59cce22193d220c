"""The loading table, row by row; `loading.json` holds documents, and texts whose `«marks»` are the findings' places."""

from __future__ import annotations

import enum
import json
import logging
import os
import re
import subprocess
import sys
import time
import types
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import json5
import pytest

from usagebar import TemplateError, load, parse
from usagebar.template import loader
from usagebar.template.builtin import builtin_bar
from usagebar.template.lenient import MAX_BYTES as JSON5_MAX_BYTES
from usagebar.template.source import MAX_BYTES, is_template_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from usagebar import Diagnostic, UsageBar

TABLE = json.loads(Path(__file__).with_name("loading.json").read_text(encoding="utf-8"))
CONTRACT = TABLE["contract"]
QUIET_ROWS = (1, 3, 5, 8)
BOM = b"\xef\xbb\xbf"
GOOD = '{"output": {"default": [{"text": "x"}]}}'

Place = tuple[int | None, int | None, int | None, int | None]
Finding = tuple[str, str, Place]
NOWHERE: Place = (None, None, None, None)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_warnings", loader._Warnings())
    monkeypatch.setattr(loader, "_cache", loader._Cache())


class Loading:
    """Load a source and keep what was warned of, by the logger and by the callback."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog

    def __call__(self, source: Any) -> UsageBar:
        self.caplog.clear()
        self.warnings: list[Diagnostic] = []
        self.bar = load(source, on_warning=self.warnings.append)
        return self.bar

    @property
    def logged(self) -> list[str]:
        assert {(record.name, record.levelno) for record in self.caplog.records} <= {("usagebar", logging.WARNING)}
        return [record.getMessage() for record in self.caplog.records]

    def assert_row(self, row: int, findings: list[Finding]) -> None:
        """Assert a row's result: which template, its findings, and who was told of them."""
        assert found(self.bar.diagnostics) == ([] if row in QUIET_ROWS else findings)
        assert self.bar.is_builtin == (row < 10)
        assert self.warnings == ([] if row in QUIET_ROWS else list(self.bar.diagnostics))
        assert len(self.logged) == len(self.warnings)
        for line, finding in zip(self.logged, self.warnings, strict=True):
            assert f"{finding.code}: {finding.message} ({finding.path})" in line
            assert (f":{finding.line}:{finding.column}: " in line) == (finding.line is not None)


@pytest.fixture
def loading(caplog: pytest.LogCaptureFixture) -> Loading:
    return Loading(caplog)


def place(finding: Diagnostic) -> Place:
    return finding.line, finding.column, finding.end_line, finding.end_column


def found(diagnostics: tuple[Diagnostic, ...]) -> list[Finding]:
    return [(each.code, each.path, place(each)) for each in diagnostics]


def refused(source: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(TemplateError) as caught:
        parse(source)
    diagnostics: tuple[Diagnostic, ...] = caught.value.diagnostics
    assert str(caught.value).startswith("error[")
    return diagnostics


def findings_of(source: Any, bar: UsageBar) -> tuple[Diagnostic, ...]:
    """Return what `load` found, or what `parse` says of a source that gives the built-in without a warning."""
    return refused(source) if bar.is_builtin and not bar.diagnostics else bar.diagnostics


def assert_strict_twin(source: Any, bar: UsageBar) -> None:
    """Assert that `parse` says what `load` found, or gives an equal template."""
    if bar.is_builtin or bar.diagnostics:
        assert refused(source) == findings_of(source, bar)
    else:
        assert parse(source)._template == bar._template


def assert_rendered(bar: UsageBar, case: dict[str, Any]) -> None:
    shown = {None: case["rendering"]} | case.get("surfaces", {}) if case["row"] == 10 else {}
    for surface in shown or (None, "discord"):
        wanted = shown[surface] if shown else builtin_bar().render(CONTRACT, surface)
        assert bar.render(CONTRACT, surface) == wanted


def names(cases: list[dict[str, Any]]) -> list[str]:
    return [f"{case['row']}-{case['name']}" for case in cases]


# ---------------------------------------------------------------- positions, the naive way


def line_and_column(before: str) -> tuple[int, int]:
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines), len(lines[-1]) + 1


def unmarked(marked: str) -> tuple[str, list[Place]]:
    """Take the marks out of a text; return it with the places that they stood around."""
    text = ""
    places: list[Place] = []
    for number, part in enumerate(re.split("[«»]", marked)):
        if number % 2:
            places.append((*line_and_column(text), *line_and_column(text + part)))
        text += part
    return text, places


def placed(case: dict[str, Any], text: str, places: list[Place]) -> list[Finding]:
    missing = [NOWHERE] * (len(case["findings"]) - len(places))
    pairs = zip(case["findings"], [*places, *missing], strict=True)
    return [(code, path, at) for (code, path), at in pairs]


# ---------------------------------------------------------------- documents: rows 7 to 10

DOCUMENTS: list[dict[str, Any]] = TABLE["documents"]


def frozen(value: Any) -> Any:
    """Return the same document of other types: read-only mappings and tuples."""
    if isinstance(value, dict):
        return types.MappingProxyType({key: frozen(each) for key, each in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list) else value


MAPPINGS = [case for case in DOCUMENTS if isinstance(case["document"], dict)]


@pytest.mark.parametrize("case", MAPPINGS, ids=names(MAPPINGS))
@pytest.mark.parametrize("form", [lambda document: document, frozen], ids=["dict", "frozen"])
def test_a_mapping(case: dict[str, Any], form: Callable[[Any], Any], loading: Loading) -> None:
    source = form(case["document"])
    bar = loading(source)
    loading.assert_row(case["row"], [(code, path, NOWHERE) for code, path in case["findings"]])
    assert_rendered(bar, case)
    assert_strict_twin(source, bar)


WRITERS: dict[str, Callable[[Any], str]] = {
    "compact": lambda document: json.dumps(document, separators=(",", ":")),
    "commented": lambda document: "// a template\r\n" + json.dumps(document, indent="\t", ensure_ascii=False) + "/**/",
    "json5": lambda document: json5.dumps(document, quote_style=json5.QuoteStyle.ALWAYS_SINGLE),
}


def value_at(document: Any, path: str) -> Any:
    """Return the value at a JSON path."""
    for key, quoted, index in re.findall(r'\.(\w+)|\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]', path):
        document = document[int(index) if index else json.loads(quoted) if quoted else key]
    return document


def cut(text: str, finding: Diagnostic) -> str:
    """Return what stands at a finding's place."""
    lines = text.replace("\r\n", "\n").split("\n")
    assert finding.line
    assert finding.end_line
    inner = lines[finding.line - 1 : finding.end_line]
    inner[-1] = inner[-1][: (finding.end_column or 0) - 1]
    inner[0] = inner[0][(finding.column or 0) - 1 :]
    return "\n".join(inner)


@pytest.mark.parametrize("case", DOCUMENTS, ids=names(DOCUMENTS))
@pytest.mark.parametrize("writer", WRITERS)
def test_a_document_as_text(case: dict[str, Any], writer: str, loading: Loading) -> None:
    text = WRITERS[writer](case["document"])
    bar = loading(text.encode())
    loading.assert_row(case["row"], found(bar.diagnostics))
    findings = findings_of(text.encode(), bar)
    assert sorted([each.code, each.path] for each in findings) == sorted(case["findings"])
    for finding in findings:
        assert json5.loads(cut(text, finding)) == value_at(case["document"], finding.path)
    assert_rendered(bar, case)


# ---------------------------------------------------------------- texts: rows 5 to 10

TEXTS: list[dict[str, Any]] = TABLE["texts"]


def as_file(data: bytes, folder: Path) -> str:
    path = folder / "footer.jsonc"
    path.write_bytes(data)
    return str(path)


FORMS: dict[str, Callable[[str, Path], Any]] = {
    "str": lambda text, _: text,
    "bytes": lambda text, _: text.encode(),
    "bytes with a byte order mark": lambda text, _: BOM + text.encode(),
    "file": lambda text, folder: as_file(text.encode(), folder),
    "file with a byte order mark": lambda text, folder: as_file(BOM + text.encode(), folder),
    "PathLike": lambda text, folder: Path(as_file(text.encode(), folder)),
}


TEXTS_IN_FORMS = [
    pytest.param(case, form, id=f"{case['row']}-{case['name']}-{form}")
    for case in TEXTS
    for form in FORMS
    if form != "str" or is_template_text(unmarked(case["text"])[0])
]


@pytest.mark.parametrize(("case", "form"), TEXTS_IN_FORMS)
def test_a_text(case: dict[str, Any], form: str, loading: Loading, tmp_path: Path) -> None:
    text, places = unmarked(case["text"])
    text = text.removeprefix("\ufeff") if "mark" in form else text
    source = FORMS[form](text, tmp_path)
    bar = loading(source)
    loading.assert_row(case["row"], placed(case, text, places))
    assert_rendered(bar, case)
    assert_strict_twin(source, bar)


@pytest.mark.parametrize("row", range(5, 11))
def test_every_row_has_members(row: int) -> None:
    assert len([case for case in (*DOCUMENTS, *TEXTS) if case["row"] == row]) >= 8


# ---------------------------------------------------------------- rows 1 and 2: nothing, and other types


class Blank(str):
    """A blank string of another type."""

    __slots__ = ()


@pytest.mark.parametrize(
    "source",
    [
        None,
        "",
        " ",
        "\n",
        "\t\r\n ",
        "\ufeff",
        "\u00a0\u3000",
        "\u2028\u2029",
        " \v\f\u1680\u2000\u200a\u202f\u205f",
        Blank("  "),
    ],
    ids=ascii,
)
def test_nothing_is_configured(source: Any, loading: Loading) -> None:
    assert loading(source).is_builtin
    loading.assert_row(1, [("unsupported-shape", "$", NOWHERE)])
    assert_strict_twin(source, loading.bar)


def test_nothing_is_the_default() -> None:
    assert load().is_builtin
    assert load() is not None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (0, "a number"),
        (3, "a number"),
        (2.5, "a number"),
        (True, "a boolean"),
        (False, "a boolean"),
        ([], "an array"),
        ([{"text": "x"}], "an array"),
        (({"text": "x"},), "an array"),
        ({"text"}, "set"),
        (bytearray(b"{}"), "bytearray"),
        (memoryview(b"{}"), "memoryview"),
        (Decimal(1), "Decimal"),
        (object(), "object"),
        (len, "builtin_function_or_method"),
        (float("nan"), "a number"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_another_type(source: Any, kind: str, loading: Loading) -> None:
    loading(source)
    loading.assert_row(2, [("unsupported-shape", "$", NOWHERE)])
    assert loading.warnings[0].message == f"expected a mapping, a path or template text, found {kind}"
    assert_strict_twin(source, loading.bar)


# ---------------------------------------------------------------- rows 3 and 4: paths


def dangling(folder: Path) -> Any:
    (folder / "link").symlink_to(folder / "nowhere")
    return folder / "link"


class Missing(enum.StrEnum):
    """A path as a string of another type, whose `repr` is no path."""

    FILE = "no-such-file.jsonc"


MISSING: dict[str, Callable[[Path], Any]] = {
    "str": lambda folder: str(folder / "none.jsonc"),
    "PathLike": lambda folder: folder / "none.jsonc",
    "missing folder": lambda folder: folder / "none" / "none.jsonc",
    "relative": lambda _: "none/none.jsonc",
    "dangling link": dangling,
    "home": lambda _: "~/none.jsonc",
    "unknown user": lambda _: "~nobody-of-this-name/none.jsonc",
    "comments alone": lambda _: "// no template text, so a path",
    "an array": lambda _: "[1]",
    "enum": lambda _: Missing.FILE,
    "blanks around": lambda folder: f"  {folder}  ",
}


@pytest.mark.parametrize("make", MISSING.values(), ids=MISSING)
def test_a_missing_file(
    make: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loading: Loading
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    source = make(tmp_path)
    loading(source)
    loading.assert_row(3, [("unreadable", "$", NOWHERE)])
    assert refused(source)[0].message.startswith("there is no file ")
    assert_strict_twin(source, loading.bar)


def test_a_relative_path_in_a_deleted_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loading: Loading) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    loading("footer.jsonc")
    loading.assert_row(3, [("unreadable", "$", NOWHERE)])


def through_a_file(folder: Path) -> Any:
    (folder / "file").write_text("{}")
    return folder / "file" / "footer.jsonc"


def loop(folder: Path) -> Any:
    (folder / "loop").symlink_to("loop")
    return folder / "loop"


def forbidden(folder: Path) -> Any:
    path = folder / "secret.jsonc"
    path.write_text(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads everything")
    return path


def written(data: bytes) -> Callable[[Path], Any]:
    return lambda folder: as_file(data, folder)


UNREADABLE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "through a file": (through_a_file, "expected a readable file, found: not a directory"),
    "a loop": (loop, "expected a readable file, found: too many levels of symbolic links"),
    "too long a name": (lambda folder: folder / ("x" * 5000), "expected a readable file, found: file name too long"),
    "forbidden": (forbidden, "expected a readable file, found: permission denied"),
    "a folder": (lambda folder: folder, "expected a regular file, found a folder"),
    "the home": (lambda _: "~", "expected a regular file, found a folder"),
    "NUL": (lambda folder: f"{folder}/a\0b", "expected a path, found one that no file can have"),
    "NUL in a user's name": (lambda _: "~\0/a", "expected a path, found one that no file can have"),
    "lone surrogate": (lambda folder: f"{folder}/\ud800", "expected a path, found one that no file can have"),
    "lone surrogate as user": (lambda _: "~\ud800", "expected a path, found one that no file can have"),
    "one byte too many": (
        written(b" " * (MAX_BYTES + 1)),
        f"expected at most {MAX_BYTES} bytes, found more",
    ),
    "no UTF-8": (written(b'{"a": "\xff"}'), "expected UTF-8, found byte 0xff at offset 7"),
    "UTF-16": (written(GOOD.encode("utf-16-le") + b"\xff"), "expected UTF-8, found byte 0xff at offset 80"),
    "cut off": (written(b'{"\xf0\x9f'), "expected UTF-8, found byte 0xf0 at offset 2"),
    "a surrogate in UTF-8": (written(b'"\xed\xa0\x80"'), "expected UTF-8, found byte 0xed at offset 1"),
    "bytes, one too many": (
        lambda _: b"{" + b" " * MAX_BYTES,
        f"expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 1}",
    ),
    "bytes, no UTF-8": (lambda _: b"{\x80", "expected UTF-8, found byte 0x80 at offset 1"),
    "str, one too many": (
        lambda _: "{" + " " * MAX_BYTES,
        f"expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 1}",
    ),
    "str, too many as UTF-8": (
        lambda _: '{"' + "é" * (MAX_BYTES // 2),
        f"expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 2}",
    ),
}


@pytest.mark.parametrize(("make", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(
    make: Callable[[Path], Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loading: Loading
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    source = make(tmp_path)
    bar = loading(source)
    loading.assert_row(4, [("unreadable", "$", NOWHERE)])
    assert bar.diagnostics[0].message == message
    assert bar.render(CONTRACT) == builtin_bar().render(CONTRACT)
    assert_strict_twin(source, bar)


def exactly(size: int) -> bytes:
    return GOOD.encode() + b" " * (size - len(GOOD))


@pytest.mark.parametrize("form", ["bytes", "str", "file"])
def test_a_mebibyte_is_not_too_much(form: str, tmp_path: Path, loading: Loading) -> None:
    source = FORMS[form](exactly(MAX_BYTES).decode(), tmp_path)
    assert loading(source).render({}) == "x"
    loading.assert_row(10, [])


SPECIAL_FILES = """
import os, socket, sys
from usagebar import TemplateError, TemplateStore, load, parse

os.chdir(sys.argv[1])
os.mkfifo("pipe")
listener = socket.socket(socket.AF_UNIX)
listener.bind("socket")
_, follower = os.openpty()
for path in ("pipe", "socket", "/dev/zero", "/dev/full", "/dev/tty", os.ttyname(follower)):
    assert load(path).is_builtin
    assert TemplateStore(path).bar.is_builtin
    try:
        parse(path)
    except TemplateError as error:
        print(path, *[(each.code, each.message) for each in error.diagnostics])
listener.close()
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs the special files of Unix")
def test_special_files_are_never_opened(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", SPECIAL_FILES, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    kinds = [line.rpartition("found ")[2].rstrip("')") for line in done.stdout.splitlines()]
    assert kinds == ["a named pipe", "a socket", *["a device"] * 4]
    assert done.stdout.count("'unreadable', 'expected a regular file, found") == 6


# ---------------------------------------------------------------- paths that are read


class Named:
    """A PathLike that says what it is told to."""

    def __init__(self, path: Any) -> None:
        self.path = path

    def __fspath__(self) -> Any:
        if isinstance(self.path, Exception):
            raise self.path
        return self.path


READ: dict[str, Callable[[Path], Any]] = {
    "absolute": lambda folder: str(folder / "footer.jsonc"),
    "relative": lambda _: "footer.jsonc",
    "dotted": lambda _: "./../here/footer.jsonc",
    "home": lambda _: "~/footer.jsonc",
    "home as PathLike": lambda _: Path("~/footer.jsonc"),
    "link": lambda folder: folder / "link.jsonc",
    "bytes of a PathLike": lambda folder: Named(os.fsencode(folder / "footer.jsonc")),
    "home in bytes of a PathLike": lambda _: Named(b"~/footer.jsonc"),
    "undecodable bytes of a PathLike": lambda _: Named(b"\xff.jsonc"),
    "odd name": lambda folder: folder / "{[ü😀.jsonc",
    "blank at its end": lambda _: "footer.jsonc ",
}


@pytest.mark.parametrize("make", READ.values(), ids=READ)
def test_a_path(make: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loading: Loading) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("footer.jsonc", "{[ü😀.jsonc", "footer.jsonc ", os.fsdecode(b"\xff.jsonc")):
        (folder / name).write_text(GOOD)
    (folder / "link.jsonc").symlink_to("footer.jsonc")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    source = make(folder)
    assert loading(source).render({}) == "x"
    loading.assert_row(10, [])
    assert_strict_twin(source, loading.bar)


@pytest.mark.parametrize("path", [RuntimeError("no path today"), 5, None], ids=repr)
def test_a_path_that_raises(path: Any, loading: Loading) -> None:
    bar = loading(Named(path))
    loading.assert_row(4, [("unreadable", "$", NOWHERE)])
    assert bar.diagnostics[0].message.startswith("expected a path, found Named, which raised ")
    assert_strict_twin(Named(path), bar)


@pytest.mark.parametrize("text", ["/* nothing */", "// a\n/* b */ // c", "// " + "x" * 300 + "\n//"])
def test_comments_alone_are_blank_text(text: str, loading: Loading) -> None:
    loading(text)
    loading.assert_row(5, [])
    assert [each.code for each in refused(text)] == ["unsupported-shape"]


def test_a_line_of_two_slashes_may_be_a_path(tmp_path: Path, loading: Loading) -> None:
    as_file(GOOD.encode(), tmp_path)
    assert loading(f"/{tmp_path}/footer.jsonc").render({}) == "x"


def test_surrogates_that_json5_leaves_apart(loading: Loading) -> None:
    text = "{output: {default: [{text: '\\ud83c\\udf11{v|meter:1:s}'}]}, scales: {s: '\\ud83c\\udf11\\ud83c\\udf15'}}"
    assert loading(text).render({"v": 100}) == "🌑🌕"


def test_a_document_may_change_after_it_was_loaded() -> None:
    document: Any = {"output": {"default": [{"text": "a"}, {"map": "v", "cases": {"1": "b"}}]}}
    bar = load(document)
    document["output"]["default"][0]["text"] = 5
    document["output"]["default"][1]["cases"]["1"] = "c"
    document["output"]["default"].append({"text": "d"})
    assert bar.render({"v": 1}) == "ab"


# ---------------------------------------------------------------- row 6, what is too long for a table

DEPTH = 20_000
DIGITS = sys.get_int_max_str_digits() + 1
TEXT_5 = "{output: {default: [{text: 'x'}]}}"

BORDERS: dict[str, tuple[str, int, tuple[int, int] | None]] = {
    "JSON5 up to 16 KiB": (TEXT_5.ljust(JSON5_MAX_BYTES), 10, None),
    "JSON5 beyond 16 KiB": (TEXT_5.ljust(JSON5_MAX_BYTES + 1), 6, (1, 2)),
    "JSON5 beyond 16 KiB as UTF-8": ("{//" + "é" * 8200 + "\n" + TEXT_5[1:], 6, (2, 1)),
    "JSONC beyond 16 KiB": ("// \n" + GOOD.ljust(JSON5_MAX_BYTES), 10, None),
    "too deep": ('{"output": ' + "[" * DEPTH + "]" * DEPTH + "}", 6, (1, 11 + DEPTH)),
    "too deep for JSON5": ("{output: " + "[" * 8000 + "]" * 8000 + "}", 6, (1, 2)),
    "too many digits": ('{"a": ' + "1" * DIGITS + ", " + GOOD[1:], 6, (1, 7)),
    "too many digits behind a sign": ('{"a":\n-' + "1" * DIGITS + ", " + GOOD[1:], 6, (2, 1)),
    "too many digits in JSON5": ("{a: " + "1" * DIGITS + "}", 6, (1, 2)),
    "digits enough": ('{"a": ' + "1" * (DIGITS - 1) + ", " + GOOD[1:], 10, None),
    "digits of a fraction": ('{"a": 1.' + "1" * DIGITS + ", " + GOOD[1:], 10, None),
    "hexadecimal digits in JSON5": ("{a: 0x" + "f" * DIGITS + ", " + TEXT_5[1:], 10, None),
}


@pytest.mark.parametrize(("text", "row", "at"), BORDERS.values(), ids=BORDERS)
def test_borders_of_decoding(text: str, row: int, at: tuple[int, int] | None, loading: Loading) -> None:
    bar = loading(text)
    loading.assert_row(row, found(bar.diagnostics))
    assert [(each.code, (each.line, each.column)) for each in bar.diagnostics] == ([("invalid-json", at)] if at else [])
    assert_strict_twin(text, bar)


def test_a_deep_mapping_is_no_trouble(loading: Loading) -> None:
    deep: Any = []
    for _ in range(DEPTH):
        deep = [deep]
    assert loading({"extra": deep, "output": {"default": [{"text": "x"}, deep]}}).render({}) == "x"
    loading.assert_row(10, [("wrong-type", "$.output.default[1]", NOWHERE)])


def test_an_endless_mapping_is_no_trouble(loading: Loading) -> None:
    endless: dict[str, Any] = {"scales": 5, "output": {"default": [{"text": "x"}]}}
    endless["output"]["self"] = endless
    assert loading(endless).render({}) == "x"
    loading.assert_row(10, [("wrong-type", "$.scales", NOWHERE)])


def test_an_integer_that_cannot_be_printed(loading: Loading) -> None:
    document = {"output": {"default": [{"text": "x"}, 10**5000]}}
    assert loading(document).render({}) == "x"
    loading.assert_row(10, [("wrong-type", "$.output.default[1]", NOWHERE)])
    assert_strict_twin(document, loading.bar)


def test_keys_that_are_no_strings(loading: Loading) -> None:
    piece = {"map": "t", "cases": {1: "y", "true": "T"}}
    document = {
        1: 2,
        "scales": {None: "01", "a": "01"},
        "aliases": {2: {}, "t": {3: "y", "V": "label"}},
        "output": {"default": [piece, {"text": "{v|alias:t}"}], "surfaces": {4: [piece]}},
    }
    assert loading(document).render(CONTRACT) == "Tlabel"
    paths = ["$.scales", "$.aliases", "$.aliases.t", "$.output.surfaces", "$.output.default[0].cases"]
    loading.assert_row(10, [("wrong-type", path, NOWHERE) for path in paths])


@pytest.mark.parametrize("shared", [True, False])
def test_shared_segments_are_reported_once(shared: bool, loading: Loading) -> None:
    surfaces = {name: {} if shared else {"segments": [5]} for name in ("a", "b")}
    loading({"segments": [{"text": "x"}, {"text": 5}], "surfaces": surfaces})
    places = ["$.segments[1].text", *([] if shared else ["$.surfaces.a.segments[0]", "$.surfaces.b.segments[0]"])]
    loading.assert_row(10, [("wrong-type", path, NOWHERE) for path in places])


# ---------------------------------------------------------------- the bar, and what is the caller's to get right


class Hostile(dict[str, Any]):
    """A mapping that cannot be read."""

    def get(self, *_: Any) -> Any:
        raise RuntimeError("not today")


def test_a_mapping_that_raises(loading: Loading) -> None:
    assert loading(Hostile(output={})).is_builtin
    assert loading.logged == ["the template could not be loaded"]
    with pytest.raises(RuntimeError, match="not today"):
        parse(Hostile(output={}))


@pytest.mark.parametrize(
    ("verbs", "error"),
    [({"num": str}, ValueError), ({"": str}, ValueError), ({"shout": 5}, TypeError)],
    ids=["taken", "no name", "no function"],
)
@pytest.mark.parametrize("read", [load, parse])
def test_verbs_that_can_be_none(read: Callable[..., Any], verbs: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(GOOD, verbs=verbs)


@pytest.mark.parametrize("read", [load, parse])
def test_verbs(read: Callable[..., UsageBar], tmp_path: Path) -> None:
    text = '{"output": {"default": [{"text": "{v|shout:!}"}]}}'
    for source in (text, text.encode(), json.loads(text), as_file(text.encode(), tmp_path)):
        assert read(source, verbs={"shout": lambda value, mark: value.upper() + mark}).render({"v": "a"}) == "A!"
        assert read(source).render({"v": "a"}) == "a"


def test_a_failing_template_renders_the_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for bar in (load(GOOD), load(as_file(GOOD.encode(), tmp_path)), parse(GOOD)):
        monkeypatch.setattr(bar, "_default", 5)
        assert bar.render(CONTRACT) == builtin_bar().render(CONTRACT)


NAMES: dict[str, tuple[Any, str]] = {
    "nothing": (None, "<built-in>"),
    "mapping": ({"output": {"default": [{}]}}, "<mapping>"),
    "text": (GOOD, "<text>"),
    "bytes": (GOOD.encode(), "<text>"),
    "broken mapping": ({"output": {"default": [{}, 1]}}, r"<mapping [0-9a-f]{12}>"),
    "broken text": ('{"output": {"default": [{}, 1]}}', r"<text [0-9a-f]{12}>"),
}


@pytest.mark.parametrize(("source", "name"), NAMES.values(), ids=NAMES)
def test_names(source: Any, name: str) -> None:
    assert re.fullmatch(name, load(source).name)


def test_the_name_of_a_path_is_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    as_file(GOOD.encode(), tmp_path)
    assert load("footer.jsonc").name == "footer.jsonc"
    assert load("~/footer.jsonc").name == f"{tmp_path}/footer.jsonc"


@pytest.mark.no_cover
def test_twenty_thousand_broken_parts_take_no_time(loading: Loading) -> None:
    text = '{"output": {"default": [{"text": "x"}' + ',\n{"when": 1}' * 20_000 + "]}}"
    started = time.process_time()
    bar = loading(text)
    assert time.process_time() - started < 20
    assert place(bar.diagnostics[-1]) == (20_001, 10, 20_001, 11)
    assert len(loading.warnings) == 20_000
