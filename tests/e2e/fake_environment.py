"""The environment a server is started in: nothing of whoever runs the tests."""

import os
from pathlib import Path

SERVER_DIRECTORY = Path(__file__).parents[2] / "server"


def environment(folder: Path | None) -> dict[str, str]:
    """No key and no settings of whoever runs the tests; state and home stand beside the test's folder."""
    passed = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    state = str(folder.parent / f"{folder.name}-state") if folder else "/nonexistent/state"
    return passed | {
        "PYTHONPATH": str(SERVER_DIRECTORY),
        "PYTHONWARNINGS": "default",
        "PONDER_STATE_DIR": state,
        "XDG_CONFIG_HOME": state,
        "HOME": state,
    }
