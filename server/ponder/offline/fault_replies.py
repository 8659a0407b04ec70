"""Faults that stand in for an answer or change it: statuses, pages, refusals. Touches no stream."""

import gzip
from email.utils import formatdate
from typing import Any

from msgspec import Struct, structs

from ponder.offline.answer import Answer
from ponder.offline.errors import ApiError
from ponder.offline.faults import Fault

_PAGE = b"<!doctype html><html><title>Gateway</title><body><h1>Not the API</h1></body></html>"


class Page(Struct, frozen=True):
    """An HTTP answer that is not of the API."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def stand_in(fault: Fault, now: float) -> Page | ApiError:
    """Return what is answered instead; `silence` and `drop` are no answers and not for here."""
    value = fault.value
    match fault.name:
        case "status":
            return ApiError(int(value))
        case "retry-after":
            return ApiError(429, headers={"retry-after": _moment(value, now)})
        case "retry-after-ms":
            return ApiError(429, headers={"retry-after-ms": value})
        case "should-retry":
            return ApiError(400, headers={"x-should-retry": value})
        case "spend-limit":
            return ApiError(
                429, "You have reached your spend limit for this month.", code="enforced_spend_limit_reached"
            )
        case "usage-limit":
            return ApiError(400, "You have reached your specified API usage limits.")
        case "credit":
            return ApiError(402)
        case "too-long":
            return ApiError(400, "prompt is too long: 1200345 tokens > 1000000 maximum")
        case _:
            return _page(fault.name, value)


def change_answer(answer: Answer, faults: tuple[Fault, ...]) -> Answer:
    """Return the answer as the faults of a request want it."""
    for fault in faults:
        match fault.name:
            case "refusal":
                half = answer.text[: len(answer.text) // 2]
                answer = structs.replace(
                    answer, text=half, tools=(), stop_reason="refusal", refusal_category=_category(fault)
                )
            case "empty-refusal":
                answer = Answer(stop_reason="refusal", refusal_category=_category(fault))
            case "pause-turn":
                answer = structs.replace(answer, stop_reason="pause_turn")
            case "context-window":
                answer = structs.replace(answer, stop_reason="model_context_window_exceeded")
            case "redacted":
                answer = structs.replace(answer, redacted=True)
            case _:
                pass
    return answer


def change_results(results: list[dict[str, Any]], faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
    """Return the results of a batch as its faults want them; its counts stay what they are."""
    for fault in faults:
        if fault.stage != "batch":
            continue
        bent, rest = results[: int(fault.value)], results[int(fault.value) :]
        match fault.name:
            case "batch-missing":
                results = rest
            case "batch-duplicate":
                results = bent + rest + bent
            case "batch-errored":
                error = {"type": "errored", "error": ApiError(529).payload(None)}
                results = [{**result, "result": error} for result in bent] + rest
            case _:
                results = [{**result, "result": {"type": "expired"}} for result in bent] + rest
    return results


def token_limit(faults: tuple[Fault, ...]) -> int | None:
    """Return the limit a `max-tokens` fault sets, None where there is none."""
    return min((int(fault.value) for fault in faults if fault.name == "max-tokens"), default=None)


def _category(fault: Fault) -> str | None:
    return None if fault.value == "none" else fault.value


def _page(name: str, value: str) -> Page:
    html = (("content-type", "text/html; charset=utf-8"),)
    match name:
        case "html-error":
            return Page(int(value), html, _PAGE)
        case "redirect":
            return Page(307, (("location", value),), b"")
        case "html":
            return Page(200, html, _PAGE)
        case "json":
            return Page(200, (("content-type", "application/json"),), b'{"type":"message","content":[]}')
        case "gzip-bomb":
            headers = (("content-type", "text/event-stream"), ("content-encoding", "gzip"))
            return Page(200, headers, gzip.compress(bytes(int(value) * 1_000_000)))
        case _:
            return Page(200, (("content-type", "text/event-stream"),), b"")


def _moment(value: str, now: float) -> str:
    """Return `date:+60` as the HTTP date a minute from now; everything else as it stands."""
    kind, _, seconds = value.partition(":")
    return formatdate(now + float(seconds), usegmt=True) if kind == "date" else value
