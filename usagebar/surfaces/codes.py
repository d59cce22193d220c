"""Control codes as markup: IRC's formatting, and a terminal's SGR sequences. See `appearance` for what an event is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.surfaces.appearance import Event

_COLOURS = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")  # black and white have no style

_IRC_CODE = re.compile(
    r"\x03(?:([0-9]{1,2})(?:,[0-9]{1,2})?)?"
    r"|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
    r"|[\x02\x0f\x11\x16\x1d-\x1f]"
)
_IRC_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_IRC_TOGGLES = {"\x02": "bold", "\x1d": "italic", "\x1f": "underline", "\x1e": "strike", "\x11": "code"}
# By number: white, black, blue, green, red, brown, purple, orange, yellow, light green, teal, light cyan, light blue,
# pink, grey, light grey.
_IRC_COLOURS = (
    *("", "", "blue", "green", "red", "red", "magenta", "yellow", "yellow", "green"),
    *("cyan", "cyan", "blue", "magenta", "dim", "dim"),
)

_SGR = re.compile(r"\x1b\[([0-9;]*+)m")
_SGR_BEGINS = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "9": "strike"}
_SGR_ENDS = {"22": ("bold", "dim"), "23": ("italic",), "24": ("underline",), "29": ("strike",)}
_SGR_COLOURS = {f"{base}{number}": colour for base in "39" for number, colour in enumerate(_COLOURS)}
_SGR_COLOURS |= {"38": "", "39": ""}  # one of 256 or of 16 million, which has no style, and none
_SGR_ARGUMENTS = {"5": 1, "2": 3}  # of an extended colour: an index, or red, green and blue


class _Styles:
    """The styles that hold at a place, one of them at most the colour; changes come as events."""

    def __init__(self) -> None:
        self.now: list[str] = []
        self.colour = ""

    def begin(self, style: str) -> Iterator[Event]:
        if style and style not in self.now:
            self.now.append(style)
            yield style, 1

    def end(self, *styles: str) -> Iterator[Event]:
        for style in styles:
            if style in self.now:
                self.now.remove(style)
                yield style, -1

    def toggle(self, style: str) -> Iterator[Event]:
        return self.end(style) if style in self.now else self.begin(style)

    def paint(self, colour: str) -> Iterator[Event]:
        yield from self.end(self.colour)
        self.colour = colour
        yield from self.begin(colour)

    def reset(self) -> Iterator[Event]:
        self.colour = ""
        return self.end(*tuple(self.now))


def irc(text: str) -> Iterator[Event]:
    """Read IRC's formatting codes; each line is a message of its own, without the styles of the one before."""
    for number, line in enumerate(_IRC_LINE_BREAK.split(text)):
        if number:
            yield "\n", 0
        if not line:
            continue
        styles, at = _Styles(), 0
        for code in _IRC_CODE.finditer(line):
            yield line[at : code.start()], 0
            yield from _irc_changes(code, styles)
            at = code.end()
        yield line[at:], 0
        yield from styles.reset()


def _irc_changes(code: re.Match[str], styles: _Styles) -> Iterator[Event]:
    kind = code[0][0]
    if kind in _IRC_TOGGLES:
        return styles.toggle(_IRC_TOGGLES[kind])
    if kind == "\x0f":
        return styles.reset()
    if kind == "\x16":  # reverse video has no style
        return iter(())
    number = int(code[1] or 99)
    return styles.paint(_IRC_COLOURS[number] if number < len(_IRC_COLOURS) else "")


def terminal(text: str) -> Iterator[Event]:
    """Read SGR sequences; every other escape and control character stays as it is."""
    styles, at = _Styles(), 0
    for sequence in _SGR.finditer(text):
        yield text[at : sequence.start()], 0
        yield from _sgr_changes(sequence[1], styles)
        at = sequence.end()
    yield text[at:], 0


def _sgr_changes(parameters: str, styles: _Styles) -> Iterator[Event]:
    codes = iter([parameter.lstrip("0") for parameter in parameters.split(";")])
    for code in codes:
        if not code:
            yield from styles.reset()
        elif code in _SGR_BEGINS:
            yield from styles.begin(_SGR_BEGINS[code])
        elif code in _SGR_ENDS:
            yield from styles.end(*_SGR_ENDS[code])
        elif code in _SGR_COLOURS:
            yield from styles.paint(_SGR_COLOURS[code])
        if code in ("38", "48", "58"):
            for _ in range(_SGR_ARGUMENTS.get(next(codes, ""), 0)):
                next(codes, "")
