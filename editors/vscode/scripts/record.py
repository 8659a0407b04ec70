"""Records anew those event streams of `tests/transcripts` whose form is no longer what the server tells; `--all` for all."""

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "tests"))

from e2e.recorder import FOLDER, RECORDINGS, forms, record, recorded, write


async def main(everything: bool) -> None:
    """Write what is stale, and remove what no longer has a way to come about."""
    for name, how in RECORDINGS.items():
        with tempfile.TemporaryDirectory() as place:
            events = await record(how, Path(place))
        stale = (
            everything or not (FOLDER / f"{name}.jsonl").is_file() or forms(recorded(name)) != forms(events)
        )
        if stale:
            write(name, events)
        sys.stdout.write(f"{name}: {'recorded' if stale else 'as it was'}, {len(events)} events\n")
    for path in FOLDER.glob("*.jsonl"):
        if path.stem not in RECORDINGS:
            path.unlink()


asyncio.run(main("--all" in sys.argv))
