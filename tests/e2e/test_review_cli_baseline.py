"""`ponder baseline`: what is known is accepted, what is new is shown, what was not reviewed stays."""

import json
from pathlib import Path

from e2e.test_review_cli import BUG, CLEAN, endpoint, write


async def test_a_baseline_accepts_what_is_known(tmp_path: Path) -> None:
    """Written the same way each time; what it holds is not shown, also after lines moved; new findings are."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": BUG, "lib/b.py": BUG})
        code, out, _ = await cli("baseline", ".")
        assert code == 0, out
        file = cli.folder / "ponder-baseline.json"
        written = file.read_bytes()
        entries = json.loads(written)["findings"]
        assert {entry["path"] for entry in entries} == {"a.py", "lib/b.py"}
        assert [(one["path"], one["rule"], one["id"]) for one in entries] == sorted(
            (one["path"], one["rule"], one["id"]) for one in entries
        )
        assert (await cli.json("."))[0] == 0
        await cli("baseline", ".")
        assert file.read_bytes() == written
        write(
            cli.folder,
            {"a.py": "# moved\n" + BUG + "\n\n" + BUG.replace("last", "end").replace("values", "items")},
        )
        code, review = await cli.json(".")
        assert (code, {one["startLine"] for one in review["findings"] if one["severity"] == "error"}) == (
            1,
            {7},
        )
        assert review["accepted"] > 0
        code, review = await cli.json(".", "--baseline", "")
        assert {one["startLine"] for one in review["findings"] if one["severity"] == "error"} >= {3, 7}


async def test_a_baseline_of_one_path_leaves_the_others(tmp_path: Path) -> None:
    """Entries of files that were not looked at stay; those of files that are gone, or mended, go."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": BUG, "b.py": BUG, "c.py": BUG})
        await cli("baseline", ".")
        write(cli.folder, {"a.py": CLEAN})
        (cli.folder / "c.py").unlink()
        await cli("baseline", "a.py")
        entries = json.loads((cli.folder / "ponder-baseline.json").read_text())["findings"]
        assert {entry["path"] for entry in entries} == {"b.py"}


async def test_a_failed_review_takes_nothing_out_of_a_baseline(tmp_path: Path) -> None:
    """What could not be reviewed keeps its entries, and the exit code says so."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": BUG})
        await cli("baseline", ".")
        before = (cli.folder / "ponder-baseline.json").read_bytes()
        write(cli.folder, {"a.py": BUG + "\n"})
        offline.faults.add("refusal;times=9")
        assert (await cli("baseline", "."))[0] == 3
        assert (cli.folder / "ponder-baseline.json").read_bytes() == before
