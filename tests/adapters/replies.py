"""What the adapters are tried with: a bar that shows two values, values that want to be more than text, and replies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import usagebar
from usagebar.surfaces.composing.rulers import well_formed

BAR = usagebar.parse(
    {
        "schema": "openclaw.usageBar.v1",
        "output": {"sep": " · ", "default": [{"text": "{model.display_name}{identity.name}"}, {"text": "cost 7"}]},
    }
)
FOOTER = "opus 5claw · cost 7"
END = "cost 7"  # what stands once in each footer and in no reply


def contract(model: str = "opus 5", name: str = "claw") -> dict[str, Any]:
    """Return a contract with the two values that the bar shows."""
    return {"model": {"display_name": model}, "identity": {"name": name}}


HOSTILE = [
    ("@everyone", "@here"),
    ("@every", "one"),
    ("<", "@123456789012345678>"),
    ("<@123456789012345678>", "<@&123456789012345678>"),
    ("<!channel>", "<!here|here>"),
    ("<@U012345>", "<#C0400000>"),
    ("<b>", "</b><script>alert(1)</script>"),
    ('<a href="http://evil.example">', "&lt;b&gt;"),
    ("[x](http://evil.example)", "<http://evil.example|x>"),
    ("http://evil.example/x", "www.evil.example"),
    (":smile:", "<:claw:123456789012345678>"),
    ("# heading", "- list"),
    ("\\", "<@123456789012345678>"),
    ("a\r\n# b\n-# c\rd", "\u2028> quote"),
    ("\x1b[31mred\x1b[0m", "\x00\x07\x9b"),
    ("\u202egnp.exe\u2066", "\u200e"),
    ("```\n@everyone", "`*_~|"),
    ("\ud800", "\udc00@everyone"),
    ("@room", "@alice:example.org"),
    ("x" * 5000, "🌑" * 3000),
]

CODE = "\n".join(f"    line_{number} = compute({number})  # what it does" for number in range(300))
FENCED = f"Here is the code:\n\n```python\n{CODE}\n```\n\nThat is all of it."
WORD = "Donaudampfschiff" * 640  # 10 kB without a place to cut at
LARGE = "All work and no play makes the model a dull boy.\n" * 20_500  # 1 MB

SHAPES = {
    "empty": "",
    "blank": " \n\t\n ",
    "one character": "x",
    "only a fence": f"```\n{CODE}\n```",
    "an open fence": f"```py\n{CODE}",
    "only emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪🌑" * 700,
    "right to left": "שלום עולם, זה נהדר. " * 400 + "مرحبا بالعالم " * 400,
    "one word": WORD,
    "lone surrogates": "a\ud800b\udfff " * 2000,
    "a pair in two halves": "\ud83c\udf11",
    "blank lines": "x" + "\n" * 9000 + "y",
    "controls": "a\x00b\x1bc\u202ed",
    "unbalanced markup": "**bold _it `code <b>bold</i> & <u" * 200,
}


def growing(reply: str, steps: int = 40) -> Iterator[str]:
    """Walk a reply as it grows, one step after the other; the last one lacks its end."""
    for step in range(steps):
        yield reply[: len(reply) * step // steps]


def lost(reply: str, shown: list[str]) -> str:
    """Return what follows the first character of a reply that is not shown in its order; `""` if all are.

    White space may be lost at cuts; what was inserted there does not matter.
    """
    text = iter("".join(shown))
    characters = [character for character in well_formed(reply) if not character.isspace()]
    for at, character in enumerate(characters):
        if character not in text:
            return "".join(characters[at:])
    return ""


def slept(stream: Any) -> list[float]:
    """Return the waits of a stream, which from now on take no time."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    stream._sleep = sleep
    return waits
