"""Why a request read less out of the cache than it might have, in words. Decides nothing and counts nothing."""

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "first": "nothing was cached yet",
    "ttl5m": "what was cached had expired after five minutes",
    "ttl1h": "what was cached had expired after an hour",
    "instructions": "the instructions had changed",
    "rebased": "writing anew was cheaper than dragging changes along",
    "trimmed": "too much of what was cached was out of date",
    "uncached": "caching would not have paid",
    "server": "the endpoint did not have what it should have had",
}
"""Causes as the planner names them. Only the last one is unexpected."""
UNEXPECTED = "server"

_DIAGNOSES: Mapping[str, str] = {
    "model_changed": "it says that the model is another one",
    "system_changed": "it says that the instructions are others",
    "tools_changed": "it says that the tools are others",
    "messages_changed": "it says that the context is another one",
    "previous_message_not_found": "it does not remember the request before",
}
"""`cache_miss_reason.type` of the Messages API (cache diagnostics, 2026-09-23); `unavailable` says nothing."""


def words(cause: str) -> str:
    """A cause in words; one that is not known as it is."""
    return CAUSES.get(cause, cause)


def notice(cause: str | None, reason: Mapping[str, object] | None) -> str | None:
    """The sentence for a run whose request should have read the cache and did not; None where all is as planned.

    `reason` is the endpoint's own diagnosis, where it gives one.
    """
    if cause != UNEXPECTED:
        return None
    said = _DIAGNOSES.get(str(reason.get("type"))) if reason else None
    return (
        f"The prompt cache was missed: {words(cause)}{f'; {said}' if said else ''}. This request cost more."
    )
