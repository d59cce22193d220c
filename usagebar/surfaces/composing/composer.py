"""`compose`: a reply, and the footer of the turn that made it → the messages to send.

    reply ──────────────────────────────> Scan ──> parts ──┐
    bar, contract ──> Footer (escaped, in small print) ────┴──> messages

The surface's profile says how long a message may be, the mode how it is read.
"""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

from usagebar.record import Record, replaced
from usagebar.surfaces.composing import fences
from usagebar.surfaces.composing.footers import Footer, Measure, without_footer
from usagebar.surfaces.composing.messages import SHAPES, Message, SlackMessage, longest_break, slack_entities
from usagebar.surfaces.composing.rulers import JSON_BYTES, Ruler, well_formed
from usagebar.surfaces.composing.scan import Scan
from usagebar.surfaces.composing.splitting import Room, split
from usagebar.surfaces.escaping import MODES, is_seen
from usagebar.surfaces.profiles import PROFILES, Profile, check_limit, profile_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from usagebar.surfaces.composing.footers import Bar

TELEGRAM_ENTITIES = 100
UNLIMITED = sys.maxsize
SLACK_SECTION = 3000
LONGEST_ENTITY = len("&amp;")
SLACK_SECTIONS = 49  # a message takes 50 blocks, of which the footer is one
MATRIX_ENVELOPE = 6144  # what an event has besides body and formatted body
LEAST_OF_MATRIX = 64

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_REFUSED_BLANK = ("discord", "telegram", "slack", "whatsapp", "matrix")  # shapes of clients that send no white space


def compose(  # noqa: PLR0913 - its options are named
    reply: str,
    bar: Bar,
    contract: Any,
    surface: str,
    *,
    mode: str | None = None,
    limit: int | None = None,
    caption: bool = False,
) -> list[Message]:
    """Return the messages that show a reply with the footer of its turn, in the order in which to send them.

    The reply is in the mode's markup already and stays as it is, except where it is too long for one message: it is cut
    at a paragraph, a line, a word or a grapheme cluster, and what stands open at a cut (a code fence; in Telegram's
    modes and in HTML whatever is open) is closed there and opened again. The footer, its values escaped, in the
    surface's small print, stands whole in the last message, below the reply. A reply that ends with this very footer
    does not get it twice.

    Args:
        reply: the answer's text.
        bar: what draws the footer, a `usagebar.UsageBar`.
        contract: the turn, as `UsageBar.render` takes it; None for no footer, as while a reply is still streamed.
        surface: where it goes: `discord`, `telegram`, …; one that is not known has no limit and takes plain text.
        mode: how the surface reads the text, if not as it does by default: `telegram-markdownv2`, `plain`, ….
        limit: the most a message may have in the surface's unit, if not the surface's own limit. Of a terminal it is
            the columns (default: the window's), of IRC the bytes of a line.
        caption: whether the first message is the caption of a photo, which has a limit of its own.

    Returns:
        Messages, whose `payload()` is what the client takes. None at all for an empty reply without a footer.

    Raises:
        TypeError: an argument is not of its type.
        ValueError: a mode that does not exist or that the surface does not take, a limit too small for anything, a
            caption where there are none.
    """
    plan = _plan(reply, bar, surface, mode, limit, caption=caption)
    footer = "" if contract is None else plan.footer(bar, contract).text()
    text = well_formed(str.__str__(reply))
    if plan.mode == "telegram-markdownv2" and "\r\n" in text:
        text = text.replace("\r\n", "\n")  # as Telegram does, but behind the end of a quote, where it trips over one
    if footer:
        text = without_footer(text, footer)
    return _COMPOSERS.get(plan.profile.shape, _composed)(text, footer, plan)


class EntityRuler(Ruler):
    """Counts what a text takes when it is written in entities, as Slack wants its plain text."""

    def length(self, text: str) -> int:
        """Return how many of the unit the text has then."""
        return super().length(slack_entities(text))


