"""The readers of the runtimes' transcripts: what there is to read, and the turns in it."""
