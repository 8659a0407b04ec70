"""What a run is thinking, as the transcript and the progress show it. Values and words; takes no event."""

from collections.abc import Sequence

from msgspec import Struct

_PROGRESS_LETTERS = 100


class Thought(Struct):
    """A block of thinking as the transcript shows it; `redacted` has no text."""

    text: str = ""
    milliseconds: int | None = None
    redacted: bool = False


def newest_line(text: Sequence[str], thoughts: Sequence[Thought]) -> str:
    """The last line that has arrived of an answer in pieces, or of the thinking before it, for a progress message."""
    if text:
        lines = "".join(text[-20:]).rstrip().rsplit("\n", 1)
    elif thoughts:
        lines = thoughts[-1].text[-400:].rstrip().rsplit("\n", 1)
    else:
        return "waiting for the first word"
    line = lines[-1].strip()
    if len(line) <= _PROGRESS_LETTERS:
        return line
    # The newest words of it, from the start of a word.
    return "… " + line[-_PROGRESS_LETTERS:].partition(" ")[2]
