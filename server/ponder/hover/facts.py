"""The symbol under the cursor and what the text itself says of it. Pure; the same text gives the same facts."""

import hashlib

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.syntax.places import definition_of, identifier_at
from ponder.syntax.symbols import Symbol

CONTEXT_LINES = 30
"""Lines around a symbol that an explanation may see."""
MOST_LINES = 400
"""Lines of one symbol that are shown to the model; a longer one is cut at its end."""


class Facts(Struct, frozen=True, kw_only=True):
    """What is known without a model. `span` is the word under the cursor; `symbol` its definition in this text."""

    name: str
    span: Span
    symbol: Symbol | None
    findings: tuple[Finding, ...]
    excerpt: Document
    """The definition and its surroundings (or those of the word), as a text of its own."""
    core: Span
    """The definition (or the word) in the excerpt."""
    digest: str
    """Names the symbol's text: the same digest, the same explanation."""


def facts_at(
    document: Document, offset: int, found: tuple[Symbol, ...], findings: tuple[Finding, ...]
) -> Facts | None:
    """The facts at a place; `found` are the symbols of the document. None where there is no word and no finding."""
    here = tuple(one for one in findings if one.span.start <= offset <= one.span.end)
    word = identifier_at(document.text, offset)
    if word is None:
        if not here:
            return None
        word_span, name = here[0].span, ""
    else:
        word_span, name = Span(word.start, word.end), document.text[word.start : word.end]
    symbol = definition_of(found, name) if name else None
    core = symbol.span if symbol is not None else word_span
    excerpt, start = _excerpt(document, core)
    said = document.slice(symbol.span) if symbol is not None else excerpt.text
    return Facts(
        name=name,
        span=word_span,
        symbol=symbol,
        findings=here,
        excerpt=excerpt,
        core=Span(core.start - start, core.end - start),
        digest=hashlib.blake2b(
            f"{name}\0{said}".encode("utf-8", "surrogatepass"), digest_size=16
        ).hexdigest(),
    )


def _excerpt(document: Document, core: Span) -> tuple[Document, int]:
    """The excerpt, and the offset in the document where it starts."""
    first, last = document.line_at(core.start), document.line_at(max(core.start, core.end - 1))
    last = min(last, first + MOST_LINES)
    around = document.lines_span(
        max(0, first - CONTEXT_LINES), min(document.line_count - 1, last + CONTEXT_LINES)
    )
    excerpt = Document(document.uri, document.slice(around), path=document.path, language=document.language)
    return excerpt, around.start
