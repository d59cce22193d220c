"""A footer as a surface shows it: in its small print, and no longer than there is room for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.surfaces.composing.rulers import Ruler, grapheme_before, well_formed
from usagebar.surfaces.composing.scan import Scan
from usagebar.surfaces.escaping import is_seen
from usagebar.surfaces.fitting import ELLIPSIS, fitted, separator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    class Bar(Protocol):
        """What a footer comes from: a `usagebar.UsageBar`."""

        def render(self, contract: Any, surface: str | None = None, *, escape: str | bool | None = None) -> str:
            """Return the footer."""

        def pieces(self, contract: Any, surface: str | None = None, *, escape: str | bool | None = None) -> list[str]:
            """Return its pieces."""


MOST_OF_A_CHARACTER = 6  # in any unit: `\u0000` in JSON
SMALL = "-# "
_LOW_LINE_MARK = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_TELEGRAM_SMALL = ("<i>", "<em>", "<blockquote")
DIM, DIM_END = "\x1b[2m", "\x1b[0m"
ITALIC, PLAIN = "\x1d", "\x0f"


def framed(footer: str, mode: str) -> str:
    """Return a footer in the small print of a mode; what is in small print already stays as it is."""
    frame = _FRAMES.get(mode)
    return footer if frame is None or not footer else frame(footer)


def _each_line(frame: Callable[[str], str]) -> Callable[[str], str]:
    return lambda footer: "\n".join([frame(line) if line.strip() else line for line in footer.split("\n")])


def _discord(line: str) -> str:
    return line if line.startswith(SMALL) else SMALL + line


def _whatsapp(line: str) -> str:
    shown = line.strip()
    if _LOW_LINE_MARK.search(shown):  # the template's own
        return line
    start = line.index(shown)
    return f"{line[:start]}_{shown}_{line[start + len(shown) :]}"


def _telegram(footer: str) -> str:
    return footer if footer.startswith(_TELEGRAM_SMALL) else f"<i>{footer}</i>"


def _tagged(tag: str) -> Callable[[str], str]:
    def frame(footer: str) -> str:
        lines = footer.replace("\n", "<br>")
        return lines if lines.startswith(f"<{tag}>") else f"<{tag}>{lines}</{tag}>"

    return frame


_FRAMES: Mapping[str, Callable[[str], str]] = {
    "discord": _each_line(_discord),
    "telegram-html": _telegram,
    "telegram-markdownv2": lambda footer: f"_{footer}_",
    "whatsapp": _each_line(_whatsapp),
    "matrix-html": _tagged("sub"),
    "html": _tagged("small"),
    "irc": _each_line(lambda line: f"{ITALIC}{line}{PLAIN}"),
    "terminal": _each_line(lambda line: f"{DIM}{line}{DIM_END}"),
}


class Measure(Record):
    """How a footer is measured on a surface, and how long it may be; `limit` None: as long as it likes."""

    ruler: Ruler
    limit: int | None
    each_line: bool
    scan: Callable[[str], Scan]

    def length(self, text: str) -> int:
        """Return the length that the limit is for: of the text, or of its longest line."""
        shown = self.scan(text).text
        return max(map(self.ruler.length, shown.split("\n"))) if self.each_line else self.ruler.length(shown)

    def fits(self, text: str) -> bool:
        """Tell whether a text is short enough."""
        return self.limit is None or MOST_OF_A_CHARACTER * len(text) <= self.limit or self.length(text) <= self.limit


class Footer(Record):
    """A turn's footer for one surface: `mode` is how it is sent, `escape` the mode its values are escaped for."""

    bar: Bar
    contract: Any
    surface: str
    escape: str
    mode: str
    measure: Measure

    def text(self) -> str:
        """Return the footer as it is shown; too long, it loses its last pieces first and is then cut."""
        rendered = self.bar.render(self.contract, self.surface, escape=self.escape)
        if not isinstance(rendered, str):
            raise TypeError(f"expected a text as the bar's footer, found {type(rendered).__name__}")
        footer = _sendable(rendered).rstrip()  # platforms trim it
        if not is_seen(footer):
            return ""
        whole = framed(self.sound(footer), self.mode)
        if self.measure.fits(whole):
            return whole
        found = self.bar.pieces(self.contract, self.surface, escape=self.escape) or [footer]
        pieces = [_sendable(piece) for piece in found]
        if self.mode == "terminal" or self.measure.ruler.unit == "cells":
            return framed(fitted(footer, pieces, self.measure.limit or 0), self.mode)
        return self.shortened(pieces, separator(footer, pieces))

    def sound(self, footer: str) -> str:
        """Return a footer that Telegram takes: what is no sound HTML for it is shown as it is written."""
        if self.mode != "telegram-html" or not ("<" in footer or "&" in footer):
            return footer
        from usagebar.surfaces.escaping import escaper  # noqa: PLC0415 - tags in templates are rare
        from usagebar.surfaces.reading.tags import Refused, telegram  # noqa: PLC0415 - as above

        try:
            for _ in telegram(footer):
                pass
        except Refused:
            return escaper(self.mode)(footer)
        return footer

    def shortened(self, pieces: Sequence[str], sep: str) -> str:
        """Return as many of the first pieces as fit, or what fits of the first one."""
        first = next((number for number, piece in enumerate(pieces, 1) if is_seen(piece)), 1)
        low, high = 0, len(pieces)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.measure.fits(self.closed(sep.join(pieces[:middle]))) else (low, middle)
        return self.closed(sep.join(pieces[:low])) if low >= first else self.cut(sep.join(pieces[:first]))

    def closed(self, footer: str) -> str:
        """Return a footer without its end, in small print, with what the lost part would have closed."""
        scan = self.measure.scan(footer)
        opened = "".join([each.closing for each in reversed(scan.opens(len(scan.text)))])
        return framed(self.sound(footer + opened), self.mode)

    def cut(self, footer: str) -> str:
        """Return what fits of a footer of one piece, cut behind a grapheme cluster, with an ellipsis."""
        scan = self.measure.scan(footer)
        low, high = 0, len(scan.text)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.measure.fits(self.cut_at(footer, scan, middle)) else (low, middle)
        place = grapheme_before(scan.text, 0, low)
        return self.cut_at(footer, scan, next((start for start, end in scan.whole if start < place < end), place))

    def cut_at(self, footer: str, scan: Scan, place: int) -> str:
        """Return a footer cut at an offset of its counted text."""
        opened = "".join([each.closing for each in reversed(scan.opens(place))]) if place else ""
        start = footer[: scan.source(place)] if place else ""
        return framed(self.sound(start + ELLIPSIS + opened), self.mode)


