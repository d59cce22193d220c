"""Comments that silence a finding: `// usagebar: ignore unknown-path`."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from usagebar.diagnostics import SEVERITIES
from usagebar.template.places import Lines
from usagebar.template.position import comments, tokens
from usagebar.template.source import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.diagnostics import Diagnostic

_MARK = "usagebar:"
_IGNORE = re.compile(r"usagebar:\s*ignore\b(.*)", re.DOTALL)
_WORD = re.compile(r"[\w-]+")


def unsilenced(findings: Iterable[Diagnostic], text: str | None) -> list[Diagnostic]:
    """Return the findings that no comment of the text silences.

    A comment above the template's `{` holds for the file, any other one for its own line and the next line that holds
    more than comments. It names codes, with commas or blanks between.
    """
    if text is None or _MARK not in text:
        return list(findings)
    silenced = set(_silenced(text))
    return [each for each in findings if (each.code, None) not in silenced and (each.code, each.line) not in silenced]


def _silenced(text: str) -> Iterator[tuple[str, int | None]]:
    """Walk the codes that are silenced, each with its line, None being the file."""
    lines = Lines(text)
    top = significant(text)
    held = sorted({lines.position(start)[0] for start, _ in tokens(text, 0)})  # lines with more than comments
    for begin, end in comments(text):
        for code in _codes(text[begin:end]):
            if begin < top:
                yield code, None
            else:
                first, last = lines.position(begin)[0], lines.position(end)[0]
                behind = held[(at := bisect_right(held, last)) : at + 1]
                yield from ((code, line) for line in (*range(first, last + 1), *behind))


def _codes(comment: str) -> list[str]:
    found = _IGNORE.search(comment)
    return [word for word in _WORD.findall(found[1]) if word in SEVERITIES] if found else []
