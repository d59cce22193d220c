"""`usagebar usage`: what is asked for, the rows of each report, and how they are written."""
