"""Puts the server's wheel into dist/server: what the button "Install" installs. The same bytes from the same sources.

The wheel is stored, not deflated: the package around it deflates it, and two layers would come out a third larger.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
EPOCH = (2026, 1, 1, 0, 0, 0)


def main() -> None:
    """Build the wheel and store it anew."""
    target = HERE / "dist" / "server"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}
        built = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
            cwd=ROOT,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if built.returncode != 0:
            sys.exit(
                f"{built.stdout}{built.stderr}\nThe wheel needs hatchling: `python3 server/dev.py test` makes an environment with it."
            )
        (wheel,) = Path(folder).glob("*.whl")
        stored(wheel, target / wheel.name)
    print(f"server/{wheel.name} {(target / wheel.name).stat().st_size / 1024:.1f} kB, stored")


def stored(wheel: Path, target: Path) -> None:
    """The same files with nothing in it that depends on the day or the machine."""
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for entry in source.infolist():
            made.writestr(zipfile.ZipInfo(entry.filename, EPOCH), source.read(entry))


if __name__ == "__main__":
    main()
