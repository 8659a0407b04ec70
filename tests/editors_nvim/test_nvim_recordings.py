"""The Neovim plugin's reducer over event streams recorded from the real server, the same that VS Code's panel is tested on."""

from collections.abc import Iterator

import pytest

from e2e.recorder import RECORDINGS, recorded
from editors_nvim.nvim_session import Nvim

pytestmark = pytest.mark.editor

REDUCED = """
local reduce, view = require('ponder.reduce'), require('ponder.view')
local told = ...
local state = reduce.new()
for _, event in ipairs(told) do state = reduce.reduce(state, event) end
local found = {}
for _, run in ipairs(reduce.runs(state)) do
  local lines = {}
  for _, section in ipairs(view.run(run, {fold_thinking = false})) do vim.list_extend(lines, section.lines(0)) end
  table.insert(found, {id = run.id, status = run.status, findings = #run.findings, lines = lines})
end
return found
"""


@pytest.fixture(scope="module")
def nvim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    with Nvim(tmp_path_factory.mktemp("recordings"), start=False) as editor:
        yield editor


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_is_shown_as_it_ended(nvim: Nvim, name: str) -> None:
    """Every run has the status, the findings and the words that the server told; told again after its end it is the same."""
    events = recorded(name)
    runs = {run["id"]: run for run in nvim.lua(REDUCED, events)}
    assert runs.keys() == {event["runId"] for event in events}
    for run_id, run in runs.items():
        own = [event for event in events if event["runId"] == run_id]
        assert run["status"] == own[-1]["status"]
        assert run["findings"] == sum(event["type"] == "finding" for event in own)
        shown = "".join("\n".join(run["lines"]).split())
        for index in {event["index"] for event in own if event["type"] == "blockDelta"}:
            text = "".join(event["text"] for event in own if event.get("index") == index and "text" in event)
            assert all("".join(line.split()) in shown for line in text.splitlines()), name
        error = own[-1]["error"]
        assert error is None or "".join(error["message"].split()) in shown
    assert list(runs.values()) == nvim.lua(REDUCED, events * 2)
