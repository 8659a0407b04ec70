"""Finds characters in new text that a reader does not see or takes for others. Changes nothing."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

# Trojan Source (CVE-2021-42574): these reorder what is shown.
_BIDI = frozenset(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_INVISIBLE = frozenset(
    map(chr, (0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x2060, 0x3164, 0xFEFF, 0xFFA0))
)
_JOINERS = frozenset("\u200c\u200d")
_UNUSUAL = re.compile(r"[^\t\n\f\r -~]")
_WORD = re.compile(r"[^\W\d_]\w*")
# Names from these scripts are only suspect when mixed with Latin in one word.
_LOOK_ALIKES = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC")
_FAR_RIGHT = re.compile(r"\S[ \t]{120,}+\S|^[ \t]{300,}+\S", re.MULTILINE)


def hidden_text(new_text: str, old_text: str = "") -> list[str]:
    """One sentence for each kind of hidden character that `new_text` has more of than `old_text`."""
    if not _UNUSUAL.search(new_text) and not _FAR_RIGHT.search(new_text):
        return []
    before = Counter(kind for kind, _ in _suspects(old_text))
    after: dict[str, list[str]] = {}
    for kind, example in _suspects(new_text):
        after.setdefault(kind, []).append(example)
    return [
        f"The new text holds {kind} ({', '.join(sorted(set(examples))[:5])})."
        for kind, examples in after.items()
        if len(examples) > before[kind]
    ]


def _suspects(text: str) -> Iterator[tuple[str, str]]:
    """Kind and example of each suspect place, in no order."""
    for unusual in _UNUSUAL.finditer(text):
        index, letter = unusual.start(), unusual.group()
        kind = _kind(text, index, letter)
        if kind is not None:
            yield kind, f"U+{ord(letter):04X}"
    for match in _WORD.finditer(text):
        word = match.group()
        if not word.isascii() and _mixes_scripts(word):
            yield (
                "look-alike letters of another alphabet",
                word.encode("ascii", "backslashreplace").decode()[:40],
            )
    for match in _FAR_RIGHT.finditer(text):
        yield "text pushed out of sight by a long run of blanks", f"{len(match.group())} columns"


def _kind(text: str, index: int, letter: str) -> str | None:
    code = ord(letter)
    if letter in _BIDI:
        return "characters that change the direction of text"
    if 0xE0000 <= code <= 0xE007F:
        return None if _in_flag(text, index) else "invisible tag characters"
    if letter in _INVISIBLE or 0xE0100 <= code <= 0xE01EF:
        return "invisible characters"
    before = text[index - 1] if index else "\n"
    # Joiners and selectors belong into emoji and into scripts that join letters; after ASCII they hide.
    if letter in _JOINERS or 0xFE00 <= code <= 0xFE0F:
        return "invisible characters" if before.isascii() and before not in "#*0123456789" else None
    if code < 32 or 127 <= code < 160:
        return "control characters"
    return None


def _in_flag(text: str, index: int) -> bool:
    """Whether a tag character belongs to a flag such as Scotland's: a black flag and at most six tags."""
    return "\N{WAVING BLACK FLAG}" in text[max(0, index - 7) : index]


def _mixes_scripts(word: str) -> bool:
    if not any("a" <= letter.lower() <= "z" for letter in word):
        return False
    return any(unicodedata.name(letter, "").startswith(_LOOK_ALIKES) for letter in word if ord(letter) > 127)
