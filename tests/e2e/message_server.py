"""A scripted endpoint by path: model list and token counts answer alike each time, messages go by the script."""

import json
from collections.abc import Iterable
from typing import Any

from scripted_api import Exchange, ScriptedApi, Step, event, plain

ABSENT = {"type": "error", "error": {"type": "not_found_error", "message": "no such path"}}


class MessageServer(ScriptedApi):
    """`models` and `counts` are the bodies of those calls; None answers 404, as servers without them do."""

    def __init__(
        self,
        *answers: Iterable[Step],
        models: Any = None,
        counts: Any = None,
        repeat: bool = False,
    ) -> None:
        super().__init__(*answers, repeat=repeat)
        self._fixed = {"/v1/models": models, "/v1/messages/count_tokens": counts}

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of the messages that were asked for."""
        return [json.loads(seen.body) for seen in self.requests if seen.path == "/v1/messages"]

    def _next(self, exchange: Exchange) -> list[Step]:
        path = exchange.path.partition("?")[0]
        if path in self._fixed:
            body = self._fixed[path]
            return plain(404, ABSENT) if body is None else plain(200, body)
        return super()._next(exchange)


def usage(
    fresh: int = 0, *, read: int = 0, short: int = 0, long: int = 0, output: int = 0, thinking: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two usage objects of a stream: with its start and with its end."""
    first = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": 1,
    }
    return first, {"output_tokens": output, "output_tokens_details": {"thinking_tokens": thinking}}


def ended(reason: str, last: dict[str, Any] | None = None, **delta: Any) -> list[bytes]:
    """The events that end an answer, with the usage they bring; None brings none."""
    change = {"stop_reason": reason, "stop_sequence": None, **delta}
    fields: dict[str, Any] = {"delta": change} | ({} if last is None else {"usage": last})
    return [event("message_delta", **fields), event("message_stop")]
