"""The plain body of Matrix's HTML, and whom it mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.surfaces.composing.plain_body import mentions, plain_body

BODIES = [
    ("", ""),
    ("plain  text\nhere", "plain text here"),
    ("<p>a</p><p>b <b>c</b></p>", "a\nb c"),
    ("a<br>b<br/><br>c", "a\nb\n\nc"),
    ("<h1>T</h1>x<div>y</div>z<hr>w", "T\nx\ny\nz\n---\nw"),
    ("<ul><li>a<ul><li>b</li></ul></li><li>c</ul>d", "- a\n  - b\n- c\nd"),
    ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
    ('<ol start="9"><li><p>a</p><p>b</p></li><li>c</li></ol>', "9. a\n   b\n10. c"),
    ("<ol start=x><li>a</ol>", "1. a"),
    ("<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d", "> a\n> b\n> > c\nd"),
    ("<blockquote><ul><li>a</li></ul></blockquote>", "> - a"),
    ("<pre><code class='language-py'>\nif a:\n\n    b\n</code></pre>c", "if a:\n\n    b\nc"),
    ("x<pre>\na</pre>", "x\na"),
    ("<blockquote><pre>a\n\nb</pre></blockquote>", "> a\n>\n> b"),
    ("<a href='https://x.y/?a&amp;b'>t</a>!", "t (https://x.y/?a&b)!"),
    ("<a href='https://x.y'>https://x.y</a>", "https://x.y"),
    ("<a href='mailto:a@b.c'>a@b.c</a>", "a@b.c"),
    ("<a href='https://x.y'></a><a>z</a>", "https://x.yz"),
    ("<a href='https://matrix.to/#/@al:x.org'>Al</a>, <a href='https://matrix.to/#/%23r:x.org'>#r</a>", "Al, #r"),
    ("<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"),
    ("<mx-reply>never closed", "never closed"),
    ("<script>x</script>a<style>y</style>b<script>z", "ab"),
    ("&lt;b&gt; &amp;&nbsp;&#65;&#x42; & &amp", "<b> &\xa0AB & &"),
    ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
    ("<img alt=':cat:' src='x'> <img>", ":cat:"),
    ("a <b> b </b> c<!-- no -->", "a b c"),
    ("</li></ul></blockquote></pre></a>a < b <", "a < b <"),
]


@pytest.mark.parametrize(("html", "expected"), BODIES)
def test_the_body(html: str, expected: str) -> None:
    assert plain_body(html) == expected


AL, BO = "https://matrix.to/#/@al:x.org", "https://matrix.to/#/%40bo%2Fb:x.org:80?via=y.org"
MENTIONS = [
    ("nobody", {}),
    (
        f"<a href='{AL}'>Al</a> <a href=\"{BO}\">Bo</a> <a href={AL}>Al</a>",
        {"user_ids": ["@al:x.org", "@bo/b:x.org:80"]},
    ),
    (f"<mx-reply><a href='{AL}'>Al</a></mx-reply>", {}),
    ("<a href='https://matrix.to/#/#room:x.org'>#room</a>", {}),
    ("<a href='https://matrix.to/#/@nobody'>x</a> <a href='https://x.y/@al:x.org'>y</a>", {}),
    (f"{AL}", {}),
    ("hey @room!", {"room": True}),
    ("hey &#64;room", {"room": True}),
    ("a@room @rooms @room:x.org <a title='@room'>", {}),
    ("<code>@room</code> <pre>@room</pre>", {}),
    (f"<b>@room</b> <a href='{AL}'>Al</a>", {"user_ids": ["@al:x.org"], "room": True}),
]


@pytest.mark.parametrize(("html", "expected"), MENTIONS)
def test_the_mentions(html: str, expected: dict[str, object]) -> None:
    assert mentions(html) == expected


PIECES = ["<", ">", "&", "</", "'", '"', "<![CDATA[", "<!--", "<a href='x'>", "</a>", "<li>", "<ul>", "<ol>", "</ul>"]
MORE = ["<pre>", "</pre>", "\n", " ", "a", "<br>", "<blockquote>", "</blockquote>", "<mx-reply>", "&#xD800;", "\ud800"]


@given(st.lists(st.sampled_from(PIECES + MORE), max_size=40).map("".join))
def test_anything_has_a_body(html: str) -> None:
    assert "\r" not in plain_body(html)
    assert mentions(html) == {}


@pytest.mark.parametrize("unit", ["<a ", "<mx-reply>", "<li>", "<blockquote>x", "<!--", "<a href=x>", "<pre>\n", "&"])
def test_a_long_body_takes_no_square_of_its_length(unit: str) -> None:
    assert isinstance(plain_body(unit * (100_000 // len(unit))), str)
