"""The only way to files for the model: the path jail, ignore rules, the reader and the secret filter."""
