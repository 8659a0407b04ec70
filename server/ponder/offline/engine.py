"""The offline engine: takes HTTP requests of the Messages API, gives HTTP answers. Opens no socket."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ponder.offline.answer import Answer, Answerer
from ponder.offline.batches import Batches
from ponder.offline.catalogue import CURRENT
from ponder.offline.errors import ApiError
from ponder.offline.exchange import Broken, Exchange, Response, lower_names
from ponder.offline.fault_replies import Page, stand_in
from ponder.offline.faults import Fault, Faults
from ponder.offline.messages import Messages
from ponder.offline.models import Catalogue
from ponder.offline.pace import Pace, Sleep
from ponder.offline.routes import Call, Routes

FAULT_HEADER = "x-ponder-offline-fault"
_log = logging.getLogger(__name__)


def analysed(body: dict[str, Any]) -> Answer:
    """Answer from real analysis of the code in the request; imported on first use."""
    from ponder.offline.analysis import answer

    return answer(body)


class OfflineEngine:
    """A Messages API. `requests` is its log, newest last, at most `log_limit` entries.

    `clock` gives seconds since the epoch; `ids` gives unique strings; `sleep` waits seconds; `keys` are the
    credentials that are good (default: any that does not begin with `invalid`). Batches end `batch_delay_s`
    after they were created. `faults` may be changed at any time.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue = CURRENT,
        clock: Callable[[], float] = time.time,
        answerer: Answerer = analysed,
        pace: Pace = Pace(),  # noqa: B008  # frozen
        faults: Faults | None = None,
        ids: Callable[[], str] = lambda: secrets.token_hex(12),
        sleep: Sleep = asyncio.sleep,
        keys: frozenset[str] | None = None,
        batch_delay_s: float = 0,
        log_limit: int = 256,
    ) -> None:
        self.catalogue = catalogue
        self.faults = faults or Faults()
        self.requests: deque[Exchange] = deque(maxlen=log_limit)
        self.messages = Messages(catalogue, answerer, clock, ids)
        batches = Batches(self.messages, clock, ids, batch_delay_s)
        self._routes = Routes(catalogue, self.messages, batches, pace, sleep, keys)
        self._header_faults: dict[str, Faults] = {}
        self._clock = clock
        self._ids = ids

    async def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Answer one request. `path` may carry a query; header names may have any case.

        Raises `Broken` where a fault breaks the connection before any answer.
        """
        given = lower_names(headers)
        url = urlsplit(path)
        exchange = Exchange(
            at=self._clock(),
            method=method,
            path=path,
            headers={
                name: value for name, value in given.items() if name not in {"x-api-key", "authorization"}
            },
            credential=next((name for name in ("x-api-key", "authorization") if name in given), None),
            raw=body,
            request_id=f"req_{self._ids()}",
        )
        self.requests.append(exchange)
        try:
            faults = self._faults(url.path, given.get(FAULT_HEADER, ""))
            exchange.faults = tuple(fault.name for fault in faults)
            response = await self._instead(faults)
            if response is None:
                call = Call(method, url.path, parse_qs(url.query), given, faults, exchange)
                response = await self._routes.answer(call)
        except ApiError as error:
            response = self._refuse(error, exchange)
        except Broken:
            exchange.finished = True
            raise
        except asyncio.CancelledError:
            exchange.closed_by_client = True
            raise
        except Exception:  # a mistake of ours is the client's 500, as anywhere
            _log.exception("The offline engine could not answer.")
            response = self._refuse(ApiError(500), exchange)
        return self._finish(response, exchange)

    def _faults(self, path: str, header: str) -> tuple[Fault, ...]:
        asked: tuple[Fault, ...] = ()
        if header:
            if header not in self._header_faults:
                try:
                    self._header_faults[header] = Faults(header.split(","))
                except ValueError as error:
                    raise ApiError(400, f"{FAULT_HEADER}: {error}") from None
            asked = self._header_faults[header].take(path)
        return asked + self.faults.take(path)

    async def _instead(self, faults: tuple[Fault, ...]) -> Response | None:
        for fault in faults:
            if fault.stage != "instead":
                continue
            if fault.name == "silence":
                await asyncio.get_running_loop().create_future()
            if fault.name == "drop":
                raise Broken("reset")
            found = stand_in(fault, self._clock())
            if isinstance(found, Page):
                return Response(found.status, dict(found.headers), found.body)
            raise found
        return None

    def _refuse(self, error: ApiError, exchange: Exchange) -> Response:
        headers = {"content-type": "application/json", **error.headers}
        return Response(error.status, headers, error.body(exchange.request_id))

    def _finish(self, response: Response, exchange: Exchange) -> Response:
        exchange.status = response.status
        if isinstance(response.body, bytes):
            exchange.finished = True
            exchange.sent_bytes = len(response.body)
        headers = {
            **response.headers,
            "request-id": exchange.request_id,
            "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
        }
        return Response(response.status, headers, response.body)
