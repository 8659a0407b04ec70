"""Each promise on edits (E), load (L) and persistence (S) is tested by its id, or stands here with its test or a reason."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
BY_NAME = {
    "E-03": ("unit/answers/test_answers_placing.py", "test_refused_or_exact"),
    "E-06": ("unit/answers/test_answers_placing.py", "test_findings_that_are_dropped"),
    "E-08": ("e2e/test_load.py", "test_e08_an_edit_the_editor_does_not_make"),
    "E-10": ("e2e/test_load_edits.py", "test_e10_a_part_of_an_edit_fails"),
    "L-11": ("e2e/test_load.py", "test_nothing_grows_with_the_number_of_runs"),
    "S-14": ("unit/store/test_store_faults.py", "test_files_of_three_schema_versions_are_brought_up"),
}
"""Tests that do not carry the id in their own words."""
REASONS = {
    "E-15": "code actions come with their edit or command: there is nothing to resolve, so nothing to resolve too late",
    "L-09": "a time, and times are measured, not asserted: `tests/bench/run.py start`",
    "S-11": "there is no session file: a conversation lives in its server, and a transcript is never read back",
}


def test_every_promise_has_a_test_or_a_reason() -> None:
    """No id is forgotten, and no reason stands for what is tested."""
    sources = [*TESTS.glob("e2e/test_*.py"), *TESTS.glob("unit/*/test_*.py")]
    text = "".join(path.read_text() for path in sources if path.name != Path(__file__).name)
    found = re.findall(r"\b([ELS])-(\d\d)\b", text) + re.findall(r"def test_([els])(\d\d)_", text)
    tested = {f"{letter.upper()}-{number}" for letter, number in found} | set(BY_NAME)
    promised = {
        f"{letter}-{number:02}"
        for letter, last in (("E", 16), ("L", 11), ("S", 14))
        for number in range(1, last + 1)
    }
    assert tested & promised == promised - set(REASONS)


@pytest.mark.parametrize("promise", BY_NAME)
def test_named_tests_exist(promise: str) -> None:
    """The table points at tests that are there."""
    file, name = BY_NAME[promise]
    assert re.search(rf"^(?:async )?def {name}\b", (TESTS / file).read_text(), re.MULTILINE)
