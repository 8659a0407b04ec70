"""Each promise on protocol abuse (P) and document sync (D) is tested by its id, or stands here with the reason."""

import re
from pathlib import Path

ELSEWHERE = {
    "D-08": "edits between snapshot and answer: anchors are the room `edits`' and the session's; here only versions",
    "D-13": "rename, deletion and atomic saves on disk change the context, never an open text: the context's tests",
}


def test_every_promise_has_a_test_or_a_reason() -> None:
    """No id is forgotten, and no reason stands for what is tested."""
    tests = Path(__file__).parents[1]
    files = [*tests.glob("e2e/test_lsp_*.py"), *tests.glob("unit/lsp/test_*.py")]
    text = "".join(path.read_text() for path in files if path.name != Path(__file__).name)
    tested = {
        f"{letter.upper()}-{number}"
        for letter, number in re.findall(r"\b([PDpd])-?(\d\d)\b", text.replace("_", " "))
    }
    promised = {f"P-{number:02}" for number in range(1, 25)} | {f"D-{number:02}" for number in range(1, 16)}
    assert promised - tested == set(ELSEWHERE)
