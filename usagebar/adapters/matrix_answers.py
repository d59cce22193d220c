"""What a homeserver answers: the id of an event, or why it did not take it."""

from __future__ import annotations

from typing import Any

import nio


class RefusedError(RuntimeError):
    """The homeserver did not take an event; `answer` is what the client returned instead of raising it."""

    def __init__(self, answer: Any) -> None:
        super().__init__(f"the homeserver refused the event: {answer}")
        self.answer = answer


def accepted(answer: Any) -> str:
    """Return the id of an event that was taken."""
    if isinstance(answer, nio.ErrorResponse):
        raise RefusedError(answer)
    return str(answer.event_id)


def retry_after(error: Exception) -> float | None:
    """Return the seconds for which a homeserver wants no events, None if that is not what it says."""
    if not isinstance(error, RefusedError) or error.answer.status_code != "M_LIMIT_EXCEEDED":
        return None
    return (error.answer.retry_after_ms or 0) / 1000
