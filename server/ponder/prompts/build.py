"""Puts a prompt together: shared instructions, workspace blocks, the action's task, the question. Pure.

The shared instructions and the workspace stand before everything that belongs to one action, so that all
actions on one model share one cached prefix.
"""

from msgspec.structs import replace

from ponder.engine.prompt import AnswerShape, PastTurn, Prompt, PromptBlock
from ponder.prompts import library
from ponder.prompts.question import Question, render

_IN_WORDS = "(Answer this in Markdown, without calling the tool.)"


def build(
    question: Question,
    *,
    task: str,
    shape: AnswerShape,
    instructions: tuple[PromptBlock, ...] | None = None,
    workspace: tuple[PromptBlock, ...] = (),
) -> Prompt:
    """The prompt of a first turn. `instructions` and `workspace` are those of a prefix plan, where there is one."""
    return Prompt(
        instructions=instructions or (PromptBlock(library.text("instructions")),),
        question=(
            *workspace,
            PromptBlock(f"<task>\n{_task(task, shape)}\n</task>"),
            PromptBlock(render(question)),
        ),
        shape=shape,
    )


def _task(task: str, shape: AnswerShape) -> str:
    """The task; where findings are to be rated, with what the rating means."""
    return (
        f"{task.strip()}\n\n{library.text('confidence').strip()}"
        if shape == "ratedFindings"
        else task.strip()
    )


def without_workspace(turn: PastTurn) -> PastTurn:
    """A past turn without the workspace's blocks; a later turn, which is one block, stays as it is."""
    return replace(turn, question=turn.question[-2:])


def follow_up(
    first: Prompt, past: tuple[PastTurn, ...], text: str, *, reported: AnswerShape | None = None
) -> Prompt:
    """The next turn of a conversation: earlier turns unchanged, the new text last, answered in Markdown.

    `reported`: the first turn was answered through a tool, which stays there and is not to be called again.
    """
    said = text if reported is None else f"{text}\n\n{_IN_WORDS}"
    return Prompt(
        instructions=first.instructions,
        question=(PromptBlock(said),),
        shape="markdown",
        past=past,
        reported=reported,
    )
