"""Reading ahead of a request: nothing of what is told depends on it, and nothing is taken apart twice."""

from pathlib import Path

import pytest

from ponder.context.gather import Gatherer
from ponder.context.index.index import Environment, WorkspaceIndex
from ponder.context.select import Selector
from ponder.context.selection import Selection
from ponder.context.texts import OpenText, Texts
from ponder.files.read import FileText
from ponder.syntax.languages import language_of

LARGE = "".join(f"def part{number}(a, b):\n    return a + b + {number}\n\n\n" for number in range(600))
FILES = {
    "AGENTS.md": "Use tabs.\n",
    "main.py": "import store\n\n\ndef main():\n    return store.run()\n",
    "store.py": "def run():\n    return 1\n",
    "large.py": LARGE,
}


@pytest.fixture
def index(tmp_path: Path) -> WorkspaceIndex:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return WorkspaceIndex([str(tmp_path)], Environment({"PATH": "/nowhere"}), lambda _: None)


async def chosen(index: WorkspaceIndex, *, ahead: bool, saved: str, now: str) -> Selection:
    """What is told of `main.py` with one text at the save and another when the request leaves."""
    gatherer, selector = Gatherer(index), Selector(8_000)
    at_hand = index.jail.place(str(Path(index.watched[0]) / "main.py"))
    assert at_hand is not None
    gatherer.touch(selector, at_hand, 1.0, "edited")
    if ahead:
        await gatherer.look_ahead(
            selector, day=1, open_texts={at_hand.path: OpenText(saved, "python")}, at_hand=at_hand
        )
    return await gatherer.gather(
        selector, day=1, now=2.0, open_texts={at_hand.path: OpenText(now, "python")}, at_hand=at_hand
    )


@pytest.mark.parametrize("now", [FILES["main.py"], FILES["main.py"] + "# typed\n", "x = 1\n" + LARGE])
async def test_what_is_told_is_the_text_of_the_moment_of_sending(index: WorkspaceIndex, now: str) -> None:
    """With and without reading ahead the same is told, also where the text became another in between."""
    saved = FILES["main.py"]
    plain = await chosen(index, ahead=False, saved=saved, now=now)
    assert await chosen(index, ahead=True, saved=saved, now=now) == plain
    told = "".join(text for unit, text in plain.units.items() if unit.startswith("main.py"))
    assert ("# typed" in told) == ("# typed" in now)
    assert ("x = 1" in told) == ("x = 1" in now)


async def test_a_file_that_changes_on_disk_is_told_as_it_is_then(index: WorkspaceIndex) -> None:
    """What was read ahead of a file counts only as long as the file is the same."""
    gatherer, selector = Gatherer(index), Selector(8_000)
    await gatherer.look_ahead(selector, day=1, open_texts={})
    (Path(index.watched[0]) / "store.py").write_text("def run():\n    return 'another'\n")
    selection = await gatherer.gather(selector, day=1, now=1.0, open_texts={})
    assert "another" in selection.units["store.py"]


async def test_one_text_is_taken_apart_once(index: WorkspaceIndex) -> None:
    """Units and outline are made once for each text, and anew for another."""
    await index.scan()
    texts, python = Texts(index, 262_144), language_of("large.py")
    place = index.jail.place(str(Path(index.watched[0]) / "large.py"))
    assert place is not None

    def parts(text: str) -> tuple[FileText, object, object]:
        found = texts.text(place, {place.path: OpenText(text)})
        assert isinstance(found, FileText)
        units = texts.pieces(place, "large.py", found, python, 1_000)
        return found, units, texts.outline(place, "large.py", found)

    first, again, other = parts(LARGE), parts(str(LARGE)), parts(f"{LARGE}# more\n")
    assert all(one is two for one, two in zip(first, again, strict=True))
    assert all(one is not two for one, two in zip(first, other, strict=True))
    # A text that was asked for before the newest one is still cut as itself.
    assert texts.pieces(place, "large.py", first[0], python, 1_000) == first[1]
