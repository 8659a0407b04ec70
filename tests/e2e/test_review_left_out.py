"""`ponder review` never calls clean what it did not look at, and stops where every request would fail."""

import json
import os
from pathlib import Path

import pytest

from e2e.test_review_cli import BUG, CLEAN, asked, endpoint, git, write


def reasons(review: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {one["path"]: one["reason"] for one in review["leftOut"]}


async def test_a_path_inside_and_one_outside_of_the_current_folder(tmp_path: Path) -> None:
    """Both are reviewed, whichever comes first; `--diff` asks each repository."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"in.py": BUG})
        write(tmp_path / "other", {"out.py": BUG, "same.py": CLEAN})
        code, review = await cli.json("../other/out.py", "in.py")
        assert (code, reasons(review), sorted(asked(offline))) == (1, {}, ["in.py", "out.py"])
        assert {one["path"] for one in review["findings"]} == {"in.py", "out.py"}
        for folder in (cli.folder, tmp_path / "other"):
            git(folder, "init", "-q", "-b", "main")
            git(folder, "add", ".")
            git(folder, "commit", "-q", "-m", "first")
            write(folder, {"same.py": BUG})
            git(folder, "add", "-N", "same.py")
        code, review = await cli.json("in.py", "same.py", "../other", "--diff", "HEAD")
        assert (code, reasons(review)) == (1, {})
        assert [file["path"] for file in review["files"]] == ["same.py", "same.py"]


async def test_a_named_file_that_is_not_reviewed_is_incomplete(tmp_path: Path) -> None:
    """Alone, or beside others; the pre-commit hook may say that it does not mind."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"ok.py": CLEAN, ".env": "A=1\n", ".gitignore": "no/\n", "no/a.py": BUG})
        for paths in ((".env",), ("ok.py", ".env"), ("ok.py", "no/a.py")):
            code, review = await cli.json(*paths)
            assert (code, review["status"], len(review["leftOut"])) == (3, "incomplete", 1)
            assert (await cli.json(*paths, "--skip-left-out"))[0] == 0
        code, out, _ = await cli("review", "no")
        assert code == 3
        assert "NOTHING WAS REVIEWED" in out
        assert "ignored by .gitignore" in out
        assert (await cli.json("."))[0] == 0


async def test_what_a_directory_holds_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Too large, binary, odd encodings and names a model cannot give back: counted and named, nothing sent of them."""
    async with endpoint(tmp_path) as (cli, offline):
        write(
            cli.folder,
            {"ok.py": CLEAN, "big.py": "x = 1\n" * 200_000, "line\nend.py": BUG, "\x1b[31m.py": BUG},
        )
        (cli.folder / "bin.py").write_bytes(b"x\0" * 50)
        (cli.folder / "utf.py").write_bytes(b"\xff\xfea")
        with open(os.fsencode(cli.folder) + b"/b\xff.py", "w") as odd:
            odd.write(BUG)
        code, review = await cli.json(".")
        assert code == 0
        told = reasons(review)
        assert {told["big.py"], told["bin.py"], told["utf.py"]} == {
            "larger than 1,000,000 bytes",
            "binary",
            "not valid UTF-16",
        }
        assert [told[name] for name in ("line\nend.py", "\x1b[31m.py")] == [
            "named with control characters"
        ] * 2
        assert "named in bytes that are no UTF-8" in told.values()
        assert asked(offline) == ["ok.py"]
        _, out, _ = await cli("review", ".")
        assert "6 left out" in out
        assert "\x1b" not in out
        code, _ = await cli.json("line\nend.py", "ok.py")
        assert (code, len(asked(offline))) == (3, 1)
        (cli.folder / "ok.py").unlink()
        assert (await cli.json("."))[0] == 3


async def test_a_change_tells_what_of_it_was_not_looked_at(tmp_path: Path) -> None:
    """Code hidden by an ignore file that the same change brings; files that became unreadable; new files."""
    async with endpoint(tmp_path) as (cli, offline):
        old = {"a.py": CLEAN, "evil.py": CLEAN, "vendored/v.py": CLEAN, "same.py": "x = 1\n" * 200_000}
        write(cli.folder, old | {"vendored/.gitignore": "v.py\n", "bin.py": CLEAN})
        git(cli.folder, "init", "-q", "-b", "main")
        git(cli.folder, "add", "-f", ".")
        git(cli.folder, "commit", "-q", "-m", "first")
        write(cli.folder, {"vendored/v.py": BUG})
        code, review = await cli.json(".", "--diff", "HEAD")
        assert (code, reasons(review)) == (0, {})
        write(cli.folder, {"evil.py": BUG, ".ponderignore": "evil.py\n", "new.py": BUG})
        (cli.folder / "bin.py").write_bytes(b"x\0" * 50)
        code, review = await cli.json(".", "--diff", "HEAD")
        assert reasons(review) == {
            "evil.py": "ignored by .ponderignore, which this change touches",
            "bin.py": "binary",
        }
        assert code == 3
        git(cli.folder, "add", ".")
        git(cli.folder, "commit", "-q", "-m", "second")
        write(cli.folder, {"a.py": BUG})
        code, review = await cli.json(".", "--diff", "HEAD~1")
        assert reasons(review)["evil.py"].startswith("ignored by .ponderignore")
        assert code == 1
        code, review = await cli.json(".", "--diff", "HEAD")
        assert (code, reasons(review)) == (1, {})
        assert set(asked(offline)) == {"a.py", "new.py"}
        write(cli.folder, {"untracked.py": BUG})
        code, review = await cli.json("untracked.py", "--diff", "HEAD")
        assert (code, reasons(review)) == (3, {"untracked.py": "not tracked by git"})


@pytest.mark.parametrize("revision", ["main...", "nowhere", "nowhere...HEAD"])
async def test_an_unknown_revision_is_named(tmp_path: Path, revision: str) -> None:
    """Which one git does not know; nothing is sent."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": CLEAN})
        git(cli.folder, "init", "-q", "-b", "trunk")
        git(cli.folder, "add", ".")
        git(cli.folder, "commit", "-q", "-m", "first")
        code, _, err = await cli("review", ".", "--diff", revision)
        assert code == 2
        assert f"no revision `{revision.split('...', maxsplit=1)[0]}`" in err
        assert asked(offline) == []


