"""Ponder: a language server for Claude."""

__version__ = "0.1.0"
