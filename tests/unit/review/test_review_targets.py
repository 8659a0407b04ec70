"""Which folder jails a review, and which files of a directory are code."""

from pathlib import Path

import pytest

from ponder.errors import PonderError
from ponder.files.ignore import IgnoreRules
from ponder.files.jail import Jail, Place
from ponder.files.reasons import Reason
from ponder.review.targets import folders_of, gather


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")


def found(folder: Path, *paths: str) -> tuple[list[str], list[str]]:
    jail, rules = Jail((folder,)), IgnoreRules(folder)

    def ignored(place: Place) -> Reason | None:
        return rules.ignored(place.relative)

    got = gather(paths, here=str(folder), jail=jail, ignored=ignored, environ={})
    return [target.document.path for target in got.targets], [one.path for one in got.left_out]


def test_the_folder_is_where_one_stands_or_what_a_path_lies_in(tmp_path: Path) -> None:
    """Inside: the current folder; outside: the repository around the path; a link out of it widens nothing."""
    here, other = tmp_path / "here", tmp_path / "other"
    make(here, "a.py")
    make(other, "src/b.py")
    (here / "out.py").symlink_to(other / "src/b.py")
    assert folders_of(("a.py", ".", "out.py"), str(here)) == (str(here),)
    assert folders_of((str(other / "src"),), str(here)) == (str(other / "src"),)
    (other / ".git").mkdir()
    assert folders_of(("../other/src/b.py",), str(here)) == (str(other),)
    assert found(here, "out.py") == ([], ["out.py"])


def test_code_of_a_directory(tmp_path: Path) -> None:
    """Code under the ignore rules, each file once, by path; prose, data and what tools make only when named."""
    make(
        tmp_path,
        "b.py",
        "a/c.go",
        "notes.md",
        "data.json",
        "lib.min.js",
        "vendor/d.py",
        "no/e.py",
        "x_pb2.py",
    )
    (tmp_path / ".ponderignore").write_text("no/\n")
    (tmp_path / "empty.py").write_text("\n")
    assert found(tmp_path, ".", "a", "b.py") == (["a/c.go", "b.py"], [])
    assert found(tmp_path, "notes.md", "data.json", "x_pb2.py", "empty.py")[0] == [
        "data.json",
        "empty.py",
        "notes.md",
        "x_pb2.py",
    ]
    assert found(tmp_path, "no/e.py") == ([], ["no/e.py"])


@pytest.mark.parametrize("path", ["missing.py", "/"])
def test_paths_that_cannot_be_meant(tmp_path: Path, path: str) -> None:
    """One sentence for what is not there, and for the whole disk."""
    with pytest.raises(PonderError):
        found(tmp_path, path)
