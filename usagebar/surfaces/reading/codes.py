"""Control codes as markup: IRC's formatting, and a terminal's sequences. See `appearance` for what an event is.

Not read: reverse video, backgrounds, concealed and blinking text, IRC's colours by hexadecimal number, and whatever
moves a terminal's cursor or deletes what is there, which is passed over.
"""

from __future__ import annotations

import re
from colorsys import rgb_to_hsv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.surfaces.reading.events import Event

_COLOURS = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")  # black and white have no style

_TAB_OR_BREAK = re.compile(r"(\t|\r?\n)")

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

_SEQUENCE = re.compile(r"\x1b(?:\[([0-?]*+)([ -/]*+[@-~])|\]([^\x07\x1b]*+)(?:\x07|\x1b\\))")
_NO_SGR = re.compile("[<-?]")  # parameters of a terminal's own
_SGR_BEGINS = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "9": "strike"}
_SGR_ENDS = {"22": ("bold", "dim"), "23": ("italic",), "24": ("underline",), "29": ("strike",)}
_SGR_COLOURS = {f"{base}{number}": colour for base in "39" for number, colour in enumerate(_COLOURS)}
_SGR_COLOURS["39"] = ""
_SGR_ARGUMENTS = {"5": 1, "2": 3}  # of an extended colour: an index, or red, green and blue
_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_LEAST_SPREAD = 40  # between the strongest and the weakest of red, green and blue; below it is grey
_CUBE = (0, 95, 135, 175, 215, 255)  # the levels of the colours 16 to 231 of 256
_HYPERLINK = re.compile("8;[^;]*+;(.?)", re.DOTALL)


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
        return self.end(*[style for style in self.now if style != "link"])

    def link(self, *, begins: bool) -> Iterator[Event]:
        return self.begin("link") if begins else self.end("link")


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


def terminal(text: str) -> Iterable[Event]:
    """Read CSI and OSC sequences, and tabs as blanks; every other control character stays as it is."""
    return _without_tabs(_sequences(text)) if "\t" in text else _sequences(text)


def _sequences(text: str) -> Iterator[Event]:
    styles, at = _Styles(), 0
    for sequence in _SEQUENCE.finditer(text):
        yield text[at : sequence.start()], 0
        at = sequence.end()
        parameters, final, command = sequence.groups()
        if final == "m" and not _NO_SGR.search(parameters):
            yield from _sgr_changes(parameters, styles)
        elif command and (hyperlink := _HYPERLINK.match(command)):
            yield from styles.link(begins=bool(hyperlink[1]))
    yield text[at:], 0


def _without_tabs(events: Iterable[Event]) -> Iterator[Event]:
    """Walk events with blanks for tabs, up to the next multiple of eight cells."""
    from usagebar.surfaces.cells import TAB, width  # noqa: PLC0415 - wcwidth is slow to import

    behind: list[str] = []  # what stands in the line since its last tab
    for value, change in events:
        if change:
            yield value, change
            continue
        for part in _TAB_OR_BREAK.split(value):
            if part == "\t":
                yield " " * (TAB - width("".join(behind)) % TAB), 0
            else:
                yield part, 0
            if _TAB_OR_BREAK.match(part):
                behind.clear()
            else:
                behind.append(part)


def _sgr_changes(parameters: str, styles: _Styles) -> Iterator[Event]:
    codes = iter([parameter.lstrip("0") for parameter in parameters.split(";")])
    for code in codes:
        if not code:
            yield from styles.reset()
        elif ":" in code:
            yield from _sgr_of_parts([part.lstrip("0") for part in code.split(":")], styles)
        elif code in _SGR_BEGINS:
            yield from styles.begin(_SGR_BEGINS[code])
        elif code in _SGR_ENDS:
            yield from styles.end(*_SGR_ENDS[code])
        elif code in ("38", "48", "58"):
            kind = next(codes, "")
            colour = _extended([kind, *[next(codes, "") for _ in range(_SGR_ARGUMENTS.get(kind, 0))]])
            yield from styles.paint(colour) if code == "38" else ()
        elif code in _SGR_COLOURS:
            yield from styles.paint(_SGR_COLOURS[code])


def _sgr_of_parts(parts: list[str], styles: _Styles) -> Iterator[Event]:
    """Walk the changes of one code whose arguments stand behind colons: a kind of underline, or a colour."""
    if parts[0] == "4":
        return styles.end("underline") if not parts[1] else styles.begin("underline")
    if parts[0] != "38":
        return iter(())
    if parts[1] == "2" and len(parts) > 5:
        del parts[2]  # the colour space, which may be left out
    return styles.paint(_extended(parts[1:]))


def _extended(arguments: list[str]) -> str:
    """Return the nearest style of a colour of 256 or of 16 million, `""` if it is next to none."""
    kind, *digits = arguments
    levels = [
        int(f"0{each}") if len(each) < 4 and ":" not in each else 256 for each in digits[: _SGR_ARGUMENTS.get(kind, 0)]
    ]
    if not levels or max(levels) > 255:
        return ""
    if len(levels) == 1:
        index = levels[0]
        if index < 16:
            return _COLOURS[index % 8]
        levels = [_CUBE[(index - 16) // step % 6] for step in (36, 6, 1)] if index < 232 else [0]
    if max(levels) - min(levels) < _LEAST_SPREAD or len(levels) < 3:
        return ""
    hue, _, _ = rgb_to_hsv(*levels)
    return _HUES[round(hue * 6) % 6]
