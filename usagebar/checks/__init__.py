"""What is wrong with a template: every finding that changes nothing in the rendering, and those of loading it.

    outcome ── keys, pieces (paths, expressions), definitions, limits ──> Finding ── located, unsilenced ──> Diagnostic
    (what loading found)                                          (template/findings)   (ignoring)

A finding names its place in the document and the offsets in the decoded string there; lines and columns are looked up
at the end, in one walk over the text.
"""

from usagebar.checks.checking import check, check_outcome

__all__ = ["check", "check_outcome"]
