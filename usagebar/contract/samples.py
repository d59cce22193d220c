"""Sample turns: what a template is tried on by the check and the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sample(Record):
    """A turn to try a template on: its name on the command line, what it is a sample of, and its contract."""

    name: str
    summary: str
    contract: Mapping[str, Any]


SAMPLES: Mapping[str, Sample] = {}
