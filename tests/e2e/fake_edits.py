"""What a workspace edit makes of an editor's buffers, all or nothing. Changes none of them."""

from typing import Any

from e2e.fake_buffers import Buffer

Json = dict[str, Any]


class Refused:
    """The edit is not applied; `answer` says why, as the editor answers it."""

    def __init__(self, reason: str, change: int | None = None) -> None:
        self.answer: Json = {"failureReason": reason} | ({} if change is None else {"failedChange": change})


def planned(
    edit: Json, buffers: dict[str, Buffer], encoding: str, *, confirm: bool
) -> dict[str, str] | Refused:
    """The texts after the edit, by uri. `confirm` is what the user says to edits that need a confirmation."""
    asked = any(note.get("needsConfirmation") for note in edit.get("changeAnnotations", {}).values())
    if asked and not confirm:
        return Refused("the user said no")
    changes = edit.get("documentChanges")
    if changes is None:
        changes = [
            {"textDocument": {"uri": uri, "version": None}, "edits": edits}
            for uri, edits in edit.get("changes", {}).items()
        ]
    texts: dict[str, str] = {}
    for number, change in enumerate(changes):
        if change.get("kind") == "create":
            texts[change["uri"]] = ""
            continue
        uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
        if uri in texts:
            buffer = Buffer(uri, texts[uri], encoding)
        elif uri in buffers:
            buffer = buffers[uri]
            if version is not None and version != buffer.version:
                return Refused("wrong version", number)
        else:
            return Refused(f"{uri} is not open", number)
        texts[uri] = buffer.apply(change["edits"])
    return texts
