"""Text in the cells of a terminal: how wide, shortened in the middle, wrapped. What is simple needs no imports."""

from __future__ import annotations

from usagebar.diagnostics import visible

ELLIPSIS = "…"
# Below it each printable character takes one cell; wcwidth takes longer to import than all the rest of a report.
_FIRST_UNUSUAL = "\u0300"


def width(text: str) -> int:
    """Return the cells that a printable text takes."""
    if text.isascii() or _is_usual(text):
        return len(text)
    from usagebar.surfaces.cells import width as measured  # noqa: PLC0415 - see above

    return measured(text)


def _is_usual(text: str) -> bool:
    return all(char < _FIRST_UNUSUAL or char in "…–·" for char in text)


def shortened(text: str, room: int) -> str:
    """Return a text in so many cells at most, one or more: without its middle if it is longer."""
    if width(text) <= room:
        return text
    parts = _clusters(text)
    left = _taken(parts, room // 2)
    right = _taken(parts[::-1], room - 1 - sum(cells for _, cells in left))
    return "".join([cluster for cluster, _ in left]) + ELLIPSIS + "".join([cluster for cluster, _ in right[::-1]])


def _clusters(text: str) -> list[tuple[str, int]]:
    if _is_usual(text):
        return [(char, 1) for char in text]
    from usagebar.surfaces.cells import clusters  # noqa: PLC0415 - see above

    return list(clusters(text))


def _taken(parts: list[tuple[str, int]], room: int) -> list[tuple[str, int]]:
    """Return the first parts that fit together."""
    taken = 0
    for number, (_, cells) in enumerate(parts):
        taken += cells
        if taken > room:
            return parts[:number]
    return parts


def padded(text: str, room: int, *, right: bool = False) -> str:
    """Return a text with blanks behind it, or with `right` before it, to take so many cells."""
    blanks = " " * (room - width(text))
    return blanks + text if right else text + blanks


def visible_lines(text: str) -> str:
    """Return a text of one line or several with whatever a terminal would obey shown by name."""
    return "\n".join(map(visible, text.split("\n")))


def wrapped(text: str, room: int | None) -> list[str]:
    """Return a text in lines of at most `room` cells (None: any number), cut at blanks where possible.

    One that has lines already, as an excerpt of a file has, is left in these.
    """
    if "\n" in text:
        return text.split("\n")
    lines = [""]
    for word in filter(None, text.split(" ")):
        line = f"{lines[-1]} {word}" if lines[-1] else word
        if room is None or width(line) <= room:
            lines[-1] = line
        else:
            lines += _pieces(word, room)
    return [line for line in lines if line]


def _pieces(word: str, room: int) -> list[str]:
    """Return a word in pieces that fit, each of one cluster at least."""
    pieces, taken = [""], 0
    for cluster, cells in _clusters(word):
        if pieces[-1] and taken + cells > room:
            pieces.append("")
            taken = 0
        pieces[-1] += cluster
        taken += cells
    return pieces
