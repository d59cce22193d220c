"""Previews as an SVG, for pages: a dark card on which every glyph stands in its own terminal cell.

The same previews give the same bytes. Nothing is fetched: no fonts, no links, no scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.wrapping import runs_width, styled_clusters, wrap
from usagebar.diagnostics import visible
from usagebar.record import Record
from usagebar.surfaces.reading.appearance import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.cli.previews.data import Preview, Shown

_MOST_CELLS = 100
_PADDING = 20
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_CARD, _EDGE, _INK, _DIM = "#0d1117", "#30363d", "#e6edf3", "#8b949e"
_INKS = {
    "dim": _DIM,
    "red": "#ff7b72",
    "green": "#7ee787",
    "yellow": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#56d4dd",
    "code": "#a5d6ff",
    "spoiler": "#484f58",
    "link": "#79c0ff",
    "quote": _DIM,
}
_DECORATIONS = {"underline": "underline", "link": "underline", "strike": "line-through"}


class Size(Record):
    """The measures of a line of text, in pixels."""

    font: float
    cell: float
    height: float


_TEXT = Size(14.0, 8.4, 22.0)
_SMALL = Size(11.5, 6.9, 18.0)


class Row(Record):
    """A line on the card; `above` is the space before it."""

    runs: tuple[Run, ...]
    size: Size = _TEXT
    above: float = 0.0

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return runs_width(self.runs) * self.size.cell


def as_svg(shown: Shown) -> str:
    """Return an SVG document."""
    rows = list(_rows(shown))
    width = max((row.width for row in rows), default=0.0) + 2 * _PADDING
    height = sum(row.above + row.size.height for row in rows) + 2 * _PADDING
    title = f"usage footers of {shown.name}"
    said = [f"{each.surface}, {each.turn}: {each.footer or 'nothing'}" for each in shown.previews]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(width)}" height="{_number(height)}" '
            f'viewBox="0 0 {_number(width)} {_number(height)}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{_escaped(visible(title))}</title>',
            f'<desc id="desc">{_escaped("; ".join(map(_one_line, said)))}</desc>',
            f'<rect x="0.5" y="0.5" width="{_number(width - 1)}" height="{_number(height - 1)}" rx="10" '
            f'fill="{_CARD}" stroke="{_EDGE}"/>',
            f'<g font-family="{_FONT}" fill="{_INK}">',
            *_texts(rows),
            "</g>",
            "</svg>\n",
        ]
    )


def _rows(shown: Shown) -> Iterator[Row]:
    for number, place in enumerate(shown.places):
        yield Row((Run(visible(place.name), ("bold",)),), above=14.0 if number else 0.0)
        for preview in shown.previews:
            if preview.surface == place.name:
                yield from _preview_rows(preview)


def _preview_rows(preview: Preview) -> Iterator[Row]:
    limit = "" if preview.limit is None else f"/{preview.limit}"
    label = f"{preview.turn} · {preview.length}{limit} {preview.unit}"
    yield Row((Run(visible(label), ("red" if preview.is_over else "dim",)),), _SMALL, 4.0)
    if preview.appearance.refused is not None:
        yield Row((Run(visible(preview.appearance.refused), ("red",)),), _SMALL)
    if not preview.footer:
        yield Row((Run("(nothing)", ("dim",)),))
        return
    for line in preview.appearance.lines:
        for runs in wrap(line.runs, _MOST_CELLS):
            small = tuple(Run(run.text, ("dim", *run.styles)) for run in runs)
            yield Row(small, _SMALL) if line.is_small else Row(runs)


def _texts(rows: list[Row]) -> Iterator[str]:
    bottom = float(_PADDING)
    for row in rows:
        bottom += row.above + row.size.height
        baseline = bottom - 0.32 * row.size.height
        for column, text, styles in _words(row.runs):
            yield _text(row.size, text, _PADDING + column * row.size.cell, baseline, styles)


def _words(runs: tuple[Run, ...]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Walk what is placed as one: a word in ASCII, any other cluster alone. Blanks need no ink."""
    word: tuple[int, str, tuple[str, ...]] | None = None
    column = 0
    for cluster, cells, styles in styled_clusters(runs):
        if word is not None and not (_is_plain(cluster) and styles == word[2]):
            yield word
            word = None
        if _is_plain(cluster):
            word = (column, cluster, styles) if word is None else (word[0], word[1] + cluster, styles)
        elif not cluster.isspace():
            yield column, cluster, styles
        column += cells
    if word is not None:
        yield word


def _is_plain(cluster: str) -> bool:
    return len(cluster) == 1 and "!" <= cluster <= "~"


def _text(size: Size, text: str, x: float, y: float, styles: tuple[str, ...]) -> str:
    # A fallback font is as wide as it likes: a word is told its length, and what follows has its own place.
    length = f' textLength="{_number(len(text) * size.cell)}"' if len(text) > 1 and text.isascii() else ""
    place = f'x="{_number(x)}" y="{_number(y)}" font-size="{_number(size.font)}"{length}'
    return f"<text {place}{_look(styles)}>{_escaped(text)}</text>"


def _look(styles: tuple[str, ...]) -> str:
    # The last colour counts: small print is dim, and what it colours is not.
    ink = [_INKS[style] for style in styles if style in _INKS][-1:]
    decoration = " ".join(dict.fromkeys(_DECORATIONS[style] for style in styles if style in _DECORATIONS))
    attributes = {
        "fill": "".join(ink),
        "font-weight": "bold" * ("bold" in styles),
        "font-style": "italic" * ("italic" in styles),
        "text-decoration": decoration,
    }
    return "".join([f' {name}="{value}"' for name, value in attributes.items() if value])


def _one_line(text: str) -> str:
    return visible(" / ".join(text.split("\n")))


def _escaped(text: str) -> str:
    """Return text for XML 1.0, which has no place for some code points."""
    legal = "".join(["\ufffd" if char in "\ufffe\uffff" or "\ud800" <= char <= "\udfff" else char for char in text])
    return legal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
