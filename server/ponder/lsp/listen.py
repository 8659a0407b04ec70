"""`ponder serve --tcp`: wait for one client on a socket. Serves nothing itself."""

import ipaddress
import os
import socket
from collections.abc import Callable

from ponder.errors import PonderError
from ponder.lsp.transport import Pipes


def accept_one(host: str, port: int, *, allow_remote: bool, announce: Callable[[str], None]) -> Pipes:
    """Listen, announce `HOST:PORT`, and return the first client's connection. Raises PonderError.

    A name is resolved once, and it is the address that must be loopback, not the name.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise PonderError(f"`{host}` is no address of this machine.") from None
    if not allow_remote and not ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback:
        raise PonderError(
            f"{host} can be reached from outside this machine; add --allow-remote to mean that."
        )
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise PonderError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
        listener.listen(1)
        bound = listener.getsockname()
        announce(f"{bound[0]}:{bound[1]}")
        client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setblocking(True)
    source = client.detach()
    return Pipes(source, os.dup(source))
