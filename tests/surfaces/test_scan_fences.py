"""Scans of Markdown: fences, and what a cut must not part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.composing import fences
from usagebar.surfaces.composing.scan import Scan

MODES = ["discord", "slack", "whatsapp", "plain", "webchat"]


def openings(found: Scan, at: int) -> list[tuple[str, str]]:
    return [(each.opening, each.closing) for each in found.opens(at)]


def kept(found: Scan) -> list[str]:
    return [found.text[start:end] for start, end in found.whole]


@pytest.mark.parametrize("mode", MODES)
def test_plain_text_is_cut_anywhere(mode: str) -> None:
    found = fences.scan("two lines\nof `text`, 1 < 2 & [x]", mode)
    assert found.whole == []
    assert found.opens(3) == ()
    assert found.source(5) == 5
    assert found.is_counted


FENCES = [
    ("```py\nab\ncd\n```", "ab", [("```py\n", "\n```")]),
    ("```\nab\n```", "ab", [("```\n", "\n```")]),
    ("a ```b c``` d", "c", [("```\n", "\n```")]),
    ("a ```b c``` d", " d", []),
    ("```py\na\n``` b ```\nc\n```", " b", []),
    ("```py\na\n``` b ```\nc\n```", "c", [("```\n", "\n```")]),
    ("never\n```c++ \r\nclosed", "closed", [("```c++\n", "\n```")]),
    ("````md\n```\nx\n```\ny\n````", "x", [("````md\n", "\n````")]),
    ("``not a fence``", "fence", []),
    ("```", "```", []),
    ("```python is not a language here\nx```", "x", [("```\n", "\n```")]),
]


@pytest.mark.parametrize(("reply", "place", "expected"), FENCES)
def test_what_is_open(reply: str, place: str, expected: list[tuple[str, str]]) -> None:
    assert openings(fences.scan(reply, "plain"), reply.index(place)) == expected


LENGTHS = [("discord", []), ("slack", []), ("whatsapp", []), ("plain", [("````\n", "\n````")])]


@pytest.mark.parametrize(("mode", "expected"), LENGTHS)
def test_chats_close_a_fence_with_the_next_three_backticks(mode: str, expected: list[tuple[str, str]]) -> None:
    reply = "````\na\n```\nb\n````"
    assert openings(fences.scan(reply, mode), reply.index("b")) == expected


KEPT = [
    ("discord", "```py\nabc\ndef\n```\n", ["```py\na", "f\n```"]),
    ("discord", "```\n\n\n  abc\n\n```", ["```\n\n\n  a", "c\n\n```"]),
    ("discord", "x ```a``` y", ["```a```"]),
    ("discord", "```ab```", ["```a", "b```"]),
    ("discord", "``````", ["``````"]),
    ("discord", "```", ["```"]),
    ("discord", "<@1> <@&2> <#3> <:cat:4> <a:cat:5> <t:6:R> </x:7> <https://x.y> < a> <a b>", None),
    ("discord", 'see [a [b] c](https://x.y/(z)) or [t](u "v")', ["[a [b] c](https://x.y/(z))", '[t](u "v")']),
    ("discord", "[a](b c) ](x) [" + "l" * 500 + "](u)", []),
    ("discord", "<" + "x" * 99 + ">", []),
    ("discord", "a\r\nb\rc\nd", ["\r\n"]),
    ("discord", "```\n<@1> [t](u)\n```", ["```\n<", ")\n```"]),
    ("slack", "<https://x.y|a b c> <@U1> &amp; &lt;b&gt; &nbsp; [t](u)", None),
    ("slack", "<!date^1^{date}|a\nb>", []),
    ("whatsapp", "[t](u)", []),
    ("webchat", "[t](u) <https://x.y>", ["[t](u)", "<https://x.y>"]),
]
MANY = {
    "discord": ["<@1>", "<@&2>", "<#3>", "<:cat:4>", "<a:cat:5>", "<t:6:R>", "</x:7>", "<https://x.y>"],
    "slack": ["<https://x.y|a b c>", "<@U1>", "&amp;", "&lt;", "&gt;"],
}


@pytest.mark.parametrize(("mode", "reply", "expected"), KEPT)
def test_what_is_whole(mode: str, reply: str, expected: list[str] | None) -> None:
    assert kept(fences.scan(reply, mode)) == (MANY[mode] if expected is None else expected)


def test_where_nothing_is_open() -> None:
    reply = "ab```\ncd\n```ef"
    found = fences.scan(reply, "discord")
    assert [found.outside(at) for at in (1, 2, 6, 8, 12, 14)] == [1, 2, 2, 2, 12, 14]


PIECES = ["`", "```", "```py\n", "````", "\n", "\r\n", " ", "a", "<", "<@1>", ">", "[", "](", ")", "&amp;", '"', "🌑"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(MODES))
def test_anything_is_scanned(reply: str, mode: str) -> None:
    found = fences.scan(reply, mode)
    assert found.text == reply
    assert all(0 <= start < end <= len(reply) for start, end in found.whole)
    assert all(before[1] <= after[0] for before, after in zip(found.whole, found.whole[1:], strict=False))
    inside = {at for start, end in found.whole for at in range(start + 1, end)}
    for at in range(len(reply) + 1):
        assert found.outside(at) <= at
        assert not found.opens(found.outside(at))
        for each in found.opens(at) if at not in inside else ():
            # Both halves of a fence that is cut have something in them.
            head, tail = reply[:at] + each.closing, each.opening + reply[at:]
            assert fences.scan(head, mode).opens(len(head)) == ()
            assert fences.scan(tail, mode).opens(len(each.opening)) == (each,)


@given(st.text(alphabet="ab \n", min_size=1).filter(str.strip), st.integers(0, 200))
def test_both_halves_of_a_block_have_something_in_them(code: str, at: int) -> None:
    reply = f"```py\n{code}\n```"
    found = fences.scan(reply, "discord")
    if 0 < at < len(reply) and not any(start < at < end for start, end in found.whole):
        assert reply[len("```py\n") : at].strip()
        assert reply[at : -len("```")].strip()


@pytest.mark.parametrize("unit", ["`", "```", "``` ", "```\n", "<", "<a", "](", "[](", "[a](b", '](x) "', "[", "\r\n"])
def test_long_markdown_takes_no_square_of_its_length(unit: str) -> None:
    reply = unit * (300_000 // len(unit))
    assert fences.scan(reply, "discord").text == reply
