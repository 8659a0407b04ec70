"""What goes into the prefix: sticky, within the budget, the same for the same calls."""

import os
import random

import pytest

from ponder.context.index.outline import outline, rank, ranked, repository_map
from ponder.context.index.resolve import Resolver
from ponder.context.pieces import pieces
from ponder.context.plan import Planner
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.units import encoded, file_of, tokens
from ponder.context.select import INSTRUCTIONS, REPOSITORY_MAP, Selector
from ponder.context.selection import Frame, Piece, Selection
from ponder.files.load import LeftOut
from ponder.files.reasons import Reason
from ponder.syntax.languages import language_of
from ponder.syntax.symbols import symbols

FRAME = Frame(
    instructions="Be kind.\n", instruction_files=("AGENTS.md",), map="a.py\n  def f()\n", map_files=("a.py",)
)


def of(texts: dict[str, str]) -> dict[str, tuple[Piece, ...]]:
    return {path: (Piece(path, text),) for path, text in texts.items()}


def sized(count: int, size: int = 100) -> dict[str, str]:
    """Files of `size` tokens each."""
    return {f"f{n:02}.py": f"{n:02}" + "x" * (int(size * 3.5) - 2) for n in range(count)}


def files(selection: Selection) -> set[str]:
    return {unit for unit in selection.units if not unit.startswith("@")}


def total(selection: Selection) -> int:
    return sum(tokens(len(encoded(text))) for text in selection.units.values())


def test_a_first_selection_fills_the_budget_by_rank() -> None:
    """Instructions and map, then the best files that fit; what did not fit is told."""
    selector = Selector(1_000)
    texts = sized(20)
    scores = {path: float(n) for n, path in enumerate(texts)}
    selection = selector.select(of(texts), scores, FRAME, day=1)
    assert files(selection) == {f"f{n:02}.py" for n in range(11, 20)}
    assert total(selection) <= 1_000
    assert selection.changes == selection.units
    assert selection.units[INSTRUCTIONS] == FRAME.instructions
    assert selection.units[REPOSITORY_MAP] == FRAME.map
    assert selection.left_out == tuple((f"f{n:02}.py", "no room in the budget") for n in range(11))
    assert [(s.kind, s.files[:2]) for s in selection.segments] == [
        ("instructions", ("AGENTS.md",)),
        ("repositoryMap", ("a.py",)),
        ("files", ("f11.py", "f12.py")),
    ]
    assert sum(segment.bytes for segment in selection.segments) == sum(
        len(text.encode()) for text in selection.units.values()
    )


def test_membership_is_sticky() -> None:
    """New scores alone move nothing; an edit brings its file in; at 1.1 × the budget the least wanted leave."""
    selector = Selector(1_000)
    texts = sized(20)
    first = selector.select(of(texts), {path: float(n) for n, path in enumerate(texts)}, FRAME, day=1)
    turned = {path: float(-n) for n, path in enumerate(texts)}
    again = selector.select(of(texts), turned, FRAME, day=1)
    assert again.changes == {}
    assert again.units == first.units

    selector.touch("f00.py", 5.0, "edited")
    entered = selector.select(of(texts), turned, FRAME, day=1)
    assert entered.changes == {"f00.py": texts["f00.py"]}
    assert entered.priority["f00.py"] == max(
        priority for unit, priority in entered.priority.items() if not unit.startswith("@")
    )

    selector.touch("f01.py", 6.0, "opened")
    selector.touch("f02.py", 7.0, "imported")
    full = selector.select(of(texts), turned, FRAME, day=1)
    left = {unit for unit, text in full.changes.items() if text is None}
    assert left == {"f17.py", "f18.py", "f19.py"}
    assert {"f00.py", "f01.py", "f02.py"} <= files(full)
    assert total(full) <= 1_000
    assert full.withdrawn == ()


