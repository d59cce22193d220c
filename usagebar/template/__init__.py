"""A template as found → a template as understood: text, positions, the loading table, reloading, the built-in."""
