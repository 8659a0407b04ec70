"""editors/PROTOCOL.md against the code that reads and writes the wire: names, fields, words. Also the Lua mirror."""

import inspect
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from ponder.documents import Document, Span
from ponder.edits.hunks import PendingEdit
from ponder.engine.events import BlockDelta, BlockKind, BlockStarted, Notice, Retrying, Status
from ponder.errors import ErrorInfo, ErrorKind
from ponder.findings import Edit, FileChange, Finding, TextChange
from ponder.lsp import capabilities, convert, server
from ponder.lsp.capabilities import ClientFeatures
from ponder.lsp.commands import COMMANDS
from ponder.lsp.handlers import command
from ponder.routing.route import EFFORTS, Thinking, ThinkingMode
from ponder.session import ports, wire
from ponder.session.events import (
    BlockEnded,
    EditProposed,
    FindingFound,
    RunEvent,
    RunFinished,
    RunStarted,
    Trigger,
    UsageChanged,
)
from ponder.session.request import RunResult
from ponder.usage import Usage

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "editors" / "PROTOCOL.md").read_text("utf-8")
LUA = (ROOT / "editors" / "nvim" / "lua" / "ponder" / "protocol.lua").read_text("utf-8")

DOCUMENT = Document("file:///a.py", "old\n", path="a.py", version=1)
EDIT = Edit(
    files=(
        FileChange(uri=DOCUMENT.uri, path="a.py", version=1, changes=(TextChange(Span(0, 3), "old", "new"),)),
    )
)
ERROR = ErrorInfo(kind="network", message="No route.")
FINDING = Finding(
    id="1", uri=DOCUMENT.uri, path="a.py", span=Span(0, 3), quote="old", severity="warning", code="review/x",
    message="m", fix=EDIT,
)  # fmt: skip

EVENTS: tuple[RunEvent, ...] = (
    RunStarted(
        action="review", title="t", document=DOCUMENT, span=Span(0, 1), trigger="command", provider="offline",
        model="m", thinking=Thinking(mode="off"), max_tokens=1, parent="r", instruction="Why?",
    ),
    BlockStarted(0, "tool", "read"),
    BlockDelta(0, "x"),
    BlockEnded(0, 1),
    FindingFound(FINDING, (DOCUMENT,)),
    EditProposed(EDIT, (DOCUMENT,), applied=False, reason="why"),
    UsageChanged(Usage()),
    Retrying(1, 2, ERROR),
    Notice("n"),
    RunFinished(status="done", usage=Usage(), duration_ms=1, error=None),
)  # fmt: skip


class Shown:
    """The part of an editor that writes positions, with the converter of the real one."""

    features = ClientFeatures()

    def finding_object(self, finding: Finding, documents: Any) -> Any:
        return convert.finding_object(finding, documents, self.features)

    def edit_object(self, edit: Edit, documents: Any) -> Any:
        return convert.edit_object(edit, documents, "utf-16")

    def range_object(self, span: Span, document: Document) -> Any:
        return convert.range_of(document, span, "utf-16")


EDITOR: Any = Shown()


