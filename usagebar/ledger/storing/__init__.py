"""The ledger's SQLite file: its tables, how turns get in, and the sums that come out."""
