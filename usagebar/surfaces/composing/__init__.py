"""A reply with its footer → the messages to send: `compose`, and `strip_footer`, which undoes it."""
