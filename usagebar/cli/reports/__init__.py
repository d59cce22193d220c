"""How findings are written: one file a format, each a function from the checked templates to parts of text."""
