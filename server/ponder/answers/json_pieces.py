"""Reads the parts of a JSON text that arrive in pieces: string content, and whole values. Pure; knows no names.

Time is linear in the text; depth and size are bounded.
"""

import json
import re
from typing import Any, Final

MAX_VALUE_CHARACTERS: Final = 8_000_000
MAX_DEPTH: Final = 32
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]+')
_STRUCTURE: Final = re.compile(r'["{}\[\]]')
_STRING_MARK: Final = re.compile(r'["\\]')
_SCALAR: Final = re.compile(r"[^,}\]\s\[{\":]+")
_HEX4: Final = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip


class MalformedError(Exception):
    """The text cannot become a structured answer; the argument is a clause that says why."""


def parsed(raw: str) -> Any:
    """The value of a whole JSON text. Raises MalformedError."""
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedError("it is not valid JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


class StringContent:
    """Decodes the content of one string, from after its first quotation mark."""

    def __init__(self) -> None:
        self.closed = False
        self._decoded: list[str] = []
        self._high = ""

    def read(self, text: str, at: int) -> int:
        """Take what can be decoded from `at` on; returns where it stopped. `closed` is set at the last mark."""
        while at < len(text) and not self.closed:
            if plain := _PLAIN.match(text, at):
                self._add(plain[0])
                at = plain.end()
            elif text[at] == '"':
                self._add("")
                self.closed = True
                at += 1
            elif text[at] != "\\":
                raise MalformedError("a control character stands in its text")
            elif width := self._escape(text, at):
                at += width
            else:
                break
        return at

    def take(self) -> str:
        """What was decoded since the last call; a first half of a character waits for its second."""
        text = "".join(self._decoded)
        self._decoded.clear()
        return text

    def _escape(self, text: str, at: int) -> int:
        """Take one escape; returns its width, 0 when its end is not there yet."""
        kind = text[at + 1 : at + 2]
        if kind in _ESCAPES:
            self._add(_ESCAPES[kind])
            return 2
        digits = text[at + 2 : at + 6]
        if not kind or (kind == "u" and len(digits) < 4):
            return 0
        if kind != "u" or not _HEX4.fullmatch(digits):
            raise MalformedError("an escape in its text is wrong")
        self._add_unit(chr(int(digits, 16)))
        return 6

    def _add(self, text: str) -> None:
        self._decoded.append(self._high + text)
        self._high = ""

    def _add_unit(self, unit: str) -> None:
        if self._high and "\udc00" <= unit <= "\udfff":
            pair = (self._high + unit).encode("utf-16-le", "surrogatepass")
            self._decoded.append(pair.decode("utf-16-le"))
            self._high = ""
        elif "\ud800" <= unit <= "\udbff":
            self._add("")
            self._high = unit
        else:
            self._add(unit)


class Value:
    """Collects one whole value, to be parsed at its end."""

    def __init__(self) -> None:
        self.complete = False
        self._parts: list[str] = []
        self._size = self._depth = 0
        self._in_string = self._escaped = False
        self._scalar: bool | None = None

    def read(self, text: str, at: int) -> int:
        """Take the value's text from `at` on; returns where it stopped. `complete` is set at its end."""
        if self._scalar is None:
            self._scalar = text[at] not in '"{['
        end = self._scalar_end(text, at) if self._scalar else self._nested_end(text, at)
        self._parts.append(text[at:end])
        self._size += end - at
        if self._size > MAX_VALUE_CHARACTERS:
            raise MalformedError("one value in it is too long")
        return end

    def value(self) -> Any:
        """The parsed value, once it is complete. Raises MalformedError."""
        return parsed("".join(self._parts))

    def _scalar_end(self, text: str, at: int) -> int:
        found = _SCALAR.match(text, at)
        end = found.end() if found else at
        self.complete = end < len(text)
        return end

    def _nested_end(self, text: str, at: int) -> int:
        while at < len(text):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = (_STRING_MARK if self._in_string else _STRUCTURE).search(text, at)
            if found is None:
                break
            at = found.end()
            self._pass(found[0])
            if self.complete:
                return at
        return len(text)

    def _pass(self, mark: str) -> None:
        if mark == "\\":
            self._escaped = True
            return
        if mark == '"':
            self._in_string = not self._in_string
        elif mark in "{[":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise MalformedError("it is nested too deeply")
        else:
            self._depth -= 1
        self.complete = self._depth <= 0 and not self._in_string
