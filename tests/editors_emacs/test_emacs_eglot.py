"""Emacs in batch with Eglot and the real server. Skipped where there is no Emacs, unless PONDER_EXPECT_EMACS is set."""

import sys
from pathlib import Path

import pytest

from editors_emacs.emacs_session import emacs, play
from editors_nvim.nvim_session import BUG, environment

pytestmark = pytest.mark.editor


def test_eglot_reviews_dismisses_fixes_and_cancels(tmp_path: Path) -> None:
    """Every step of the script goes through; the edit arrives by the menu, as Eglot 1.9 cannot be asked."""
    program = emacs("eglot", "apt-get install emacs-nox elpa-eglot (Emacs 29 has it built in)")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".git").mkdir()
    path = folder / "orders.py"
    path.write_text(BUG)
    env = environment(tmp_path, PONDER_API_OFFLINE_DELTA_MS="30")
    ran = play(program, "eglot-session.el", path, env)
    print(ran.stderr, file=sys.stderr)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "FAILED" not in ran.stderr
    for step in ("findings are diagnostics", "a dismissed finding is gone", "the edit is in the buffer"):
        assert f"ok: {step}" in ran.stderr
    assert "ok: a run is cancelled" in ran.stderr
    assert path.read_text() == BUG, "nothing is written behind the user's back"
