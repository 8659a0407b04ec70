"""What the model is told about the workspace: which files there are, which matter, how they are laid out for the cache."""
