"""What each surface takes: one table.

A limit counts in the surface's own unit, which is rarely what Python's `len` counts: 🌑 is one character (code point),
two UTF-16 units, four bytes and two cells.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Profile(Record):
    """What a surface takes. `limit` is the most its text may have, None if there is none that is known beforehand.

    `unit` is what the limit counts: `characters` (code points), `utf-16 units`, `bytes` or `cells`; with `each_line` it
    holds for each line, not for the whole text. `markup` is how the surface reads the text it is sent: `discord`,
    `telegram-html`, `slack`, `whatsapp`, `html`, `irc`, `terminal` or `plain`. `note` says the rest to an author.
    """

    name: str
    limit: int | None = None
    unit: str = "characters"
    each_line: bool = False
    markup: str = "plain"
    small_print: str = ""
    note: str = ""


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "discord",
            2000,
            markup="discord",
            small_print="`-# ` at the start of each line",
            note="the whole message, reply and footer together",
        ),
        Profile(
            "telegram",
            4096,
            "utf-16 units",
            markup="telegram-html",
            small_print="`<i>…</i>` or `<blockquote>…</blockquote>`",
            note="counted without the HTML tags; a photo's caption takes 1024",
        ),
        Profile(
            "slack",
            40_000,
            markup="slack",
            small_print="a context block",
            note="longer text is cut; a block's section takes 3000",
        ),
        Profile("whatsapp", 4096, markup="whatsapp", small_print="`_…_` around the last line"),
        Profile(
            "matrix",
            65_536,
            "bytes",
            markup="html",
            small_print="`<sub>…</sub>`",
            note="the whole event, its plain body included",
        ),
        Profile(
            "irc",
            400,
            "bytes",
            each_line=True,
            markup="irc",
            small_print="grey or italic codes",
            note="the protocol's 512 less command and prefix",
        ),
        Profile(
            "terminal",
            None,
            "cells",
            each_line=True,
            markup="terminal",
            small_print="SGR dim, `\\u001b[2m…\\u001b[0m`",
            note="the window's width, `COLUMNS`",
        ),
        Profile("webchat", None, markup="html", small_print="`<small>…</small>`"),
    )
}


def profile_of(surface: str | None) -> Profile:
    """Return what a surface takes; one that is not in the table has no limit and reads plain text."""
    return PROFILES.get(surface or "") or Profile(surface or "default")


def length_of(text: str, unit: str) -> int:
    """Return how many of a unit a text has: `characters`, `utf-16 units`, `bytes` or `cells`.

    A lone surrogate counts as the character it is replaced by when it is sent.
    """
    if unit == "utf-16 units":
        return len(text) + sum(char > "\uffff" for char in text)
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))  # three bytes, as U+FFFD has
    if unit == "cells":
        from usagebar.surfaces.cells import width  # noqa: PLC0415 - wcwidth is slow to import

        return width(text)
    return len(text)
