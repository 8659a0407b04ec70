"""Finds credentials in text and takes them out line by line. Linear in the text; knows no files."""

import base64
import binascii
import bisect
import re
from collections.abc import Iterator
from functools import lru_cache

from ponder.documents import Span
from ponder.files.assignments import assigned_secrets, password_like, random_like
from ponder.files.secret_patterns import (
    AZURE,
    BASE64_RUN,
    HEADER,
    KEY_BLOCK,
    LITERAL_JOIN,
    QUERY,
    STRONG,
    URL_PASSWORD,
    USER_OPTION,
    WEBHOOK,
)

REDACTED = "[redacted]"
"""Stands for one secret, or for one line of it."""

# An RSA key of 16,384 bits is 12,500 characters of PEM; an END farther away belongs to something else.
_KEY_BLOCK_MAX = 20_000
_DECODED_FORMS = re.compile(rb"-----BEGIN [A-Z ]{0,40}PRIVATE KEY")
# Lines of a key whose END is missing: base64, or the header lines of older formats.
_KEY_LINES = re.compile(
    r"(?:[ \t\"']{0,40}+(?:[A-Za-z0-9+/]{16,}+={0,2}|[A-Za-z0-9+/]{1,15}+={1,2}|(?:Proc-Type|DEK-Info|Version|Comment): [^\r\n]{0,100}+)?+"
    r"[ \t\"'+,]{0,40}+(?:\r\n|\n|\r|\\r\\n|\\n|\Z))*+"
)


def find_secrets(text: str) -> list[Span]:
    """Every stretch that looks like a credential, ascending and not overlapping."""
    return _merged(
        [*_by_form(text), *_key_blocks(text), *_encoded(text), *_split(text), *assigned_secrets(text)]
    )


def holds_key(text: str) -> bool:
    """Whether there is a key by its form alone, not by the name before it: of an issuer, or a private key block."""
    return STRONG.search(text) is not None or KEY_BLOCK.search(text) is not None


def redact_secrets(text: str) -> tuple[str, int]:
    """The text with each secret replaced, and how many there were. The number of lines never changes."""
    spans = find_secrets(text)
    if not spans:
        return text, 0
    parts: list[str] = []
    end = 0
    for span in spans:
        parts.append(text[end : span.start])
        secret = re.split(r"(\r\n|\n|\r)", text[span.start : span.end])
        parts.extend(piece if index % 2 or not piece else REDACTED for index, piece in enumerate(secret))
        end = span.end
    parts.append(text[end:])
    return "".join(parts), len(spans)


@lru_cache(maxsize=16)
def redact_open(text: str) -> tuple[str, int]:
    """`redact_secrets` of a text at hand, which one save asks for several times: the last ones are remembered."""
    return redact_secrets(text)


def _by_form(text: str) -> Iterator[Span]:
    for match in STRONG.finditer(text):
        yield Span(*match.span())
    for pattern in (WEBHOOK, URL_PASSWORD, HEADER, AZURE):
        for match in pattern.finditer(text):
            yield Span(*match.span(1))
    for pattern, likely in ((QUERY, random_like), (USER_OPTION, password_like)):
        for match in pattern.finditer(text):
            if likely(match.group(1)):
                yield Span(*match.span(1))


def _key_blocks(text: str) -> Iterator[Span]:
    """From each BEGIN to its END; where there is none, as far as the text goes on looking like a key."""
    covered = 0
    closing = 0
    for match in KEY_BLOCK.finditer(text):
        if match.start() < covered:
            continue
        if closing != -1 and closing < match.end():
            closing = text.find("-----END", match.end())
        if closing != -1 and closing - match.end() <= _KEY_BLOCK_MAX:
            line = text.find("-----", closing + 8)
            covered = line + 5 if line != -1 and line - closing < 60 else closing + 8
        else:
            tail = _KEY_LINES.match(text, match.end(), min(len(text), match.end() + _KEY_BLOCK_MAX))
            covered = tail.end() if tail else match.end()
            covered = match.end() + len(text[match.end() : covered].rstrip())
        yield Span(match.start(), covered)


def _encoded(text: str) -> Iterator[Span]:
    """Runs of base64 that decode to a text with a strong form in it."""
    for match in BASE64_RUN.finditer(text):
        run = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        run = run[: len(run) - 1] if len(run) % 4 == 1 else run
        try:
            decoded = base64.b64decode(run + "=" * (-len(run) % 4))
        except binascii.Error:
            continue
        if STRONG.search(decoded.decode("latin-1")) or _DECODED_FORMS.search(decoded):
            yield Span(*match.span())


def _split(text: str) -> Iterator[Span]:
    """Strong forms that only appear once joined string literals are read as one; each piece by itself."""
    seams = [match.span() for match in LITERAL_JOIN.finditer(text)]
    if not seams:
        return
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = end = 0
    for start, stop in [*seams, (len(text), len(text))]:
        pieces.append(text[end:start])
        starts.append(length)
        origins.append(end)
        length += start - end
        end = stop
    for match in STRONG.finditer("".join(pieces)):
        first = bisect.bisect_right(starts, match.start()) - 1
        last = bisect.bisect_left(starts, match.end()) - 1
        for index in range(first, last + 1):
            low = max(match.start(), starts[index]) - starts[index]
            high = min(match.end() - starts[index], len(pieces[index]))
            if high > low:
                yield Span(origins[index] + low, origins[index] + high)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
