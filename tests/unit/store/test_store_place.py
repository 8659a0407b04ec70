"""Where state lives, and transcripts there."""

import itertools
import os
import secrets
from pathlib import Path

import pytest

from ponder.store.place import state_directory
from ponder.store.transcripts import Transcripts

HOME = Path("/home/u")


@pytest.mark.parametrize(
    ("environ", "platform", "home", "expected"),
    [
        ({"PONDER_STATE_DIR": "/a/b", "XDG_STATE_HOME": "/x"}, "linux", HOME, "/a/b"),
        ({"XDG_STATE_HOME": "/x"}, "linux", HOME, "/x/ponder"),
        ({"XDG_STATE_HOME": "/x"}, "darwin", HOME, "/x/ponder"),
        ({"XDG_STATE_HOME": "relative"}, "linux", HOME, "/home/u/.local/state/ponder"),
        ({"PONDER_STATE_DIR": ""}, "linux", HOME, "/home/u/.local/state/ponder"),
        ({}, "darwin", HOME, "/home/u/Library/Application Support/ponder"),
        ({"LOCALAPPDATA": "/l"}, "win32", HOME, "/l/ponder"),
        ({}, "win32", HOME, "/home/u/AppData/Local/ponder"),
        ({}, "linux", None, None),
        ({"LOCALAPPDATA": "/l"}, "linux", None, None),
        ({"PONDER_STATE_DIR": "/a"}, "linux", None, "/a"),
    ],
)
def test_state_directory(
    environ: dict[str, str], platform: str, home: Path | None, expected: str | None
) -> None:
    """The user's word, then XDG, then the platform's custom; relative paths are ignored."""
    found = state_directory(environ, platform, home)
    assert found == (Path(expected) if expected else None)


@pytest.fixture
def transcripts(tmp_path: Path) -> Transcripts:
    return Transcripts(tmp_path / "transcripts", lambda: secrets.token_hex(16))


def test_a_transcript_is_replaced_as_a_whole(transcripts: Transcripts) -> None:
    """A reader sees the old text or the new one; no other file is left behind."""
    path = transcripts.new_path("Review file!")
    assert path.name.startswith("review-file-")
    assert transcripts.write(path, "# one\n")
    before = path.open()
    assert transcripts.write(path, "# two \udcff\n")
    assert before.read() == "# one\n"
    before.close()
    assert transcripts.read(path) == "# two ?\n"
    assert [entry.name for entry in transcripts.directory.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    assert transcripts.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["../x.md", "x.md", ".hidden", "review-0.md", "a/review-" + "0" * 32 + ".md"]
)
def test_only_transcripts_are_written_and_read(transcripts: Transcripts, name: str) -> None:
    """X-08: nothing outside, nothing with a foreseeable name."""
    with pytest.raises(ValueError, match="transcript"):
        transcripts.write(transcripts.directory / name, "x")
    assert transcripts.read(transcripts.directory / name) is None


def test_a_planted_link_is_not_followed(transcripts: Transcripts, tmp_path: Path) -> None:
    """S-13: a link where the transcript goes is replaced, its target untouched; a link is never read."""
    path = transcripts.new_path("fix")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    transcripts.directory.mkdir()
    path.symlink_to(victim)
    assert transcripts.read(path) is None
    assert transcripts.write(path, "new")
    assert victim.read_text() == "mine"
    assert not path.is_symlink()
    assert transcripts.read(path) == "new"


def test_a_directory_that_cannot_be_used_is_reported(tmp_path: Path) -> None:
    """S-06: no exception, False."""
    (tmp_path / "file").touch()
    transcripts = Transcripts(tmp_path / "file" / "x", lambda: secrets.token_hex(16))
    assert not transcripts.write(transcripts.new_path("fix"), "x")
    assert transcripts.prune(0.0) == 0


def test_pruning_keeps_the_newest(transcripts: Transcripts) -> None:
    """Number and size are both bounded; what a crash left goes after an hour; strangers' files stay."""
    now = 1_790_000_000.0
    paths = [transcripts.new_path("fix") for _ in range(10)]
    for path, age in zip(paths, itertools.count(), strict=False):
        assert transcripts.write(path, "x" * 100)
        os.utime(path, (now - age, now - age))
    for name, age in (("old.part", 7200), ("new.part", 10), ("README", 9999)):
        (transcripts.directory / name).touch()
        os.utime(transcripts.directory / name, (now - age, now - age))
    assert transcripts.prune(now, most_files=6) == 5
    assert [path.exists() for path in paths] == [True] * 6 + [False] * 4
    assert transcripts.prune(now, most_bytes=350) == 3
    assert {entry.name for entry in transcripts.directory.iterdir()} == {
        "new.part",
        "README",
        *(path.name for path in paths[:3]),
    }
