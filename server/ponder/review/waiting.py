"""Why saved files wait for their review, in words for a status bar. Pure; decides nothing."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

Reason = Literal["typing", "quiet", "rest", "place", "yours"]
"""The user types in the file; the pause after its save; the endpoint rests; every place is taken; the user's own work."""

_WORDS: dict[Reason, str] = {
    "typing": "for a pause in your typing",
    "quiet": "for a quiet moment after the save",
    "rest": "for the endpoint",
    "place": "for a free place",
    "yours": "for what you asked for",
}


def waiting_words(reasons: Counter[Reason], beginning: int) -> str:
    """`2 reviews wait for a free place`; empty where none waits. `beginning` ones have left the queue already."""
    number = reasons.total() + beginning
    if not number:
        return ""
    head = "1 review waits" if number == 1 else f"{number:,} reviews wait"
    told = [(count, words) for reason, words in _WORDS.items() if (count := reasons[reason])]
    if not told:
        return head
    if len(told) == 1 and told[0][0] == number:
        return f"{head} {told[0][1]}"
    return f"{head}: {', '.join(f'{count:,} {words}' for count, words in told)}"


def left_alone_words(names: Sequence[str]) -> str:
    """Which files are not reviewed any more, and until when; empty where there are none."""
    if not names:
        return ""
    who = f"{names[0]} is" if len(names) == 1 else f"{len(names):,} files are"
    until = "it changes" if len(names) == 1 else "they change"
    return f"{who} left alone until {until}: two reviews of the same text failed"
