"""One line of a `.gitignore`, parsed and matched as git does, in time linear in the path. Reads no files.

Written out because a regular expression for `*a*a*a*b` goes back for seconds on one hostile file name
(7.7 s for eight stars and 60 letters with pathspec 1.1.1); here no star is ever tried twice.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_Segment = re.Pattern[str] | None
"""A pattern for one path component; None is `**`, any number of components."""


class IgnorePattern(Struct, frozen=True):
    """A parsed line. `anchored`: matched against the whole path below its file, else against the name alone."""

    segments: tuple[_Segment, ...]
    negated: bool
    directories_only: bool
    anchored: bool

    def matches(self, parts: Sequence[str], *, is_dir: bool) -> bool:
        """Whether the line speaks of this path, given as components below the directory of its file.

        The components are in the form of `as_git_sees`.
        """
        if self.directories_only and not is_dir:
            return False
        return _match(self.segments, parts if self.anchored else parts[-1:])


def parse_ignore(text: str) -> tuple[IgnorePattern, ...]:
    """The patterns of an ignore file, in order. Comments, blank lines and lines git cannot read are dropped."""
    lines = as_git_sees(text.removeprefix("\ufeff")).split("\n")
    return tuple(pattern for line in lines if (pattern := _parse_line(line)) is not None)


def pattern_names(patterns: tuple[IgnorePattern, ...], parts: tuple[str, ...]) -> bool:
    """Whether the last pattern that speaks of the path, or of a directory above it, is no negated one."""
    for depth in range(1, len(parts) + 1):
        verdict = None
        for pattern in patterns:
            if pattern.matches(parts[:depth], is_dir=depth < len(parts)):
                verdict = not pattern.negated
        if verdict:
            return True
    return False


def as_git_sees(text: str) -> str:
    """The text with one letter for each byte: to git, `?` is one byte of a name and not one letter."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _parse_line(line: str) -> IgnorePattern | None:
    line = _without_trailing_spaces(line.removesuffix("\r"))
    negated = line.startswith("!")
    body = line[1:] if negated else line
    if not body or (line.startswith("#")):
        return None
    directories_only = body.endswith("/")
    body = body.removesuffix("/")
    anchored = "/" in body
    pieces = _split(body.removeprefix("/"))
    segments: list[_Segment] = []
    for piece in pieces:
        if anchored and len(piece) > 1 and not piece.strip("*"):
            segments.append(None)
            continue
        segment = _component(piece)
        if segment is None:
            return None
        segments.append(segment)
    return IgnorePattern(tuple(segments), negated, directories_only, anchored) if segments else None


def _without_trailing_spaces(line: str) -> str:
    """Spaces at the end do not count unless a backslash stands before them."""
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return kept + " " if backslashes % 2 and len(kept) < len(line) else kept


def _split(body: str) -> list[str]:
    """Cut at slashes outside brackets."""
    pieces = [""]
    index = 0
    while index < len(body):
        letter = body[index]
        if letter == "/":
            pieces.append("")
        elif letter == "[" and (end := _bracket_end(body, index)) != -1:
            pieces[-1] += body[index:end]
            index = end
            continue
        elif letter == "\\" and body[index + 1 : index + 2] != "/":
            pieces[-1] += body[index : index + 2]
            index += 1
        elif letter != "\\" or index + 1 == len(body):
            pieces[-1] += letter
        index += 1
    return pieces


def _component(piece: str) -> _Segment:
    """A pattern for one component, or None where git would never match it (open bracket, last backslash)."""
    chunks: list[str] = [""]
    index = 0
    while index < len(piece):
        letter = piece[index]
        if letter == "*":
            if chunks[-1] or len(chunks) == 1:
                chunks.append("")
            index += 1
        elif letter == "?":
            chunks[-1] += "[^/]"
            index += 1
        elif letter == "[":
            end = _bracket_end(piece, index)
            if end == -1:
                return None
            chunks[-1] += _bracket(piece[index + 1 : end - 1])
            index = end
        elif letter == "\\":
            if index + 1 == len(piece):
                return None
            chunks[-1] += re.escape(piece[index + 1])
            index += 2
        else:
            chunks[-1] += re.escape(letter)
            index += 1
    # Atomic groups: the first place where a chunk fits is final, so nothing is ever tried again.
    tail = "".join(f"(?>.*?{chunk})" for chunk in chunks[1:-1]) + ".*" + chunks[-1] if chunks[1:] else ""
    try:
        return re.compile(chunks[0] + tail, re.DOTALL)
    except re.error:
        return None


def _bracket_end(text: str, start: int) -> int:
    """The index after the bracket that opens at `start`, or -1 where it never closes."""
    index = start + 1
    if text[index : index + 1] in ("!", "^"):
        index += 1
    first = index
    while index < len(text):
        if text[index] == "]" and index > first:
            return index + 1
        if text[index] == "\\":
            index += 1
        elif text.startswith("[:", index) and (close := text.find(":]", index + 2)) != -1:
            index = close + 1
        index += 1
    return -1


def _bracket(body: str) -> str:
    """The inside of a bracket as a regular expression that matches one letter and never a slash."""
    negated = body[:1] in ("!", "^")
    items: list[str] = []
    index = 1 if negated else 0
    while index < len(body):
        if body.startswith("[:", index) and (close := body.find(":]", index + 2)) != -1:
            name = body[index + 2 : close]
            if name not in _CLASSES:
                return "(?!)"
            items.append(_CLASSES[name])
            index = close + 2
            continue
        low, index = _letter(body, index)
        if body[index : index + 1] == "-" and index + 1 < len(body):
            high, index = _letter(body, index + 1)
            if low <= high:
                items.append(f"{re.escape(low)}-{re.escape(high)}")
            continue
        items.append(re.escape(low))
    if not items:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{''.join(items)}]"


def _letter(body: str, index: int) -> tuple[str, int]:
    if body[index] == "\\" and index + 1 < len(body):
        index += 1
    return body[index], index + 1


def _match(segments: Sequence[_Segment], parts: Sequence[str]) -> bool:
    """Glob over components: on a mismatch only the latest `**` takes one more, which is enough and linear."""
    at = here = 0
    retry: tuple[int, int] | None = None
    while here < len(parts):
        if at < len(segments):
            segment = segments[at]
            if segment is None:
                if at + 1 == len(segments):
                    return True
                at += 1
                retry = (at, here)
                continue
            if segment.fullmatch(parts[here]):
                at += 1
                here += 1
                continue
        if retry is None:
            return False
        at, here = retry[0], retry[1] + 1
        retry = (at, here)
    return at == len(segments)
