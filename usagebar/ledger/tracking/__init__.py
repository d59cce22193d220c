"""What the runs of a program cost, without a ledger: results as programs have them, their sums, their exports."""
