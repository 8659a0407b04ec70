"""What clients declare in `initialize`: recorded from real editors, and the two ends of the scale. Data only."""

import json
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_RECORDED = {
    "vscode": "visual_studio_code_v1.65.2.json",
    "neovim": "neovim_v0.11.0.json",
    "emacs": "emacs_v29.1.json",
}

_FULL: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"didSave": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "isPreferredSupport": True,
            "dataSupport": True,
            "tagSupport": {"valueSet": [1]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"versionSupport": True, "dataSupport": True, "relatedInformation": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
            "failureHandling": "transactional",
        },
        "configuration": True,
        "workspaceFolders": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "window": {
        "workDoneProgress": True,
        "showDocument": {"support": True},
        "showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}},
    },
    "experimental": {"ponder": {"events": 1}},
}

PROFILES = ("bare", "full", *_RECORDED)


@cache
def _recorded(name: str) -> str:
    import pytest_lsp

    return (Path(pytest_lsp.__file__).parent / "clients" / _RECORDED[name]).read_text()


def capabilities(profile: str, encoding: str | None) -> Json:
    """The capabilities of a profile. `encoding` None leaves `positionEncodings` out."""
    if profile == "bare":
        declared: Json = {}
    elif profile == "full":
        declared = json.loads(json.dumps(_FULL))
    else:
        declared = json.loads(_recorded(profile))["capabilities"]
    general = declared.setdefault("general", {})
    general.pop("positionEncodings", None)
    if encoding is not None:
        general["positionEncodings"] = [encoding]
    return declared


# Requests of a server → where the client must have declared that it takes them.
_DECLARED_AT = {
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/configuration": "workspace.configuration",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "window/showDocument": "window.showDocument.support",
    "window/workDoneProgress/create": "window.workDoneProgress",
}


def offered(declared: Json, method: str, params: Any) -> bool:
    """Whether a client that declared this may be sent this request."""
    if method in {"client/registerCapability", "client/unregisterCapability"}:
        return all(
            _at(declared, f"{row['method'].replace('/', '.')}.dynamicRegistration") is True
            for row in params.get("registrations") or params["unregisterations"]
        )
    if method == "window/showMessageRequest":
        return True  # needs no capability; the one there is speaks of extra properties
    place = _DECLARED_AT.get(method)
    return place is not None and bool(_at(declared, place) or _at(declared, place) == {})


def _at(declared: Json, place: str) -> Any:
    found: Any = declared
    for name in place.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
