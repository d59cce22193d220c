"""Claude Code's logs: JSON Lines, one file a session or a subagent."""
