"""Stages of the developer's commands: all run, each is told on one line, what failed twice has failed."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _beside_dev(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "server"))


def junit(*outcomes: str) -> str:
    cases = "".join(f"<testcase>{f'<{one}/>' if one else ''}</testcase>" for one in outcomes)
    return f"<testsuites><testsuite>{cases}</testsuite></testsuites>"


def leaving(code: int, *outcomes: str, again: tuple[str, ...] | None = None) -> Callable[[Path], int]:
    """A stage's work that leaves these outcomes in its reports and returns this code."""

    def work(report: Path) -> int:
        report.write_text(junit(*outcomes))
        if again is not None:
            report.with_suffix(".again.xml").write_text(junit(*again))
        return code

    return work


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (leaving(0, "", "", "skipped"), "ok     stage               2 passed, 0 failed, 1 skipped"),
        (leaving(1, "", "failure", "error"), "FAILED stage               1 passed, 2 failed"),
        (leaving(0, "", "", "failure", again=("",)), "ok     stage               3 passed, 0 failed"),
        (
            leaving(1, "", "failure", "failure", again=("", "failure")),
            "FAILED stage               2 passed, 1 failed",
        ),
        (lambda _report: 3, "FAILED stage"),
        (lambda report: report.write_text("<cut") and 0, "ok     stage               0 passed, 0 failed"),
    ],
)
def test_a_stage_is_told_on_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], work: Callable[[Path], int], words: str
) -> None:
    """The line says how it ended and how many tests passed in the end; the exit code says it too."""
    from dev_stages import Stage, run_stages

    code = run_stages((Stage("stage", work),), tmp_path)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(words)
    assert last.endswith(" s")
    assert code == (1 if words.startswith("FAILED") else 0)


def test_a_stage_runs_after_another_failed_unless_it_builds_on_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What does not need the failed stage runs; what needs it does not, and has failed."""
    from dev_stages import Stage, run_stages

    ran: list[str] = []

    def work(name: str, code: int) -> Callable[[Path], int]:
        return lambda _report: ran.append(name) or code

    stages = Stage("a", work("a", 1)), Stage("b", work("b", 0), needs="a"), Stage("c", work("c", 0))
    assert run_stages(stages, tmp_path) == 1
    assert ran == ["a", "c"]
    told = capsys.readouterr().out.split("summary\n")[1].splitlines()
    assert [line.split()[0] for line in told] == ["FAILED", "FAILED", "ok"]


def test_what_needs_a_network_is_tried_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with the first success, or with the third failure."""
    import dev_stages

    monkeypatch.setattr(dev_stages, "PAUSES", (0, 0))
    tries = tmp_path / "tries"
    program = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.open('a').write('x'); sys.exit(len(p.read_text()) < int(sys.argv[2]))"
    assert dev_stages.patiently(sys.executable, "-c", program, str(tries), "2") == 0
    assert tries.read_text() == "xx"
    tries.unlink()
    assert dev_stages.patiently(sys.executable, "-c", program, str(tries), "9") == 1
    assert tries.read_text() == "xxx"
    monkeypatch.setattr(dev_stages, "LIMIT", 0.1)
    assert dev_stages.patiently(sys.executable, "-c", "import threading; threading.Event().wait()") == 124
