"""Findings inside a text: its paths, verbs, arguments, fallbacks and braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.checks.near import Names, distance, listed, shown
from usagebar.engine.expression import Fallback
from usagebar.engine.pieces import expressions_in
from usagebar.engine.running import STAR
from usagebar.engine.verbs import BadArgument, CustomVerb, Integer, ScaleName, Scope, TableName
from usagebar.record import Record
from usagebar.template.findings import Finding
from usagebar.template.reading import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usagebar.checks.paths import Paths
    from usagebar.engine.expression import Argument, Call, Expression, Text
    from usagebar.engine.pieces import Place
    from usagebar.engine.running import Verbs
    from usagebar.engine.verbs import Verb


# What a verb makes of a number, where it is always a text that is none; and those that want a number.
_GIVE_TEXT = ("num", "dur", "pct", "meter")
_KEEP_NUMBER = ("fixed", "inv")
_TAKE_NUMBER = (*_GIVE_TEXT, *_KEEP_NUMBER)


class Vocabulary:
    """What the expressions of a template may name."""

    def __init__(self, verbs: Verbs, scope: Scope) -> None:
        self.verbs = verbs
        self.scope = scope
        self._meant: dict[str, str | None] = {}
        self._names = {"unknown-scale": Names(scope.scales), "unknown-alias-table": Names(scope.aliases)}

    def suggestion(self, code: str, word: str | None) -> str | None:
        """Return what may be meant instead of an argument that its verb cannot use; None: there is no argument."""
        if code == "short-scale":
            return f"give the scale `{word}` a glyph for empty, one for full, and more between them"
        if code not in self._names:
            return None
        if word == STAR:
            return "`*` is what `item_scales` names, in the `item` of an `each`"
        kind = "scales" if code == "unknown-scale" else "alias tables"
        names = self._names[code]
        question = names.question(word) if word else None
        none = f"this template has no {kind}"
        return question or (f"the {kind} of this template are: {listed(names)}" if names else none)

    def meant(self, fallback: str) -> str | None:
        """Return the verb that a fallback looks like, None if it looks like none."""
        if fallback not in self._meant:
            self._meant[fallback] = _meant(fallback, self.verbs)
        return self._meant[fallback]


class Spot(Record):
    """Where a text stands, and what its paths are (None: nobody knows).

    `star` is one scale of those that `*` may be in it: one that is too short if there is any, `""` if none is known;
    None where `*` is an ordinary name.
    """

    place: Place
    paths: Paths | None
    star: str | None = None


def in_text(source: str, text: Text, spot: Spot, known: Vocabulary) -> Iterator[Finding]:
    """Walk what is wrong in a text; `source` is what it was parsed from."""
    for node in expressions_in(text):
        if spot.paths is not None:
            yield from spot.paths.single(node.path.text, spot.place, node.path.span)
        for call in node.calls:
            yield from _in_call(call, spot, known)
        yield from _in_chain(node, spot)
        yield from _in_fallbacks(node, spot, known)
    opened = source.find("{", source.rfind("}") + 1)
    if opened >= 0:
        message = "expected `}` behind this `{`, found the end of the text: it is shown as it is"
        part = opened, opened + 1
        yield Finding("unclosed-brace", message, spot.place, part, suggestion="write a `}` behind what it opens")


# ---------------------------------------------------------------- verbs


def _in_call(call: Call, spot: Spot, known: Vocabulary) -> Iterator[Finding]:
    verb = known.verbs[call.verb]
    if isinstance(verb, CustomVerb):
        if len(call.arguments) < verb.least:
            message = f"expected {verb.least} arguments or more for `{verb.name}`, found {len(call.arguments)}"
            yield Finding("bad-argument", message, spot.place, call.span)
        return
    for parameter, argument in _given(verb, call):
        word = None if argument is None else argument.text
        if isinstance(parameter, ScaleName) and word == STAR and spot.star is not None:
            if not spot.star:
                continue  # the names of no scale are reported where they stand
            word = spot.star
        try:
            parameter.read(word, known.scope)
        except BadArgument as error:
            part = call.span if argument is None else argument.span
            suggestion = known.suggestion(error.code, word) or f"write `{verb.call}`, as in `{verb.examples[0][1]}`"
            yield Finding(error.code, str(error), spot.place, part, suggestion=suggestion)


def _given(verb: Verb, call: Call) -> Iterator[tuple[Integer | ScaleName | TableName, Argument | None]]:
    """Walk a verb's parameters, each with what the call gives for it."""
    missing = [None] * (len(verb.parameters) - len(call.arguments))
    return zip(verb.parameters, [*call.arguments, *missing], strict=False)


def _in_chain(node: Expression, spot: Spot) -> Iterator[Finding]:
    """Find the first verb that wants a number and is fed the text that another verb made of it."""
    maker = None
    for call in node.calls:
        if maker is not None and call.verb in _TAKE_NUMBER:
            message = f"expected a number for `{call.verb}`, found the text that `{maker}` makes of it"
            suggestion = f"keep one of `{maker}` and `{call.verb}`" if maker != call.verb else f"keep one `{maker}`"
            yield Finding("number-after-text", message, spot.place, call.span, suggestion=suggestion)
            return
        if call.verb in _GIVE_TEXT:
            maker = call.verb
        elif call.verb not in _KEEP_NUMBER:
            maker = None  # an alias, or a verb of the caller's, may give a number again


# ---------------------------------------------------------------- fallbacks


def _in_fallbacks(node: Expression, spot: Spot, known: Vocabulary) -> Iterator[Finding]:
    fallbacks = [segment for segment in node.segments if isinstance(segment, Fallback)]
    for fallback in fallbacks:
        verb = known.meant(fallback.text)
        if verb is not None:
            found = f"{shown(fallback.text)}, which is none"
            message = f"expected a verb, found {found}: it is a fallback, and the value is shown as it is"
            suggestion = f"did you mean `{shortened(_corrected(fallback.text, verb))}`?"
            yield Finding("suspect-fallback", message, spot.place, fallback.span, suggestion=suggestion)
    for lost in fallbacks[:-1]:
        if lost.text:  # `||?` loses nothing
            message = f"expected one fallback, found {shown(lost.text)} before another: only the last one counts"
            suggestion = f"leave out {shown(lost.text)}"
            yield Finding("lost-fallback", message, spot.place, lost.span, suggestion=suggestion)


def _meant(fallback: str, verbs: Verbs) -> str | None:
    """Return the verb that a fallback looks like.

    That is one of one edit away, or two if it has five letters. What is so near to one of three letters may well be a
    word (`now`), unless there is a `:` behind it or it is the verb in another case.
    """
    if sum(map(str.isalpha, fallback)) < 3:
        return None
    word, colon, _ = fallback.partition(":")
    near = [(distance(word.lower(), verb.lower(), 2), verb) for verb in verbs if len(word) <= len(verb) + 2]
    for edits, verb in sorted(near):
        if edits <= (2 if len(verb) >= 5 else 1) and (len(verb) > 3 or colon or edits == 0):
            return verb
    return None


def _corrected(fallback: str, verb: str) -> str:
    """Return a fallback with the verb that it looks like in the place of the word."""
    word, colon, arguments = fallback.partition(":")
    figure = word[len(word.rstrip("0123456789")) :]
    if figure and not colon and verb in ("fixed", "meter"):  # `fixed4`, `fixed 4`
        return f"{verb}:{figure}"
    return verb + colon + arguments
