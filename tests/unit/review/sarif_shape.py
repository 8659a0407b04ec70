"""The shape of SARIF 2.1.0 logs, as far as Ponder writes them: stricter than the schema, for it knows no other fields.

Written from the OASIS standard (SARIF 2.1.0 with errata 01, sections 3.13 to 3.58). Logs were also checked against
the standard's own JSON schema by hand.
"""

from collections.abc import Iterator
from typing import Any

Shape = dict[str, Any]
TEXT, WHOLE, TRUTH, ANY = str, int, bool, object
LEVELS = {"none", "note", "warning", "error"}

MESSAGE: Shape = {"text!": TEXT}
PLACE: Shape = {"uri!": TEXT, "uriBaseId": TEXT}
REGION: Shape = {
    "startLine!": WHOLE,
    "startColumn": WHOLE,
    "endLine": WHOLE,
    "endColumn": WHOLE,
    "snippet": {"text!": TEXT},
}
LOCATION: Shape = {
    "physicalLocation": {"artifactLocation!": PLACE, "region": REGION, "contextRegion": REGION}
}
REPLACEMENT: Shape = {"deletedRegion!": REGION, "insertedContent": {"text": TEXT}}
FIX: Shape = {
    "description": MESSAGE,
    "artifactChanges!": [{"artifactLocation!": PLACE, "replacements!": [REPLACEMENT]}],
}
RESULT: Shape = {
    "ruleId": TEXT,
    "ruleIndex": WHOLE,
    "level": LEVELS,
    "message!": MESSAGE,
    "locations": [LOCATION],
    "partialFingerprints": ANY,
    "fixes": [FIX],
}
RULE: Shape = {"id!": TEXT, "name": TEXT, "shortDescription": MESSAGE, "properties": ANY}
COMPONENT: Shape = {
    "name!": TEXT,
    "version": TEXT,
    "semanticVersion": TEXT,
    "rules": [RULE],
    "shortDescription": MESSAGE,
    "properties": ANY,
}
NOTIFICATION: Shape = {"level": LEVELS, "message!": MESSAGE, "locations": [LOCATION], "properties": ANY}
RUN: Shape = {
    "tool!": {"driver!": COMPONENT, "extensions": [COMPONENT]},
    "columnKind": {"utf16CodeUnits", "unicodeCodePoints"},
    "invocations": [{"executionSuccessful!": TRUTH, "toolExecutionNotifications": [NOTIFICATION]}],
    "automationDetails": {"id": TEXT},
    "results": [RESULT],
    "properties": ANY,
}
LOG: Shape = {"$schema": TEXT, "version!": {"2.1.0"}, "runs!": [RUN]}


def problems(value: object, shape: Any = None, where: str = "$") -> Iterator[str]:
    """What is wrong with a log: fields that are missing, unknown or of another kind."""
    shape = LOG if shape is None else shape
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is no array"
            return
        for index, item in enumerate(value):
            yield from problems(item, shape[0], f"{where}[{index}]")
    elif isinstance(shape, set):
        if value not in shape:
            yield f"{where} is {value!r}"
    elif isinstance(shape, dict):
        yield from _object(value, shape, where)
    elif shape is WHOLE:
        if type(value) is not int or value < (0 if where.endswith("Index") else 1):
            yield f"{where} is {value!r}"
    elif not isinstance(value, shape) or (
        shape is TEXT and not value and not where.endswith("insertedContent.text")
    ):
        yield f"{where} is {value!r}"


def _object(value: object, shape: Shape, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    known = {name.rstrip("!"): (name.endswith("!"), inner) for name, inner in shape.items()}
    yield from (
        f"{where}.{name} is missing" for name, (must, _) in known.items() if must and name not in value
    )
    for name, inner in value.items():
        if name not in known:
            yield f"{where}.{name} is unknown"
        else:
            yield from problems(inner, known[name][1], f"{where}.{name}")
