"""A plain evaluator of piece nodes, as direct and as slow as the description of the language.

The tests hold the compiled functions against it. Of the package's own rules it uses only number text and rounding; how
paths, guards, verbs and arrays work it says for itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from usagebar.engine.expression import Call, Fallback
from usagebar.engine.pieces import EachPiece, MapPiece, TextPiece
from usagebar.engine.values import fixed_text, number_text, round_half_up
from usagebar.engine.verbs import VERBS

if TYPE_CHECKING:
    from usagebar.engine.expression import Expression, Path, Text
    from usagebar.engine.pieces import Piece
    from usagebar.engine.shape import Template

Value = str | bool | float

BLANKS = re.compile("^[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*$")
DECIMAL_LITERAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Scene:
    """What the verbs of an expression may name."""

    scales: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, Mapping[str, str]]
    escape: Callable[[str], str] = str  # applied to what is shown of the contract's own texts


# ---------------------------------------------------------------- a template


def rendered(template: Template, contract: object, surface: object = None, escape: Callable[[str], str] = str) -> str:
    """Render a turn."""
    surface = surface if surface is not None else own_surface(contract)
    entry = entry_of(template, surface)
    layout = template.default if entry is None else template.surfaces[entry]
    return layout.sep.join(surviving(template, contract, surface, escape))


def surviving(
    template: Template, contract: object, surface: object = None, escape: Callable[[str], str] = str
) -> list[str]:
    """Return the pieces' texts that are not empty."""
    surface = surface if surface is not None else own_surface(contract)
    root = dict(contract) if isinstance(contract, Mapping) else {}
    root["surface"] = surface
    scene = Scene(template.scales, template.aliases, escape)
    texts = [of_piece(piece, root, scene) for piece in template.pieces(entry_of(template, surface), VERBS)]
    return [text for text in texts if text != ""]


def own_surface(contract: object) -> object:
    return contract.get("surface") if isinstance(contract, Mapping) else None


def entry_of(template: Template, surface: object) -> str | None:
    return str.__str__(surface) if isinstance(surface, str) and surface in template.surfaces else None


# ---------------------------------------------------------------- a piece


def of_piece(piece: Piece, root: object, scene: Scene) -> str:
    if piece.when is not None and not is_there(found_at(piece.when, root)):
        return ""
    if piece.unless is not None and is_there(found_at(piece.unless, root)):
        return ""
    if isinstance(piece, TextPiece):
        return of_text(piece.text, root, scene)
    if isinstance(piece, MapPiece):
        return of_map(piece, root)
    if isinstance(piece, EachPiece):
        return of_each(piece, root, scene)
    return ""


def of_map(piece: MapPiece, root: object) -> str:
    cases = dict(piece.cases)
    value = plain(found_at(piece.map, root))
    key = "undefined" if value is None else printed(value)
    hit = cases[key] if key in cases else cases.get("_default")
    return "" if hit is None else hit


def of_each(piece: EachPiece, root: object, scene: Scene) -> str:
    array = found_at(piece.each, root)
    texts = []
    for index, element in enumerate(array if isinstance(array, (list, tuple)) else ()):
        text = of_text(piece.item, element, at_index(scene, piece.item_scales, index))
        if text != "":
            texts.append(text)
    if not texts:
        return ""
    return (piece.prefix + " " if piece.prefix else "") + piece.join.join(texts)


def at_index(scene: Scene, names: tuple[str | None, ...], index: int) -> Scene:
    """Return the scene in which scale `*` is the one that an element's index names."""
    if not names:
        return scene
    name = names[index] if index < len(names) else names[-1]
    scales = {key: glyphs for key, glyphs in scene.scales.items() if key != "*"}
    if name is not None and name in scene.scales:
        scales["*"] = scene.scales[name]
    return replace(scene, scales=scales)


def of_text(text: Text, root: object, scene: Scene) -> str:
    return "".join(part if isinstance(part, str) else of_expression(part, root, scene) for part in text)


def of_expression(node: Expression, root: object, scene: Scene) -> str:
    value = plain(found_at(node.path, root))
    if value is None or value == "":
        fallbacks = [segment.text for segment in node.segments if isinstance(segment, Fallback)]
        return fallbacks[-1] if fallbacks else ""
    is_reported = isinstance(value, str)
    for segment in node.segments:
        if isinstance(segment, Call):
            is_reported = is_reported and is_passed_on(segment, value, scene)
            value = called(segment, value, scene)
    return scene.escape(printed(value)) if is_reported else printed(value)


