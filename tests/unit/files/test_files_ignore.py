"""F-05: which paths are ignored, compared with git itself."""

import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from ponder.files.ignore import IgnoreRules, global_excludes_file
from ponder.files.ignore_patterns import parse_ignore

NAMES = [
    "a",
    "b",
    "ab",
    "foo",
    "bar.py",
    "x.o",
    "build",
    "a b",
    "#c",
    "!d",
    "t ",
    "é",
    "[z]",
    "A1",
    "b.c",
    ".hid",
]
PIECES = [
    "a", "b", "*", "**", "?", "/", "/", "foo", "bar", "[ab]", "[!a]", "[^a-b]", "[[:alpha:]]", ".py", "\\", "!", "#", " ", "x",
    "build/", "**/", "/**", "*.o", "[z", "\\[", "é", "[a/b]", "]", "-", "[]-a]", "[a\\]]", "[[:nope:]]", "\t", "?*", ".*",
]  # fmt: skip


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], input=stdin, capture_output=True, env=environment, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def _tree(folder: Path, source: random.Random) -> list[tuple[str, bool]]:
    directories, paths = [""], []
    for number in range(45):
        parent = source.choice(directories)
        path = f"{parent}/{source.choice(NAMES)}".lstrip("/")
        if (folder / path).exists():
            continue
        if number < 13:
            (folder / path).mkdir()
            directories.append(path)
        else:
            (folder / path).touch()
        paths.append((path, number < 13))
    for directory in directories:
        if source.random() < 0.5:
            (folder / directory / ".gitignore").write_text(_lines(source) + source.choice(["", "\n", "\r\n"]))
    (folder / ".git" / "info" / "exclude").write_text(_lines(source))
    return paths


def _lines(source: random.Random) -> str:
    lines = []
    while len(lines) < 4:
        line = ("!" if source.random() < 0.3 else "") + "".join(
            source.choices(PIECES, k=source.randint(1, 4))
        )
        # git reads `b**/x` as `b` before `**/x`, an accident of its prefix shortcut that is not copied here.
        if not re.search(r"[^/!]\*\*+/", line):
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(25))
def test_the_same_verdicts_as_git(tmp_path: Path, seed: int) -> None:
    """F-05: on random trees with random rules, nested and negated, every verdict is that of `git check-ignore`."""
    _git(tmp_path, "init", "-q")
    paths = _tree(tmp_path, random.Random(seed))
    stdin = "\0".join(path for path, _ in paths).encode()
    answer = _git(tmp_path, "check-ignore", "-z", "--stdin", "-v", "-n", "--no-index", stdin=stdin)
    fields = answer.decode().split("\0")
    rows = [fields[start : start + 4] for start in range(0, len(fields) - 1, 4)]
    assert len(rows) == len(paths)
    rules = IgnoreRules(os.path.realpath(tmp_path))
    for (path, is_dir), (source, line, pattern, _) in zip(paths, rows, strict=True):
        expected = bool(source) and not pattern.startswith("!")
        assert bool(rules.ignored(path, is_dir)) == expected, (seed, path, source, line, pattern)


def why(rules: IgnoreRules, path: str) -> str | None:
    """The reason in words."""
    reason = rules.ignored(path)
    return reason.words if reason is not None else None


@pytest.mark.parametrize(
    ("gitignore", "ponderignore", "path", "reason"),
    [
        ("*.log\n", "", "x.log", "ignored by .gitignore"),
        ("", "*.log\n", "x.log", "ignored by .ponderignore"),
        ("*.log\n", "!x.log\n", "x.log", "ignored by .gitignore"),
        ("!x.log\n", "*.log\n", "x.log", "ignored by .ponderignore"),
        ("node_modules/\n", "", "a/node_modules/b/c.js", "ignored by .gitignore"),
        ("node_modules/\n!node_modules/b\n", "", "node_modules/b", "ignored by .gitignore"),
        ("/build\n", "", "a/build", None),
        ("", "", ".git/config", "inside .git"),
        ("", "", "sub/.GIT/hooks/x", "inside .git"),
        ("", "", ".gitignore", None),
    ],
)
def test_reasons(tmp_path: Path, gitignore: str, ponderignore: str, path: str, reason: str | None) -> None:
    """Either kind of file ignores; neither takes back what the other one said."""
    (tmp_path / ".gitignore").write_text(gitignore)
    (tmp_path / ".ponderignore").write_text(ponderignore)
    assert why(IgnoreRules(tmp_path), path) == reason


