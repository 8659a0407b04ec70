"""The table of actions. A row says what an action is called, where editors file it, and what kind of answer it wants."""

from typing import Literal

from msgspec import Struct

from ponder.engine.prompt import AnswerShape
from ponder.prompts import library

Fits = Literal["anywhere", "diagnostic"]
REWRITE = "refactor.rewrite.ponder"
REPORT = "source.ponder"


class Action(Struct, frozen=True, kw_only=True):
    """One row. `kind` is an LSP code action kind; `fits` says where it is offered without being asked by name."""

    id: str
    title: str
    kind: str
    shape: AnswerShape
    fits: Fits = "anywhere"
    task: str = ""
    """Text of the task; empty for the built-in actions, whose task is the prompt file of their id."""

    @property
    def prompt(self) -> str:
        """What the model is asked to do."""
        return self.task or library.text(self.id)

    @property
    def version(self) -> str:
        """Changes when the prompt changes; part of every cache key."""
        return library.fingerprint(self.prompt)


def _report(name: str, title: str, shape: AnswerShape) -> Action:
    return Action(id=name, title=title, kind=f"{REPORT}.{name}", shape=shape)


def _rewrite(name: str, title: str) -> Action:
    return Action(id=name, title=title, kind=f"{REWRITE}.{name}", shape="edits")


# Shown in this order; editors keep it.
BUILT_IN: tuple[Action, ...] = (
    Action(id="fix", title="Fix", kind="quickfix", shape="edits", fits="diagnostic"),
    Action(id="debug", title="Debug", kind="quickfix", shape="markdown", fits="diagnostic"),
    _report("review", "Review", "findings"),
    _report("explain", "Explain", "markdown"),
    _rewrite("refactor", "Refactor"),
    _rewrite("simplify", "Simplify"),
    _rewrite("tests", "Write tests"),
    _rewrite("document", "Document"),
    _report("security", "Security review", "findings"),
    _report("architecture", "Describe the architecture", "markdown"),
    _rewrite("migrate", "Migrate"),
    _report("ask", "Answer the question here", "markdown"),
)


class Catalogue:
    """The actions in force: built-in ones, those of the configuration, less what is turned off."""

    def __init__(self, actions: tuple[Action, ...] = BUILT_IN) -> None:
        self.actions = actions
        self._by_id = {action.id: action for action in actions}

    def get(self, name: str) -> Action | None:
        """The action of that id, or None."""
        return self._by_id.get(name)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in the order shown."""
        return tuple(self._by_id)
