"""Findings about markup: what a template itself writes and its surface, which reads HTML, would not take or understand.

Values are escaped for the surface, so that what is wrong is the template's own: its literals, labels, cases, glyphs.
Pieces may be dropped; whether tags end is looked at in the footers of the sample turns. What none of them shows is
looked at alone.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from usagebar.checks.written import Turn, glyphs, labels, units, whole
from usagebar.contract.samples import SAMPLES
from usagebar.record import Record, replaced
from usagebar.surfaces.escaping import escaper
from usagebar.surfaces.profiles import PROFILES
from usagebar.surfaces.reading.pages import html_faults
from usagebar.surfaces.reading.tags import telegram_faults
from usagebar.template.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from usagebar.checks.limits import Limits
    from usagebar.checks.written import Part
    from usagebar.engine.bar import UsageBar
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Language
    from usagebar.surfaces.profiles import Profile
    from usagebar.surfaces.reading.faults import Fault

MOST_READ = 100_000  # code points of a footer that is read for each sample turn
MOST_FAULTS = 1000  # of a footer, and of a surface

STRICT = "telegram-html"  # the mode in which a message is refused for its markup
READERS: Mapping[str, Callable[[str], Iterator[Fault]]] = {
    STRICT: telegram_faults,
    "matrix-html": html_faults,
    "html": html_faults,
}


class Mistake(Record):
    """A fault at its place in the template, and the sample turn that shows it, if not all turns do."""

    fault: Fault
    place: Place
    span: tuple[int, int]
    turn: str = ""
    _unseen = ()

    def finding(self, code: str, where: str) -> Finding:
        """Return the mistake as a finding; `where` says what it means."""
        turn = f" for the sample turn `{self.turn}`" if self.turn else ""
        message = f"{self.fault.what}{turn}: {where}"
        return Finding(code, message, self.place, self.span, suggestion=self.fault.help)


class Entry(Record):
    """The pieces of a surface, or of the default, and what joins them."""

    pieces: tuple[Piece, ...]
    sep: Part


class Markup:
    """Looks for markup that is not well-formed; without turns where the limits of a footer are not tried either."""

    def __init__(self, bar: UsageBar, language: Language, document: Mapping[str, Any], limits: Limits) -> None:
        self._bar = bar
        self._language = language
        self._document = document
        self._limits = limits
        self._found: set[tuple[Place, tuple[int, int]]] = set()

    def of_surface(self, surface: str, entry: Entry) -> Iterator[Finding]:
        """Say what is not well-formed in the pieces of a surface that reads HTML."""
        profile = PROFILES.get(surface)
        if profile is None or profile.mode not in READERS:
            return
        for mistake in self._mistakes(profile, entry):
            where = f"{surface} refuses the message" if mistake.fault.is_refused else f"{surface} reads HTML"
            if (mistake.place, mistake.span) not in self._found:  # tables and pieces may serve several surfaces
                self._found.add((mistake.place, mistake.span))
                yield mistake.finding("broken-markup", where)

    def of_default(self, entry: Entry) -> Iterator[Finding]:
        """Say if the default is no message that Telegram takes, where it has no pieces of its own."""
        strict = (profile for profile in PROFILES.values() if profile.mode == STRICT)
        for profile in (profile for profile in strict if profile.name not in self._bar.surfaces):
            refused = next((each for each in self._mistakes(profile, entry) if each.fault.is_refused), None)
            if refused is not None:
                where = f"{profile.name}, for which there are no other pieces, refuses the message"
                yield refused.finding("refused-default", where)
                return

    def _mistakes(self, profile: Profile, entry: Entry) -> Iterator[Mistake]:
        language, read = self._language, READERS[profile.mode]
        alone = [[part] for part in (entry.sep, *labels(entry.pieces, language.verbs, language.scope))]
        texts = _marked([*units(entry.pieces), *alone])
        if texts:
            turns = self._turns(profile, entry)
            yield from islice(_in_turns(turns, read), MOST_FAULTS)
            seen = {(part.place, part.begin) for parts in turns.values() for part in parts if part.is_written}
            unseen = [parts for parts in texts if any((part.place, part.begin) not in seen for part in parts)]
            yield from islice((each for each in _each(unseen, read) if each.fault.is_alone), MOST_FAULTS)
        drawn = [[part] for part in glyphs(entry.pieces, language.verbs, self._document)]
        yield from map(_in_array, islice(_each(_marked(drawn), read), MOST_FAULTS))

    def _turns(self, profile: Profile, entry: Entry) -> dict[str, list[Part]]:
        """Return the parts of each sample turn's footer, none if there is too much to read, or code of the caller's."""
        if not self._limits.may_try(entry.pieces, MOST_READ):
            return {}
        turn = Turn(self._language.scope, escaper(profile.mode))
        return {
            name: turn.parts(self._bar.explain(sample.contract, profile.name), entry.pieces, entry.sep)
            for name, sample in SAMPLES.items()
        }


def entry_of(pieces: tuple[Piece, ...], sep: str, place: Place) -> Entry:
    """Return the pieces of a surface with what joins them, which stands at a place."""
    return Entry(pieces, whole(sep, place))


# ---------------------------------------------------------------- faults → places


def _in_turns(turns: Mapping[str, Sequence[Part]], read: Callable[[str], Iterator[Fault]]) -> Iterator[Mistake]:
    """Walk the mistakes in footers, each once; the turn is named if another one shows the same place without it."""
    names: dict[Mistake, list[str]] = {}
    shown: dict[Place, int] = {}
    for name, parts in turns.items():
        for place in {part.place for part in parts}:
            shown[place] = shown.get(place, 0) + 1
        for mistake in dict.fromkeys(_placed(parts, read)):
            names.setdefault(mistake, []).append(name)
    for mistake, found in names.items():
        turn = "" if mistake.fault.is_alone or len(found) == shown[mistake.place] else found[0]
        fault, place, span = mistake.fault, mistake.place, mistake.span
        yield Mistake(fault, place, span, turn)


def _marked(texts: Iterable[list[Part]]) -> list[list[Part]]:
    """Return the texts that may hold markup."""
    return [parts for parts in texts if any("<" in part.text or "&" in part.text for part in parts)]


def _each(texts: Iterable[Sequence[Part]], read: Callable[[str], Iterator[Fault]]) -> Iterator[Mistake]:
    """Walk the mistakes of texts, each of them read alone."""
    return (mistake for parts in texts for mistake in _placed(parts, read))


def _in_array(mistake: Mistake) -> Mistake:
    """Return the mistake of a glyph; a scale that is a string has no place for an entity."""
    if len(mistake.place) > len(("scales", "name")):
        return mistake
    return replaced(mistake, fault=replaced(mistake.fault, help=f"{mistake.fault.help}, and the scale as an array"))


def _placed(parts: Sequence[Part], read: Callable[[str], Iterator[Fault]]) -> Iterator[Mistake]:
    """Walk what is wrong in a text, at the places of its parts; what an expression shows has the expression's."""
    starts = [0, *accumulate(len(part.text) for part in parts)]
    for fault in islice(read("".join([part.text for part in parts])), MOST_FAULTS):
        at, to = (bisect_right(starts, offset) - 1 for offset in (fault.begin, fault.end - 1))
        first, last = parts[at], parts[to]
        begin = _before(first, fault.begin - starts[at])
        # A tag may go on in another piece.
        end = _behind(last, fault.end - starts[to]) if last.place == first.place else first.end
        yield Mistake(replaced(fault, begin=0, end=0), first.place, (begin, end))  # in any turn the same


def _before(part: Part, offset: int) -> int:
    """Return the offset in the template's string for one in a part's text."""
    return part.begin + offset if part.is_written else part.begin


def _behind(part: Part, offset: int) -> int:
    return part.begin + offset if part.is_written else part.end
