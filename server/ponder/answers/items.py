"""Findings and edits as the model wrote them, checked for shape. Trusts no field and places nothing."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from ponder.findings import Severity

MAX_TEXT = 2_000_000
"""Code points of `old_text` and `new_text` together; a larger edit is refused (a prompt holds less than that)."""
_MAX_MESSAGE = 8_000
_SEVERITIES: dict[str, Severity] = {
    "error": "error",
    "critical": "error",
    "blocker": "error",
    "high": "error",
    "major": "error",
    "warning": "warning",
    "warn": "warning",
    "medium": "warning",
    "information": "information",
    "info": "information",
    "note": "information",
    "low": "information",
    "minor": "information",
    "hint": "hint",
    "suggestion": "hint",
    "style": "hint",
    "nit": "hint",
}
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;:?<=>]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|[@-Z\\^_])"
)


class EditItem(Struct, frozen=True):
    """One replacement as the model wrote it."""

    path: str
    old_text: str
    new_text: str


class FindingItem(Struct, frozen=True):
    """One finding as the model wrote it. Lines count from 1 and only break ties."""

    path: str
    quote: str
    message: str
    start_line: int = 0
    end_line: int = 0
    severity: str = "warning"
    rule: str = ""
    confidence: object = None
    fix: Sequence[object] | None = None


def read_edit(item: object) -> EditItem | str:
    """The item, or the reason why it is none."""
    try:
        edit = msgspec.convert(item, EditItem, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        return _shape_reason(error)
    if len(edit.old_text) + len(edit.new_text) > MAX_TEXT:
        return f"it is larger than {MAX_TEXT:,} characters"
    if _has_lone_surrogate(edit.new_text):
        return "its new text is not valid Unicode"
    return edit


def read_finding(item: object) -> FindingItem | str:
    """The item, or the reason why it is none."""
    try:
        finding = msgspec.convert(item, FindingItem, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        return _shape_reason(error)
    if not finding.message.strip():
        return "it says nothing"
    return finding


def confidence_of(item: FindingItem) -> int | None:
    """How sure the model is of a finding, from 0 to 100; None where it did not say so in a way that can be read."""
    said = item.confidence
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not 0 <= said <= 100:
        return None
    # A share of one is another way to write it; 1 itself is taken as the integer that was asked for.
    return int(said * 100 if isinstance(said, float) and 0 < said < 1 else said)


def severity_of(word: str) -> Severity:
    """The severity a word means; `warning` where it means none."""
    return _SEVERITIES.get(word.strip().lower(), "warning")


def rule_of(text: str) -> str:
    """A rule name in kebab case, at most 60 letters; `other` where nothing is left."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text[:200])
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60].strip("-") or "other"


def shown(text: str, limit: int = _MAX_MESSAGE) -> str:
    """Text of a model fit for a diagnostic or a notice: no escape sequences, controls, hidden or lone letters."""
    clean = _INVISIBLE.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    clean = clean.encode("utf-8", "replace").decode("utf-8").strip()
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def shown_path(item: object) -> str:
    """The path an item names, for a notice; `a file` where it names none."""
    path = item.get("path") if isinstance(item, dict) else None
    return f"`{shown(path, 200).replace('`', '')}`" if isinstance(path, str) and path.strip() else "a file"


def _shape_reason(error: Exception) -> str:
    """The message of msgspec names the field and the types, never the content."""
    return f"it is malformed ({str(error)[:120]})"


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
