"""`ponder offline`: the offline engine over HTTP."""


def main(arguments: list[str]) -> int:
    """Hand over to the engine's own server."""
    from ponder.cli.arguments import Parser
    from ponder.offline.http import run

    return run(arguments, Parser)
