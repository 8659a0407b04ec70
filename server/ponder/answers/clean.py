"""Takes what must never reach a screen out of a stream of text: escape sequences, controls, hidden letters."""

import re

# CSI; OSC, DCS, SOS, PM and APC up to their end; two-letter escapes (ECMA-48).
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|[ -/]{1,4}[0-~]|[@-OQ-WYZ\\`-~])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|[\]PX^_][^\x07\x1b\n]{0,2000}\x1b?|[ -/]{1,4})?")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    r"\u2060-\u2069\u3164\ufeff\uffa0\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_LONE = re.compile(r"[\ud800-\udfff]")


class Cleaner:
    """Cleans text that comes in pieces of any size; the joined result does not depend on the cuts."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str, *, last: bool = False) -> str:
        r"""The clean text so far known; all line ends become `\n`. `last`: nothing follows."""
        text = self._held + text
        self._held = ""
        done: list[str] = []
        at = 0
        while (escape := text.find("\x1b", at)) != -1:
            done.append(text[at:escape])
            sequence = _SEQUENCE.match(text, escape)
            if sequence is None and not last and _UNFINISHED.fullmatch(text, escape):
                self._held = text[escape:]
                text, at = "", 0
                break
            at = sequence.end() if sequence else escape + 1
        done.append(text[at:])
        clean = "".join(done)
        if clean.endswith("\r") and not last:
            clean, self._held = clean[:-1], "\r" + self._held
        clean = clean.replace("\r\n", "\n").replace("\r", "\n")
        return _LONE.sub("\N{REPLACEMENT CHARACTER}", _HIDDEN.sub("", clean))


def clean(text: str) -> str:
    """A whole text, cleaned."""
    return Cleaner().feed(text, last=True)
