"""The endpoint's other calls: models, token counts, batches. Plain objects in and out; no call is repeated."""

import json
from typing import Any, Final
from urllib.parse import quote

from ponder.engine.client import Connector
from ponder.engine.timeouts import Timeouts
from ponder.engine.trouble import Trouble, describe, malformed, on_platform
from ponder.errors import ErrorInfo, RunError

_MAX_PAGES: Final = 50
# What a server without the call answers.
_ABSENT: Final = frozenset({404, 405, 501})

Json = dict[str, Any]


class NotThereError(RunError):
    """The endpoint does not have this call, or no longer has this object."""


class Calls:
    """Calls over one connector. Each raises RunError with the same errors as an answer would end with."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._platform = connector.endpoint.platform

    async def models(self) -> list[Json] | None:
        """All models as `GET /v1/models` lists them; None where the endpoint has no such list."""
        if self._platform is not None and not self._platform.models:
            return None
        found: list[Json] = []
        after: str | None = None
        for _ in range(_MAX_PAGES):
            params = {"limit": "1000"} | ({"after_id": after} if after else {})
            try:
                page = _object(await self._send("GET", "/v1/models", params=params))
            except _AbsentError:
                return None
            data = page.get("data")
            if not isinstance(data, list):
                return None
            found.extend(
                model for model in data if isinstance(model, dict) and isinstance(model.get("id"), str)
            )
            last = page.get("last_id")
            if page.get("has_more") is not True or not isinstance(last, str) or last == after:
                break
            after = last
        return found

    async def count_tokens(self, body: Json) -> int | None:
        """The input tokens of a request as the endpoint counts them; None where it does not count."""
        if self._platform is not None and not self._platform.counts:
            return None
        try:
            answer = _object(await self._send("POST", "/v1/messages/count_tokens", body=body))
        except _AbsentError:
            return None
        count = answer.get("input_tokens")
        return count if isinstance(count, int) else None

    async def create_batch(self, requests: list[Json]) -> Json:
        """Start a batch of `{"custom_id", "params"}`; returns the MessageBatch object."""
        return await self._batch("POST", "", body={"requests": requests})

    async def batch(self, batch_id: str) -> Json:
        """The MessageBatch object as it stands."""
        return await self._batch("GET", f"/{quote(batch_id, safe='')}")

    async def batches(self) -> list[Json]:
        """The newest MessageBatch objects, at most a hundred."""
        page = await self._batch("GET", "?limit=100")
        data = page.get("data")
        return [batch for batch in data if isinstance(batch, dict)] if isinstance(data, list) else []

    async def cancel_batch(self, batch_id: str) -> Json:
        """Stop a batch; items that are done stay done."""
        return await self._batch("POST", f"/{quote(batch_id, safe='')}/cancel")

    async def batch_results(self, batch_id: str) -> list[Json]:
        """The result lines of an ended batch, in no order: match them by `custom_id`."""
        try:
            # The path is ours: a `results_url` of the answer could point anywhere.
            content = await self._send("GET", f"/v1/messages/batches/{quote(batch_id, safe='')}/results")
        except _AbsentError as absent:
            raise NotThereError(absent.trouble.info) from None
        return [_object(line) for line in content.splitlines() if line.strip()]

    async def _batch(self, method: str, path: str, body: Json | None = None) -> Json:
        try:
            return _object(await self._send(method, f"/v1/messages/batches{path}", body=body))
        except _AbsentError as absent:
            raise NotThereError(absent.trouble.info) from None

    async def _send(
        self, method: str, path: str, *, body: Json | None = None, params: dict[str, str] | None = None
    ) -> bytes:
        import httpx2

        if path.startswith("/v1/messages/batches"):
            self._check_batches()
        times = Timeouts()
        limits = httpx2.Timeout(times.first_byte_ms / 1000, connect=times.connect_ms / 1000)
        try:
            async with self._connector.client() as client:
                response: httpx2.Response
                if method == "GET":
                    response = await client.get(
                        path, cast_to=httpx2.Response, options={"timeout": limits, "params": params or {}}
                    )
                elif self._platform is not None and self._platform.rewrites:
                    response = await client.post(
                        path, cast_to=httpx2.Response, body=body or {}, options={"timeout": limits}
                    )
                else:
                    content = json.dumps(body or {}, ensure_ascii=True, separators=(",", ":")).encode()
                    response = await client.post(
                        path, cast_to=httpx2.Response, content=content, options={"timeout": limits}
                    )
                return await response.aread()
        except RunError:
            raise
        except Exception as error:  # the table decides what each one means
            trouble = describe(error, secrets=self._connector.endpoint.secrets)
            if self._platform is not None:
                trouble = on_platform(trouble, self._platform)
            if trouble.status in _ABSENT:
                raise _AbsentError(trouble) from None
            raise RunError(trouble.info) from None

    def _check_batches(self) -> None:
        if self._platform is not None and not self._platform.batches:
            message = f"{self._platform.title} has no batches; nothing was sent."
            hint = "Run it without a batch."
            raise NotThereError(ErrorInfo(kind="invalidRequest", message=message, hint=hint))


class _AbsentError(Exception):
    """The endpoint does not have this call, or not this object."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.info.message)
        self.trouble = trouble


def _object(content: bytes) -> Json:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise RunError(malformed("it is not a JSON object").info)
    return value
