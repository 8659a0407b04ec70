"""The names of all commands, as `initialize` advertises them. Carries none out: importing `handlers/command` takes long."""

COMMANDS = (
    "ponder.run",
    "ponder.result",
    "ponder.followUp",
    "ponder.cancel",
    "ponder.apply",
    "ponder.discard",
    "ponder.routes",
    "ponder.context",
    "ponder.usage",
    "ponder.transcript",
    "ponder.dismiss",
    "ponder.reviewWorkspace",
)
"""Each has a row in `handlers/command`."""
