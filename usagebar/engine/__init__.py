"""The engine: a decoded template and one turn's figures in, the footer out.

    document ── shape.read ───> piece nodes ── compiler ──> one function per surface ── UsageBar.render ──> text
                 (expression: the texts' own grammar)        (verbs, values: what it calls)

Standard library only. It knows no file, no clock and no environment.
"""
