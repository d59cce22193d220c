"""The error of the ledger, in a module of its own so that catching it costs no imports."""


class LedgerError(ValueError):
    """Tell what of the ledger cannot be used: its file, a time zone, budgets; and what was expected and found."""