class Plan(Record):
    """What the surface and the caller's wishes come to. `limit` and `first` are in the unit of `measure`."""

    surface: str
    profile: Profile
    mode: str
    escape: str
    limit: int | None
    first: int | None
    has_caption: bool
    measure: Measure

    @property
    def most(self) -> int:
        """The limit, beyond all lengths where there is none."""
        return UNLIMITED if self.limit is None else self.limit

    def footer(self, bar: Bar, contract: Any) -> Footer:
        """Return the footer of a turn."""
        return Footer(bar, contract, self.surface, self.escape, self.mode, self.measure)

    def message(self, reply: str, footer: str = "", *, is_first: bool = False) -> Message:
        """Return a message of the surface's shape."""
        kind = SHAPES.get(self.profile.shape, Message)
        return kind(reply, footer, self.surface, self.mode, is_first and self.has_caption)

    def is_shown(self, part: str) -> bool:
        """Tell whether a part can be sent by itself: most clients send nothing that cannot be seen."""
        if self.profile.shape not in _REFUSED_BLANK:
            return bool(part)
        return is_seen(part) and (not self.mode.startswith("telegram") or is_seen(self.measure.scan(part).text))


def _plan(reply: object, bar: object, surface: object, mode: str | None, limit: int | None, *, caption: bool) -> Plan:
    if not isinstance(reply, str):
        raise TypeError(f"expected a text as reply, found {type(reply).__name__}")
    if not isinstance(surface, str):
        raise TypeError(f"expected a surface's name, found {type(surface).__name__}")
    if not (hasattr(bar, "render") and hasattr(bar, "pieces")):
        raise TypeError(f"expected a UsageBar as bar, found {type(bar).__name__}")
    surface = str.__str__(surface)
    profile = profile_of(surface)
    asked, escape = _modes(profile, mode, is_known=surface in PROFILES)
    if limit is not None:
        check_limit(limit, f"{surface}: expected a limit")
        profile = replaced(profile, limit=limit)
    if caption and profile.caption_limit is None:
        with_captions = ", ".join(name for name, each in PROFILES.items() if each.caption_limit is not None)
        raise ValueError(f"caption: expected a surface that has captions ({with_captions}), found {surface!r}")
    most, unit = _limit(profile)
    first = min(profile.caption_limit, limit or profile.caption_limit) if caption and profile.caption_limit else most
    smallest = min((each for each in (most, first) if each is not None), default=None)
    if profile.shape == "slack":
        smallest = min(smallest or SLACK_SECTION, SLACK_SECTION)
    ruler = EntityRuler(unit) if profile.shape == "slack" and asked == "plain" else Ruler(unit)
    measure = Measure(ruler, smallest, profile.each_line, lambda text: _scan(text, asked))
    return Plan(surface, profile, asked, escape, most, first, caption, measure)


def _modes(profile: Profile, mode: str | None, *, is_known: bool) -> tuple[str, str]:
    """Return the mode in which to send, and the one for which to escape."""
    if mode is None:
        return profile.mode, profile.mode
    if not isinstance(mode, str):
        raise TypeError(f"expected a mode's name, found {type(mode).__name__}")
    mode = str.__str__(mode)
    if mode not in MODES:
        raise ValueError(f"expected one of the modes {', '.join(MODES)}, found {mode!r}")
    if mode in profile.modes or not is_known:
        return mode, mode
    if mode == "plain":  # the client has no plain text: it would read markup into the values
        return mode, profile.mode
    raise ValueError(f"expected a mode that {profile.name} takes ({', '.join(profile.modes)}), found {mode!r}")


