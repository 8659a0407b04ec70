"""Which files a workspace has, whatever the file system holds."""

import os
import random
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from ponder.context.index import git, walk
from ponder.context.index.index import Environment, WorkspaceIndex
from ponder.context.index.scope import too_wide
from ponder.files.ignore import IgnoreRules

QUIET = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
GIT = git.program(QUIET)


def make(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def in_git(folder: Path, *arguments: str) -> None:
    assert GIT is not None
    subprocess.run(
        [GIT, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env=QUIET,
        check=True,
        capture_output=True,
    )


def index_of(*folders: Path, home: str | None = None, notices: list[str] | None = None) -> WorkspaceIndex:
    told = [] if notices is None else notices
    return WorkspaceIndex([str(folder) for folder in folders], Environment(QUIET, home), told.append)


async def listed(*folders: Path) -> dict[str, list[str]]:
    index = index_of(*folders)
    await index.scan()
    return {Path(folder).name: sorted(files) for folder, files in index.files.items()}


FETCHED = {
    "a.py": "",
    "node_modules/x/index.js": "",
    "sub/node_modules/y.js": "",
    "pkg/__pycache__/a.py": "",
    ".tox/a.py": "",
    ".mypy_cache/a.json": "",
    ".ruff_cache/a": "",
    ".venv/pyvenv.cfg": "",
    ".venv/lib/a.py": "",
    "other/pyvenv.cfg": "",
    "other/a.py": "",
    "venv/own.py": "",
}


@pytest.mark.parametrize("repository", [True, False])
async def test_what_was_fetched_is_never_told(tmp_path: Path, repository: bool) -> None:
    """Dependencies, environments and caches are no part of the workspace, ignored or not, and the reason is told."""
    make(tmp_path, FETCHED)
    if repository:
        in_git(tmp_path, "init", "-q")
    index = index_of(tmp_path)
    await index.scan()
    assert sorted(index.files[str(tmp_path.resolve())]) == ["a.py", "venv/own.py"]
    left_out = await index.left_out()
    assert left_out["node_modules/"] == "a folder of dependencies"
    assert left_out[".venv/"] == left_out["other/"] == "a virtual environment"
    place = index.jail.place(tmp_path / "node_modules" / "x" / "index.js")
    assert place is not None
    reason = index.ignored(place)
    assert reason is not None
    assert reason.words == "in a folder of dependencies (`node_modules`)"


IGNORED = {
    ".gitignore": "*.log\n/out/\n!keep.log\nsub/*.tmp\n",
    ".ponderignore": "private*\n",
    "a.py": "",
    "keep.log": "",
    "x.log": "",
    "out/a": "",
    "sub/out/a": "",
    "sub/a.tmp": "",
    "sub/.gitignore": "!*.tmp\nb.py\n",
    "sub/b.py": "",
    "sub/deep/b.py": "",
    "private.py": "",
    "sub/private/x": "",
}
SEEN = [".gitignore", ".ponderignore", "a.py", "keep.log", "sub/.gitignore", "sub/a.tmp", "sub/out/a"]


@pytest.mark.parametrize("repository", [True, False])
async def test_ignore_rules_hold_with_git_and_without(tmp_path: Path, repository: bool) -> None:
    """F-05: nested files, negations and `.ponderignore` give the same list, whoever makes it."""
    make(tmp_path, IGNORED)
    if repository:
        in_git(tmp_path, "init")
        in_git(tmp_path, "add", "a.py")
    assert await listed(tmp_path) == {tmp_path.name: SEEN}


async def test_a_ponderignore_that_git_ignores_still_counts(tmp_path: Path) -> None:
    """It does not have to be committed, nor does it have to stand in the opened folder."""
    make(
        tmp_path,
        {
            ".gitignore": ".ponderignore\n",
            ".ponderignore": "secret.py\n",
            "app/secret.py": "",
            "app/a.py": "",
        },
    )
    in_git(tmp_path, "init")
    assert (await listed(tmp_path / "app"))["app"] == ["a.py"]
    assert (await listed(tmp_path))[tmp_path.name] == [".gitignore", "app/a.py"]


def test_random_trees_are_listed_as_git_lists_them(tmp_path: Path) -> None:
    """The walk and git agree on any mixture of patterns, directories and names."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    names = ["a", "b.py", "c.txt", "d e", "é", "x.log", "build", "日"]
    patterns = [
        "*.py",
        "a",
        "/a",
        "a/",
        "!b.py",
        "**/c.txt",
        "build/**",
        "x.*",
        "d\\ e",
        "[ab]*",
        "!*.txt",
        "a/b.py",
        "é",
    ]
    for round_ in range(25):
        root = tmp_path / str(round_)
        root.mkdir()
        directories = [root]
        for _ in range(chance.randrange(2, 12)):
            directory = chance.choice(directories) / chance.choice(names)
            directory.mkdir(exist_ok=True)
            directories.append(directory)
        for directory in directories:
            for name in chance.sample(names, 4):
                if not (directory / name).exists():
                    (directory / name).touch()
            if chance.random() < 0.5:
                lines = chance.sample(patterns, chance.randrange(1, 5))
                (directory / ".gitignore").write_text("\n".join(lines) + "\n")
        in_git(root, "init")
        assert GIT is not None
        expected = git.files(str(root), GIT, QUIET)
        shutil.rmtree(root / ".git")
        found = walk.files(str(root), IgnoreRules(str(root)))
        assert set(found.files) == expected, round_
        assert found.files == sorted(found.files)


async def test_links_devices_and_loops_are_left_alone(tmp_path: Path) -> None:
    """F-02: loops, dangling links, links outside and to `/`, pipes and sockets: bounded, and nothing outside."""
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    make(outside, {"secret": "x"})
    make(root, {"a.py": "", "d/b.py": ""})
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "dangling").symlink_to("nowhere")
    (root / "out").symlink_to(outside)
    (root / "slash").symlink_to("/")
    (root / "file").symlink_to(outside / "secret")
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "s"))
        assert await listed(root) == {"root": ["a.py", "d/b.py"]}
    in_git(root, "init")
    index = index_of(root)
    await index.scan()
    files = index.files[str(root)]
    assert {"a.py", "d/b.py"} <= files
    # Git names links; the jail keeps what they point to out.
    for name in files - {"a.py", "d/b.py"}:
        place = index.jail.place(index.path_of(str(root), name))
        assert place is None or place.relative != name, name


NAMES = [
    b"caf\xe9.py",
    b"new\nline.py",
    b"x" * 251 + b".py",
    "\u202eevil.py".encode(),
    b"trail. ",
    b"-rf",
    b"a\\b",
    b"\x1b[31m",
]


@pytest.mark.parametrize("repository", [True, False])
async def test_names_of_any_bytes_survive(tmp_path: Path, repository: bool) -> None:
    """F-03: every name is found, leads back to its file, and is one visible line for the model."""
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb"):
            pass
    if repository:
        in_git(tmp_path, "init")
    index = index_of(tmp_path)
    await index.scan()
    found = index.files[str(tmp_path)]
    assert {os.fsencode(name) for name in found} == set(NAMES)
    labels = {index.labels.of(str(tmp_path), name) for name in found}
    assert len(labels) == len(NAMES)
    for label in labels:
        assert label.isprintable()
        label.encode()


async def test_directories_that_vanish_or_are_closed_are_skipped(tmp_path: Path) -> None:
    """F-04: counted, not fatal."""
    make(tmp_path, {"a.py": "", "gone/b.py": ""})
    rules = IgnoreRules(str(tmp_path))
    real = walk._kind

    def vanishing(entry: os.DirEntry[str]):
        kind = real(entry)
        if entry.name == "gone":
            shutil.rmtree(tmp_path / "gone", ignore_errors=True)
        return kind

    walk._kind = vanishing
    try:
        found = walk.files(str(tmp_path), rules)
    finally:
        walk._kind = real
    assert found.files == ["a.py"]
    assert found.unreadable == 1
    assert walk.files(str(tmp_path / "missing"), rules).unreadable == 1


async def test_a_closed_directory_hides_only_itself(tmp_path: Path) -> None:
    """F-04: permission denied (where this user can be denied anything)."""
    make(tmp_path, {"a.py": "", "closed/b.py": ""})
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        assert await listed(tmp_path) == {tmp_path.name: ["a.py"]}
    finally:
        (tmp_path / "closed").chmod(0o700)


@pytest.mark.parametrize("repository", [True, False])
async def test_nested_and_overlapping_folders_hold_each_file_once(tmp_path: Path, repository: bool) -> None:
    """F-07: the innermost folder owns a file; names in the prefix tell the folders apart."""
    make(
        tmp_path,
        {"outer/a.py": "", "outer/inner/b.py": "", "outer/inner/deep/c.py": "", "outer2/inner/d.py": ""},
    )
    if repository:
        in_git(tmp_path / "outer", "init")
    folders = [
        tmp_path / "outer",
        tmp_path / "outer/inner",
        tmp_path / "outer",
        tmp_path / "outer2" / "inner",
    ]
    index = index_of(*folders)
    await index.scan()
    found = {(folder, name) for folder, names in index.files.items() for name in names}
    assert found == {
        (str(folders[0]), "a.py"),
        (str(folders[1]), "b.py"),
        (str(folders[1]), "deep/c.py"),
        (str(folders[3]), "d.py"),
    }
    assert {index.labels.of(*one) for one in found} == {
        "outer/a.py",
        "inner/b.py",
        "inner/deep/c.py",
        "inner-2/d.py",
    }


@pytest.mark.parametrize(
    ("folder", "home", "wide"),
    [("/", "/home/u", True), ("/home/u", "/home/u", True), ("/home", "/home/u", True), ("/home/u/p", "/home/u", False), ("/p", None, False)],
)  # fmt: skip
def test_too_wide(folder: str, home: str | None, wide: bool) -> None:
    """F-12: the whole disk and a home directory are no projects."""
    assert (too_wide(folder, home) is not None) == wide


async def test_the_whole_disk_is_not_scanned(tmp_path: Path) -> None:
    """F-12: one notice, no file listed, none may be sent, nothing to watch; other folders work."""
    make(tmp_path / "home" / "project", {"a.py": ""})
    make(tmp_path / "home", {"b.py": ""})
    notices: list[str] = []
    home = tmp_path / "home"
    index = index_of(Path("/"), home, home / "project", home=str(home), notices=notices)
    await index.scan()
    assert {folder: len(files) for folder, files in index.files.items()} == {
        "/": 0,
        str(home): 0,
        str(home / "project"): 1,
    }
    assert len(notices) == 2
    assert index.watched == (str(home / "project"),)
    place = index.jail.place(home / "b.py")
    assert place is not None
    assert index.ignored(place) is not None
    assert index_of().watched == ()
    await index_of().scan()


async def test_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    """A monitor or hook that the repository's own settings name is not started, and GIT_DIR leads nowhere else."""
    root = tmp_path / "root"
    make(root, {"a.py": "", "b/c.py": ""})
    in_git(root, "init")
    in_git(root, "add", "a.py")
    canary = tmp_path / "canary"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    with (root / ".git" / "config").open("a") as file:
        file.write(f"[core]\n fsmonitor = {script}\n hooksPath = {tmp_path}\n untrackedCache = true\n")
        file.write(f'[alias]\n ls-files = "!{script}"\n[core]\n pager = {script}\n sshCommand = {script}\n')
    (tmp_path / "post-index-change").symlink_to(script)
    assert GIT is not None
    other = tmp_path / "other"
    make(other, {"wrong.py": ""})
    in_git(other, "init")
    found = git.files(str(root), GIT, QUIET | {"GIT_DIR": str(other / ".git"), "GIT_TRACE": str(canary)})
    assert found == {"a.py", "b/c.py"}
    assert not canary.exists()
    # The canary does sing where nothing is done against it.
    subprocess.run([GIT, "ls-files", "-co"], cwd=root, env=QUIET, check=False, capture_output=True)
    assert canary.exists()


def test_git_comes_from_an_absolute_place(tmp_path: Path) -> None:
    """A `git` in the opened folder is not run through a relative search path."""
    make(tmp_path, {"git": "#!/bin/sh\n"})
    (tmp_path / "git").chmod(0o755)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert git.program({"PATH": ".:"}) is None
        assert git.program({}) is None
    finally:
        os.chdir(here)


async def test_repositories_inside_repositories_are_looked_into(tmp_path: Path) -> None:
    """Submodules and untracked clones: their own rules, names from the top."""
    make(tmp_path / "lib", {"l.py": "", "x.log": "", ".gitignore": "*.log\n"})
    in_git(tmp_path / "lib", "init")
    in_git(tmp_path / "lib", "add", ".")
    in_git(tmp_path / "lib", "commit", "-m", "x")
    root = tmp_path / "root"
    make(root, {"a.py": "", "clone/c.py": "", "clone/y.log": "", "clone/.gitignore": "*.log\n"})
    in_git(root, "init")
    in_git(root / "clone", "init")
    in_git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(tmp_path / "lib"), "sub")
    (root / "sub" / "x.log").touch()
    assert (await listed(root))["root"] == [
        ".gitmodules",
        "a.py",
        "clone/.gitignore",
        "clone/c.py",
        "sub/.gitignore",
        "sub/l.py",
    ]
