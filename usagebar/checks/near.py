"""Which known name a wrong one is near to."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from usagebar.template.reading import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_WORD = 100  # characters
# A template with thousands of mistakes needs no thousand suggestions, and they take time.
MOST_QUESTIONS = 200
MOST_COMPARISONS = 50_000


def distance(left: str, right: str, most: int) -> int:
    """Return how many edits lead from one word to another; `most` + 1 as soon as they are more than `most`.

    An edit inserts, deletes or replaces a letter, or swaps two neighbours.
    """
    far = most + 1
    if abs(len(left) - len(right)) > most:
        return far
    before: list[int] = []
    above: list[int] = []
    row: list[int] = [*range(len(right) + 1)]
    for at, char in enumerate(left, 1):
        before, above, row = above, row, [at, *[far] * len(right)]
        # Cells further than `most` from the diagonal take more edits than that.
        for index in range(max(1, at - most), min(len(right), at + most) + 1):
            edits = min(above[index] + 1, row[index - 1] + 1, above[index - 1] + (char != right[index - 1]))
            if at > 1 < index and char == right[index - 2] and left[at - 2] == right[index - 1]:
                edits = min(edits, before[index - 2] + 1)
            row[index] = edits
        if min(row) > most and min(above) > most:
            return far
    return min(row[-1], far)


class Names:
    """Known names, to find the one that is nearest to a wrong one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name: _Name(name) for name in names}
        self._found: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def nearest(self, word: str) -> str | None:
        """Return the known name that is nearest, None if none is near.

        Case and the way words are joined do not count (`inputTokens` is `input_tokens`), a part of a name is near to it
        (`brail` to `braille`, `usage.input` to `usage.input_tokens`), and so is a path with the same last step
        (`turn_usd` to `cost.turn_usd`).
        """
        if len(word) > LONGEST_WORD:
            return None
        if word not in self._found:
            self._found[word] = self._search(_Name(word)) if self._may_search() else None
        return self._found[word]

    def question(self, word: str) -> str | None:
        """Return `did you mean …?` with the nearest name, None if none is near."""
        name = self.nearest(word)
        return None if name is None else f"did you mean `{name}`?"

    def _may_search(self) -> bool:
        asked = len(self._found)
        return asked < MOST_QUESTIONS and asked * len(self._names) < MOST_COMPARISONS

    def _search(self, word: _Name) -> str | None:
        best: tuple[int, int] | None = None
        found = None
        most = max(1, min(4, len(word.plain) // 3))
        for name, known in self._names.items():
            rank = word.rank(known, most)
            if rank is not None and (best is None or rank < best):
                best, found = rank, name
        return found


class _Name:
    """A name, taken apart to be compared."""

    def __init__(self, name: str) -> None:
        parent, _, last = name.strip().rpartition(".")
        self.parent = _plain(parent)
        self.last = _plain(last)
        self.plain = f"{self.parent}.{self.last}" if self.parent else self.last
        self.parts = last.lower().split("_")

    def rank(self, known: _Name, most: int) -> tuple[int, int] | None:
        """Return how far a known name is, the best first; None if it is further than `most` edits, or not alike."""
        edits = distance(self.plain, known.plain, most)
        if edits <= 1:
            return edits, 0
        if self.parent == known.parent and (part := self._part_of(known)) is not None:
            return 2, part
        if self.last == known.last and len(self.last) > 1:
            return 3, distance(self.plain, known.plain, len(known.plain) + len(self.plain))
        return (2 + edits, 0) if edits <= most else None

    def _part_of(self, known: _Name) -> int | None:
        """Return how well one of two last steps begins the other, or is a word in it; None if neither."""
        short, long = sorted((self.last, known.last), key=len)
        if len(short) > 2 and long.startswith(short):
            return len(long) - len(short)
        return len(long) if len(short) > 2 and self.last in known.parts else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names in a row, the first of them if they are many; `none` without any."""
    first = list(islice(names, most + 1))
    row = ", ".join([shown(name) for name in first[:most]]) or "none"
    return f"{row}, …" if len(first) > most else row


def either(names: Iterable[str]) -> str:
    """Return names in a row, the last one behind an `or`."""
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} or {last}" if first else last


def shown(name: str) -> str:
    """Return a name as a message shows it."""
    return f"`{shortened(name)}`" if name else "an empty one"