def _limit(profile: Profile) -> tuple[int | None, str]:
    """Return how long a message may be, and in which unit."""
    if profile.unit == "cells" and profile.limit is None:
        return shutil.get_terminal_size().columns, profile.unit
    if profile.shape == "matrix" and profile.limit is not None:  # the text is in it twice
        return max(LEAST_OF_MATRIX, (profile.limit - MATRIX_ENVELOPE) // 2), JSON_BYTES
    return profile.limit, profile.unit


def _scan(text: str, mode: str) -> Scan:
    """Return what the splitter must know of a text in a mode."""
    if mode in ("telegram-html", "matrix-html", "html"):
        from usagebar.surfaces.composing import tags  # noqa: PLC0415 - one mode needs one scanner

        return tags.scan(text, mode) if "<" in text or "&" in text else Scan(text)
    if mode == "telegram-markdownv2":
        from usagebar.surfaces.composing import markdownv2  # noqa: PLC0415 - as above

        return markdownv2.scan(text)
    return Scan(text) if mode in ("plain", "irc", "terminal") else fences.scan(text, mode)


# ---------------------------------------------------------------- the surfaces' ways


def _composed(reply: str, footer: str, plan: Plan) -> list[Message]:
    parts = _parts(reply, footer, plan)
    if plan.has_caption and not plan.is_shown(parts[0]):  # another one is the caption then
        parts = _parts(reply, footer, replaced(plan, limit=plan.first))
    last = len(parts) - 1
    kept = [
        (part, footer if number == last else "")
        for number, part in enumerate(parts)
        if (footer and number == last) or plan.is_shown(part)
    ]
    return [plan.message(part, below, is_first=not number) for number, (part, below) in enumerate(kept)]


def _parts(reply: str, footer: str, plan: Plan) -> list[str]:
    if plan.first is None or plan.profile.each_line:
        return [reply]
    shown = longest_break(plan.mode) + footer if footer else ""
    is_short = len(reply) + len(shown) <= plan.first // 4 and len(reply) < TELEGRAM_ENTITIES
    if is_short and plan.measure.ruler.unit != JSON_BYTES:
        return [reply]  # in any unit, with any markup
    return split(reply, _scan(reply, plan.mode), _room(shown, plan))


def _room(shown: str, plan: Plan) -> Room:
    ruler, first = plan.measure.ruler, plan.first or plan.most
    if not plan.mode.startswith("telegram"):
        return Room(ruler.unit, first, plan.most, ruler.length(shown))
    scan = plan.measure.scan(shown)
    entities = scan.begun(0, len(scan.text))
    return Room(ruler.unit, first, plan.most, ruler.length(scan.text), TELEGRAM_ENTITIES, entities)


def _slack(reply: str, footer: str, plan: Plan) -> list[Message]:
    limit = plan.most
    section = min(SLACK_SECTION, limit // LONGEST_ENTITY if plan.mode == "plain" else limit)
    sections = split(reply, _scan(reply, plan.mode), Room(plan.measure.ruler.unit, section, section))
    length = plan.measure.ruler.length
    groups = list(_grouped(sections, limit, length))
    if footer and length("".join(groups[-1]) + f"\n{footer}") > limit:
        groups.append([])
    last = len(groups) - 1
    messages: list[Message] = []
    for number, group in enumerate(groups):
        text, below = "".join(group), footer if number == last else ""
        if is_seen(text) or below:
            messages.append(SlackMessage(text, below, plan.surface, plan.mode, False, tuple(group)))
    return messages


def _grouped(sections: list[str], limit: int, length: Callable[[str], int]) -> Iterator[list[str]]:
    """Walk the sections of each message."""
    group: list[str] = []
    taken = 0
    for section in sections:
        own = length(section)
        if group and (len(group) == SLACK_SECTIONS or taken + own > limit):
            yield group
            group, taken = [], 0
        group.append(section)
        taken += own
    yield group


def _irc(reply: str, footer: str, plan: Plan) -> list[Message]:
    """Compose one message a line: a line feed would begin a command of its own."""
    limit, ruler = plan.most, plan.measure.ruler
    room = Room(ruler.unit, limit, limit)
    parts: list[str] = []
    for line in _LINE_BREAK.split(reply.replace("\0", "")):
        if not line or line.isspace():
            continue
        is_short = ruler.fits(line, 0, limit)
        parts += [line] if is_short else [part for part in split(line, Scan(line), room) if part.strip()]
    messages = [Message(part, "", plan.surface, plan.mode, False) for part in parts]  # there may be very many
    return messages + [plan.message("", line) for line in _LINE_BREAK.split(footer) if line.strip()]


_COMPOSERS: dict[str, Callable[[str, str, Plan], list[Message]]] = {"slack": _slack, "irc": _irc}
