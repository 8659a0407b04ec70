"""Emacs in batch with lsp-mode and the real server. Skipped where there is no lsp-mode, unless PONDER_EXPECT_EMACS is set."""

import sys
from pathlib import Path

import pytest

from editors_emacs.emacs_session import emacs, play
from editors_nvim.nvim_session import BUG, environment

pytestmark = pytest.mark.editor


def test_lsp_mode_reviews_and_takes_edits(tmp_path: Path) -> None:
    """A ready fix comes out of the menu; with `edits.apply` "auto" in the user's own file, as the guide has it, edits come by themselves."""
    program = emacs("lsp-mode", "apt-get install emacs-nox elpa-lsp-mode")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".git").mkdir()
    path = folder / "orders.py"
    path.write_text(BUG)
    env = environment(tmp_path)
    own = Path(env["XDG_CONFIG_HOME"]) / "ponder"
    own.mkdir()
    (own / "config.toml").write_text('[edits]\napply = "auto"\n')
    ran = play(program, "lsp-mode-session.el", path, env)
    print(ran.stderr, file=sys.stderr)
    assert ran.returncode == 0, ran.stderr[-2000:]
    for step in (
        "findings are diagnostics",
        "a ready fix is in the buffer",
        "an edit of the server is in the buffer",
    ):
        assert f"ok: {step}" in ran.stderr
    assert path.read_text() == BUG, "nothing is written behind the user's back"