def is_passed_on(call: Call, value: Value, scene: Scene) -> bool:
    """Tell whether a verb leaves a text as it is: a table that has no label for it, `inv` of what is no number."""
    if call.verb == "alias":
        table = scene.aliases.get(call.arguments[0].text, {}) if call.arguments else {}
        return printed(value) not in table and printed(value).lower() not in table
    return call.verb == "inv" and figure(value) is None


# ---------------------------------------------------------------- values


def found_at(path: Path, root: object) -> object:
    for key in path.text.split("."):
        if not isinstance(root, Mapping) or key not in root:
            return None
        root = root[key]
    return root


def is_there(value: object) -> bool:
    return not (value is None or value is False or (isinstance(value, str) and len(value) == 0))


def plain(value: object) -> Value | None:
    """Return a string, a boolean or a finite double; None for all that has no text."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if not isinstance(value, (int, float, Decimal)):
        return None
    try:
        double = float(value)
    except (OverflowError, ValueError):
        return None
    return double if math.isfinite(double) else None


def printed(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def figure(value: Value) -> float | None:
    """Return the number that a value stands for."""
    if not isinstance(value, str):
        return float(value)
    if value == "":
        return None
    literal = without_blanks(value)
    if literal == "":
        return 0.0
    if not DECIMAL_LITERAL.fullmatch(literal):
        return None
    return float(literal) if math.isfinite(float(literal)) else None


def without_blanks(text: str) -> str:
    while text and BLANKS.match(text[0]):
        text = text[1:]
    while text and BLANKS.match(text[-1]):
        text = text[:-1]
    return text


def clamped(value: float) -> float:
    return 0.0 if value < 0 else 100.0 if value > 100 else value


# ---------------------------------------------------------------- verbs


def called(call: Call, value: Value, scene: Scene) -> Value:
    arguments = [argument.text for argument in call.arguments]
    if call.verb == "alias":
        return labelled(value, arguments, scene)
    if call.verb == "meter":
        return metered(figure(value), arguments, scene)
    known = figure(value)
    if call.verb == "inv":
        return value if known is None else 100 - clamped(known)
    rule: Any = {"num": shortened, "fixed": with_decimals, "dur": duration, "pct": percentage}[call.verb]
    return "" if known is None else rule(known, arguments)


def integer(text: str, low: int, high: int) -> int | None:
    digits = without_blanks(text)
    if not INTEGER.fullmatch(digits) or not low <= Decimal(digits) <= high:
        return None
    return int(Decimal(digits))


def shortened(value: float, _arguments: list[str]) -> str:
    if abs(value) < 1000:
        return number_text(math.trunc(value))
    thousands = value / 1000
    return (fixed_text(thousands, 1) if abs(thousands) < 10 else number_text(round_half_up(thousands))) + "k"


def with_decimals(value: float, arguments: list[str]) -> str:
    decimals = integer(arguments[0], 0, 100) if arguments else 2
    return "" if decimals is None else fixed_text(value, decimals)


def duration(value: float, _arguments: list[str]) -> str:
    seconds = max(math.trunc(value), 0)
    if seconds >= 86400:
        return fixed_text(seconds / 86400, 1) + "d"
    if seconds >= 3600:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 60}m"


def percentage(value: float, _arguments: list[str]) -> str:
    return number_text(round_half_up(value)) + "%"


def labelled(value: Value, arguments: list[str], scene: Scene) -> Value:
    table = scene.aliases.get(arguments[0], {}) if arguments else {}
    key = printed(value)
    return table[key] if key in table else table.get(key.lower(), value)


def metered(value: float | None, arguments: list[str], scene: Scene) -> str:
    blank = not arguments or without_blanks(arguments[0]) == ""
    width = 5 if blank else integer(arguments[0], 1, 100)
    glyphs = scene.scales.get(arguments[1], ()) if len(arguments) > 1 else ()
    if width is None or len(glyphs) < 2:
        return ""
    total = clamped(0.0 if value is None else value) / 100 * width
    return "".join(cell(total - index, glyphs) for index in range(width))


def cell(left: float, glyphs: tuple[str, ...]) -> str:
    """Return the glyph of a cell when so much of the total is left for it and those behind it."""
    if left >= 1:
        return glyphs[-1]
    return glyphs[round_half_up(left * (len(glyphs) - 1))] if left > 0 else glyphs[0]
