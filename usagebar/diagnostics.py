"""What is wrong with a template, and where: findings, their excerpts, and the errors that carry them.

Every error of this package that a caller may want to catch:

    ValueError
    ├── TemplateError    a template that cannot be used as it is; `diagnostics` says why
    └── ContractError    what a contract was to be built from is none (usagebar.contract.errors)
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEVERITIES: Mapping[str, str] = {
    # error: the author's intent is lost
    "invalid-json": "error",
    "unreadable": "error",
    "unsupported-shape": "error",
    "unsupported-schema": "error",
    "wrong-type": "error",
    "bad-argument": "error",
    "unknown-scale": "error",
    "short-scale": "error",
    "unknown-alias-table": "error",
    "empty-piece": "error",
    # warning: probably not meant
    "unknown-key": "warning",
    "duplicate-key": "warning",
    "unknown-path": "warning",
    "suspect-fallback": "warning",
    "lost-fallback": "warning",
    "unclosed-brace": "warning",
    "cluster-split": "warning",
    "case-never-matches": "warning",
    "number-after-text": "warning",
    "unknown-surface": "warning",
    "over-limit": "warning",
    "broken-markup": "warning",
    # hint: works, and could be better
    "missing-schema": "hint",
    "legacy-shape": "hint",
    "unused-scale": "hint",
    "unused-alias-table": "hint",
    "refused-default": "hint",
    "differs-upstream": "hint",
}

_SHOWN_ERRORS = 20  # by `str` of an error; `diagnostics` holds them all
_WIDTH = 120  # cells of a drawn line of text; two thirds of them are for what follows the first caret
_TAB = "    "
_JOINERS = "\u200c\u200d"  # invisible, but scripts and emoji need them
_BLACK_FLAG = "\U0001f3f4"
_TAGS = "".join(map(chr, range(0xE0020, 0xE0080)))  # invisible, and behind a black flag they say whose flag it is


class Diagnostic(Record):
    """Hold one finding.

    `severity` is "error", "warning" or "hint". Line and column are 1-based, in code points of the text as
    written, the end exclusive; a mapping that never was a text has none. `path` is a JSON path such as
    `$.output.default[0].text`. `suggestion` is what may be meant instead, in words.
    """

    code: str
    severity: str
    message: str
    path: str = "$"
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    suggestion: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Return all fields by name, those without a value as None."""
        return {name: getattr(self, name) for name in self._fields}


