"""What a surface makes of the text it is sent: lines of styled runs, for the preview.

    text ── reader of the surface's markup ──> events ──> runs of text, each with its styles ──> lines

An event is a text and 0, or a style and 1 or -1: it begins or ends there. Styles are `bold`, `italic`, `underline`,
`strike`, `code`, `dim`, `spoiler`, `link`, `quote` and the colours `red`, `green`, `yellow`, `blue`, `magenta`, `cyan`;
`small` is what a line in small print begins and ends with. What is written like markup and is none stays as it is.
What a surface does beyond that (lists, mentions, tables, style sheets, cursor moves) is not read; each reader's module
says what of its own.

Any text has an appearance, also one with lone surrogates and NULs, in time linear in its length.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.surfaces.profiles import length_of
from usagebar.surfaces.reading.codes import irc, terminal
from usagebar.surfaces.reading.discord import discord
from usagebar.surfaces.reading.marks import slack, whatsapp
from usagebar.surfaces.reading.pages import html
from usagebar.surfaces.reading.tags import Refused, telegram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from usagebar.surfaces.profiles import Profile
    from usagebar.surfaces.reading.events import Event

    Reader: TypeAlias = Callable[[str], Iterable[Event]]
    Styled: TypeAlias = tuple[str, frozenset[str]]

SMALL = "small"
COUNTED_AS_SEEN = ("telegram-html", "terminal")  # their limits do not count the markup

_LINE_BREAK = re.compile(r"\r?\n")
_IRC_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Run(Record):
    """Text of one look. `styles` are in alphabetical order."""

    text: str
    styles: tuple[str, ...] = ()


class Line(Record):
    """A line as it is seen; `is_small`: the surface sets all of it in small print."""

    runs: tuple[Run, ...]
    is_small: bool = False

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join([run.text for run in self.runs])


_BLANK = Line(())


class Appearance(Record):
    """How a text looks on a surface, and how long it is there.

    `refused` says in words why the surface would not take the message, None if it does; then the lines are the text as
    it is. `length` counts as the surface's limit does, of the longest line where the limit is one for each line.
    """

    lines: tuple[Line, ...]
    refused: str | None
    length: int


def appearance(text: str, profile: Profile) -> Appearance:
    """Return how a text looks on a surface. Never raises; an empty text has no lines."""
    try:
        lines, refused = _lines(READERS.get(profile.markup, _plain)(text)), None
    except Refused as refusal:
        lines, refused = _lines(_plain(text)), f"{profile.name} refuses the message: {refusal}"
    return Appearance(lines, refused, _length(text, lines, profile))


def _length(text: str, lines: tuple[Line, ...], profile: Profile) -> int:
    """Return the length that the surface's limit is for."""
    if profile.markup in COUNTED_AS_SEEN:
        counted = [line.text for line in lines] or [""]
        text = "\n".join(counted)
    else:
        counted = (_IRC_LINE_BREAK if profile.markup == "irc" else _LINE_BREAK).split(text)
    return max(length_of(part, profile.unit) for part in (counted if profile.each_line else [text]))


# ---------------------------------------------------------------- events → lines


def _plain(text: str) -> list[Event]:
    return [(text, 0)]


def _lines(events: Iterable[Event]) -> tuple[Line, ...]:
    lines: list[list[Styled]] = [[]]
    for text, styles in _styled(events):
        first, *further = _LINE_BREAK.split(text)
        lines[-1].append((first, styles))
        lines.extend([(line, styles)] for line in further)
    found = tuple(map(_line, lines))
    return found if found != (_BLANK,) else ()


def _styled(events: Iterable[Event]) -> Iterator[Styled]:
    """Walk the texts of events, each with the styles it stands in."""
    depths: Counter[str] = Counter()
    styles: frozenset[str] = frozenset()
    for text, change in events:
        if change:
            depths[text] += change
            styles = styles | {text} if depths[text] else styles - {text}
        else:
            yield text, styles


def _line(styled: list[Styled]) -> Line:
    texts = [(text, styles) for text, styles in styled if text]
    if not texts:
        return _BLANK
    is_small = all(SMALL in styles for _, styles in texts)
    return Line(tuple(_joined((text, _names(styles, is_small=is_small)) for text, styles in texts)), is_small)


def _names(styles: frozenset[str], *, is_small: bool) -> tuple[str, ...]:
    """Return the names of styles; small print beside other text in its line is dim."""
    if SMALL in styles:
        styles = styles - {SMALL} | (frozenset() if is_small else {"dim"})
    return tuple(sorted(styles))


def _joined(runs: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Run]:
    """Walk runs, of which there is one at least, neighbours of one look as one."""
    texts: list[str] = []
    look: tuple[str, ...] = ()
    for text, styles in runs:
        if texts and styles != look:
            yield Run("".join(texts), look)
            texts = []
        texts.append(text)
        look = styles
    yield Run("".join(texts), look)


READERS: Mapping[str, Reader] = {
    "discord": discord,
    "telegram-html": telegram,
    "slack": slack,
    "whatsapp": whatsapp,
    "html": html,
    "irc": irc,
    "terminal": terminal,
}
