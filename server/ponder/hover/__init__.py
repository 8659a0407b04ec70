"""What a hover says: cheap facts from the text at hand first, an explanation only if there is one. Asks no model itself."""
