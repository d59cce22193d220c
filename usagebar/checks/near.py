"""Which known name a wrong one is near to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_QUESTIONS = 200  # a template with thousands of mistakes needs no thousand suggestions, and they take time


def distance(left: str, right: str, most: int) -> int:
    """Return how many edits lead from one word to another; `most` + 1 as soon as they are more than `most`.

    An edit inserts, deletes or replaces a letter, or swaps two neighbours.
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    above: list[int] = []
    row = list(range(len(right) + 1))
    for at, char in enumerate(left, 1):
        before, above, row = above, row, [at]
        for index, other in enumerate(right, 1):
            edits = min(above[index] + 1, row[-1] + 1, above[index - 1] + (char != other))
            if at > 1 < index and char == right[index - 2] and left[at - 2] == other:
                edits = min(edits, before[index - 2] + 1)
            row.append(edits)
        if min(row) > most and min(above) > most:
            return most + 1
    return min(row[-1], most + 1)


class Names:
    """Known names, to find the one that is nearest to a wrong one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._plain = {name: _plain(name) for name in names}
        self._found: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def nearest(self, word: str) -> str | None:
        """Return the known name that is nearest, None if none is near.

        Case and the way words are joined do not count (`inputTokens` is `input_tokens`); of a path its last step counts
        most (`turn_usd` is `cost.turn_usd`).
        """
        if word not in self._found:
            self._found[word] = self._search(_plain(word)) if len(self._found) < MOST_QUESTIONS else None
        return self._found[word]

    def question(self, word: str) -> str | None:
        """Return `did you mean …?` with the nearest name, None if none is near."""
        name = self.nearest(word)
        return None if name is None else f"did you mean `{name}`?"

    def _search(self, word: str) -> str | None:
        most = max(1, min(4, len(word) // 3))
        ranked = [(_rank(word, plain, most), at, name) for at, (name, plain) in enumerate(self._plain.items())]
        best = min(ranked, default=None)
        return best[2] if best is not None and best[0][0] <= most else None


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "").replace("-", "")


def _rank(word: str, name: str, most: int) -> tuple[int, int]:
    """Return how far a name is, and how far as a whole if only the last steps were compared."""
    whole = distance(word, name, most)
    last = word.rpartition(".")[2]
    if whole > 1 and len(last) > 1 and last == name.rpartition(".")[2]:
        return 1, distance(word, name, len(word) + len(name))
    return whole, 0


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names in a row, the first of them if they are many; `none` without any."""
    names = [f"`{name}`" for name in names]
    shown = ", ".join(names[:most]) or "none"
    return f"{shown}, …" if len(names) > most else shown
