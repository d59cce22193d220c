"""The places a footer is shown: what each takes, and how it shows it.

    from usagebar.surfaces import compose, strip_footer

    for message in compose(reply, bar, contract, "discord"):
        send(**message.payload())

Each public name loads its module when it is first used.
"""

from __future__ import annotations

from usagebar.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.surfaces.composing.composer import compose as compose
    from usagebar.surfaces.composing.footers import strip_footer as strip_footer
    from usagebar.surfaces.composing.messages import Message as Message
    from usagebar.surfaces.escaping import MODES as MODES
    from usagebar.surfaces.escaping import escaper as escaper
    from usagebar.surfaces.profiles import PROFILES as PROFILES
    from usagebar.surfaces.profiles import Profile as Profile
    from usagebar.surfaces.profiles import length_of as length_of
    from usagebar.surfaces.profiles import profile_of as profile_of
    from usagebar.surfaces.profiles import register as register
    from usagebar.surfaces.profiles import unregister as unregister

_HOMES = {
    "MODES": "escaping",
    "Message": "composing.messages",
    "PROFILES": "profiles",
    "Profile": "profiles",
    "compose": "composing.composer",
    "escaper": "escaping",
    "length_of": "profiles",
    "profile_of": "profiles",
    "register": "profiles",
    "strip_footer": "composing.footers",
    "unregister": "profiles",
}

__all__ = [*_HOMES]  # noqa: PLE0604 - the keys are strings

__getattr__, __dir__ = lazily(globals(), _HOMES)
