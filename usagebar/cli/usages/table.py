"""A table in a window: what does not fit is shortened, merged or left out, in an order that keeps what matters most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from usagebar.cli.usages.cells import padded, shortened, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from usagebar.cli.terminal import Painter

GAP = 2  # blanks between columns
# Cells to which a name may be shortened before a column is left out for it.
NAME_ROOM = 20


class Column(NamedTuple):
    """Hold a column: its title, the cells of its rows and of the totals' row.

    `kind` is `number`, which stands at the right, `name`, which may be shortened, or `time`. `short` gives the same
    cells in fewer characters, the totals' one last, for narrow windows; `least` the rows' own for the narrowest ones.
    """

    key: str
    title: str
    cells: Sequence[str]
    total: str = ""
    kind: str = "name"
    short: Callable[[], Sequence[str]] | None = None
    least: Sequence[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The cells from the title down to the totals."""
        return [self.title, *self.cells, self.total]

    def shortened(self) -> Column:
        """Return it with its short cells, if it has some."""
        if self.short is None:
            return self
        *cells, total = self.short()
        return self._replace(cells=cells, total=total)

    def least_told(self) -> Column:
        """Return it with the cells that tell the least, if it has some."""
        return self if self.least is None else self._replace(cells=self.least)


class Step(NamedTuple):
    """Hold what is done to a table that is too wide still: columns left out, others in their place, short cells.

    With `is_least` all cells tell as little as they may.
    """

    hide: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    is_short: bool = False
    is_least: bool = False


def drawn(columns: Sequence[Column], steps: Sequence[Step], room: int | None, paint: Painter) -> str:
    """Return a table of at most `room` cells a line (None: any number), its header and its totals in bold.

    The first step says what is shown at first. The totals' row is left out if no column has a total.
    """
    chosen = _chosen(columns, steps, room)
    widths = _widths(chosen, room)
    lines = [_line(chosen, widths, cells) for cells in zip(*[column.lines for column in chosen], strict=True)]
    whole = sum(widths) + GAP * (len(widths) - 1)
    header, *rows, totals = lines
    rule = "─" * whole
    below = [paint(rule, ["dim"]), paint(totals, ["bold"])] if any(column.total for column in chosen) else []
    return "".join(f"{line}\n" for line in [paint(header, ["bold"]), paint(rule, ["dim"]), *rows, *below])


def _chosen(columns: Sequence[Column], steps: Sequence[Step], room: int | None) -> list[Column]:
    hidden: set[str] = set()
    chosen = list(columns)
    for step in steps:
        hidden = (hidden | set(step.hide)) - set(step.show)
        chosen = [column for column in columns if column.key not in hidden]
        if step.is_short:
            chosen = [column.shortened() for column in chosen]
        if step.is_least:
            chosen = [column.least_told() for column in chosen]
        if room is None or _least(chosen) <= room:
            break
    return chosen


def _least(columns: Sequence[Column]) -> int:
    """Return the cells that columns take at least, their names shortened as far as they still tell something."""
    natural = [_natural(column) for column in columns]
    least = [
        min(cells, NAME_ROOM) if column.kind == "name" else cells
        for column, cells in zip(columns, natural, strict=True)
    ]
    return sum(least) + GAP * (len(columns) - 1)


def _natural(column: Column) -> int:
    lines = column.lines
    # Most columns are such, and may have thousands of rows.
    return max(map(len if "".join(lines).isascii() else width, lines))


def _widths(columns: Sequence[Column], room: int | None) -> list[int]:
    """Return the cells of each column; the widest names are shortened until all fit, then times if they must."""
    widths = [_natural(column) for column in columns]
    if room is None:
        return widths
    over = sum(widths) + GAP * (len(widths) - 1) - room
    for kind in ("name", "time"):
        at = [index for index, column in enumerate(columns) if column.kind == kind]
        while over > 0 and at and widths[widest := max(at, key=lambda index: widths[index])] > 1:
            widths[widest] -= 1
            over -= 1
    return widths


def _line(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
    parts = [_cell(column, room, cell) for column, room, cell in zip(columns, widths, cells, strict=True)]
    return (" " * GAP).join(parts).rstrip()


def _cell(column: Column, room: int, cell: str) -> str:
    is_number = column.kind == "number"
    if len(cell) <= room and cell.isascii():  # as most cells
        return cell.rjust(room) if is_number else cell.ljust(room)
    return padded(shortened(cell, room), room, right=is_number)
