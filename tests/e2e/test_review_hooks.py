"""The pre-commit hooks and the CI example of the documentation, word by word, in real repositories."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.test_review_cli import BUG, CLEAN, Cli, asked, endpoint, write

ROOT = Path(__file__).parents[2]
HOOKS = re.findall(
    r"^- id: (\S+)$.*?^  entry: (.+?)$\n  args: \[(.+?)\]", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.M | re.S
)  # fmt: skip
EXAMPLE = (ROOT / "server" / "docs" / "ci.md").read_text()


def git(folder: Path, *arguments: str) -> str:
    who = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    names = {f"GIT_{role}_{part}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    environment = os.environ | who | names
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def commands() -> Iterator[tuple[str, list[str]]]:
    """What pre-commit runs, without the names of the files."""
    for name, entry, arguments in HOOKS:
        program, *rest = [*shlex.split(entry), *arguments.split(", ")]
        assert program == "ponder"
        yield name, rest


async def staged(cli: Cli, files: dict[str, str], command: list[str]) -> tuple[int, str]:
    """Stage files and run a hook on them, as pre-commit does."""
    write(cli.folder, files)
    git(cli.folder, "add", "-A")
    code, out, err = await cli(*command, *files)
    return code, out + err


def test_there_are_two_hooks() -> None:
    """The pattern above finds what the file has."""
    assert [name for name, _ in commands()] == ["ponder-review", "ponder-review-changes"]


@pytest.mark.parametrize(("name", "command"), list(commands()))
async def test_hooks_as_they_are_defined(tmp_path: Path, name: str, command: list[str]) -> None:
    """The very first commit, a bug, a file nobody may read, odd names, a bug that was there before."""
    async with endpoint(tmp_path) as (cli, offline):
        git(cli.folder, "init", "-q")
        code, said = await staged(cli, {"a.py": CLEAN}, command)
        assert code == 0, said
        code, said = await staged(cli, {"a.py": BUG}, command)
        assert (code, "index-at-length" in said) == (1, True), said
        git(cli.folder, "commit", "-qm", "first")
        before = len(asked(offline))
        code, said = await staged(cli, {"generated.py": BUG, ".ponderignore": "generated.py\n"}, command)
        assert code == 0, said
        assert "left out generated.py: ignored" in said
        assert "generated.py" not in asked(offline)[before:]
        code, said = await staged(cli, {"ö dd -- name.py": CLEAN}, command)
        assert code == 0, said
        code, said = await staged(cli, {"a.py": BUG + "\n\nNAME = 1\n"}, command)
        assert code == (1 if name == "ponder-review" else 0), said


async def test_a_file_nobody_may_read_is_incomplete_without_the_word(tmp_path: Path) -> None:
    """Who names such a file alone is told so by the exit code, unless they said that it may be skipped."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": BUG, ".ponderignore": "a.py\n"})
        assert (await cli("review", "a.py"))[0] == 3
        assert (await cli("review", "--skip-left-out", "a.py"))[0] == 0
        assert (await cli("review", "--skip-left-out", "missing.py"))[0] == 2


async def test_what_fails_is_incomplete_all_the_same(tmp_path: Path) -> None:
    """`--skip-left-out` says nothing of files that could not be reviewed to the end."""
    async with endpoint(tmp_path, "status=500") as (cli, _):
        write(cli.folder, {"a.py": BUG})
        assert (await cli("review", "--skip-left-out", "a.py"))[0] == 3


async def test_the_ci_example_as_it_is_written(tmp_path: Path) -> None:
    """Its command, in a fresh clone of a pull request's branch: what the branch changed, and a log to upload."""
    (line,) = re.findall(r"^      - run: ponder (review .+)$", EXAMPLE, re.M)
    arguments = shlex.split(line.replace("${{ github.base_ref }}", "main"))
    upstream = tmp_path / "upstream"
    upstream.mkdir()
    git(upstream, "init", "-q")
    write(upstream, {"old.py": BUG, "same.py": CLEAN})
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "old")
    git(upstream, "checkout", "-qb", "feature")
    write(upstream, {"new.py": BUG, "old.py": f"{BUG}\n\nNAME = 1\n"})
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "new")
    git(upstream, "checkout", "-q", "main")
    write(upstream, {"later.py": BUG})
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "later on the base")
    async with endpoint(tmp_path) as (cli, offline):
        cli.folder.rmdir()
        git(tmp_path, "clone", "-q", "--branch", "feature", str(upstream), str(cli.folder))
        code, _, err = await cli(*arguments)
        assert code == 1, err
        assert sorted(asked(offline)) == ["new.py", "old.py"]
        log = json.loads((cli.folder / "ponder.sarif").read_text())
        found = [
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for one in log["runs"][0]["results"]
        ]
        assert set(found) == {"new.py"}
        assert (await cli(*arguments))[0] == 1
        assert len(asked(offline)) == 2, "the kept state directory makes the second run free"
