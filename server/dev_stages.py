"""Stages of a test command: a headline before each, a line for each at the end, and retries of what needs a network.

Knows no test tool by name: a tool leaves its figures as a JUnit file, which is what all of them can write.
"""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PAUSES = (10, 40)
"""Seconds before the second and the third try: registries have bad minutes."""
LIMIT = 600
"""Seconds for one try."""


@dataclass(frozen=True)
class Stage:
    """One stage. `work` takes the file for its figures and returns an exit code; `needs` names a stage it builds on."""

    name: str
    work: Callable[[Path], int]
    needs: str = ""


@dataclass(frozen=True)
class Figures:
    """How many tests of a report passed, failed and did not run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        words = [f"{self.passed} passed", f"{self.failed} failed"]
        return ", ".join([*words, f"{self.skipped} skipped"] if self.skipped else words)


def run_stages(stages: tuple[Stage, ...], place: Path) -> int:
    """Run all stages, even after one failed, and tell each on one line. Figures and lines are kept in `place`."""
    place.mkdir(parents=True, exist_ok=True)
    codes: dict[str, int] = {}
    for stage in stages:
        print(f"\n━━━ {stage.name} {'━' * (70 - len(stage.name))}", flush=True)
        report = place / f"{stage.name}.xml"
        for old in place.glob(f"{stage.name}.*"):
            old.unlink()
        began = time.monotonic()
        if codes.get(stage.needs, 0):
            print(f"Did not run: {stage.needs} failed.", flush=True)
            codes[stage.name] = 1
        else:
            codes[stage.name] = stage.work(report)
        line = told(stage.name, codes[stage.name], time.monotonic() - began, figures(place, stage.name))
        (place / f"{stage.name}.line").write_text(f"{line}\n", encoding="utf-8")
    print("\n━━━ summary", flush=True)
    print("".join((place / f"{stage.name}.line").read_text("utf-8") for stage in stages), end="", flush=True)
    return 1 if any(codes.values()) else 0


def told(name: str, code: int, seconds: float, counted: Figures | None) -> str:
    """The line of a stage."""
    minutes, rest = divmod(round(seconds), 60)
    took = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{'FAILED' if code else 'ok':7}{name:20}{counted or ''!s:36}{took:>12}".rstrip()


def figures(place: Path, name: str) -> Figures | None:
    """What a stage's reports say together. What ran a second time (`….again.xml`) counts as it then ended."""
    reports = [place / f"{name}.xml", place / f"{name}.again.xml"]
    found = [read(report) for report in reports if report.is_file()]
    if not found:
        return None
    return Figures(sum(one.passed for one in found), found[-1].failed, found[0].skipped)


def read(report: Path) -> Figures:
    """The figures of one JUnit file; a test is a `testcase` element."""
    try:
        cases = list(ET.parse(report).iter("testcase"))
    except (ET.ParseError, OSError):
        return Figures()
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Figures(len(cases) - failed - skipped, failed, skipped)


def patiently(*command: str, cwd: Path | None = None) -> int:
    """Run what needs a network, up to three times. Returns the last exit code, 124 where the time ran out."""
    for pause in (*PAUSES, None):
        try:
            code = subprocess.run(command, check=False, cwd=cwd, timeout=LIMIT).returncode
        except subprocess.TimeoutExpired:
            code = 124
        if code == 0 or pause is None:
            break
        print(f"Failed ({Path(command[0]).name}); again in {pause} s.", flush=True)
        time.sleep(pause)
    return code


def in_ci() -> bool:
    """Whether a machine runs this, by the variable that all CI services set."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}
