"""The one table of commands: what `initialize` advertises and what `handlers/command` carries out. Runs none of them."""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "ponder.run": "run",
    "ponder.result": "result",
    "ponder.followUp": "follow_up",
    "ponder.cancel": "cancel",
    "ponder.apply": "apply",
    "ponder.discard": "discard",
    "ponder.routes": "routes",
    "ponder.context": "context",
    "ponder.usage": "usage",
    "ponder.transcript": "transcript",
    "ponder.dismiss": "dismiss",
    "ponder.reviewWorkspace": "review_workspace",
}
"""Command → the function of `handlers/command` that does it: a name, because importing that room takes long."""
