"""The index as files and settings change: what came and went, scans that overlap, what is told of a file."""

import asyncio
import shutil
from pathlib import Path

import pytest
from test_index_listing import IGNORED, QUIET, index_of, make

from ponder.context.index.index import Environment, PathChange, WorkspaceIndex
from ponder.context.index.scope import plain


async def test_changes_are_taken_over_one_by_one(tmp_path: Path) -> None:
    """A written, a removed and an ignored file; a changed rule file and a directory make a new scan."""
    make(tmp_path, {"a.py": "", "x.log": "", "d/e.py": ""})
    index = index_of(tmp_path)
    await index.scan()
    files = lambda: sorted(index.files[str(tmp_path)])  # noqa: E731
    assert files() == ["a.py", "d/e.py", "x.log"]

    make(tmp_path, {"b.py": ""})
    before = index.generation
    touched = await index.apply([PathChange("written", str(tmp_path / "b.py"))])
    assert [place.relative for place in touched.places] == ["b.py"]
    assert not touched.everything
    assert index.generation > before
    assert files() == ["a.py", "b.py", "d/e.py", "x.log"]

    (tmp_path / "a.py").unlink()
    await index.apply([PathChange("removed", str(tmp_path / "a.py"))])
    assert files() == ["b.py", "d/e.py", "x.log"]

    make(tmp_path, {".gitignore": "*.log\n"})
    await index.apply([PathChange("written", str(tmp_path / ".gitignore"))])
    assert files() == [".gitignore", "b.py", "d/e.py"]
    make(tmp_path, {"new.log": ""})
    assert (await index.apply([PathChange("written", str(tmp_path / "new.log"))])).places == ()
    assert files() == [".gitignore", "b.py", "d/e.py"]

    make(tmp_path, {"moved/in/f.py": ""})
    await index.apply([PathChange("directory", str(tmp_path / "moved"))])
    assert files() == [".gitignore", "b.py", "d/e.py", "moved/in/f.py"]
    shutil.rmtree(tmp_path / "moved")
    await index.apply([PathChange("removed", str(tmp_path / "moved"))])
    assert files() == [".gitignore", "b.py", "d/e.py"]

    strange = [PathChange("written", "/etc/passwd"), PathChange("written", str(tmp_path / ".git/x"))]
    assert (await index.apply(strange)).places == ()
    said_gone = [PathChange("removed", str(tmp_path / "b.py"))]
    assert not (await index.apply(said_gone)).everything
    assert files() == [".gitignore", "b.py", "d/e.py"]
    shutil.rmtree(tmp_path / "d")
    make(tmp_path, {"g/h.py": ""})
    # An editor's word for anything it saw.
    await index.apply(
        [PathChange("written", str(tmp_path / "d")), PathChange("written", str(tmp_path / "g"))]
    )
    assert files() == [".gitignore", "b.py", "g/h.py"]
    many = {f"many/{n}.py": "" for n in range(1_500)}
    make(tmp_path, many)
    await index.apply([PathChange("written", str(tmp_path / name)) for name in many])
    assert len(files()) == 1_503


async def test_scans_asked_for_at_once_end_with_the_truth(tmp_path: Path) -> None:
    """Many askers share scans; one that comes during a scan gets a scan that started after it."""
    make(tmp_path, {"a.py": ""})
    index = index_of(tmp_path)
    first = [asyncio.ensure_future(index.scan()) for _ in range(5)]
    await asyncio.sleep(0)
    make(tmp_path, {"b.py": ""})
    await asyncio.gather(*first, index.scan())
    assert sorted(index.files[str(tmp_path)]) == ["a.py", "b.py"]
    assert index.ready


async def test_settings_include_and_exclude(tmp_path: Path) -> None:
    """Patterns of the settings decide after the ignore files; a directory stands for all below it."""
    make(
        tmp_path, {"src/a.py": "", "src/gen/b.py": "", "doc/c.md": "", ".gitignore": "d.py\n", "src/d.py": ""}
    )
    index = WorkspaceIndex(
        [str(tmp_path)], Environment(QUIET), lambda _: None, include=["src", "*.md"], exclude=["gen/"]
    )
    reasons = {}
    for name in ("src/a.py", "src/gen/b.py", "doc/c.md", "src/d.py", ".gitignore"):
        place = index.jail.place(tmp_path / name)
        assert place is not None
        reason = index.ignored(place)
        reasons[name] = reason.words if reason is not None else None
    assert reasons == {
        "src/a.py": None,
        "src/gen/b.py": "excluded by `context.exclude`",
        "doc/c.md": None,
        "src/d.py": "ignored by .gitignore",
        ".gitignore": "not among `context.include`",
    }


async def test_what_is_ignored_can_be_told(tmp_path: Path) -> None:
    """For `ponder context`: each ignored file or directory once, with the file that says so."""
    make(tmp_path, IGNORED)
    index = index_of(tmp_path)
    assert await index.left_out() == {
        "out/": "ignored by .gitignore",
        "private.py": "ignored by .ponderignore",
        "sub/b.py": "ignored by sub/.gitignore",
        "sub/deep/b.py": "ignored by sub/.gitignore",
        "sub/private/": "ignored by .ponderignore",
        "x.log": "ignored by .gitignore",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a b.py", "a b.py"), ("é.py", "é.py"), ("a\nb", "a\\nb"), ("\udcff", "\\udcff"), ("a\u202eb", "a\\u202eb"), ("\x1b", "\\x1b"), ("\u2028", "\\u2028")],
)  # fmt: skip
def test_plain(name: str, expected: str) -> None:
    """A name for the model is one line of visible letters."""
    assert plain(name) == expected


async def test_memory_stays_below_a_kibibyte_a_file(tmp_path: Path) -> None:
    """PERFORMANCE: the index costs little more than the names."""
    import tracemalloc

    make(tmp_path, {f"some/package/directory_{n % 50}/module_{n}.py": "" for n in range(3_000)})
    index = index_of(tmp_path)
    tracemalloc.start()
    try:
        await index.scan()
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used < 3_000 * 1024
    assert len(index.files[str(tmp_path)]) == 3_000
