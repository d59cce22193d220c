"""What a reader of markup walks: a text and 0, or a style and 1 or -1, where it begins or ends. See `appearance`."""

from __future__ import annotations

from typing import TypeAlias

Event: TypeAlias = tuple[str, int]
