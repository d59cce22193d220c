"""Replies with their footers, sent by the clients of the platforms: one module a client, each over `compose`.

    bot's handler ── reply, bar, contract ──> compose ── messages ──> client's own calls

A module needs the extra that it names when it is imported: `pip install usagebar[telegram]`. Nothing else imports it.
"""
