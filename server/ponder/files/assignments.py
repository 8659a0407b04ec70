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
    "pass",
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
# The value of a setting or of a part of a connection string, alone on its line or between separators.
_PLAIN = re.compile(
    r"""["'`]?\]?[ \t]{0,20}+[:=][ \t]{0,20}+(?P<value>[^\s"'`,;(){}\[\]<>$]{6,200}+)(?P<end>[ \t]{0,20}+(?:[;"'`]|#|\r|\n|\Z))"""
)
_KEY_START = re.compile(
    r"(?:^|[;\"'`])[ \t]{0,40}+(?:-[ \t]{1,8}+|export[ \t]{1,8}+|set[ \t]{1,8}+)?[\w.-]{0,60}+$"
)
_START_MARGIN = 120
_NAME_TAIL = re.compile(r"[\w.-]{0,40}+")
_EXAMPLE = re.compile(
    r"(?i)example|change.?me|your|xxx|placeholder|dummy|redacted|todo|fixme|\*\*\*|\.\.\.|insert|replace|secret_?name"
    r"|[{}<>]|\$\(|%\(|%s|^(?:none|null|true|false|undefined|password|passwd|token|secret)$"
)
_WORDS_ONLY = re.compile(r"[A-Za-z0-9/._:-]++")
_HUMPS = re.compile(r"[A-Z]?[a-z]++|[A-Z]++")
_PASSWORD_WORDS = ("passwd", "password", "passphrase", "pwd", "pass")
_SIGNS = frozenset(" \t:=\"'`]")
_SELF_NAMED = re.compile(r"(?i)pass(?:wd|word|phrase)?|pwd|secret|token")
_ADDRESS = re.compile(r"[/:]|\.[A-Za-z]")


def assigned_secrets(text: str) -> Iterator[Span]:
    """Spans of the values; names and quotes stay readable. Examples and templates are left alone."""
    # One letter lower-cases to two code points and would shift every offset after it.
    lowered = text.replace("\u0130", "I").lower()
    covered = 0
    for start, word in sorted(_hits(lowered)):
        if start < covered:
            continue
        after = start + len(word)
        # `pass` is a word of languages as well; as a name it is followed by a sign.
        if word == "pass" and not (text[after : after + 1] in _SIGNS and _begins_word(text, start)):
            continue
        tail = _NAME_TAIL.match(text, after)
        covered = tail.end() if tail else after
        value = _assigned(text, start, after, password=word in _PASSWORD_WORDS, last=covered == after)
        if value is not None:
            covered = value.end
            yield value


def _assigned(text: str, start: int, after: int, *, password: bool, last: bool) -> Span | None:
    """The value that follows a word, from `start` to `after`, where it is a secret; `last`: the name ends with the word."""
    quoted = _QUOTED.match(text, after)
    found = quoted or _BARE.match(text, after)
    if found is not None and _looks_secret(found["value"], password=password, quoted=quoted is not None):
        return Span(*found.span("value"))
    if not (password and last):
        return None
    # People choose passwords that are less random than keys.
    if quoted is not None:
        return Span(*quoted.span("value")) if password_like(quoted["value"]) else None
    return _password_of_setting(text, start, after)


def _password_of_setting(text: str, start: int, after: int) -> Span | None:
    """The password that is alone on its line, or between separators; it may be short and stands in no quotes."""
    found = _PLAIN.match(text, after)
    if found is None or _is_word_like(found["value"]) or not password_like(found["value"]):
        return None
    return Span(*found.span("value")) if _is_setting(text, start) else None


def password_like(value: str) -> bool:
    """Whether what stands where a password stands is one: letters with digits or signs, no name, path or template."""
    if _EXAMPLE.search(value) or " " in value or _SELF_NAMED.search(value):
        return False
    if not any(letter.isalpha() for letter in value):
        return False
    if any(letter.isdigit() for letter in value):
        return not _ADDRESS.search(value) or not _is_word_like(value)
    return not value.isalnum() and not _is_word_like(value)


def random_like(value: str) -> bool:
    """Whether a value of a query is no word and no number: letters and digits in disorder."""
    digits = any(letter.isdigit() for letter in value)
    letters = any(letter.isalpha() for letter in value)
    return digits and letters and not _EXAMPLE.search(value) and not _is_word_like(value)


def _begins_word(text: str, start: int) -> bool:
    """Whether a name or a part of it begins here: `DB_PASS`, not `bypass`."""
    before = text[start - 1] if start else ""
    return not before.isalnum() or (before.islower() and text[start].isupper())


def _is_setting(text: str, start: int) -> bool:
    """Whether the name that ends at a word is alone at the start of its line, of a string, or after a semicolon."""
    before = text[max(0, start - _START_MARGIN) : start]
    line = re.split(r"[\r\n]", before)[-1]
    # A line that began before the margin has only what stands between separators.
    return (
        _KEY_START.search(line if len(line) < len(before) or start <= _START_MARGIN else f" {line}")
        is not None
    )


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
