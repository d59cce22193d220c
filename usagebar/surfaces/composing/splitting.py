"""A reply in parts that fit: cut at a paragraph, else a line, a word, a grapheme cluster.

A part ends in the upper half of its room where that can be, and rather outside of what is marked up than inside; what
stands open at a cut is closed there and opened again behind it. The last part leaves room for the footer. All parts
joined, less what was inserted, are the reply.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from usagebar.record import Record
from usagebar.surfaces.composing.rulers import Ruler, grapheme_after, grapheme_before
from usagebar.surfaces.composing.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.surfaces.composing.scan import Open

TRIES = 64  # places looked at for a better cut, in each of the orders below
DENSE = 64  # characters that a part has at least, whatever is marked in it
_BREAKS = ("\n\n", "\n")
_SHOWN = re.compile(r"\S")


class Room(Record):
    """What a part may take: `first` the first one, `others` the others, less `footer` in the last one.

    `entities` and `footer_entities` are counts of Telegram's; None: they are not limited.
    """

    unit: str
    first: int
    others: int
    footer: int = 0
    entities: int | None = None
    footer_entities: int = 0


def split(reply: str, scan: Scan, room: Room) -> list[str]:
    """Return the parts of a reply, at least one; the last one may be empty, if there the footer takes all room."""
    return list(Splitter(reply, scan, room).parts())


class Splitter:
    """Cuts one reply, from its start to its end."""

    def __init__(self, reply: str, scan: Scan, room: Room) -> None:
        self.reply = reply
        self.scan = scan
        self.room = room
        self.ruler = Ruler(room.unit)
        self.text = scan.text
        self.whole_starts = [start for start, _ in scan.whole]
        self.has_marks = type(scan) is not Scan

    def parts(self) -> Iterator[str]:
        """Walk the parts."""
        at, limit, text = 0, self.room.first, self.text
        while True:
            lead = self.leading(at)
            room = limit - self.counted(lead)
            if self.ends_here(at, room - self.room.footer, self.room.footer_entities):
                yield lead + self.reply[self.place(at) :]
                return
            if self.ends_here(at, room, 0):
                cut = self.cut_for_footer(at)
                if cut == len(text):  # the footer needs a message of its own
                    yield lead + self.reply[self.place(at) :]
                    yield ""
                    return
            else:
                cut = self.cut_within(at, room)
            start, end = self.place(at), self.place(cut)
            yield lead + self.reply[start:end] + self.closing(cut, self.reply[end - 1 : end])
            at, limit = cut, self.room.others

    def place(self, at: int) -> int:
        """Return the offset in the reply for one in the counted text."""
        return self.scan.source(at) if at else 0

    # ---------------------------------------------------------------- what is inserted

    def open_at(self, at: int) -> tuple[Open, ...]:
        """Return what is closed and opened again at a cut: nothing where that would take most of a part."""
        if not (self.has_marks and 0 < at < len(self.text)):
            return ()
        found = self.scan.opens(at)
        if found and self.scan.is_counted:
            taken = sum(len(each.opening) + len(each.closing) for each in found)
            if 2 * taken > min(self.room.first, self.room.others):
                return ()
        return found

    def leading(self, at: int) -> str:
        """Return what a part that begins at an offset begins with."""
        return "".join([each.opening for each in self.open_at(at)])

    def closing(self, at: int, before: str) -> str:
        """Return what a part that ends at an offset ends with; a line feed that is there already is not written."""
        opened = self.open_at(at)
        if not opened:
            return ""
        closing = "".join([each.closing for each in reversed(opened)])
        return closing[1:] if before == "\n" and closing.startswith("\n") else closing

    def counted(self, inserted: str) -> int:
        """Return what inserted text counts toward the limit."""
        return self.ruler.length(inserted) if inserted and self.scan.is_counted else 0

    # ---------------------------------------------------------------- where to cut

    def ends_here(self, at: int, room: int, more_entities: int) -> bool:
        """Tell whether all that is left fits."""
        if at >= len(self.text):
            return True
        return self.ruler.fits(self.text, at, room) and self.has_few(at, len(self.text), more_entities)

    def has_few(self, at: int, end: int, more: int = 0) -> bool:
        """Tell whether a part has no more entities than it may; where marks are too dense it has as many as there are.

        Telegram shows what it has too many of without its style: better than a message for every few characters.
        """
        most = self.room.entities
        return most is None or self.scan.begun(at, end) <= max(most - more, self.scan.begun(at, at + DENSE))

    def cut_within(self, at: int, room: int) -> int:
        """Return where to cut what is too long, so that the part fits together with what closes it."""
        budget = room
        while True:
            cut = self.best(at, self.far(at, budget))
            taken = self.ruler.length(self.text[at:cut]) + self.counted(self.closing(cut, ""))
            if taken <= room or budget <= 1:
                return cut
            budget = max(1, budget - (taken - room))

    def far(self, at: int, budget: int) -> int:
        """Return how far a part may go at most, for its length and its entities."""
        end = min(self.ruler.reach(self.text, at, budget), len(self.text))
        if self.has_few(at, end):
            return end
        low, high = at + 1, end
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.has_few(at, middle) else (low, middle - 1)
        return low

    def best(self, at: int, end: int) -> int:
        """Return the best cut behind `at` and up to `end`."""
        middle = at + (end - at + 1) // 2
        shown = _SHOWN.search(self.text, at, end)  # a part of nothing but white space is none
        least = shown.end() if shown else end
        for low, high in ((max(middle, least), end), (least, middle)):
            inside = 0
            for separator in _BREAKS:
                place, is_open = self.last_break(separator, low, high)
                if place and not is_open:
                    return place
                inside = inside or place
            found = inside or self.last_break(" ", low, high)[0]
            if found:
                return found
        cut = self.outside_whole(at, grapheme_before(self.text, at, end))
        return cut if cut > at else end

    def last_break(self, separator: str, low: int, high: int) -> tuple[int, bool]:
        """Return the last place between two offsets that is right behind a separator, and whether something is open.

        One where nothing is open is taken rather; 0 if there is no place.
        """
        found, behind = 0, high
        for _ in range(TRIES):
            start = self.text.rfind(separator, max(0, low - len(separator)), behind)
            if start < 0:
                break
            place = start + len(separator)
            if place >= low and self.is_allowed(place):
                outside = self.scan.outside(place) if self.has_marks else place
                if outside == place:
                    return place, False
                found = found or place
                place = outside + 1
            behind = place - 1
        return found, True

    def cut_for_footer(self, at: int) -> int:
        """Return where to cut a rest that fits without the footer only: the first good place with room behind it.

        The text's end if the footer leaves no room for any of the reply.
        """
        end = len(self.text)
        room = self.room.others - self.room.footer
        first = max(at + 1, self.ruler.tail(self.text, room)) if room > 0 else end
        for place in self.places_from(at, first):
            fits = self.counted(self.leading(place)) + self.ruler.length(self.text[place:]) <= room
            is_shown = self.text[at:place].strip() and self.text[place:].strip()
            if fits and is_shown and self.part_fits(at, place):
                return place
        return end

    def part_fits(self, at: int, cut: int) -> bool:
        """Tell whether the part between two places fits with all that is inserted."""
        limit = self.room.others if at else self.room.first
        inserted = self.counted(self.leading(at)) + self.counted(self.closing(cut, ""))
        return (
            self.ruler.length(self.text[at:cut]) + inserted <= limit
            and self.has_few(at, cut)
            and self.has_few(cut, len(self.text), self.room.footer_entities)
        )

    def places_from(self, at: int, first: int) -> Iterator[int]:
        """Walk places for a cut from an offset on, the best ones first."""
        end = len(self.text)
        inside = []
        for separator in _BREAKS:
            for place in self.breaks_from(separator, at, first):
                if self.open_at(place):
                    inside.append(place)
                else:
                    yield place
        yield from inside
        yield from self.breaks_from(" ", at, first)
        place = first
        for _ in range(TRIES):
            place = grapheme_after(self.text, at, place)
            if place >= end:
                return
            if self.is_allowed(place):
                yield place
            place += 1

    def breaks_from(self, separator: str, at: int, first: int) -> Iterator[int]:
        """Walk the first places from an offset on that are right behind a separator."""
        start = max(at, first - len(separator))
        for _ in range(TRIES):
            start = self.text.find(separator, start)
            if start < 0:
                return
            start += len(separator)
            if start >= first and self.is_allowed(start):
                yield start

    def is_allowed(self, place: int) -> bool:
        """Tell whether a place is not inside something that has to stay whole."""
        if not self.whole_starts:
            return True
        index = bisect_right(self.whole_starts, place - 1) - 1
        return index < 0 or place >= self.scan.whole[index][1]

    def outside_whole(self, at: int, place: int) -> int:
        """Return a place, or the start of what it stands in if that has to stay whole and does not begin the part."""
        index = bisect_right(self.whole_starts, place - 1) - 1
        if index < 0 or place >= self.scan.whole[index][1]:
            return place
        return self.scan.whole[index][0] if self.scan.whole[index][0] > at else place
