"""Edits as values: applying, re-anchoring, hunks, diffs, and what may not be changed unasked. Writes no file."""
