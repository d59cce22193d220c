"""OpenClaw's logs of both eras: transcripts, archives, lists of sessions, and the database."""