def test_edits_change_their_unit_alone() -> None:
    """The text of a member is always the current one."""
    selector = Selector(1_000)
    texts = sized(5)
    selector.select(of(texts), {}, FRAME, day=1)
    texts["f03.py"] += "\nmore"
    assert selector.select(of(texts), {}, FRAME, day=1).changes == {"f03.py": texts["f03.py"]}


def test_a_new_day_chooses_anew_and_takes_a_new_map() -> None:
    """The map is frozen for a day; instructions are not."""
    selector = Selector(1_000)
    texts = sized(20)
    scores = {path: float(n) for n, path in enumerate(texts)}
    assert selector.wants_frame(1)
    selector.select(of(texts), scores, FRAME, day=1)
    assert not selector.wants_frame(1)
    other = Frame(instructions="New.\n", map="other\n")
    same_day = selector.select(of(texts), scores, other, day=1)
    assert same_day.changes == {INSTRUCTIONS: "New.\n"}
    assert selector.wants_frame(2)
    turned = {path: -score for path, score in scores.items()}
    next_day = selector.select(of(texts), turned, other, day=2)
    assert next_day.units[REPOSITORY_MAP] == "other\n"
    assert {"f00.py", "f01.py"} <= files(next_day)
    assert "f19.py" not in files(next_day)


def test_imports_enter_once_a_day() -> None:
    """Asking about the same file again does not bring back what had to leave."""
    selector = Selector(1_000)
    texts = sized(20)
    selector.select(of(texts), {}, FRAME, day=1)
    selector.imported("f00.py", ["f15.py"], 1.0)
    assert "f15.py" in files(selector.select(of(texts), {}, FRAME, day=1))
    for n, path in enumerate(
        ["f10.py", "f11.py", "f12.py", "f13.py", "f14.py", "f16.py", "f17.py", "f18.py", "f19.py"]
    ):
        selector.touch(path, 2.0 + n, "edited")
    crowded = selector.select(of(texts), {}, FRAME, day=1)
    assert "f15.py" not in files(crowded)
    selector.imported("f00.py", ["f15.py"], 99.0)
    assert selector.select(of(texts), {}, FRAME, day=1).changes == {}


def test_what_left_and_then_changed_is_withdrawn_once() -> None:
    """No model is left believing in a text that is no longer so."""
    selector = Selector(1_000)
    texts = sized(20)
    scores = {path: float(n) for n, path in enumerate(texts)}
    selector.select(of(texts), scores, FRAME, day=1)
    for n in range(3):
        selector.touch(f"f0{n}.py", 2.0 + n, "edited")
    gone = {u for u, text in selector.select(of(texts), scores, FRAME, day=1).changes.items() if text is None}
    assert gone
    path = min(gone)
    selector.changed(path)
    selector.changed("f00.py")
    assert selector.select(of(texts), scores, FRAME, day=1).withdrawn == (path,)
    selector.changed(path)
    assert selector.select(of(texts), scores, FRAME, day=1).withdrawn == ()


def test_a_member_that_is_deleted_or_may_no_longer_be_sent_is_withdrawn() -> None:
    """A file that turned secret, ignored or missing leaves at once, and the reason is told."""
    selector = Selector(1_000)
    candidates = dict(of(sized(3)))
    selector.select(candidates, {}, FRAME, day=1)
    candidates["f01.py"] = LeftOut("f01.py", Reason("ignored", ".gitignore"))
    selection = selector.select(candidates, {}, FRAME, day=1)
    assert selection.changes == {"f01.py": None}
    assert selection.withdrawn == ("f01.py",)
    assert selection.left_out == (("f01.py", "ignored by .gitignore"),)


def test_no_budget_means_nothing() -> None:
    """0 sends no prefix at all."""
    selector = Selector(0)
    selector.touch("f00.py", 1.0, "named")
    selection = selector.select(of(sized(3)), {}, FRAME, day=1)
    assert selection.units == {}
    assert selection.segments == ()


