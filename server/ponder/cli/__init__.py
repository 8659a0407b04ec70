"""The command line. Each command is a module with `main(arguments) -> exit code`, imported only when it is called."""

import importlib
import sys

from ponder import __version__
from ponder.errors import PonderError

# Shown in this order in the help.
COMMANDS: dict[str, str] = {
    "serve": "the language server on stdio (what editors start)",
    "demo": "see a review and a fix happen in this terminal; needs no key",
    "review": "review files, directories or what changed; text, JSON or SARIF; by batch at half the price",
    "baseline": "accept the findings of now in a file, so that only new ones are shown",
    "routes": "which model and how much thinking each action gets, and why",
    "context": "what a request would tell of this workspace, and what is left out and why",
    "usage": "tokens, cache and cost by action, model and day",
    "doctor": "what is configured, what was reached, what is missing",
    "offline": "the offline engine as a Messages API on loopback",
}

_HELP = (
    "usage: ponder COMMAND [OPTIONS]\n\n{commands}\n\n`ponder COMMAND --help` tells more. Version {version}."
)


def run(arguments: list[str]) -> int:
    """Run one command. Expected trouble is one line on stderr; a traceback only with `--debug`."""
    debug = "--debug" in arguments
    name, *rest = [argument for argument in arguments if argument != "--debug"] or [_default()]
    if name in {"--help", "-h", "help"}:
        print(_help())
        return 0
    if name in {"--version", "-V"}:
        print(f"ponder {__version__}")
        return 0
    if name not in COMMANDS:
        print(f"ponder: there is no command `{name}`. `ponder --help` lists them.", file=sys.stderr)
        return 2
    if hasattr(sys.stdout, "reconfigure"):
        # A terminal that cannot show a letter shows a question mark.
        sys.stdout.reconfigure(errors="replace")
    try:
        code: int = importlib.import_module(f"ponder.cli.{name}").main(rest)
    except PonderError as error:
        if debug:
            raise
        print(f"ponder {name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:
        if debug:
            raise
        print(f"ponder {name}: {error.strerror or type(error).__name__}.", file=sys.stderr)
        return 2
    except Exception as error:
        if debug:
            raise
        print(
            f"ponder {name}: unexpected trouble ({type(error).__name__}). `--debug` shows where.",
            file=sys.stderr,
        )
        return 2
    return code


def _default() -> str:
    """Without a command: a person at a terminal is helped, a program that feeds us is an editor."""
    return "--help" if sys.stdin is None or sys.stdin.isatty() else "serve"


def _help() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {purpose}" for name, purpose in COMMANDS.items())
    return _HELP.format(commands=rows, version=__version__)
