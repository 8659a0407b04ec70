"""`ponder serve`: the language server. On stdio it is started without a parser: editors wait for it."""

import os


def main(arguments: list[str]) -> int:
    """Serve one client until it leaves."""
    from ponder import log

    log.setup(os.environ.get("PONDER_LOG_LEVEL", "warning"))
    if arguments in ([], ["--stdio"]):
        return _stdio()
    return _parsed(arguments)


def _stdio() -> int:
    from ponder.lsp.product import ROUTES, preload, session
    from ponder.lsp.server import serve_stdio

    return serve_stdio(session, routes=ROUTES, preload=(preload,))


def _parsed(arguments: list[str]) -> int:
    import sys

    from ponder.cli.arguments import Parser
    from ponder.errors import PonderError

    parser = Parser(prog="ponder serve", description="The language server.")
    parser.add_argument("--stdio", action="store_true", help="speak on stdin and stdout (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="wait for one client there; loopback only")
    parser.add_argument("--allow-remote", action="store_true", help="let --tcp bind to other addresses")
    options, _unknown = parser.parse_known_args(arguments)
    if options.tcp is None:
        return _stdio()
    host, _, port = options.tcp.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise PonderError("--tcp takes HOST:PORT, as in 127.0.0.1:9257.")
    from ponder.lsp.product import ROUTES, preload, session
    from ponder.lsp.server import serve_tcp

    def announce(address: str) -> None:
        print(f"listening on {address}", file=sys.stderr, flush=True)

    return serve_tcp(
        session,
        host.strip("[]"),
        int(port),
        options.allow_remote,
        announce=announce,
        routes=ROUTES,
        preload=(preload,),
    )
