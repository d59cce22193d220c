"""Findings about length: a sample turn's footer that, as it is sent, is longer than its surface takes.

It is sent with its values escaped, in the small print of the surface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.contract.samples import SAMPLES
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.running import STAR
from usagebar.surfaces.composing.footers import framed
from usagebar.surfaces.profiles import PROFILES, length_of
from usagebar.template.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.engine.bar import UsageBar
    from usagebar.engine.expression import Expression, Text
    from usagebar.engine.pieces import Piece, Place
    from usagebar.engine.running import Language
    from usagebar.engine.verbs import Scope
    from usagebar.surfaces.profiles import Profile

MOST_PER_CODE_POINT = {"characters": 1, "utf-16 units": 2, "bytes": 4, "cells": 2}
MOST_ESCAPED = 8  # code points of what is escaped, for each of its own; a test holds the escapers to it
MOST_SMALL_PRINT = 20  # code points of the small print of a line
MOST_RENDERED = 1_000_000  # code points: whoever writes templates of more is not helped by a count
MOST_READ = 20_000  # code points of which the markup is told from the text
LONGEST_VALUE = 1000  # code points of a sample's value, and of what `num` or `fixed` makes of it
MOST_CELLS = 100  # of a `meter`
MOST_ELEMENTS = 4  # of a sample's array


class Limits:
    """Looks for footers that are too long; with verbs of the caller's none is tried, as that would run his code."""

    def __init__(self, bar: UsageBar, language: Language) -> None:
        self._bar = bar
        self._verbs = language.verbs
        self._longest = _longest_by_name(language.scope)

    def of_surface(self, surface: str, pieces: tuple[Piece, ...], place: Place) -> Iterator[Finding]:
        """Say if the pieces of a surface come to more than it takes; the longest sample turn is named."""
        profile = PROFILES.get(surface)
        if profile is not None and profile.limit is not None and self.may_try(pieces):
            yield from self._over(profile, place)

    def of_default(self, pieces: tuple[Piece, ...], place: Place) -> Iterator[Finding]:
        """Say if the default comes to more than a message takes on a surface that has no pieces of its own.

        What takes so much a line, as IRC does, is left out: a template that is not meant for it may have longer ones.
        """
        others = (profile for name, profile in PROFILES.items() if name not in self._bar.surfaces)
        takers = [profile for profile in others if profile.limit is not None and not profile.each_line]
        if self.may_try(pieces):
            found = (finding for profile in takers for finding in self._over(profile, place))
            yield from list(found)[:1]

    def _over(self, profile: Profile, place: Place) -> Iterator[Finding]:
        lengths: dict[str, int] = {}
        longest, turn = 0, ""
        for name, sample in SAMPLES.items():
            if _fits_surely(self._bar.render(sample.contract, profile.name), profile):  # as nearly always
                continue
            footer = framed(self._bar.render(sample.contract, profile.name, escape=True), profile.mode)
            if footer not in lengths:
                lengths[footer] = _length(footer, profile)
            if lengths[footer] > longest:
                longest, turn = lengths[footer], name
        if profile.limit is not None and longest > profile.limit:
            per = " a line" if profile.each_line else ""
            message = f"expected at most {profile.limit} {profile.unit}{per} on {profile.name}, found {longest}"
            message += f" for the sample turn `{turn}`"
            yield Finding("over-limit", message, place, is_key=True, suggestion="leave out pieces, or shorten them")

    def may_try(self, pieces: tuple[Piece, ...], most: int = MOST_RENDERED) -> bool:
        """Tell whether pieces may be rendered: they run no code of the caller's and come to no more code points."""
        calls = (call for piece in pieces for node in piece.expressions() for call in node.calls)
        if any(self._verbs[call.verb].is_custom for call in calls):
            return False
        return sum(map(self._most_of_piece, pieces)) <= most

    def _most_of_piece(self, piece: Piece) -> int:
        """Return how many code points a piece may come to."""
        if isinstance(piece, TextPiece):
            return self._most_of_text(piece.text)
        if isinstance(piece, MapPiece):
            return max((len(text or "") for _, text in piece.cases), default=0)
        if isinstance(piece, EachPiece):
            return len(piece.prefix) + MOST_ELEMENTS * (self._most_of_text(piece.item) + len(piece.join))
        return 0

    def _most_of_text(self, text: Text) -> int:
        return sum(len(part) if isinstance(part, str) else self._most_of(part) for part in text)

    def _most_of(self, node: Expression) -> int:
        words = {argument.text for call in node.calls for argument in call.arguments}
        return max(LONGEST_VALUE, len(node.fallback), *(self._longest.get(word, 0) for word in words))


def _longest_by_name(scope: Scope) -> dict[str, int]:
    """Return how many code points a scale or a table may give at most, by its name; `*` may be any scale."""
    bars = {name: MOST_CELLS * max(map(len, glyphs), default=0) for name, glyphs in scope.scales.items()}
    labels = {name: max(map(len, table.values()), default=0) for name, table in scope.aliases.items()}
    either = {name: max(bars.get(name, 0), labels.get(name, 0)) for name in (*bars, *labels)}
    return either | {STAR: max([*bars.values(), either.get(STAR, 0)], default=0)}


def _fits_surely(raw: str, profile: Profile) -> bool:
    """Tell whether a footer fits whatever becomes of it when it is sent: then it needs no escaping."""
    most = MOST_ESCAPED * len(raw) + MOST_SMALL_PRINT * (raw.count("\n") + 1)
    return most * MOST_PER_CODE_POINT[profile.unit] <= (profile.limit or 0)


def _length(footer: str, profile: Profile) -> int:
    if len(footer) > MOST_READ:
        lines = footer.split("\n") if profile.each_line else [footer]
        return max(length_of(line, profile.unit) for line in lines)
    from usagebar.surfaces.reading.appearance import appearance  # noqa: PLC0415 - hardly ever asked

    return appearance(footer, profile).length
