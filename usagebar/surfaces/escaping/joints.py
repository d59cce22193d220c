"""Where a value meets its neighbours: what together with them would be a mark of the line or a ping."""

from __future__ import annotations

import re

ZERO_WIDTH_SPACE = "\u200b"
WORD_JOINER = "\u2060"

BLANK = r"[\s\ufeff]"  # as JavaScript has it, in which Discord and Slack are written

# What a full stop behind it would make a list's number of.
is_number = re.compile(rf"{BLANK}*+[0-9]++\Z").match


def begun(*words: str) -> str:
    r"""Return a pattern of texts that go on behind an `@` as one of the words, or may with the next value's help.

    The whole of a text may be a beginning of a word: `@`, `r` and `oom`.
    """
    beginnings = [word[:length] for word in words for length in range(1, len(word))]
    return rf"(?:{'|'.join(words)}|(?:{'|'.join(beginnings)})\Z)"
