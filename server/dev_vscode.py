"""The VS Code extension's tests as stages: the fast ones, and those end to end. Knows nothing of Python's tests."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from dev_stages import Stage, patiently

EXTENSION = Path(__file__).resolve().parent.parent / "editors" / "vscode"
NODE = (20, 19)
"""The oldest Node that the extension's tools run on."""


def fast(report: Path) -> int:
    """Types, generated settings and unit tests. Without Node it fails."""
    if (missing := without_node()) is not None:
        print(missing, flush=True)
        return 1
    reports = ("--reporter=default", "--reporter=junit", f"--outputFile.junit={report}")
    return node_modules() or npm("test", "--", *reports)


def end_to_end(specs: list[str]) -> tuple[Stage, ...]:
    """The packaged extension in a real VS Code in a real browser; `specs` are beginnings of file names, none for all."""
    return (
        Stage("vscode set-up", lambda _report: node_modules() or npm("run", "test:e2e:setup")),
        Stage("vscode package", lambda _report: npm("run", "package"), needs="vscode set-up"),
        Stage("vscode end to end", lambda report: in_browser(report, specs), needs="vscode package"),
    )


def in_browser(report: Path, specs: list[str]) -> int:
    """The tests in the browser, by the runner that ends whatever they leave behind."""
    command = [str(shutil.which("node")), "test/e2e/run.mjs", f"--report={report}", *specs]
    return subprocess.run(command, check=False, cwd=EXTENSION).returncode


def without_node() -> str | None:
    """What is missing of Node, or None."""
    asked = ", ".join(f"{name} was not found" for name in ("node", "npm") if shutil.which(name) is None)
    if not asked:
        version = subprocess.run(
            ["node", "--version"], check=False, capture_output=True, text=True
        ).stdout.strip()
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= NODE:
            return None
        asked = f"this is {version}"
    return f"Needs Node {NODE[0]}.{NODE[1]} or newer with npm: {asked}."


def node_modules() -> int:
    """Make `node_modules` hold what the lock file says; a moment when it already does."""
    stamp = EXTENSION / "node_modules" / ".ponder"
    wanted = hashlib.sha256((EXTENSION / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    code = patiently(
        str(shutil.which("npm")), "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=EXTENSION
    )
    if code == 0:
        stamp.write_text(wanted)
    return code


def npm(*arguments: str) -> int:
    """Run npm in the extension's folder and return its exit code."""
    return subprocess.run([str(shutil.which("npm")), *arguments], check=False, cwd=EXTENSION).returncode
