"""Previews as JSON, for programs.

    {
      "template": "footer.jsonc",
      "findings": [Diagnostic.as_dict(), …],
      "previews": [
        {
          "surface": "discord", "turn": "typical", "footer": "…", "sent": "-# …",
          "lines": [{"small": true, "runs": [{"text": "…", "styles": ["bold"]}]}],
          "refused": null,
          "length": 71, "limit": 2000, "unit": "characters", "over": false,
          "pieces": [{"path": "$.output.default[0]", "form": "text", "text": "…", "dropped": null}]
        }
      ]
    }

`footer` has its values escaped, and `sent` is that in the surface's small print; `lines`, `refused` and `length` are of
what is sent. The `text` of a piece has values as they are; `dropped` is the reason. With `--explain` each piece has its
whole trace: `guards`, `reads` (the path of a map or an each), `value`, `is_present` (a value that is null is, an absent
one is not), `case`, `parts`, `items`. The `limit` of a terminal is null: a record does not depend on a window.
"""

from __future__ import annotations

import json
from _collections_abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from usagebar.diagnostics import json_path
from usagebar.engine.shape import is_array
from usagebar.record import Record

if TYPE_CHECKING:
    from usagebar.cli.previews.data import Preview, Shown
    from usagebar.engine.explain import PieceTrace


def as_json(shown: Shown, *, explain: bool) -> bytes:
    """Return a JSON document and a line feed; a lone surrogate is written as its escape."""
    document = {
        "template": shown.name,
        "findings": [finding.as_dict() for finding in shown.findings],
        "previews": [_preview(preview, explain=explain) for preview in shown.previews],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _preview(preview: Preview, *, explain: bool) -> dict[str, Any]:
    look = preview.appearance
    return {
        "surface": preview.surface,
        "turn": preview.turn,
        "footer": preview.footer,
        "sent": preview.sent,
        "lines": [{"small": line.is_small, "runs": [_plain(run) for run in line.runs]} for line in look.lines],
        "refused": look.refused,
        "length": preview.length,
        "limit": preview.limit,
        "unit": preview.unit,
        "over": preview.is_over,
        "pieces": [_piece(trace, explain=explain) for trace in preview.pieces],
    }


def _piece(trace: PieceTrace, *, explain: bool) -> dict[str, Any]:
    short = {"path": json_path(trace.place), "form": trace.form, "text": trace.text, "dropped": trace.reason}
    if not explain:
        return short
    way = {"guards": trace.guards, "reads": trace.path, "value": trace.value, "is_present": trace.is_present}
    way |= {"case": trace.case, "parts": trace.parts, "items": trace.items}
    return short | {key: _plain(value) for key, value in way.items()}


def _plain(value: object) -> Any:
    """Return a value as JSON can hold it; what is none as its text."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Record):
        return {name: _plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_array(value):
        return [_plain(each) for each in value]  # type: ignore[attr-defined]
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    return str(value)
