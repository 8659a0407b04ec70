"""Emacs in batch with Eglot and the real server. Skipped where there is no Emacs, unless PONDER_EXPECT_EMACS is set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from editors_nvim.nvim_session import BUG, SERVER, environment

pytestmark = pytest.mark.editor

SCRIPT = Path(__file__).with_name("eglot-session.el")
FIND = "(progn (require 'package) (add-to-list 'package-directory-list \"/usr/share/emacs/site-lisp/elpa\") (package-initialize) (require 'eglot))"


def emacs() -> str:
    """An Emacs that has Eglot."""
    found = shutil.which("emacs")
    command = [found or "emacs", "-Q", "--batch", "--eval", FIND]
    if found and subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0:
        return found
    words = "no Emacs with Eglot: apt-get install emacs-nox elpa-eglot (Emacs 29 has it built in)"
    if os.environ.get("PONDER_EXPECT_EMACS"):
        pytest.fail(words)
    pytest.skip(words)


def test_eglot_reviews_dismisses_fixes_and_cancels(tmp_path: Path) -> None:
    """Every step of the script goes through; the edit arrives by the menu, as Eglot 1.9 cannot be asked."""
    program = emacs()
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".git").mkdir()
    path = folder / "orders.py"
    path.write_text(BUG)
    ran = subprocess.run(
        [program, "-Q", "--batch", "-l", str(SCRIPT), str(path), *SERVER],
        env=environment(tmp_path, PONDER_API_OFFLINE_DELTA_MS="30"),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    print(ran.stderr, file=sys.stderr)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "FAILED" not in ran.stderr
    for step in ("findings are diagnostics", "a dismissed finding is gone", "the edit is in the buffer"):
        assert f"ok: {step}" in ran.stderr
    assert "ok: a run is cancelled" in ran.stderr
    assert path.read_text() == BUG, "nothing is written behind the user's back"
