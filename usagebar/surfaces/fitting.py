"""A footer in lines of so many terminal cells: the last pieces of a line go first, then it is cut."""

from __future__ import annotations

from usagebar.record import Record
from usagebar.surfaces import common_cells
from usagebar.surfaces.escaping import is_seen
from usagebar.surfaces.sequences import Styles, parts, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ELLIPSIS = "…"
TAB = 8  # a tab goes on to the next multiple of so many cells


class _Part(Record):
    """What stands in one line of a piece, or of a separator."""

    text: str
    is_piece: bool


def fitted(text: str, pieces: Sequence[str], columns: int) -> str:
    """Return a footer whose lines take at most `columns` cells each; one that fits is returned as it is.

    `text` is what the non-empty `pieces` come to, joined by one separator. A line that is too long loses its last piece
    as long as it has several, with the separator before it; the other lines keep theirs. Then it is cut between
    grapheme clusters, and ends with `…`. Escape sequences take no cells and stay whole; where a lost part would have
    ended a colour or a link, they end as well.
    """
    if all(_fits(line, columns) for line in text.split("\n")):
        return text
    styles = Styles()
    return "\n".join([_fitted_line(line, columns, styles) for line in _lines(text, pieces)])


def _lines(text: str, pieces: Sequence[str]) -> list[list[_Part]]:
    lines: list[list[_Part]] = [[]]
    sep = separator(text, pieces)
    for number, piece in enumerate(pieces):
        for joined, is_piece in ((sep if number else "", False), (piece, True)):
            first, *others = joined.split("\n")
            lines[-1].append(_Part(first, is_piece))
            lines += [[_Part(other, is_piece)] for other in others]
    return lines


def separator(text: str, pieces: Sequence[str]) -> str:
    """Return what stands between the pieces of a text, which is the same between all of them."""
    if len(pieces) < 2:
        return ""
    length = (len(text) - sum(map(len, pieces))) // (len(pieces) - 1)
    return text[len(pieces[0]) : len(pieces[0]) + length]


def _fitted_line(line: list[_Part], columns: int, styles: Styles) -> str:
    start, end = _lost_pieces(line, columns)
    kept, lost, tail = _joined(line[:start]), _joined(line[start:end]), _joined(line[end:])
    if _cells(kept + tail) > columns:
        lost, tail = lost + tail, ""
    if _cells(kept) > columns:
        at = _cut(kept, columns)
        kept, lost = kept[:at] + ELLIPSIS, kept[at:] + lost
    kept = styles.write(kept)
    return kept + styles.write(styles.closed_as_by(lost)) + styles.write(tail)


def _lost_pieces(line: list[_Part], columns: int) -> tuple[int, int]:
    """Return where in a line the pieces stand that have to go, from the separator before the first of them on."""
    filled = [number for number, part in enumerate(line) if part.is_piece and part.text]
    end = filled[-1] + 1 if filled else len(line)
    first = next((number for number in filled if is_seen(shown(line[number].text))), end)
    starts = [number - (not line[number - 1].is_piece) for number in filled if number > first] + [end]
    tail = line[end:]
    count = _most(len(starts), lambda number: _fits(_joined(line[: starts[number]] + tail), columns))
    return starts[count], end


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """Return the highest number below `count` that fits, 0 if none does: those below one that fits do as well.

    What is far too much is never measured: the search begins at the low end and doubles.
    """
    high = 1
    while high < count and fits(high):
        high *= 2
    low, high = high // 2, min(high, count)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _joined(line: Iterable[_Part]) -> str:
    return "".join([part.text for part in line])


def _cut(text: str, columns: int) -> int:
    """Return where to cut a text so that what is before takes at most so many cells together with an ellipsis."""
    bare, count = shown(text), 0
    taken = len(ELLIPSIS)
    ends = [0]
    for cluster, cells in _clusters(bare):
        taken += cells
        if taken > columns:
            break
        count += len(cluster)
        ends.append(count)
    # The clusters by themselves may take less than side by side.
    while len(ends) > 1 and _cells(bare[: ends[-1]] + ELLIPSIS) > columns:
        ends.pop()
    return _behind_shown(text, ends[-1])


def _behind_shown(text: str, count: int) -> int:
    """Return the place behind so many characters that are no part of a sequence."""
    at = 0
    for part, is_sequence in parts(text):
        if not count:
            break
        step = len(part) if is_sequence else min(count, len(part))
        count -= 0 if is_sequence else step
        at += step
    return at


# ---------------------------------------------------------------- cells


def _fits(line: str, columns: int) -> bool:
    least = 0
    for part, is_sequence in parts(line):
        # These take a cell each, whatever stands beside them; of a line that is far too long no more need be read.
        least += len(part) if not is_sequence and part.isascii() and part.isprintable() else 0
        if least > columns:
            return False
    return _cells(line) <= columns


def _cells(line: str) -> int:
    """Return the cells of a line, with or without sequences; where wcwidth has two answers, the greater."""
    bare = shown(line)
    if bare.isascii() and bare.isprintable():
        return len(bare)
    taken = 0
    for number, between in enumerate(bare.split("\t")):
        taken += (TAB - taken % TAB if number else 0) + _cells_without_tabs(between)
    return taken


def _cells_without_tabs(text: str) -> int:
    found = common_cells.clusters(text)
    if found is not None:
        return sum([cells for _, cells in found])
    from wcwidth import wcswidth  # noqa: PLC0415 - as slow to import as the interpreter to start

    return max(sum([cells for _, cells in _clusters_without_tabs(text)]), wcswidth(text))


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Walk the grapheme clusters of a line, each with the cells it takes there."""
    taken = 0
    for number, between in enumerate(text.split("\t")):
        found = [("\t", TAB - taken % TAB)] if number else []
        found += _clusters_without_tabs(between)
        taken += sum([cells for _, cells in found])
        yield from found


def _clusters_without_tabs(text: str) -> Iterable[tuple[str, int]]:
    found = common_cells.clusters(text)
    if found is not None:
        return found
    from usagebar.surfaces import cells  # noqa: PLC0415 - it brings wcwidth along

    return cells.clusters(text)
