"""From message bodies to handlers and back: every request gets exactly one answer. Knows no method's meaning.

Handlers come in two shapes. A plain `def` may change state and finishes at once; an `async def` works on what it
read first, runs as a task of its own, and is really cancelled when the client takes the request back.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from ponder.lsp import decoding, guard, lifecycle, wire
from ponder.lsp.decoding import Message, Refused

if TYPE_CHECKING:
    from ponder.lsp.server import Server

log = logging.getLogger(__name__)

Handler = Callable[["Server", Any], Any]


class Route:
    """A method's handler and the type of its parameters.

    `notifies` says whether it is a notification, None if both will do; sent the other way it is an unknown method.
    `empty` is the answer for a document in quarantine; without it the request is refused.
    """

    __slots__ = ("empty", "handler", "is_async", "notifies", "params")

    def __init__(
        self, handler: Handler, params: type[Any], *, notifies: bool | None = None, empty: object = UNSET
    ) -> None:
        self.handler = handler
        self.params = params
        self.notifies = notifies
        self.empty = empty
        self.is_async = inspect.iscoroutinefunction(handler)


class Call:
    """A request in flight. Once `answered`, whatever its handler still does is not sent."""

    __slots__ = ("answered", "id", "method", "task", "uri")

    def __init__(self, request_id: int | str, method: str, uri: str | None) -> None:
        self.id = request_id
        self.method = method
        self.uri = uri
        self.task: asyncio.Task[None] | None = None
        self.answered = False


class Dispatcher:
    """The one way in. `find` gives the route of a method, or None."""

    def __init__(
        self,
        server: "Server",
        find: Callable[[str], Route | None],
        *,
        send: Callable[[object], None],
        new_id: Callable[[], str],
    ) -> None:
        self.phase: lifecycle.Phase = "started"
        self.quarantine = guard.Quarantine()
        self._server = server
        self._find = find
        self._send = send
        self._new_id = new_id
        self._calls: dict[int | str, Call] = {}

    @property
    def in_flight(self) -> int:
        """Requests not answered yet."""
        return len(self._calls)

    def receive(self, body: bytes) -> None:
        """Handle one message. Never raises."""
        try:
            message = decoding.read_message(body)
            if message.method is None:
                self._server.requests.answered(message)
            else:
                self._admit(message, message.method)
        except Refused as refused:
            self._send_error(refused.id, guard.error_object(refused.code, str(refused)))
        except Exception as error:
            log.error("error while a message was received: %s", guard.describe(error))  # noqa: TRY400 - never its text

    def _admit(self, message: Message, method: str) -> None:
        verdict = lifecycle.verdict(self.phase, method, is_request=message.is_request)
        if verdict == "drop":
            return
        if verdict != "in":
            raise Refused(*verdict, message.id)
        if message.id is None:
            self._notified(method, message.params)
        elif message.id in self._calls:
            raise Refused(decoding.INVALID_REQUEST, "A request with this id is in flight.", message.id)
        else:
            self._called(message.id, method, message.params)

    def _notified(self, method: str, params: object) -> None:
        if method == "$/cancelRequest":
            self._cancel(params)
            return
        route = self._find(method)
        if route is None or route.notifies is False:
            log.info("an unknown notification was ignored")
            return
        try:
            decoded = decoding.read_params(params, route.params)
        except Refused as refused:
            log.warning("%s was not understood", method)
            self._server.misread(method, decoding.read_plain(params), refused)
            return
        uri = uri_of(decoded)
        try:
            done = route.handler(self._server, decoded)
            if route.is_async:
                self._server.background.start(done, method)
        except BaseException as error:
            log.error("error in %s: %s", method, guard.describe(error))  # noqa: TRY400 - never its text
            self._crashed(uri)

    def _called(self, request_id: int | str, method: str, params: object) -> None:
        route = self._find(method)
        if route is None or route.notifies:
            shown = method if len(method) <= 100 else f"{method[:100]}…"
            raise Refused(decoding.METHOD_NOT_FOUND, f"Ponder does not know the method {shown}.", request_id)
        try:
            decoded = decoding.read_params(params, route.params)
        except Refused as refused:
            raise Refused(refused.code, str(refused), request_id) from None
        if method == "shutdown":
            # At once, not when its task begins: what stands behind it in the pipe is already too late.
            self.phase = "ending"
        call = Call(request_id, method, uri_of(decoded))
        self._calls[request_id] = call
        if self.quarantine.holds(call.uri):
            self._answer_empty(call, route.empty)
        elif route.is_async:
            call.task = asyncio.get_running_loop().create_task(
                self._await_answer(call, route.handler, decoded)
            )
        else:
            try:
                self._answer(call, route.handler(self._server, decoded))
            except BaseException as error:
                self._failed(call, error)

    def _answer_empty(self, call: Call, empty: object) -> None:
        if empty is not UNSET:
            self._answer(call, empty)
            return
        self._close(call)
        sentence = "Ponder leaves this document alone after two failures; open it again to try once more."
        self._send_error(call.id, guard.error_object(decoding.REQUEST_FAILED, sentence))

    async def _await_answer(self, call: Call, handler: Handler, params: object) -> None:
        # KeyboardInterrupt and SystemExit would otherwise pass through the task and end the loop.
        try:
            self._answer(call, await handler(self._server, params))
        except BaseException as error:
            self._failed(call, error)

    def _answer(self, call: Call, result: object) -> None:
        if not call.answered:
            self._send({"jsonrpc": "2.0", "id": call.id, "result": result})
            self._close(call)

    def _failed(self, call: Call, error: BaseException) -> None:
        if call.answered:
            if not isinstance(error, asyncio.CancelledError):
                log.warning("a cancelled %s ended in %s", call.method, guard.describe(error))
            return
        wire_error = guard.error_for(error, call.method, self._new_id)
        self._close(call)
        self._send_error(call.id, wire_error)
        if wire_error["code"] == decoding.INTERNAL_ERROR:
            self._crashed(call.uri)

    def _cancel(self, params: object) -> None:
        try:
            wanted = decoding.read_params(params, wire.CancelParams).id
        except Refused:
            return
        call = self._calls.get(wanted) if type(wanted) in (int, str) else None
        if call is not None:
            self._take_back(call)

    def _take_back(self, call: Call) -> None:
        self._close(call)
        self._send_error(call.id, guard.error_object(decoding.CANCELLED, "The request was cancelled."))
        if call.task is not None:
            call.task.cancel()

    def take_back_all(self) -> list[asyncio.Task[Any]]:
        """Answer every request in flight but `shutdown` with -32800 and cancel its work; the tasks, to be waited for."""
        calls = [call for call in self._calls.values() if call.method != "shutdown"]
        for call in calls:
            self._take_back(call)
        return [call.task for call in calls if call.task is not None]

    def _close(self, call: Call) -> None:
        call.answered = True
        self._calls.pop(call.id, None)

    def _send_error(self, request_id: int | str | None, error: Mapping[str, object]) -> None:
        self._send({"jsonrpc": "2.0", "id": request_id, "error": error})

    def _crashed(self, uri: str | None) -> None:
        if uri is not None and self.quarantine.crashed(uri):
            self._server.given_up(uri)


def uri_of(params: object) -> str | None:
    """The document a message is about, where it says so: for commands, in their one argument."""
    document = getattr(params, "text_document", None)
    if document is not None:
        uri = getattr(document, "uri", None)
        return uri if isinstance(uri, str) else None
    arguments = getattr(params, "arguments", None)
    if isinstance(arguments, list) and arguments and isinstance(arguments[0], dict):
        document = arguments[0].get("textDocument")
        if isinstance(document, dict) and isinstance(document.get("uri"), str):
            return str(document["uri"])
    return None
