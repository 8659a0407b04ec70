"""Random workspaces on disk: the same files give the same bytes, whatever the directory order, the times and the locale.

`PONDER_LONG=1` makes 1,000 of them in place of the few that fit into every run.
"""

import asyncio
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from test_context_gather import Workspace, make

from ponder.context.plan import LanePrices, Planner

COUNT = 1_000 if os.environ.get("PONDER_LONG") else 25
_LINES = ("import {0}", "def {0}(a, b):", "    return {0}", "class {0}:", "{0} = 1", "# {0}", "")
_WORDS = ("größe", "total", "İstanbul", "naïve", "x", "データ", "item")
_FOLDERS = ("", "src/", "src/deep/", "tests/", "Ünïcode/", "a b/")
_SECONDS = 2_000_000_000


def random_files(seed: int) -> dict[str, str]:
    """A small project: sources that import each other, rules, instructions, things that must stay out."""
    chance = random.Random(seed)
    files = {"AGENTS.md": f"Rule {seed}.\n", ".gitignore": "ignored*\n", "ignored.py": "no = 1\n"}
    for number in range(chance.randint(4, 14)):
        name = (
            f"{chance.choice(_FOLDERS)}{chance.choice(_WORDS)}_{number}{chance.choice(('.py', '.ts', '.md'))}"
        )
        lines = [chance.choice(_LINES).format(chance.choice(_WORDS)) for _ in range(chance.randint(1, 60))]
        files[name] = "\n".join(lines) + "\n"
    return files


def built(root: Path, files: dict[str, str], chance: random.Random) -> None:
    """Write the files in another order each time, with other times."""
    names = list(files)
    chance.shuffle(names)
    make(root, {name: files[name] for name in names})
    for name in names:
        os.utime(root / name, (chance.randrange(_SECONDS), chance.randrange(_SECONDS)))


async def told(root: Path, seed: int) -> bytes:
    """Every byte of the plan of a first request and of the one after an edit."""
    workspace, planner = Workspace(root, budget=random.Random(seed).choice((300, 1_000, 32_000))), Planner()
    planner.open("lane", LanePrices(minimum=50), "instructions")
    said = []
    for now in (10.0, 20.0):
        selection = await workspace.gather(now=now, at_hand="AGENTS.md")
        planner.context(selection.changes, selection.priority, selection.withdrawn)
        plan = planner.request("lane", now, "action")
        planner.answered(plan)
        said.append(repr((plan, selection.left_out, selection.segments)))
        (root / "AGENTS.md").write_text(f"Rule {seed}, changed.\n")
    return "\n".join(said).encode("utf-8", "surrogatepass")


def digest(folder: Path, first: int, count: int, salt: int) -> str:
    """The digest of what these workspaces tell, each built anew below `folder`."""
    sum_ = hashlib.sha256()
    for seed in range(first, first + count):
        root = folder / f"at{salt}" / f"w{seed}"
        built(root, random_files(seed), random.Random(f"{seed} {salt}"))
        sum_.update(asyncio.run(told(root, seed)))
    return sum_.hexdigest()


def elsewhere(folder: Path, first: int, salt: int, locale: str, zone: str) -> str:
    """`digest` in a process of another hash seed, locale and time zone."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from test_context_bytes import digest\n"
        "print(digest(Path(sys.argv[2]), *map(int, sys.argv[3:])))"
    )
    ours = {"PYTHONHASHSEED": str(salt), "LC_ALL": locale, "TZ": zone, "PYTHONUTF8": "1"}
    arguments = [str(Path(__file__).parent), str(folder), str(first), str(COUNT), str(salt)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={"PATH": os.environ["PATH"], **ours},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.timeout(3_600)
def test_a_workspace_is_told_in_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """F-09: shuffled creation, random times, three locales, zones and hash seeds: one text for each workspace."""
    first = random.randrange(2**31)
    print(f"seed {first}")
    settings = [("C", "UTC"), ("tr_TR.UTF-8", "Asia/Tokyo"), ("de_DE.UTF-8", "America/St_Johns")]
    found = {elsewhere(tmp_path, first, salt, *setting) for salt, setting in enumerate(settings)}
    assert len(found) == 1, first


def test_other_files_are_told_in_other_bytes(tmp_path: Path) -> None:
    """The comparison can fail: a workspace that differs in one line has another digest."""
    root = tmp_path / "one"
    built(root, random_files(3), random.Random(0))
    before = asyncio.run(told(root, 3))
    (tmp_path / "two").mkdir()
    built(tmp_path / "two", random_files(3) | {"src/more.py": "x = 1\n"}, random.Random(0))
    assert asyncio.run(told(tmp_path / "two", 3)) != before