LARGE = '"""Head."""\nimport os\n\n' + "".join(
    f"class C{n}:\n" + "".join(f"    def m{k}(self):\n        return {'x' * 60!r}\n\n" for k in range(10))
    for n in range(5)
)


def test_large_files_are_cut_by_symbol() -> None:
    """Every line is in exactly one unit, none (that can be cut) is too large, and small files stay whole."""
    language = language_of("a.py")
    assert pieces("a.py", LARGE, language, 10_000) == (Piece("a.py", LARGE),)
    by_class = pieces("a.py", LARGE, language, 400)
    assert [piece.unit for piece in by_class] == ["a.py::@head", *(f"a.py::C{n}" for n in range(5))]
    assert sorted("".join(p.text for p in by_class)) == sorted(LARGE)
    by_method = pieces("a.py", LARGE, language, 100)
    assert len(by_method) == 51
    assert by_method[1].unit == "a.py::C0.m0"
    assert sorted("".join(p.text for p in by_method)) == sorted(LARGE)
    lines = "".join(f"line {n}\n" for n in range(1_000))
    stretches = pieces("a.unknown", lines, language_of("a.unknown"), 100)
    assert "".join(piece.text for piece in stretches) == lines
    assert [piece.unit for piece in stretches][:2] == ["a.unknown::@1", "a.unknown::@2"]
    assert max(tokens(len(piece.text)) for piece in stretches) <= 100


def test_cutting_any_text_loses_nothing() -> None:
    """Lines of any source, with any line ends and letters, come out exactly once; names of units differ."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stock = [
        "def f(a):\n",
        "    return '日'\n",
        "class X:\n",
        "    def m(self): pass\n",
        "\n",
        "@d\n",
        "x = 1\r\n",
        "  broken(\n",
    ]
    for _ in range(150):
        text = "".join(chance.choices(stock, k=chance.randrange(60)))
        found = pieces("a.py", text, language_of("a.py"), chance.randrange(1, 60))
        assert sorted("".join(p.text for p in found).split()) == sorted(text.split())
        assert len({p.unit for p in found}) == len(found)
        assert all(file_of(p.unit) == "a.py" for p in found)


def test_of_a_large_file_what_was_touched_enters_first() -> None:
    """The touched symbol and the head come with an edit, the rest as far as there is room."""
    selector = Selector(1_200)
    candidates = dict(of(sized(8)))
    candidates["a.py"] = pieces("a.py", LARGE, language_of("a.py"), 400)
    selector.select({k: v for k, v in candidates.items() if k != "a.py"}, {}, Frame(), day=1)
    selector.touch("a.py", 9.0, "edited", ["C3.m2"])
    selection = selector.select(candidates, {}, Frame(), day=1)
    assert {u for u, text in selection.changes.items() if text} == {"a.py::@head", "a.py::C3"}
    assert selection.priority["a.py::C3"] > selection.priority["a.py::@head"] > selection.priority["f00.py"]
    assert ("a.py", "only in part: no room in the budget") in selection.left_out


def random_run(seed: int, shuffle: int) -> list[bytes]:
    """A random workspace and history; `shuffle` decides only the order in which things are handed over."""
    chance, order = random.Random(seed), random.Random(shuffle)
    language = language_of("a.py")

    def shuffled(found: dict) -> dict:
        items = list(found.items())
        order.shuffle(items)
        return dict(items)

    names = [f"{'abc'[n % 3]}/m{n}.py" for n in range(chance.randrange(3, 16))]
    texts = {
        name: f"import m{chance.randrange(25)}\n" + "def f(): pass\n" * chance.randrange(1, 16)
        for name in names
    }
    selector = Selector(chance.choice([100, 300, 1_000]))
    planner = Planner()
    planner.open("lane", LanePrices(), "instructions")
    said = []
    for step in range(8):
        for _ in range(chance.randrange(3)):
            name = chance.choice(names)
            texts[name] = texts.get(name, "") + f"x = {step}\n"
            selector.touch(name, float(step), chance.choice(["edited", "opened", "named"]))
            selector.changed(name)
        if chance.random() < 0.2 and len(texts) > 1:
            texts.pop(chance.choice(sorted(texts)))
        day = step // 4
        index = shuffled(texts)
        resolver = Resolver(set(index))
        imports = {p: set(resolver.files(t_.split()[1], p, language)) for p, t_ in index.items()}
        scores = shuffled(rank(shuffled(imports)))
        map_ = ""
        if selector.wants_frame(day):
            outlines = {path: outline(path, symbols(text, language)) for path, text in index.items()}
            map_ = repository_map(ranked(scores), outlines.get, 60)
        candidates = {
            path: pieces(path, texts[path], language, selector.budget // 8)
            for path in selector.wanted(scores)
            if path in texts
        }
        selection = selector.select(shuffled(candidates), scores, Frame(instructions="i\n", map=map_), day)
        planner.context(shuffled(selection.changes), shuffled(selection.priority), selection.withdrawn)
        plan = planner.request("lane", float(step * 60), "review")
        planner.answered(plan)
        said.append(repr((plan, selection.left_out, list(selection.units))).encode("utf-8", "surrogatepass"))
    return said


ROUNDS = [200, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.skipif(not os.environ.get("PONDER_LONG"), reason="PONDER_LONG=1 runs it")])]  # fmt: skip


@pytest.mark.parametrize("rounds", ROUNDS)
def test_the_same_workspace_gives_the_same_bytes_in_any_order(rounds: int) -> None:
    """F-09: whatever order directories, maps and sets come in, every plan is the same, byte for byte."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    different, before = 0, [b""]
    for n in range(rounds):
        runs = [random_run(seed + n, shuffle) for shuffle in range(2)]
        assert runs[0] == runs[1], seed + n
        different += n > 0 and runs[0] != before
        before = runs[0]
    assert different == rounds - 1


