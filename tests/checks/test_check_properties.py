"""`check` on whatever it is given: it raises nothing, and each finding has its place in the text and its severity."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import documents, nested

import usagebar
from usagebar.checks import check
from usagebar.diagnostics import SEVERITIES, Diagnostic, draw
from usagebar.template.reading import shortened

PACKAGE = Path(usagebar.__file__).parent
ROOT = PACKAGE.parent
CONFORMANCE = Path(__file__).parents[1] / "conformance"
SHIPPED = sorted([*(PACKAGE / "template").rglob("*.jsonc"), *(ROOT / "examples" / "templates").glob("*.jsonc")])
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What their message names is what they point at.
QUOTING = {"unknown-key", "unknown-path", "suspect-fallback", "lost-fallback", "case-never-matches", "duplicate-key"}


def assert_sound(found: list[Diagnostic], text: str | None) -> None:
    """Assert what is true of the findings about any source."""
    for finding in found:
        assert finding.severity == SEVERITIES[finding.code]
        assert finding.path.startswith("$")
        assert finding.message
        assert draw(finding, name="footer.jsonc", text=text)
    if text is None:
        assert all(each.line is each.column is each.end_line is each.end_column is None for each in found)
        return
    starts = [(each.line or 0, each.column or 0) for each in found]
    assert starts == sorted(starts)
    lines = lines_of(text)
    assert all(is_inside(each, lines) for each in found if each.line is not None)


def lines_of(text: str) -> list[str]:
    return re.split("\n|\r(?!\n)", text.removeprefix("\ufeff"))  # the CR of a CRLF counts as the last of its line


def is_inside(finding: Diagnostic, lines: list[str]) -> bool:
    start, end = (finding.line or 0, finding.column or 0), (finding.end_line or 0, finding.end_column or 0)
    within = all(1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1 for line, column in (start, end))
    # At the end of the text stands what is missing there, one column wide.
    return start <= end and (within or (end[0] == len(lines) and end[1] == len(lines[-1]) + 2))


def said(found: list[Diagnostic]) -> list[tuple[str, str, str, str | None]]:
    return sorted((each.code, each.path, each.message, each.suggestion or "") for each in found)


# ---------------------------------------------------------------- documents


@ANY
@given(documents | nested(st.none() | st.text(max_size=3) | st.integers()))
def test_any_mapping(document: Any) -> None:
    if not isinstance(document, str):  # paths are not for chance to choose
        assert_sound(check(document), None)


WRITERS: dict[str, Callable[[Any], str]] = {
    "compact": lambda document: json.dumps(document, separators=(",", ":")),
    "indented": lambda document: json.dumps(document, ensure_ascii=False, indent="\t"),
    "with CRLF": lambda document: json.dumps(document, indent=1).replace("\n", "\r\n"),
    "with CR": lambda document: "\r" + json.dumps(document, ensure_ascii=False, indent=1).replace("\n", "\r"),
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(ANY, max_examples=60)
@given(document=documents)
def test_a_text_says_what_its_document_says(writer: str, document: Any) -> None:
    text = WRITERS[writer](document)
    found = check(text)
    assert_sound(found, text)
    assert all(finding.line is not None for finding in found)
    assert said(found) == said(check(json.loads(text)))


@ANY
@given(documents)
def test_what_is_named_is_what_is_pointed_at(document: Any) -> None:
    text = json.dumps(document)
    for finding in check(text):
        if finding.code in QUOTING and finding.column is not None and finding.end_column is not None:
            pointed = json.loads(f'"{text[finding.column - 1 : finding.end_column - 1]}"')
            assert shortened(pointed) in finding.message


# ---------------------------------------------------------------- shipped templates, and what an editor makes of them


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_templates_have_no_mistakes(path: Path) -> None:
    assert [each for each in check(path) if each.severity != "hint"] == []


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.sampled_from(
            [b"", b"", *(bytes([byte]) for byte in b'"{}[]:,|\\/*\n\r\t \xff\xf0x0'), b"\\u00e9", "🌘".encode()]
        )
        | st.binary(max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.no_cover
@settings(ANY, max_examples=300)
@given(st.sampled_from(SHIPPED), EDITS)
@example(SHIPPED[0], [(0.0, 0, b"\xef\xbb\xbf")])
def test_edited_bytes_of_shipped_templates(path: Path, edits: list[tuple[float, int, bytes]]) -> None:
    data = path.read_bytes()
    for part, cut, new in edits:
        at = int(part * len(data))
        data = data[:at] + new + data[at + cut :]
    found = check(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        assert [each.code for each in found] == ["unreadable"]
        return
    assert_sound(found, text)


@ANY
@given(st.text() | st.text().map(lambda text: "{" + text) | st.binary())
def test_any_text(text: str | bytes) -> None:
    source = text.encode("utf-8", "replace") if isinstance(text, str) else text
    assert isinstance(check(source), list)


# ---------------------------------------------------------------- templates that others have


def conformance() -> list[dict[str, Any]]:
    found = []
    for path in sorted(CONFORMANCE.glob("*.json")):
        file = json.loads(path.read_bytes())
        shared = {key: file[key] for key in ("schema", "scales", "aliases")}
        found += [{**shared, **vector["template"]} for vector in file["vectors"]]
    return [{key: value for key, value in each.items() if value is not None} for each in found]


@pytest.mark.no_cover
def test_the_templates_of_the_conformance_cases() -> None:
    for document in conformance():
        text = json.dumps(document, ensure_ascii=False, indent=1)
        found = check(text)
        assert_sound(found, text)
        assert said(found) == said(check(document))
