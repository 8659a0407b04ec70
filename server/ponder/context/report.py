"""What `ponder context` shows: segments, sizes, and what was left out and why. Chooses nothing itself."""

from collections.abc import Mapping, Sequence

from ponder.context.selection import Selection


def context_report(
    folders: Sequence[str], selection: Selection, ignored: Mapping[str, str]
) -> dict[str, object]:
    """The object of `ponder context --json`. `ignored` is what `WorkspaceIndex.left_out` says.

    Each path is named once; what was wanted and could not be sent comes before what is ignored anyway.
    """
    left_out = dict(selection.left_out)
    left_out |= {path: reason for path, reason in ignored.items() if path not in left_out}
    return {
        "folders": list(folders),
        "segments": [
            {
                "kind": segment.kind,
                "bytes": segment.bytes,
                "tokens": segment.tokens,
                "files": list(segment.files),
            }
            for segment in selection.segments
        ],
        "leftOut": [{"path": path, "reason": reason} for path, reason in left_out.items()],
    }
