"""Readers of each surface's markup, as the surface reads it: what a text looks like there, and what is broken in it.

The preview, the check and the tests read with them.
"""
