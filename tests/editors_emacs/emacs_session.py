"""Emacs in batch with the real server: finds the program, runs a script. Knows no step of a script."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from editors_nvim.nvim_session import SERVER

HERE = Path(__file__).parent
_FIND = (
    "(progn (require 'package) (add-to-list 'package-directory-list \"/usr/share/emacs/site-lisp/elpa\")"
    " (package-initialize) (require '%s))"
)


def emacs(package: str, wanted: str) -> str:
    """An Emacs that has this package; without it tests are skipped, or fail where PONDER_EXPECT_EMACS is set.

    `wanted` says what to install.
    """
    found = shutil.which("emacs")
    command = [found or "emacs", "-Q", "--batch", "--eval", _FIND % package]
    if found and subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0:
        return found
    words = f"no Emacs with {package}: {wanted}"
    if os.environ.get("PONDER_EXPECT_EMACS"):
        pytest.fail(words)
    pytest.skip(words)


def play(program: str, script: str, path: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script of this folder on a file, in the file's folder."""
    return subprocess.run(
        [program, "-Q", "--batch", "-l", str(HERE / script), str(path), *SERVER],
        env=env,
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
