"""Emacs in batch with lsp-mode and the real server. Skipped where there is no lsp-mode, unless PONDER_EXPECT_EMACS is set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from editors_nvim.nvim_session import BUG, SERVER, environment

pytestmark = pytest.mark.editor

SCRIPT = Path(__file__).with_name("lsp-mode-session.el")
FIND = "(progn (require 'package) (add-to-list 'package-directory-list \"/usr/share/emacs/site-lisp/elpa\") (package-initialize) (require 'lsp-mode))"


def emacs() -> str:
    """An Emacs that has lsp-mode."""
    found = shutil.which("emacs")
    command = [found or "emacs", "-Q", "--batch", "--eval", FIND]
    if found and subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0:
        return found
    words = "no Emacs with lsp-mode: apt-get install emacs-nox elpa-lsp-mode"
    if os.environ.get("PONDER_EXPECT_EMACS"):
        pytest.fail(words)
    pytest.skip(words)


def test_lsp_mode_reviews_and_takes_edits(tmp_path: Path) -> None:
    """A ready fix comes out of the menu; with `edits.apply` "auto" in the user's own file, as the guide has it, edits come by themselves."""
    program = emacs()
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".git").mkdir()
    path = folder / "orders.py"
    path.write_text(BUG)
    env = environment(tmp_path)
    own = Path(env["XDG_CONFIG_HOME"]) / "ponder"
    own.mkdir()
    (own / "config.toml").write_text('[edits]\napply = "auto"\n')
    ran = subprocess.run(
        [program, "-Q", "--batch", "-l", str(SCRIPT), str(path), *SERVER],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    print(ran.stderr, file=sys.stderr)
    assert ran.returncode == 0, ran.stderr[-2000:]
    for step in (
        "findings are diagnostics",
        "a ready fix is in the buffer",
        "an edit of the server is in the buffer",
    ):
        assert f"ok: {step}" in ran.stderr
    assert path.read_text() == BUG, "nothing is written behind the user's back"
