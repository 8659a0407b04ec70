"""What is defined in an open text, found once for each text and off the loop where that takes long. Asks no model."""

import asyncio
from dataclasses import dataclass, field

from ponder.documents import Document, Span
from ponder.session.run import Run
from ponder.syntax.languages import language_of
from ponder.syntax.places import symbol_at
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


async def asked_about(run: Run) -> Span | None:
    """What a first turn is about: what is selected, or at a cursor the innermost definition around it. A review keeps to its line."""
    span, document = run.request.span, run.document
    if span is None or span.start != span.end or run.action.shape == "findings" or run.before is not None:
        return span
    language = language_of(document.path, document.language)
    found = await asyncio.to_thread(symbol_at, document.text, language, span.start)
    return found.span if found is not None else span
