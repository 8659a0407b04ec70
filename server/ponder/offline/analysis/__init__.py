"""The offline engine's answers: real analysis of the code in a request, honest about being no model.

Imports nothing else of Ponder but the value an answer is, and loads its parsers on first use.
"""

from .answering import answer

__all__ = ["answer"]
