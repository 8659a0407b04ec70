"""What outlives the process: results, usage, dismissals, runs, model lists. Nothing here decides what is worth keeping."""
