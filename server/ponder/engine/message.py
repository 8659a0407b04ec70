"""Reads a whole message, as batches give it, into the events of a streamed one. Asks nobody and judges as a stream is judged."""

import json
from collections.abc import Iterator
from typing import Any

from ponder.engine.events import AnswerEnded, EngineEvent
from ponder.engine.outcome import Outcome, judge
from ponder.engine.reduce import Reducer
from ponder.engine.trouble import describe_stream_error, malformed
from ponder.engine.wire import ProtocolError, WireDelta, WireEvent
from ponder.errors import ErrorInfo


def events_of(message: Any) -> list[EngineEvent]:
    """What a stream of this message would have told, the AnswerEnded last. `message` may be of any shape."""
    reducer = Reducer()
    events: list[EngineEvent] = []
    try:
        events += reducer.reduce(_wire(message))
        outcome = judge(reducer)
    except ProtocolError as error:
        outcome = Outcome(status="failed", error=malformed(str(error)).info)
    return [*events, *reducer.drain(), *reducer.abandon(), _ended(reducer, outcome)]


def failed(error: ErrorInfo, *, cancelled: bool = False) -> list[EngineEvent]:
    """The events of a request that never got an answer."""
    outcome = Outcome(status="cancelled" if cancelled else "failed", error=error)
    return [_ended(Reducer(), outcome)]


def error_of(body: Any) -> ErrorInfo:
    """What the `error` of an errored batch item means: `{"type": "error", "error": {…}, "request_id"}` of any shape."""
    fields = body if isinstance(body, dict) else {}
    identity = fields.get("request_id")
    inner = fields.get("error")
    return describe_stream_error(
        inner if isinstance(inner, dict) else fields,
        request_id=identity if isinstance(identity, str) else None,
    ).info


def _wire(message: Any) -> Iterator[WireEvent]:
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        raise ProtocolError("it holds no message")
    yield WireEvent(type="message_start", message=message)
    for index, block in enumerate(message["content"]):
        if not isinstance(block, dict):
            raise ProtocolError("it holds a block that is no object")
        yield from _block(index, dict(block))
    reason = message.get("stop_reason")
    stop = WireDelta(
        stop_reason=reason if isinstance(reason, str) else None, stop_details=message.get("stop_details")
    )
    yield WireEvent(type="message_delta", delta=stop, usage=message.get("usage"))
    yield WireEvent(type="message_stop")


def _block(index: int, block: dict[str, Any]) -> Iterator[WireEvent]:
    given = block.get("input")
    yield WireEvent(type="content_block_start", index=index, content_block=block)
    if block.get("type") == "tool_use" and isinstance(given, dict):
        # A tool's input streams as text; here it came whole.
        delta = WireDelta(type="input_json_delta", partial_json=json.dumps(given))
        yield WireEvent(type="content_block_delta", index=index, delta=delta)
    yield WireEvent(type="content_block_stop", index=index)


def _ended(reducer: Reducer, outcome: Outcome) -> AnswerEnded:
    return AnswerEnded(
        status=outcome.status,
        stop_reason=reducer.stop_reason,
        error=outcome.error,
        content=outcome.content,
        resumable=bool(outcome.content),
        counts=reducer.counts,
        message_id=reducer.message_id,
        request_id=outcome.error.request_id if outcome.error else None,
        refusal_category=outcome.refusal_category,
    )
