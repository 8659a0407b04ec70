"""`ponder review` and `ponder baseline` as a user runs them: real processes, an endpoint the test can look into."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ponder.offline.engine import OfflineEngine
from ponder.offline.faults import Faults
from ponder.offline.http import serve

SERVER = Path(__file__).parents[2] / "server"
BUG = "def last(values):\n    return values[len(values)]\n"
CLEAN = "def add(a: int, b: int) -> int:\n    return a + b\n"
PIECES = (
    "def read{n}(path):\n    rows = open(path).read()\n    return rows\n",
    "def walk{n}(values):\n    for i in range(len(values) + 1):\n        print(values[i])\n",
    "def ask{n}(x):\n    if x == None:\n        return 1\n    return 2\n",
    "def keep{n}(a, b=[]):\n    b.append(a)\n    return b\n",
    "def add{n}(a: int) -> int:\n    return a + 1\n",
)


class Cli:
    """Runs commands in a folder against an engine."""

    def __init__(self, folder: Path, state: Path, base_url: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(state),
            "PYTHONPATH": str(SERVER),
            "PONDER_STATE_DIR": str(state / "state"),
            "ANTHROPIC_BASE_URL": base_url,
            "ANTHROPIC_API_KEY": "sk-ant-canary-0123456789abcdefghij",
            "PONDER_API_MAX_TRIES": "2",
        }

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "ponder",
            *arguments,
            cwd=self.folder,
            env=self.env,
            stdout=-1,
            stderr=-1,
        )

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        process = await self.start(*arguments)
        out, err = await process.communicate()
        assert "Traceback" not in err.decode(), err.decode()
        return process.returncode or 0, out.decode(), err.decode()

    async def json(self, *arguments: str) -> tuple[int, Any]:
        code, out, err = await self("review", *arguments, "--format", "json")
        assert out, err
        return code, json.loads(out)


class Clock:
    """Time of the engine, moved by hand."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def endpoint(
    tmp_path: Path, *faults: str, engine: type[OfflineEngine] = OfflineEngine, **options: Any
) -> AsyncIterator[tuple[Cli, Any]]:
    """A command line in `tmp_path/repo` and the engine it meets."""
    offline = engine(faults=Faults(faults), log_limit=10_000, **options)
    folder = tmp_path / "repo"
    folder.mkdir(exist_ok=True)
    async with await serve(offline) as server:
        yield Cli(folder, tmp_path, server.base_url), offline


def asked(offline: OfflineEngine) -> list[str]:
    """The paths that plain requests were about."""
    questions = [
        seen.body["messages"][-1]["content"][-1]["text"]
        for seen in offline.requests
        if seen.path == "/v1/messages" and seen.method == "POST"
    ]
    return [question.split('<document path="', 1)[1].split('"', 1)[0] for question in questions]


def batched(offline: OfflineEngine) -> list[list[str]]:
    """The custom ids of each batch that was created."""
    created = [s for s in offline.requests if s.method == "POST" and s.path == "/v1/messages/batches"]
    return [[item["custom_id"] for item in seen.body["requests"]] for seen in created]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def repository(folder: Path, count: int, seed: int = 7) -> None:
    """A generated repository, the same for the same seed."""
    chance = random.Random(seed)
    for n in range(count):
        body = "\n\n".join(piece.format(n=n) for piece in chance.sample(PIECES, 3))
        write(folder, {f"pkg{n % 20}/mod{n}.py": body})


