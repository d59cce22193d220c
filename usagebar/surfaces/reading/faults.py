"""What is wrong with markup, as its readers find it: said in words, with the place and the way to mend it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from usagebar.record import Record

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

# Tags that have no end of their own; of the others in HTML those whose end may be left out.
VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"),
        *("param", "source", "track", "wbr"),
    )
)
OPTIONAL = frozenset(
    (
        *("body", "caption", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p"),
        *("rb", "rp", "rt", "rtc", "tbody", "td", "tfoot", "th", "thead", "tr"),
    )
)
LONGEST_SHOWN = 20


class Fault(Record):
    """A mistake in markup.

    Attributes:
        what: what was expected and what is there instead, in words.
        begin, end: where, as offsets in the text.
        help: how to mend it, in words.
        is_refused: whether the surface does not take the message for it.
        is_alone: whether it is wrong whatever stands around it.
    """

    what: str
    begin: int
    end: int
    help: str
    is_refused: bool = False
    is_alone: bool = False
    _unseen = ()


class OpenTags:
    """The tags that are open at a place, and what is wrong with those that end there."""

    def __init__(self, *, is_strict: bool) -> None:
        """Start without any; `is_strict`: the surface refuses what is nested wrongly, and no end may be left out."""
        self._is_strict = is_strict
        self._open: list[tuple[str, int, int]] = []
        self._names: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()  # by the end of a tag around them: said already

    def begin(self, name: str, start: int, end: int) -> None:
        """Open a tag that stands at these offsets."""
        self._open.append((name, start, end))
        self._names[name] += 1

    def pass_over(self, name: str) -> None:
        """Take no notice of a tag that was found wrong already, nor of its end."""
        self._ended[name] += 1

    def has(self, *names: str) -> bool:
        """Tell whether a tag of one of these names is open."""
        return any(self._names[name] for name in names)

    def innermost(self) -> str | None:
        """Return the name of the tag that was opened last, None if none is open."""
        return self._open[-1][0] if self._open else None

    def end(self, name: str, start: int, end: int) -> Iterator[Fault]:
        """End a tag; say if it is not the one that has to end here."""
        if not self._names[name]:
            yield from self._end_of_none(name, start, end)
            return
        expected = None
        while (inner := self._pop()) != name:
            if self._must_end(inner):
                expected = expected or inner
                self._ended[inner] += 1
        if expected is not None:
            what = f"expected `</{shortened(expected)}>`, found `</{shortened(name)}>`"
            yield Fault(what, start, end, "end tags in the reverse order of their beginnings", self._is_strict)

    def _end_of_none(self, name: str, start: int, end: int) -> Iterator[Fault]:
        if self._ended[name]:
            self._ended[name] -= 1
            return
        shown = shortened(name)
        what = f"expected a tag `<{shown}>` to end, found `</{shown}>` without one"
        yield Fault(what, start, end, "begin and end a tag in the same piece: others may be dropped", self._is_strict)

    def _pop(self) -> str:
        name, _, _ = self._open.pop()
        self._names[name] -= 1
        return name

    def _must_end(self, name: str) -> bool:
        return self._is_strict or name not in OPTIONAL

    def left(self) -> Iterator[Fault]:
        """Walk the tags that nothing ended, the innermost first."""
        for name, start, end in reversed(self._open):
            if self._must_end(name):
                shown = shortened(name)
                what = f"expected `</{shown}>` behind `<{shown}>`, found none"
                help_text = "begin and end a tag in the same piece: others may be dropped"
                yield Fault(what, start, end, help_text, self._is_strict)


def in_text(
    text: str, offset: int, entity: re.Pattern[str], knows: Callable[[re.Match[str]], bool], whose: str
) -> Iterator[Fault]:
    """Walk what is wrong with the entities of a text that begins at an offset.

    `entity` matches what may be one at a `&`, `knows` tells whether it is; `whose` markup it is, in words.
    """
    at = -1
    while (at := text.find("&", at + 1)) >= 0:
        found = entity.match(text, at)
        if found is not None and knows(found):
            continue
        begin, end = offset + at, offset + (at + 1 if found is None else found.end())
        if found is None or not found[0].endswith(";"):
            yield Fault(
                "expected an entity or `&amp;`, found a bare `&`", begin, begin + 1, "write `&amp;`", False, True
            )
        else:
            name = shortened(found[0][1:])
            yield Fault(
                f"expected an entity of {whose}, found `&{name}`",
                *(begin, end),
                f"write the character itself, or `&amp;{name}` to show it as it stands here",
                *(False, True),
            )


def bare(offset: int, *, is_refused: bool = False) -> Fault:
    """Return the mistake of a `<` that begins no tag."""
    return _bare(offset, "a tag", "<", "&lt;", is_refused=is_refused)


def _bare(offset: int, what: str, char: str, entity: str, *, is_refused: bool = False) -> Fault:
    what = f"expected {what} or `{entity}`, found a bare `{char}`"
    return Fault(what, offset, offset + 1, f"write `{entity}`", is_refused, is_alone=True)


def shortened(name: str) -> str:
    """Return the start of a name that is too long for a message."""
    return name if len(name) <= LONGEST_SHOWN else name[: LONGEST_SHOWN - 1] + "…"
