"""How a command reads its arguments: what is wrong with them is one line that says what to do. Knows no command."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line on stderr, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where the options are told."""
        # An argument may hold line ends, and the message quotes it.
        words = " ".join(message.split()).removesuffix(".")
        self.exit(2, f"{self.prog}: {words}. `{self.prog} --help` lists the options.\n")
