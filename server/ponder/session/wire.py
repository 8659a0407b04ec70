"""Run events and results as plain objects, named as the protocol page names them. Positions are made by the editor's side."""

from collections.abc import Mapping

import msgspec

from ponder.documents import Document
from ponder.edits.hunks import PendingEdit
from ponder.engine.events import BlockDelta, BlockStarted, Notice, Retrying
from ponder.session.events import (
    BlockEnded,
    EditProposed,
    FindingFound,
    RunEvent,
    RunFinished,
    RunStarted,
    UsageChanged,
)
from ponder.session.ports import Editor, Json
from ponder.session.request import RunResult


def event(event: RunEvent, editor: Editor) -> Json:
    """One `ponder/event`, without `runId` and `seq`."""
    match event:
        case BlockDelta(index=index, text=text):
            return {"type": "blockDelta", "index": index, "text": text}
        case BlockStarted(index=index, kind=kind, name=name):
            named = {} if name is None else {"name": name}
            return {"type": "blockStarted", "index": index, "kind": kind, **named}
        case BlockEnded(index=index, duration_ms=duration):
            return {"type": "blockFinished", "index": index, "durationMs": duration}
        case FindingFound(finding=finding, documents=documents):
            found = editor.finding_object(finding, by_uri(documents))
            return {"type": "finding", "finding": found}
        case EditProposed(edit=edit, documents=documents, applied=applied, reason=reason):
            shown = editor.edit_object(edit, by_uri(documents))
            why = {} if reason is None else {"reason": reason}
            return {"type": "edit", "edit": shown, "applied": applied, **why}
        case UsageChanged(usage=usage):
            return {"type": "usage", "usage": msgspec.to_builtins(usage)}
        case Retrying(attempt=attempt, delay_ms=delay, error=error):
            return {
                "type": "retrying",
                "attempt": attempt,
                "delayMs": delay,
                "error": msgspec.to_builtins(error),
            }
        case Notice(message=message):
            return {"type": "notice", "message": message}
        case RunStarted():
            return _started(event, editor)
        case RunFinished(status=status, usage=usage, duration_ms=duration, error=error):
            return {
                "type": "finished",
                "status": status,
                "usage": msgspec.to_builtins(usage),
                "durationMs": duration,
                "error": msgspec.to_builtins(error),
            }


def _started(event: RunStarted, editor: Editor) -> Json:
    place: Json = {"uri": None, "range": None}
    if event.document is not None:
        place["uri"] = event.document.uri
        if event.span is not None:
            place["range"] = editor.range_object(event.span, event.document)
    asked: Json = {} if event.parent is None else {"parentRunId": event.parent}
    if event.instruction:
        asked["instruction"] = event.instruction
    return {
        "type": "started",
        "action": event.action,
        "title": event.title,
        **place,
        "trigger": event.trigger,
        "provider": event.provider,
        "model": event.model,
        "thinking": msgspec.to_builtins(event.thinking),
        "maxTokens": event.max_tokens,
        **asked,
    }


def result(
    result: RunResult, documents: Mapping[str, Document], bases: Mapping[str, Document], editor: Editor
) -> Json:
    """The run result; `edit` and `error` are absent where there is none.

    `documents` are the texts that the findings are placed in, `bases` those of the edit.
    """
    answer: Json = {
        "runId": result.run_id,
        "action": result.action,
        "status": result.status,
        "provider": result.provider,
        "model": result.model,
        "text": result.text,
        "findings": [editor.finding_object(finding, documents) for finding in result.findings],
        "applied": result.applied,
        "stale": result.stale,
        "usage": msgspec.to_builtins(result.usage),
        "durationMs": result.duration_ms,
    }
    if result.edit is not None:
        answer["edit"] = editor.edit_object(result.edit, bases)
    if result.reason is not None:
        answer["reason"] = result.reason
    if result.error is not None and result.status != "done":
        answer["error"] = msgspec.to_builtins(result.error)
    return answer


def edit_decided(pending: PendingEdit, reason: str | None) -> Json:
    """One `ponder/edit`, without `runId`: the changes of an edit by what became of them, counted from 0."""
    decided = pending.applied | pending.discarded
    return {
        "applied": [number - 1 for number in sorted(pending.applied)],
        "discarded": [number - 1 for number in sorted(pending.discarded)],
        "open": [hunk.number - 1 for hunk in pending.hunks if hunk.number not in decided],
        **({} if reason is None else {"reason": reason}),
    }


def by_uri(documents: tuple[Document, ...]) -> dict[str, Document]:
    """The documents by their uri."""
    return {document.uri: document for document in documents}
