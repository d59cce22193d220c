"""`load` and `parse`: a configured template → a `UsageBar`, falling back or raising.

`load` warns once about what it finds: to the logger `usagebar` and to the caller's `on_warning`, once for each (code,
source, message) in a process, and again only after the source was good in between. A path is read again only if `stat`
says that its file changed.
"""

from __future__ import annotations

import logging
import os
import threading

from usagebar.diagnostics import Diagnostic, TemplateError
from usagebar.engine.custom import verbs_with
from usagebar.template.builtin import builtin_bar
from usagebar.template.reading import Outcome, absolute, bar_of, examine, examine_bytes, is_path, path_of, unreadable
from usagebar.template.source import Missing, Snapshot, Unreadable, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from typing import Any, TypeAlias

    from usagebar.engine.bar import UsageBar
    from usagebar.engine.running import Verbs

    OnWarning: TypeAlias = Callable[[Diagnostic], object]
    CustomVerbs: TypeAlias = Mapping[str, Callable[..., Any]]

MAX_CACHED_PATHS = 64
MAX_REMEMBERED_WARNINGS = 256

logger = logging.getLogger("usagebar")


def load(source: Any = None, *, on_warning: OnWarning | None = None, verbs: CustomVerbs | None = None) -> UsageBar:
    """Return the bar of a configured template, the built-in one where it cannot be used. Never raises on data.

    Args:
        source: nothing, a mapping, a path (`str` or `PathLike`, `~` expands), or template text (`bytes`, or a `str`
            whose first significant character is `{`) in JSON, JSONC or JSON5.
        on_warning: called with each `Diagnostic` that an operator should see, beside the logger `usagebar`.
        verbs: the caller's own verbs, `{name: f(value, *args: str) -> value}`.

    The bar's `is_builtin` and `diagnostics` tell what happened.

    Raises:
        TypeError, ValueError: only for `verbs` that cannot be verbs, or that replace a built-in one.
    """
    known = verbs_with(verbs)
    try:
        outcome, bar = _loaded(source, verbs, known)
    except Exception as error:  # whatever a source does, there is a footer
        logger.warning("the template could not be loaded", exc_info=error)
        return builtin_bar()
    if outcome is not None:
        announce(outcome, on_warning)
    return bar


def parse(source: Any, *, verbs: CustomVerbs | None = None) -> UsageBar:
    """Return the bar of a template that is whole; the strict twin of `load`, with the same arguments.

    Raises:
        TemplateError: the template cannot be used, or a part of it would have to be dropped. Its `diagnostics` have
            code and JSON path, and line and column where there is text.
        TypeError, ValueError: as in `load`.
    """
    known = verbs_with(verbs)
    outcome = examine(source)
    if outcome.template is None or outcome.diagnostics:
        raise TemplateError(outcome.diagnostics, name=outcome.name, text=outcome.text)
    return bar_of(outcome, known)


class _Warnings:
    """What was warned of already."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], None] = {}
        self._lock = threading.Lock()

    def new_ones(self, source: str, findings: tuple[Diagnostic, ...]) -> list[Diagnostic]:
        """Remember a source's findings and return those that were not given before, also several of one message."""
        with self._lock:
            new = [finding for finding in findings if self._key(source, finding) not in self._seen]
            self._seen.update(dict.fromkeys(self._key(source, finding) for finding in new))
            while len(self._seen) > MAX_REMEMBERED_WARNINGS:
                del self._seen[next(iter(self._seen))]
        return new

    @staticmethod
    def _key(source: str, finding: Diagnostic) -> tuple[str, str, str]:
        return finding.code, source, finding.message

    def renew_lock(self) -> None:
        """Start with a lock that nobody holds."""
        self._lock = threading.Lock()

    def forget(self, source: str) -> None:
        """Let a source be warned of again, as it was good just now."""
        with self._lock:
            for key in [key for key in self._seen if key[1] == source]:
                del self._seen[key]


_warnings = _Warnings()


def announce(outcome: Outcome, on_warning: OnWarning | None, *, even_quiet: bool = False) -> None:
    """Warn of an outcome's findings, of each once."""
    if not outcome.diagnostics:
        _warnings.forget(outcome.name)
        return
    if outcome.quiet and not even_quiet:
        return
    for finding in _warnings.new_ones(outcome.name, outcome.diagnostics):
        place = outcome.name if finding.line is None else f"{outcome.name}:{finding.line}:{finding.column}"
        logger.warning("%s: %s: %s (%s)", place, finding.code, finding.message, finding.path)
        if on_warning is not None:
            _call(on_warning, finding)


def _call(on_warning: OnWarning, finding: Diagnostic) -> None:
    """Tell a caller of a finding; a callback that fails must not cost the footer, nor the reply."""
    try:
        on_warning(finding)
    except Exception:
        logger.exception("on_warning raised")


class _Cache:
    """The bars of the paths loaded last, with what their files were then."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[Snapshot, UsageBar]] = {}
        self._lock = threading.Lock()

    def renew_lock(self) -> None:
        """Start with a lock that nobody holds."""
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> tuple[Snapshot, UsageBar] | None:
        with self._lock:
            return self._entries.get(key)

    def put(self, key: Hashable, found: Snapshot, bar: UsageBar) -> None:
        """Keep a path's bar as the most recently used one."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = (found, bar)
            if len(self._entries) > MAX_CACHED_PATHS:
                del self._entries[next(iter(self._entries))]

    def drop(self, key: Hashable) -> None:
        """Forget a path."""
        with self._lock:
            self._entries.pop(key, None)


_cache = _Cache()


def _after_fork() -> None:
    """Renew the locks in a forked child: a thread that held one is not there to release it."""
    _warnings.renew_lock()
    _cache.renew_lock()


# Where there is no fork, as on Windows, dict() takes the word and does nothing.
getattr(os, "register_at_fork", dict)(after_in_child=_after_fork)


def _loaded(source: Any, verbs: CustomVerbs | None, known: Verbs) -> tuple[Outcome | None, UsageBar]:
    """Return a source's bar and, unless the bar is kept from an earlier load, its outcome."""
    if not is_path(source):
        outcome = examine(source)
        return outcome, bar_of(outcome, known)
    path, key = "<path>", None
    try:
        path = path_of(source)
        key = _cache_key(path, verbs)
        kept = _cache.get(key)
        found = snapshot(path, kept[0] if kept else None)
    except (Missing, Unreadable) as error:
        _cache.drop(key)  # should it come back, it is read and announced as good
        outcome = unreadable(path, error)
        return outcome, bar_of(outcome, known)
    if kept and found.data is kept[0].data:
        _cache.put(key, found, kept[1])
        return None, kept[1]
    outcome = examine_bytes(found.data, path)
    bar = bar_of(outcome, known)
    _cache.put(key, found, bar)
    return outcome, bar


def _cache_key(path: str, verbs: CustomVerbs | None) -> Hashable:
    # The functions themselves stay alive in the cached bar, so their ids stay theirs.
    functions = tuple(sorted((name, id(function)) for name, function in (verbs or {}).items()))
    return absolute(path), path, functions  # as written too: it is the bar's name
