"""What a template comes to, as data: a `Preview` for each surface and turn, and the findings of the check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.cli.previews.turns import Turn
from usagebar.engine.explain import PieceTrace
from usagebar.engine.verbs import VERBS
from usagebar.record import Record, replaced
from usagebar.surfaces.composing.footers import framed
from usagebar.surfaces.escaping.joints import WORD_JOINER, ZERO_WIDTH_SPACE
from usagebar.surfaces.profiles import PROFILES, Profile, profile_of
from usagebar.surfaces.reading.appearance import Appearance, Line, Run, appearance
from usagebar.template.reading import Outcome, bar_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from usagebar.diagnostics import Diagnostic
    from usagebar.engine.bar import UsageBar

DEFAULT = "default"
_UNSEEN = dict.fromkeys(map(ord, (ZERO_WIDTH_SPACE, WORD_JOINER)))  # what escaping puts into values


class Place(Record):
    """A surface to show: its name for the user, its profile, and whether the table of surfaces has it."""

    name: str
    profile: Profile
    is_known: bool


class Preview(Record):
    """A turn's footer on a surface.

    `footer` has its values escaped; `sent` is what a message has of it, in the surface's small print, and `appearance`
    what is seen of that. `length` counts what is sent in `unit`, in the longest line where the limit is one for each
    line; `limit` is None where there is none. `pieces` are the traces of all pieces, those that were dropped too.
    """

    surface: str
    turn: str
    footer: str
    sent: str
    appearance: Appearance
    length: int
    limit: int | None
    unit: str
    pieces: tuple[PieceTrace, ...]

    @property
    def is_over(self) -> bool:
        """Whether the footer is longer than its surface takes."""
        return self.limit is not None and self.length > self.limit


class Shown(Record):
    """Everything to draw: the template's name and text, its findings, and its previews by surface, then turn."""

    name: str
    text: str | None
    findings: tuple[Diagnostic, ...]
    places: tuple[Place, ...]
    turns: tuple[Turn, ...]
    previews: tuple[Preview, ...]


def findings_of(outcome: Outcome) -> tuple[Diagnostic, ...]:
    """Return what the check says of a template."""
    from usagebar.checks import check_outcome  # noqa: PLC0415 - the slowest import of the preview

    return tuple(check_outcome(outcome, VERBS))


def shown(outcome: Outcome, turns: Sequence[Turn], surfaces: Sequence[str], room: int | None) -> Shown:
    """Return what a template comes to on some surfaces (none: all that it names, and the default).

    `room` is how many cells a line of the terminal has.
    """
    bar = bar_of(outcome, VERBS)
    places = tuple(_place(name, room) for name in dict.fromkeys(surfaces or [*bar.surfaces, default_of(bar)]))
    previews = tuple(_preview(bar, place, turn) for place in places for turn in turns)
    return Shown(outcome.name, outcome.text, findings_of(outcome), places, tuple(turns), previews)


def default_of(bar: UsageBar) -> str:
    """Return a name for any surface without an entry of its own."""
    name = DEFAULT
    while name in bar.surfaces:  # an entry of this name is a surface like others, not the default
        name += "*"
    return name


def _place(name: str, room: int | None) -> Place:
    profile = profile_of(name)
    if profile.markup == "terminal":
        profile = replaced(profile, limit=room)
    return Place(name, profile, name in PROFILES)


def _preview(bar: UsageBar, place: Place, turn: Turn) -> Preview:
    profile = place.profile
    footer = bar.render(turn.contract, place.name, escape=True)
    sent = framed(footer, profile.mode)
    look = _seen(appearance(sent, profile))
    return Preview(
        surface=place.name,
        turn=turn.name,
        footer=footer,
        sent=sent,
        appearance=look,
        length=look.length,
        limit=profile.limit,
        unit=profile.unit,
        pieces=tuple(bar.explain(turn.contract, place.name)),
    )


def _seen(look: Appearance) -> Appearance:
    """Return an appearance without the characters that escaping puts in: nobody sees them, and they count."""
    return replaced(look, lines=tuple(Line(tuple(_seen_runs(line)), line.is_small) for line in look.lines))


def _seen_runs(line: Line) -> Iterator[Run]:
    for run in line.runs:
        if text := run.text.translate(_UNSEEN):
            yield Run(text, run.styles)