def test_bytes_do_not_depend_on_the_hash_seed_or_the_locale(tmp_path) -> None:
    """F-09: another process, another hash seed, another locale and time zone: the same bytes."""
    import subprocess
    import sys
    from pathlib import Path

    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from test_context_select import random_run\n"
        "print(hashlib.sha256(b''.join(random_run(4, 0) + random_run(5, 1))).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, Path(__file__).parent],
            env={"PATH": "", "PYTHONHASHSEED": str(seed), "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, locale, zone in ((0, "C", "UTC"), (1, "tr_TR.UTF-8", "Asia/Tokyo"), (77, "C.UTF-8", "UTC"))
    }
    assert len(found) == 1


def test_when_anything_may_have_changed_all_that_left_is_withdrawn() -> None:
    """After lost events nobody knows: what a model may still show and is not in the context counts as out of date."""
    selector = Selector(1_000)
    texts = sized(20)
    scores = {path: float(n) for n, path in enumerate(texts)}
    selector.select(of(texts), scores, FRAME, day=1)
    for n in range(3):
        selector.touch(f"f0{n}.py", 2.0 + n, "edited")
    gone = {u for u, text in selector.select(of(texts), scores, FRAME, day=1).changes.items() if text is None}
    selector.changed(None)
    assert set(selector.select(of(texts), scores, FRAME, day=1).withdrawn) == gone


def test_parts_of_large_data_do_not_fill_the_context() -> None:
    """A large text without symbols comes in only when it is touched, and then with its start."""
    selector = Selector(1_000)
    data = pieces("data.csv", "1,2,3\n" * 1_000, language_of("data.csv"), 125)
    candidates = {"data.csv": data, **of(sized(2))}
    assert files(selector.select(candidates, {"data.csv": 9.0}, Frame(), day=1)) == {"f00.py", "f01.py"}
    selector.touch("data.csv", 1.0, "opened")
    assert files(selector.select(candidates, {}, Frame(), day=1)) == {"data.csv::@1", "f00.py", "f01.py"}
