"""The JSON schemas of structured answers. Reads no answer; sets no limits the API would refuse.

Structured outputs take no `minimum`, `maximum`, `minLength` or recursion, want `additionalProperties: false`
and every property required (Messages API, "Structured outputs", limits). What a schema cannot say is checked
when an answer is placed.
"""

from typing import Any, Final

from ponder.findings import SEVERITIES


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _string(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _array(items: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


_SUMMARY: Final = _string("What was found or done, for the user, in Markdown.")
_PATH: Final = _string("Path of the file, relative, exactly as given in the request.")
_EDIT: Final = _object(
    path=_PATH,
    old_text=_string(
        "Exact text that stands once in the file; empty only for a file that does not exist yet."
    ),
    new_text=_string("The text that replaces it."),
)
_REMARK: Final[dict[str, dict[str, Any]]] = {
    "path": _PATH,
    "start_line": {"type": "integer", "description": "First line, counted from 1."},
    "end_line": {"type": "integer", "description": "Last line, counted from 1."},
    "quote": _string("The exact text of the first line."),
    "severity": {"type": "string", "enum": list(SEVERITIES), "description": "How much it matters."},
    "rule": _string("Short kebab-case name of the kind of problem, the same for the same kind."),
    "message": _string("What is wrong, why, and what follows from it."),
}
_CONFIDENCE: Final = {"type": "integer", "description": "How sure you are of this finding, from 0 to 100."}
_FIX: Final = _array(_EDIT, "Edits that repair it; empty where there is no safe repair.")
_EACH: Final = "One entry for each problem; empty where there is none."

FINDINGS: Final[dict[str, Any]] = _object(
    summary=_SUMMARY, findings=_array(_object(**_REMARK, fix=_FIX), _EACH)
)
RATED_FINDINGS: Final[dict[str, Any]] = _object(
    summary=_SUMMARY, findings=_array(_object(**_REMARK, confidence=_CONFIDENCE, fix=_FIX), _EACH)
)
"""As `FINDINGS`, each with how sure the model is of it: sent only where the user set `review.minConfidence`."""
EDITS: Final[dict[str, Any]] = _object(
    summary=_SUMMARY, edits=_array(_EDIT, "The changes, in any order, none overlapping another.")
)

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "findings": FINDINGS,
    "ratedFindings": RATED_FINDINGS,
    "edits": EDITS,
}
"""Schema of each structured answer shape; `markdown` has none."""
