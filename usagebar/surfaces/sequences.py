"""A terminal's escape sequences: where they are in a text, and which of them still hold at its end.

Read without `re`: the status line is drawn by a cold process, and each of its lines is measured.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ESCAPE = "\x1b"
# What the C1 controls stand for, which are sequences of two characters in one.
_LONG = {"\x9b": "[", "\x9d": "]", "\x90": "P", "\x98": "X", "\x9e": "^", "\x9f": "_"}
INTRODUCERS = (ESCAPE, *_LONG)

_STRINGS = "]PX^_"  # OSC, DCS, SOS, PM, APC
# Any introducer ends a string, though not well: to look for an end behind it would take the square of the text.
_STRING_ENDS = ("\x07", "\x9c", *INTRODUCERS)

RESET = "\x1b[0m"
LINK_END = "\x1b]8;;\x1b\\"


def has_sequences(text: str) -> bool:
    """Tell whether a text may hold sequences."""
    return any(introducer in text for introducer in INTRODUCERS)


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Walk a text as what is shown and, marked with True, each escape sequence; one that has no end counts as well."""
    kinds = [introducer for introducer in INTRODUCERS if introducer in text]
    at = begin = 0
    while (at := _introducer(text, at, kinds)) < len(text):
        if begin < at:
            yield text[begin:at], False
        begin, at = at, _end(text, at)
        yield text[begin:at], True
        begin = at
    if begin < len(text):
        yield text[begin:], False


def _introducer(text: str, at: int, kinds: list[str]) -> int:
    """Return where the next introducer of these kinds stands, the text's length if none does."""
    if len(kinds) == 1 and (found := text.find(kinds[0], at)) >= 0:
        return found
    while kinds[1:] and at < len(text) and text[at] not in kinds:  # to look for each would take the square of the text
        at += 1
    return at if kinds[1:] else len(text)


def shown(text: str) -> str:
    """Return a text without its sequences."""
    return "".join([part for part, is_sequence in parts(text) if not is_sequence]) if has_sequences(text) else text


def _end(text: str, start: int) -> int:
    """Return where the sequence that starts here ends. Of a string without an end it is the introducer alone."""
    at = start + 1
    kind = _LONG.get(text[start]) or text[at : at + 1]
    if kind in ("[", *_STRINGS):
        at += text[start] == ESCAPE
        return _csi_end(text, at) if kind == "[" else _string_end(text, at)
    at = _behind_intermediates(text, at)
    return at + ("0" <= text[at : at + 1] <= "~")


def _csi_end(text: str, at: int) -> int:
    while "0" <= text[at : at + 1] <= "?":  # parameters
        at += 1
    at = _behind_intermediates(text, at)
    return at + ("@" <= text[at : at + 1] <= "~")


def _string_end(text: str, start: int) -> int:
    at = start
    while at < len(text) and text[at] not in _STRING_ENDS:
        at += 1
    if text[at : at + 1] in ("\x07", "\x9c"):
        return at + 1
    return at + 2 if text.startswith("\x1b\\", at) else start


def _behind_intermediates(text: str, at: int) -> int:
    while " " <= text[at : at + 1] <= "/":
        at += 1
    return at


class Styles:
    """The colours and the link that hold behind what was written so far."""

    def __init__(self) -> None:
        self.is_coloured = False
        self.is_linked = False

    def write(self, text: str) -> str:
        """Take note of the sequences of a text, and return it."""
        for part, is_sequence in parts(text) if has_sequences(text) else ():
            if is_sequence and _is_colour(part):
                self.is_coloured = not _is_reset(part)
            elif is_sequence and _is_link(part):
                self.is_linked = not _is_link_end(part)
        return text

    def closed_as_by(self, lost: str) -> str:
        """Return what leaves colours and link as a text that is not written would have left them."""
        found = [part for part, is_sequence in parts(lost) if is_sequence]
        colours = [part for part in found if _is_colour(part)]
        links = [part for part in found if _is_link(part)]
        if colours and _is_reset(colours[-1]):
            colours = [RESET] if self.is_coloured else []
        if links and _is_link_end(links[-1]):
            links = [LINK_END] if self.is_linked else []
        return "".join([*colours, *links])


def _is_colour(sequence: str) -> bool:
    return sequence.startswith(("\x1b[", "\x9b")) and sequence.endswith("m")


def _is_reset(sequence: str) -> bool:
    return not sequence.lstrip("\x1b[\x9b").rstrip("m").strip("0;")


def _is_link(sequence: str) -> bool:
    return sequence.startswith(("\x1b]8;", "\x9d8;"))


def _is_link_end(sequence: str) -> bool:
    _, _, address = sequence.removeprefix("\x1b]8;").removeprefix("\x9d8;").partition(";")
    return not address.rstrip("\x07\x9c\\\x1b")