class TemplateError(ValueError):
    """Refuse a template: `diagnostics` say why, `name` and `text` where they were found.

    As a string it is their excerpts, one below the other, the first 20 of them.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], name: str, text: str | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.name = name
        self.text = text
        super().__init__(self.diagnostics, name, text)

    def __str__(self) -> str:
        shown = self.diagnostics[:_SHOWN_ERRORS]
        drawn = [draw(diagnostic, name=self.name, text=self.text) for diagnostic in shown]
        if len(shown) < len(self.diagnostics):
            drawn.append(f"… and {len(self.diagnostics) - len(shown)} more")
        return "\n\n".join(drawn)


def json_path(steps: tuple[str | int, ...]) -> str:
    """Write a JSON path: `("output", "default", 0)` is `$.output.default[0]`.

    A key that is no ASCII identifier is written as in JSON: `$.aliases.models["gpt-5.5"]`.
    """
    return "$" + "".join([_json_step(step) for step in steps])


def _json_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step.isascii() and step.isidentifier():
        return f".{step}"
    from json import dumps  # noqa: PLC0415 - only for an unusual key in something to report

    return f"[{dumps(step, ensure_ascii=False)}]"


# ---------------------------------------------------------------- drawing


def draw(diagnostic: Diagnostic, *, name: str, text: str | None = None, width: int = _WIDTH) -> str:
    """Draw a finding as a few lines for a terminal: what, where, the line with carets, the suggestion.

        error[wrong-type]: expected a string, found a number
          --> footer.jsonc:5:15 ($.output.default[0].when)
           |
         5 |     { "when": 5, "text": "x" },
           |               ^
        help: write the path in quotes

    `name` is what the user calls the template. Carets stand below the code points, aligned in terminal cells; of a line
    of text so many cells are shown as `width` says.
    Whatever a terminal would obey instead of showing it (controls, bidi overrides) is shown by name.
    """
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {visible(diagnostic.message)}"]
    source = _line_of(text, diagnostic.line)
    gutter = " " * (1 if source is None else len(str(diagnostic.line)) + 1)
    lines.append(f"{gutter}--> {visible(_place(diagnostic, name))}")
    if source is not None:
        excerpt, carets = _excerpt(source, *_columns(diagnostic, source), width)
        drawn = f"{gutter} |", f" {diagnostic.line} | {excerpt}", f"{gutter} | {carets}"
        lines += [line.rstrip() for line in drawn]
    if diagnostic.suggestion is not None:
        lines.append(f"help: {visible(diagnostic.suggestion)}")
    return "\n".join(lines)


def _place(diagnostic: Diagnostic, name: str) -> str:
    numbers = [str(n) for n in (diagnostic.line, diagnostic.column) if n is not None]
    path = "" if diagnostic.path == "$" else f" ({diagnostic.path})"
    return ":".join([name, *numbers]) + path


def _line_of(text: str | None, line: int | None) -> str | None:
    if text is None or line is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[line - 1] if 1 <= line <= len(lines) else None


def _columns(diagnostic: Diagnostic, source: str) -> tuple[int, int]:
    """Return the 0-based start and end of what is underlined: one column at least, maybe behind the line."""
    start = min((diagnostic.column or 1) - 1, len(source))
    if diagnostic.end_line not in (None, diagnostic.line):
        end = len(source)
    else:
        end = min((diagnostic.end_column or 0) - 1, len(source))
    return start, max(end, start + 1)


def _excerpt(source: str, start: int, end: int, width: int) -> tuple[str, str]:
    """Return the part of a line around a span, and the carets below the span."""
    from wcwidth import wcswidth  # noqa: PLC0415 - only to report

    low, high = _window(source, start, width)
    before = "…" * (low > 0) + visible(source[low:start])
    marked = visible(source[start : min(end, high)])
    after = visible(source[end:high]) + "…" * (high < len(source))
    padding = max(0, wcswidth(before))
    carets = max(1, wcswidth(before + marked) - padding)
    return before + marked + after, " " * padding + "^" * carets


def _window(source: str, start: int, width: int) -> tuple[int, int]:
    behind = width * 2 // 3
    high, unused = _reach(source, start, 1, behind)
    low, unused = _reach(source, start, -1, width - behind + unused)
    return low, _reach(source, high, 1, unused)[0]


def _reach(source: str, index: int, step: int, budget: int) -> tuple[int, int]:
    """Go from an index as far as the cells allow; return where that is, and the cells left over."""
    from wcwidth import wcwidth  # noqa: PLC0415 - only to report

    ahead = range(index, len(source)) if step > 0 else range(index - 1, -1, -1)
    for at in ahead:
        shown = visible(source[at])
        # At least one each: a line of a million combining marks is no shorter to print.
        cells = sum(max(1, wcwidth(char)) for char in shown)
        if cells > budget:
            break
        budget -= cells
        index += step
    return index, budget


def visible(text: str) -> str:
    """Return a text with whatever a terminal would obey instead of showing it shown by name."""
    if text.isprintable():  # as most texts
        return text
    first, *behind_flags = text.split(_BLACK_FLAG)
    return _BLACK_FLAG.join([_each_shown(first), *map(_behind_flag, behind_flags)])


def _behind_flag(text: str) -> str:
    rest = text.lstrip(_TAGS)
    return text[: len(text) - len(rest)] + _each_shown(rest)


def _each_shown(text: str) -> str:
    return "".join([_shown(char) for char in text])


def _shown(char: str) -> str:
    if char == "\t":
        return _TAB
    if char < " " or char == "\x7f":
        return chr(0x2421 if char == "\x7f" else 0x2400 + ord(char))
    if char.isprintable() or char in _JOINERS:
        return char
    from unicodedata import category  # noqa: PLC0415 - only to report

    return f"<U+{ord(char):04X}>" if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char
