"""What is defined in an open text, found once for each text and off the loop where that takes long. Asks no model."""

import asyncio
from dataclasses import dataclass, field

from ponder.documents import Document
from ponder.syntax.languages import language_of
from ponder.syntax.symbols import Symbol, symbols

_LONG_TO_PARSE = 50_000
"""Code points above which a text is parsed off the loop."""
_KEPT_TEXTS = 20


@dataclass
class Definitions:
    """The symbols of the newest texts."""

    _known: dict[str, tuple[str, tuple[Symbol, ...]]] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)

    async def of(self, document: Document) -> tuple[Symbol, ...]:
        """The definitions in the order of their starts; none where the language has no grammar."""
        text = document.text
        known = self._known.get(document.uri)
        if known is not None and known[0] == text:
            return known[1]
        language = language_of(document.path, document.language)
        # A language's first text loads its grammar, the very first one the parser too.
        if len(text) > _LONG_TO_PARSE or language.id not in self._met:
            found = await asyncio.to_thread(symbols, text, language)
        else:
            found = symbols(text, language)
        self._met.add(language.id)
        if len(self._known) >= _KEPT_TEXTS:
            self._known.clear()
        self._known[document.uri] = text, found
        return found
