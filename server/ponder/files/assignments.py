"""Values that are secret because of the name they are assigned to (`password = "…"`). Linear in the text."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from ponder.documents import Span

_WORDS = (
    "apikey",
    "api_key",
    "api-key",
    "secret",
    "token",
    "passwd",
    "password",
    "passphrase",
    "pwd",
    "credential",
    "private_key",
    "privatekey",
    "access_key",
    "accesskey",
    "encryption_key",
    "signing_key",
    "auth_key",
)
# From the end of the word: rest of the name, an optional type, the sign, and the value in quotes or bare.
_QUOTED = re.compile(
    r"""[\w.-]{0,40}+["'`]?\]?[ \t]{0,20}+(?::[ \t]{0,4}+[\w\[\].| ]{1,40}?[ \t]{0,4}=|:=|=>|[:=])[ \t]{0,20}+[bfruRBFU]{0,2}"""
    r"""(?P<quote>["'`])(?P<value>[^"'`\r\n]{6,400}+)(?P=quote)"""
)
_BARE = re.compile(
    r"[\w.-]{0,40}+[ \t]{0,20}+[:=][ \t]{0,20}+(?P<value>[^\s\"'`,;(){}\[\]<>$]{8,400}+)(?=[\s,;]|\Z)"
)
_NAME_TAIL = re.compile(r"[\w.-]{0,40}+")
_EXAMPLE = re.compile(
    r"(?i)example|change.?me|your|xxx|placeholder|dummy|redacted|todo|fixme|\*\*\*|\.\.\.|insert|replace|secret_?name"
    r"|[{}<>]|\$\(|%\(|%s|^(?:none|null|true|false|undefined|password|passwd|token|secret)$"
)
_WORDS_ONLY = re.compile(r"[A-Za-z0-9/._:-]++")
_HUMPS = re.compile(r"[A-Z]?[a-z]++|[A-Z]++")
_PASSWORD_WORDS = ("passwd", "password", "passphrase", "pwd")


def assigned_secrets(text: str) -> Iterator[Span]:
    """Spans of the values; names and quotes stay readable. Examples and templates are left alone."""
    # One letter lower-cases to two code points and would shift every offset after it.
    lowered = text.replace("\u0130", "I").lower()
    covered = 0
    for start, word in sorted(_hits(lowered)):
        if start < covered:
            continue
        after = start + len(word)
        tail = _NAME_TAIL.match(text, after)
        covered = tail.end() if tail else after
        match = _QUOTED.match(text, after)
        quoted = match is not None
        match = match or _BARE.match(text, after)
        if match is None:
            continue
        value = match.group("value")
        if _looks_secret(value, password=word in _PASSWORD_WORDS, quoted=quoted):
            covered = match.end()
            yield Span(*match.span("value"))


def _hits(lowered: str) -> Iterator[tuple[int, str]]:
    for word in _WORDS:
        at = lowered.find(word)
        while at != -1:
            yield at, word
            at = lowered.find(word, at + len(word))


def _looks_secret(value: str, *, password: bool, quoted: bool) -> bool:
    """Passwords need two kinds of characters; other values need the disorder of random text (bits per letter)."""
    if _EXAMPLE.search(value) or " " in value:
        return False
    digits = any(letter.isdigit() for letter in value)
    letters = any(letter.isalpha() for letter in value)
    if password and quoted:
        return len(value) >= 6 and letters and (digits or not value.isalnum()) and not _is_word_like(value)
    if not (digits and letters) or len(value) < (16 if quoted else 20) or _is_word_like(value):
        return False
    # 3.0 bits: hexadecimal of 16 letters has about 3.3, names and paths of that length 2.5 to 3.2 without digits.
    return entropy(value) >= (3.0 if quoted else 3.3)


def _is_word_like(value: str) -> bool:
    """Identifiers, paths, addresses and versions: words of three letters or more on average, hardly a digit."""
    if not _WORDS_ONLY.fullmatch(value):
        return False
    words = _HUMPS.findall(value)
    digits = sum(letter.isdigit() for letter in value)
    # Random letters of both cases fall into humps of one or two.
    return digits * 5 <= len(value) and sum(map(len, words)) >= 3 * len(words) > 0


def entropy(value: str) -> float:
    """Shannon entropy in bits per code point; 0 for an empty text."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())
