"""Values and keys by themselves, as the tests look them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usagebar.template.places import find_members

if TYPE_CHECKING:
    from collections.abc import Collection

    from usagebar.template.position import Path, Span


def find_all(text: str, paths: Collection[Path]) -> dict[Path, Span]:
    return {path: value for path, (value, _) in find_members(text, paths).items()}


def find_keys(text: str, paths: Collection[Path]) -> dict[Path, Span]:
    return {path: key for path, (_, key) in find_members(text, paths).items() if key is not None}
