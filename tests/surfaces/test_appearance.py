"""What a surface makes of the text it is sent."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from usagebar.surfaces.profiles import PROFILES, Profile, length_of, profile_of
from usagebar.surfaces.reading.appearance import Appearance, Line, Run, appearance

MARKUPS = sorted({profile.markup for profile in PROFILES.values()} | {"plain", "nosuch"})


def visible_text(look: Appearance) -> str:
    return "\n".join([line.text for line in look.lines])


def of_markup(markup: str) -> Profile:
    return next((profile for profile in PROFILES.values() if profile.markup == markup), Profile("x", modes=(markup,)))


def drawn(look: Appearance) -> str:
    """Draw an appearance in a notation of its own: `(bold:x)`, small lines behind `~ `."""
    return "\n".join(map(drawn_line, look.lines))


def drawn_line(line: Line) -> str:
    return ("~ " if line.is_small else "") + "".join(map(drawn_run, line.runs))


def drawn_run(run: Run) -> str:
    return f"({','.join(run.styles)}:{run.text})" if run.styles else run.text


# ---------------------------------------------------------------- markup by markup

DISCORD = [
    ("", ""),
    ("-# small", "~ small"),
    ("-#  small", "~ small"),
    ("-# a\n-# b\nc", "~ a\n~ b\nc"),
    ("a\r\n-# b", "a\n~ b"),
    ("x -# small", "x -# small"),
    (" -# small", " -# small"),
    ("-#small", "-#small"),
    ("-# ", "-# "),
    ("-#", "-#"),
    ("-# **b** c", "~ (bold:b) c"),
    ("# head\n- item\n> quote\n1. one", "(bold:head)\n- item\n(quote:quote)\n1. one"),
    ("## a\n### *b*\n#### c\n#d\n# \nx # e", "(bold:a)\n(bold,italic:b)\n#### c\n#d\n# \nx # e"),
    ("# **a\nb**", "(bold:**a)\nb**"),
    ("> **a**\nb\n>c\n> ", "(bold,quote:a)\nb\n>c\n> "),
    (">>> a\n# b\nc", "(quote:a)\n(bold,quote:b)\n(quote:c)"),
    ("> -# a\n> > b", "~ (quote:a)\n(quote:> b)"),
    ("> # a", "(bold,quote:a)"),
    ("# > a", "(bold:> a)"),
    ("**a\n# b**", "(bold:a)\n(bold:b)"),
    ("**b** *i* _i_ __u__ ~~s~~ ||x||", "(bold:b) (italic:i) (italic:i) (underline:u) (strike:s) (spoiler:x)"),
    ("***both***", "(bold,italic:both)"),
    ("___both___", "(italic,underline:both)"),
    ("**a *b* c**", "(bold:a )(bold,italic:b)(bold: c)"),
    ("*a **b** c*", "(italic:a )(bold,italic:b)(italic: c)"),
    ("*a **b*", "(italic:a **b)"),
    ("**a*", "*(italic:a)"),
    ("__a_", "_(italic:a)"),
    ("**a*b**", "(bold:a*b)"),
    ("*a**b*c", "(italic:a**b)c"),
    ("***a** b*", "(bold,italic:a)(italic: b)"),
    ("***a* b**", "(bold,italic:a)(bold: b)"),
    ("**claude_3_5*~|`x`** anthropic", "(bold:claude_3_5*~|)(bold,code:x) anthropic"),
    ("a_b_ _c_d _e_!", "a_b_ _c_d (italic:e)!"),
    ("**a", "**a"),
    ("a**", "a**"),
    ("****", "(italic:**)"),
    ("****a****", "(bold:a)"),
    ("**a\nb** c", "(bold:a)\n(bold:b) c"),
    ("||a\r\nb||", "(spoiler:a)\n(spoiler:b)"),
    ("2 * 3 * 4", "2 * 3 * 4"),
    ("2*3*4", "2(italic:3)4"),
    ("claude_3_5_sonnet", "claude_3_5_sonnet"),
    ("_a_b _c_", "_a_b (italic:c)"),
    ("~a~ |b|", "~a~ |b|"),
    ("`c` ``d`e`` `f", "(code:c) (code:d`e) `f"),
    ("`*a*` *b*", "(code:*a*) (italic:b)"),
    ("*a `b*` c*", "(italic:a `b)` c*"),
    ("`a\nb`", "(code:a)\n(code:b)"),
    ("```py\nx = *1*\n\ny\n```\nb", "(code:x = *1*)\n\n(code:y)\nb"),
    ("a ```b``` c", "a \n(code:b)\n c"),
    ("```a```", "(code:a)"),
    ("```py\n```", "(code:py)"),
    ("**```a```**", "(bold,code:a)"),
    ("```a``", "```a``"),
    ("**a `b**`", "(bold:a `b)`"),
    ("`a\\` b", "(code:a\\) b"),
    (r"\*a\* \_b\_ \\ \` \a", r"*a* _b_ \ ` \a"),
    (r"\**a*", "*(italic:a)"),
    (r"\``a`", "`(code:a)"),
    (r"**a\** b", "**a** b"),
    ("a\\", "a\\"),
    ("[t](https://x.y/z?a=b) [u](x) [v]", "(link:t) [u](x) [v]"),
    ("[**t** `c`](http://x)", "(bold,link:t)(link: )(code,link:c)"),
    ("[[t](https://x)", "[(link:t)"),
    ("[t](<https://x>) [t](https://x \"a b\") [t](https://x  'a' )", "(link:t) (link:t) (link:t)"),
    ("[t](https://x/y_(z)_(a(b))) [t](https://x (y)", "(link:t) [t](https://x (y)"),
    ("[a [b] c](https://x) [a\nb](http://x)", "(link:a [b] c) (link:a)\n(link:b)"),
    ("https://a_b_c.x/_y_ *https://x.y/**z* a", "https://a_b_c.x/_y_ (italic:https://x.y/**z) a"),
    ("_https://x_, https://. h", "(italic:https://x), https://. h"),
    ("<https://a_b_c> <:a_b_:1> <a:_b_:2> <_a_>", "https://a_b_c <:a_b_:1> <a:_b_:2> <(italic:a)>"),
    ("<@1> @everyone <t:5>", "<@1> @everyone <t:5>"),
    ("a & b &lt;", "a & b &lt;"),
]
CHAT = [
    ("*b* _i_ ~s~ `c`", "(bold:b) (italic:i) (strike:s) (code:c)"),
    ("*_both_*", "(bold,italic:both)"),
    ("```a`b```", "(code:a`b)"),
    ("* a* *a *", "* a* *a *"),
    ("a*b*c snake_case_name", "a*b*c snake_case_name"),
    ("(*b*), *c*.", "((bold:b)), (bold:c)."),
    ("**", "**"),
    (r"\*a\* [t](https://x)", r"\(bold:a\) [t](https://x)"),
    ("*a\nb*", "*a\nb*"),
    ("-# x", "-# x"),
]
SLACK = [
    *CHAT,
    ("a &amp; b &lt;x&gt;", "a & b <x>"),
    ("&amp;lt; &quot; &#33; &nosuch; & ;", "&lt; &quot; &#33; &nosuch; & ;"),
    ("*&amp;* `&lt;`", "(bold:&) (code:<)"),
    ("<https://x|a &amp; *b*> <https://x_y_z?a&amp;b>", "(link:a & *b*) (link:https://x_y_z?a&b)"),
    ("*<https://x|y>* <https://x|> <mailto:a@b|a>", "(bold,link:y) (link:https://x) (link:a)"),
    (
        "<@U1> <#C1|c> <!channel> <!date^1^{date}|d>",
        "(link:<@U1>) (link:<#C1|c>) (link:<!channel>) (link:<!date^1^{date}|d>)",
    ),
    ("a < b <c> <> <@ <https://x y> `<@U1>`", "a < b <c> <> <@ <https://x y> (code:<@U1>)"),
]
WHATSAPP = [*CHAT, ("a &amp; b", "a &amp; b"), ("<@U1> <https://x|y>", "<@U1> <https://x|y>")]
TAGS = [
    ("<b>a</b><strong>b</strong>", "(bold:ab)"),
    ("<i>a</i> <em>b</em>", "(italic:a) (italic:b)"),
    ("<u>a</u><ins>b</ins>", "(underline:ab)"),
    ("<s>a</s><strike>b</strike><del>c</del>", "(strike:abc)"),
    ("<code>a</code>", "(code:a)"),
    ('<a href="https://x?a=b">t</a>', "(link:t)"),
    ("<B>a</b>", "(bold:a)"),
    ("<b><i>a</i>b</b>c", "(bold,italic:a)(bold:b)c"),
    ("<b><b>a</b>b</b>c", "(bold:ab)c"),
    ("<b></b>", ""),
    ("&lt;b&gt; &amp;amp; &quot; &#65;&#x41;", '<b> &amp; " AA'),
    ("a > b & c &; &# &#x", "a > b & c &; &# &#x"),
    ("5 &nosuch; 6", "5 &nosuch; 6"),
]
TELEGRAM = [
    *TAGS,
    ("<code>a</code><pre>b</pre>", "(code:ab)"),
    ("<blockquote>a\nb</blockquote>", "(quote:a)\n(quote:b)"),
    ("a  b\t\0", "a  b\t\0"),
    ('<a href="a>b">t</a>', "(link:t)"),
    ("<tg-spoiler>a</tg-spoiler>", "(spoiler:a)"),
    ('<span class="tg-spoiler">a</span><span class=tg-spoiler>b</span>', "(spoiler:ab)"),
    ('<tg-emoji emoji-id="5">a</tg-emoji>', "a"),
    ('<pre><code class="language-python">a</code></pre>', "(code:a)"),
    ("<blockquote expandable>a</blockquote >", "(quote:a)"),
    ("&nbsp; &copy &lt&gt; &ltx", "&nbsp; &copy <> &ltx"),
    ("&#0; &#1114112; &#00065; &#99999999999; &#X41;", "&#0; &#1114112; A &#99999999999; A"),
    ("<b x>a</b> <a href>b</a><i y='1'z>c</i>", "(bold:a) (link:b)(italic:c)"),
    ("<b>a<i>b</></B>c", "(bold:a)(bold,italic:b)c"),
    ("<tg-time unix='5'>a</tg-time>", "a"),
]
HTML = [
    *TAGS,
    ("a<br>b<br/>c<BR />d</br>e", "a\nb\nc\nd\ne"),
    ("<sub>small</sub>", "~ small"),
    ("<small>a <b>b</b></small><br>c", "~ a (bold:b)\nc"),
    ("a <sup>b</sup>", "a (dim:b)"),
    ('<font color="#888">a</font><span>b</span><x-y z>d', "abd"),
    ("<b>a<i>b</b>c</i>d", "(bold:a)(bold,italic:b)(italic:c)d"),
    ("</b>a<b>b", "a(bold:b)"),
    ("a < b <3 <> </> 2<3 </", "a < b <3 <> 2<3 </"),
    (" a  b\n\t c ", "a b c"),
    ("a&nbsp; b&#10;c", "a\xa0 b c"),
    ("x <b> y</b> <b>z </b>w", "x (bold:y) (bold:z )w"),
    (" <br> a <br> b <br>", "\na\nb"),
    ("a<br><br>", "a\n"),
    ("<div>a</div><br>b<br><p>c", "a\n\nb\nc"),
    ("<p> a </p> <p>b</p>c", "a\nb\nc"),
    ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>c", "a\nb\nc"),
    ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb"),
    ("a<h1>b</h1>c<h6>d</h6>", "a\n(bold:b)\nc\n(bold:d)"),
    ("a<blockquote>b\nc</blockquote>d", "a\n(quote:b c)\nd"),
    ("a<pre>\n b\n\n  c\n</pre> d", "a\n(code: b)\n\n(code:  c)\nd"),
    ("<pre>\r\n\r\na</pre><pre><b>\nb</b></pre>", "\n(code:a)\n\n(bold,code:b)"),
    ("<code>a</code><pre>b</pre>", "(code:a)\n(code:b)"),
    ("a<!-- <b> - -- > -->b<!-->c<!--->d<!-- -- --!>e", "abcde"),
    ("a<!DOCTYPE html>b<?x?>c</3 d>e", "abce"),
    ("<style>p > a {}</style>x<SCRIPT a='>'>a</b></scripty><b></script\n>y</style>", "xy"),
    ("<a title='a>b'>c</a> <a x = \"d>e\">f</a> <a it's>g</a> <b/>h", "(link:c) (link:f) (link:g) (bold:h)"),
    ("a <b", "a"),
    ("a <a title='x>b</a>", "a"),
    ("a<!-- b", "a"),
    ("a<style>b", "a"),
    ("&copy; &#0; &#1114112; &apos;", "© \ufffd \ufffd '"),
    ("&#" + "9" * 5000 + ";", "\ufffd" + "9" * 4992 + ";"),
]
IRC = [
    ("\x02b\x02 \x1di\x1d \x1fu\x1f \x1es\x1e \x11c\x11", "(bold:b) (italic:i) (underline:u) (strike:s) (code:c)"),
    ("\x02a\x1db\x0fc", "(bold:a)(bold,italic:b)c"),
    ("\x16a\x16b", "ab"),
    ("\x0304red\x03 \x033,12green\x03", "(red:red) (green:green)"),
    ("\x0315grey\x0f x", "(dim:grey) x"),
    ("\x0314grey\x0399x", "(dim:grey)x"),
    ("\x0300a\x0301b\x03123", "ab(blue:3)"),
    ("\x034a\x033b\x0fc", "(red:a)(green:b)c"),
    ("\x03,5a", ",5a"),
    ("\x04ff0000a\x04b\x0400ff00,112233c", "abc"),
    ("\x034a\x04ff0000b", "(red:a)b"),
    ("\x02a\nb\rc\r\nd\n\re", "(bold:a)\nb\nc\nd\n\ne"),
    ("\x01a\x00\x1b[1m", "\x01a\x00\x1b[1m"),
]
TERMINAL = [
    ("\x1b[1mb\x1b[0m \x1b[2md\x1b[m", "(bold:b) (dim:d)"),
    ("\x1b[3mi\x1b[23m\x1b[4mu\x1b[24m\x1b[9ms\x1b[29mx", "(italic:i)(underline:u)(strike:s)x"),
    ("\x1b[1;2ma\x1b[22mb", "(bold,dim:a)b"),
    ("\x1b[31mr\x1b[92mg\x1b[39mx", "(red:r)(green:g)x"),
    ("\x1b[33my\x1b[34mb\x1b[35mm\x1b[36mc\x1b[30mk\x1b[37mw", "(yellow:y)(blue:b)(magenta:m)(cyan:c)kw"),
    ("\x1b[31;1ma\x1b[0mb", "(bold,red:a)b"),
    ("\x1b[1m\x1b[1ma\x1b[22mb\x1b[22m", "(bold:a)b"),
    ("\x1b[38;5;1ma\x1b[48;2;1;1;1mb\x1b[58;5;4mc", "(red:abc)"),
    ("\x1b[31m\x1b[38;5;200ma\x1b[38;5;244mb\x1b[38;5;10mc\x1b[38;5;15md", "(magenta:a)b(green:c)d"),
    ("\x1b[38;5;16ma\x1b[38;5;17mb\x1b[38;5;231mc\x1b[38;5;196md\x1b[38;5;220me", "a(blue:b)c(red:d)(yellow:e)"),
    ("\x1b[38;2;0;200;30ma\x1b[38;2;0;200;300mb\x1b[38;2;0;40;40mc\x1b[38;2;39;0;0md", "(green:a)b(cyan:c)d"),
    ("\x1b[38;2;250;0;200ma\x1b[38;5;256mb\x1b[38;5;1000mc\x1b[38;2;99md", "(magenta:a)bc(red:d)"),
    ("\x1b[38:2::1:2:3ma\x1b[38:2::250:0:0mb\x1b[38:2:0:250:0mc\x1b[38:5:4md", "a(red:b)(green:c)(blue:d)"),
    ("\x1b[4:3ma\x1b[4:0mb\x1b[48:5:1mc\x1b[1:2md\x1b[38:me\x1b[38;5;1:2mf", "(underline:a)bcdef"),
    ("\x1b[31m\x1b[48;5;2ma\x1b[7;41mb\x1b[38:7mc", "(red:ab)c"),
    ("\x1b[38;2;1;2;3;1ma", "(bold:a)"),
    ("\x1b[38;7;1ma\x1b[0m\x1b[38mb\x1b[38;5mc", "(bold:a)bc"),
    ("\x1b[001ma\x1b[00mb\x1b[1;;3mc", "(bold:a)b(italic:c)"),
    ("\x1b[41ma\x1b[7mb\x1b[999999999999999mc", "abc"),
    ("\x1b[1ma\nb", "(bold:a)\n(bold:b)"),
    ("\x1b[2Ja\x1b[?25lb\x1b[>4;1mc\x1b[1 qd\x1b]0;t\x07e\x1b]2;\x1b\\f", "abcdef"),
    ("\x1b]8;id=1;http://x\x1b\\a\x1b[1mb\x1b[0mc\x1b]8;;\x07d", "(link:a)(bold,link:b)(link:c)d"),
    ("\x1b]8;;x\x07a\x1b]8;;\n\x1b\\b\x1b]8\x07", "(link:ab)"),
    ("\x1b\rb\x00\x07\x1b[1\x1b]8;;x", "\x1b\rb\x00\x07\x1b[1\x1b]8;;x"),
    ("a\tb\n\t🌑\x1b[1m\tc\r\n12345678\t9", "a       b\n        🌑(bold:      c)\n(bold:12345678        9)"),
    ("\x1b[" + "1;" * 1000 + "m", ""),
]
PLAIN = [
    ("**a** <b> \x1b[1m \x02\r", "**a** <b> \x1b[1m \x02\r"),
    ("a\nb\r\nc\n", "a\nb\nc\n"),
    ("\n", "\n"),
]
TABLES = {
    "discord": DISCORD,
    "slack": SLACK,
    "whatsapp": WHATSAPP,
    "telegram-html": TELEGRAM,
    "html": HTML,
    "irc": IRC,
    "terminal": TERMINAL,
    "plain": PLAIN,
    "nosuch": PLAIN,
}
CASES = [(markup, text, expected) for markup, table in TABLES.items() for text, expected in table]


@pytest.mark.parametrize(("markup", "text", "expected"), CASES)
def test_what_is_seen(markup: str, text: str, expected: str) -> None:
    look = appearance(text, of_markup(markup))
    assert drawn(look) == expected
    assert look.refused is None


REFUSED = [
    ("<x>a</x>", "expected a tag of Telegram's HTML, found `<x>`, at line 1 column 1"),
    ("a\nbc <br/>", "expected a tag of Telegram's HTML, found `<br/>`, at line 2 column 4"),
    ("</nosuch>", "expected a tag `<nosuch>` to end, found `</nosuch>` without one, at line 1 column 1"),
    ("<" + "x" * 30 + ">", f"expected a tag of Telegram's HTML, found `<{'x' * 19}…>`, at line 1 column 1"),
    ("1 < 2", "expected a tag or `&lt;`, found a bare `<`, at line 1 column 3"),
    ("<", "expected a tag or `&lt;`, found a bare `<`, at line 1 column 1"),
    ("<>", "expected a tag or `&lt;`, found a bare `<`, at line 1 column 1"),
    ("<!-- x -->", "expected a tag or `&lt;`, found a bare `<`, at line 1 column 1"),
    ("<b>a", "expected `</b>` behind `<b>`, found none, at line 1 column 1"),
    ("<i><b>a</b>", "expected `</i>` behind `<i>`, found none, at line 1 column 1"),
    ("<b><i>a</b></i>", "expected `</i>`, found `</b>`, at line 1 column 8"),
    ("a</b>", "expected a tag `<b>` to end, found `</b>` without one, at line 1 column 2"),
    ("</>", "expected a tag `<>` to end, found `</>` without one, at line 1 column 1"),
    ("<b>a</b", "expected `</` with a name and `>`, found a malformed end of a tag, at line 1 column 5"),
    ("<b", 'expected `<b>` or `<b …="…">`, found a malformed tag `<b`, at line 1 column 1'),
    ("<b/>", "expected a tag of Telegram's HTML, found `<b/>`, at line 1 column 1"),
    ('<a href="x>t</a>', 'expected `<a>` or `<a …="…">`, found a malformed tag `<a`, at line 1 column 1'),
    ("<a href=x/y>t</a>", 'expected `<a>` or `<a …="…">`, found a malformed tag `<a`, at line 1 column 1'),
    ("<span>a</span>", 'expected `<span class="tg-spoiler">`, found another `<span>`, at line 1 column 1'),
    ('<span class="x">a</span>', 'expected `<span class="tg-spoiler">`, found another `<span>`, at line 1 column 1'),
    (
        '<tg-emoji emoji-id="x">a</tg-emoji>',
        'expected `<tg-emoji emoji-id="…">` with a number, found another `<tg-emoji>`, at line 1 column 1',
    ),
    ("a &#xD800; b", "expected an entity of Telegram's HTML, found `&#xD800;`, at line 1 column 3"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_telegram_refuses(text: str, reason: str) -> None:
    look = appearance(text, PROFILES["telegram"])
    assert look.refused == f"telegram refuses the message: {reason}"
    assert (visible_text(look), look.length) == (text, len(text))
    assert all(not run.styles for line in look.lines for run in line.runs)


# ---------------------------------------------------------------- lengths

LENGTHS = [
    ("discord", "-# **🌑**\nb", 10),
    ("telegram", "<b>🌑</b>&amp;\nx", 5),
    ("telegram", "", 0),
    ("slack", "*a* &amp;", 9),
    ("matrix", "<sub>🌑</sub>", 15),
    ("irc", "\x02a\x02\n🌑🌑\rb", 8),
    ("irc", "a\n\x02", 1),
    ("irc", "", 0),
    ("terminal", "\x1b[1m🌑a\x1b[0m\nb", 3),
    ("terminal", "", 0),
    ("terminal", "\x1b]8;;https://x\x1b\\a\x1b]8;;\x1b\\\x1b[2K\n🌑\tb\tc", 17),
    ("webchat", "<!-- a -->b", 11),
    ("nosuch", "a\r\nb", 4),
]


@pytest.mark.parametrize(("surface", "text", "length"), LENGTHS)
def test_what_a_limit_counts(surface: str, text: str, length: int) -> None:
    assert appearance(text, profile_of(surface)).length == length


def test_an_empty_text_has_no_lines() -> None:
    assert all(appearance("", of_markup(markup)).lines == () for markup in MARKUPS)


# ---------------------------------------------------------------- any text

PIECES = (
    *("*", "**", "_", "__", "~~", "||", "`", "``", "\\", "-# ", "[a](https://x)", "[", "](https://"),
    *("<b>", "</b>", "<i>", "</i>", "<x>", "<br>", "<sub>", "</sub>", "<", ">", "&lt;", "&#65;", "&#", "&"),
    *("\x02", "\x034,5", "\x03", "\x04ff0000", "\x0f", "\x1b[1m", "\x1b[31;0m", "\x1b[38;5;1m", "\x1b[", "m"),
    *("```", "```py\n", "https://", "[a](https://x '", "> ", ">>> ", "# ", "<https://x|", "<@", "|"),
    *("<!--", "-->", "<pre>", "</pre>", "<p>", "<style>", "</style>", '<a x="', "</", "<!"),
    *("\x1b[38:2::", "\x1b]8;;x\x07", "\x1b]", "\x1b\\", "\t", ":", ";"),
    *("a", " ", "\n", "\r", "\0", "🌑", "\ud800", "☁️", '"', "'"),
)
hostile = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=3)).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, st.sampled_from(MARKUPS))
def test_any_text_has_an_appearance(text: str, markup: str) -> None:
    profile = of_markup(markup)
    look = appearance(text, profile)
    for line in look.lines:
        assert all(run.text and "\n" not in run.text and list(run.styles) == sorted(run.styles) for run in line.runs)
        assert all(one.styles != other.styles for one, other in pairwise(line.runs))
        assert not any("small" in run.styles for run in line.runs)
    assert 0 <= look.length <= length_of(text.replace("\t", " " * 8), profile.unit)


@given(st.text("abc 🌑.,\n", max_size=20), st.sampled_from(MARKUPS))
def test_text_without_markup_is_seen_as_it_is(text: str, markup: str) -> None:
    profile = of_markup(markup)
    assert visible_text(appearance(text, profile)) == (" ".join(text.split()) if markup == "html" else text)
    assert appearance(text, profile).length <= length_of(text, profile.unit)


REPEATED = (
    *PIECES,
    "<b>x",
    "<b><i>",
    "<a href=",
    "<a href='x",
    "*a ",
    "**a",
    "`a``",
    "[a",
    "\\*",
    "a*b ",
    "&a",
    "\x034",
)


# About a second at most on a machine that is not busy; steps that grow with the square take minutes.
A_WHILE = 20


def seconds_for(text: str, profile: Profile) -> float:
    start = process_time()
    appearance(text, profile)
    return process_time() - start


@pytest.mark.no_cover
@pytest.mark.parametrize("markup", MARKUPS)
def test_no_text_takes_long(markup: str) -> None:
    profile = of_markup(markup)
    for piece in REPEATED:
        assert seconds_for(piece * (20_000 // len(piece)), profile) < A_WHILE, piece


@pytest.mark.no_cover
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), st.sampled_from(MARKUPS))
def test_no_repetition_takes_long(parts: list[str], markup: str) -> None:
    text = "".join(parts)
    assert seconds_for(text * (100_000 // len(text)), of_markup(markup)) < A_WHILE
