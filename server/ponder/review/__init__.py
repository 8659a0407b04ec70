"""Review of saved files: when one is due, what of it is looked at, what is remembered. Asks no model by itself."""
