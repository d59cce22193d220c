"""What the readers of the providers' answers have in common."""

from __future__ import annotations

from usagebar.contract.fields import fields_of
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from usagebar.contract.call import Reading
    from usagebar.contract.fields import Fields


class Source(Record):
    """One kind of answer: what it is called, and how it is told from others and read.

    `is_answer` and `is_usage` tell a whole answer and a bare usage object by their fields; `read` reads the fields of
    either, and is handed the object itself too.
    """

    title: str
    is_answer: Callable[[Fields], bool]
    is_usage: Callable[[Fields], bool]
    read: Callable[[Fields, object], Reading]


def usage_of(fields: Fields) -> Fields:
    """Return an answer's usage; the fields themselves if they are a bare usage object."""
    return fields_of(fields.get("usage")) or {} if "usage" in fields else fields


def word(value: object) -> str:
    """Return a text as it is, and an empty one in place of anything else."""
    return value if isinstance(value, str) else ""
