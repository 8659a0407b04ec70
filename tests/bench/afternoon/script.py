"""What happens on an afternoon: saves of real edits, hovers, actions and breaks, seeded. Does nothing itself."""

import difflib
import math
import random
import re
from collections.abc import Iterator

from msgspec import Struct

ACTIONS = (("explain", 5), ("fix", 4), ("review", 3), ("tests", 2), ("refactor", 2), ("security", 1))
"""Actions of the menu and how often each is chosen."""
SAVE_GAP_S = 40.0
SYMBOL = re.compile(r"^[ \t]*(?:async def|def|class) (\w+)", re.MULTILINE)


class Step(Struct, frozen=True):
    """`gap` seconds pass, then something happens at a file; `text` is what an edit makes of it."""

    gap: float
    kind: str
    path: str
    text: str = ""
    action: str = ""
    offset: int = 0


def afternoon(
    before: dict[str, str], commits: list[dict[str, str]], *, saves: int, seed: int
) -> Iterator[Step]:
    """The steps of one afternoon. `before` are the files at its start, `commits` what each commit made of some."""
    chance, texts, done = random.Random(seed), dict(before), 0
    for commit in commits:
        for path in sorted(commit):
            for text in _on_the_way(texts.get(path, ""), commit[path], chance):
                if done == saves:
                    return
                done += 1
                texts[path] = text
                gap = chance.lognormvariate(math.log(SAVE_GAP_S), 1.0)
                yield Step(gap, "save", path, text=text)
                yield from _questions(path, text, chance)
        if chance.random() < 0.5:
            # A break, five minutes to an hour.
            yield Step(math.exp(chance.uniform(math.log(300), math.log(3600))), "break", "")


def _questions(path: str, text: str, chance: random.Random) -> Iterator[Step]:
    places = [match.start(1) for match in SYMBOL.finditer(text)]
    for _ in range(_poisson(3.0, chance) if places else 0):
        yield Step(chance.uniform(2, 15), "hover", path, offset=chance.choice(places))
    for _ in range(_poisson(0.3, chance)):
        names, weights = zip(*ACTIONS, strict=True)
        yield Step(chance.uniform(5, 20), "action", path, action=chance.choices(names, weights)[0])


def _on_the_way(old: str, new: str, chance: random.Random) -> Iterator[str]:
    """The texts that saves leave on the way from one version to the next: one to three changed stretches at a time."""
    before, after = old.split("\n"), new.split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    row = 0
    while row < len(changed):
        row = min(len(changed), row + chance.choice((1, 1, 2, 3)))
        _, _, old_end, _, new_end = changed[row - 1]
        yield "\n".join(after[:new_end] + before[old_end:])


def _poisson(mean: float, chance: random.Random) -> int:
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        product *= chance.random()
        count += 1
    return count
