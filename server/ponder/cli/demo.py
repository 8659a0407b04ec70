"""`ponder demo [FILE]`."""

from ponder.cli.arguments import Parser


def main(arguments: list[str]) -> int:
    """Parse, then show."""
    parser = Parser(
        prog="ponder demo",
        description="Starts the real server, opens a file, runs a review and a fix, and shows what it thinks. "
        "The file is never written.",
    )
    parser.add_argument("path", nargs="?", help="a source file; a bundled sample with a real bug by default")
    parser.add_argument("--plain", action="store_true", help="plain lines even on a terminal")
    parser.add_argument("--width", type=int, help="columns to draw in")
    parser.add_argument("--svg", metavar="FILE", help="also save a picture of the screen")
    options = parser.parse_args(arguments)
    from ponder.demo.show import show

    return show(options.path, plain=options.plain, width=options.width, svg=options.svg)
