"""pygls behind the hardened core: its feature registry and its typed requests, on our wire, tables and tasks.

None of pygls' own reading, writing, dispatching, documents or error pop-ups is used: they lose messages, leak a
future for each notification and answer some requests never. Imported in the background; nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from cattrs.errors import BaseValidationError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from ponder import __version__
from ponder.lsp import decoding
from ponder.lsp.dispatch import Route

if TYPE_CHECKING:
    from ponder.lsp.server import Server

log = logging.getLogger(__name__)

_LIMIT = 600.0
"""Seconds a request made through pygls waits for its answer."""


class Protocol(LanguageServerProtocol):
    """pygls' protocol with every path to the wire led through the core."""

    core: "Server"
    loop: asyncio.AbstractEventLoop

    def handle_message(self, message: Any) -> None:  # noqa: ARG002 - pygls' signature
        """Refuse: messages come in through the core's dispatcher only."""
        raise RuntimeError("messages come in through the dispatcher")

    def _send_data(self, data: Any) -> None:
        self.core.outbox.send(self._converter.unstructure(data))

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: Any = None,  # noqa: ARG002 - pygls' signature
    ) -> Future[Any]:
        """A request of ours, with a time limit and an id of the core's; `msg_id` is not used."""
        answer = asyncio.run_coroutine_threadsafe(self._ask(method, params), self.loop)
        if callback is not None:
            answer.add_done_callback(lambda done: callback(done.result()))
        return answer

    async def _ask(self, method: str, params: Any) -> Any:
        sent = self._converter.unstructure(params) if params is not None else None
        result = await self.core.requests.ask(method, sent, limit=_LIMIT)
        kind = self.get_result_type(method)
        if kind is None:
            return result
        return self._converter.structure({"id": 0, "jsonrpc": "2.0", "result": result}, kind).result

    def structured_params(self, method: str, params: object) -> Any:
        """Parameters as pygls' own types. Raises Refused with -32602."""
        kind = self.get_message_type(method)
        plain = decoding.read_plain(params)
        if kind is None:
            return plain
        try:
            message = {"id": 0, "jsonrpc": "2.0", "method": method, "params": plain}
            return self._converter.structure(message, kind).params
        except (BaseValidationError, TypeError, ValueError, KeyError, AttributeError):
            raise decoding.Refused(decoding.INVALID_PARAMS, f"Invalid parameters of {method}.") from None


class Framework(LanguageServer):
    """The pygls server. Every row of ROUTES is a feature of it; features added later are served too."""

    protocol: Protocol

    def __init__(self, core: "Server", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("ponder", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.protocol.core = core
        self.protocol.loop = loop
        self._rows = core.routes
        for method, row in core.routes.items():
            self.feature(method)(partial(row.handler, core))

    def route(self, method: str) -> Route | None:
        """The way a method is served: a row of the table, or a feature registered with pygls."""
        row = self._rows.get(method)
        if row is not None:
            return row
        feature = self.protocol.fm.features.get(method)
        return None if feature is None else self._adapted(method, feature)

    def _adapted(self, method: str, feature: Callable[[Any], Any]) -> Route:
        if asyncio.iscoroutinefunction(feature):

            async def serve(_: "Server", params: object) -> Any:
                result = await feature(self.protocol.structured_params(method, params))
                return self.protocol._converter.unstructure(result)  # noqa: SLF001 - pygls offers no other way

            return Route(serve, object)

        def serve_now(_: "Server", params: object) -> Any:
            result = feature(self.protocol.structured_params(method, params))
            return self.protocol._converter.unstructure(result)  # noqa: SLF001 - as above

        return Route(serve_now, object)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002 - pygls' signature
        """Log the kind of failure; pygls would show a pop-up with its text."""
        log.error("pygls reported %s", type(error).__name__)
