"""Settings files: where they are looked for, and what a broken one costs."""

import os
from pathlib import Path

import pytest

from ponder.config.files import MOST_BYTES, read_files, user_file
from ponder.config.layers import resolve


def test_where_the_user_file_is(tmp_path: Path) -> None:
    """`$XDG_CONFIG_HOME` when it is absolute, else below the home directory."""
    assert user_file({"XDG_CONFIG_HOME": "/x"}, tmp_path) == Path("/x/ponder/config.toml")
    assert user_file({"XDG_CONFIG_HOME": "x"}, tmp_path) == tmp_path / ".config/ponder/config.toml"
    assert user_file({}, tmp_path) == tmp_path / ".config/ponder/config.toml"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"ponder.toml": "[hover]\nwaitMs = 1\n"}, 1),
        ({"pyproject.toml": "[tool.ponder.hover]\nwait_ms = 2\n"}, 2),
        ({"ponder.toml": "[hover]\nwaitMs = 1\n", "pyproject.toml": "[tool.ponder.hover]\nwaitMs = 2\n"}, 1),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, 1500),
        ({"pyproject.toml": "this is [not toml"}, 1500),
        ({"ponder.toml": "\N{BYTE ORDER MARK}[hover]\nwaitMs = 3\n"}, 3),
        ({}, 1500),
    ],
)
def test_which_file_speaks_for_a_workspace(tmp_path: Path, names: dict[str, str], expected: int) -> None:
    """`ponder.toml` before `pyproject.toml`; a project file without our table, or broken, is nobody's trouble."""
    for name, text in names.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = read_files(None, [tmp_path])
    resolved = resolve(user=files.user, workspace=files.workspace, problems=files.problems)

    assert resolved.settings.hover.wait_ms == expected
    assert resolved.problems == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[review\n", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"#" * (MOST_BYTES + 1), "is larger than"),
        (b"a = " + b"[" * 5_000, "is "),
    ],
)
def test_a_broken_file_costs_one_message(tmp_path: Path, content: bytes, words: str) -> None:
    """The file is ignored with a sentence that names it without its directory."""
    (tmp_path / "ponder.toml").write_bytes(content)
    files = read_files(None, [tmp_path])

    (problem,) = files.problems
    assert words in problem.message
    assert str(tmp_path) not in problem.message
    assert files.workspace is None


def test_a_pipe_in_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    """What is not a regular file is not opened."""
    os.mkfifo(tmp_path / "ponder.toml")
    (problem,) = read_files(tmp_path / "ponder.toml", []).problems
    assert "is not a file" in problem.message


def test_the_first_folder_with_a_file_decides(tmp_path: Path) -> None:
    """With several folders one file holds; the others are named."""
    for name, wait in (("a", 1), ("b", 2), ("c", 3)):
        (tmp_path / name).mkdir()
        if name != "a":
            (tmp_path / name / "ponder.toml").write_text(f"[hover]\nwaitMs = {wait}\n", encoding="utf-8")
    files = read_files(None, [tmp_path / name for name in "abc"])

    assert files.workspace == {"hover": {"waitMs": 2}}
    assert files.workspace_path == tmp_path / "b" / "ponder.toml"
    assert [problem.path for problem in files.problems] == ["ponder.toml"]
    assert "c/ponder.toml is not used" in files.problems[0].message


def test_user_and_workspace_files_together(tmp_path: Path) -> None:
    """The workspace's file stands over the user's."""
    (tmp_path / "config.toml").write_text("[hover]\nwaitMs = 1\nmode = 'off'\n", encoding="utf-8")
    (tmp_path / "ponder.toml").write_text("[hover]\nwaitMs = 2\n", encoding="utf-8")
    files = read_files(tmp_path / "config.toml", [tmp_path])
    resolved = resolve(user=files.user, workspace=files.workspace)

    assert (resolved.settings.hover.wait_ms, resolved.settings.hover.mode) == (2, "off")
    assert (resolved.origin("hover.waitMs"), resolved.origin("hover.mode")) == ("workspace", "user")
