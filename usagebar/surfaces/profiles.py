"""What each surface takes: one table, to which callers may add their own.

A limit counts in the surface's own unit, which is rarely what Python's `len` counts: 🌑 is one character (code point),
two UTF-16 units, four bytes and two cells.
"""

from __future__ import annotations

from types import MappingProxyType

from usagebar.record import Record
from usagebar.surfaces.escaping import MODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS = ("characters", "utf-16 units", "bytes", "cells")
SHAPES = ("discord", "telegram", "slack", "whatsapp", "matrix", "irc", "webchat", "text")
# No part of a message is smaller than this: the longest character in each unit, with a little room for a footer.
LEAST_LIMIT = 16


class Profile(Record):
    """What a surface takes.

    Attributes:
        name: what a template and a contract call it.
        limit: the most its text may have, None if there is none that is known beforehand.
        unit: what the limit counts, one of `UNITS`: `characters` (code points), `utf-16 units`, `bytes` or `cells`.
        each_line: whether the limit holds for each line, not for the whole text.
        modes: how the surface reads the text it is sent, of `MODES`; the first one unless a caller asks for another.
        shape: which client's messages are composed for it, one of `SHAPES`.
        caption_limit: the most a caption may have, None if there are none.
        small_print, note: the rest, said to an author.
    """

    name: str
    limit: int | None = None
    unit: str = "characters"
    each_line: bool = False
    modes: tuple[str, ...] = ("plain",)
    shape: str = "text"
    caption_limit: int | None = None
    small_print: str = ""
    note: str = ""

    @property
    def mode(self) -> str:
        """How the surface reads text unless it is told otherwise."""
        return self.modes[0]

    @property
    def markup(self) -> str:
        """Whose markup its default mode is: Matrix reads HTML."""
        return "html" if self.mode == "matrix-html" else self.mode


_TABLE: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "discord",
            2000,
            modes=("discord",),
            shape="discord",
            small_print="`-# ` at the start of each line",
            note="the whole message, reply and footer together",
        ),
        Profile(
            "telegram",
            4096,
            "utf-16 units",
            modes=("telegram-html", "telegram-markdownv2", "plain"),
            shape="telegram",
            caption_limit=1024,
            small_print="`<i>…</i>` or `<blockquote>…</blockquote>`",
            note="counted without the HTML tags; a photo's caption takes 1024",
        ),
        Profile(
            "slack",
            40_000,
            modes=("slack", "plain"),
            shape="slack",
            small_print="a context block",
            note="longer text is cut; a block's section takes 3000",
        ),
        Profile(
            "whatsapp",
            4096,
            modes=("whatsapp",),
            shape="whatsapp",
            caption_limit=1024,
            small_print="`_…_` around the last line",
        ),
        Profile(
            "matrix",
            65_536,
            "bytes",
            modes=("matrix-html", "plain"),
            shape="matrix",
            small_print="`<sub>…</sub>`",
            note="the whole event, its plain body included",
        ),
        Profile(
            "irc",
            400,
            "bytes",
            each_line=True,
            modes=("irc", "plain"),
            shape="irc",
            small_print="grey or italic codes",
            note="the protocol's 512 less command and prefix",
        ),
        Profile(
            "terminal",
            None,
            "cells",
            each_line=True,
            modes=("terminal", "plain"),
            small_print="SGR dim, `\\u001b[2m…\\u001b[0m`",
            note="the window's width, `COLUMNS`",
        ),
        Profile("webchat", None, modes=("html", "plain"), shape="webchat", small_print="`<small>…</small>`"),
    )
}


_OWN = dict(_TABLE)
PROFILES: Mapping[str, Profile] = MappingProxyType(_TABLE)


def register(profile: Profile) -> None:
    """Add a surface to the table, or replace the one of its name; the check, the preview and `compose` see it at once.

    Raises:
        TypeError: it is no `Profile`, or a member is of a wrong type.
        ValueError: a member is not what `Profile` says; the table stays as it was.
    """
    if not isinstance(profile, Profile):
        raise TypeError(f"expected a Profile, found {type(profile).__name__}")
    _check(profile)
    _TABLE[profile.name] = profile


def unregister(name: str) -> None:
    """Take a caller's surface out of the table; if it had replaced one of the table's own, that one is back."""
    if name in _OWN:
        _TABLE[name] = _OWN[name]
    else:
        _TABLE.pop(name, None)


def _check(profile: Profile) -> None:
    if not isinstance(profile.name, str) or not profile.name:
        raise ValueError(f"surface: expected a name, found {profile.name!r}")
    if not isinstance(profile.modes, tuple) or not profile.modes:
        raise TypeError(f"surface {profile.name!r}: expected a tuple of modes, found {profile.modes!r}")
    chosen = (("a unit", profile.unit, UNITS), ("a shape", profile.shape, SHAPES))
    for what, found, known in (*chosen, *(("a mode", mode, MODES) for mode in profile.modes)):
        if found not in known:
            raise ValueError(f"surface {profile.name!r}: expected {what} of {', '.join(known)}, found {found!r}")
    for what, limit in (("a limit", profile.limit), ("a caption's limit", profile.caption_limit)):
        if limit is not None:
            check_limit(limit, f"surface {profile.name!r}: expected {what}")


def check_limit(limit: object, expected: str) -> None:
    """Raise a `TypeError` or `ValueError` unless a limit is a whole number that leaves room for something."""
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"{expected} that is a whole number, found {limit!r}")
    if limit < LEAST_LIMIT:
        raise ValueError(f"{expected} of at least {LEAST_LIMIT}, found {limit}")


def profile_of(surface: str | None) -> Profile:
    """Return what a surface takes; one that is not in the table has no limit and reads plain text."""
    return PROFILES.get(surface or "") or Profile(surface or "default")


def length_of(text: str, unit: str) -> int:
    """Return how many of a unit a text has: `characters`, `utf-16 units`, `bytes` or `cells`.

    A lone surrogate counts as the character it is replaced by when it is sent.
    """
    if unit == "utf-16 units":
        return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))  # three bytes, as U+FFFD has
    if unit == "cells":
        from usagebar.surfaces.cells import width  # noqa: PLC0415 - wcwidth is slow to import

        return width(text)
    return len(text)
