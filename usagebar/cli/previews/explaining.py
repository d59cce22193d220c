"""How a footer came about, piece by piece, as lines for a terminal."""

from __future__ import annotations

import json
from _collections_abc import Mapping
from typing import TYPE_CHECKING

from usagebar.diagnostics import json_path
from usagebar.engine.explain import Shown
from usagebar.engine.shape import is_array, kind_of
from usagebar.engine.values import readable, text_of
from usagebar.surfaces.reading.appearance import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usagebar.cli.previews.sheet import Sheet
    from usagebar.engine.explain import Guard, Item, PieceTrace

_LONGEST = 60  # characters of a value


def explain_pieces(sheet: Sheet, traces: Iterable[PieceTrace]) -> None:
    """Draw the traces of pieces: what each shows, or why nothing, and below it the way there."""
    for trace in traces:
        head = f"{json_path(trace.place)} {trace.form}".rstrip()
        if trace.reason is None:
            runs = [Run(head, ("bold",)), Run(" shows ", ("dim",)), Run(quoted(trace.text), ("green",))]
        else:
            runs = [Run(head, ("bold",)), Run(" dropped: ", ("dim",)), Run(trace.reason, ("yellow",))]
        sheet.add(runs, "  ", "      ", words=True)
        for step in _way(trace):
            sheet.say(step, indent=6)


def _way(trace: PieceTrace) -> Iterator[str]:
    yield from map(_guard, trace.guards)
    if all(guard.passed for guard in trace.guards) and trace.path is not None:
        case = "" if trace.case is None else f" → case {quoted(trace.case)}"
        yield f"{trace.form} {trace.path} = {_value_of(trace)}{case}"
    for part in trace.parts:
        if isinstance(part, Shown):
            yield _expression(part)
    for item in trace.items:
        yield from _item(item)


def _guard(guard: Guard) -> str:
    return f"{guard.key} {guard.path} = {_value_of(guard)}: {'goes on' if guard.passed else 'stops'}"


def _expression(part: Shown) -> str:
    steps = [
        f"{part.path} = {_value_of(part)}",
        *[f"{step.call} {value_text(step.result)}" for step in part.steps],
    ]
    if part.is_fallback:
        empty = "empty fallback" if part.has_fallback else "no fallback"
        steps.append(f"fallback {quoted(part.text)}" if part.text else empty)
    return f"{part.source}: {' → '.join(steps)}"


def _item(item: Item) -> Iterator[str]:
    yield f"[{item.index}] {f'shows {quoted(item.text)}' if item.text else 'dropped'}"
    for part in item.parts:
        if isinstance(part, Shown):
            yield f"  {_expression(part)}"


def _value_of(trace: Shown | Guard | PieceTrace) -> str:
    return value_text(trace.value) if trace.is_present else "absent"


def value_text(value: object) -> str:
    """Return a value as the template sees it, texts in quotes; of objects and arrays the size alone."""
    if value is None:
        return "null"
    if isinstance(value, Mapping) or is_array(value):
        return f"{kind_of(value)} of {len(value)}"  # type: ignore[arg-type]
    if isinstance(value, str):
        return quoted(value)
    known = readable(value)
    if known is None:
        return json.dumps(value) if isinstance(value, float) else kind_of(value)  # NaN, Infinity
    return text_of(known)


def quoted(text: str) -> str:
    """Return the start of a text in quotes, as in JSON."""
    return json.dumps(_shortened(text), ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
