"""What each code means, in one sentence: for reports, descriptions and the README."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "invalid-json": "the text is no JSON, JSONC or JSON5; the built-in template is shown instead",
    "unreadable": "there is no such file, or it is no regular file, over 1 MiB, or not UTF-8",
    "unsupported-shape": "there is no template in it: no object, or no piece in any place where one is looked for",
    "unsupported-schema": "`schema` names another language or version",
    "wrong-type": "a part has a wrong type and is dropped",
    "bad-argument": "a verb cannot use its argument",
    "unknown-scale": "a `meter`, or `item_scales`, names a scale that the template does not have",
    "short-scale": "a `meter` draws with a scale of fewer than two glyphs, and shows nothing",
    "unknown-alias-table": "an `alias` names a table that the template does not have",
    "empty-piece": "a piece can never show anything",
    "unknown-key": "a key that nobody reads",
    "duplicate-key": "a key stands in its object twice; only the last one counts",
    "unknown-path": "the contract has no such path, so the value is always absent",
    "suspect-fallback": "a fallback looks like a mistyped verb",
    "lost-fallback": "an expression has more than one fallback; only the last one counts",
    "unclosed-brace": "a `{` without a `}` behind it is shown as it is",
    "cluster-split": "a glyph of several code points stands in a string, which takes it apart; an array keeps it whole",
    "case-never-matches": "a case that a boolean never has",
    "number-after-text": "a verb that wants a number is fed the text that another verb made of it",
    "unknown-surface": "the name of a surface is nearly one that is known",
    "over-limit": "the footer of a sample turn, values escaped, in small print, is longer than the surface takes",
    "broken-markup": "the template's own markup is not well-formed in its surface's HTML; Telegram may refuse it",
    "missing-schema": "the template does not name its language",
    "legacy-shape": "the template is written in the older shape",
    "unused-scale": "no `meter` draws with the scale",
    "unused-alias-table": "no `alias` looks into the table",
    "refused-default": "Telegram, for which the template has no pieces of its own, refuses the default",
    "differs-upstream": "OpenClaw 2026.9 reads this in another way",
}
