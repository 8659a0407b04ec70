"""What an editor sends of its settings, one after the other: what it takes back is gone."""

from pathlib import Path

import pytest

from ponder.session.configuring import Configuration, SentBy

Step = tuple[SentBy, dict[str, object]]
ASK, HOVER = {"edits": {"apply": "never"}}, {"hover": {"mode": "off"}}


@pytest.mark.parametrize(
    ("steps", "apply", "mode"),
    [
        ([("change", ASK), ("change", HOVER)], "ask", "off"),
        ([("change", ASK), ("change", {})], "ask", "auto"),
        ([("answer", ASK), ("answer", HOVER)], "ask", "off"),
        ([("change", ASK), ("answer", HOVER)], "ask", "off"),
        # An editor that pushes may push a part; one that is asked says all it has to say, unless that is nothing.
        ([("start", ASK), ("change", HOVER)], "never", "off"),
        ([("start", ASK), ("answer", {})], "never", "auto"),
        ([("start", ASK), ("answer", HOVER)], "ask", "off"),
        ([("start", ASK), ("answer", HOVER), ("answer", {})], "ask", "auto"),
    ],
)
def test_the_newest_section_stands_alone(steps: list[Step], apply: str, mode: str, tmp_path: Path) -> None:
    """A setting that is not sent again falls back to the layer below."""
    configuration = Configuration({}, None)
    for by, section in steps:
        configuration.sent(section, by)
    settings = configuration.resolve((str(tmp_path),)).settings
    assert (settings.edits.apply, settings.hover.mode) == (apply, mode)
