"""Which path answers what. Reads no fault script and writes no log of its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from ponder.offline import batches as batch_rules
from ponder.offline.batches import Batches
from ponder.offline.errors import ApiError, invalid
from ponder.offline.exchange import Body, Exchange, Response
from ponder.offline.fault_replies import change_results
from ponder.offline.faults import Fault
from ponder.offline.messages import Made, Messages
from ponder.offline.models import Catalogue
from ponder.offline.pace import Delivery, Pace, Sleep, send
from ponder.offline.pages import page
from ponder.offline.stream import events
from ponder.offline.validation import LARGEST_BODY, check_headers, parse_body

_STAGES = ("active", "deprecated", "retired")


class Call(Struct, frozen=True):
    """One request on its way: header names in lower case, the query parsed."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: dict[str, str]
    faults: tuple[Fault, ...]
    exchange: Exchange

    @property
    def base(self) -> str:
        """The URL the client used, for links in answers."""
        return f"{self.headers.get('x-forwarded-proto', 'http')}://{self.headers.get('host', 'offline')}"


class Routes(Struct, frozen=True):
    """The endpoints of the API. `keys` are the good credentials, None is nearly any."""

    catalogue: Catalogue
    messages: Messages
    batches: Batches
    pace: Pace
    sleep: Sleep
    keys: frozenset[str] | None

    async def answer(self, call: Call) -> Response:
        """Answer a call. Raises `ApiError`."""
        parts = [unquote(part) for part in call.path.strip("/").split("/")]
        with_body = call.method == "POST" and parts[-1] != "cancel"
        check_headers(call.headers, with_body=with_body, keys=self.keys)
        match parts:
            case ["v1", "messages"]:
                _allow(call, "POST")
                return await self._message(call)
            case ["v1", "messages", "count_tokens"]:
                _allow(call, "POST")
                body = call.exchange.body = parse_body(call.exchange.raw)
                return _json({"input_tokens": self.messages.count(body, call.headers)})
            case ["v1", "models"]:
                _allow(call, "GET")
                return _json(self._models(call.query))
            case ["v1", "models", model_id]:
                _allow(call, "GET")
                return _json(self._model(model_id))
            case ["v1", "messages", "batches", *rest]:
                return await self._batch(call, rest)
            case _:
                raise ApiError(404)

    async def _message(self, call: Call) -> Response:
        exchange = call.exchange
        exchange.body = parse_body(exchange.raw, LARGEST_BODY)
        made = await self.messages.make(exchange.body, call.headers, call.faults)
        exchange.message_id = made.reply.id
        exchange.usage = made.reply.final_usage
        if exchange.body.get("stream") is True:
            return self._stream(call, made)
        self.messages.begin(made)
        return _json(made.reply.message())

    def _stream(self, call: Call, made: Made) -> Response:
        delivery = Delivery(
            call.faults, self.pace, self.sleep, lambda: self.messages.begin(made), call.exchange
        )
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        if any(fault.name == "gzip" for fault in call.faults):
            headers["content-encoding"] = "gzip"
        return Response(200, headers, Body(send(events(made.reply), delivery), call.exchange))

    def _models(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        if not self.catalogue.listed:
            raise ApiError(404)
        wanted = query.get("lifecycle[]", query.get("lifecycle", ["active", "deprecated"]))
        for index, stage in enumerate(wanted):
            if stage not in _STAGES:
                raise invalid(f"lifecycle.{index}", "Input should be 'active', 'deprecated' or 'retired'")
        return page(self.catalogue.infos(frozenset(wanted)), query)

    def _model(self, model_id: str) -> dict[str, Any]:
        if not self.catalogue.listed:
            raise ApiError(404)
        model = self.catalogue.find(model_id)
        if model is None:
            raise ApiError(404, f"model: {model_id}")
        return model.info(capabilities=self.catalogue.capabilities)

    async def _batch(self, call: Call, rest: list[str]) -> Response:
        match call.method, rest:
            case "POST", []:
                body = call.exchange.body = parse_body(call.exchange.raw, batch_rules.LARGEST_BATCH)
                return _json(batch_rules.show(self.batches.create(body, call.headers), call.base))
            case "GET", []:
                return _json(await self.batches.page(call.query, call.base))
            case "GET", [batch_id]:
                return _json(batch_rules.show(await self.batches.get(batch_id), call.base))
            case "DELETE", [batch_id]:
                return _json(await self.batches.delete(batch_id))
            case "POST", [batch_id, "cancel"]:
                return _json(batch_rules.show(await self.batches.cancel(batch_id), call.base))
            case "GET", [batch_id, "results"]:
                results = change_results(await self.batches.results(batch_id), call.faults)
                lines = msgspec.json.Encoder().encode_lines(results)
                return Response(200, {"content-type": "application/x-jsonl"}, lines)
            case _, [] | [_] | [_, "cancel" | "results"]:
                raise ApiError(405)
            case _:
                raise ApiError(404)


def _allow(call: Call, method: str) -> None:
    if call.method != method:
        raise ApiError(405)


def _json(value: dict[str, Any]) -> Response:
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(value))
