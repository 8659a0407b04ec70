"""Which findings of a document the editor shows: neither silenced nor accepted, the gravest first. Asks no model."""

from ponder.errors import PonderError
from ponder.findings.silence import Dismissals, gravest, visible
from ponder.findings.tracking import FindingSet
from ponder.review import baseline_file
from ponder.session.ports import BadArgument, Json
from ponder.session.state import State
from ponder.store.rows import DismissScope


def show(state: State, uri: str) -> None:
    """Publish what stands for a document, less what was silenced or accepted, at most `review.maxFindings`."""
    # A file that nobody has opened may have findings of a review of the whole workspace.
    document = state.editor.document(uri) or state.placed_in.get(uri)
    if document is None:
        return
    if state.silenced is None:
        state.silenced = dismissals(state)
    review = state.settings.review
    unsilenced = visible(state.findings.of(uri), document, state.silenced)
    if unsilenced and state.accepted is None:
        state.accepted = accepted(state)
    fresh = [one for one in unsilenced if one.id not in (state.accepted or ())]
    least = review.min_confidence
    chosen = gravest(fresh, floor=review.severity_floor, most=review.max_findings, least=least)
    state.editor.publish(document, FindingSet().replaced(uri, chosen).of(uri))


def show_all(state: State) -> None:
    """Publish anew what stands for every document: what is silenced or accepted may have changed."""
    for uri in state.findings.by_uri:
        show(state, uri)


def dismiss(state: State, finding_id: str, scope: DismissScope) -> Json:
    """Hide a finding, all of its rule, or all of its file, for good in this workspace. Raises BadArgument."""
    finding = state.findings.find(finding_id)
    if finding is None:
        raise BadArgument(f"findingId: there is no finding `{finding_id}`")
    key = {"finding": finding.id, "rule": finding.code, "file": finding.path}[scope]
    state.store.dismiss(state.workspace_id, scope, key)
    state.silenced = None
    show_all(state)
    return {"dismissed": True}


def dismissals(state: State) -> Dismissals:
    """What the user never wants to see again here."""
    known = state.store.dismissed(state.workspace_id)
    return Dismissals(
        findings=frozenset(key for scope, key in known if scope == "finding"),
        rules=frozenset(key for scope, key in known if scope == "rule"),
        files=frozenset(key for scope, key in known if scope == "file"),
    )


def accepted(state: State) -> frozenset[str]:
    """Ids of the findings that the committed baselines of the workspace folders hold. A damaged one is told of once."""
    name = state.settings.review.baseline
    ids: set[str] = set()
    for folder in state.workspace.jail.folders if name else ():
        try:
            ids |= baseline_file.read(baseline_file.of_setting(name, folder, folder)).ids
        except PonderError as error:
            if str(error) not in state.problems:
                state.problems |= {str(error)}
                state.editor.notify(str(error), kind="warning")
    return frozenset(ids)