async def test_a_refused_credential_is_asked_once(tmp_path: Path) -> None:
    """One request a worker, two lines for all files, in words for a command line."""
    async with endpoint(tmp_path, "status=401;path=/v1/messages;times=99") as (cli, offline):
        write(cli.folder, {f"f{n}.py": CLEAN for n in range(8)})
        code, out, _ = await cli("review", ".", "--concurrency", "2")
        assert code == 2
        assert sum(seen.path == "/v1/messages" for seen in offline.requests) <= 2
        assert out.count("does not accept the credential") == 1
        assert "8 files (" in out
        assert "restart" not in out
        assert "INCOMPLETE: 8 of 8 files were not reviewed to the end; 0 files reviewed" in out


async def test_a_dead_network_is_tried_once(tmp_path: Path) -> None:
    """Where nothing ever came back, the first failure ends the review."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {f"f{n}.py": CLEAN for n in range(12)})
        cli.env["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
        code, out, _ = await cli("review", ".", "--concurrency", "1")
        assert code in {2, 3}
        assert "12 files (" in out
        assert out.count("could not be reached") == 1
        code, out, err = await cli("baseline", ".")
        assert (code in {2, 3}, out, err.count("could not be reached")) == (True, "", 1)
        assert not (cli.folder / "ponder-baseline.json").exists()


async def test_a_workspace_cannot_lead_the_baseline_out(tmp_path: Path) -> None:
    """Neither by a path nor by a link; one line says so, and the whole path of what is written is told."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": BUG, "ponder.toml": f'[review]\nbaseline = "{tmp_path}/.evil"\n'})
        code, out, err = await cli("baseline", "a.py")
        assert code == 0
        assert "`review.baseline` (workspace settings) is refused" in err
        assert out.startswith("ponder-baseline.json: ")
        write(cli.folder, {"ponder.toml": '[review]\nbaseline = "../evil.json"\n'})
        assert "is refused" in (await cli("baseline", "a.py"))[2]
        write(cli.folder, {"ponder.toml": '[review]\nbaseline = "config/known.json"\n'})
        (cli.folder / "config").mkdir()
        code, out, _ = await cli("baseline", "a.py")
        assert (code, out.split(":")[0]) == (0, "config/known.json")
        write(cli.folder, {"config/known.json": "{"})
        code, _, err = await cli("baseline", "a.py")
        assert code == 2
        assert "config/known.json" in err
        assert "Remove it" in err
        (cli.folder / "config/known.json").unlink()
        (cli.folder / "config/known.json").symlink_to(tmp_path / "evil.json")
        for command in ("baseline", "review"):
            code, _, err = await cli(command, "a.py")
            assert (code, len(err.strip().splitlines())) == (2, 1)
            assert "not inside the workspace folder" in err
        assert sorted(path.name for path in tmp_path.iterdir() if "evil" in path.name) == []


async def test_one_range_of_concurrency(tmp_path: Path) -> None:
    """`--concurrency` takes what `review.concurrency` takes."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": CLEAN})
        assert (await cli("review", "a.py", "--concurrency", "16"))[0] == 0
        code, _, err = await cli("review", "a.py", "--concurrency", "17")
        assert code == 2
        assert "from 1 to 16" in err


async def test_dismissed_findings_and_baselines_do_not_pass_on(tmp_path: Path) -> None:
    """A function with the same line, written above one whose finding was accepted, is new."""
    bare = "def {}(x):\n    try:\n        return x[0]\n    except:\n        return None\n"
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": f"{bare.format('one')}\n\n{bare.format('two')}"})
        await cli("baseline", "a.py")
        entries = json.loads((cli.folder / "ponder-baseline.json").read_text())["findings"]
        assert len({one["id"] for one in entries}) == len(entries) >= 2
        write(cli.folder, {"a.py": f"{bare.format('three')}\n\n{bare.format('two')}"})
        code, review = await cli.json("a.py")
        assert (code, review["accepted"]) == (1, len(entries) // 2)
        assert {one["startLine"] for one in review["findings"]} <= {1, 2, 3, 4, 5}
