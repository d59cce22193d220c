"""A caller's own verbs, checked beside the language's when a template is loaded."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.engine.values import trim
from usagebar.engine.verbs import VERBS, CustomVerb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from usagebar.engine.running import Verbs

SEPARATORS = ":|}"


def verbs_with(custom: Mapping[str, Callable[..., Any]] | None) -> Verbs:
    """Return the language's verbs together with a caller's own, `{name: f(value, *args: str) -> value}`.

    Raises:
        TypeError: a verb is not callable, or cannot be called as `f(value, *args)`.
        ValueError: a name replaces a built-in verb, or could not be written in a template.
    """
    if custom is None:
        return VERBS
    if not isinstance(custom, Mapping):
        raise TypeError(f"expected a mapping of names to functions as verbs, found {type(custom).__name__}")
    if not custom:
        return VERBS
    failed = _LoggedOnce()
    return dict(VERBS) | {name: _custom_verb(name, function, failed) for name, function in custom.items()}


def _custom_verb(name: Any, function: Any, failed: Callable[[str, Exception], None]) -> CustomVerb:
    if not isinstance(name, str) or not name or trim(name) != name or any(c in name for c in SEPARATORS):
        raise ValueError(
            f"expected a verb's name without blanks at its ends and without ':', '|' and '}}', found {name!r}"
        )
    if name in VERBS:
        raise ValueError(f"expected a verb's name that is not taken, found the built-in verb {name!r}")
    if not callable(function):
        raise TypeError(f"verb {name!r}: expected a function of (value, *args), found {type(function).__name__}")
    least, most = _argument_counts(name, function)
    return CustomVerb(name, function, least, most, failed)


def _argument_counts(name: str, function: Callable[..., Any]) -> tuple[int, int | None]:
    """Return how many arguments a verb takes at least and at most (None: any number), the value not counted."""
    import inspect  # noqa: PLC0415 - only custom verbs need it

    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some builtins have no signature: whatever the template gives is passed on
        return 0, None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in positional if p.default is p.empty]
    takes_rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    needs_keyword = any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters)
    if needs_keyword or not (positional or takes_rest):
        raise TypeError(
            f"verb {name!r}: expected a function of (value, *args), found one of {inspect.signature(function)}"
        )
    return max(0, len(required) - 1), None if takes_rest else len(positional) - 1


class _LoggedOnce:
    """Logs the first failure of each verb: a verb that fails does so on every turn."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __call__(self, name: str, error: Exception) -> None:
        if name in self._names:
            return
        self._names.add(name)
        import logging  # noqa: PLC0415 - only a failure needs it

        logging.getLogger("usagebar").error("verb %r raised; its piece is dropped", name, exc_info=error)
