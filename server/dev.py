#!/usr/bin/env python3
"""One command for every job of a developer: sets up `.venv` from the lock file, then runs. Needs only Python >= 3.11.

python3 server/dev.py demo [FILE]     the product at work in this terminal
python3 server/dev.py test [ARGS]     checks and tests, VS Code's fast ones included where Node is; ARGS go to pytest
python3 server/dev.py vscode [SPECS]  VS Code end to end: sets it up (Debian), packages the extension, runs it in a browser
python3 server/dev.py check           formatting, lint, import direction, types
python3 server/dev.py bench [NAMES]   the benchmarks
python3 server/dev.py generate        write the generated files anew
python3 server/dev.py picture         draw the README's picture anew
python3 server/dev.py lock            resolve the dependencies anew
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import dev_vscode
from dev_stages import Stage, in_ci, patiently, run_stages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCKS = ROOT / "server" / "requirements.lock", ROOT / "server" / "requirements-dev.lock"
PIP = "26.3"
TESTS_FAILED = 1
"""What pytest exits with when it ran and something failed."""
STAGES = VENV / "stages"


def main(arguments: list[str]) -> int:
    """Set up what is missing, then run the job. Returns its exit code."""
    job, *rest = arguments or ["help"]
    if job not in JOBS:
        print(__doc__)
        return 0 if job in {"help", "--help", "-h"} else 2
    if sys.version_info < (3, 11):
        print(f"Ponder needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    set_up(LOCKS[0] if job == "demo" else LOCKS[1])
    return JOBS[job](rest)


def set_up(lock_file: Path) -> None:
    """Make `.venv` hold what the lock file says; a moment when it already does. The second holds the first."""
    stamp = VENV / f".{lock_file.stem}"
    wanted = hashlib.sha256(lock_file.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and PYTHON.exists():
        return
    print("Setting up .venv (once; a minute or so) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        make_venv()
    pip("--require-hashes", "-r", str(lock_file))
    pip("--no-deps", "--no-build-isolation", "-e", ".")
    stamp.write_text(wanted)


def make_venv() -> None:
    """Create the environment; where the system's Python lacks `ensurepip` (Debian without python3-venv), borrow its pip."""
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=False)
        borrowed = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "-q", f"pip=={PIP}"]
        if subprocess.run(borrowed, check=False).returncode != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit("Python's `venv` is not complete here. On Debian or Ubuntu: apt install python3-venv")


def pip(*arguments: str) -> None:
    """Install into the environment, compiled, so that the first start is not twice as slow."""
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--compile", "--disable-pip-version-check"]
    if patiently(*command, *arguments) != 0:
        sys.exit("The dependencies could not be installed; the lines above say why.")


def run(*command: str) -> int:
    """Run a tool of the environment and return its exit code."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([str(PYTHON), *command], check=False, env=environment).returncode


def demo(rest: list[str]) -> int:
    """The demo."""
    return run("-P", "-m", "ponder", "demo", *rest)


CHECKS = (
    ("format", ("-m", "ruff", "format", "--check", "--quiet", "server", "tests")),
    ("lint", ("-m", "ruff", "check", "--quiet", "server", "tests")),
    ("imports", ("-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])")),
    ("types", ("-m", "mypy", "--no-error-summary")),
)


def check(_rest: list[str]) -> int:
    """Every check, all of them even when one fails."""
    failed = [name for name, command in CHECKS if run(*command) != 0]
    print(f"checks failed: {', '.join(failed)}" if failed else "checks passed", flush=True)
    return 1 if failed else 0


def test(rest: list[str]) -> int:
    """The checks, the tests, and the fast tests of VS Code; fails when one does."""
    if rest:
        return run("-m", "pytest", *rest)
    stages = Stage("checks", lambda _report: check([])), Stage("tests", tests)
    missing = dev_vscode.without_node()
    if missing is None or in_ci():
        # The long one last, so that its own summary stands at the end.
        return run_stages((stages[0], Stage("vscode", dev_vscode.fast), stages[1]), STAGES)
    code = run_stages(stages, STAGES)
    print(f"{missing} The tests of VS Code did not run.", flush=True)
    return code


def tests(report: Path) -> int:
    """All of pytest."""
    code = run("-m", "pytest", "-n", str(os.cpu_count() or 2), f"--junitxml={report}")
    if code == TESTS_FAILED:
        # Real processes side by side on a busy machine can starve each other; alone they must pass.
        print("What failed runs once more, alone; it counts when it fails again.", flush=True)
        again = f"--junitxml={report.with_suffix('.again.xml')}"
        code = run("-m", "pytest", "--last-failed", "--last-failed-no-failures", "none", again)
    return code


def vscode(rest: list[str]) -> int:
    """The packaged extension in a real VS Code in a real browser, with the real server; SPECS are beginnings of file names."""
    if (missing := dev_vscode.without_node()) is not None:
        print(missing, file=sys.stderr)
        return 1
    return run_stages(dev_vscode.end_to_end(rest), STAGES)


def bench(rest: list[str]) -> int:
    """The benchmarks."""
    return run("tests/bench/run.py", *rest)


def generate(_rest: list[str]) -> int:
    """Settings schema and tables, the extension's settings, Neovim's help, and recorded streams that are stale."""
    codes = [run("-m", "ponder.config.schema", "--write")]
    neovim = shutil.which("nvim", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if neovim is None:
        print("No Neovim here: editors/nvim/doc was not written anew.", file=sys.stderr)
    else:
        script = [neovim, "--headless", "-u", "NONE", "-l", "editors/nvim/scripts/options.lua"]
        codes.append(subprocess.run(script, check=False).returncode)
    if (missing := dev_vscode.without_node()) is not None:
        print(f"{missing} The settings in editors/vscode were not written anew.", file=sys.stderr)
    else:
        codes.append(dev_vscode.npm("run", "settings"))
    return max(*codes, run("editors/vscode/scripts/record.py"))


def picture(_rest: list[str]) -> int:
    """The demo, recorded as it runs."""
    os.environ["PONDER_STATE_DIR"] = str(VENV / "picture-state")
    return demo(["--svg", str(ROOT / "server" / "docs" / "demo.svg"), "--width", "92"])


EXTRAS: tuple[tuple[str, ...], ...] = ((), ("--extra", "dev"))
RESOLVE = (
    *("-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"),
)


def lock(_rest: list[str]) -> int:
    """Resolve anew, for every platform, with hashes."""
    pip("uv")
    inputs = ("pyproject.toml", "server/build-requirements.in")
    codes = [
        run(*RESOLVE, *extra, "--output-file", str(file), *inputs)
        for extra, file in zip(EXTRAS, LOCKS, strict=True)
    ]
    return max(codes)


JOBS = {
    "demo": demo,
    "test": test,
    "vscode": vscode,
    "check": check,
    "bench": bench,
    "generate": generate,
    "picture": picture,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
