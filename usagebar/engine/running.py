"""What the compiled function of a surface calls: the pipelines of its expressions, its lookups, its loops."""

from __future__ import annotations

from usagebar.engine.shape import is_array
from usagebar.engine.values import as_object, exact, map_key, readable, text_of
from usagebar.engine.verbs import Scope, bind
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from usagebar.engine.expression import Expression, Text
    from usagebar.engine.steps import Step
    from usagebar.engine.verbs import CustomVerb, Verb

    Verbs: TypeAlias = Mapping[str, Verb | CustomVerb]
    # What scale `*` is at each index of an `each`; None or empty where it is an ordinary name.
    Star: TypeAlias = tuple[str | None, ...] | None

STAR = "*"
# The texts that turns have in common (models, providers, names) are short and few.
REMEMBERED = 128
LONGEST_REMEMBERED = 256
SURFACE = ("surface",)


class Language(Record):
    """What a template's pieces are compiled with. `escape` makes a contract's text safe where it is shown, if given."""

    verbs: Verbs
    scope: Scope
    escape: Callable[[str], str] | None = None


class Reported(str):
    """A text that came from the contract, as it was: what the template makes of a value is the template's own text."""

    __slots__ = ()


def walker(steps: tuple[str, ...], *, is_root: bool) -> Callable[[Any, Any], Any]:
    """Return the function that follows a path through objects; `{surface}` of the root is the second argument."""
    from_surface = is_root and steps[:1] == SURFACE
    followed = steps[1:] if from_surface else steps

    def walk(root: Any, surface: Any) -> Any:
        value = surface if from_surface else root
        for step in followed:
            value = as_object(value).get(step)
        return value

    return walk


def steps_of(node: Expression, language: Language) -> tuple[Step, ...]:
    """Return the bound verbs of an expression."""
    return tuple(bind(call, language.verbs, language.scope) for call in node.calls)


def pipeline(
    steps: tuple[Step, ...], fallback: str, escape: Callable[[str], str] | None = None
) -> Callable[[Any], str]:
    """Return the function from a contract's value to an expression's text, for every type of value.

    `escape` is applied to text that is the contract's or a custom verb's; labels, glyphs, numbers and the fallback are
    the template's and the language's.
    """
    if escape is not None:
        return _escaping_pipeline(steps, fallback, escape)
    functions = tuple(step.run for step in steps)

    def run(found: Any) -> str:
        value = readable(found)
        if value is None or value == "":
            return fallback
        for function in functions:
            value = function(value)
        return text_of(value)

    return run


def remembered(escape: Callable[[str], str]) -> Callable[[str], str]:
    """Return an escaper that remembers the last short texts it was given."""
    known: dict[str, str] = {}

    def run(text: str) -> str:
        found = known.get(text)
        if found is None:
            found = escape(text)
            if len(text) <= LONGEST_REMEMBERED:
                if len(known) >= REMEMBERED:
                    known.clear()
                known[text] = found
        return found

    return run


def _escaping_pipeline(steps: tuple[Step, ...], fallback: str, escape: Callable[[str], str]) -> Callable[[Any], str]:
    def run(found: Any) -> str:
        value = readable(found)
        if value is None or value == "":
            return fallback
        if isinstance(value, str):
            value = Reported(value)
        for step in steps:
            value = step.run(value)
            if step.is_custom and isinstance(value, str):
                value = Reported(value)
        return escape(exact(value)) if type(value) is Reported else text_of(value)

    return run


def per_index(node: Expression, language: Language, star: tuple[str | None, ...]) -> Callable[[Any, int], str]:
    """Return the pipeline of an expression whose scale `*` depends on the element's index."""
    by_name: dict[str | None, Callable[[Any], str]] = {}

    def run(found: Any, index: int) -> str:
        name = star[min(index, len(star) - 1)]
        if name not in by_name:
            steps = steps_of(node, starred(node, language, name))
            by_name[name] = pipeline(steps, node.fallback, language.escape)
        return by_name[name](found)

    return run


def starred(node: Expression, language: Language, name: str | None) -> Language:
    """Return the language of an expression in which scale `*` is the one of this name, or no scale."""
    scales = language.scope.scales
    # Only what the expression names: copying all scales for each name would take the square of the template.
    own = {key: scales[key] for key in arguments_of(node) if key in scales and key != STAR}
    if name is not None and name in scales:
        own[STAR] = scales[name]
    return Language(language.verbs, Scope(own, language.scope.aliases), language.escape)


def arguments_of(node: Expression) -> set[str]:
    """Return the arguments of an expression's verbs."""
    return {argument.text for call in node.calls for argument in call.arguments}


def uses_star(node: Expression) -> bool:
    """Tell whether an expression names scale `*`."""
    return STAR in arguments_of(node)


def long_text(text: Text, language: Language, star: Star, *, is_root: bool) -> Callable[[Any, Any, int], str]:
    """Return the function of a text that is too long to be written out."""
    parts = [part if isinstance(part, str) else _evaluator(part, language, star, is_root=is_root) for part in text]

    def run(root: Any, surface: Any, index: int) -> str:
        return "".join([part if isinstance(part, str) else part(root, surface, index) for part in parts])

    return run


def _evaluator(node: Expression, language: Language, star: Star, *, is_root: bool) -> Callable[[Any, Any, int], str]:
    walk = walker(node.path.steps, is_root=is_root)
    if star and uses_star(node):
        at_index = per_index(node, language, star)
        return lambda root, surface, index: at_index(walk(root, surface), index)
    run = pipeline(steps_of(node, language), node.fallback, language.escape)
    return lambda root, surface, _index: run(walk(root, surface))


def lookup(cases: dict[str, str | None]) -> Callable[[Any], str]:
    """Return the function of a `map`: the label of a value, `""` where it has none."""
    labels = {key: text or "" for key, text in cases.items()}
    default = labels.get("_default", "")

    def run(value: Any) -> str:
        return labels.get(map_key(value), default)

    return run


def joiner(item: Callable[[Any, int], str], join: str, prefix: str) -> Callable[[Any], str]:
    """Return the function of an `each`: the texts of an array's elements, joined and behind the prefix."""
    lead = prefix + " " if prefix else ""

    def run(elements: Any) -> str:
        if not is_array(elements):
            return ""
        texts = [text for index, element in enumerate(elements) if (text := item(element, index))]
        return lead + join.join(texts) if texts else ""

    return run