def strip_footer(text: str, footer: str) -> str:
    """Return a message's text without the footer at its end, and without the line feed before it.

    `footer` is the footer as it was rendered, or as a message shows it (`Message.footer`): in small print or not. A
    text that does not end with it is returned as it is. Platforms trim a message: white space at its end is passed
    over.

    Raises:
        TypeError: one of the two is no text.
    """
    for what, found in (("the message's text", text), ("the footer", footer)):
        if not isinstance(found, str):
            raise TypeError(f"expected a text as {what}, found {type(found).__name__}")
    for shown in _forms(footer):
        rest = without_footer(text, shown)
        if rest is not text:
            return rest
    return text


def without_footer(text: str, shown: str) -> str:
    """Return a text without a footer at its end that is shown exactly so; the very text if it has none."""
    trimmed, shown = text.rstrip(), shown.rstrip()
    if not shown:
        return text
    if trimmed in (shown, f"<br>{shown}") or trimmed.strip() == shown.strip():
        return ""
    for between in ("\n<br>", "\n"):
        if trimmed.endswith(between + shown):
            return trimmed[: len(trimmed) - len(between) - len(shown)]
    return text


def _sendable(footer: str) -> str:
    """Return a footer without what no client sends as it is: lone surrogates, and line breaks other than line feeds."""
    return well_formed(footer.replace("\r\n", "\n").replace("\r", "\n") if "\r" in footer else footer)


def _forms(footer: str) -> list[str]:
    """Return what a footer may look like in a message, the longest first."""
    if not footer.strip():
        return []
    plain = _sendable(footer)
    forms = {plain, footer, *(frame(plain) for frame in _FRAMES.values()), *_shown_as(plain)}
    return sorted({form.rstrip() for form in forms}, key=len, reverse=True)


def _shown_as(footer: str) -> Iterator[str]:
    """Walk what a client that gives no markup back may have made of a footer in markup."""
    if "<" in footer or "&" in footer:
        from usagebar.surfaces.composing import plain_body, tags  # noqa: PLC0415 - tags in footers are rare

        yield tags.scan(footer, "telegram-html").text
        yield plain_body.plain_body(footer)
    if "\\" in footer or footer.startswith("_"):
        from usagebar.surfaces.composing import markdownv2  # noqa: PLC0415 - as above

        yield markdownv2.scan(footer).text