def places(review: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {(one["path"], one["startLine"], one["code"]) for one in review["findings"]}


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (CLEAN, (), 0),
        (BUG, (), 1),
        (BUG, ("--fail-on", "error"), 1),
        ("def f(x):\n    if x == None:\n        return 1\n    return 2\n", ("--fail-on", "error"), 0),
    ],
)
async def test_the_exit_code_says_what_was_found(
    tmp_path: Path, text: str, arguments: tuple[str, ...], code: int
) -> None:
    """0 for clean, 1 where a finding matters at least as much as `--fail-on`."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": text})
        assert (await cli.json("a.py", *arguments))[0] == code


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("refusal", "refused", 3),
        ("max-tokens=30", "truncated", 3),
        ("status=529", "failed", 3),
        ("eof=5", "failed", 3),
        ("malformed", "failed", 3),
        ("status=401", "failed", 2),
    ],
)
async def test_what_was_not_reviewed_to_the_end_is_never_clean(
    tmp_path: Path, fault: str, status: str, code: int
) -> None:
    """Incomplete is 3, nothing possible is 2; the file is named with its status, in every format."""
    async with endpoint(tmp_path, f"{fault};times=99") as (cli, _):
        write(cli.folder, {"a.py": CLEAN})
        got, review = await cli.json("a.py")
        assert (got, review["status"], review["files"][0]["status"]) == (code, "incomplete", status)
        assert review["files"][0]["error"]["message"]
        code_of_text, out, _ = await cli("review", "a.py")
        assert code_of_text == code
        assert "INCOMPLETE" in out
        assert "nothing was asked" not in out, "requests went out"
        _, out, _ = await cli("review", "a.py", "--format", "sarif")
        invocation = json.loads(out)["runs"][0]["invocations"][0]
        assert not invocation["executionSuccessful"]
        assert "a.py" in invocation["toolExecutionNotifications"][0]["message"]["text"]


async def test_one_file_that_failed_does_not_hide_the_others(tmp_path: Path) -> None:
    """Partial success shows what there is and says what is missing; running again asks for the missing part only."""
    async with endpoint(tmp_path, "refusal;times=1") as (cli, offline):
        write(cli.folder, {"a.py": BUG, "b.py": BUG.replace("last", "end")})
        code, review = await cli.json(".", "--concurrency", "1")
        assert code == 3
        assert [file["status"] for file in review["files"]] == ["refused", "done"]
        assert {one["path"] for one in review["findings"] if one["severity"] == "error"} == {"b.py"}
        code, review = await cli.json(".")
        assert (code, review["status"]) == (1, "done")
        assert sorted(asked(offline)) == ["a.py", "a.py", "b.py"]


@pytest.mark.parametrize(
    "arguments",
    [("nothing.py",), (".", "--baseline", "none.json"), (".", "--diff", "HEAD"), (".", "--concurrency", "0")],
)
async def test_what_cannot_run_says_so_in_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Exit 2, one sentence on stderr, nothing sent."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": CLEAN})
        code, out, err = await cli("review", *arguments)
        assert (code, out) == (2, "")
        assert err.strip()
        assert asked(offline) == []


async def test_ignored_and_secret_files_are_not_sent(tmp_path: Path) -> None:
    """Directories are read under the ignore rules; a file that is named but may not be sent is told, and is not clean."""
    async with endpoint(tmp_path) as (cli, offline):
        key = "AKIA" + "Q3EXAMPLE7ZKPLMN"
        write(
            cli.folder,
            {
                ".gitignore": "build/\n",
                "build/made.py": BUG,
                ".env": f"KEY={key}\n",
                "notes.md": "# Notes\n",
                "src/a.py": f'key = "{key}"\n{CLEAN}',
            },
        )
        (cli.folder / "link.py").symlink_to("/etc/passwd")
        await cli.json(".")
        assert asked(offline) == ["src/a.py"]
        assert key not in json.dumps([str(seen.raw) for seen in offline.requests])
        code, out, _ = await cli("review", ".env", "build/made.py", "link.py")
        assert code == 3
        assert "NOTHING WAS REVIEWED" in out
        assert len(asked(offline)) == 1


async def test_unchanged_text_costs_nothing(tmp_path: Path) -> None:
    """The second review sends nothing, also in another format and by batch, and finds the same."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": BUG, "b.py": CLEAN})
        _, first = await cli.json(".")
        sent = len(asked(offline))
        _, second = await cli.json(".", "--batch")
        assert (len(asked(offline)), batched(offline)) == (sent, [])
        assert second["findings"] == first["findings"]
        assert second["usage"]["requests"] == 0
        write(cli.folder, {"b.py": BUG})
        await cli.json(".")
        assert asked(offline)[sent:] == ["b.py"]


async def test_only_what_changed_since_a_revision(tmp_path: Path) -> None:
    """`--diff` asks about changed files only and shows findings on changed lines only; hostile settings run nothing."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": BUG + "\n\n" + CLEAN, "b.py": BUG})
        marker = tmp_path / "ran"
        git(cli.folder, "init", "-q", "-b", "main")
        git(cli.folder, "add", ".")
        git(cli.folder, "commit", "-q", "-m", "first")
        for key in ("diff.external", "core.fsmonitor", "filter.evil.clean", "diff.evil.textconv"):
            git(cli.folder, "config", key, f"touch {marker}; cat")
        write(cli.folder, {".gitattributes": "*.py filter=evil diff=evil\n"})
        new = BUG.replace("last", "newest")
        write(cli.folder, {"a.py": BUG + "\n\n" + CLEAN + "\n\n" + new})
        code, review = await cli.json(".", "--diff", "HEAD")
        assert asked(offline) == ["a.py"]
        assert (code, {one["startLine"] for one in review["findings"]}) == (1, {10})
        assert not marker.exists()
        assert (await cli("review", ".", "--diff", "--output=x"))[0] == 2
        assert (await cli("review", ".", "--diff=--output=x"))[0] == 2
        assert not (cli.folder / "x").exists()


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, env={"PATH": os.environ["PATH"], "HOME": "/"}
    )


async def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    """Lines inserted above change places and no fingerprint; the model is recorded."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"src/a b.py": BUG})
        before = json.loads((await cli("review", ".", "--format", "sarif"))[1])
        write(cli.folder, {"src/a b.py": "# one\n# two\n\n" + BUG})
        report = cli.folder / "report.sarif"
        code, out, _ = await cli("review", ".", "--format", "sarif", "--output", str(report))
        assert (code, out) == (1, "")
        after = json.loads(report.read_text())
        first, second = fingerprints(before), fingerprints(after)
        assert first
        assert first == second
        assert lines(before) != lines(after)
        extension = after["runs"][0]["tool"]["extensions"][0]
        assert extension["name"].startswith("claude-")
        check_sarif(after, 1, len(first))


def fingerprints(log: dict[str, Any]) -> list[str]:
    return sorted(one["partialFingerprints"]["ponderFindingId/v2"] for one in log["runs"][0]["results"])


def lines(log: dict[str, Any]) -> list[int]:
    places = (one["locations"][0]["physicalLocation"]["region"] for one in log["runs"][0]["results"])
    return sorted(place["startLine"] for place in places)


def check_sarif(log: dict[str, Any], files: int, findings: int) -> None:
    """The sums, beside the shape that the unit tests check."""
    from unit.review.sarif_shape import problems

    assert list(problems(log)) == []
    results = log["runs"][0]["results"]
    assert len(results) == findings
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}
    assert len(uris) <= files