def table(head: str) -> dict[str, str]:
    """A table of the page: its first column's word → the rest of the row."""
    found = re.search(rf"^\| {head} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found, f"no table {head}"
    rows = (line.strip("|").split(" | ", 1) for line in found[1].splitlines())
    return {name.strip().strip("`"): rest for name, rest in rows}


def names(cell: str) -> set[str]:
    """The names in backticks that are no words of a list in parentheses."""
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", cell)))


def listed(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_every_kind_of_event_is_tried() -> None:
    """The samples below hold one of each type the code can send."""
    assert {type(event) for event in EVENTS} == set(get_args(RunEvent))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_has_the_fields_of_the_page(event: RunEvent) -> None:
    """Names are exact, in both directions."""
    sent = wire.event(event, EDITOR)
    assert names(table("`type`")[str(sent["type"])]) == set(sent) - {"type"}


def test_how_an_edit_stands_has_the_fields_of_the_page() -> None:
    """`ponder/edit` holds what its row names; a reason only where there is one."""
    pending = PendingEdit(EDIT, {DOCUMENT.uri: DOCUMENT.text})
    said = {"runId", *wire.edit_decided(pending, "why")}
    assert said == names(table("method")["ponder/edit"])
    assert said - {"reason"} == {"runId", *wire.edit_decided(pending, None)}


def test_the_page_has_no_event_more() -> None:
    """A row for each type the code sends."""
    assert set(table("`type`")) == {wire.event(event, EDITOR)["type"] for event in EVENTS}


def test_commands() -> None:
    """Every command, with the fields of its argument as they are read."""
    page = table("command")
    assert set(page) == set(command.HANDLERS)
    for name, handler in command.HANDLERS.items():
        kind = re.search(r"_read\(sent, (\w+)\)", inspect.getsource(handler))
        assert kind, name
        argument = getattr(command, kind[1])
        fields = {field.encode_name for field in msgspec.structs.fields(argument)}
        assert names(page[name].split(" | ")[0]) == fields, name


def test_each_command_is_handled_and_advertised() -> None:
    """Each name has a row, each function that takes a command has one, and clients get the names."""
    handled = {one for one in vars(command).values() if inspect.iscoroutinefunction(one)}
    assert tuple(command.HANDLERS) == COMMANDS
    assert sorted(map(id, command.HANDLERS.values())) == sorted(map(id, handled - {command.execute_command}))
    served = inspect.signature(server.serve_stdio).parameters["commands"].default
    told = capabilities.initialize_result(ClientFeatures(), tuple(served))["capabilities"]
    assert told["executeCommandProvider"]["commands"] == COMMANDS


def test_a_result_and_what_is_in_it() -> None:
    """Fields of the result, of a finding, of usage, of an error and of thinking."""
    result = RunResult(
        run_id="r", action="review", status="failed", provider="offline", model="m", text="", findings=(FINDING,),
        edit=EDIT, applied=False, stale=False, usage=Usage(), duration_ms=1, error=ERROR, reason="why",
    )  # fmt: skip
    texts = {DOCUMENT.uri: DOCUMENT}
    sent: dict[str, Any] = wire.result(result, texts, texts, EDITOR)
    assert set(table("field")) == set(sent)
    assert set(table("finding")) == set(sent["findings"][0])
    assert set(table("usage")) == set(sent["usage"])
    assert set(table("error")) == set(sent["error"])
    assert set(table("thinking")) == set(msgspec.to_builtins(Thinking(mode="off")))


def test_words() -> None:
    """Words that stand for a choice are all there and no others."""
    assert listed(table("error")["kind"]) == list(get_args(ErrorKind))
    assert set(listed(table("field")["status"])) - {"done"} == set(get_args(Status)) - {"done"}
    assert listed(table("thinking")["mode"]) == list(get_args(ThinkingMode))
    assert listed(table("thinking")["effort"]) == list(EFFORTS)
    triggers = re.search(r"- `trigger` is (.*?)\.", PAGE)
    assert triggers
    assert listed(triggers[1]) == list(get_args(Trigger))
    kinds = re.search(r"- `kind` of a block is (.*?)\.\n", PAGE)
    assert kinds
    assert names(kinds[1]) == set(get_args(BlockKind))
    statuses = set(re.findall(r"`([A-Z]\w+)`", table("method")["ponder/status"]))
    assert statuses == set(get_args(ports.StatusKind))


def test_actions_and_scopes() -> None:
    """The page and the Lua mirror name the built-in actions and the scopes of a dismissal."""
    from ponder.actions.catalogue import BUILT_IN
    from ponder.store.rows import DismissScope

    actions = re.search(r"- `action` is ((?:.*\n)+?).*or one that", PAGE)
    assert actions
    ids = {action.id for action in BUILT_IN}
    assert set(re.findall(r"`(\w+)`", actions[0])) - {"action"} == ids
    mirrored = re.search(r"M\.ACTIONS = \{(.*?)\}", LUA, re.DOTALL)
    assert mirrored
    assert set(re.findall(r'"(\w+)"', mirrored[1])) == ids
    scopes = re.search(r"- `scope` is (.*?)\.\n", PAGE)
    assert scopes
    assert listed(scopes[1]) == list(get_args(DismissScope))


def test_the_lua_mirror_has_every_command() -> None:
    """Same names, none missing."""
    assert set(re.findall(r'"(ponder\.\w+)"', LUA)) == set(COMMANDS)
