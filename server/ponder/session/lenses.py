"""Links above definitions: which actions stand there, and what each is asked. Starts nothing."""

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.session.definitions import Definitions
from ponder.session.ports import Json
from ponder.session.state import State
from ponder.syntax.definitions import CONTAINERS

ACTIONS = ("explain", "tests")
"""The actions above a definition, in this order, as far as they are not turned off."""
_KINDS = CONTAINERS - {"module"} | {"function"}


class Lens(Struct, frozen=True):
    """One link: above which text it stands, its words, and the argument of `ponder.run`."""

    span: Span
    title: str
    argument: Json


async def lenses(
    state: State, definitions: Definitions, document: Document, refused: str | None
) -> list[Lens]:
    """The links of a text, a group for each function and class at its top; none where the setting is off.

    `refused` says why nothing may be asked about it, where that is so.
    """
    if refused is not None or not state.settings.code_lens.enable:
        return []
    offered = [action for name in ACTIONS if (action := state.actions.get(name)) is not None]
    found = await definitions.of(document)
    return [
        Lens(
            span=one.name_span,
            title=f"{state.title}: {action.title}",
            argument={
                "action": action.id,
                "textDocument": {"uri": document.uri},
                "range": state.editor.range_object(one.span, document),
            },
        )
        for one in found
        if not one.parent and one.kind in _KINDS
        for action in offered
    ]
