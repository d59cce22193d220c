"""A defect anywhere in a valid template, however it is written, is found exactly there, and nothing else is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import documents, planted, without_marks, written

from usagebar.checks import check
from usagebar.diagnostics import SEVERITIES

if TYPE_CHECKING:
    from usagebar.diagnostics import Diagnostic


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Count lines the slow way, apart from the code under test."""
    ends = [found.end() for found in re.finditer(r"\r\n|\n|\r", text) if found.end() <= offset]
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1


def place(finding: Diagnostic) -> tuple[str, object, object]:
    return finding.code, (finding.line, finding.column), (finding.end_line, finding.end_column)


def serious(findings: list[Diagnostic], planted: str = "") -> list[tuple[str, object, object]]:
    """Return what is found, but hints, and what is long by chance: a few drawn meters fill a line of IRC."""
    passed_over = {"over-limit"} - {planted}
    return [place(each) for each in findings if each.severity != "hint" and each.code not in passed_over]


def assert_found(code: str, written_with_marks: str) -> None:
    text, begin, end = without_marks(written_with_marks)
    planted_there = (code, line_column(text, begin), line_column(text, end))
    findings = check(text)
    assert planted_there in map(place, findings), text
    assert serious(findings, code) == ([] if SEVERITIES[code] == "hint" else [planted_there]), text


@pytest.mark.no_cover
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_valid_template_has_no_error_and_no_warning(data: Any) -> None:
    text = data.draw(documents().flatmap(written))
    assert serious(check(text)) == []


@pytest.mark.no_cover
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_planted_defect_is_found_where_it_is(data: Any) -> None:
    code, document = data.draw(planted())
    assert_found(code, data.draw(written(document)))


@pytest.mark.slow
@settings(max_examples=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_many_planted_defects(data: Any) -> None:
    code, document = data.draw(planted())
    assert_found(code, data.draw(written(document)))
