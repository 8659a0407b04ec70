"""Which rows of the catalogue fit a place, as offers for a menu. Pure: no network, no disk, no clock."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field, structs

from ponder.actions.catalogue import Action, Catalogue
from ponder.documents import Span
from ponder.findings import Edit, Finding

MAX_DIAGNOSTICS = 10
"""Diagnostics that get offers of their own; a menu with more is not read."""


class Asked(Struct, frozen=True, kw_only=True):
    """What the editor asks. `diagnostics` holds one (title text, is Ponder's own) for each in range, in order."""

    uri: str
    span: Span
    diagnostics: tuple[tuple[str, str | None], ...] = ()
    """(message, finding id or None) of each diagnostic in range."""
    only: tuple[str, ...] | None = None
    automatic: bool = False


class Offer(Struct, frozen=True, kw_only=True):
    """One entry of the menu. Has a command, or an edit that is ready; `diagnostic` is an index into `Asked.diagnostics`."""

    title: str
    kind: str
    action: str
    command: str | None = "ponder.run"
    argument: dict[str, object] = field(default_factory=dict)
    edit: Edit | None = None
    diagnostic: int | None = None
    preferred: bool = False
    disabled: str | None = None
    """Why it cannot be chosen now; only for menus that show such entries."""


class Pending(Struct, frozen=True, kw_only=True):
    """A proposed edit that waits for the user: one label for each change still open."""

    run_id: str
    changes: tuple[tuple[int, str], ...]
    """(number of its first hunk from 0, its label)."""
    ready: Mapping[int | None, "Ready"] | None = None
    """For editors that apply no edit for a server: those to take at once, by that number, None for all.

    What is missing here is not offered. None for all other editors.
    """


class Ready(Struct, frozen=True):
    """An edit that the editor can take out of the menu, and what the user must have read before."""

    edit: Edit
    doubts: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """A run whose answer can be shown, by its id and the title of its action."""

    run_id: str
    title: str


def offers(
    asked: Asked,
    catalogue: Catalogue,
    *,
    prefix: str,
    findings: Iterable[Finding] = (),
    pending: Iterable[Pending] = (),
    running: bool = False,
    refused: str | None = None,
    answer: Answer | None = None,
) -> list[Offer]:
    """The menu for a place. `prefix` is what titles start with (`Ponder`, or `Ponder (offline)`).

    `refused`: what the file is that nothing may be asked about (`ignored by .gitignore`).
    """
    known = {finding.id: finding for finding in findings}
    found = list(_for_diagnostics(asked, catalogue, prefix, known))
    if not asked.automatic:
        # What waits for the user stands first.
        found[:0] = _for_pending(pending, prefix)
        found += [_offer(action, prefix) for action in catalogue.actions if action.fits == "anywhere"]
        if answer is not None:
            found.append(
                Offer(
                    title=f"{prefix}: Show the answer of {answer.title}",
                    kind="source.ponder.transcript",
                    action="transcript",
                    command="ponder.transcript",
                    argument={"runId": answer.run_id},
                )
            )
        if running:
            found.append(
                Offer(
                    title=f"{prefix}: Cancel",
                    kind="source.ponder.cancel",
                    action="cancel",
                    command="ponder.cancel",
                )
            )
    if refused is not None:
        why = f"{prefix} sends nothing of this file: it is {refused}."
        found = [structs.replace(one, disabled=why) if one.command == "ponder.run" else one for one in found]
    return [offer for offer in found if _wanted(offer.kind, asked.only)]


def _offer(action: Action, prefix: str) -> Offer:
    return Offer(title=f"{prefix}: {action.title}", kind=action.kind, action=action.id)


def _for_diagnostics(
    asked: Asked, catalogue: Catalogue, prefix: str, known: dict[str, Finding]
) -> Iterator[Offer]:
    for index, (message, finding_id) in enumerate(asked.diagnostics[:MAX_DIAGNOSTICS]):
        finding = known.get(finding_id) if finding_id else None
        if finding is not None and finding.fix is not None:
            # The choice itself is the confirmation, so it names what would have been asked.
            title = f"{prefix}: Apply the fix for “{_short(message)}”"
            yield Offer(
                title=" ".join((title, *finding.fix.warnings)),
                kind="quickfix",
                action="fix",
                command=None,
                edit=finding.fix,
                diagnostic=index,
                preferred=True,
            )
        for action in catalogue.actions:
            if action.fits == "diagnostic":
                title = f"{prefix}: {action.title} “{_short(message)}”"
                yield Offer(title=title, kind=action.kind, action=action.id, diagnostic=index)
        if finding is not None:
            explain = catalogue.get("explain")
            if explain is not None:
                title = f"{prefix}: {explain.title} “{_short(message)}”"
                yield Offer(title=title, kind="quickfix", action=explain.id, diagnostic=index)
            yield from _dismissals(finding, index, prefix)


def _dismissals(finding: Finding, index: int, prefix: str) -> Iterator[Offer]:
    rule = finding.code
    for scope, words in (
        ("finding", "Dismiss this finding"),
        ("rule", f"Dismiss `{rule}` in this workspace"),
        ("file", "Dismiss findings in this file"),
    ):
        yield Offer(
            title=f"{prefix}: {words}",
            kind="quickfix",
            action="dismiss",
            command="ponder.dismiss",
            argument={"findingId": finding.id, "scope": scope},
            diagnostic=index,
        )


def _for_pending(pending: Iterable[Pending], prefix: str) -> Iterator[Offer]:
    for edit in pending:
        if edit.ready is not None:
            yield from _for_taking(edit, edit.ready, prefix)
            continue
        for verb, action in (("Apply", "apply"), ("Discard", "discard")):
            for hunk, label in edit.changes:
                yield _decision(f"{prefix}: {verb} {label}", action, {"runId": edit.run_id, "hunk": hunk})
            if (count := len(edit.changes)) > 1:
                yield _decision(f"{prefix}: {verb} all {count} changes", action, {"runId": edit.run_id})


def _for_taking(pending: Pending, ready: Mapping[int | None, Ready], prefix: str) -> Iterator[Offer]:
    """Edits without a command beside them: there are editors that would carry out the command alone (ALE)."""
    count = len(pending.changes)
    every = ((None, f"all {count} changes"),) if count > 1 else ()
    for number, label in (*pending.changes, *every):
        if (one := ready.get(number)) is not None:
            # The choice itself is the confirmation, so it names what would have been asked.
            title = " ".join((f"{prefix}: Apply {label}", *one.doubts))
            yield Offer(title=title, kind="quickfix", action="apply", command=None, edit=one.edit)
    for number, label in (*pending.changes, *every):
        argument: dict[str, object] = {"runId": pending.run_id}
        yield _decision(
            f"{prefix}: Discard {label}",
            "discard",
            argument if number is None else argument | {"hunk": number},
        )


def _decision(title: str, action: str, argument: dict[str, object]) -> Offer:
    return Offer(title=title, kind="quickfix", action=action, command=f"ponder.{action}", argument=argument)


def _wanted(kind: str, only: tuple[str, ...] | None) -> bool:
    """Whether a filter asks for this kind. A bare `source` or `source.fixAll` comes from actions on save: never a model run."""
    if only is None or "" in only:  # the empty kind is every kind (LSP 3.17, CodeActionKind)
        return True
    return any(
        (kind == wanted or kind.startswith(f"{wanted}."))
        and wanted != "source"
        and not wanted.startswith("source.fixAll")
        for wanted in only
    )


def _short(message: str, limit: int = 60) -> str:
    line = " ".join(message.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
