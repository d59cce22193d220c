"""Where values stand in JSONC or JSON5 text: one walk for all of them, for a template with a hundred thousand mistakes.

Asked only about a text that was read already: it is as lenient as the most lenient reader and never raises. A JSON path
is a tuple of keys and indices, `("output", "default", 0)`; of several members with one key the last one counts.
"""

from __future__ import annotations

from usagebar.record import Record
from usagebar.template.position import decode_string, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from usagebar.template.position import Path, Span


class Lines:
    """The lines of a text, to turn many offsets into lines and columns as `position.line_column` does."""

    def __init__(self, text: str) -> None:
        starts = [0]
        for at, char in enumerate(text, 1):
            if char == "\n" or (char == "\r" and text[at : at + 1] != "\n"):
                starts.append(at)
        self._starts = starts
        self._length = len(text)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both 1-based; an offset beyond the text counts as its end."""
        from bisect import bisect_right  # noqa: PLC0415 - only to report

        offset = min(offset, self._length)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class _Value(Record):
    """A value that was walked over: its span, where the container around it starts, and the span of its key."""

    start: int
    end: int
    parent: int
    key: Span | None


class _Container:
    """A bracket that is open: where it stands, what its path is (None: nobody asks for anything inside)."""

    def __init__(self, start: int, path: Path | None, around: _Container | None, *, is_object: bool) -> None:
        self.start = start
        self.path = path
        self.parent = -1 if around is None else around.start
        self.key = None if around is None else around.member
        self.is_object = is_object
        self.member: Span | None = None  # the key of the member at hand
        self.step: str | int | None = None if is_object else 0
        self.after_colon = False
        self.index = 0

    def next(self) -> None:
        """Go to the next member or element."""
        self.index += 1
        self.step = None if self.is_object else self.index
        self.member = None
        self.after_colon = False


class _Walk:
    """One walk over the tokens of a text."""

    def __init__(self, text: str, wanted: Collection[Path]) -> None:
        self.text = text
        self.relevant = {path[:length] for path in wanted for length in range(len(path) + 1)}
        self.values: dict[Path, _Value] = {}
        self.open: list[_Container] = []

    def run(self) -> None:
        """Walk until the first value ends."""
        for begin, end in tokens(self.text, 0):
            self.token(begin, end)
            if not self.open:
                return
        while self.open:  # an unclosed container goes on to the end
            self.close(len(self.text))

    def token(self, begin: int, end: int) -> None:
        """Take one token."""
        char = self.text[begin]
        inner = self.open[-1] if self.open else None
        if char in "]}":
            self.close(end)
        elif inner is not None and char == ",":
            inner.next()
        elif inner is not None and char == ":":
            inner.after_colon = True
        elif inner is not None and inner.is_object and not inner.after_colon:
            self.key(inner, begin, end)
        else:
            self.value(inner, begin, end)

    def key(self, inner: _Container, begin: int, end: int) -> None:
        """Take the key of a member."""
        if inner.step is None and inner.path is not None:
            inner.step = decode_string(self.text, begin)
            inner.member = begin, end

    def value(self, inner: _Container | None, begin: int, end: int) -> None:
        """Take a value, or the bracket that opens one."""
        path = () if inner is None else self.path_in(inner)
        opened = _Container(begin, path, inner, is_object=self.text[begin] == "{")
        if inner is not None:
            inner.step = None  # a second value without a comma between is none
        if self.text[begin] in "[{":
            self.open.append(opened)
        else:
            self.keep(opened, end)

    def path_in(self, inner: _Container) -> Path | None:
        """Return the path of the value at hand, None if it leads to nothing that is wanted."""
        if inner.path is None or inner.step is None:
            return None
        path = (*inner.path, inner.step)
        return path if self.wants(path) else None

    def wants(self, path: Path) -> bool:
        """Tell whether a path leads to something that is wanted."""
        return path in self.relevant

    def close(self, end: int) -> None:
        """End the innermost container."""
        if self.open:
            self.keep(self.open.pop(), end)

    def keep(self, done: _Container, end: int) -> None:
        """Keep a value that ended, a scalar's as a container of nothing, if somebody asks for it."""
        if done.path is not None:
            self.values[done.path] = _Value(done.start, end, done.parent, done.key)

    def found(self, path: Path) -> _Value | None:
        """Return a value unless a later member of the same key, here or further out, replaced it."""
        value = found = self.values.get(path)
        for length in range(len(path) - 1, -1, -1):
            around = self.values.get(path[:length])
            if value is None or around is None or value.parent != around.start:
                return None
            value = around
        return found


class _Repeats(_Walk):
    """A walk that notes the keys which their object has already."""

    def __init__(self, text: str) -> None:
        super().__init__(text, ())
        self.last: dict[tuple[int, str], Span] = {}  # by where the object starts
        self.repeats: list[Repeat] = []

    def wants(self, path: Path) -> bool:
        return True

    def keep(self, done: _Container, end: int) -> None:
        """Keep nothing: only the keys are looked at."""

    def key(self, inner: _Container, begin: int, end: int) -> None:
        super().key(inner, begin, end)
        if inner.path is None or inner.member != (begin, end) or not isinstance(inner.step, str):
            return  # no key stands where one should
        member = inner.start, inner.step
        if member in self.last:
            self.repeats.append(Repeat((*inner.path, inner.step), (begin, end), self.last[member]))
        self.last[member] = begin, end


class Repeat(Record):
    """A key that its object had before: the member's path, where the key stands, and where it stood before."""

    place: Path
    span: Span
    before: Span


def find_repeats(text: str) -> list[Repeat]:
    """Return the keys that stand in their object once more, in the order of the text."""
    walk = _Repeats(text)
    walk.run()
    return walk.repeats


def find_members(text: str, paths: Collection[Path]) -> dict[Path, tuple[Span, Span | None]]:
    """Return the spans of the values at these JSON paths, of those that are there, and of their keys; linear in all.

    A span is start and end; a key's has its quotes, and is None for an element and for the document itself.
    """
    walk = _Walk(text, paths)
    walk.run()
    found = ((path, walk.found(path)) for path in paths)
    return {path: ((value.start, value.end), value.key) for path, value in found if value is not None}
