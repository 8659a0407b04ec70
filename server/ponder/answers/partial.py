"""Reads a structured answer while it streams in: summary text at once, each finding or edit when it is complete.

Pure. Judges only whether the JSON is whole and of the right outer shape; what an element says is checked where it
is placed. Time is linear in the text; depth and size are bounded.
"""

import re
from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from ponder.answers.json_pieces import MalformedError, StringContent, Value

ListKey = Literal["findings", "edits"]

MAX_CHARACTERS: Final = 32_000_000
_LIST_KEYS: Final = ("findings", "edits")
_SPACE: Final = re.compile(r"[ \t\n\r]*")


class SummaryText(Struct, frozen=True):
    """More of the summary, decoded. All of them joined are the summary exactly."""

    text: str


class Element(Struct, frozen=True):
    """One complete entry of the list `key`, as parsed."""

    key: ListKey
    value: dict[str, Any]


Item = SummaryText | Element


class PartialAnswer:
    """Takes the text of a structured answer in pieces of any size. `expects` is the list that must be in it."""

    def __init__(self, expects: ListKey | None = None) -> None:
        self._expects = expects
        self._step: Callable[[], bool] = self._open
        self._text = ""
        self._at = 0
        self._fed = 0
        self._items: list[Item] = []
        self._error: str | None = None
        self._seen: set[str] = set()
        self._key = ""
        self._content = StringContent()
        self._whole = Value()
        self._done: Callable[[Any], None] = self._take_key
        self._ended = False

    def feed(self, text: str) -> list[Item]:
        """The items that this text completes. After a fault nothing more comes; `close` says what it was."""
        if self._error is not None:
            return []
        self._fed += len(text)
        self._text = self._text[self._at :] + text if self._at < len(self._text) else text
        self._at = 0
        try:
            self._check_length()
            while self._at < len(self._text) and self._step():
                pass
        except MalformedError as fault:
            self._error = str(fault)
        self._hand_over_summary()
        items, self._items = self._items, []
        return items

    def close(self) -> str | None:
        """What is wrong with the whole text, as a clause (`it ends early`), or None where it is complete."""
        if self._error is None and not self._ended:
            self._error = "it ends early" if self._fed else "it is empty"
        if self._error is None and self._expects is not None and self._expects not in self._seen:
            self._error = f"it has no `{self._expects}`"
        return self._error

    def _check_length(self) -> None:
        if self._fed > MAX_CHARACTERS:
            raise MalformedError("it is too long")

    # Each step consumes what it can; False means that it needs more text.

    def _open(self) -> bool:
        return self._mark("{", self._first_key)

    def _first_key(self) -> bool:
        if self._next() == "}":
            return self._mark("}", self._after)
        return self._next_key()

    def _next_key(self) -> bool:
        if not self._next():
            return False
        if self._next() != '"':
            raise MalformedError("a name is missing in it")
        return self._collect(self._take_key)

    def _take_key(self, key: str) -> None:
        self._key = key
        if self._key in self._seen:
            raise MalformedError("a name comes twice in it")
        self._seen.add(self._key)
        self._step = self._colon

    def _colon(self) -> bool:
        return self._mark(":", self._value)

    def _value(self) -> bool:
        start = self._next()
        if not start:
            return False
        if self._key == "summary" and start == '"':
            return self._mark('"', self._summary)
        if self._key in _LIST_KEYS:
            return self._mark("[", self._first_element)
        if self._key == "summary":
            raise MalformedError("its `summary` is not text")
        return self._collect(self._skip)

    def _skip(self, _unknown: Any) -> None:
        self._step = self._member_end

    def _member_end(self) -> bool:
        if self._next() == ",":
            return self._mark(",", self._next_key)
        return self._mark("}", self._after)

    def _first_element(self) -> bool:
        if self._next() == "]":
            return self._mark("]", self._member_end)
        return self._element()

    def _element(self) -> bool:
        start = self._next()
        if not start:
            return False
        if start != "{":
            raise MalformedError(f"an entry of `{self._key}` is not an object")
        return self._collect(self._take_element)

    def _take_element(self, value: dict[str, Any]) -> None:
        key: ListKey = "findings" if self._key == "findings" else "edits"
        self._hand_over_summary()
        self._items.append(Element(key, value))
        self._step = self._element_end

    def _element_end(self) -> bool:
        if self._next() == ",":
            return self._mark(",", self._element)
        return self._mark("]", self._member_end)

    def _after(self) -> bool:
        self._ended = True
        if self._next():
            raise MalformedError("text follows its end")
        return False

    def _next(self) -> str:
        """The next character that is not white space, without taking it; empty when there is none yet."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _mark(self, mark: str, then: Callable[[], bool]) -> bool:
        found = self._next()
        if not found:
            return False
        if found != mark:
            raise MalformedError(f"`{mark}` is missing in it")
        self._at += 1
        self._step = then
        self._ended = then == self._after
        return True

    def _summary(self) -> bool:
        self._at = self._content.read(self._text, self._at)
        if self._content.closed:
            self._step = self._member_end
        return self._content.closed

    def _hand_over_summary(self) -> None:
        if text := self._content.take():
            self._items.append(SummaryText(text))

    def _collect(self, done: Callable[[Any], None]) -> bool:
        self._done = done
        self._whole = Value()
        self._step = self._collecting
        return True

    def _collecting(self) -> bool:
        self._at = self._whole.read(self._text, self._at)
        if self._whole.complete:
            self._done(self._whole.value())
        return self._whole.complete
