"""How long a text is in a surface's unit, and how much of it fits: the one place that counts for the splitter."""

from __future__ import annotations

import json
import re

from wcwidth import iter_graphemes

from usagebar.surfaces.cells import clusters
from usagebar.surfaces.profiles import length_of

JSON_BYTES = "json bytes"  # what a text takes inside an event, its quotes and line feeds escaped

_ENCODINGS = {"bytes": ("utf-8", 1), "utf-16 units": ("utf-16-le", 2)}
_ANCHOR_SEARCH = 64
_SURROGATES = re.compile("(?:[\ud800-\udbff][\udc00-\udfff])++")
_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """Return a text that can be sent: surrogates in pairs are one character, lone ones U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", _SURROGATES.sub(_paired, text))
    return text


def _paired(surrogates: re.Match[str]) -> str:
    return surrogates[0].encode("utf-16", "surrogatepass").decode("utf-16")


class Ruler:
    """Counts in one unit: `characters`, `utf-16 units`, `bytes`, `cells` or `json bytes`."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def length(self, text: str) -> int:
        """Return how many of the unit a text has."""
        if self.unit == JSON_BYTES:
            return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2
        return length_of(text, self.unit)

    def reach(self, text: str, at: int, room: int) -> int:
        """Return how far a part that begins at an offset may go: not beyond `room`, and at least one character."""
        chunk = text[at : at + max(1, room)]
        count = len(chunk)
        if self.unit == "cells":
            count = self._of_cells(text, at, room)
        elif self.unit != "characters" and not (chunk.isascii() and self.unit != JSON_BYTES):
            count = self._shrunk(chunk, room)
        return at + max(1, count)

    def tail(self, text: str, room: int) -> int:
        """Return the offset from which on the rest of a text fits into `room`."""
        if self.unit == "cells":  # no shorter way: what a cluster takes is known from its start
            return self._tail_of_cells(text, room)
        chunk = text[len(text) - max(0, room) :] if room > 0 else ""
        if self.unit != "characters" and not (chunk.isascii() and self.unit != JSON_BYTES):
            return len(text) - self._shrunk(chunk, room, from_end=True)
        return len(text) - len(chunk)

    def fits(self, text: str, at: int, room: int) -> bool:
        """Tell whether the text from an offset on takes at most `room`."""
        if self.unit == "cells":
            return at + self._of_cells(text, at, room) >= len(text)
        if len(text) - at > room:
            return False
        return self.length(text[at:]) <= room

    def _shrunk(self, chunk: str, room: int, *, from_end: bool = False) -> int:
        """Return how many characters of a well-formed chunk fit, counted from its start or its end."""
        if self.unit in _ENCODINGS:
            encoding, size = _ENCODINGS[self.unit]
            encoded, most = chunk.encode(encoding, "replace"), size * max(0, room)
            part = encoded[max(0, len(encoded) - most) :] if from_end else encoded[:most]
            return len(part.decode(encoding, "ignore"))  # half a character is none
        count = len(chunk)
        while count and (taken := self.length(chunk[-count:] if from_end else chunk[:count])) > room:
            # nearly the most: what is escaped is not spread evenly
            count = min(count - 1, count * max(0, room) // taken + (taken - room) // 64)
        return count

    def _of_cells(self, text: str, at: int, room: int) -> int:
        count = taken = 0
        for cluster, cells in clusters(text[at : at + 8 * max(1, room)]):
            taken += cells
            if taken > room:
                break
            count += len(cluster)
        return count

    def _tail_of_cells(self, text: str, room: int) -> int:
        found = list(clusters(text))
        at = len(text)
        while found and found[-1][1] <= room:
            cluster, cells = found.pop()
            room -= cells
            at -= len(cluster)
        return at


def grapheme_before(text: str, start: int, at: int) -> int:
    """Return the last place up to `at` where a grapheme cluster ends; `at` itself if one fills all from `start` on."""
    if at >= len(text) or _parts_surely(text, at):
        return at
    place = _anchor(text, start, at)
    for cluster in iter_graphemes(text[place : at + 1]):
        if place + len(cluster) > at:
            break
        place += len(cluster)
    return place if place > start else at


def grapheme_after(text: str, start: int, at: int) -> int:
    """Return the first place from `at` on where a grapheme cluster ends, the text's end if none does."""
    if at >= len(text) or _parts_surely(text, at):
        return at
    place = _anchor(text, start, at)
    for cluster in iter_graphemes(text[place:]):
        if place >= at:
            return place
        place += len(cluster)
    return len(text)


def _anchor(text: str, start: int, at: int) -> int:
    """Return a place before `at` that is sure to be between two clusters."""
    for place in range(at - 1, max(start, at - _ANCHOR_SEARCH), -1):
        if _parts_surely(text, place):
            return place
    return start


def _parts_surely(text: str, at: int) -> bool:
    """Tell whether a place lies between two characters that never join."""
    if at <= 0:
        return True
    before, behind = text[at - 1], text[at]
    return before.isascii() and behind.isascii() and not (before == "\r" and behind == "\n")
