"""The places a footer is shown: what each takes, and how it shows it."""
