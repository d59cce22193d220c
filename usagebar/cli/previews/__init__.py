"""What `usagebar preview` shows: footers as data, the turns they are of, and how they are drawn."""