def test_a_folder_below_the_root_of_a_repository_obeys_it(tmp_path: Path) -> None:
    """Rules above the workspace folder count, anchored where they stand; so do the user's own excludes."""
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("private\n")
    (tmp_path / ".gitignore").write_text("/pkg/out\n*.tmp\n")
    (tmp_path / "mine").write_text("*.swp\n")
    (tmp_path / "pkg").mkdir()
    rules = IgnoreRules(tmp_path / "pkg", global_excludes=str(tmp_path / "mine"))
    verdicts = {path: why(rules, path) for path in ("out", "a.tmp", "private", "b.swp", "src/out", "a.py")}
    assert verdicts == {
        "out": "ignored by .gitignore",
        "a.tmp": "ignored by .gitignore",
        "private": "ignored by .git/info/exclude",
        "b.swp": "ignored by git's global excludes",
        "src/out": None,
        "a.py": None,
    }


def test_what_cannot_be_read_ignores_all_beside_it(tmp_path: Path) -> None:
    """X-18: a limit that is passed closes. Too large, or a link: nothing beside it is read."""
    for name in ("large", "linked", "fine"):
        (tmp_path / name).mkdir()
    (tmp_path / "large" / ".gitignore").write_text("#" * 1_100_000)
    (tmp_path / "linked" / ".gitignore").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "fine" / ".gitignore")
    rules = IgnoreRules(tmp_path)
    assert why(rules, "large/a.py") == "ignored by large/.gitignore"
    assert why(rules, "linked/a.py") == "ignored by linked/.gitignore"
    assert rules.ignored("fine/a.py") is None


def test_rules_are_read_again_after_forget(tmp_path: Path) -> None:
    """Verdicts are kept until an ignore file changes."""
    rules = IgnoreRules(tmp_path)
    assert rules.ignored("a.log") is None
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert rules.ignored("a.log") is None
    rules.forget("src/other.py")
    assert rules.ignored("a.log") is None
    rules.forget(".gitignore")
    assert why(rules, "a.log") == "ignored by .gitignore"


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 60 + "b", "**/" * 60 + "x", "?*" * 100 + "z", "[a-z]*" * 80 + "Z", "a**" * 80, "(a+)+$"],
)
def test_hostile_patterns_are_linear(pattern: str) -> None:
    """X-21: no pattern goes back over a long name; the suite's own time-out is the judge."""
    (parsed,) = parse_ignore(pattern)
    long_path = ["a" * 255] * 400
    assert parsed.matches(long_path, is_dir=False) in (True, False)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("[core]\n\texcludesFile = ~/mine\n", "{home}/mine"),
        ('[user]\nname = x\n[core]\neditor=vi\nexcludesfile = "/etc/ignore"\n', "/etc/ignore"),
        ("[core]\neditor=vi\n[other]\nexcludesFile = /no\n", "{home}/.config/git/ignore"),
        (None, "{home}/.config/git/ignore"),
    ],
)
def test_where_the_users_excludes_are(tmp_path: Path, config: str | None, expected: str) -> None:
    """`core.excludesFile` of the user's settings, else git's default place."""
    if config is not None:
        (tmp_path / ".gitconfig").write_text(config)
    assert global_excludes_file({"HOME": str(tmp_path)}) == expected.format(home=tmp_path)
    assert global_excludes_file({}) is None
